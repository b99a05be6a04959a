import AccountModel
import SnowmakerModel

/// The keys of tables, kept as notes of the table. Nothing enforces them, as in Snowflake.
///
/// A foreign key knows the key it points at by an id, so that it follows renamed tables and ends with the key.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/constraints-overview>; the texts of failures are assumed.
extension StatementRun {
  // MARK: Changing

  /// Adds what CREATE TABLE says. `kept` are those the table had: one that is said again stays what it was.
  func setConstraints(
    _ constraints: [TableConstraint], of object: inout StoredObject, keeping kept: [Value] = []
  ) throws(StatementFailure) {
    object.notes["constraints"] = nil
    // Keys first: a foreign key may point at its own table.
    for constraint in constraints where constraint.kind != .foreignKey { try add(constraint, to: &object, kept) }
    for constraint in constraints where constraint.kind == .foreignKey { try add(constraint, to: &object, kept) }
  }

  /// What ALTER TABLE does to constraints.
  func addConstraint(_ constraint: TableConstraint, to object: inout StoredObject) throws(StatementFailure) {
    try add(constraint, to: &object, [])
  }

  func dropConstraint(
    _ choice: ConstraintChoice, restrict: Bool, of object: inout StoredObject
  ) throws(StatementFailure) {
    var constraints = object.constraints
    let index = constraints.firstIndex { constraint in
      switch choice {
      case .named(let name): constraint["name"].string == name.name
      case .primaryKey: constraint["kind"] == "PRIMARY KEY"
      case .over(let kind, let columns):
        constraint["kind"].string == kind.rawValue && constraint["columns"].strings == columns.map(\.name)
      }
    }
    guard let index else {
      switch choice {
      case .named(let name): throw .missing("Constraint", name.name)
      case .primaryKey: throw .missing("Primary key of", object.plainName)
      case .over(let kind, _): throw .missing("\(kind.rawValue) of", object.plainName)
      }
    }
    let id = constraints[index]["id"]
    if restrict,
      let other = world.objects("TABLE").first(where: { $0.constraints.contains { $0["references"] == id } })
    {
      throw .dependent("Cannot drop the constraint: a foreign key of '\(other.plainName)' references it.")
    }
    constraints.remove(at: index)
    object.notes["constraints"] = constraints.isEmpty ? nil : .list(constraints)
  }

  func renameConstraint(
    _ old: Identifier, to new: Identifier, of object: inout StoredObject
  ) throws(StatementFailure) {
    var constraints = object.constraints
    guard let index = constraints.firstIndex(where: { $0["name"].string == old.name }) else {
      throw .missing("Constraint", old.name)
    }
    if constraints.contains(where: { $0["name"].string == new.name }) { throw .exists(new.name) }
    constraints[index] = constraints[index].with("name", .string(new.name))
    object.notes["constraints"] = .list(constraints)
  }

  /// Constraints follow a renamed column, and end with a dropped one.
  func followColumn(_ old: Identifier, to new: Identifier?, of object: inout StoredObject) {
    let constraints = object.constraints.compactMap { constraint -> Value? in
      let columns = constraint["columns"].strings
      guard columns.contains(old.name) else { return constraint }
      guard let new else { return nil }
      return constraint.with("columns", .list(columns.map { .string($0 == old.name ? new.name : $0) }))
    }
    object.notes["constraints"] = constraints.isEmpty ? nil : .list(constraints)
  }

