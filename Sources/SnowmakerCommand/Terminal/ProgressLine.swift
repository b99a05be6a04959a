import Synchronization

/// The line on a terminal that says what is going on, with the seconds it has taken as soon as there is one.
final class ProgressLine: Sendable {
  private struct State {
    var text = ""
    var since: ContinuousClock.Instant?
    var clock: Task<Void, Never>?
  }

  private let state = Mutex(State())

  /// Shows what is going on from now on, in place of what was.
  func show(_ text: String) {
    state.withLock { state in
      state.text = text
      state.since = .now
      Self.draw(state)
      if state.clock == nil { state.clock = Task { await self.tick() } }
    }
  }

  /// Takes the line away, if there is one.
  func clear() {
    state.withLock { state in
      guard state.since != nil else { return }
      state.since = nil
      state.clock?.cancel()
      state.clock = nil
      Terminal.error("\r\u{1b}[K")
    }
  }

  private func tick() async {
    while !Task.isCancelled {
      do { try await Task.sleep(for: .seconds(1)) } catch { return }
      state.withLock { state in if state.since != nil, !Task.isCancelled { Self.draw(state) } }
    }
  }

  private static func draw(_ state: State) {
    let seconds = state.since.map { (ContinuousClock.now - $0).components.seconds } ?? 0
    Terminal.error("\r\u{1b}[K\(state.text)…" + (seconds > 0 ? " \(seconds) s" : ""))
  }
}
