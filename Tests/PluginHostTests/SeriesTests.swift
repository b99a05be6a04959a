import Glibc
import Synchronization
import Testing

@testable import PluginHost

/// One thing after another on a thread of its own.
struct SeriesTests {
  @Test func resultsComeInOrder() {
    #expect(Series(0..<50) { $0 * 2 }.wait(patience: 10) == (0..<50).map { $0 * 2 })
    #expect(Series([Int]()) { $0 }.wait(patience: 10) == [])
  }

  @Test func nothingIsBegunAfterOneThatHangs() {
    let begun = Mutex(false)
    let goOn = Handover<Bool>()
    let left = Handover<Bool>()
    let series = Series(1...3) { number in
      if number == 2 {
        _ = goOn.wait()
        left.give(true)
      }
      if number == 3 { begun.withLock { $0 = true } }
      return number
    }
    #expect(series.wait(patience: 1) == [1])
    goOn.give(true)
    #expect(left.wait())
    usleep(50_000)
    #expect(!begun.withLock { $0 })
  }
}
