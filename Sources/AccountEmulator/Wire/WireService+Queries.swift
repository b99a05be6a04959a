import SnowmakerModel
import Synchronization

extension WireService {
  /// POST /queries/v1/query-request
  func submit(_ request: HTTPRequest, body: Value, fault: FaultPlan.Kind?) -> HTTPReply {
    let session: WireSession
    do { session = try self.session(request) } catch { return WireEnvelope.failure(error) }
    guard let sql = body["sqlText"].string else {
      return WireEnvelope.failure(code: "390400", message: "Bad request: sqlText is missing.")
    }
    let requestID = (request.arguments["requestId"] ?? request.arguments["request_id"]).flatMap {
      $0.isEmpty ? nil : $0
    }
    let isAsync = body["asyncExec"].bool ?? false
    let fresh = WireQuery(
      id: WireRandom.queryID(), session: session, requestID: requestID, sql: sql, isAsync: isAsync,
      submitted: clock.epochMilliseconds)
    let (query, isNew) = queries.enter(fresh)
    if isNew {
      var job = WireJob(query: query, body: body, fault: fault)
      job.fileAccess = stages.access(request)
      if case .inProgress(let polls) = fault { query.progress.withLock { $0.pollsLeft = max(0, polls) } }
      if !threads.run({ [job] in self.run(job) }) {
        query.finish(.failed(.cannotRun), at: clock.epochMilliseconds)
      }
    } else {
      log.countRepeated()
    }
    if isAsync && isNew { return WireEnvelope.inProgress(queryID: query.id, isAsync: true) }
    return awaitOutcome(query, for: request)
  }

  /// GET /queries/{id}/result
  func result(_ request: HTTPRequest, queryID: String) -> HTTPReply {
    let session: WireSession
    do { session = try self.session(request) } catch { return WireEnvelope.failure(error) }
    guard let query = visible(queryID, to: session) else { return WireEnvelope.failure(.noSuchQuery, queryID: queryID) }
    return awaitOutcome(query, for: request)
  }

  /// GET /monitoring/queries/{id}
  func monitoring(_ request: HTTPRequest, queryID: String) -> HTTPReply {
    let session: WireSession
    do { session = try self.session(request) } catch { return WireEnvelope.failure(error) }
    let query = visible(queryID, to: session)
    return WireEnvelope.success { writer in
      writer.object { writer in
        writer.listField("queries") { writer in
          guard let query else { return }
          let progress = query.progress.withLock { $0 }
          writer.object { $0.monitoring(query, progress) }
        }
      }
    }
  }

  /// POST /queries/v1/abort-request
  func abort(_ request: HTTPRequest, body: Value) -> HTTPReply {
    let session: WireSession
    do { session = try self.session(request) } catch { return WireEnvelope.failure(error) }
    let wanted = body["requestId"].string ?? ""
    guard let query = queries.find(requestID: wanted, session: session.engine.id), query.outcome == nil else {
      return WireEnvelope.failure(
        code: "000605", message: "Identified SQL statement is not currently executing.")
    }
    // A statement the engine is at work on cannot be stopped any more; it ends as if the cancel came too late.
    _ = query.cancel()
    return WireEnvelope.empty()
  }

  /// A query by its id, for a session of the same user.
  func visible(_ queryID: String, to session: WireSession) -> WireQuery? {
    guard let query = queries.find(id: queryID) else { return nil }
    return query.session.engine.current.user == session.engine.current.user ? query : nil
  }

  /// The answer of a query: its outcome, or "in progress" when it takes too long.
  private func awaitOutcome(_ query: WireQuery, for request: HTTPRequest) -> HTTPReply {
    let deadline = WireClock.monotonic() + options.inProgressAfter.wireNanoseconds
    let outcome = query.progress.wait(until: deadline) { progress -> WireQuery.Outcome?? in
      if progress.pollsLeft > 0 {
        progress.pollsLeft -= 1
        return .some(nil)
      }
      return progress.outcome.map { .some($0) }
    }
    switch outcome {
    case .some(.some(.succeeded(let outcome))):
      return WireEnvelope.result(
        outcome, queryID: query.id, time: clock.epochMilliseconds, chunks: chunks(outcome.result, for: request))
    case .some(.some(.failed(let failure))): return WireEnvelope.failure(failure, queryID: query.id)
    case .some(.some(.forgotten)): return WireEnvelope.failure(.forgottenResult, queryID: query.id)
    case .some(nil), nil: return WireEnvelope.inProgress(queryID: query.id, isAsync: query.isAsync)
    }
  }
}

extension StatementFailure {
  /// The statement was cancelled.
  static let cancelled = StatementFailure(code: "000604", sqlState: "57014", message: "SQL execution canceled")

  static let noSuchQuery = StatementFailure(code: "000709", sqlState: "02000", message: "Statement not found")

  static let forgottenResult = StatementFailure(
    code: "000710", sqlState: "02000",
    message: "The result of this statement is no longer kept: the emulator keeps the latest 2,000,000 rows.")

  static let cannotRun = StatementFailure(
    code: "000605", sqlState: "57014", message: "The emulator is stopping or has no thread left for the statement.")

  /// The statement took longer than it may.
  static func timedOut(seconds: Int64) -> StatementFailure {
    StatementFailure(
      code: "000630", sqlState: "57014",
      message: "Statement reached its statement or warehouse timeout of \(seconds) second(s) and was canceled.")
  }
}

extension WireJSONWriter {
  /// The fields of a query as /monitoring/queries tells of it.
  fileprivate mutating func monitoring(_ query: WireQuery, _ progress: WireQuery.Progress) {
    var status = "RUNNING"
    var state = "RUNNING"
    var failure: StatementFailure?
    switch progress.outcome {
    case nil: break
    case .succeeded, .forgotten:
      status = "SUCCESS"
      state = "SUCCEEDED"
    case .failed(let reason):
      status = reason == .cancelled ? "ABORTED" : "FAILED_WITH_ERROR"
      state = "FAILED"
      failure = reason
    }
    field("id", query.id)
    field("status", status)
    field("state", state)
    field("errorCode", failure?.code)
    field("errorMessage", failure?.message)
    field("sqlText", SecretMask.mask(query.sql))
    field("startTime", query.submitted)
    field("endTime", progress.ended)
    field("sessionId", query.session.engine.id)
    objectField("stats") { _ in }
  }
}
