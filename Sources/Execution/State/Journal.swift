import Glibc
import SnowmakerCore
public import SnowmakerModel

/// What was sent to the account, written before and after each statement, on the disk before the next thing happens.
public struct Journal: Sendable {
  /// Whose journal it is.
  public let scope: LedgerScope
  let store: StateStore

  /// The journal of `scope` in `store`.
  public init(_ store: StateStore, scope: LedgerScope) {
    self.store = store
    self.scope = scope
  }

  /// How far a statement got.
  public enum StatementState: String, Hashable, Sendable {
    case planned
    /// It was about to be sent, and what came of it was never written: the process ended in between.
    case sent
    case done
    /// The account refused it, or it never left.
    case failed
    /// It was sent and no answer came.
    case unanswered
  }

  /// How a run ended.
  public enum RunOutcome: String, Hashable, Sendable {
    case succeeded, failed, cancelled
    /// The process ended before the run did.
    case interrupted
  }

  /// A statement of a run. Secrets are slots, here as everywhere.
  public struct Statement: Hashable, Sendable {
    /// Its place in the plan.
    public var step: Int
    /// The resource it is for.
    public var address: Address
    /// The role it ran as, canonical SQL text.
    public var role: String
    /// The SQL with slots.
    public var sql: String
    /// What it would take to get back.
    public var risk: Change.Risk
    /// Whether it makes an object.
    public var creates: Bool
    /// How far it got.
    public var state: StatementState
    /// The account's id for it.
    public var queryID: String?
    /// The account's error code.
    public var code: String?
    /// The error's text.
    public var message: String?
    /// When it was sent.
    public var sent: Timestamp?
    /// When its answer came.
    public var finished: Timestamp?
  }

  /// One apply.
  public struct Run: Hashable, Sendable {
    /// Its id, also what the sessions' query tag carries.
    public var id: String
    /// SHA-256 (hex) of the plan.
    public var planDigest: String
    /// When it began.
    public var started: Timestamp
    /// When it ended; nil while it runs and when it was killed.
    public var finished: Timestamp?
    /// How it ended; nil while it runs and when it was killed.
    public var outcome: RunOutcome?
    /// The process that ran it.
    public var pid: Int
    /// The machine it ran on.
    public var host: String
    /// Its statements, in the plan's order.
    public var statements: [Statement]

    /// The statements in one state.
    public func statements(_ state: StatementState) -> [Statement] { statements.filter { $0.state == state } }

    /// Statements that may or may not have had their effect.
    public var unsettled: [Statement] { statements.filter { $0.state == .sent || $0.state == .unanswered } }
  }

  /// A fresh id for a run: 16 hex digits. Throws when libcrypto cannot be used.
  public static func newRunID() throws(Diagnostic) -> String { Crypto.hex(try Crypto.random(8)) }

  /// The last run, when it was killed before it ended. Ask while holding the lock, otherwise it may still be running.
  /// Throws when the state file cannot be read.
  public func unfinishedRun() throws(Diagnostic) -> Run? {
    let last = try runs(limit: 1).first
    return last?.outcome == nil ? last : nil
  }

  /// The last run that left statements without an answer, if no other has ended well since. Throws when the state file
  /// cannot be read.
  public func unansweredRun() throws(Diagnostic) -> Run? {
    guard let last = try runs(limit: 1).first, last.outcome != .succeeded, !last.unsettled.isEmpty else { return nil }
    return last
  }

  /// The latest runs, newest first. Throws when the state file cannot be read or makes no sense.
  public func runs(limit: Int = 20) throws(Diagnostic) -> [Run] {
    let scope = scope
    let path = store.path
    return try store.read { connection in
      guard let id = try LocalLedger.find(scope, connection) else { return [] }
      var runs: [Run] = []
      try connection.query(
        """
        SELECT id, plan_digest, started, finished, outcome, pid, host FROM run WHERE scope = ?
        ORDER BY sequence DESC LIMIT ?
        """, [.int(id), .int(Int64(limit))]
      ) { runs.append(Run(row: $0)) }
      for index in runs.indices {
        runs[index].statements = try Self.statements(of: runs[index].id, connection, path: path)
      }
      return runs
    }
  }

  /// Objects whose creation was sent in one of the last runs without an answer on record, with the moment it was sent.
  /// Throws as `runs` does.
  public func unsettledCreations() throws(Diagnostic) -> [Address: Timestamp] {
    var result: [Address: Timestamp] = [:]
    // What a later run did to a resource, the ledger knows.
    var known: Set<Address> = []
    for run in try runs(limit: 5) {
      for statement in run.unsettled
      where statement.creates && result[statement.address] == nil && !known.contains(statement.address) {
        result[statement.address] = statement.sent ?? run.started
      }
      known.formUnion(run.statements(.done).map(\.address))
    }
    return result
  }

  private static func statements(of run: String, _ connection: SQLiteConnection, path: String) throws -> [Statement] {
    var statements: [Statement] = []
    var problem: String?
    try connection.query(
      """
      SELECT step, type, identity, role, sql, risk, creates, state, query_id, code, message, sent, finished
      FROM statement WHERE run = ? ORDER BY step
      """, [.text(run)]
    ) { row in
      guard problem == nil else { return }
      do throws(DocumentError) { statements.append(try Statement(row: row)) } catch { problem = error.description }
    }
    if let problem { throw StateProblem.damaged(path, problem) }
    return statements
  }
}

extension Journal.Run {
  /// Reads the columns id, plan_digest, started, finished, outcome, pid, host.
  fileprivate init(row: SQLiteConnection.Row) {
    self.init(
      id: row.text(0) ?? "", planDigest: row.text(1) ?? "", started: Timestamp(milliseconds: row.int(2) ?? 0),
      finished: row.int(3).map(Timestamp.init(milliseconds:)),
      outcome: row.text(4).flatMap(Journal.RunOutcome.init(rawValue:)), pid: Int(row.int(5) ?? 0),
      host: row.text(6) ?? "", statements: [])
  }
}

extension Journal.Statement {
  /// Reads the columns that `Journal.statements` selects.
  fileprivate init(row: SQLiteConnection.Row) throws(DocumentError) {
    let step = Int(row.int(0) ?? 0)
    guard let state = row.text(7).flatMap(Journal.StatementState.init(rawValue:)) else {
      throw DocumentError("journal statement \(step)", "unknown state '\(row.text(7) ?? "")'")
    }
    self.init(
      step: step, address: try Address(type: row.text(1), identityText: row.text(2)), role: row.text(3) ?? "",
      sql: row.text(4) ?? "", risk: row.text(5).flatMap(Change.Risk.init(rawValue:)) ?? .irreversible,
      creates: row.int(6) == 1, state: state, queryID: row.text(8), code: row.text(9), message: row.text(10),
      sent: row.int(11).map(Timestamp.init(milliseconds:)), finished: row.int(12).map(Timestamp.init(milliseconds:)))
  }
}
