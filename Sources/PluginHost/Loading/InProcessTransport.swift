import CSnowmaker
import SnowmakerModel

/// A plugin that is loaded into this process. A call takes no memory of its own but what the documents take.
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
    isSerial ? serial.locked { ask(call) } : ask(call)
  }

  private func ask(_ call: RelayCall) -> RelayAnswer {
    var sink = ReplySink(largest: largest)
    let status = withUnsafeMutablePointer(to: &sink) { sink in
      var reply = snowmaker_reply_v1(
        ctx: UnsafeMutableRawPointer(sink),
        emit: { context, kind, body in
          guard let context else { return 1 }
          return context.assumingMemoryBound(to: ReplySink.self).pointee.take(kind, body)
        })
      let peer = library.peer
      let request = snowmaker_bytes_v1(
        ptr: call.request.baseAddress?.assumingMemoryBound(to: UInt8.self), len: call.request.count)
      let before = library.label.enter(method: call.method)
      defer { CrashLabel.leave(before) }
      guard let services = call.services else {
        return peer.pointee.call(peer.pointee.ctx, call.method, request, &reply)
      }
      return library.host.serving(services) { peer.pointee.call(peer.pointee.ctx, call.method, request, &reply) }
    }
    return sink.answer(status)
  }
}

/// Takes what a plugin answers to one call. The plugin emits from one thread at a time, and not after the call.
private struct ReplySink {
  let largest: Int
  private var document: Result<Value, AnyDocument.Failure>?
  private var size = 0
  private var problem: AnswerProblem?

  init(largest: Int) { self.largest = largest }

  /// Reads the one answer while the plugin's bytes are there; nonzero tells the plugin to stop.
  mutating func take(_ kind: UInt32, _ body: snowmaker_bytes_v1) -> Int32 {
    guard kind == UInt32(SNOWMAKER_RESULT) else { return 0 }  // no method that this host calls has a stream
    problem = AnswerProblem(with: body, isAnswered: document != nil, largest: largest) ?? problem
    if problem != nil { return 1 }
    size = body.len
    document = AnyDocument.result(of: UnsafeRawBufferPointer(start: body.ptr, count: body.len))
    return 0
  }

  func answer(_ status: snowmaker_status) -> RelayAnswer {
    RelayAnswer(
      status: status, document: document ?? .success([:]), size: size,
      problem: problem?.description(largest: largest))
  }
}

extension AnswerProblem {
  /// Why a RESULT cannot be taken; nil when it can.
  init?(with body: snowmaker_bytes_v1, isAnswered: Bool, largest: Int) {
    if isAnswered {
      self = .twice
    } else if body.len > 0, body.ptr == nil {
      self = .noAddress
    } else if body.len > largest {
      self = .tooLarge
    } else {
      return nil
    }
  }
}
