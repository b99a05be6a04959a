import CSnowmaker
import SnowmakerModel

/// The host's log, for a plugin's messages. Works from any thread once the plugin was opened; before that, and in a
/// plugin used without a host (in tests), messages go nowhere.
public enum HostLog {
  /// How much a message matters.
  public enum Level: String, Sendable {
    case debug, info, warning, error
  }

  // Written once, by the entry, which the host calls before anything else of the plugin; only read afterwards.
  nonisolated(unsafe) private(set) static var host: UnsafePointer<snowmaker_peer_v1>?

  static func connect(to host: UnsafePointer<snowmaker_peer_v1>) {
    if Self.host == nil { Self.host = host }
  }

  /// Asks the host; without one, as in tests, the answer is `unsupported`.
  static func ask(_ method: PluginMethod, _ request: Value) -> Result<Value, PluginFailure> {
    guard let host else { return .failure(.unsupported) }
    let request = CBOR.encode(request)
    var answer: [UInt8] = []
    let status = withUnsafeMutablePointer(to: &answer) { room in
      var reply = snowmaker_reply_v1(
        ctx: room,
        emit: { context, _, body in
          context?.assumingMemoryBound(to: [UInt8].self).pointee = Array(
            UnsafeBufferPointer(start: body.ptr, count: body.len))
          return 0
        })
      return request.withUnsafeBufferPointer { bytes in
        host.pointee.call(
          host.pointee.ctx, method.rawValue, snowmaker_bytes_v1(ptr: bytes.baseAddress, len: bytes.count), &reply)
      }
    }
    let document = answer.withUnsafeBytes { try? CBOR.decode($0) } ?? [:]
    switch Int(status) {
    case SNOWMAKER_OK: return .success(document)
    case SNOWMAKER_FAILED: return .failure(.failed((try? document.decodeList("diagnostics")) ?? []))
    case SNOWMAKER_CANCELLED: return .failure(.cancelled)
    default: return .failure(.unsupported)
    }
  }

  /// Sends one line to the host's log. Never put a secret into it. False when the host did not take it.
  @discardableResult
  public static func write(_ level: Level, _ message: String) -> Bool {
    guard let host else { return false }
    let request = CBOR.encode(["level": .string(level.rawValue), "message": .string(message)])
    var reply = snowmaker_reply_v1(ctx: nil, emit: { _, _, _ in 0 })
    let status = request.withUnsafeBufferPointer { bytes in
      host.pointee.call(
        host.pointee.ctx, PluginMethod.log.rawValue, snowmaker_bytes_v1(ptr: bytes.baseAddress, len: bytes.count),
        &reply)
    }
    return status == SNOWMAKER_OK
  }
}
