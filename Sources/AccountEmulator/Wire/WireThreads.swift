import Glibc

/// Threads for work that may block: as many as there is work at once, kept for a while when idle.
///
/// Statements run here and not on the connection's thread, so that one which takes long can be answered "in progress"
/// and waited for by another request.
final class WireThreads: Sendable {
  private struct Pool: Sendable {
    var work: [@Sendable () -> Void] = []
    var idle = 0
    var live = 0
    var stopping = false
  }

  private let pool = WireMonitor(Pool())
  private static let idleTime: Int64 = 10_000_000_000

  /// Runs `work` soon. False when stopping or when no thread can be had: the work was not taken.
  func run(_ work: @escaping @Sendable () -> Void) -> Bool {
    enum Next { case refused, taken, needsThread }
    let next = pool.updateOne { pool -> Next in
      if pool.stopping { return .refused }
      pool.work.append(work)
      if pool.work.count <= pool.idle { return .taken }
      pool.live += 1
      return .needsThread
    }
    guard next == .needsThread else { return next == .taken }
    if startThread() { return true }
    // Another thread will take it if there is one; if not, the last work queued is taken back.
    return pool.update { pool in
      pool.live -= 1
      if pool.live > 0 { return true }
      pool.work.removeAll()
      return false
    }
  }

  /// Lets running work end and waits for it.
  func stop() {
    pool.update { $0.stopping = true }
    _ = pool.wait(until: nil) { $0.live == 0 ? true : nil }
  }

  private func loop() {
    while true {
      pool.withLock { $0.idle += 1 }
      let work = pool.wait(until: WireClock.monotonic() + Self.idleTime) { pool -> Work? in
        guard !pool.work.isEmpty || pool.stopping else { return nil }
        pool.idle -= 1
        return pool.work.isEmpty ? .end : .run(pool.work.removeFirst())
      }
      if case .run(let body) = work {
        body()
        continue
      }
      let ends = pool.update { pool -> Bool in
        if case nil = work {
          // Idle for long. Work may have come in between the end of the wait and here.
          pool.idle -= 1
          if !pool.work.isEmpty { return false }
        }
        pool.live -= 1
        return true
      }
      if ends { return }
    }
  }

  private enum Work: Sendable {
    case run(@Sendable () -> Void)
    case end
  }

  private func startThread() -> Bool {
    var thread = pthread_t()
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    pthread_attr_setstacksize(&attributes, 8 << 20)
    let context = Unmanaged.passRetained(self)
    let status = pthread_create(
      &thread, &attributes,
      { argument in
        if let argument { Unmanaged<WireThreads>.fromOpaque(argument).takeRetainedValue().loop() }
        return nil
      }, context.toOpaque())
    if status != 0 { context.release() }
    return status == 0
  }
}
