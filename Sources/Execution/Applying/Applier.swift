public import SnowmakerCore
public import SnowmakerModel

/// Runs a plan's statements: independent ones side by side, each journalled before and after, the ledger following as
/// resources get done.
public struct Applier: Sendable {
  private let runner: any StatementRunner
  private let secrets: SecretResolver
  private let journal: Journal
  private let lanes: Int

  /// An applier that writes ledger and journal of `ledger`'s scope to its state file, and runs at most `lanes`
  /// statements side by side.
  public init(runner: any StatementRunner, secrets: SecretResolver, ledger: LedgerStore, lanes: Int = 8) {
    self.runner = runner
    self.secrets = secrets
    journal = Journal(ledger.store, scope: ledger.scope)
    self.lanes = max(1, lanes)
  }

  /// Applies the plan. Hold the ledger's lock from before the plan was made (or checked) until this returns.
  ///
  /// After the first failure, and when `isCancelled` says so, nothing new is started and what runs is finished. A
  /// statement without an answer is not sent again. `progress` is called from one task at a time.
  ///
  /// Throws before anything is sent: when the plan has errors or is damaged or stale, when a secret is missing, and
  /// when the state file cannot be written.
  /// - Parameters:
  ///   - runID: the run's id, for callers that have put it into a query tag; otherwise a fresh one.
  ///   - planDigest: SHA-256 (hex) of the saved plan, for the journal; empty when there is none.
  public func apply(
    _ plan: Plan, runID: String? = nil, planDigest: String = "",
    progress: @escaping @Sendable (ApplyEvent) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) async throws(Diagnostic) -> ApplyOutcome {
    if let problem = plan.diagnostics.first(where: { $0.severity == .error }) { throw problem }
    guard LedgerScope(plan.binding) == journal.scope else {
      throw .error("the plan is for \(LedgerScope(plan.binding)), not for \(journal.scope)", code: "plan-elsewhere")
    }
    var schedule = try ApplySchedule(plan.steps, lanes: lanes)
    var ledger = try LedgerProgress(plan)
    try secrets.check(plan.steps.flatMap(\.statement.sql.secrets))
    let run: String
    if let runID { run = runID } else { run = try Journal.newRunID() }
    try journal.begin(plan, id: run, planDigest: planDigest, changes: ledger.immediate)

    var outcome = ApplyOutcome(runID: run)
    var started: Set<Int> = []
    await withTaskGroup(of: StepEnd.self) { group in
      var isStopping = false
      while true {
        if !isStopping, isCancelled() {
          outcome.wasCancelled = true
          isStopping = true
          progress(.stopping)
        }
        while !isStopping, let (index, lane) = schedule.next() {
          started.insert(index)
          progress(.started(step: index))
          group.addTask { await send(plan.steps[index], index: index, lane: lane, run: run) }
        }
        guard let end = await group.next() else { break }
        let worked = record(end, plan: plan, run: run, ledger: &ledger, outcome: &outcome, progress: progress)
        schedule.finish(end.step, lane: end.lane, worked: worked)
        if !worked, !isStopping {
          isStopping = true
          progress(.stopping)
        }
      }
    }
    outcome.done.sort()
    outcome.notStarted = plan.steps.indices.filter { !started.contains($0) }
    // Stopping after the last step had started changed nothing.
    if outcome.notStarted.isEmpty { outcome.wasCancelled = false }
    end(run, &outcome)
    return outcome
  }

  /// What became of one statement.
  private struct StepEnd: Sendable {
    var step: Int
    var lane: Int
    var result: Result<StatementAnswer, StatementError>
    var seconds: Double
    /// The journal could not be written, so that the statement was not sent.
    var journalProblem: Diagnostic?
  }

  private func send(_ step: PlanStep, index: Int, lane: Int, run: String) async -> StepEnd {
    let clock = ContinuousClock()
    let start = clock.now
    var values: [String] = []
    var end = StepEnd(
      step: index, lane: lane, result: .failure(StatementError(.notSent, message: "")), seconds: 0)
    do {
      let filled = try secrets.fill(step.statement.sql)
      values = filled.secrets
      do throws(Diagnostic) { try journal.sending(run: run, step: index) } catch {
        end.journalProblem = error
        throw error
      }
      end.result = .success(try await runner.run(filled.sql, role: step.role, purpose: .write))
    } catch let error as StatementError {
      var error = error
      error.message = SecretResolver.cover(values, in: error.message)
      end.result = .failure(error)
    } catch {
      let message = (error as? Diagnostic)?.summary ?? String(describing: error)
      end.result = .failure(StatementError(.notSent, message: message))
    }
    end.seconds = (clock.now - start) / .seconds(1)
    return end
  }

  /// Writes down what became of a statement. Returns whether others may go on.
  private func record(
    _ end: StepEnd, plan: Plan, run: String, ledger: inout LedgerProgress, outcome: inout ApplyOutcome,
    progress: (ApplyEvent) -> Void
  ) -> Bool {
    var worked = true
    var settled: [Address] = []
    do throws(Diagnostic) {
      switch end.result {
      case .success(let answer):
        outcome.done.append(end.step)
        let due = ledger.finish(end.step)
        try journal.finish(run: run, step: end.step, state: .done, queryID: answer.queryID, changes: due.changes)
        settled = due.settled
        progress(.finished(step: end.step, queryID: answer.queryID, seconds: end.seconds))
      case .failure(let error):
        worked = false
        let step = plan.steps[end.step]
        outcome.failed.append(
          ApplyOutcome.FailedStep(
            step: end.step, address: step.address, role: step.role, sql: step.statement.sql.description, error: error))
        progress(.failed(step: end.step, error))
        if let problem = end.journalProblem { throw problem }
        try journal.finish(
          run: run, step: end.step, state: error.kind == .unanswered ? .unanswered : .failed, queryID: error.queryID,
          code: error.code, message: error.message)
      }
    } catch {
      outcome.journalProblem = outcome.journalProblem ?? error
      return false
    }
    for address in settled { progress(.settled(address)) }
    return worked
  }

  private func end(_ run: String, _ outcome: inout ApplyOutcome) {
    let word: Journal.RunOutcome = outcome.wasCancelled ? .cancelled : outcome.isComplete ? .succeeded : .failed
    do throws(Diagnostic) { try journal.end(run: run, outcome.failed.isEmpty ? word : .failed) } catch {
      outcome.journalProblem = outcome.journalProblem ?? error
    }
  }
}
