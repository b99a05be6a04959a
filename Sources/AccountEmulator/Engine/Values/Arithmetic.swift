import SnowmakerModel

/// `+`, `-`, `*`, `/` and `%`: decimal numbers exactly, floating-point numbers where one of the two is such, and days
/// added to dates.
enum Arithmetic {
  static func apply(
    _ symbol: String, _ left: Evaluated, _ right: Evaluated
  ) throws(StatementFailure) -> Evaluated {
    if left.type == .date || right.type == .date { return try dates(symbol, left, right) }
    for value in [left, right] where value.isTimestamp || value.type == .time {
      throw .unsupported("\(value.type.rawValue.uppercased()) with '\(symbol)' (DATEADD and DATEDIFF say the same)")
    }
    let isReal = left.type == .real || right.type == .real
    guard let first = left.text, let second = right.text else {
      guard !isReal else { return Evaluated(text: nil, type: .real) }
      let scale = FixedNumber.scale(symbol, left.column.scale ?? 0, right.column.scale ?? 0)
      return Evaluated(text: nil, type: .fixed, scale: scale)
    }
    if !isReal, let a = FixedNumber(first), let b = FixedNumber(second) {
      if b.unscaled == 0, symbol == "/" || symbol == "%" { throw byZero }
      guard let result = FixedNumber.apply(symbol, a, b) else { throw outOfRange("\(first) \(symbol) \(second)") }
      return .number(result)
    }
    guard let a = Double(first) else { throw notNumeric(first) }
    guard let b = Double(second) else { throw notNumeric(second) }
    let value: Double
    switch symbol {
    case "+": value = a + b
    case "-": value = a - b
    case "*": value = a * b
    case "%":
      if b == 0 { throw byZero }
      value = a.truncatingRemainder(dividingBy: b)
    default:
      if b == 0 { throw byZero }
      value = a / b
    }
    return Evaluated(text: text(value), type: .real)
  }

  /// A date and a number of days, or how many days two dates are apart.
  private static func dates(
    _ symbol: String, _ left: Evaluated, _ right: Evaluated
  ) throws(StatementFailure) -> Evaluated {
    let isDifference = left.type == .date && right.type == .date && symbol == "-"
    let isSum = symbol == "+" && left.type != right.type || symbol == "-" && right.type != .date
    guard isDifference || isSum, [left, right].allSatisfy({ [.date, .fixed, .text].contains($0.type) }) else {
      throw .unsupported("'\(symbol)' between DATE and \(right.type.rawValue.uppercased())")
    }
    let type: ResultColumn.ResultType = isDifference ? .fixed : .date
    guard let first = left.text, let second = right.text else { return Evaluated(text: nil, type: type) }
    guard let a = FixedNumber(first)?.rounded(to: 0), let b = FixedNumber(second)?.rounded(to: 0) else {
      throw notNumeric(left.type == .date ? second : first)
    }
    let result = symbol == "-" ? a.unscaled - b.unscaled : a.unscaled + b.unscaled
    guard result.magnitude < 40_000_000 else { throw outOfRange("\(first) \(symbol) \(second)") }
    return Evaluated(text: String(result), type: type)
  }

  /// A floating-point number as the wire writes it: without a fraction when it has none.
  static func text(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    return value.magnitude < 1e15 ? Int64(exactly: value).map(String.init) ?? String(value) : String(value)
  }

  static func notNumeric(_ text: String) -> StatementFailure {
    StatementFailure(code: "100038", sqlState: "22018", message: "Numeric value '\(text)' is not recognized")
  }

  static func outOfRange(_ text: String) -> StatementFailure {
    StatementFailure(code: "100039", sqlState: "22003", message: "Numeric value '\(text)' is out of range")
  }
  private static let byZero = StatementFailure(code: "100051", sqlState: "22012", message: "Division by zero")
}
