import SnowmakerModel

/// Starts workers for one plugin, and has them load it.
struct WorkerLaunch {
  var ticket: Admission.Ticket
  var limits: PluginLimits
  var log: PluginLogService
  /// Seconds a plugin may take to load.
  var patience: Int
  /// False for a plugin that is only tried before it is loaded into this process.
  var isSandboxed: Bool
  var network = false

  /// A worker that has loaded the plugin, and what that is. Throws why the plugin cannot be used.
  func first() throws(PluginRefusal.Reason) -> (WorkerProcess, WorkerReady) {
    let worker = try start()
    let hello = WorkerHello(
      ticket, sandbox: isSandboxed ? rules : nil, largestAnswer: limits.answer << 20
    ).bytes
    let answer = hello.withUnsafeBytes { bytes -> Result<(end: RelayFrame, body: [UInt8]), WorkerFailure> in
      do throws(WorkerFailure) {
        return .success(
          try worker.exchange(
            RelayFrame(.hello, length: bytes.count), bytes, nanoseconds: UInt64(patience) * 1_000_000_000))
      } catch { return .failure(error) }
    }
    let (frame, body): (RelayFrame, [UInt8])
    do throws(WorkerFailure) { (frame, body) = try answer.get() } catch {
      if case .hung = error { throw .silent(seconds: patience) }
      throw .crashed(error.description)
    }
    if frame.kind == .ready, let ready = WorkerReady(body) { return (worker, ready) }
    if frame.kind == .refused, let refusal = WorkerRefusal(body) { throw refusal.reason }
    throw .crashed("its process answered with what is no answer")
  }

  /// Another worker. Throws when it cannot be had: the plugin was loaded before, so whatever is wrong now is an error of
  /// the call that needs it.
  func another() throws(PluginError.Reason) -> WorkerProcess {
    do throws(PluginRefusal.Reason) { return try first().0 } catch {
      throw .notStarted(error.description(path: ticket.file.path))
    }
  }

  private func start() throws(PluginRefusal.Reason) -> WorkerProcess {
    let executable: WorkerExecutable
    do throws(WorkerExecutable.Missing) { executable = try WorkerExecutable.find() } catch {
      throw .notIsolated("\(error)")
    }
    do throws(PluginError.Reason) { return try WorkerProcess(executable, limits, log) } catch {
      throw .notIsolated("\(error)")
    }
  }

  private var rules: Sandbox.Rules {
    Sandbox.Rules(
      plugin: ticket.resolvedPath, readable: WorkerExecutable.runtimeFolder.map { [$0] } ?? [], memory: limits.memory,
      network: network)
  }
}
