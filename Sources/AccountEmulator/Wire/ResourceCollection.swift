import SnowmakerModel

/// A collection of the resource API and the SQL words for it.
struct ResourceCollection: Sendable {
  /// As in the path: `network-policies`.
  var plural: String
  /// The database, or the database and schema, that it is in.
  var container: [String]

  /// `NETWORK POLICIES`.
  var types: String { String(plural.uppercased().map { $0 == "-" ? " " : $0 }) }

  /// `NETWORK POLICY`.
  var type: String {
    let types = types
    if types.hasSuffix("IES") { return types.dropLast(3) + "Y" }
    return types.hasSuffix("S") ? String(types.dropLast()) : types
  }

  /// ` IN SCHEMA D.S`, nothing for what is the account's.
  var scope: String {
    switch container.count {
    case 0: ""
    case 1: " IN DATABASE " + Self.identifier(container[0])
    default: " IN SCHEMA " + container.map(Self.identifier).joined(separator: ".")
    }
  }

  /// The full name of a member.
  func name(_ name: String) -> String { (container + [name]).map(Self.identifier).joined(separator: ".") }

  /// A name as SQL: quoted when it is not plain. What cannot be a name is quoted too, so that it stays one.
  static func identifier(_ text: String) -> String {
    (try? Identifier(parsing: text))?.sql ?? Identifier(exact: text).sql
  }

  /// A row of SHOW as a resource.
  static func document(_ row: [String?], _ columns: [ResultColumn]) -> Value {
    var fields: [Value.Field] = []
    let isTransient = columns.firstIndex { $0.name == "options" }.flatMap { row[$0] }?.contains("TRANSIENT") ?? false
    for (cell, column) in zip(row, columns) {
      var value = value(cell, column)
      if column.name == "kind", cell == "STANDARD" { value = isTransient ? "TRANSIENT" : "PERMANENT" }
      if column.name == "retention_time" { value = cell.flatMap { Int64($0) }.map(Value.int) ?? .null }
      fields.append(.init(column.name, value))
      // The names that resources have for what SHOW calls otherwise.
      switch (column.name, cell) {
      case ("size", let cell?):
        fields.append(.init("warehouse_size", .string(String(cell.uppercased().filter { $0 != "-" }))))
      case ("type", let cell?): fields.append(.init("warehouse_type", .string(cell)))
      case ("retention_time", let cell?):
        fields.append(.init("data_retention_time_in_days", Int64(cell).map(Value.int) ?? .null))
      default: break
      }
    }
    return .object(fields)
  }

  private static func value(_ cell: String?, _ column: ResultColumn) -> Value {
    guard let cell else { return .null }
    switch column.type {
    case .fixed: return Int64(cell).map(Value.int) ?? .string(cell)
    case .boolean: return .bool(cell == "1")
    case .timestamp_ltz, .timestamp_ntz, .timestamp_tz: return .string(moment(cell))
    default:
      // SHOW's Y and N are truths here.
      return column.name.hasPrefix("is_") && (cell == "Y" || cell == "N") ? .bool(cell == "Y") : .string(cell)
    }
  }

  /// Seconds since 1970 as `2026-11-21T04:59:00.123Z`.
  private static func moment(_ text: String) -> String {
    guard let moment = Moment(wire: text) else { return text }
    return MomentFormat("YYYY-MM-DD\"T\"HH24:MI:SS.FF3\"Z\"").write(moment)
  }

  /// A row of SHOW GRANTS as a grant.
  static func grant(_ row: [String?], _ columns: [ResultColumn]) -> Value {
    func cell(_ name: String) -> String? {
      columns.firstIndex { $0.name == name }.flatMap { $0 < row.count ? row[$0] : nil }
    }
    let parts = (cell("name").flatMap { try? QualifiedName(parsing: $0) })?.parts.map(\.name) ?? [cell("name") ?? ""]
    var securable: [Value.Field] = [.init("name", .string(parts.last ?? ""))]
    if parts.count > 1 { securable.append(.init("database", .string(parts[0]))) }
    if parts.count > 2 { securable.append(.init("schema", .string(parts[1]))) }
    return [
      "securable": .object(securable), "securable_type": .string(cell("granted_on") ?? "ROLE"),
      "privileges": .list([.string(cell("privilege") ?? "USAGE")]),
      "grant_option": .bool(cell("grant_option") == "true"),
      "granted_by": cell("granted_by").map(Value.string) ?? .null,
      "created_on": columns.firstIndex { $0.name == "created_on" }.map { value(row[$0], columns[$0]) } ?? .null,
    ]
  }
}
