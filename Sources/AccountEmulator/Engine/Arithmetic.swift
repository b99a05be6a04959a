import SnowmakerModel

/// `+`, `-`, `*`, `/` and `%`: whole numbers exactly where they fit, everything else as floating point.
enum Arithmetic {
  static func apply(_ symbol: String, _ left: Evaluated, _ right: Evaluated) throws(StatementFailure) -> Evaluated {
    guard let first = left.text, let second = right.text else { return Evaluated(text: nil, type: .fixed) }
    if let a = Int64(first), let b = Int64(second), let whole = try whole(symbol, a, b) {
      return Evaluated(text: String(whole), type: .fixed)
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

  /// A number as text: without a fraction when it has none.
  static func text(_ value: Double) -> String {
    Int64(exactly: value).map(String.init) ?? String(value)
  }

  /// nil where it does not come out whole or does not fit.
  private static func whole(_ symbol: String, _ a: Int64, _ b: Int64) throws(StatementFailure) -> Int64? {
    let result: (partialValue: Int64, overflow: Bool)
    switch symbol {
    case "+": result = a.addingReportingOverflow(b)
    case "-": result = a.subtractingReportingOverflow(b)
    case "*": result = a.multipliedReportingOverflow(by: b)
    case "%":
      if b == 0 { throw byZero }
      result = a.remainderReportingOverflow(dividingBy: b)
    default:
      if b == 0 { throw byZero }
      guard a % b == 0 else { return nil }
      result = a.dividedReportingOverflow(by: b)
    }
    return result.overflow ? nil : result.partialValue
  }

  static func notNumeric(_ text: String) -> StatementFailure {
    StatementFailure(code: "100038", sqlState: "22018", message: "Numeric value '\(text)' is not recognized")
  }
  private static let byZero = StatementFailure(code: "100051", sqlState: "22012", message: "Division by zero")
}
