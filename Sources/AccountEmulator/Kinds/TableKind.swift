import AccountModel
import SnowmakerModel

extension BuiltInKinds {
  static let tableSchema: TypeSchema = {
    var schema = TypeSchema(
      "table", plural: "tables", sqlName: "TABLE", identity: [.database, .schema, .name],
      attributes: [
        comment, AttributeSchema("kind", .text), attribute("change_tracking", .boolean),
        attribute("enable_schema_evolution", .boolean),
      ])
    schema.namespace = "table"
    schema.emulation = Emulation(
      showColumns: facts("created_on name database_name schema_name kind")
        + [EmulatedColumn("comment", .attribute("comment"))]
        + columns(("cluster_by", .fact("cluster_by")), ("rows", .constant("0")), ("bytes", .constant("0")))
        + facts("owner retention_time")
        + columns(
          ("automatic_clustering", .fact("automatic_clustering")), ("change_tracking", .fact("change_tracking")),
          ("search_optimization", .constant("OFF")), ("search_optimization_progress", .constant(nil)),
          ("search_optimization_bytes", .constant(nil)), ("is_external", .constant("N")),
          ("enable_schema_evolution", .fact("enable_schema_evolution")), ("owner_role_type", .fact("owner_role_type")),
          ("is_event", .constant("N")), ("budget", .constant(nil)), ("is_hybrid", .constant("N")),
          ("is_iceberg", .constant("N")), ("is_dynamic", .constant("N")), ("is_immutable", .constant("N"))),
      modifiers: [
        .init("TRANSIENT", sets: "kind", to: "TRANSIENT"), .init("TEMPORARY", sets: "kind", to: "TEMPORARY"),
        .init("TEMP", sets: "kind", to: "TEMPORARY"),
      ],
      parameters: parameters("DATA_RETENTION_TIME_IN_DAYS MAX_DATA_EXTENSION_TIME_IN_DAYS DEFAULT_DDL_COLLATION"))
    return schema
  }()

  static let viewSchema: TypeSchema = {
    var schema = TypeSchema(
      "view", plural: "views", sqlName: "VIEW", identity: [.database, .schema, .name],
      attributes: [
        comment, AttributeSchema("is_secure", .boolean), AttributeSchema("text", .sql, property: "AS"),
        AttributeSchema("is_recursive", .boolean), attribute("change_tracking", .boolean),
      ])
    schema.namespace = "table"
    schema.emulation = Emulation(
      showColumns: facts("created_on name") + columns(("kind", .constant("")), ("reserved", .constant("")))
        + facts("database_name schema_name owner") + [EmulatedColumn("comment", .attribute("comment"))]
        + columns(
          ("text", .fact("text")), ("is_secure", .fact("is_secure")), ("is_materialized", .constant("false")),
          ("owner_role_type", .fact("owner_role_type")), ("change_tracking", .fact("change_tracking"))),
      modifiers: [
        .init("SECURE", sets: "is_secure", to: true), .init("RECURSIVE", sets: "is_recursive", to: true),
      ])
    return schema
  }()
}

/// Tables: columns are stored as written; there is no data.
struct TableBehavior: KindBehavior {
  func fact(_ name: String, of object: StoredObject, in run: StatementRun) -> String?? {
    switch name {
    case "kind": return object.text("kind") ?? "TABLE"
    case "cluster_by": return object.text(name).map(Self.clusteringKey) ?? ""
    case "automatic_clustering": return object.text("cluster_by") == nil ? "OFF" : "ON"
    case "change_tracking": return object.attributes[name] == .bool(true) ? "ON" : "OFF"
    case "enable_schema_evolution": return object.attributes[name] == .bool(true) ? "Y" : "N"
    case "retention_time": return ContainerFacts.retention(object, run)
    default: return nil
    }
  }

  /// A clustering key as SHOW tells it: `(a, b)` as `LINEAR(A, B)`.
  ///
  /// Source: the examples of <https://docs.snowflake.com/en/user-guide/tables-clustering-keys>; that functions are told as
  /// they are written is assumed.
  static func clusteringKey(_ written: String) -> String {
    var text = ""
    for token in (try? Lexer.tokens(Array(written.utf8)).dropLast()) ?? [] {
      switch token.kind {
      case .word: text += (text.utf8.last.map(Ascii.continuesWord) == true ? " " : "") + token.upper
      case .quoted: text += Identifier(exact: token.text).sql
      case .string: text += SQLText.literal(token.text)
      case .placeholder: text += ":" + token.text
      default: text += token.text == "," ? ", " : token.text
      }
    }
    return text.hasPrefix("LINEAR(") ? text : "LINEAR" + text
  }

  func complete(
    _ object: inout StoredObject, from statement: CreateStatement, in run: StatementRun
  ) throws(StatementFailure) {
    if let pattern = statement.pattern {
      guard let kind = run.registry.kind("TABLE") else { return }
      try copy(run.find(kind, pattern, for: "CREATE TABLE"), to: &object, run)
      return
    }
    var statement = statement
    // CREATE TABLE … AS SELECT: the columns are the query's. Its rows are not kept, as no table's are.
    if let body = statement.body {
      statement.columns = try run.columns(of: body, named: statement.columns, for: object)
    }
    if statement.columns.isEmpty { throw .unsupported("CREATE TABLE without columns") }
    try requireTypes(statement.columns)
    if statement.orAlter, let old = run.world.object(object.kind, object.name) {
      try requireAlteration(of: old, statement, run)
    }
    let kept = object.constraints
    object.notes["columns"] = .list(
      try statement.columns.map { (column) throws(StatementFailure) in
        var column = column
        column.writtenType = DataTypes.name(column.type)
        column.type = try run.values.type(column.type)
        return column.document
      })
    try run.setConstraints(statement.columns.flatMap(\.constraints) + statement.constraints, of: &object, keeping: kept)
  }

