import CHostSupport
import Glibc

/// The threads that plugins run on. Calls into plugins block, which Swift's own pool must not be made to do.
///
/// Threads are started when there is work that no idle thread takes, and stay.
///
/// Unchecked: everything that changes is only touched with `lock` held.
final class PluginThreads: @unchecked Sendable {
  /// As many as there are cores, and two for calls that wait.
  static let shared = PluginThreads(width: width)
  static let width = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) + 2

  typealias Job = @Sendable () -> Void

  private let width: Int
  private let lock = Lock()
  private let work: Signal
  private var jobs: [Job] = []
  /// The first job not taken yet.
  private var next = 0
  private var idle = 0
  private var started = 0

  init(width: Int) {
    self.width = width
    work = Signal(lock)
  }

  /// Runs `job` on one of the threads, soon.
  func run(_ job: @escaping Job) {
    let needsThread = lock.locked {
      jobs.append(job)
      let waiting = jobs.count - next
      guard waiting > idle, started < width else {
        work.raise()
        return false
      }
      started += 1
      return true
    }
    guard needsThread, !Thread.start({ self.loop() }) else { return }
    lock.locked { started -= 1 }
    // No thread to be had: with others, they take the job in time; without, it runs here and now.
    if let job = lock.locked({ started == 0 ? take() : nil }) { job() }
  }

  private func loop() {
    chost_crash_add_thread()
    while true {
      let job: Job = lock.locked {
        while true {
          if let job = take() { return job }
          idle += 1
          work.wait()
          idle -= 1
        }
      }
      job()
    }
  }

  /// The next job; call with the lock held.
  private func take() -> Job? {
    guard next < jobs.count else { return nil }
    let job = jobs[next]
    next += 1
    if next == jobs.count {
      jobs.removeAll(keepingCapacity: true)
      next = 0
    }
    return job
  }
}

/// Work on a thread of its own, that another thread waits for, but not forever.
///
/// Unchecked: `result` is only touched with `lock` held.
final class Errand<Result: Sendable>: @unchecked Sendable {
  private let lock = Lock()
  private let isDone: Signal
  private let deadline: timespec
  private var result: Result?

  /// Starts `body`; without a thread to be had, it runs here and now.
  init(seconds: Int, _ body: @escaping @Sendable () -> Result) {
    isDone = Signal(lock)
    var deadline = Clock.now()
    deadline.tv_sec += seconds
    self.deadline = deadline
    let isStarted = Thread.start {
      chost_crash_add_thread()
      self.set(body())
      chost_crash_remove_thread()
    }
    if !isStarted { set(body()) }
  }

  /// Waits for the result; nil when the seconds have passed since the start: the thread is then left to itself.
  func wait() -> Result? {
    lock.locked {
      while result == nil {
        guard isDone.wait(until: deadline) else { break }
      }
      return result
    }
  }

  private func set(_ result: Result) {
    lock.locked {
      self.result = result
      isDone.raise()
    }
  }
}

/// A thread that nobody joins.
private enum Thread {
  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Whether the thread could be started.
  static func start(_ run: @escaping @Sendable () -> Void) -> Bool {
    let body = Unmanaged.passRetained(Body(run))
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, body.toOpaque())
    guard status == 0 else {
      body.release()
      return false
    }
    pthread_detach(thread)
    return true
  }
}
