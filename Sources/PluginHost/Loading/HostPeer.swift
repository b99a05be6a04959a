import CSnowmaker
import SnowmakerModel

/// The host, as one plugin sees it: it answers LOG. QUERY and PROGRESS are for APPLY, which this host does not call.
///
/// Unchecked: `opening` is only touched with `lock` held, the rest never changes.
final class HostPeer: @unchecked Sendable {
  private let plugin: String
  private let sink: PluginLogSink
  private let lock = Lock()
  /// What it logged while it was being opened, nil once it is.
  private var opening: [String]? = []

  init(plugin: String, sink: @escaping PluginLogSink) {
    self.plugin = plugin
    self.sink = sink
  }

  /// The struct for the plugin. It and this object live until the process ends.
  func makePeer() -> UnsafePointer<snowmaker_peer_v1> {
    let peer = UnsafeMutablePointer<snowmaker_peer_v1>.allocate(capacity: 1)
    peer.initialize(
      to: snowmaker_peer_v1(
        abi: SNOWMAKER_ABI, flags: 0, ctx: Unmanaged.passRetained(self).toOpaque(),
        call: { context, method, request, _ in
          guard let context else { return Int32(SNOWMAKER_MALFORMED) }
          guard method == PluginMethod.log.rawValue else { return Int32(SNOWMAKER_UNSUPPORTED) }
          let bytes = UnsafeRawBufferPointer(start: request.ptr, count: request.ptr == nil ? 0 : request.len)
          return Unmanaged<HostPeer>.fromOpaque(context).takeUnretainedValue().log(bytes)
        },
        extension: { _, _ in nil }))
    return UnsafePointer(peer)
  }

  /// The lines logged so far; from now on they are no longer kept.
  func finishOpening() -> [String] {
    lock.locked {
      let lines = opening ?? []
      opening = nil
      return lines
    }
  }

  private func log(_ bytes: UnsafeRawBufferPointer) -> snowmaker_status {
    guard let request = try? AnyDocument.decode(bytes), let message = request["message"].string else {
      return Int32(SNOWMAKER_MALFORMED)
    }
    let level = request["level"].string.flatMap(PluginLogLine.Level.init) ?? .info
    lock.locked {
      if let count = opening?.count, count < 100 { opening?.append(message) }
    }
    sink(PluginLogLine(plugin: plugin, level: level, message: message))
    return Int32(SNOWMAKER_OK)
  }
}

/// A document in either encoding; its first byte tells which.
enum AnyDocument {
  /// Why bytes are no document.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  static func decode(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> Value {
    guard let first = bytes.first else { return [:] }
    if first < 0x80 {
      do throws(JSON.Failure) { return try JSON.decode(bytes) } catch {
        throw Failure(description: "JSON: \(error)")
      }
    }
    do throws(CBOR.Failure) { return try CBOR.decode(bytes) } catch { throw Failure(description: "CBOR: \(error)") }
  }
}
