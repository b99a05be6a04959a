import AccountModel
import SnowmakerModel

/// SHOW COLUMNS and SHOW INTEGRATIONS, which list more than one kind.
extension StatementRun {
  /// The columns of a table or view, or of all in a scope.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/show-columns>; the details of `data_type` are assumed.
  func showColumns(_ like: String?, _ place: ColumnPlace) throws(StatementFailure) -> StatementResult {
    let names = [
      "table_name", "schema_name", "column_name", "data_type", "null?", "default", "kind", "expression", "comment",
      "database_name", "autoincrement", "schema_evolution_record",
    ]
    var rows: [[String?]] = []
    for object in try tables(place) {
      let parts = object.parts.map(\.name)
      for column in object.notes["columns"]?.list ?? [] {
        guard let name = column["name"].string, parts.count == 3 else { continue }
        if let like, !Like.matches(name, like) { continue }
        let nullable = column["null"] != .bool(false)
        rows.append([
          parts[2], parts[1], name, Self.typeDocument(column["type"].string ?? "", nullable),
          nullable ? "true" : "NOT_NULL", column["default"].string ?? "", "COLUMN", "", column["comment"].string ?? "",
          parts[0], ColumnIdentity(column["identity"])?.text ?? "", nil,
        ])
      }
    }
    return StatementResult(
      columns: names.map { ResultColumn(name: $0) }, rows: Array(rows.prefix(maximumRows)), statementTypeID: 0x4400
    )
  }

  /// The tables and views of a place, in the order of their names.
  func tables(_ place: ColumnPlace) throws(StatementFailure) -> [StoredObject] {
    if case .object(let type, let name) = place {
      guard let kind = registry.kind(type), kind.hasColumns else { throw .unsupported("SHOW COLUMNS IN \(type)") }
      return [try find(kind, name, for: "SHOW COLUMNS")]
    }
    guard case .scope(let scope) = place else { return [] }
    var objects: [StoredObject] = []
    for kind in registry.all where kind.hasColumns {
      var filter = ShowFilter()
      filter.scope = scope
      objects += try listed(kind, filter)
    }
    let keyed = objects.map { ($0.parts.map(\.name), $0) }
    return keyed.sorted { $0.0.lexicographicallyPrecedes($1.0) }.map(\.1)
  }

  /// `{"type":"FIXED","precision":38,"scale":0,"nullable":true}`
  private static func typeDocument(_ type: String, _ nullable: Bool) -> String {
    let described = DataTypes.described(type)
    var fields: [Value.Field] = []
    switch described.name {
    case "NUMBER":
      fields = [
        .init("type", "FIXED"), .init("precision", .int(described.precision.flatMap { Int64($0) } ?? 38)),
        .init("scale", .int(described.scale.flatMap { Int64($0) } ?? 0)),
      ]
    case "TEXT":
      let length = described.length.flatMap { Int64($0) } ?? 16_777_216
      fields = [
        .init("type", "TEXT"), .init("length", .int(length)), .init("byteLength", .int(min(length * 4, 16_777_216))),
      ]
    case "FLOAT": fields = [.init("type", "REAL")]
    default: fields = [.init("type", .string(described.name))]
    }
    return JSON.string(.object(fields + [.init("nullable", .bool(nullable))]))
  }

  /// The integrations of every kind.
  func showIntegrations(_ filter: ShowFilter) throws(StatementFailure) -> StatementResult {
    let names = ["name", "type", "category", "enabled", "comment", "created_on"]
    var rows: [[String?]] = []
    for kind in registry.all where kind.sqlName.hasSuffix(" INTEGRATION") {
      let category = String(kind.sqlName.dropLast(" INTEGRATION".count))
      for object in try listed(kind, filter) {
        rows.append([
          object.plainName, (object.text("type") ?? object.text("api_provider") ?? category).uppercased(), category,
          object.attributes["enabled"] == .bool(false) ? "false" : "true", object.text("comment") ?? "",
          Self.timestamp(object.createdOn),
        ])
      }
    }
    rows.sort { ($0[0] ?? "") < ($1[0] ?? "") }
    var columns = names.map { ResultColumn(name: $0) }
    columns[5].type = .timestamp_ltz
    return StatementResult(columns: columns, rows: rows, statementTypeID: 0x4400)
  }
}
