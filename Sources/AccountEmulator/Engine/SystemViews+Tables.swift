import AccountModel
import SnowmakerModel

/// The views of INFORMATION_SCHEMA over what is in tables.
extension SystemViews {
  /// A row for each column of the tables and views whose columns are known.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/info-schema/columns>. That sizes in bytes are four times those in
  /// characters, up to 16 MB, is assumed.
  func columns(in database: String?) -> VirtualTable {
    var rows: [[String?]] = []
    for type in ["TABLE", "VIEW"] {
      guard let kind = run.registry.kind(type) else { continue }
      for object in objects(kind, in: database, database == nil) {
        let parts = object.parts.map(\.name)
        for (index, column) in (object.notes["columns"]?.list ?? []).enumerated() {
          let canonical = column["type"].string ?? ""
          let type = DataTypes.described(canonical)
          let identity = ColumnIdentity(column["identity"])
          let isNumber = type.name == "NUMBER"
          rows.append([
            parts[0], parts[1], parts[2], column["name"].string, String(index + 1), column["default"].string,
            column["null"] == .bool(false) ? "NO" : "YES", type.name, type.length, type.octets, type.precision,
            isNumber ? "10" : nil, type.scale, "NO", identity == nil ? "NO" : "YES",
            identity.map { _ in "BY DEFAULT" }, identity.map { String($0.start) },
            identity.map { String($0.increment) }, identity.map { _ in "NO" },
            identity.map { $0.isOrdered ? "YES" : "NO" }, column["comment"].string,
            column["written"].string ?? type.name,
          ])
        }
      }
    }
    return ViewColumns.table(
      "TABLE_CATALOG TABLE_SCHEMA TABLE_NAME COLUMN_NAME ORDINAL_POSITION# COLUMN_DEFAULT IS_NULLABLE DATA_TYPE "
        + "CHARACTER_MAXIMUM_LENGTH# CHARACTER_OCTET_LENGTH# NUMERIC_PRECISION# NUMERIC_PRECISION_RADIX# NUMERIC_SCALE# "
        + "IS_SELF_REFERENCING IS_IDENTITY IDENTITY_GENERATION IDENTITY_START IDENTITY_INCREMENT IDENTITY_CYCLE "
        + "IDENTITY_ORDERED COMMENT DATA_TYPE_ALIAS", rows)
  }

  /// The rows of TABLES with what only the tables themselves know; every other view as it is.
  func completed(_ view: String, _ table: VirtualTable) -> VirtualTable {
    guard view == "TABLES", let kind = run.registry.kind("TABLE") else { return table }
    func place(_ name: String) -> Int? { table.columns.firstIndex { $0.name == name } }
    guard let type = place("TABLE_TYPE"), let retention = place("RETENTION_TIME"), let temporary = place("IS_TEMPORARY")
    else { return table }
    var result = table
    for index in result.rows.indices where result.rows[index][type] == "BASE TABLE" {
      let name = result.rows[index].prefix(3).map { Identifier(exact: $0 ?? "").sql }.joined(separator: ".")
      guard let object = run.world.object("TABLE", name) else { continue }
      result.rows[index][retention] = run.fact("retention_time", of: object, kind)
      if let key = object.text("cluster_by") {
        if let place = place("CLUSTERING_KEY") { result.rows[index][place] = TableBehavior.clusteringKey(key) }
        if let place = place("AUTO_CLUSTERING_ON") { result.rows[index][place] = "YES" }
      }
      if object.text("kind") == "TEMPORARY" {
        result.rows[index][type] = "TEMPORARY TABLE"
        result.rows[index][temporary] = "YES"
      }
    }
    return result
  }

  /// A row for each key of a table.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/info-schema/table_constraints>.
  func tableConstraints(in database: String) -> VirtualTable {
    var rows: [[String?]] = []
    for (table, constraint) in constraints(in: database) {
      let parts = table.parts.map(\.name)
      let time = StatementRun.timestamp(constraint["created_on"].int ?? 0)
      rows.append(
        [parts[0], parts[1], constraint["name"].string] + parts + [
          constraint["kind"].string, constraint["deferrable"] == true ? "YES" : "NO",
          "YES", "NO", constraint["comment"].string, time, time, constraint["rely"] == true ? "YES" : "NO",
        ])
    }
    return ViewColumns.table(
      "CONSTRAINT_CATALOG CONSTRAINT_SCHEMA CONSTRAINT_NAME TABLE_CATALOG TABLE_SCHEMA TABLE_NAME CONSTRAINT_TYPE "
        + "IS_DEFERRABLE INITIALLY_DEFERRED ENFORCED COMMENT CREATED@ LAST_ALTERED@ RELY", rows)
  }

  /// A row for each foreign key whose key is there.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/info-schema/referential_constraints>.
  func referentialConstraints(in database: String) -> VirtualTable {
    var keys: [String: (StoredObject, Value)] = [:]
    for table in run.world.objects("TABLE").sorted(by: { $0.name < $1.name }) {
      for key in table.constraints where key["kind"] != "FOREIGN KEY" { keys[key["id"].string ?? ""] = (table, key) }
    }
    var rows: [[String?]] = []
    for (table, foreign) in constraints(in: database) where foreign["kind"] == "FOREIGN KEY" {
      guard let (target, key) = keys[foreign["references"].string ?? ""] else { continue }
      let parts = table.parts.map(\.name)
      let other = target.parts.map(\.name)
      let time = StatementRun.timestamp(foreign["created_on"].int ?? 0)
      rows.append([
        parts[0], parts[1], foreign["name"].string, other[0], other[1], key["name"].string, "FULL",
        foreign["update_rule"].string, foreign["delete_rule"].string, foreign["comment"].string, time, time,
      ])
    }
    return ViewColumns.table(
      "CONSTRAINT_CATALOG CONSTRAINT_SCHEMA CONSTRAINT_NAME UNIQUE_CONSTRAINT_CATALOG UNIQUE_CONSTRAINT_SCHEMA "
        + "UNIQUE_CONSTRAINT_NAME MATCH_OPTION UPDATE_RULE DELETE_RULE COMMENT CREATED@ LAST_ALTERED@", rows)
  }

  private func constraints(in database: String) -> [(StoredObject, Value)] {
    guard let kind = run.registry.kind("TABLE") else { return [] }
    return objects(kind, in: database, false).flatMap { table in table.constraints.map { (table, $0) } }
  }
}
