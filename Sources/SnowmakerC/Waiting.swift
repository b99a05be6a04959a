import Glibc
import Synchronization

/// Where an asynchronous result arrives for a thread that waits for it.
///
/// `@unchecked Sendable`: the semaphore is made before anybody else knows of it and destroyed when nobody does any more;
/// sem_post and sem_wait may be called from any thread.
private final class Mailbox<T: Sendable>: @unchecked Sendable {
  private let arrived = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
  private let result = Mutex<T?>(nil)

  init() { sem_init(arrived, 0, 0) }

  deinit {
    sem_destroy(arrived)
    arrived.deallocate()
  }

  func deliver(_ value: T) {
    result.withLock { $0 = value }
    sem_post(arrived)
  }

  func wait() -> T {
    while true {
      while sem_wait(arrived) != 0 {}
      if let value = result.withLock({ $0 }) { return value }
    }
  }
}

/// Runs asynchronous work and blocks the calling thread, which belongs to the caller, until it is done. `onStart` is given
/// the task before the wait begins.
func waitFor<T: Sendable>(
  onStart: (Task<Void, Never>) -> Void = { _ in }, _ body: @escaping @Sendable () async -> T
) -> T {
  let mailbox = Mailbox<T>()
  onStart(Task.detached { mailbox.deliver(await body()) })
  return mailbox.wait()
}
