import Glibc
import SnowmakerModel

/// Dates and times as the wire writes them: days since 1970, or seconds since 1970 with a fraction. All in UTC.
enum Moments {
  /// Seconds since 1970 of a timestamp, a date or a text like `2026-11-21 13:00:00`; nil for anything else.
  static func seconds(_ value: Evaluated) -> Double? {
    guard let text = value.text else { return nil }
    switch value.type {
    case .timestamp_ltz, .timestamp_ntz, .timestamp_tz: return Double(text.split(separator: " ").first ?? "")
    case .date: return Double(text).map { $0 * 86_400 }
    default: return parse(text)
    }
  }

  /// `2026-11-21`, with `T` or a blank and a time after it, and a zone.
  static func parse(_ text: String) -> Double? {
    let halves = text.split(maxSplits: 1, whereSeparator: { $0 == " " || $0 == "T" })
    let day = halves.first?.split(separator: "-").compactMap { Int($0) } ?? []
    guard day.count == 3, (1...12).contains(day[1]), (1...31).contains(day[2]) else { return nil }
    var seconds = Double(days(year: day[0], month: day[1], day: day[2])) * 86_400
    guard halves.count == 2 else { return seconds }
    var time = halves[1]
    if time.hasSuffix("Z") { time = time.dropLast() }
    if let zone = time.lastIndex(where: { $0 == "+" || $0 == "-" }) {
      let digits = time[time.index(after: zone)...].filter(\.isNumber)
      guard digits.count == 4, let number = Int(digits) else { return nil }
      let offset = Double(number / 100 * 3600 + number % 100 * 60)
      seconds -= time[zone] == "+" ? offset : -offset
      time = time[..<zone]
      while time.last == " " { time = time.dropLast() }
    }
    let parts = time.split(separator: ":")
    guard (2...3).contains(parts.count), let hour = Int(parts[0]), let minute = Int(parts[1]) else { return nil }
    guard parts.count == 2 || Double(parts[2]) != nil else { return nil }
    return seconds + Double(hour * 3600 + minute * 60) + (parts.count == 3 ? Double(parts[2]) ?? 0 : 0)
  }

  /// Days since 1970 of a date of the Gregorian calendar.
  static func days(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let ofEra = shifted - era * 400
    let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
  }

  /// The date of a day since 1970.
  static func date(_ day: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let ofEra = shifted - era * 146_097
    let year = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
    let ofYear = ofEra - (365 * year + year / 4 - year / 100)
    let month = (5 * ofYear + 2) / 153
    let civil = month < 10 ? month + 3 : month - 9
    return (year + era * 400 + (civil <= 2 ? 1 : 0), civil, ofYear - (153 * month + 2) / 5 + 1)
  }

  private static let units: [String: Double] = [
    "SECOND": 1, "SECONDS": 1, "S": 1, "SEC": 1, "MINUTE": 60, "MINUTES": 60, "MI": 60, "MIN": 60, "HOUR": 3600,
    "HOURS": 3600, "H": 3600, "HH": 3600, "DAY": 86_400, "DAYS": 86_400, "D": 86_400, "DD": 86_400, "WEEK": 604_800,
    "WEEKS": 604_800, "W": 604_800,
  ]
  private static let months: [String: Int] = [
    "MONTH": 1, "MONTHS": 1, "MM": 1, "MON": 1, "QUARTER": 3, "QUARTERS": 3, "Q": 3, "YEAR": 12, "YEARS": 12, "Y": 12,
    "YY": 12, "YYYY": 12,
  ]

  /// DATEADD in seconds; nil for an unknown unit.
  static func add(_ unit: String, _ count: Int, to seconds: Double) -> Double? {
    if let length = units[unit] { return seconds + length * Double(count) }
    guard let length = months[unit] else { return nil }
    let day = Int((seconds / 86_400).rounded(.down))
    let rest = seconds - Double(day) * 86_400
    let date = date(day)
    let month = date.year * 12 + date.month - 1 + count * length
    let (year, number) = (Int((Double(month) / 12).rounded(.down)), ((month % 12) + 12) % 12 + 1)
    let last = days(year: number == 12 ? year + 1 : year, month: number == 12 ? 1 : number + 1, day: 1) - 1
    return Double(min(days(year: year, month: number, day: date.day), last)) * 86_400 + rest
  }

