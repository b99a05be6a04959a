import AccountModel

/// What the engine keeps of a session beside what the wire sees.
struct SessionContext {
  var user: String
  /// Whether every role of the user counts beside the current one.
  var allSecondaryRoles = false
  /// The roles that count when not all do.
  var secondaryRoles: [RoleReference] = []
  /// The token of the login is restricted to one role, so that the session stays on it, alone.
  var isRestricted = false
  var variables: [String: String] = [:]
  /// The types of variables that are no text.
  var variableTypes: [String: ResultColumn.ResultType] = [:]
  var lastQueryID: String?
  var transaction: OpenTransaction?
  var lastTransaction: Int64?
  /// The latest results, for RESULT_SCAN; the newest last.
  private(set) var results: [(id: String, result: StatementResult)] = []

  mutating func remember(_ result: StatementResult, as id: String) {
    lastQueryID = id
    results.append((id, result))
    if results.count > Self.keptResults { results.removeFirst() }
  }

  private static let keptResults = 8
}
