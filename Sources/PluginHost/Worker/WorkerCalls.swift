import CSnowmaker
import Glibc
import SnowmakerModel

/// Makes the host's calls into the plugin, and sends the answers.
final class WorkerCalls {
  private let channel: WorkerChannel
  private let library: PluginLibrary
  private let largest: Int
  /// What the plugin answered when the host had it describe itself here.
  private var description: [UInt8]?
  private lazy var functions = WorkerFunctions(library, description: description, largest: largest)

  init(_ channel: WorkerChannel, _ library: PluginLibrary, largest: Int) {
    self.channel = channel
    self.library = library
    self.largest = largest
  }

  /// Calls `method` and sends what comes of it.
  func call(_ method: UInt32, _ request: UnsafeRawBufferPointer) {
    if method == PluginMethod.function.rawValue, let (status, answer) = functions.answer(request) {
      fflush(nil)
      return channel.send(.answer, code: status, answer)
    }
    let isDescription = method == PluginMethod.describe.rawValue
    let sink = WorkerSink(channel, largest: largest, keepsAll: isDescription)
    var reply = sink.reply
    let peer = library.peer
    let bytes = snowmaker_bytes_v1(ptr: request.baseAddress?.assumingMemoryBound(to: UInt8.self), len: request.count)
    // Reading the host's answer to a question takes over the buffer that the request is in, so it is copied for those
    // that may ask.
    let status =
      method == PluginMethod.apply.rawValue || method == PluginMethod.check.rawValue
      ? Array(request).withUnsafeBufferPointer { copy in
        library.host.serving(askHost) {
          peer.pointee.call(
            peer.pointee.ctx, method, snowmaker_bytes_v1(ptr: copy.baseAddress, len: copy.count), &reply)
        }
      } : peer.pointee.call(peer.pointee.ctx, method, bytes, &reply)
    if isDescription, status == SNOWMAKER_OK { description = sink.answer }
    finish(status, sink)
  }

  private func finish(_ status: snowmaker_status, _ sink: WorkerSink) {
    fflush(nil)
    if let problem = sink.problem {
      channel.send(.badAnswer, code: problem.rawValue, [])
    } else {
      channel.send(.answer, code: status, sink.bytes)
    }
  }

  /// Passes a question of the plugin on to the host, and waits for its answer.
  private func askHost(
    _ method: UInt32, _ request: UnsafeRawBufferPointer
  ) -> (status: snowmaker_status, reply: [UInt8]) {
    fflush(nil)
    channel.send(.hostCall, code: Int32(bitPattern: method), request)
    guard let (frame, body) = channel.receive(), frame.kind == .hostReply else { _exit(EXIT_FAILURE) }
    return (frame.code, Array(body))
  }
}

/// Takes a plugin's answer: keeps a small one, to send it together with the status, and sends a large one at once.
private final class WorkerSink {
  /// What is still to be sent.
  private(set) var bytes: [UInt8] = []
  /// The whole answer, when it is kept.
  private(set) var answer: [UInt8]?
  private(set) var problem: AnswerProblem?
  private var isAnswered = false
  private let channel: WorkerChannel
  private let largest: Int
  private let keepsAll: Bool

  init(_ channel: WorkerChannel, largest: Int, keepsAll: Bool) {
    self.channel = channel
    self.largest = largest
    self.keepsAll = keepsAll
  }

  var reply: snowmaker_reply_v1 {
    snowmaker_reply_v1(
      ctx: Unmanaged.passUnretained(self).toOpaque(),
      emit: { context, kind, body in
        guard let context else { return 1 }
        return Unmanaged<WorkerSink>.fromOpaque(context).takeUnretainedValue().take(kind, body)
      })
  }

  private func take(_ kind: UInt32, _ body: snowmaker_bytes_v1) -> Int32 {
    guard kind == UInt32(SNOWMAKER_RESULT) else { return 0 }
    problem = AnswerProblem(with: body, isAnswered: isAnswered, largest: largest) ?? problem
    if problem != nil { return 1 }
    isAnswered = true
    let body = UnsafeRawBufferPointer(start: body.ptr, count: body.len)
    if keepsAll { answer = Array(body) }
    if body.count < 1 << 15 { bytes = Array(body) } else { channel.send(.piece, body) }
    return 0
  }
}