  /// DATEDIFF: how many boundaries of the unit lie between; nil for an unknown unit.
  static func difference(_ unit: String, _ from: Double, _ to: Double) -> Int? {
    func floor(_ value: Double) -> Int { Int(value.rounded(.down)) }
    if let length = units[unit] {
      // Weeks begin on Monday; the first of January 1970 was a Thursday.
      let shift = length == 604_800 ? 259_200.0 : 0
      return floor((to + shift) / length) - floor((from + shift) / length)
    }
    guard let length = months[unit] else { return nil }
    func month(_ seconds: Double) -> Int {
      let date = date(floor(seconds / 86_400))
      return (date.year * 12 + date.month - 1) / length
    }
    return month(to) - month(from)
  }

  /// A timestamp as the wire writes it.
  static func timestamp(_ seconds: Double) -> Evaluated {
    Evaluated(text: StatementRun.timestamp(Int64((seconds * 1000).rounded())), type: .timestamp_ltz)
  }

  /// A moment by a format such as `YYYY-MM-DD HH24:MI:SS.FF3`. Refuses by name what it does not know.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/date-time-input-output> (elements of formats).
  static func formatted(_ seconds: Double, _ format: String) throws(StatementFailure) -> String {
    let plain = text(seconds)
    let day = Int((seconds / 86_400).rounded(.down))
    func digits(_ from: Int, _ count: Int) -> String { String(plain.dropFirst(from).prefix(count)) }
    let hour = Int(digits(11, 2)) ?? 0
    let half = hour % 12 == 0 ? 12 : hour % 12
    let elements: [(String, String)] = [
      ("YYYY", digits(0, 4)), ("YY", digits(2, 2)), ("MMMM", names[date(day).month - 1]),
      ("MON", String(names[date(day).month - 1].prefix(3))), ("MM", digits(5, 2)), ("DD", digits(8, 2)),
      ("DY", weekdays[((day + 3) % 7 + 7) % 7]), ("HH24", digits(11, 2)), ("HH12", half < 10 ? "0\(half)" : "\(half)"),
      ("MI", digits(14, 2)), ("SS", digits(17, 2)), ("AM", hour < 12 ? "AM" : "PM"), ("PM", hour < 12 ? "AM" : "PM"),
      ("TZHTZM", "+0000"), ("TZH:TZM", "+00:00"), ("TZH", "+00"), ("TZM", "00"),
      ("FF3", digits(20, 3)), ("FF0", ""), ("FF6", digits(20, 3) + "000"), ("FF9", digits(20, 3) + "000000"),
      ("FF", digits(20, 3) + "000000"),
    ]
    var result = ""
    var rest = format[...]
    while let first = rest.first {
      if first == "\"" {
        let inner = rest.dropFirst().prefix { $0 != "\"" }
        result += inner
        rest = rest.dropFirst(inner.count + 2)
        continue
      }
      let upper = rest.prefix(7).uppercased()
      if let (element, value) = elements.first(where: { upper.hasPrefix($0.0) }) {
        result += value
        rest = rest.dropFirst(element.count)
      } else if upper.hasPrefix("UUUU") || upper.hasPrefix("FF") {
        throw .unsupported("the date format '\(format)'")
      } else {
        result.append(first)
        rest = rest.dropFirst()
      }
    }
    return result
  }

  private static let names = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]
  private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

  /// `2026-11-21 13:00:00.000`
  static func text(_ seconds: Double) -> String {
    let day = Int((seconds / 86_400).rounded(.down))
    let rest = Int(((seconds - Double(day) * 86_400) * 1000).rounded(.down))
    let date = date(day)
    func two(_ number: Int, _ width: Int = 2) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    return "\(two(date.year, 4))-\(two(date.month))-\(two(date.day)) \(two(rest / 3_600_000)):"
      + "\(two(rest / 60_000 % 60)):\(two(rest / 1000 % 60)).\(two(rest % 1000, 3))"
  }
}
