import Glibc

/// Clocks and the process's own counters.
enum Measure {
  /// What a piece of work took, in seconds.
  struct Cost {
    var wall: Double
    /// User and system time of all threads.
    var cpu: Double
  }

  static func cost<Result>(_ body: () async throws -> Result) async rethrows -> (Result, Cost) {
    let start = (now(CLOCK_MONOTONIC), now(CLOCK_PROCESS_CPUTIME_ID))
    let result = try await body()
    return (result, Cost(wall: now(CLOCK_MONOTONIC) - start.0, cpu: now(CLOCK_PROCESS_CPUTIME_ID) - start.1))
  }

  static func cost<Result>(_ body: () throws -> Result) rethrows -> (Result, Cost) {
    let start = (now(CLOCK_MONOTONIC), now(CLOCK_PROCESS_CPUTIME_ID))
    let result = try body()
    return (result, Cost(wall: now(CLOCK_MONOTONIC) - start.0, cpu: now(CLOCK_PROCESS_CPUTIME_ID) - start.1))
  }

  /// The cost of one call of `body`, from the cheapest of `batches` batches: others may use the machine too, and a batch
  /// that was disturbed says nothing.
  static func best(of batches: Int, calls: Int, _ body: () throws -> Void) rethrows -> Cost {
    var best = Cost(wall: .infinity, cpu: .infinity)
    for _ in 0..<batches {
      let (_, cost) = try cost { for _ in 0..<calls { try body() } }
      best.wall = min(best.wall, cost.wall / Double(calls))
      best.cpu = min(best.cpu, cost.cpu / Double(calls))
    }
    return best
  }

  /// The most memory this process ever had, in KiB.
  static func peakMemory() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss
  }

  private static func now(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

/// A benchmark that could not be run.
struct BenchmarkFailure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
