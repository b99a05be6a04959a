/// A decimal number of up to 38 digits, without loss.
public struct DecimalNumber: Sendable, Hashable, CustomStringConvertible {
  /// The digits as a whole number.
  public let unscaled: Int128
  /// How many of them stand after the point.
  public let scale: Int

  /// Reads `-12.50`. Nil when it is no such number or has more than 38 digits.
  public init?(_ text: some StringProtocol) {
    var unscaled: Int128 = 0
    var scale = 0
    var digits = 0
    var hasPoint = false
    var isNegative = false
    var hasDigits = false
    for (index, byte) in text.utf8.enumerated() {
      switch byte {
      case UInt8(ascii: "-") where index == 0: isNegative = true
      case UInt8(ascii: "+") where index == 0: break
      case UInt8(ascii: ".") where !hasPoint: hasPoint = true
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        hasDigits = true
        // A 39th digit could pass 2^127, so it is refused before it is counted in.
        if digits == 38 || (hasPoint && scale == 38) { return nil }
        unscaled = unscaled * 10 + Int128(byte - UInt8(ascii: "0"))
        if unscaled != 0 { digits += 1 }
        if hasPoint { scale += 1 }
      default: return nil
      }
    }
    guard hasDigits else { return nil }
    self.unscaled = isNegative ? -unscaled : unscaled
    self.scale = scale
  }

  /// The number as a whole number; nil when it has a fraction or does not fit.
  public var integer: Int? {
    var power: Int128 = 1
    for _ in 0..<scale { power *= 10 }
    return unscaled % power == 0 ? Int(exactly: unscaled / power) : nil
  }

  /// As decimal text, with all digits after the point.
  public var description: String {
    let digits = String(unscaled.magnitude)
    let sign = unscaled < 0 ? "-" : ""
    if scale == 0 { return sign + digits }
    let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
    return sign + padded.dropLast(scale) + "." + padded.suffix(scale)
  }
}

/// A point in time with nanoseconds.
public struct Timestamp: Sendable, Hashable {
  /// Whole seconds since 1970-01-01 00:00:00, rounded down.
  public let seconds: Int
  /// The rest, from 0 to 999,999,999.
  public let nanoseconds: Int
  /// Minutes east of Greenwich for TIMESTAMP_TZ, 0 for TIMESTAMP_LTZ; nil for TIMESTAMP_NTZ, which is no point in time
  /// but a date and a time.
  public let offset: Int?

  /// A point in time from its parts.
  public init(seconds: Int, nanoseconds: Int, offset: Int?) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
    self.offset = offset
  }

  /// Reads the account's encoding: `1717000000.123000000`, for TIMESTAMP_TZ followed by a space and the offset plus
  /// 1440. Nil when it is not that.
  init?(encoded text: String, type: String) {
    let parts = text.split(separator: " ")
    guard parts.count <= 2, let number = parts.first.flatMap({ DecimalNumber($0) }), number.scale <= 9 else {
      return nil
    }
    var unscaled = number.unscaled
    for _ in number.scale..<9 {
      let (product, overflow) = unscaled.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      unscaled = product
    }
    let (quotient, remainder) = unscaled.quotientAndRemainder(dividingBy: 1_000_000_000)
    guard let whole = Int(exactly: remainder < 0 ? quotient - 1 : quotient), whole.magnitude < 1 << 50 else {
      return nil
    }
    seconds = whole
    nanoseconds = Int(remainder < 0 ? remainder + 1_000_000_000 : remainder)
    switch type {
    case "timestamp_ntz": offset = nil
    case "timestamp_tz":
      guard parts.count == 2, let minutes = Int(parts[1]), (0...2880).contains(minutes) else { return nil }
      offset = minutes - 1440
    default: offset = 0
    }
  }
}

/// A cell's value by its column's type.
public enum CellValue: Sendable, Hashable {
  case null
  /// `fixed`: NUMBER, INT, DECIMAL …
  case decimal(DecimalNumber)
  /// `real`: FLOAT, DOUBLE …
  case real(Double)
  case text(String)
  case boolean(Bool)
  /// Days since 1970-01-01.
  case date(days: Int)
  /// Nanoseconds since midnight.
  case time(nanoseconds: Int)
  case timestamp(Timestamp)
  case binary([UInt8])
  /// `variant`, `object`, `array`: JSON as the account sent it.
  case json(String)
}

extension ResultColumn {
  /// What a cell's text in this column stands for. Nil when the text is not what the type says; the text itself is then
  /// all there is.
  public func value(_ text: String?) -> CellValue? {
    guard let text else { return .null }
    switch type {
    case "fixed": return DecimalNumber(text).map { .decimal($0) }
    case "real":
      switch text.lowercased() {
      case "nan": return .real(.nan)
      case "inf", "infinity": return .real(.infinity)
      case "-inf", "-infinity": return .real(-.infinity)
      default: return Double(text).map { .real($0) }
      }
    case "boolean":
      switch text.lowercased() {
      case "1", "true": return .boolean(true)
      case "0", "false": return .boolean(false)
      default: return nil
      }
    case "date": return Int(text).map { .date(days: $0) }
    case "time":
      guard let number = DecimalNumber(text), number.scale <= 9, number.unscaled >= 0 else { return nil }
      var nanoseconds = number.unscaled
      for _ in number.scale..<9 { nanoseconds = nanoseconds &* 10 }
      return Int(exactly: nanoseconds).map { .time(nanoseconds: $0) }
    case "timestamp_ntz", "timestamp_ltz", "timestamp_tz":
      return Timestamp(encoded: text, type: type).map { .timestamp($0) }
    case "binary": return Self.bytes(text).map { .binary($0) }
    case "variant", "object", "array", "map": return .json(text)
    default: return .text(text)
    }
  }

  private static func bytes(_ text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count % 2 == 0 else { return nil }
    var out: [UInt8] = []
    out.reserveCapacity(digits.count / 2)
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let byte = UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) else { return nil }
      out.append(byte)
    }
    return out
  }
}

extension QueryResult {
  /// The cell's value by its column's type; nil when its text is not what the type says. Both indices must be in range.
  public func value(_ row: Int, _ column: Int) -> CellValue? { columns[column].value(self[row, column]) }
}
