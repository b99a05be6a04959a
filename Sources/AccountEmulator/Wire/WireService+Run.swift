import SnowmakerModel
import Synchronization

/// A statement to run and how.
struct WireJob: Sendable {
  var query: WireQuery
  var bindings: [String: StatementBinding]
  var parameters: [String: String]
  var describeOnly: Bool
  /// Why the request cannot be run, found while it was read.
  var refusal: StatementFailure?
  var failure: StatementFailure?
  var extraLatency = Duration.zero
  /// How the answer is to differ.
  var change: AnswerChange?
  /// The fault that befalls the request.
  var fault: String?
  /// Whether the session was opened for this statement only.
  var endsSession = false
  /// How files come and go; nil: this client cannot be told.
  var fileAccess: WireStages.Access?

  init(query: WireQuery, body: Value, fault: FaultPlan.Kind?) {
    self.query = query
    describeOnly = body["describeOnly"].bool ?? false
    parameters = [:]
    for field in body["parameters"].fields {
      if let text = field.value.wireText { parameters[field.key.uppercased()] = text }
    }
    bindings = [:]
    for field in body["bindings"].fields {
      let type = field.value["type"].string?.uppercased() ?? "ANY"
      switch field.value["value"] {
      case .list(let values):
        bindings[field.key] = StatementBinding(type: type, values: values.map(\.wireText), isArray: true)
      case let value: bindings[field.key] = StatementBinding(type: type, values: [value.wireText])
      }
    }
    if body["bindStage"].string != nil {
      refusal = StatementFailure(
        code: "000002", sqlState: "0A000",
        message: "Unsupported feature 'bind values in a stage': the emulator takes them in the request only.")
    }
    switch fault {
    case .fail(let failure): self.failure = failure
    case .latency(let duration): extraLatency = duration
    case .rewrite(let change): self.change = change
    default: break
    }
    self.fault = fault?.name
  }
}

extension WireService {
  /// Runs a statement to its end and writes the log. Called on a thread of the pool.
  func run(_ job: WireJob) {
    defer { if job.endsSession { engine.close(job.query.session.engine) } }
    let running = inFlight.wrappingAdd(1, ordering: .relaxed).newValue
    let query = job.query
    let start = WireClock.monotonic()
    let before = query.session.engine.current
    var rows = 0
    var code: String?
    do {
      var outcome = try execute(job)
      if let change = job.change { outcome.result = change.applied(to: outcome.result) }
      rows = outcome.result.rows.count
      queries.note(query, rows: rows)
      inFlight.wrappingSubtract(1, ordering: .relaxed)
      logStatement(job, state: before, code: nil, rows: rows, start: start, inFlight: running)
      query.finish(.succeeded(outcome), at: clock.epochMilliseconds)
    } catch {
      let error = job.change?.applied(to: error) ?? error
      code = error.code
      inFlight.wrappingSubtract(1, ordering: .relaxed)
      logStatement(job, state: before, code: code, rows: 0, start: start, inFlight: running)
      query.finish(.failed(error), at: clock.epochMilliseconds)
    }
  }

  private func logStatement(
    _ job: WireJob, state: EngineSession.State, code: String?, rows: Int, start: Int64, inFlight: Int
  ) {
    log.append(
      .init(
        number: 0, kind: .statement, time: job.query.submitted, session: job.query.session.engine.id, user: state.user,
        role: state.role, sql: job.query.sql, requestID: job.query.requestID, queryID: job.query.id, code: code,
        rows: rows, microseconds: (WireClock.monotonic() - start) / 1000, inFlight: inFlight, fault: job.fault))
  }

  private func execute(_ job: WireJob) throws(StatementFailure) -> WireOutcome {
    let session = job.query.session.engine
    let own = WireStatement.recognise(job.query.sql)
    var latency = faults.withLock { $0.statementLatency } + job.extraLatency
    if case .wait(let duration, _) = own { latency += duration }
    try delay(job, latency)
    if let refusal = job.failure ?? job.refusal { throw refusal }
    if let own, let result = try answer(own, job) { return WireOutcome(result: result, state: session.current) }
    if let file = WireFileStatement.recognise(job.query.sql) {
      let (result, transfer) = try run(try file.get(), job)
      return WireOutcome(result: result, state: session.current, transfer: transfer)
    }
    let statements = try split(job)
    if statements.count == 1 {
      let result = try engine.execute(
        statements[0], bindings: job.bindings, describeOnly: job.describeOnly, queryID: job.query.id,
        parameters: job.parameters, in: session)
      return WireOutcome(result: result, state: session.current, bindCount: job.bindings.count)
    }
    return try executeAll(statements, of: job)
  }