  private func add(
    _ constraint: TableConstraint, to object: inout StoredObject, _ kept: [Value]
  ) throws(StatementFailure) {
    var columns = object.notes["columns"]?.list ?? []
    let names = constraint.columns.map(\.name)
    for name in names where !columns.contains(where: { $0["name"].string == name }) { throw .invalidIdentifier(name) }
    var constraints = object.constraints
    if let name = constraint.name?.name, constraints.contains(where: { $0["name"].string == name }) {
      throw .exists(name)
    }
    if constraint.kind == .primaryKey {
      if constraints.contains(where: { $0["kind"] == "PRIMARY KEY" }) {
        throw .exists("primary key of \(object.plainName)")
      }
      for index in columns.indices where names.contains(columns[index]["name"].string ?? "") {
        columns[index] = columns[index].with("null", .bool(false))
      }
      object.notes["columns"] = .list(columns)
    }
    let before = kept.first {
      $0["kind"].string == constraint.kind.rawValue && $0["columns"].strings == names
        && (constraint.name == nil || $0["name"].string == constraint.name?.name)
    }
    var fields: [Value.Field] = [
      .init("id", before?["id"] ?? .string(WireRandom.hex(bytes: 16))),
      .init("kind", .string(constraint.kind.rawValue)),
      .init(
        "name",
        before?["name"] ?? .string(constraint.name?.name ?? "SYS_CONSTRAINT_" + WireRandom.queryID())),
      .init("columns", .list(names.map { .string($0) })),
      .init("created_on", before?["created_on"] ?? .int(world.now())),
      .init("rely", .bool(constraint.isRelied)),
    ]
    if let comment = constraint.comment { fields.append(.init("comment", .string(comment))) }
    if let references = constraint.references {
      let (table, key) = try referenced(references, by: constraint, of: object)
      fields += [
        .init("table", .string(table)), .init("references", key["id"]),
        .init("update_rule", .string(constraint.updateRule)), .init("delete_rule", .string(constraint.deleteRule)),
        .init("deferrable", .bool(constraint.isDeferrable)),
      ]
    }
    constraints.append(.object(fields))
    object.notes["constraints"] = .list(constraints)
  }

  /// The table and the key that a foreign key points at. Takes REFERENCES on the table.
  private func referenced(
    _ references: (table: ObjectName, columns: [Identifier]), by constraint: TableConstraint, of object: StoredObject
  ) throws(StatementFailure) -> (table: String, key: Value) {
    guard let kind = registry.kind("TABLE") else { throw .unsupported("REFERENCES") }
    var table = object
    if try resolve(references.table, level: .schema, for: "REFERENCES") != object.name {
      table = try find(kind, references.table, for: "REFERENCES")
      try require(["REFERENCES"], on: Securable(type: "TABLE", name: table.name))
    }
    let wanted = references.columns.map(\.name)
    let key = table.constraints.first { key in
      if wanted.isEmpty { return key["kind"] == "PRIMARY KEY" }
      return key["kind"] != "FOREIGN KEY" && key["columns"].strings == wanted
    }
    guard let key, key["columns"].list.count == constraint.columns.count else {
      throw StatementFailure(
        code: "002029", sqlState: "42601",
        message: "SQL compilation error:\n'\(table.plainName)' has no primary or unique key for the foreign key over ("
          + constraint.columns.map(\.name).joined(separator: ", ") + ").")
    }
    return (table.name, key)
  }

  // MARK: SHOW

  /// SHOW PRIMARY KEYS, UNIQUE KEYS and IMPORTED KEYS.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/show-primary-keys> and published sessions.
  func showKeys(_ kind: TableConstraint.Kind, _ place: ColumnPlace) throws(StatementFailure) -> StatementResult {
    let tables = try tables(place).filter { !$0.constraints.isEmpty }
    if kind == .foreignKey { return importedKeys(of: tables) }
    var rows: [[String?]] = []
    for table in tables {
      let parts = table.parts.map(\.name)
      for key in table.constraints where key["kind"].string == kind.rawValue {
        for (index, column) in key["columns"].strings.enumerated() {
          rows.append(
            [Self.timestamp(key["created_on"].int ?? 0)] + parts + [
              column, String(index + 1), key["name"].string, key["rely"] == true ? "true" : "false",
              key["comment"].string,
            ])
        }
      }
    }
    return keys(
      "created_on database_name schema_name table_name column_name key_sequence constraint_name rely comment", rows)
  }

