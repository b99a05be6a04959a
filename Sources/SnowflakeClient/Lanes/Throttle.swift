/// How many statements may be under way: halved when the account says "too many requests", one more whenever as many as
/// are allowed have worked since.
final class Throttle: Sendable {
  private struct State {
    var limit: Int
    var worked = 0
    var refusals = 0
    var lastCut: ContinuousClock.Instant?
  }

  private let most: Int
  private let state: Locked<State>

  init(_ most: Int) {
    self.most = most
    state = Locked(State(limit: most))
  }

  var limit: Int { state.withLock { $0.limit } }
  var refusals: Int { state.withLock { $0.refusals } }

  /// Takes note of a refusal. Those that come together count once.
  func refuse() {
    let now = ContinuousClock.now
    state.withLock { state in
      state.refusals += 1
      state.worked = 0
      if let last = state.lastCut, last.duration(to: now) < .milliseconds(250) { return }
      state.lastCut = now
      state.limit = max(1, state.limit / 2)
    }
  }

  /// Takes note of a statement that got through.
  func work() {
    state.withLock { state in
      guard state.limit < most else { return }
      state.worked += 1
      guard state.worked >= state.limit else { return }
      state.worked = 0
      state.limit += 1
    }
  }
}
