/// The rule that a time zone follows from now on, as POSIX writes it: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct YearlyRule: Sendable {
  /// A day of every year and a time on it.
  private struct Day: Sendable {
    enum Kind: Sendable {
      /// The n-th (5: the last) such weekday (0: Sunday) of a month.
      case weekday(month: Int, week: Int, day: Int)
      /// The n-th day of the year from 1; 29 February is not counted.
      case julian(Int)
      /// The n-th day of the year from 0.
      case ordinal(Int)
    }
    var kind: Kind
    /// Seconds after midnight.
    var time = 7200

    /// In seconds since 1970 on the clock.
    func moment(in year: Int) -> Int {
      let first = Moment.days(year: year, month: 1, day: 1)
      let day: Int
      switch kind {
      case .weekday(let month, let week, let weekday):
        let start = Moment.days(year: year, month: month, day: 1)
        // Moment counts from Monday.
        let ahead = (weekday + 6 - Moment(seconds: start * 86_400).weekday + 7) % 7
        var number = ahead + (week - 1) * 7
        if number >= Moment.length(month, of: year) { number -= 7 }
        day = start + number
      case .julian(let number):
        let isLeap = Moment.length(2, of: year) == 29
        day = first + number - (isLeap && number >= 60 ? 0 : 1)
      case .ordinal(let number): day = first + number
      }
      return day * 86_400 + time
    }
  }

  private var standard = 0
  private var summer: (offset: Int, start: Day, end: Day)?

  /// Reads a rule; nil when it is none.
  init?(_ text: String) {
    var rest = text[...]
    guard Self.skipName(&rest), let offset = Self.time(&rest) else { return nil }
    standard = -offset
    guard !rest.isEmpty else { return }
    guard Self.skipName(&rest) else { return nil }
    var ahead = standard + 3600
    if rest.first != "," {
      guard let offset = Self.time(&rest) else { return nil }
      ahead = -offset
    }
    guard let start = Self.day(&rest), let end = Self.day(&rest), rest.isEmpty else { return nil }
    summer = (ahead, start, end)
  }

  /// Seconds that clocks are ahead of UTC at a moment.
  func offset(at seconds: Int) -> Int {
    guard let summer else { return standard }
    let year = Moment(seconds: seconds + standard).date.year
    let start = summer.start.moment(in: year) - standard
    let end = summer.end.moment(in: year) - summer.offset
    let isSummer = start < end ? (start..<end).contains(seconds) : !(end..<start).contains(seconds)
    return isSummer ? summer.offset : standard
  }

  /// `CET` or `<+03>`.
  private static func skipName(_ rest: inout Substring) -> Bool {
    if rest.first == "<" {
      guard let end = rest.firstIndex(of: ">") else { return false }
      rest = rest[rest.index(after: end)...]
      return true
    }
    let name = rest.prefix(while: \.isLetter)
    rest = rest.dropFirst(name.count)
    return name.count >= 3
  }

  private static func number(_ rest: inout Substring) -> Int? {
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    rest = rest.dropFirst(digits.count)
    return digits.count <= 4 ? Int(digits) : nil
  }

  /// `-1`, `2:30`: seconds.
  private static func time(_ rest: inout Substring) -> Int? {
    var sign = 1
    if rest.first == "-" || rest.first == "+" { sign = rest.removeFirst() == "-" ? -1 : 1 }
    guard let hours = number(&rest) else { return nil }
    var seconds = hours * 3600
    for unit in [60, 1] where rest.first == ":" {
      rest.removeFirst()
      guard let part = number(&rest) else { return nil }
      seconds += part * unit
    }
    return sign * seconds
  }

  /// `,M3.5.0/3`
  private static func day(_ rest: inout Substring) -> Day? {
    guard rest.first == "," else { return nil }
    rest.removeFirst()
    var day: Day
    switch rest.first {
    case "M":
      var parts: [Int] = []
      for _ in 0..<3 {
        rest.removeFirst()
        guard let part = number(&rest) else { return nil }
        parts.append(part)
        if parts.count < 3, rest.first != "." { return nil }
      }
      guard (1...12).contains(parts[0]), (1...5).contains(parts[1]), (0...6).contains(parts[2]) else { return nil }
      day = Day(kind: .weekday(month: parts[0], week: parts[1], day: parts[2]))
    case "J":
      rest.removeFirst()
      guard let number = number(&rest), (1...365).contains(number) else { return nil }
      day = Day(kind: .julian(number))
    default:
      guard let number = number(&rest), (0...365).contains(number) else { return nil }
      day = Day(kind: .ordinal(number))
    }
    if rest.first == "/" {
      rest.removeFirst()
      guard let time = time(&rest) else { return nil }
      day.time = time
    }
    return day
  }
}
