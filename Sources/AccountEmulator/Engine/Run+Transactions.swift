import SnowmakerModel

/// An open transaction of a session.
struct OpenTransaction {
  /// Its number: when it began, in nanoseconds since 1970.
  var id: Int64
  var name: String
  /// In milliseconds since 1970.
  var startedOn: Int64
}

/// BEGIN, COMMIT and ROLLBACK. The emulator has no data, so a transaction holds nothing to undo: every DDL statement
/// commits an open transaction, and then runs and commits by itself, as in Snowflake.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/transactions>.
extension StatementRun {
  func transaction(_ action: TransactionAction) -> StatementResult {
    switch action {
    case .begin(let name):
      // Within a transaction BEGIN does nothing.
      if context.transaction == nil {
        let now = world.now()
        let id = max(now * 1_000_000, (context.lastTransaction ?? 0) + 1)
        world.sessions[session.id]?.transaction = OpenTransaction(
          id: id, name: name ?? "tx-\(id)", startedOn: now)
      }
    case .commit, .rollback: endTransaction()
    }
    return Self.status("Statement executed successfully.", 0x5000)
  }

  /// What a DDL statement does before it runs.
  func endTransaction() {
    guard let open = context.transaction else { return }
    world.sessions[session.id]?.transaction = nil
    world.sessions[session.id]?.lastTransaction = open.id
  }

  /// The open transactions of the user's sessions; of everybody's for who sees everything.
  func showTransactions() -> StatementResult {
    var columns = ["id", "user", "session", "name", "started_on", "state", "scope"].map { ResultColumn(name: $0) }
    columns[0].type = .fixed
    columns[2].type = .fixed
    columns[4].type = .timestamp_ltz
    var rows: [[String?]] = []
    for (id, other) in world.sessions.sorted(by: { $0.key < $1.key }) {
      guard let open = other.transaction, other.user == context.user || held.contains(.accountAdmin) else { continue }
      rows.append([
        String(open.id), shown(other.user), String(id), open.name, Self.timestamp(open.startedOn), "running", "0",
      ])
    }
    return StatementResult(columns: columns, rows: rows, statementTypeID: 0x4400)
  }
}

extension Statement {
  /// Whether it defines something or changes who may do what, and so commits an open transaction.
  var isDefinition: Bool {
    switch self {
    case .create, .alter, .alterAccount, .drop, .undrop, .comment, .privileges, .ownership, .revokeFutureOwnership,
      .grantRole, .revokeRole, .accessTokens, .executeProject, .dropDeployment:
      true
    case .flow(let steps): steps.contains(where: \.isDefinition)
    default: false
    }
  }
}
