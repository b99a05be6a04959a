import SnowmakerSDK

/// A date and time of day without a zone, in the proleptic Gregorian calendar.
struct CivilTime: Equatable {
  var year: Int
  var month: Int
  var day: Int
  var hour = 0
  var minute = 0
  var second = 0

  /// Days since 1970-01-01.
  static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    // Years that begin in March end with the leap day; 400 of them are 146,097 days.
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// The date that many days after 1970-01-01.
  static func date(_ days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * month + 2) / 5 + 1
    let civil = month < 10 ? month + 3 : month - 9
    return (yearOfEra + era * 400 + (civil <= 2 ? 1 : 0), civil, day)
  }

  /// 0 is Sunday.
  static func weekday(_ days: Int) -> Int { ((days % 7) + 11) % 7 }

  static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

  static func daysIn(_ year: Int, _ month: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Seconds since 1970-01-01 00:00 on the same clock.
  var seconds: Int { Self.days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second }

  /// The time so many seconds after 1970-01-01 00:00 on the same clock.
  init(seconds: Int) {
    let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
    let rest = seconds - days * 86_400
    (year, month, day) = Self.date(days)
    hour = rest / 3_600
    minute = rest / 60 % 60
    second = rest % 60
  }

  init(_ year: Int, _ month: Int, _ day: Int, _ hour: Int = 0, _ minute: Int = 0, _ second: Int = 0) {
    (self.year, self.month, self.day) = (year, month, day)
    (self.hour, self.minute, self.second) = (hour, minute, second)
  }
}

// MARK: - Text

extension CivilTime {
  /// `2026-03-29T03:00:00+02:00`.
  func text(offset: Int) -> String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let years = String(year)
    let padded = String(repeating: "0", count: max(0, 4 - years.utf8.count)) + years
    let size = abs(offset)
    let seconds = size % 60 == 0 ? "" : ":\(two(size % 60))"
    let zone = offset == 0 ? "Z" : "\(offset < 0 ? "-" : "+")\(two(size / 3_600)):\(two(size / 60 % 60))\(seconds)"
    return "\(padded)-\(two(month))-\(two(day))T\(two(hour)):\(two(minute)):\(two(second))\(zone)"
  }

  /// Seconds since 1970 in UTC of `2026-03-29T01:00:00Z` or with an offset, `…+02:00`; the seconds may be missing.
  /// Throws what is wrong, as the argument for `parameter`.
  static func instant(_ text: String, of parameter: String) throws(FunctionFailure) -> Int {
    let failure = FunctionFailure(
      "'\(text)' is no point in time", detail: "write 2026-03-29T01:00:00Z or 2026-03-29T03:00:00+02:00", of: parameter)
    let bytes = Array(text.utf8)
    func number(_ range: Range<Int>) throws(FunctionFailure) -> Int {
      guard range.upperBound <= bytes.count, bytes[range].allSatisfy({ (0x30...0x39).contains($0) }) else {
        throw failure
      }
      return bytes[range].reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
    func expect(_ character: Character, _ index: Int) throws(FunctionFailure) {
      guard index < bytes.count, bytes[index] == character.asciiValue else { throw failure }
    }
    try expect("-", 4)
    try expect("-", 7)
    guard bytes.count > 10, bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: " ") else { throw failure }
    try expect(":", 13)
    var time = CivilTime(
      try number(0..<4), try number(5..<7), try number(8..<10), try number(11..<13), try number(14..<16))
    var at = 16
    if at < bytes.count, bytes[at] == UInt8(ascii: ":") {
      time.second = try number(17..<19)
      at = 19
    }
    guard (1...12).contains(time.month), (1...daysIn(time.year, time.month)).contains(time.day), time.hour < 24,
      time.minute < 60, time.second < 60, at < bytes.count
    else { throw failure }
    if bytes[at] == UInt8(ascii: "Z"), bytes.count == at + 1 { return time.seconds }
    guard bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-"), bytes.count == at + 6 else { throw failure }
    try expect(":", at + 3)
    let hours = try number(at + 1..<at + 3)
    let minutes = try number(at + 4..<at + 6)
    guard hours < 24, minutes < 60 else { throw failure }
    let offset = hours * 3_600 + minutes * 60
    return time.seconds - (bytes[at] == UInt8(ascii: "-") ? -offset : offset)
  }
}
