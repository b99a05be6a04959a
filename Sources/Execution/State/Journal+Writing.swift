import Glibc
import SnowmakerCore
import SnowmakerModel

extension Journal {
  /// Begins a run: all statements as planned, the ledger one generation on, and the ledger changes that need no
  /// statement. Earlier runs that never ended are marked interrupted.
  ///
  /// Throws when the ledger is not at the plan's generation any more, or the state file cannot be written.
  func begin(
    _ plan: Plan, id: String, planDigest: String, changes: [(Address, LedgerChange)]
  ) throws(Diagnostic) {
    let scope = scope
    try store.write { connection in
      let row = try LocalLedger.make(scope, connection)
      let generation = try connection.number("SELECT generation FROM scope WHERE id = ?", [.int(row)]) ?? 0
      guard generation == Int64(plan.binding.ledgerGeneration) else {
        throw Diagnostic.error(
          "something was applied to \(scope) after this plan was made "
            + "(ledger generation \(plan.binding.ledgerGeneration) then, \(generation) now)",
          detail: "Make a new plan.", code: "plan-stale")
      }
      let now = Timestamp.now.milliseconds
      try connection.run("UPDATE scope SET generation = generation + 1 WHERE id = ?", [.int(row)])
      try connection.run(
        "UPDATE run SET outcome = ?, finished = ? WHERE scope = ? AND outcome IS NULL",
        [.text(RunOutcome.interrupted.rawValue), .int(now), .int(row)])
      try connection.run(
        """
        INSERT INTO run (id, sequence, scope, plan_digest, pid, host, started)
        SELECT ?, coalesce(max(sequence), 0) + 1, ?, ?, ?, ?, ? FROM run
        """,
        [
          .text(id), .int(row), .text(planDigest), .int(Int64(getpid())), .text(Machine.name), .int(now),
        ])
      let creating = plan.creatingSteps
      for (index, step) in plan.steps.enumerated() {
        try connection.run(
          """
          INSERT INTO statement (run, step, type, identity, role, sql, risk, creates, state)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
          [
            .text(id), .int(Int64(index)), .text(step.address.type), .text(step.address.identityText),
            .text(step.role), .text(step.statement.sql.description), .text(step.risk.rawValue),
            .int(creating.contains(index) ? 1 : 0), .text(StatementState.planned.rawValue),
          ])
      }
      try LocalLedger.apply(changes, scope: row, connection)
    }
  }

  /// Something that happened to a statement.
  enum Note: Sendable {
    /// It is about to be sent; it must not be when writing this fails.
    case sending
    case finished(StatementState, queryID: String?, code: String? = nil, message: String? = nil)
  }

  /// What happened to which step, and what that changes in the ledger.
  typealias Happening = (note: Note, step: Int, changes: [(Address, LedgerChange)])

  /// Writes what happened to a statement, together with what that changes in the ledger.
  func write(_ note: Note, run: String, step: Int, changes: [(Address, LedgerChange)] = []) throws(Diagnostic) {
    try write([(note, step, changes)], run: run)
  }

  /// Writes what happened to several statements, and what that changes in the ledger, at once.
  func write(
    _ notes: [Happening], run: String
  ) throws(Diagnostic) {
    let scope = scope
    let now = SQLiteValue.int(Timestamp.now.milliseconds)
    try store.write { connection in
      let row = try LocalLedger.make(scope, connection)
      for (note, step, changes) in notes {
        switch note {
        case .sending:
          try connection.run(
            "UPDATE statement SET state = ?, sent = ? WHERE run = ? AND step = ?",
            [.text(StatementState.sent.rawValue), now, .text(run), .int(Int64(step))])
        case .finished(let state, let queryID, let code, let message):
          try connection.run(
            """
            UPDATE statement SET state = ?, query_id = ?, code = ?, message = ?, finished = ? WHERE run = ? AND step = ?
            """,
            [
              .text(state.rawValue), .text(queryID), .text(code), .text(message), now, .text(run), .int(Int64(step)),
            ])
        }
        try LocalLedger.apply(changes, scope: row, connection)
      }
    }
  }

  /// Writes how the run ended.
  func end(run: String, _ outcome: RunOutcome) throws(Diagnostic) {
    try store.write { connection in
      try connection.run(
        "UPDATE run SET outcome = ?, finished = ? WHERE id = ?",
        [.text(outcome.rawValue), .int(Timestamp.now.milliseconds), .text(run)])
    }
  }
}

extension Plan {
  /// The steps that bring something about which was not there: the CREATE of an object, and whatever makes what is no
  /// object, as a grant.
  fileprivate var creatingSteps: Set<Int> {
    var result: Set<Int> = []
    for resource in resources where resource.action == .create {
      let creating = resource.steps.filter { steps.indices.contains($0) && steps[$0].statement.creates }
      result.formUnion(creating.isEmpty ? resource.steps : creating)
    }
    for (index, step) in steps.enumerated() where step.statement.creates { result.insert(index) }
    return result
  }
}

extension Statement {
  /// Whether it makes an object that was not there.
  var creates: Bool {
    effects.contains { if case .created = $0 { true } else { false } }
  }
}
