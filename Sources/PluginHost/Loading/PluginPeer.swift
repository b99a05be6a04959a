import CHostSupport
import CSnowmaker
import Glibc
import SnowmakerModel

/// A plugin's side of the boundary: calls it, and reads what it answers.
///
/// Unchecked: the pointers are to memory that lives until the process ends and never changes; `cost` and `isUnusable`
/// are only touched with `lock` held.
final class PluginPeer: @unchecked Sendable {
  let file: PluginFile
  let isSerial: Bool
  private let peer: UnsafePointer<snowmaker_peer_v1>
  private let crashLabel: CrashLabel
  private let lock = Lock()
  private let serial = Lock()
  private var cost = CallStatistics()
  private var isUnusable = false

  init(_ file: PluginFile, _ peer: UnsafePointer<snowmaker_peer_v1>, _ crashLabel: CrashLabel) {
    self.file = file
    self.peer = peer
    self.crashLabel = crashLabel
    isSerial = peer.pointee.flags & SNOWMAKER_SERIAL != 0
  }

  var statistics: CallStatistics { lock.locked { cost } }

  /// Asks the plugin on the calling thread. Throws when it has no answer.
  func call(_ method: PluginMethod, _ request: Value) throws(PluginError) -> Value {
    guard !lock.locked({ isUnusable }) else { throw error(method, .unusable) }
    let (status, sink) = send(method, CBOR.encode(request))
    do throws(PluginError.Reason) {
      return try answer(status, sink)
    } catch {
      if case .panicked = error { lock.locked { isUnusable = true } }
      throw self.error(method, error)
    }
  }

  private func send(_ method: PluginMethod, _ request: [UInt8]) -> (snowmaker_status, ReplySink) {
    let sink = ReplySink()
    var reply = snowmaker_reply_v1(
      ctx: Unmanaged.passUnretained(sink).toOpaque(),
      emit: { context, kind, body in
        guard let context else { return 1 }
        return Unmanaged<ReplySink>.fromOpaque(context).takeUnretainedValue().take(kind, body)
      })
    let ask = {
      request.withUnsafeBufferPointer { bytes in
        self.crashLabel.during(method) {
          self.peer.pointee.call(
            self.peer.pointee.ctx, method.rawValue, snowmaker_bytes_v1(ptr: bytes.baseAddress, len: bytes.count), &reply
          )
        }
      }
    }
    let start = Clock.nanoseconds()
    let status = isSerial ? serial.locked(ask) : ask()
    let nanoseconds = Clock.nanoseconds() - start
    withExtendedLifetime(sink) {}
    lock.locked {
      cost.calls += 1
      cost.requestBytes += request.count
      cost.replyBytes += sink.bytes.count
      cost.nanoseconds += nanoseconds
    }
    return (status, sink)
  }

  private func answer(_ status: snowmaker_status, _ sink: ReplySink) throws(PluginError.Reason) -> Value {
    switch Int(status) {
    case SNOWMAKER_OK:
      if let problem = sink.problem { throw .unreadable(problem) }
      do throws(AnyDocument.Failure) { return try sink.document() } catch {
        throw .unreadable(error.description)
      }
    case SNOWMAKER_FAILED: throw .failed(sink.diagnostics)
    case SNOWMAKER_UNSUPPORTED: throw .unsupported
    case SNOWMAKER_MALFORMED: throw .malformed(sink.diagnostics)
    case SNOWMAKER_CANCELLED: throw sink.problem.map { PluginError.Reason.unreadable($0) } ?? .cancelled
    case SNOWMAKER_PANIC: throw .panicked(sink.diagnostics)
    default: throw .unknownStatus(status)
    }
  }

  private func error(_ method: PluginMethod, _ reason: PluginError.Reason) -> PluginError {
    PluginError(plugin: file.name, path: file.path, method: method, reason: reason)
  }
}

/// Collects what a plugin answers to one call. The plugin emits from one thread at a time, and not after the call.
private final class ReplySink {
  /// More than any answer needs; a plugin that emits without end is stopped here.
  static let largest = 1 << 30

  private(set) var bytes: [UInt8] = []
  /// What is wrong with what was emitted.
  private(set) var problem: String?
  private var isAnswered = false

  /// Copies the bytes of the one answer; nonzero tells the plugin to stop.
  func take(_ kind: UInt32, _ body: snowmaker_bytes_v1) -> Int32 {
    guard kind == UInt32(SNOWMAKER_RESULT) else { return 0 }  // no method that this host calls has a stream
    guard !isAnswered else {
      problem = "two answers to one request"
      return 1
    }
    guard body.len <= Self.largest, body.len == 0 || body.ptr != nil else {
      problem = body.ptr == nil ? "\(body.len) bytes at no address" : "\(body.len) bytes are too many"
      return 1
    }
    isAnswered = true
    bytes = Array(UnsafeBufferPointer(start: body.ptr, count: body.len))
    return 0
  }

  func document() throws(AnyDocument.Failure) -> Value {
    var result: Result<Value, AnyDocument.Failure> = .success([:])
    bytes.withUnsafeBytes { buffer in
      do throws(AnyDocument.Failure) { result = .success(try AnyDocument.decode(buffer)) } catch {
        result = .failure(error)
      }
    }
    return try result.get()
  }

  /// The diagnostics of a failure; one that says so when they cannot be read.
  var diagnostics: [Diagnostic] {
    do {
      let answer = try document()
      return try answer.decodeList("diagnostics", as: Diagnostic.self)
    } catch {
      return [.error("its diagnostics make no sense: \(error)")]
    }
  }
}

/// What a crash inside a plugin is reported as. The texts live until the process ends, for the signal handler.
///
/// Unchecked: the memory behind the pointers never changes.
struct CrashLabel: @unchecked Sendable {
  private let plugin: UnsafePointer<CChar>?
  private let path: UnsafePointer<CChar>?

  init(_ file: PluginFile) {
    plugin = UnsafePointer(strdup(file.name))
    path = UnsafePointer(strdup(file.path))
  }

  /// Runs `body`, in which the plugin answers `method`.
  func during<Result>(_ method: PluginMethod, _ body: () -> Result) -> Result {
    during(Self.methods[Int(method.rawValue)], body)
  }

  /// Runs `body`, in which the plugin's own code may run.
  func during<Result>(_ doing: StaticString, _ body: () -> Result) -> Result {
    during(UnsafeRawPointer(doing.utf8Start).assumingMemoryBound(to: CChar.self), body)
  }

  /// Makes the plugin's code known by an address in it.
  func addImage(_ address: UnsafeRawPointer) { chost_crash_add_image(plugin, path, address) }

  private func during<Result>(_ doing: UnsafePointer<CChar>?, _ body: () -> Result) -> Result {
    let before = chost_crash_enter(plugin, path, doing)
    defer { chost_crash_leave(before) }
    return body()
  }

  // Never changed after it was made; the names live until the process ends.
  nonisolated(unsafe) private static let methods: [UnsafePointer<CChar>?] = {
    let last = PluginMethod.allCases.map(\.rawValue).max() ?? 0
    var names = [UnsafePointer<CChar>?](repeating: nil, count: Int(last) + 1)
    for method in PluginMethod.allCases { names[Int(method.rawValue)] = UnsafePointer(strdup(method.name)) }
    return names
  }()
}