  /// Waits before a statement runs, so long as it is not cancelled; afterwards it cannot be cancelled any more.
  private func delay(_ job: WireJob, _ latency: Duration) throws(StatementFailure) {
    // A stopping server waits for nobody; statements that wait already are cancelled by it.
    if stopping.withLock({ $0 }) { throw .cancelled }
    let limit = timeout(job)
    let timesOut = limit.map { latency > .seconds($0) } ?? false
    let pause = timesOut ? Duration.seconds(limit ?? 0) : latency
    let deadline = WireClock.monotonic() + pause.wireNanoseconds
    let isCancelled =
      job.query.progress.wait(until: pause > .zero ? deadline : 0) { $0.cancelled ? true : nil } ?? false
    let mayRun = job.query.progress.withLock { progress -> Bool in
      if progress.cancelled || timesOut { return false }
      progress.started = true
      return true
    }
    if mayRun { return }
    if timesOut && !isCancelled, let limit { throw .timedOut(seconds: limit) }
    throw .cancelled
  }

  /// STATEMENT_TIMEOUT_IN_SECONDS of the statement or its session; nil when there is none.
  private func timeout(_ job: WireJob) -> Int64? {
    let name = "STATEMENT_TIMEOUT_IN_SECONDS"
    let text = job.parameters[name] ?? job.query.session.engine.current.parameters[name]
    return text.flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil }
  }

  /// The statements of the text, as many as the client said there would be.
  private func split(_ job: WireJob) throws(StatementFailure) -> [String] {
    let sql = job.query.sql
    let name = "MULTI_STATEMENT_COUNT"
    let text = job.parameters[name] ?? job.query.session.engine.current.parameters[name]
    let wanted = text.flatMap { Int($0) } ?? 1
    if wanted == 1 && !Self.mayHoldSeveral(sql) { return [sql] }
    let statements = try engine.split(sql)
    // An empty text is the engine's to refuse.
    if statements.isEmpty && wanted <= 1 { return [sql] }
    if wanted != 0 && statements.count != wanted {
      throw StatementFailure(
        code: "000008", sqlState: "0A000",
        message: "Actual statement count \(statements.count) did not match the desired statement count \(wanted).")
    }
    return statements
  }

  /// Whether there is a semicolon with anything but space and semicolons after it.
  private static func mayHoldSeveral(_ sql: String) -> Bool {
    var seen = false
    for byte in sql.utf8 {
      if byte == UInt8(ascii: ";") { seen = true } else if seen && byte > 0x20 { return true }
    }
    return false
  }

  /// Runs the statements of a multi-statement text one after the other; the first failure ends it.
  private func executeAll(_ statements: [String], of job: WireJob) throws(StatementFailure) -> WireOutcome {
    let session = job.query.session
    var children: [WireOutcome.Child] = []
    var used = 0
    var places = StatementPlaces(job.query.sql)
    for sql in statements {
      let place = places.next(sql)
      let child = WireQuery(
        id: WireRandom.queryID(), session: session, requestID: nil, sql: sql, isAsync: false,
        submitted: clock.epochMilliseconds)
      _ = queries.enter(child)
      let (bindings, count) = WirePlaceholders.take(job.bindings, for: sql, after: used)
      used += count
      do throws(StatementFailure) {
        let result = try engine.execute(
          sql, bindings: bindings, describeOnly: job.describeOnly, queryID: child.id, parameters: job.parameters,
          in: session.engine)
        queries.note(child, rows: result.rows.count)
        child.finish(
          .succeeded(WireOutcome(result: result, state: session.engine.current)), at: clock.epochMilliseconds)
        children.append(.init(id: child.id, statementTypeID: result.statementTypeID))
      } catch {
        child.finish(.failed(error), at: clock.epochMilliseconds)
        throw .failedInBatch(error, statement: sql, line: place.line, position: place.position)
      }
    }
    let summary = StatementResult(
      columns: [ResultColumn(name: "multiple statement execution", nullable: false)],
      rows: job.describeOnly ? [] : [["Multiple statements executed successfully."]], statementTypeID: 0xA000)
    return WireOutcome(
      result: summary, state: session.engine.current, children: children, bindCount: job.bindings.count)
  }

  /// Answers a statement that is about statements; nil when the engine shall have it after all.
  private func answer(_ statement: WireStatement, _ job: WireJob) throws(StatementFailure) -> StatementResult? {
    switch statement {
    case .resultScan(let id):
      // Results of other texts than ours (LAST_QUERY_ID, or an id that is the engine's own) are the engine's.
      guard let query = visible(id, to: job.query.session) else { return nil }
      let outcome = query.progress.wait(until: nil) { progress -> WireQuery.Outcome? in progress.outcome }
      switch outcome {
      case .succeeded(let outcome):
        var result = outcome.result
        result.statementTypeID = 0x1000
        result.isDML = false
        if job.describeOnly { result.rows = [] }
        return result
      case .failed(let failure): throw failure
      case .forgotten, nil: throw .forgottenResult
      }
    case .cancelQuery(let id):
      let isCancelled = visible(id, to: job.query.session)?.cancel() ?? false
      let text =
        isCancelled ? "query [\(id)] terminated." : "Identified SQL statement is not currently executing."
      return StatementResult(
        columns: [ResultColumn(name: "SYSTEM$CANCEL_QUERY('\(id.uppercased())')")], rows: [[text]],
        statementTypeID: 0x1000)
    case .wait(_, let text):
      return StatementResult(
        columns: [ResultColumn(name: "SYSTEM$WAIT")], rows: job.describeOnly ? [] : [[text]], statementTypeID: 0x1000)
    }
  }
}
