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
  /// How long DESCRIBE may take, in nanoseconds.
  private let patience: UInt64
  private let pure: WorkerPool
  /// Workers that may use the network, for the calls that may.
  private let connected: WorkerPool
  private let lock = Lock()
  private var usesNetwork = false
  private var failures = 0
  private var lastFailure = ""

  /// The permission in a manifest's `requires` that can be granted.
  static let network = "network"

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
    self.patience = UInt64(patience) * 1_000_000_000
    let launch = WorkerLaunch(
      ticket: ticket, limits: isolation.limits, log: log, patience: patience, isSandboxed: isSandboxed)
    let (first, ready) = try launch.first()
    isSerial = ready.isSerial
    let width = isSerial ? 1 : PluginThreads.width
    pure = WorkerPool(width: width) { () throws(PluginError.Reason) in try launch.another() }
    pure.adopt(first)
    var open = launch
    open.network = true
    let openLaunch = open
    connected = WorkerPool(width: width) { () throws(PluginError.Reason) in try openLaunch.another() }
  }

  /// From now on READ and APPLY are made in workers that may use the network.
  func allowNetwork() { lock.locked { usesNetwork = true } }

  func exchange(_ call: RelayCall) throws(PluginError.Reason) -> RelayAnswer {
    let nanoseconds =
      call.method == PluginMethod.describe.rawValue
      ? patience : isolation.limits.nanoseconds(for: call.method, bytes: call.request.count)
    let frame = RelayFrame(.call, code: Int32(bitPattern: call.method), length: call.request.count)
    var tries = 1
    let mostTries = Self.onlyReads(call.method) ? 2 : 1
    while true {
      let pool = try pool(for: call.method)
      let worker = try pool.take()
      do throws(WorkerFailure) {
        let (end, body) = try worker.exchange(
          frame, call.request, nanoseconds: nanoseconds, services: call.services)
        pool.give(worker)
        return answer(end, body)
      } catch {
        pool.lost()
        if strike(error) || tries == mostTries { throw error.reason(tries: tries) }
        tries += 1
      }
    }
  }

  private func answer(_ end: RelayFrame, _ body: [UInt8]) -> RelayAnswer {
    guard end.kind == .badAnswer else {
      return RelayAnswer(
        status: end.code, document: body.withUnsafeBytes(AnyDocument.result), size: body.count)
    }
    let problem = AnswerProblem(rawValue: end.code) ?? .twice
    return RelayAnswer(
      status: Int32(SNOWMAKER_OK), problem: problem.description(largest: isolation.limits.answer << 20))
  }

  /// Whether a call changes nothing, so that it can be made again.
  private static func onlyReads(_ method: UInt32) -> Bool {
    method != PluginMethod.apply.rawValue && method != PluginMethod.shutdown.rawValue
      && method != PluginMethod.describe.rawValue
  }

  /// The workers for a call. Throws when the plugin has failed too often.
  private func pool(for method: UInt32) throws(PluginError.Reason) -> WorkerPool {
    let doesIO = method == PluginMethod.apply.rawValue || method == PluginMethod.read.rawValue
    return try lock.locked { () throws(PluginError.Reason) in
      guard failures < Self.strikes else { throw .disabled(lastFailure) }
      return doesIO && usesNetwork ? connected : pure
    }
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
