/// How a date or time is written: `YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM`.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/date-time-input-output> (elements of formats).
struct MomentFormat: Sendable {
  enum Element: Sendable, Equatable {
    case year, shortYear, monthName, monthShort, month, day, weekday, hour, halfHour, half, minute, second
    /// Digits of a second.
    case fraction(Int)
    /// `+01:00`, `+0100`, `+01`, `00`
    case zoneColon, zone, zoneHours, zoneMinutes
    case text(String)
  }
  let elements: [Element]

  private static let words: [(String, Element)] = [
    ("YYYY", .year), ("UUUU", .year), ("YY", .shortYear), ("MMMM", .monthName), ("MON", .monthShort), ("MM", .month),
    ("DD", .day), ("DY", .weekday), ("HH24", .hour), ("HH12", .halfHour), ("AM", .half), ("PM", .half),
    ("MI", .minute), ("SS", .second), ("TZH:TZM", .zoneColon), ("TZHTZM", .zone), ("TZH", .zoneHours),
    ("TZM", .zoneMinutes),
  ]

  init(_ format: String) {
    var elements: [Element] = []
    func add(_ text: String) {
      if case .text(let before)? = elements.last {
        elements[elements.count - 1] = .text(before + text)
      } else {
        elements.append(.text(text))
      }
    }
    var rest = format[...]
    while let first = rest.first {
      if first == "\"" {
        let inner = rest.dropFirst().prefix { $0 != "\"" }
        add(String(inner))
        rest = rest.dropFirst(inner.count + 2)
        continue
      }
      let upper = rest.prefix(7).uppercased()
      if let (word, element) = Self.words.first(where: { upper.hasPrefix($0.0) }) {
        elements.append(element)
        rest = rest.dropFirst(word.count)
      } else if upper.hasPrefix("FF") {
        let digit = rest.dropFirst(2).first.flatMap { $0.isASCII ? $0.wholeNumberValue : nil }
        elements.append(.fraction(digit ?? 9))
        rest = rest.dropFirst(digit == nil ? 2 : 3)
      } else {
        add(String(first))
        rest = rest.dropFirst()
      }
    }
    self.elements = elements
  }

  // MARK: Writing

  /// What a clock shows, and how many seconds it is ahead of UTC.
  func write(_ local: Moment, offset: Int = 0) -> String {
    let date = local.date
    let second = local.secondOfDay
    let hour = second / 3600
    let minutes = abs(offset) / 60
    let sign = offset < 0 ? "-" : "+"
    var result = ""
    for element in elements {
      switch element {
      case .year: result += date.year.padded(4)
      case .shortYear: result += (abs(date.year) % 100).padded(2)
      case .monthName: result += Self.months[date.month - 1]
      case .monthShort: result += Self.months[date.month - 1].prefix(3)
      case .month: result += date.month.padded(2)
      case .day: result += date.day.padded(2)
      case .weekday: result += Self.weekdays[local.weekday]
      case .hour: result += hour.padded(2)
      case .halfHour: result += (hour % 12 == 0 ? 12 : hour % 12).padded(2)
      case .half: result += hour < 12 ? "AM" : "PM"
      case .minute: result += (second / 60 % 60).padded(2)
      case .second: result += (second % 60).padded(2)
      case .fraction(let digits): result += local.nanoseconds.padded(9).prefix(digits)
      case .zoneColon: result += "\(sign)\((minutes / 60).padded(2)):\((minutes % 60).padded(2))"
      case .zone: result += "\(sign)\((minutes / 60).padded(2))\((minutes % 60).padded(2))"
      case .zoneHours: result += "\(sign)\((minutes / 60).padded(2))"
      case .zoneMinutes: result += (minutes % 60).padded(2)
      case .text(let text): result += text
      }
    }
    return result
  }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]
  private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

  // MARK: Reading

  /// What a text says: a date and time on a clock, and how many seconds the clock is ahead of UTC when it says so.
  struct Read {
    var local: Moment
    var offset: Int?
  }

  /// Reads a text; nil when it is not written so. What it leaves out is 1970-01-01 00:00:00.
  func read(_ text: some StringProtocol) -> Read? {
    var rest = Array(text.utf8)[...]
    var (year, month, day, hour, minute, second, nanoseconds) = (1970, 1, 1, 0, 0, 0, 0)
    var isAfternoon: Bool?
    var zone: (sign: Int, hours: Int, minutes: Int)?
    func digits(_ count: ClosedRange<Int>) -> Int? {
      let found = rest.prefix(while: Ascii.isDigit).prefix(count.upperBound)
      guard found.count >= count.lowerBound else { return nil }
      rest = rest.dropFirst(found.count)
      return found.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
    func word(_ words: [String]) -> Int? {
      let upper = String(decoding: rest.prefix(9), as: UTF8.self).uppercased()
      guard let index = words.firstIndex(where: { upper.hasPrefix($0.uppercased()) }) else { return nil }
      rest = rest.dropFirst(words[index].utf8.count)
      return index
    }
    for element in elements {
      switch element {
      case .year:
        guard let value = digits(4...5) else { return nil }
        year = value
      case .shortYear:
        guard let value = digits(2...2) else { return nil }
        // TWO_DIGIT_CENTURY_START is 1970.
        year = value < 70 ? 2000 + value : 1900 + value
      case .month:
        guard let value = digits(1...2) else { return nil }
        month = value
      case .monthName:
        guard let index = word(Self.months) else { return nil }
        month = index + 1
      case .monthShort:
        guard let index = word(Self.months.map { String($0.prefix(3)) }) else { return nil }
        month = index + 1
      case .day:
        guard let value = digits(1...2) else { return nil }
        day = value
      case .weekday: guard word(Self.weekdays) != nil else { return nil }
      case .hour:
        guard let value = digits(1...2) else { return nil }
        hour = value
      case .halfHour:
        guard let value = digits(1...2), (1...12).contains(value) else { return nil }
        hour = value % 12
        isAfternoon = isAfternoon ?? false
      case .half:
        guard let index = word(["AM", "PM"]) else { return nil }
        isAfternoon = index == 1
      case .minute:
        guard let value = digits(1...2) else { return nil }
        minute = value
      case .second:
        guard let value = digits(1...2) else { return nil }
        second = value
      case .fraction:
        let count = rest.prefix(while: Ascii.isDigit).count
        guard count <= 9, let value = digits(0...9) else { return nil }
        nanoseconds = value
        for _ in count..<9 { nanoseconds *= 10 }
      case .zone, .zoneColon, .zoneHours:
        if element != .zoneHours, rest.first == UInt8(ascii: "Z") {
          rest = rest.dropFirst()
          zone = (1, 0, 0)
          continue
        }
        guard let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
        rest = rest.dropFirst()
        guard let hours = digits(element == .zone ? 2...2 : 1...2), hours <= 14 else { return nil }
        zone = (sign == UInt8(ascii: "-") ? -1 : 1, hours, 0)
        guard element != .zoneHours else { continue }
        if element == .zoneColon {
          guard rest.first == UInt8(ascii: ":") else { return nil }
          rest = rest.dropFirst()
        }
        guard let minutes = digits(2...2), minutes < 60 else { return nil }
        zone?.minutes = minutes
      case .zoneMinutes:
        guard let minutes = digits(2...2), minutes < 60 else { return nil }
        zone?.minutes = minutes
      case .text(let text):
        guard rest.starts(with: text.utf8) else { return nil }
        rest = rest.dropFirst(text.utf8.count)
      }
    }
    if let isAfternoon, hour < 12 { hour += isAfternoon ? 12 : 0 }
    guard rest.isEmpty,
      let local = Moment(
        year: year, month: month, day: day, hour: hour, minute: minute, second: second, nanoseconds: nanoseconds)
    else { return nil }
    return Read(local: local, offset: zone.map { $0.sign * ($0.hours * 3600 + $0.minutes * 60) })
  }
}

