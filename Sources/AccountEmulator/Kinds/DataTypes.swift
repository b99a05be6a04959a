/// Data types of columns as DESCRIBE and INFORMATION_SCHEMA tell them.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/intro-summary-data-types>.
enum DataTypes {
  private static let numbers: Set<String> = ["NUMBER", "DECIMAL", "DEC", "NUMERIC"]
  private static let integers: Set<String> = ["INT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "BYTEINT"]
  private static let floats: Set<String> = ["FLOAT", "FLOAT4", "FLOAT8", "DOUBLE", "DOUBLE PRECISION", "REAL"]
  private static let texts: Set<String> = [
    "VARCHAR", "STRING", "TEXT", "NVARCHAR", "NVARCHAR2", "CHAR VARYING", "NCHAR VARYING", "CHARACTER VARYING",
  ]
  private static let characters: Set<String> = ["CHAR", "CHARACTER", "NCHAR"]
  private static let moments: [String: String] = [
    "TIME": "TIME", "TIMESTAMP": "TIMESTAMP_NTZ", "DATETIME": "TIMESTAMP_NTZ", "TIMESTAMP_NTZ": "TIMESTAMP_NTZ",
    "TIMESTAMPNTZ": "TIMESTAMP_NTZ", "TIMESTAMP_LTZ": "TIMESTAMP_LTZ", "TIMESTAMPLTZ": "TIMESTAMP_LTZ",
    "TIMESTAMP_TZ": "TIMESTAMP_TZ", "TIMESTAMPTZ": "TIMESTAMP_TZ",
  ]
  private static let plain: Set<String> = [
    "BOOLEAN", "DATE", "VARIANT", "OBJECT", "ARRAY", "GEOGRAPHY", "GEOMETRY", "MAP", "VECTOR", "FILE", "DECFLOAT",
    "UUID",
  ]

  /// The type as the account tells it. Throws 002040 for one that there is none of.
  static func canonical(_ written: String) throws(StatementFailure) -> String {
    let (base, arguments) = parts(written)
    func number(_ index: Int) -> Int? { index < arguments.count ? Int(arguments[index]) : nil }
    if numbers.contains(base) { return "NUMBER(\(number(0) ?? 38),\(number(1) ?? 0))" }
    if integers.contains(base) { return "NUMBER(38,0)" }
    if floats.contains(base) { return "FLOAT" }
    if texts.contains(base) { return "VARCHAR(\(number(0) ?? 16_777_216))" }
    if characters.contains(base) { return "VARCHAR(\(number(0) ?? 1))" }
    if base == "BINARY" || base == "VARBINARY" { return "BINARY(\(number(0) ?? 8_388_608))" }
    if let moment = moments[base] { return "\(moment)(\(number(0) ?? 9))" }
    if plain.contains(base) { return arguments.isEmpty ? base : written }
    throw StatementFailure(
      code: "002040", sqlState: "42601", message: "SQL compilation error:\nUnsupported data type '\(base)'.")
  }

  /// What INFORMATION_SCHEMA.COLUMNS says of a canonical type.
  static func described(_ canonical: String) -> (name: String, length: String?, precision: String?, scale: String?) {
    let (base, arguments) = parts(canonical)
    switch base {
    case "VARCHAR": return ("TEXT", arguments.first, nil, nil)
    case "NUMBER": return (base, nil, arguments.first, arguments.count > 1 ? arguments[1] : "0")
    default: return (base, nil, nil, nil)
    }
  }

  /// Throws 002108 unless a column of one canonical type can become one of the other: of another length, or of more or
  /// fewer digits before the point. (That values must fit is no question here.)
  static func requireChange(_ column: String, from old: String, to new: String) throws(StatementFailure) {
    let (first, before) = parts(old)
    let (second, after) = parts(new)
    func number(_ texts: [String], _ index: Int) -> Int { index < texts.count ? Int(texts[index]) ?? 0 : 0 }
    let fits =
      old == new
      || first == second
        && (first == "VARCHAR" || first == "BINARY" || first == "NUMBER" && number(after, 1) == number(before, 1))
    guard fits else {
      throw StatementFailure(
        code: "002108", sqlState: "22000",
        message: "SQL compilation error:\ncannot change column \(column) from type \(old) to \(new)")
    }
  }

  /// `NUMBER(38, 0)` → `NUMBER`, `38`, `0`.
  private static func parts(_ written: String) -> (String, [String]) {
    let upper = written.uppercased()
    let base = upper.prefix { $0 != "(" }.split(separator: " ").joined(separator: " ")
    guard let open = upper.firstIndex(of: "("), let close = upper.lastIndex(of: ")") else { return (base, []) }
    let inner = upper[upper.index(after: open)..<close]
    return (base, inner.split(separator: ",").map { String($0.filter { $0 != " " }) })
  }
}
