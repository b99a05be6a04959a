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

  /// The type as the account tells it. Throws 002040 for one that there is none of, or with digits that it cannot have.
  static func canonical(_ written: String) throws(StatementFailure) -> String {
    let (base, arguments) = parts(written)
    func number(_ index: Int) -> Int? { index < arguments.count ? Int(arguments[index]) : nil }
    if numbers.contains(base) {
      let (precision, scale) = (number(0) ?? 38, number(1) ?? 0)
      try require((1...38).contains(precision) && (0...min(37, precision)).contains(scale), written)
      return "NUMBER(\(precision),\(scale))"
    }
    if integers.contains(base) { return "NUMBER(38,0)" }
    if floats.contains(base) { return "FLOAT" }
    if texts.contains(base) { return "VARCHAR(\(number(0) ?? 16_777_216))" }
    if characters.contains(base) { return "VARCHAR(\(number(0) ?? 1))" }
    if base == "BINARY" || base == "VARBINARY" { return "BINARY(\(number(0) ?? 8_388_608))" }
    if let moment = moments[base] {
      try require((0...9).contains(number(0) ?? 9), written)
      return "\(moment)(\(number(0) ?? 9))"
    }
    if plain.contains(base) { return arguments.isEmpty ? base : written }
    throw StatementFailure(
      code: "002040", sqlState: "42601", message: "SQL compilation error:\nUnsupported data type '\(base)'.")
  }

  /// Digits that a type cannot have; code and text are assumed.
  private static func require(_ isPossible: Bool, _ written: String) throws(StatementFailure) {
    guard !isPossible else { return }
    throw StatementFailure(
      code: "002040", sqlState: "42601",
      message: "SQL compilation error:\nInvalid precision or scale in the data type '\(written.prefix(80))'.")
  }

  /// A type without its arguments, in capitals.
  static func name(_ written: String) -> String { parts(written).0 }

  /// A column of a result with a canonical type.
  static func column(_ name: String, _ canonical: String, nullable: Bool = true) -> ResultColumn {
    let (base, arguments) = parts(canonical)
    let first = arguments.first.flatMap { Int($0) }
    switch base {
    case "NUMBER":
      return ResultColumn(
        name: name, type: .fixed, nullable: nullable, precision: first ?? 38,
        scale: arguments.count > 1 ? Int(arguments[1]) ?? 0 : 0)
    case "FLOAT", "DECFLOAT": return ResultColumn(name: name, type: .real, nullable: nullable)
    case "VARCHAR": return ResultColumn(name: name, type: .text, nullable: nullable, length: first)
    case "BINARY": return ResultColumn(name: name, type: .binary, nullable: nullable, length: first)
    case "BOOLEAN": return ResultColumn(name: name, type: .boolean, nullable: nullable)
    case "DATE": return ResultColumn(name: name, type: .date, nullable: nullable)
    case "TIME": return ResultColumn(name: name, type: .time, nullable: nullable, scale: first)
    case "TIMESTAMP_NTZ": return ResultColumn(name: name, type: .timestamp_ntz, nullable: nullable, scale: first)
    case "TIMESTAMP_LTZ": return ResultColumn(name: name, type: .timestamp_ltz, nullable: nullable, scale: first)
    case "TIMESTAMP_TZ": return ResultColumn(name: name, type: .timestamp_tz, nullable: nullable, scale: first)
    case "OBJECT", "MAP", "GEOGRAPHY", "GEOMETRY": return ResultColumn(name: name, type: .object, nullable: nullable)
    case "ARRAY", "VECTOR": return ResultColumn(name: name, type: .array, nullable: nullable)
    case "VARIANT": return ResultColumn(name: name, type: .variant, nullable: nullable)
    default: return ResultColumn(name: name, nullable: nullable)
    }
  }

  /// The canonical type of a column of a result.
  static func canonical(of column: ResultColumn) -> String {
    switch column.type {
    case .fixed: "NUMBER(\(column.precision ?? 38),\(column.scale ?? 0))"
    case .real: "FLOAT"
    case .text: "VARCHAR(\(column.length ?? 16_777_216))"
    case .binary: "BINARY(\(column.length ?? 8_388_608))"
    case .time, .timestamp_ntz, .timestamp_ltz, .timestamp_tz:
      "\(column.type.rawValue.uppercased())(\(column.scale ?? 9))"
    case .boolean, .date, .variant, .object, .array: column.type.rawValue.uppercased()
    }
  }

  /// What INFORMATION_SCHEMA.COLUMNS says of a canonical type.
  static func described(
    _ canonical: String
  ) -> (name: String, length: String?, octets: String?, precision: String?, scale: String?) {
    let (base, arguments) = parts(canonical)
    switch base {
    case "VARCHAR":
      let octets = arguments.first.flatMap { Int($0) }.map { String(max($0, min($0 * 4, 16_777_216))) }
      return ("TEXT", arguments.first, octets, nil, nil)
    case "BINARY": return (base, arguments.first, arguments.first, nil, nil)
    case "NUMBER": return (base, nil, nil, arguments.first, arguments.count > 1 ? arguments[1] : "0")
    default: return (base, nil, nil, nil, nil)
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
