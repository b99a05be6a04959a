import CSnowmaker
import SnowmakerModel

/// A plugin that is loaded into this process.
///
/// Unchecked: the pointers are to memory that lives until the process ends and never changes.
final class InProcessTransport: PluginTransport, @unchecked Sendable {
  let isSerial: Bool
  private let library: PluginLibrary
  private let serial = Lock()
  /// Bytes that one answer may have.
  private let largest: Int

  init(_ library: PluginLibrary, largest: Int) {
    self.library = library
    self.largest = largest
    isSerial = library.isSerial
  }

  /// The plugin's function table. Throws what contradicts the manifest.
  func functions(_ manifest: Manifest) throws(PluginRefusal.Reason) -> FunctionTable {
    try FunctionTable(of: library.peer, manifest, label: library.label, serial: isSerial ? serial : nil)
  }

  func exchange(_ call: RelayCall) throws(PluginError.Reason) -> RelayAnswer {
    let sink = ReplySink(largest: largest)
    let status = isSerial ? serial.locked { ask(call, sink) } : ask(call, sink)
    return RelayAnswer(
      status: status, bytes: sink.bytes, problem: sink.problem?.description(largest: largest))
  }

  private func ask(_ call: RelayCall, _ sink: ReplySink) -> snowmaker_status {
    var reply = sink.reply
    let peer = library.peer
    return call.request.withUnsafeBufferPointer { bytes in
      library.host.serving(call.services) {
        library.label.during(method: call.method) {
          peer.pointee.call(
            peer.pointee.ctx, call.method, snowmaker_bytes_v1(ptr: bytes.baseAddress, len: bytes.count), &reply)
        }
      }
    }
  }
}

/// Collects what a plugin answers to one call. The plugin emits from one thread at a time, and not after the call.
final class ReplySink {
  private(set) var bytes: [UInt8] = []
  /// What is wrong with what was emitted.
  private(set) var problem: AnswerProblem?
  private var isAnswered = false
  private let largest: Int

  init(largest: Int) { self.largest = largest }

  /// The struct for the plugin, valid while this object is there.
  var reply: snowmaker_reply_v1 {
    snowmaker_reply_v1(
      ctx: Unmanaged.passUnretained(self).toOpaque(),
      emit: { context, kind, body in
        guard let context else { return 1 }
        return Unmanaged<ReplySink>.fromOpaque(context).takeUnretainedValue().take(kind, body)
      })
  }

  /// Copies the bytes of the one answer; nonzero tells the plugin to stop.
  private func take(_ kind: UInt32, _ body: snowmaker_bytes_v1) -> Int32 {
    guard kind == UInt32(SNOWMAKER_RESULT) else { return 0 }  // no method that this host calls has a stream
    problem = Self.problem(with: body, isAnswered: isAnswered, largest: largest) ?? problem
    if problem != nil { return 1 }
    isAnswered = true
    bytes = Array(UnsafeBufferPointer(start: body.ptr, count: body.len))
    return 0
  }

  /// Why a RESULT cannot be taken; nil when it can.
  static func problem(with body: snowmaker_bytes_v1, isAnswered: Bool, largest: Int) -> AnswerProblem? {
    if isAnswered { return .twice }
    if body.len > 0, body.ptr == nil { return .noAddress }
    return body.len > largest ? .tooLarge : nil
  }
}
