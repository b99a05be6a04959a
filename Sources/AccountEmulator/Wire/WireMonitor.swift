import Glibc

/// A value behind a lock on whose changes threads can wait.
final class WireMonitor<State>: @unchecked Sendable {
  // Invariant that makes this Sendable: `state` is read and written only while `mutex` is held, and what is passed in
  // or handed out is Sendable (the methods ask for it). Both pthread objects keep their address from init to deinit.
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var state: State

  init(_ state: sending State) {
    self.state = state
    mutex = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    condition = .allocate(capacity: 1)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    condition.deallocate()
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Reads or changes the value without waking anyone.
  func withLock<T: Sendable>(_ body: (inout State) -> T) -> T {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body(&state)
  }

  /// Changes the value and wakes every thread that waits.
  func update<T: Sendable>(_ body: (inout State) -> T) -> T {
    pthread_mutex_lock(mutex)
    defer {
      pthread_cond_broadcast(condition)
      pthread_mutex_unlock(mutex)
    }
    return body(&state)
  }

  /// Changes the value and wakes one thread that waits: for when all of them wait for the same.
  func updateOne<T: Sendable>(_ body: (inout State) -> T) -> T {
    pthread_mutex_lock(mutex)
    defer {
      pthread_cond_signal(condition)
      pthread_mutex_unlock(mutex)
    }
    return body(&state)
  }

  /// Waits until `ready` gives a value; nil once the monotonic clock passes `deadline` (nanoseconds, nil: never).
  func wait<T: Sendable>(until deadline: Int64?, _ ready: (inout State) -> T?) -> T? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let value = ready(&state) { return value }
      guard let deadline else {
        pthread_cond_wait(condition, mutex)
        continue
      }
      if WireClock.monotonic() >= deadline { return nil }
      var time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
      pthread_cond_timedwait(condition, mutex, &time)
    }
  }
}
