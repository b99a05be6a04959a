import SnowmakerSDK

/// On a stage, WRITE stands on READ: it is refused without READ, and READ stays while WRITE is there. So where both
/// leave in one plan, WRITE goes first.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/grant-privilege#usage-notes>.
enum StagePrivileges {
  /// The privilege and the type of object are the first two parts of every grant's identity.
  private static func isOnStages(_ identity: [String], _ privilege: String) -> Bool {
    identity.count > 2 && identity[0] == privilege && identity[1] == "STAGE"
  }

  /// Plans a grant; the REVOKE of WRITE that leaves together with a READ comes before it, and runs once.
  static func plan(
    _ item: PlanItem, _ request: PlanRequest, _ plan: (PlanItem) throws(Diagnostic) -> Change
  ) throws(Diagnostic) -> Change {
    var change = try plan(item)
    guard change.action == .drop else { return change }
    if isOnStages(item.identity, "WRITE") {
      change.statements = change.statements.map(once)
    } else if isOnStages(item.identity, "READ"),
      let write = request.items.first(where: { other in
        other.declared == nil && other.observed != nil && isOnStages(other.identity, "WRITE")
          && other.identity.dropFirst() == item.identity.dropFirst()
      })
    {
      change.statements.insert(contentsOf: try plan(write).statements.map(once), at: 0)
    }
    return change
  }

  private static func once(_ statement: Statement) -> Statement {
    var statement = statement
    statement.once = statement.sql.description
    return statement
  }
}
