/// The workers of one plugin that may do the same things: a few, started when calls overlap, and kept.
///
/// Unchecked: everything that changes is only touched with `lock` held.
final class WorkerPool: @unchecked Sendable {
  private let start: @Sendable () throws(PluginError.Reason) -> WorkerProcess
  private let width: Int
  private let lock = Lock()
  private let change: Signal
  private var idle: [WorkerProcess] = []
  /// How many there are, those being started included.
  private var count = 0

  /// How long a call waits for another one's worker before it gets a new one: about what starting one takes.
  private static let patience: UInt64 = 4_000_000

  /// - Parameters:
  ///   - width: the most workers.
  ///   - start: starts one and has it load the plugin.
  init(width: Int, start: @escaping @Sendable () throws(PluginError.Reason) -> WorkerProcess) {
    self.width = width
    self.start = start
    change = Signal(lock)
  }

  /// A worker that nobody uses, started if need be; waits while all are in use. Throws when none can be started.
  func take() throws(PluginError.Reason) -> WorkerProcess {
    let found: WorkerProcess? = lock.locked {
      let patient = Clock.time(after: Self.patience)
      var waits = count > 0
      while true {
        if let worker = idle.popLast() { return worker }
        guard count < width else {
          change.wait()
          continue
        }
        guard waits else {
          count += 1
          return nil
        }
        waits = change.wait(until: patient)
      }
    }
    if let found { return found }
    do throws(PluginError.Reason) { return try start() } catch {
      lost()
      throw error
    }
  }

  /// Takes in a worker that was started elsewhere.
  func adopt(_ worker: WorkerProcess) {
    lock.locked { count += 1 }
    give(worker)
  }

  /// Gives a worker back.
  func give(_ worker: WorkerProcess) {
    lock.locked {
      idle.append(worker)
      change.raise()
    }
  }

  /// A worker that was taken is no more.
  func lost() {
    lock.locked {
      count -= 1
      change.raise()
    }
  }
}
