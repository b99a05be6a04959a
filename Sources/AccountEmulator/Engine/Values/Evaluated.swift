import SnowmakerModel

/// A value that an expression came to, in wire form: times and timestamps with nine digits of a second, numbers with as
/// many digits after the point as their type has.
struct Evaluated {
  var text: String?
  var type = ResultColumn.ResultType.text
  /// Digits of a second that times and timestamps have, or after the point of a number; nil: nine, or what is written.
  var scale: Int?
  /// Digits of a number; nil: 38.
  var precision: Int?

  static let null = Evaluated(text: nil)
  static func boolean(_ flag: Bool) -> Evaluated { Evaluated(text: flag ? "1" : "0", type: .boolean) }
  static func whole(_ number: Int) -> Evaluated { Evaluated(text: String(number), type: .fixed) }
  static func number(_ number: FixedNumber) -> Evaluated {
    Evaluated(text: number.text, type: .fixed, scale: number.scale)
  }

  init(text: String?, type: ResultColumn.ResultType = .text, scale: Int? = nil, precision: Int? = nil) {
    self.text = text
    self.type = type
    self.scale = scale
    self.precision = precision
  }

  /// A cell of a column.
  init(_ cell: String?, of column: ResultColumn) {
    self.init(text: cell, type: column.type, scale: column.scale, precision: column.precision)
  }

  var isTrue: Bool { text.map { type == .boolean ? $0 == "1" : $0.uppercased() == "TRUE" } ?? false }

  /// The same type without a value.
  var emptied: Evaluated { Evaluated(text: nil, type: type, scale: scale, precision: precision) }

  /// What a column of such values is.
  var column: ResultColumn {
    switch type {
    case .fixed:
      let written = text.flatMap { text in text.firstIndex(of: ".").map { text[$0...].count - 1 } }
      return ResultColumn(name: "", type: .fixed, precision: precision, scale: scale ?? written)
    case .time, .timestamp_ltz, .timestamp_ntz, .timestamp_tz: return ResultColumn(name: "", type: type, scale: scale)
    default: return ResultColumn(name: "", type: type)
    }
  }

  /// As a member of an array.
  var document: Value {
    guard let text else { return .null }
    switch type {
    case .boolean: return .bool(text == "1")
    case .fixed:
      let isWhole = !text.contains(".")
      return Int64(text).map { .int($0) } ?? (isWhole ? nil : Double(text).map { .double($0) }) ?? .string(text)
    case .real: return Double(text).map { .double($0) } ?? .string(text)
    case .object, .array, .variant: return SemiStructured.parse(text) ?? .string(text)
    default: return .string(text)
    }
  }

  /// Whether it is a date or a timestamp.
  var isMoment: Bool { type == .date || isTimestamp }
  var isTimestamp: Bool { [.timestamp_ltz, .timestamp_ntz, .timestamp_tz].contains(type) }

  /// -1, 0 or 1; nil when either is NULL. Numbers by value, times by when they are, everything else as text. Both are of
  /// one type, or of types that need no time zone to be compared (`coerced`).
  func compared(to other: Evaluated) -> Int? {
    guard let left = text, let right = other.text else { return nil }
    if type == .boolean || other.type == .boolean { return isTrue == other.isTrue ? 0 : isTrue ? 1 : -1 }
    if isTimestamp && other.isTimestamp || type == .time && other.type == .time,
      let first = Moment(wire: left), let second = Moment(wire: right)
    {
      return first == second ? 0 : first < second ? -1 : 1
    }
    if type != .text || other.type != .text {
      if type != .real, other.type != .real, let first = FixedNumber(left), let second = FixedNumber(right) {
        return first.compared(to: second)
      }
      if let first = Double(left), let second = Double(right) { return first == second ? 0 : first < second ? -1 : 1 }
    }
    return left == right ? 0 : left < right ? -1 : 1
  }
}