  /// CREATE OR ALTER changes, drops and adds columns; those there are keep their order, and new ones follow them.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/create-table> (CREATE OR ALTER TABLE); codes and texts are
  /// assumed.
  private func requireAlteration(
    of old: StoredObject, _ statement: CreateStatement, _ run: StatementRun
  ) throws(StatementFailure) {
    if (old.text("kind") == "TRANSIENT") != statement.modifiers.contains(where: { $0.value == "TRANSIENT" }) {
      throw .unsupported("CREATE OR ALTER TABLE between transient and permanent")
    }
    let before = old.notes["columns"]?.list ?? []
    let names = statement.columns.map(\.name.name)
    let remaining = before.compactMap { $0["name"].string }.filter(names.contains)
    guard Array(names.prefix(remaining.count)) == remaining else {
      throw .unsupported("CREATE OR ALTER TABLE with columns in another order, or new ones before those there are")
    }
    for column in statement.columns {
      guard let had = before.first(where: { $0["name"].string == column.name.name }) else { continue }
      let type = had["type"].string ?? ""
      try DataTypes.requireChange(column.name.name, from: type, to: try run.values.type(column.type))
      if let new = column.defaultValue, new != had["default"].string, !new.uppercased().hasSuffix(".NEXTVAL") {
        throw .unsupported("CREATE OR ALTER TABLE with another DEFAULT of a column, if not a sequence's next value")
      }
    }
  }

  /// CREATE TABLE … LIKE: columns with types, defaults and comments, and the keys.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/create-table>; that keys get names of their own is assumed.
  private func copy(_ pattern: StoredObject, to object: inout StoredObject, _ run: StatementRun) {
    object.notes["columns"] = pattern.notes["columns"]
    object.attributes["cluster_by"] = object.attributes["cluster_by"] ?? pattern.attributes["cluster_by"]
    let constraints = pattern.constraints.map { constraint -> Value in
      var copy = constraint.with("id", .string(WireRandom.hex(bytes: 16))).with("created_on", .int(run.world.now()))
      if constraint["name"].string?.hasPrefix("SYS_CONSTRAINT_") == true {
        copy = copy.with("name", .string("SYS_CONSTRAINT_" + WireRandom.queryID()))
      }
      return copy
    }
    object.notes["constraints"] = constraints.isEmpty ? nil : .list(constraints)
  }

  private func requireTypes(_ columns: [ColumnDefinition]) throws(StatementFailure) {
    for column in columns where column.type.isEmpty { throw .invalidIdentifier(column.name.name) }
    try Self.requireNames(columns)
  }

  /// Throws 002025 when two columns have one name.
  static func requireNames(_ columns: [ColumnDefinition]) throws(StatementFailure) {
    var seen: Set<String> = []
    for column in columns {
      guard seen.insert(column.name.name).inserted else {
        throw StatementFailure(
          code: "002025", sqlState: "42S21",
          message: "SQL compilation error:\nduplicate column name '\(column.name.name)'")
      }
    }
  }

  func describe(_ object: StoredObject, in run: StatementRun) -> StatementResult? {
    let names =
      [
        "name", "type", "kind", "null?", "default", "primary key", "unique key", "check", "expression", "comment",
        "policy name", "privacy domain",
      ] + (object.kind == "TABLE" ? ["schema evolution record"] : [])
    let primary = object.columns(in: .primaryKey)
    let unique = object.columns(in: .unique)
    let rows = (object.notes["columns"]?.list ?? []).map { column -> [String?] in
      let cells = [
        column["name"].string, column["type"].string, "COLUMN", column["null"] == .bool(false) ? "N" : "Y",
        ColumnIdentity(column["identity"])?.text ?? column["default"].string,
        primary.contains(column["name"].string ?? "") ? "Y" : "N",
        unique.contains(column["name"].string ?? "") ? "Y" : "N", nil, nil, column["comment"].string,
      ]
      return cells + [String?](repeating: nil, count: names.count - cells.count)
    }
    return StatementResult(columns: names.map { ResultColumn(name: $0) }, rows: rows, statementTypeID: 0x4500)
  }
}

/// Views: the query is stored as written.
struct ViewBehavior: KindBehavior {
  func fact(_ name: String, of object: StoredObject, in run: StatementRun) -> String?? {
    switch name {
    case "text": return object.notes["text"]?.string ?? ""
    case "is_secure": return object.attributes[name] == .bool(true) ? "true" : "false"
    case "change_tracking": return object.attributes[name] == .bool(true) ? "ON" : "OFF"
    case "kind": return "VIEW"
    default: return nil
    }
  }

  func complete(
    _ object: inout StoredObject, from statement: CreateStatement, in run: StatementRun
  ) throws(StatementFailure) {
    guard let body = statement.body, !body.isEmpty else { throw .unsupported("CREATE VIEW without AS") }
    object.notes["text"] = .string("CREATE VIEW \(statement.name.sql) AS \(body)")
    // Of a query that the emulator cannot look into, the columns stay unknown.
    let columns: [ColumnDefinition]
    do throws(StatementFailure) {
      columns = try run.columns(of: body, named: statement.columns, for: object)
    } catch {
      if error.code == StatementRun.wrongColumnCount { throw error }
      return
    }
    try TableBehavior.requireNames(columns)
    object.notes["columns"] = .list(columns.map(\.document))
  }

  func describe(_ object: StoredObject, in run: StatementRun) -> StatementResult? {
    TableBehavior().describe(object, in: run)
  }
}
