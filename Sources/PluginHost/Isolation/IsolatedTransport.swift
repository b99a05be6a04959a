import CSnowmaker
import Glibc
import SnowmakerModel

/// A plugin that runs in children of this process. Whatever it does there is the error of one call.
///
/// Calls that only read are made again, once, in a new child; after three failures the plugin is called no more.
///
/// Unchecked: what changes is only touched with `lock` held.
final class IsolatedTransport: PluginTransport, @unchecked Sendable {
  /// How often a plugin may fail in one run.
  static let strikes = 3

  let isSerial: Bool
  private let isolation: PluginIsolation
  private let pure: WorkerPool
  private let lock = Lock()
  private var failures = 0
  private var lastFailure = ""

  /// Starts a worker that loads the plugin. Throws why the plugin cannot be used.
  ///
  /// - Parameters:
  ///   - ticket: the file, which was admitted.
  ///   - isolation: what it may take.
  ///   - log: where its lines go.
  ///   - patience: seconds it may take to load.
  ///   - isSandboxed: false for a plugin that is only tried before it is loaded into this process.
  init(
    _ ticket: Admission.Ticket, _ isolation: PluginIsolation, _ log: PluginLogService, patience: Int,
    isSandboxed: Bool = true
  ) throws(PluginRefusal.Reason) {
    self.isolation = isolation
    let launch = WorkerLaunch(
      ticket: ticket, limits: isolation.limits, log: log, patience: patience, isSandboxed: isSandboxed)
    let (first, ready) = try launch.first()
    isSerial = ready.isSerial
    pure = WorkerPool(width: isSerial ? 1 : PluginThreads.width) { () throws(PluginError.Reason) in
      try launch.another()
    }
    pure.adopt(first)
  }

  func exchange(_ call: RelayCall) throws(PluginError.Reason) -> RelayAnswer {
    let nanoseconds = isolation.limits.nanoseconds(for: call.method, bytes: call.request.count)
    let frame = RelayFrame(.call, code: Int32(bitPattern: call.method), length: call.request.count)
    var tries = 1
    let mostTries = Self.onlyReads(call.method) ? 2 : 1
    while true {
      try checkStrikes()
      let worker = try pure.take()
      do throws(WorkerFailure) {
        let (end, body) = try worker.exchange(
          frame, call.request, nanoseconds: nanoseconds, services: call.services)
        pure.give(worker)
        return try answer(end, body)
      } catch {
        pure.lost()
        if strike(error) || tries == mostTries { throw error.reason(tries: tries) }
        tries += 1
      }
    }
  }

  private func answer(_ end: RelayFrame, _ body: [UInt8]) throws(WorkerFailure) -> RelayAnswer {
    switch end.kind {
    case .answer: return RelayAnswer(status: end.code, bytes: body, problem: nil)
    case .badAnswer:
      let problem = AnswerProblem(rawValue: end.code) ?? .twice
      return RelayAnswer(
        status: Int32(SNOWMAKER_OK), bytes: [],
        problem: problem.description(largest: isolation.limits.answer << 20))
    default: throw .garbage("answered with what is no answer")
    }
  }

  /// Whether a call changes nothing, so that it can be made again.
  private static func onlyReads(_ method: UInt32) -> Bool {
    method != PluginMethod.apply.rawValue && method != PluginMethod.shutdown.rawValue
      && method != PluginMethod.describe.rawValue
  }

  private func checkStrikes() throws(PluginError.Reason) {
    let last: String? = lock.locked { failures >= Self.strikes ? lastFailure : nil }
    if let last { throw .disabled(last) }
  }

  /// Counts a failure; whether it was one too many.
  private func strike(_ failure: WorkerFailure) -> Bool {
    lock.locked {
      failures += 1
      lastFailure = failure.description
      return failures >= Self.strikes
    }
  }
}
