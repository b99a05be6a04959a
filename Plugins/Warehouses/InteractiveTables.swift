import SnowmakerSDK

/// The tables of an interactive warehouse: ALTER WAREHOUSE adds and takes off single ones.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/alter-warehouse>.
enum InteractiveTables {
  private static let name = "tables"

  /// The item as if the tables were as declared, so that the rest can be planned by the schema.
  static func settled(_ item: PlanItem) -> PlanItem {
    guard let declared = item.declared?.find(name), var observed = item.observed else { return item }
    var item = item
    let others = observed.attributes.fields.filter { $0.key != name }
    observed.attributes = .object(others + [.init(name, declared)])
    item.observed = observed
    return item
  }

  /// Adds to a change what makes the tables as declared.
  static func complete(_ change: inout Change, _ item: PlanItem, of object: SQLObject) {
    guard let declared = item.declared?.find(name), let observed = item.observed,
      change.action != .replace
    else { return }
    let before = observed.attributes[name].strings
    let after = declared.strings
    let added = after.filter { !before.contains($0) }
    let removed = before.filter { !after.contains($0) }
    guard !added.isEmpty || !removed.isEmpty else { return }
    func statement(_ verb: String, _ tables: [String], undo: String) -> Statement {
      let list = "TABLES (\(tables.joined(separator: ", ")))"
      return Statement(
        SQLText("ALTER \(object.description) \(verb) \(list)"),
        authorities: [.ownership(object), .privilege("MODIFY", object)],
        undo: SQLText("ALTER \(object.description) \(undo) \(list)"))
    }
    var statements: [Statement] = []
    if !removed.isEmpty { statements.append(statement("DROP", removed, undo: "ADD")) }
    if !added.isEmpty { statements.append(statement("ADD", added, undo: "DROP")) }
    let transfer = change.statements.firstIndex { $0.sql.description.hasPrefix("GRANT OWNERSHIP") }
    change.statements.insert(contentsOf: statements, at: transfer ?? change.statements.count)
    change.attributes.append(AttributeChange(name, before: observed.attributes[name], after: declared))
    if change.action == .none { change.action = .update }
  }
}
