import Glibc
import Synchronization

/// The time as the emulated account sees it: it can be moved forward, so that expiry can be tried without waiting.
final class WireClock: Sendable {
  private let offset = Atomic<Int64>(0)

  /// Nanoseconds of the machine's monotonic clock; never moved.
  static func monotonic() -> Int64 { read(CLOCK_MONOTONIC) }

  /// The account's time in nanoseconds on the monotonic scale.
  var now: Int64 { Self.monotonic() &+ offset.load(ordering: .relaxed) }

  /// The account's time in milliseconds since 1970.
  var epochMilliseconds: Int64 { (Self.read(CLOCK_REALTIME) &+ offset.load(ordering: .relaxed)) / 1_000_000 }

  /// Moves the account's time forward.
  func advance(by duration: Duration) {
    offset.wrappingAdd(duration.wireNanoseconds, ordering: .relaxed)
  }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }
}

extension Duration {
  /// The duration in nanoseconds, at most about 30 years.
  var wireNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return max(0, min(seconds, 1_000_000_000)) &* 1_000_000_000 &+ max(0, attoseconds / 1_000_000_000)
  }

  /// Whole seconds.
  var wireSeconds: Int64 { components.seconds }
}
