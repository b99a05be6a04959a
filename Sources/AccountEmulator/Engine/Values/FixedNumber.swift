/// A decimal number of at most 38 digits, exactly.
struct FixedNumber: Equatable {
  /// The digits as a whole number.
  var unscaled: Int128
  /// How many of them stand after the point.
  var scale: Int

  /// The least number of more than 38 digits.
  private static let limit = power(38)

  static func power(_ exponent: Int) -> Int128 {
    var result: Int128 = 1
    for _ in 0..<max(0, min(38, exponent)) { result *= 10 }
    return result
  }

  init(_ whole: Int) { self.init(unscaled: Int128(whole), scale: 0) }

  init(unscaled: Int128, scale: Int) {
    self.unscaled = unscaled
    self.scale = scale
  }

  /// Reads `-12.50` or `1.5e3`, with blanks around it; nil for what is no number or has too many digits.
  init?(_ text: some StringProtocol) {
    var digits: [UInt8] = []
    var (scale, exponent) = (0, 0)
    var (hasPoint, isNegative, hasDigits) = (false, false, false)
    var rest = Array(text.utf8).drop { $0 == UInt8(ascii: " ") }
    while rest.last == UInt8(ascii: " ") { rest.removeLast() }
    if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      isNegative = sign == UInt8(ascii: "-")
      rest.removeFirst()
    }
    while let byte = rest.first {
      if Ascii.isDigit(byte) {
        hasDigits = true
        if !digits.isEmpty || byte != UInt8(ascii: "0") { digits.append(byte - UInt8(ascii: "0")) }
        if hasPoint { scale += 1 }
      } else if byte == UInt8(ascii: "."), !hasPoint {
        hasPoint = true
      } else if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E"), hasDigits {
        rest.removeFirst()
        if rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        guard let written = String(decoding: rest, as: UTF8.self).exponent else { return nil }
        exponent = written
        break
      } else {
        return nil
      }
      rest.removeFirst()
    }
    guard hasDigits else { return nil }
    scale -= exponent
    if scale < 0 {
      if !digits.isEmpty { digits += Array(repeating: 0, count: -scale) }
      scale = 0
    }
    // Zeros at the end beyond what a scale can be are no digits.
    while scale > 37, digits.last == 0 || digits.isEmpty {
      if !digits.isEmpty { digits.removeLast() }
      scale -= 1
    }
    guard digits.count <= 38, scale <= 37 else { return nil }
    var unscaled: Int128 = 0
    for digit in digits { unscaled = unscaled * 10 + Int128(digit) }
    self.init(unscaled: isNegative ? -unscaled : unscaled, scale: scale)
  }

  /// The number nearest to a floating-point number; nil when it is too large or none.
  init?(_ value: Double) { self.init(String(value)) }

  /// With so many digits after the point, half away from zero; nil when it has too many digits then.
  func rounded(to scale: Int) -> FixedNumber? {
    if scale >= self.scale {
      guard scale - self.scale <= 38 else { return unscaled == 0 ? FixedNumber(unscaled: 0, scale: scale) : nil }
      let (product, overflow) = unscaled.multipliedReportingOverflow(by: Self.power(scale - self.scale))
      return overflow || product.magnitude >= Self.limit.magnitude ? nil : FixedNumber(unscaled: product, scale: scale)
    }
    return FixedNumber(unscaled: Self.divided(unscaled, by: Self.power(self.scale - scale)), scale: scale)
  }

  /// With so many digits after the point, away from or towards zero or up or down.
  func rounded(to scale: Int, _ rule: FloatingPointRoundingRule) -> FixedNumber? {
    guard scale < self.scale else { return rounded(to: scale) }
    let unit = Self.power(self.scale - scale)
    let (quotient, rest) = unscaled.quotientAndRemainder(dividingBy: unit)
    switch rule {
    case .down where rest < 0: return FixedNumber(unscaled: quotient - 1, scale: scale)
    case .up where rest > 0: return FixedNumber(unscaled: quotient + 1, scale: scale)
    case .down, .up, .towardZero: return FixedNumber(unscaled: quotient, scale: scale)
    default: return FixedNumber(unscaled: Self.divided(unscaled, by: unit), scale: scale)
    }
  }

  /// Half away from zero.
  private static func divided(_ value: Int128, by divisor: Int128) -> Int128 {
    let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
    guard rest.magnitude >= divisor.magnitude - rest.magnitude else { return quotient }
    return quotient + ((value < 0) == (divisor < 0) ? 1 : -1)
  }

  /// How many digits it has, before and after the point.
  var digits: Int { max(String(unscaled.magnitude).count, scale) }

  /// In decimal, with all digits after the point.
  var text: String {
    let digits = String(unscaled.magnitude)
    let sign = unscaled < 0 ? "-" : ""
    if scale == 0 { return sign + digits }
    let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
    return sign + padded.dropLast(scale) + "." + padded.suffix(scale)
  }

  /// -1, 0 or 1.
  func compared(to other: FixedNumber) -> Int {
    let scale = max(scale, other.scale)
    if let left = rounded(to: scale), let right = other.rounded(to: scale) {
      return left.unscaled == right.unscaled ? 0 : left.unscaled < right.unscaled ? -1 : 1
    }
    // One of them is too large for the other's digits; then it is larger.
    let left = Double(unscaled) / Double(Self.power(self.scale))
    let right = Double(other.unscaled) / Double(Self.power(other.scale))
    return left < right ? -1 : 1
  }

  // MARK: Arithmetic

  /// `+`, `-`, `*`, `/`, `%` with the digits after the point that Snowflake gives the result; nil when it has more than
  /// 38 digits. The divisor must not be zero.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/operators-arithmetic>.
  static func apply(_ symbol: String, _ left: FixedNumber, _ right: FixedNumber) -> FixedNumber? {
    let scale = scale(symbol, left.scale, right.scale)
    let result: (partialValue: Int128, overflow: Bool)
    switch symbol {
    case "*":
      result = left.unscaled.multipliedReportingOverflow(by: right.unscaled)
      guard !result.overflow else { return nil }
      return FixedNumber(unscaled: result.partialValue, scale: left.scale + right.scale).rounded(to: scale)?.checked
    case "/":
      // left / 10^l / (right / 10^r) with s digits is left * 10^(s - l + r) / right.
      let exponent = scale - left.scale + right.scale
      guard exponent <= 38 else { return nil }
      let (shifted, overflow) = left.unscaled.multipliedReportingOverflow(by: power(exponent))
      return overflow ? nil : FixedNumber(unscaled: divided(shifted, by: right.unscaled), scale: scale).checked
    default:
      guard let first = left.rounded(to: scale), let second = right.rounded(to: scale) else { return nil }
      switch symbol {
      case "+": result = first.unscaled.addingReportingOverflow(second.unscaled)
      case "-": result = first.unscaled.subtractingReportingOverflow(second.unscaled)
      default: result = (first.unscaled % second.unscaled, false)
      }
      return result.overflow ? nil : FixedNumber(unscaled: result.partialValue, scale: scale).checked
    }
  }

  /// How many digits after the point a result has.
  static func scale(_ symbol: String, _ left: Int, _ right: Int) -> Int {
    switch symbol {
    case "*": min(left + right, max(left, right, 12))
    case "/": max(left, min(left + 6, 12))
    default: max(left, right)
    }
  }

  /// How many digits a result has at most, of operands with so many digits.
  static func precision(
    _ symbol: String, _ left: (precision: Int, scale: Int), _ right: (precision: Int, scale: Int)
  ) -> Int {
    let scale = scale(symbol, left.scale, right.scale)
    let (first, second) = (left.precision - left.scale, right.precision - right.scale)
    switch symbol {
    case "*": return min(38, first + second + scale)
    case "/": return min(38, first + right.scale + scale)
    case "%": return min(38, max(first, second) + scale)
    default: return min(38, max(first, second) + 1 + scale)
    }
  }

  private var checked: FixedNumber? { unscaled.magnitude < Self.limit.magnitude ? self : nil }
}

extension String {
  /// A small whole number, as an exponent is one.
  fileprivate var exponent: Int? { Int(self).flatMap { (-400...400).contains($0) ? $0 : nil } }
}