/// What a text is read as when no format is given (AUTO).
///
/// Source: <https://docs.snowflake.com/en/sql-reference/date-time-input-output> (supported formats for AUTO detection).
enum AutomaticFormats {
  private static let dates = ["YYYY-MM-DD", "DD-MON-YYYY", "MM/DD/YYYY"].map(MomentFormat.init)
  private static let times = ["HH24:MI:SS.FF", "HH24:MI:SS", "HH24:MI"]
  private static let clocks = times.map(MomentFormat.init)
  private static let moments: [MomentFormat] = {
    var formats: [String] = []
    for time in times + ["HH24"] {
      for separator in ["T", " "] {
        for zone in ["", "TZH:TZM", " TZH:TZM", "TZHTZM", " TZHTZM", "TZH", " TZH"] {
          formats.append("YYYY-MM-DD\(separator)\(time)\(zone)")
        }
      }
    }
    formats += ["DY, DD MON YYYY HH24:MI:SS TZHTZM", "DY, DD MON YYYY HH24:MI:SS", "DY MON DD HH24:MI:SS TZHTZM YYYY"]
    formats += ["DY, DD MON YYYY HH12:MI:SS AM TZHTZM", "DY, DD MON YYYY HH12:MI:SS AM", "MM/DD/YYYY HH24:MI:SS"]
    return formats.map(MomentFormat.init)
  }()

  /// A date, or a date and time; nil for anything else. A whole number counts seconds, milliseconds, microseconds or
  /// nanoseconds since 1970, by its size.
  static func moment(_ text: String) -> MomentFormat.Read? {
    let text = text.trimmingBlanks
    if text.utf8.contains(where: { !Ascii.isDigit($0) && $0 != UInt8(ascii: "-") }) || text.dropFirst().contains("-") {
      for format in dates + moments { if let read = format.read(text) { return read } }
      return nil
    }
    guard let number = Int128(text), number.magnitude < 31_536_000_000_000_000_000 else { return nil }
    let unit: Int128 =
      switch number.magnitude {
      case ..<31_536_000_000: 1_000_000_000
      case ..<31_536_000_000_000: 1_000_000
      case ..<31_536_000_000_000_000: 1000
      default: 1
      }
    return Moment(nanosecondsSince1970: number * unit).map { MomentFormat.Read(local: $0, offset: 0) }
  }

  /// A time of day; of a text with a date too, its time.
  static func time(_ text: String) -> Moment? {
    let text = text.trimmingBlanks
    for format in clocks { if let read = format.read(text) { return read.local } }
    return moment(String(text)).map { Moment(seconds: $0.local.secondOfDay, nanoseconds: $0.local.nanoseconds) }
  }
}

extension String {
  /// Without blanks at its ends.
  fileprivate var trimmingBlanks: Substring {
    var result = drop(while: \.isWhitespace)
    while result.last?.isWhitespace == true { result.removeLast() }
    return result
  }
}
