/// Work on one thing after another, on a thread of its own, that another thread waits for as long as it gets on.
///
/// Unchecked: what changes is only touched with `lock` held.
final class Series<Result: Sendable>: @unchecked Sendable {
  private let lock = Lock()
  private let isDone: Signal
  private var results: [Result] = []
  private var isAbandoned = false
  private let count: Int

  /// Starts `work` on the first thing; without a thread to be had, everything happens here and now.
  init<Thing: Sendable>(_ things: some Collection<Thing> & Sendable, work: @escaping @Sendable (Thing) -> Result) {
    isDone = Signal(lock)
    count = things.count
    _ = Errand(seconds: 0) { [self] in
      for thing in things {
        let isWanted = lock.locked { !isAbandoned }
        guard isWanted else { return }
        keep(work(thing))
      }
    }
  }

  /// The results, in order. Fewer than there are things when one takes more than `patience` seconds: nothing is
  /// begun after that one.
  func wait(patience: Int) -> [Result] {
    lock.locked {
      while results.count < count {
        let before = results.count
        var deadline = Clock.now()
        deadline.tv_sec += patience
        while results.count < count, isDone.wait(until: deadline) {}
        guard results.count > before else { break }
      }
      isAbandoned = true
      return results
    }
  }

  private func keep(_ result: Result) {
    lock.locked {
      results.append(result)
      if results.count == count { isDone.raise() }
    }
  }
}
