/// Why a text is no value for a `?`.
public struct InvalidBinding: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong with it, for people.
  public let description: String
}

extension Binding {
  /// Reads `TYPE:VALUE`, or a value alone, which is a text; `null:` is NULL. A text that begins like a type is written
  /// `text:…`.
  ///
  /// Dates and times are written as people write them: `date:2026-11-21`, `time:09:30:15.5`,
  /// `timestamp_ntz:2026-11-21 09:30`, `timestamp_tz:2026-11-21T09:30:00+01:00`; a TIMESTAMP_LTZ without an offset is UTC,
  /// which this client sets as the session's time zone. The account's own encoding (a number) is taken as it is. Throws
  /// when the value is not of its type.
  public init(parsing written: String) throws(InvalidBinding) {
    guard let colon = written.firstIndex(of: ":"), let kind = Self.kinds[written[..<colon].lowercased()] else {
      self = .text(written)
      return
    }
    let value = String(written[written.index(after: colon)...])
    guard let encoded = Self.encode(value, kind) else {
      throw InvalidBinding(
        description: "'\(value)' is no \(Self.words(kind)); a text that begins like a type is written text:\(written)")
    }
    self.init(kind, kind == .any ? nil : encoded)
  }

  private static let kinds: [String: Kind] = {
    var kinds: [String: Kind] = [
      "null": .any, "int": .fixed, "integer": .fixed, "number": .fixed, "decimal": .fixed, "float": .real,
      "double": .real,
      "bool": .boolean, "string": .text, "varchar": .text, "timestamp": .timestampNTZ, "datetime": .timestampNTZ,
    ]
    for kind in Kind.allCases where kind != .any { kinds[kind.rawValue.lowercased()] = kind }
    return kinds
  }()

  private static func words(_ kind: Kind) -> String {
    switch kind {
    case .text, .any: "text"
    case .fixed: "number of up to 38 digits"
    case .real: "number"
    case .boolean: "truth value (true or false)"
    case .date: "date (2026-11-21)"
    case .time: "time (09:30:15.5)"
    case .timestampNTZ: "date and time without an offset (2026-11-21 09:30:15.5)"
    case .timestampLTZ: "date and time (2026-11-21 09:30:15.5 +0100)"
    case .timestampTZ: "date and time with an offset (2026-11-21 09:30:15.5 +0100)"
    case .binary: "row of hexadecimal digits, two for each byte"
    }
  }

  /// The value in the account's encoding; nil when it is not of that kind.
  private static func encode(_ value: String, _ kind: Kind) -> String? {
    switch kind {
    case .text, .any: return value
    case .fixed: return DecimalNumber(value) == nil ? nil : value
    case .real: return Double(value) == nil ? nil : value
    case .boolean:
      let word = value.lowercased()
      return ["true", "false"].contains(word) ? word : nil
    case .binary:
      return value.utf8.count % 2 == 0 && value.utf8.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
        ? value : nil
    case .date:
      if Int(value) != nil { return value }
      return Calendar.days(value[...]).map { String($0 * 86_400_000) }
    case .time:
      if Int(value) != nil { return value }
      return Calendar.nanoseconds(value[...]).map { String($0) }
    case .timestampNTZ, .timestampLTZ, .timestampTZ:
      // The encoding of TIMESTAMP_TZ is two numbers.
      if value.split(separator: " ").allSatisfy({ Int128($0) != nil }), !value.isEmpty { return value }
      guard let (instant, offset) = Calendar.instant(value) else { return nil }
      switch kind {
      case .timestampNTZ: return offset == nil ? String(instant) : nil
      case .timestampTZ: return offset.map { "\(instant) \($0 + 1440)" }
      default: return String(instant)
      }
    }
  }
}

extension Calendar {
  /// The days since 1970-01-01 of `2026-11-21`; nil when there is no such day.
  static func days(_ text: Substring) -> Int? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].utf8.count == 4, let year = number(parts[0]), let month = number(parts[1]),
      let day = number(parts[2]), (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    // As in `date`: years that begin on 1 March.
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted >= 0 ? shifted / 400 : (shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    // 31 February would be a day of March.
    return date(days) == text ? days : nil
  }

  /// The nanoseconds since midnight of `09:30`, `09:30:15` or `09:30:15.123456789`; nil when it is no time.
  static func nanoseconds(_ text: Substring) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3, let hour = number(parts[0]), let minute = number(parts[1]), hour < 24,
      minute < 60
    else { return nil }
    var nanoseconds = (hour * 3600 + minute * 60) * 1_000_000_000
    guard parts.count == 3 else { return nanoseconds }
    let second = parts[2].split(separator: ".", omittingEmptySubsequences: false)
    guard let whole = number(second[0]), whole < 60, second.count <= 2 else { return nil }
    nanoseconds += whole * 1_000_000_000
    guard second.count == 2 else { return nanoseconds }
    let digits = second[1]
    guard (1...9).contains(digits.utf8.count), let fraction = number(digits) else { return nil }
    var scaled = fraction
    for _ in digits.utf8.count..<9 { scaled *= 10 }
    return nanoseconds + scaled
  }

  /// A date and a time, and perhaps an offset (`Z`, `+0100`, `+01:00`): nanoseconds since 1970 in UTC, and the offset in
  /// minutes, nil when there is none. Nil when it is no such text.
  static func instant(_ text: String) -> (nanoseconds: Int128, offset: Int?)? {
    guard text.utf8.count > 11, let days = days(text.prefix(10)) else { return nil }
    var rest = text.dropFirst(10)
    guard rest.first == " " || rest.first == "T" else { return nil }
    rest = rest.dropFirst()
    var offset: Int?
    if rest.hasSuffix("Z") {
      offset = 0
      rest = rest.dropLast()
    } else if let sign = rest.lastIndex(where: { $0 == "+" || $0 == "-" }) {
      let digits = rest[rest.index(after: sign)...].filter { $0 != ":" }
      guard digits.utf8.count == 4, let number = number(digits[...]), number % 100 < 60, number <= 1400 else {
        return nil
      }
      offset = (rest[sign] == "-" ? -1 : 1) * (number / 100 * 60 + number % 100)
      rest = rest[..<sign]
    }
    guard let time = nanoseconds(trimmingSpace(rest)) else { return nil }
    let local = Int128(days) * 86_400_000_000_000 + Int128(time)
    return (local - Int128(offset ?? 0) * 60_000_000_000, offset)
  }

  /// A number of digits alone.
  private static func number(_ text: Substring) -> Int? {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
  }
}
