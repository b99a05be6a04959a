/// A date with a time of day, to the nanosecond: in UTC, on a clock somewhere, or on no clock in particular; who has it
/// knows which.
struct Moment: Equatable, Comparable {
  /// Seconds since 1970-01-01 00:00:00, rounded down.
  var seconds: Int
  /// The rest, from 0 to 999,999,999.
  var nanoseconds = 0

  static func < (left: Moment, right: Moment) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }

  /// Days since 1970, rounded down.
  var day: Int { seconds.dividedDown(by: 86_400) }
  /// Seconds since midnight.
  var secondOfDay: Int { seconds - day * 86_400 }

  /// The same moment on a clock that shows so many seconds more.
  func advanced(by more: Int) -> Moment { Moment(seconds: seconds + more, nanoseconds: nanoseconds) }

  /// With so many digits of a second; what is beyond them is cut.
  func cut(to digits: Int) -> Moment {
    var unit = 1
    for _ in max(0, min(9, digits))..<9 { unit *= 10 }
    return Moment(seconds: seconds, nanoseconds: nanoseconds - nanoseconds % unit)
  }

  /// Moments outside the years that the calendar here is sure of are none.
  static let years = -9999...99_999

  // MARK: The wire

  /// Reads a number of seconds since 1970, with a fraction and perhaps an offset after it, which is left to others.
  init?(wire text: String) {
    let number = text.utf8.prefix { $0 != UInt8(ascii: " ") }
    let isNegative = number.first == UInt8(ascii: "-")
    var (whole, fraction, digits) = (0, 0, -1)
    guard number.count > (isNegative ? 1 : 0) else { return nil }
    for byte in number.dropFirst(isNegative ? 1 : 0) {
      if byte == UInt8(ascii: "."), digits < 0 {
        digits = 0
        continue
      }
      guard Ascii.isDigit(byte) else { return nil }
      if digits < 0 {
        guard whole < 1_000_000_000_000_000 else { return nil }
        whole = whole * 10 + Int(byte - UInt8(ascii: "0"))
      } else if digits < 9 {
        fraction = fraction * 10 + Int(byte - UInt8(ascii: "0"))
        digits += 1
      }
    }
    for _ in max(0, digits)..<9 { fraction *= 10 }
    if isNegative {
      self.init(seconds: fraction == 0 ? -whole : -whole - 1, nanoseconds: fraction == 0 ? 0 : 1_000_000_000 - fraction)
    } else {
      self.init(seconds: whole, nanoseconds: fraction)
    }
  }

  init(seconds: Int, nanoseconds: Int = 0) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  /// So many nanoseconds since 1970.
  init?(nanosecondsSince1970 count: Int128) {
    let (quotient, rest) = count.quotientAndRemainder(dividingBy: 1_000_000_000)
    guard let whole = Int(exactly: quotient), whole.magnitude < 1 << 50 else { return nil }
    self.init(seconds: rest < 0 ? whole - 1 : whole, nanoseconds: Int(rest < 0 ? rest + 1_000_000_000 : rest))
  }

  /// So many milliseconds since 1970.
  init(milliseconds: Int64) {
    let seconds = Int(milliseconds).dividedDown(by: 1000)
    self.init(seconds: seconds, nanoseconds: (Int(milliseconds) - seconds * 1000) * 1_000_000)
  }

  /// Seconds since 1970 as a decimal number with so many digits: half a second before 1970 is `-0.5`.
  func wire(_ digits: Int = 9) -> String {
    let part = cut(to: digits)
    let isNegative = part.seconds < 0
    let whole = isNegative && part.nanoseconds > 0 ? -(part.seconds + 1) : abs(part.seconds)
    let fraction = isNegative && part.nanoseconds > 0 ? 1_000_000_000 - part.nanoseconds : part.nanoseconds
    let sign = isNegative ? "-" : ""
    guard digits > 0 else { return sign + String(whole) }
    return sign + String(whole) + "." + fraction.padded(9).prefix(min(9, digits))
  }

  // MARK: The calendar

  /// A date and a time of day; nil when there is none such.
  init?(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0, nanoseconds: Int = 0) {
    guard Self.years.contains(year), (1...12).contains(month), (1...Self.length(month, of: year)).contains(day),
      (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second)
    else { return nil }
    self.init(
      seconds: Self.days(year: year, month: month, day: day) * 86_400 + hour * 3600 + minute * 60 + second,
      nanoseconds: nanoseconds)
  }

  /// The year, month and day.
  var date: (year: Int, month: Int, day: Int) { Self.date(day) }

  /// How many days a month has.
  static func length(_ month: Int, of year: Int) -> Int {
    days(year: month == 12 ? year + 1 : year, month: month == 12 ? 1 : month + 1, day: 1)
      - days(year: year, month: month, day: 1)
  }

  /// Days since 1970 of a date of the Gregorian calendar.
  static func days(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted.dividedDown(by: 400)
    let ofEra = shifted - era * 400
    let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
  }

  /// The date of a day since 1970.
  static func date(_ day: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = day + 719_468
    let era = shifted.dividedDown(by: 146_097)
    let ofEra = shifted - era * 146_097
    let year = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
    let ofYear = ofEra - (365 * year + year / 4 - year / 100)
    let month = (5 * ofYear + 2) / 153
    let civil = month < 10 ? month + 3 : month - 9
    return (year + era * 400 + (civil <= 2 ? 1 : 0), civil, ofYear - (153 * month + 2) / 5 + 1)
  }

  /// 0 for Monday to 6 for Sunday.
  var weekday: Int { day + 3 - (day + 3).dividedDown(by: 7) * 7 }
}

extension Int {
  /// Divided by a positive number, rounded down.
  func dividedDown(by divisor: Int) -> Int { self / divisor - (self % divisor < 0 ? 1 : 0) }

  /// In decimal with at least so many digits.
  func padded(_ width: Int) -> String {
    let text = String(magnitude)
    return (self < 0 ? "-" : "") + String(repeating: "0", count: Swift.max(0, width - text.count)) + text
  }
}