  /// SHOW INDEXES: hybrid tables alone have any, and there are none of those here.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/show-indexes>; the order of the columns is assumed.
  func showIndexes(_ place: ColumnPlace) throws(StatementFailure) -> StatementResult {
    _ = try tables(place)
    return keys(
      "created_on name is_unique columns included_columns table database_name schema_name owner owner_role_type", [])
  }

  private func importedKeys(of tables: [StoredObject]) -> StatementResult {
    // By the id of the key: the tables that have it, more than one after a clone.
    var holders: [String: [StoredObject]] = [:]
    for table in tables.isEmpty ? [] : world.objects("TABLE") {
      for key in table.constraints where key["kind"] != "FOREIGN KEY" {
        holders[key["id"].string ?? "", default: []].append(table)
      }
    }
    var rows: [[String?]] = []
    for table in tables {
      for foreign in table.constraints where foreign["kind"] == "FOREIGN KEY" {
        guard let id = foreign["references"].string,
          let target = Self.holder(among: holders[id] ?? [], of: foreign["table"].string ?? "", near: table),
          let key = target.constraints.first(where: { $0["id"].string == id })
        else { continue }
        for (index, (own, other)) in zip(foreign["columns"].strings, key["columns"].strings).enumerated() {
          rows.append(
            [Self.timestamp(foreign["created_on"].int ?? 0)] + target.parts.map(\.name) + [other]
              + table.parts.map(\.name) + [
                own, String(index + 1), foreign["update_rule"].string, foreign["delete_rule"].string,
                foreign["name"].string, key["name"].string,
                foreign["deferrable"] == true ? "DEFERRABLE" : "NOT DEFERRABLE",
                foreign["rely"] == true ? "true" : "false", foreign["comment"].string,
              ])
        }
      }
    }
    return keys(
      "created_on pk_database_name pk_schema_name pk_table_name pk_column_name fk_database_name fk_schema_name "
        + "fk_table_name fk_column_name key_sequence update_rule delete_rule fk_name pk_name deferrability rely comment",
      rows)
  }

  /// The table that a foreign key means: within a cloned container the clone, otherwise the one it was said of, which may
  /// have another name by now.
  private static func holder(
    among tables: [StoredObject], of written: String, near table: StoredObject
  ) -> StoredObject? {
    guard tables.count > 1, let said = try? QualifiedName(parsing: written, parts: 3...3).parts else {
      return tables.first
    }
    let own = table.parts
    let names = [[own[0], own[1], said[2]], [own[0], said[1], said[2]], said].map { parts in
      parts.map(\.sql).joined(separator: ".")
    }
    for name in names { if let found = tables.first(where: { $0.name == name }) { return found } }
    // Renamed: the one nearest.
    let sorted = tables.sorted { $0.name < $1.name }
    return sorted.first { $0.parts.dropLast() == own.dropLast() } ?? sorted.first { $0.parts[0] == own[0] }
      ?? sorted.first
  }

  private func keys(_ names: String, _ rows: [[String?]]) -> StatementResult {
    let columns = names.split(separator: " ").map { name -> ResultColumn in
      var column = ResultColumn(name: String(name))
      if name == "created_on" { column.type = .timestamp_ltz }
      if name == "key_sequence" { column.type = .fixed }
      return column
    }
    return StatementResult(columns: columns, rows: Array(rows.prefix(maximumRows)), statementTypeID: 0x4400)
  }
}

extension StoredObject {
  /// The keys of a table, as they are stored.
  var constraints: [Value] { notes["constraints"]?.list ?? [] }

  /// The columns that are in a key of a kind.
  func columns(in kind: TableConstraint.Kind) -> Set<String> {
    Set(constraints.filter { $0["kind"].string == kind.rawValue }.flatMap { $0["columns"].strings })
  }
}

extension Value {
  /// The texts of a list.
  fileprivate var strings: [String] { list.compactMap(\.string) }
}
