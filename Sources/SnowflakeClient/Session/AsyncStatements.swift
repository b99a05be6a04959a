/// What became of a statement that was sent without waiting for it.
public struct QueryStatus: Sendable, Equatable {
  /// The account's word: `RUNNING`, `QUEUED`, `SUCCESS`, `FAILED_WITH_ERROR`, `ABORTED` … ; `NO_DATA` when it does not
  /// know the statement (yet).
  public var name: String
  /// The code of the failure.
  public var errorCode: String?
  /// The message of the failure.
  public var errorMessage: String?

  /// Whether the statement may still change its status.
  public var isRunning: Bool {
    ["RUNNING", "QUEUED", "RESUMING_WAREHOUSE", "QUEUED_REPARING_WAREHOUSE", "NO_DATA", "BLOCKED"].contains(name)
  }
  /// Whether it has worked.
  public var isSuccess: Bool { name == "SUCCESS" }
}

extension Session {
  /// Sends a statement and gives its id without waiting for its end. Throws what `execute` throws.
  public func submit(
    _ sql: String, options statement: StatementOptions = StatementOptions()
  ) async throws(ClientError) -> String {
    var cost = StatementCost()
    let requestID = statement.requestID ?? RequestID.make()
    if let api {
      let (answer, _, _) = try await api.submit(sql, statement, requestID, place, isAsync: true)
      guard let handle = answer.details.queryID else {
        throw .badAnswer("the answer holds no handle", operation: "sending a statement")
      }
      return handle
    }
    let submission = submission(sql, statement, requestID, isAsync: true)
    let (answer, _) = try await call(submission, &cost)
    guard answer.success || Self.isInProgress(answer) else { throw .sql(Self.failure(answer)) }
    guard let id = answer.details.queryID else {
      throw .badAnswer("the answer holds no query id", operation: "sending a statement")
    }
    return id
  }

  /// What became of a statement. Throws what the network and the session throw.
  public func status(of queryID: String) async throws(ClientError) -> QueryStatus {
    let operation = "asking for the status of query \(queryID)"
    let path = "/monitoring/queries/\(try Self.pathPart(queryID))"
    if let api {
      do throws(ClientError) {
        let (answer, _) = try await api.result(try Self.pathPart(queryID), place)
        return QueryStatus(name: Self.isInProgress(answer) ? "RUNNING" : "SUCCESS")
      } catch {
        guard let failure = error.sqlFailure else { throw error }
        return QueryStatus(name: "FAILED_WITH_ERROR", errorCode: failure.code, errorMessage: failure.message)
      }
    }
    for _ in 0..<3 {
      let token = try token()
      let request = HTTPRequest(
        url: endpoint.base + path, headers: options.headers(token: token), timeouts: options.timeouts,
        revocation: options.revocation)
      var response = try await answer(operation, policy: options.statementRetry) { _ in request }
      if response.status == 401 {
        try await renew(token, isGone: false)
        continue
      }
      guard response.status == 200 else {
        throw .http(status: response.status, operation: operation, host: endpoint.host, hint: httpHint(response.status))
      }
      let envelope = try readEnvelope(&response.body, operation: operation)
      let code = envelope["code"]?.text ?? ""
      if envelope["success"] != .bool(true) {
        guard SessionCodes.expired.contains(code) || SessionCodes.needLogin.contains(code) else {
          throw .sql(SQLFailure(code: code, message: envelope["message"]?.text ?? "no reason given", queryID: queryID))
        }
        try await renew(token, isGone: SessionCodes.needLogin.contains(code))
        continue
      }
      guard case .array(let queries)? = envelope["data"]?["queries"], let query = queries.first else {
        return QueryStatus(name: "NO_DATA")
      }
      return QueryStatus(
        name: query["status"]?.text ?? "NO_DATA", errorCode: query["errorCode"]?.text,
        errorMessage: query["errorMessage"]?.text)
    }
    throw .badAnswer("the account keeps calling a fresh session expired", operation: operation)
  }

  /// The result of a statement that was sent before, by this session or another of the same user; waits for its end.
  /// Throws the statement's failure and what `execute` throws.
  public func result(
    of queryID: String, options statement: StatementOptions = StatementOptions()
  ) async throws(ClientError) -> QueryResult {
    var cost = StatementCost()
    if let api {
      let first = try await api.result(try Self.pathPart(queryID), place)
      let (answer, body) = try await api.finish(first, statement, place, &cost)
      return try await stream(answer, body, cost, of: api).collect()
    }
    let path = "/queries/\(try Self.pathPart(queryID))/result"
    let submission = Submission(
      endpoint: endpoint, options: options, requestID: RequestID.make(), body: [], resultPath: path)
    let (answer, body) = try await finish(try await call(submission, &cost), submission, statement, &cost)
    return try await stream(answer, body, cost).collect()
  }

  /// Runs a text of several statements in one request and gives each one's result. Throws what `execute` throws; the
  /// first failing statement ends the text, those before it have run.
  public func executeAll(
    _ sql: String, options statement: StatementOptions = StatementOptions()
  ) async throws(ClientError) -> [QueryResult] {
    var statement = statement
    if statement.statementCount == nil { statement.statementCount = 0 }
    let parent = try await execute(sql, options: statement)
    if parent.childQueryIDs.isEmpty { return [parent] }
    var results: [QueryResult] = []
    for id in parent.childQueryIDs { results.append(try await result(of: id)) }
    return results
  }

  /// Stops a statement by its id. Throws what `execute` throws.
  public func cancel(queryID: String) async throws(ClientError) {
    if let api {
      await api.cancel(try Self.pathPart(queryID), place)
      return
    }
    _ = try await execute("SELECT SYSTEM$CANCEL_QUERY('\(try Self.pathPart(queryID))')")
  }

  /// An id as it may stand in a path or a statement. Throws when it is none.
  private static func pathPart(_ queryID: String) throws(ClientError) -> String {
    guard !queryID.isEmpty, queryID.utf8.count <= 64,
      queryID.utf8.allSatisfy({ byte in
        byte == 0x2D || (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte & 0xDF)
      })
    else { throw .connection(ConnectionProblem("\"\(queryID)\" is no query id")) }
    return queryID
  }
}
