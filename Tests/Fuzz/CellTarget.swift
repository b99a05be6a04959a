import SnowflakeClient

/// Texts of a result's cells, read by the types of their columns and written for people.
struct CellTarget: FuzzTarget {
  static let batchSize = 200_000

  private(set) var accepted = 0

  private static let types = [
    "fixed", "real", "text", "boolean", "date", "time", "timestamp_ntz", "timestamp_ltz", "timestamp_tz", "binary",
    "variant", "object", "array", "vector", "",
  ]
  private static let texts = [
    "", "0", "-1", "12.50", "99999999999999999999999999999999999999", "170141183460469231731687303715884105728", "0.1",
    "9223372036854775807", "-9223372036854775808", "1e308", "NaN", "-inf", "true", "FALSE", "19723", "-719528",
    "2932896", "45296.123456789", "1717000000.123000000", "1717000000.123000000 1500", "-62135596800.000000001 0",
    "00ff", "fF0",
    "{\"a\":1}", "undefined", "9223372036854775807 2880", "-9223372036854775808.999999999",
  ]

  mutating func begin(batch: Int) {}
  mutating func end() -> String? { nil }

  mutating func tryOne(_ numbers: inout Numbers, note: ([UInt8]) -> Void) -> String? {
    var bytes = Array(numbers.one(of: Self.texts).utf8)
    if numbers.oneIn(3) { bytes.append(contentsOf: numbers.one(of: Self.texts).utf8) }
    if !numbers.oneIn(4) { ByteMutation.damage(&bytes, &numbers) }
    let type = numbers.one(of: Self.types)
    note(Array("\(type) ".utf8) + bytes)
    let text = String(decoding: bytes, as: UTF8.self)
    let column = ResultColumn(name: "C", type: type, scale: numbers.oneIn(2) ? nil : numbers.below(12))
    let value = column.value(text)
    guard column.display(text) != nil else { return "a text of type \(type) is shown as NULL" }
    guard let value else { return nil }
    accepted += 1
    if case .decimal(let number) = value {
      guard DecimalNumber(number.description) == number else { return "\(number) is read as another number" }
      if let integer = number.integer, number.scale == 0, "\(integer)" != number.description {
        return "\(number) is the whole number \(integer)"
      }
    }
    if case .timestamp(let point) = value, !(0..<1_000_000_000).contains(point.nanoseconds) {
      return "\(point.nanoseconds) nanoseconds are no part of a second"
    }
    return nil
  }
}
