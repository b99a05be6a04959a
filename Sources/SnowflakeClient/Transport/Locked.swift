import Glibc

/// A value behind a pthread mutex.
///
/// The standard library's `Mutex` would do, but its locking is invisible to ThreadSanitizer on Linux, which then reports
/// races that are none; and it lives in one more shared library to load.
///
/// Unchecked: the value is reached only in `withLock`, which holds the mutex.
final class Locked<Value>: @unchecked Sendable {
  private var value: Value
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>

  init(_ value: sending Value) {
    self.value = value
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Runs `body` with the value while no one else has it. `body` must not call `withLock` of the same lock.
  func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body(&value)
  }
}
