import PluginHost
public import SnowmakerCore
public import SnowmakerModel

/// Runs a plan's statements: independent ones side by side, each journalled before and after, the ledger following as
/// resources get done.
public struct Applier: Sendable {
  private let runner: any StatementRunner
  private let operations: (any OperationRunner)?
  private let secrets: SecretResolver
  private let keeper: AnswerKeeper
  private let journal: Journal
  private let lanes: Int

  /// An applier that writes ledger and journal of `ledger`'s scope to its state file, and runs at most `lanes`
  /// statements side by side. `operations` does what SQL does not reach; without it, that fails before it is begun.
  public init(
    runner: any StatementRunner, operations: (any OperationRunner)? = nil, secrets: SecretResolver,
    ledger: LocalLedger, lanes: Int = 8
  ) {
    self.runner = runner
    self.operations = operations
    self.secrets = secrets
    keeper = AnswerKeeper(directory: secrets.directory)
    journal = Journal(ledger.store, scope: ledger.scope)
    self.lanes = max(1, lanes)
  }

  /// Applies the plan. Hold the ledger's lock from before the plan was made (or checked) until this returns.
  ///
  /// After the first failure, when `isCancelled` says so, and when the task is cancelled, nothing new is started and
  /// what runs is finished. A statement without an answer is not sent again. `progress` is never called twice at once,
  /// but from any thread; `isCancelled` at any time.
  ///
  /// Throws before anything is sent: when the plan has errors or is damaged or stale, when a secret is missing or one that
  /// the account will tell cannot be kept, and when the state file cannot be written.
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
    let ledger = try LedgerProgress(plan)
    try secrets.check(
      plan.steps.flatMap { $0.statement.sql.secrets + SecretResolver.ids(in: $0.statement.operation ?? .null) })
    try keeper.check(plan.steps.compactMap(\.statement.keeps))
    let run: String
    if let runID { run = runID } else { run = try Journal.newRunID() }
    try journal.begin(plan, id: run, planDigest: planDigest, changes: ledger.immediate)

