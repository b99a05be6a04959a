/// The rule at the end of a TZif file, for times after its last transition: `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX, with
/// the extensions of RFC 9636: hours from -167 to 167).
struct PosixRule: Sendable {
  /// Seconds east of Greenwich outside and inside daylight saving time.
  let standard: Int
  let daylight: Int?
  private let start: Day?
  private let end: Day?

  /// A day of each year and a time on it.
  private struct Day {
    enum Kind {
      /// Day 1 to 365; 29 February is never counted.
      case julian(Int)
      /// Day 0 to 365; 29 February is counted.
      case zeroBased(Int)
      /// The weekday (0 is Sunday) of the week (5 is the last) of the month.
      case weekday(month: Int, week: Int, day: Int)
    }
    var kind: Kind
    /// Seconds after midnight, by the clock before the change.
    var time: Int
  }

  /// Reads the rule; nil when it is none.
  init?(_ text: some StringProtocol) {
    var parser = Parser(Array(text.utf8))
    guard parser.name(), let west = parser.offset() else { return nil }
    standard = -west
    if parser.isAtEnd {
      (daylight, start, end) = (nil, nil, nil)
      return
    }
    guard parser.name() else { return nil }
    if parser.isAt(",") {
      daylight = standard + 3_600
    } else {
      guard let west = parser.offset() else { return nil }
      daylight = -west
    }
    guard parser.take(","), let first = parser.day(), parser.take(","), let second = parser.day(), parser.isAtEnd else {
      return nil
    }
    (start, end) = (first, second)
  }

  /// The changes of a year: when, in UTC, and the offset from then on; in order.
  func transitions(in year: Int) -> [(at: Int, offset: Int)] {
    guard let daylight, let start, let end else { return [] }
    let changes = [
      (at: Self.seconds(start, year) - standard, offset: daylight),
      (at: Self.seconds(end, year) - daylight, offset: standard),
    ]
    return changes.sorted { $0.at < $1.at }
  }

  private static func seconds(_ day: Day, _ year: Int) -> Int {
    let first = CivilTime.days(year, 1, 1)
    let days: Int
    switch day.kind {
    case .julian(let number): days = first + number - 1 + (CivilTime.isLeap(year) && number >= 60 ? 1 : 0)
    case .zeroBased(let number): days = first + number
    case .weekday(let month, let week, let weekday):
      let start = CivilTime.days(year, month, 1)
      var at = start + (weekday - CivilTime.weekday(start) + 7) % 7 + (week - 1) * 7
      if at >= start + CivilTime.daysIn(year, month) { at -= 7 }
      days = at
    }
    return days * 86_400 + day.time
  }

  private struct Parser {
    let bytes: [UInt8]
    var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { at == bytes.count }
    func isAt(_ character: Character) -> Bool { at < bytes.count && bytes[at] == character.asciiValue }

    mutating func take(_ character: Character) -> Bool {
      guard isAt(character) else { return false }
      at += 1
      return true
    }

    /// `CET` or `<+03>`.
    mutating func name() -> Bool {
      let start = at
      if take("<") {
        while at < bytes.count, !isAt(">") { at += 1 }
        return take(">") && at - start > 2
      }
      while at < bytes.count, (0x61...0x7a).contains(bytes[at] | 0x20) { at += 1 }
      return at - start >= 3
    }

    mutating func number(atMost limit: Int) -> Int? {
      let start = at
      var number = 0
      while at < bytes.count, (0x30...0x39).contains(bytes[at]), number <= limit {
        number = number * 10 + Int(bytes[at] - 0x30)
        at += 1
      }
      return at > start && number <= limit ? number : nil
    }

    /// `-1`, `5:30`, `167:00:00`, in seconds.
    mutating func offset() -> Int? {
      let sign = take("-") ? -1 : 1
      if sign == 1 { _ = take("+") }
      guard let hours = number(atMost: 167) else { return nil }
      var seconds = hours * 3_600
      for unit in [60, 1] where take(":") {
        guard let part = number(atMost: 59) else { return nil }
        seconds += part * unit
      }
      return sign * seconds
    }

    mutating func day() -> Day? {
      let kind: Day.Kind
      if take("M") {
        guard let month = number(atMost: 12), month > 0, take("."), let week = number(atMost: 5), week > 0, take("."),
          let day = number(atMost: 6)
        else { return nil }
        kind = .weekday(month: month, week: week, day: day)
      } else if take("J") {
        guard let day = number(atMost: 365), day > 0 else { return nil }
        kind = .julian(day)
      } else {
        guard let day = number(atMost: 365) else { return nil }
        kind = .zeroBased(day)
      }
      guard take("/") else { return Day(kind: kind, time: 7_200) }
      guard let time = offset() else { return nil }
      return Day(kind: kind, time: time)
    }
  }
}
