import Glibc

/// A mutual exclusion, held only for short and never twice by one thread.
///
/// Unchecked: the mutex lives at a fixed address until the lock goes, and is made for use by many threads.
final class Lock: @unchecked Sendable {
  fileprivate let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  init() { pthread_mutex_init(mutex, nil) }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  func lock() { pthread_mutex_lock(mutex) }
  func unlock() { pthread_mutex_unlock(mutex) }

  func locked<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }
}

/// Waiting for a change of what a lock guards.
///
/// Unchecked: as `Lock`.
final class Signal: @unchecked Sendable {
  private let lock: Lock
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init(_ lock: Lock) {
    self.lock = lock
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    condition.deallocate()
  }

  /// Wakes one that waits.
  func raise() { pthread_cond_signal(condition) }

  /// Waits for `raise`; call with the lock held. May also return without it.
  func wait() { pthread_cond_wait(condition, lock.mutex) }

  /// Waits for `raise`, at most until `deadline` on the monotonic clock; false when that has passed. Call with the
  /// lock held. May also return without it.
  func wait(until deadline: timespec) -> Bool {
    var deadline = deadline
    return pthread_cond_timedwait(condition, lock.mutex, &deadline) != ETIMEDOUT
  }
}

/// The monotonic clock.
enum Clock {
  static func now() -> timespec {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time
  }

  /// The time so many nanoseconds from now.
  static func time(after nanoseconds: UInt64) -> timespec {
    let end = Self.nanoseconds() + nanoseconds
    return timespec(tv_sec: Int(end / 1_000_000_000), tv_nsec: Int(end % 1_000_000_000))
  }

  static func nanoseconds() -> UInt64 {
    let time = now()
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