    let writer = RunWriter(journal, run: run, ledger: ledger)
    let events = ApplyEvents(progress, isCancelled: isCancelled)
    var outcome = ApplyOutcome(runID: run)
    var started: Set<Int> = []
    await withTaskCancellationHandler {
      await withTaskGroup(of: StepEnd.self) { group in
        var isStopping = false
        while true {
          if !isStopping, events.isCancelled {
            outcome.wasCancelled = true
            isStopping = true
            events.send(.stopping)
          }
          while !isStopping, let (index, lane) = schedule.next() {
            started.insert(index)
            events.send(.started(step: index))
            let step = plan.steps[index]
            // A task of its own: when this one is cancelled, a statement that was sent still gets its answer.
            let sending = Task { await send(step, index: index, lane: lane, run: run, writer: writer, events) }
            group.addTask { await sending.value }
          }
          guard let end = await group.next() else { break }
          let worked = note(end, plan: plan, outcome: &outcome, events)
          schedule.finish(end.step, lane: end.lane, worked: worked)
          if !worked, !isStopping {
            isStopping = true
            events.send(.stopping)
          }
        }
      }
    } onCancel: {
      events.cancel()
    }
    outcome.done.sort()
    outcome.notStarted = plan.steps.indices.filter { !started.contains($0) }
    let wasObeyed = events.isCancelled && outcome.failed.contains { $0.error.kind == .cancelled }
    // Stopping after the last step had started changed nothing, unless the plugin that does it obeyed.
    outcome.wasCancelled = wasObeyed || outcome.wasCancelled && !outcome.notStarted.isEmpty
    end(run, &outcome)
    return outcome
  }

  /// What became of one statement.
  private struct StepEnd: Sendable {
    var step: Int
    var lane: Int
    var result: Result<StatementAnswer, StatementError>
    var seconds = 0.0
    /// The resources that are through with it.
    var settled: [Address] = []
    /// The journal could not be written: before the statement, which was not sent then, or after it.
    var journalProblem: Diagnostic?
  }

  private func send(
    _ step: PlanStep, index: Int, lane: Int, run: String, writer: RunWriter, _ events: ApplyEvents
  ) async -> StepEnd {
    let clock = ContinuousClock()
    let start = clock.now
    var end = StepEnd(step: index, lane: lane, result: .failure(StatementError(.notSent, message: "")))
    do throws(Diagnostic) {
      let filled = try secrets.fill(step.statement)
      do throws(Diagnostic) { _ = try await writer.write(.sending, step: index) } catch {
        end.journalProblem = error
        throw error
      }
      if let operation = filled.operation {
        end.result = await apply(operation, step, index: index, hiding: filled.secrets, events)
      } else {
        end.result = await answer(
          to: filled.sql, as: step.role, run: run, hiding: filled.secrets, keeping: step.statement.keeps)
      }
    } catch {
      end.result = .failure(StatementError(.notSent, message: error.summary))
    }
    end.seconds = (clock.now - start) / .seconds(1)
    guard end.journalProblem == nil else { return end }
    do throws(Diagnostic) { end.settled = try await writer.write(Self.note(end.result), step: index) } catch {
      end.journalProblem = error
    }
    return end
  }

  private func answer(
    to sql: String, as role: String, run: String, hiding secrets: [String], keeping kept: KeptAnswer?
  ) async -> Result<StatementAnswer, StatementError> {
    do throws(StatementError) {
      guard let kept else { return .success(try await runner.run(sql, role: role, purpose: .write, tag: run)) }
      var answer = try await runner.write(answering: sql, role: role, tag: run)
      let problem = keeper.keep(kept, of: answer)
      answer.columns = []
      answer.rows = []
      guard let problem else { return .success(answer) }
      throw StatementError(
        .unanswered, message: "it worked, but the secret that it answered is lost: \(problem)", queryID: answer.queryID)
    } catch {
      var error = error
      error.message = SecretResolver.cover(secrets, in: error.message)
      return .failure(error)
    }
  }

  /// Has the plugin do what SQL does not reach. What it asks meanwhile is read as the step's role.
  private func apply(
    _ operation: Value, _ step: PlanStep, index: Int, hiding secrets: [String], _ events: ApplyEvents
  ) async -> Result<StatementAnswer, StatementError> {
    guard let operations else {
      return .failure(StatementError(.notSent, message: "nothing here applies what SQL does not reach"))
    }
    let services = ApplyServices(
      query: { [runner] sql in await Self.rows(of: sql, as: step.role, runner) },
      progress: { progress in
        var progress = progress
        progress.message = SecretResolver.cover(secrets, in: progress.message)
        events.send(.working(step: index, progress.printable))
        return events.goesOn(index)
      })
    do throws(StatementError) {
      return .success(try await operations.apply(operation, of: step.address, services: services))
    } catch {
      var error = error
      // It had no effect because the user did not want it any more.
      if error.kind == .failed, events.wasToldToStop(index) { error.kind = .cancelled }
      error.message = SecretResolver.cover(secrets, in: error.message)
      return .failure(error)
    }
  }

  private static func rows(
    of sql: String, as role: String, _ runner: any StatementRunner
  ) async -> Result<ReadResult, Diagnostic> {
    do throws(StatementError) {
      let answer = try await runner.run(sql, role: role, purpose: .read("QUERY"))
      return .success(ReadResult(sql: sql, columns: answer.columns, rows: answer.rows))
    } catch {
      return .failure(.error(error.description, code: "query-failed"))
    }
  }

  private static func note(_ result: Result<StatementAnswer, StatementError>) -> Journal.Note {
    switch result {
    case .success(let answer): .finished(.done, queryID: answer.queryID)
    case .failure(let error):
      .finished(
        error.kind == .unanswered ? .unanswered : .failed, queryID: error.queryID, code: error.code,
        message: error.message)
    }
  }

  /// Takes the end of a statement into the outcome. Returns whether others may go on.
  private func note(
    _ end: StepEnd, plan: Plan, outcome: inout ApplyOutcome, _ events: ApplyEvents
  ) -> Bool {
    if let problem = end.journalProblem { outcome.journalProblem = outcome.journalProblem ?? problem }
    switch end.result {
    case .success(let answer):
      outcome.done.append(end.step)
      events.send(.finished(step: end.step, queryID: answer.queryID, seconds: end.seconds))
      for address in end.settled { events.send(.settled(address)) }
      return end.journalProblem == nil
    case .failure(let error):
      let step = plan.steps[end.step]
      outcome.failed.append(
        ApplyOutcome.FailedStep(
          step: end.step, address: step.address, role: step.role, sql: step.statement.sql.description, error: error))
      events.send(.failed(step: end.step, error))
      return false
    }
  }

  private func end(_ run: String, _ outcome: inout ApplyOutcome) {
    let word: Journal.RunOutcome = outcome.isOnlyCancelled ? .cancelled : outcome.isComplete ? .succeeded : .failed
    do throws(Diagnostic) { try journal.end(run: run, word) } catch {
      outcome.journalProblem = outcome.journalProblem ?? error
    }
  }
}
