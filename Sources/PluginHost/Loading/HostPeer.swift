import CSnowmaker
import Glibc
import SnowmakerModel

/// The host, as one plugin in this process sees it: it takes LOG at any time, and what APPLY may ask from the thread that
/// runs APPLY.
///
/// Unchecked: `services` is only touched with `lock` held, the rest never changes.
final class HostPeer: @unchecked Sendable {
  private let log: @Sendable (UnsafeRawBufferPointer) -> snowmaker_status
  private let lock = Lock()
  /// By thread: what answers the call that the thread is in.
  private var services: [pthread_t: HostServices] = [:]

  /// - Parameter log: takes a LOG request, on any thread.
  init(log: @escaping @Sendable (UnsafeRawBufferPointer) -> snowmaker_status) { self.log = log }

  /// The struct for the plugin. It and this object live until the process ends.
  func makePeer() -> UnsafePointer<snowmaker_peer_v1> {
    let peer = UnsafeMutablePointer<snowmaker_peer_v1>.allocate(capacity: 1)
    peer.initialize(
      to: snowmaker_peer_v1(
        abi: SNOWMAKER_ABI, flags: 0, ctx: Unmanaged.passRetained(self).toOpaque(),
        call: { context, method, request, reply in
          guard let context else { return Int32(SNOWMAKER_MALFORMED) }
          let bytes = UnsafeRawBufferPointer(start: request.ptr, count: request.ptr == nil ? 0 : request.len)
          return Unmanaged<HostPeer>.fromOpaque(context).takeUnretainedValue().answer(method, bytes, reply)
        },
        extension: { _, _ in nil }))
    return UnsafePointer(peer)
  }

  /// Runs `body`, during which `services` answer what the plugin asks on this thread.
  func serving<Result>(_ services: @escaping HostServices, _ body: () -> Result) -> Result {
    let thread = pthread_self()
    lock.locked { self.services[thread] = services }
    defer { lock.locked { self.services[thread] = nil } }
    return body()
  }

  private func answer(
    _ method: UInt32, _ request: UnsafeRawBufferPointer, _ reply: UnsafePointer<snowmaker_reply_v1>?
  ) -> snowmaker_status {
    if method == PluginMethod.log.rawValue { return log(request) }
    guard let services = lock.locked({ services[pthread_self()] }) else { return Int32(SNOWMAKER_UNSUPPORTED) }
    let (status, bytes) = services(method, request)
    guard !bytes.isEmpty, let reply, let emit = reply.pointee.emit else { return status }
    let stopped = bytes.withUnsafeBufferPointer {
      emit(reply.pointee.ctx, UInt32(SNOWMAKER_RESULT), snowmaker_bytes_v1(ptr: $0.baseAddress, len: $0.count))
    }
    return stopped == 0 ? status : Int32(SNOWMAKER_CANCELLED)
  }
}

/// Takes the lines that one plugin logs.
///
/// Unchecked: `opening` is only touched with `lock` held, the rest never changes.
final class PluginLogService: @unchecked Sendable {
  private let plugin: String
  private let sink: PluginLogSink
  private let lock = Lock()
  /// What it logged while it was being opened, nil once it is.
  private var opening: [String]? = []

  init(plugin: String, sink: @escaping PluginLogSink) {
    self.plugin = plugin
    self.sink = sink
  }

  /// The lines logged so far; from now on they are no longer kept.
  func finishOpening() -> [String] {
    lock.locked {
      let lines = opening ?? []
      opening = nil
      return lines
    }
  }

  /// Takes a LOG request.
  func log(_ bytes: UnsafeRawBufferPointer) -> snowmaker_status {
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

  /// Takes a line that the plugin printed, without its end.
  func printed(_ line: String) { sink(PluginLogLine(plugin: plugin, level: .output, message: line)) }
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

  static func result(of bytes: UnsafeRawBufferPointer) -> Result<Value, Failure> {
    do throws(Failure) { return .success(try decode(bytes)) } catch { return .failure(error) }
  }
}
