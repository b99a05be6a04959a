import Synchronization

/// What a running apply tells its caller, one event at a time whatever thread it comes from, and whether it shall stop.
final class ApplyEvents: Sendable {
  private let progress: @Sendable (ApplyEvent) -> Void
  private let userStops: @Sendable () -> Bool
  private let wasCancelled = Atomic(false)
  private let sending = Mutex(())
  /// The steps whose plugin was told that the user asked to stop.
  private let told = Mutex<Set<Int>>([])

  /// - Parameter userStops: whether the user asked to stop.
  init(_ progress: @escaping @Sendable (ApplyEvent) -> Void, isCancelled userStops: @escaping @Sendable () -> Bool) {
    self.progress = progress
    self.userStops = userStops
  }

  /// Tells the caller.
  func send(_ event: ApplyEvent) { sending.withLock { _ in progress(event) } }

  /// The task was cancelled. Plugins ask on threads of their own, which belong to no task.
  func cancel() { wasCancelled.store(true, ordering: .relaxed) }

  /// Whether the plugin that does this step may go on; remembers that it was told not to.
  func goesOn(_ step: Int) -> Bool {
    guard isCancelled else { return true }
    told.withLock { _ = $0.insert(step) }
    return false
  }

  /// Whether the plugin that does this step was told to stop.
  func wasToldToStop(_ step: Int) -> Bool { told.withLock { $0.contains(step) } }

  /// Whether nothing new shall be started.
  var isCancelled: Bool { wasCancelled.load(ordering: .relaxed) || userStops() }
}
