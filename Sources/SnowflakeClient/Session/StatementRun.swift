extension Session {
  /// Runs one statement and reads its whole result.
  ///
  /// Throws `.sql` when the account refuses or fails it, `.unanswered` when it was sent and nobody can say whether it
  /// ran, `.cancelled` when the task is cancelled (the account is told to stop the statement), and what the network and
  /// the login do otherwise. A repeated request carries the same id, so that the account runs the statement once.
  public func execute(
    _ sql: String, options statement: StatementOptions = StatementOptions()
  ) async throws(ClientError) -> QueryResult {
    let clock = ContinuousClock()
    let start = clock.now
    let stream = try await self.stream(sql, options: statement)
    var result = try await stream.collect()
    result.cost.duration = start.duration(to: clock.now)
    return result
  }

  /// Runs one statement and gives its rows as they arrive, with no more of them in memory than
  /// `SessionOptions.chunkMemory` says. Throws what `execute` throws; the rows' iterator throws what fetching throws.
  public func stream(
    _ sql: String, options statement: StatementOptions = StatementOptions()
  ) async throws(ClientError) -> ResultStream {
    if Task.isCancelled { throw .cancelled }
    let requestID = statement.requestID ?? RequestID.make()
    do throws(ClientError) {
      return try await run(sql, statement, requestID)
    } catch {
      guard error == .cancelled else { throw error }
      // Its own task: this one is cancelled and could send nothing.
      await Task { await self.abort(sql, requestID) }.value
      throw .cancelled
    }
  }

  private func run(
    _ sql: String, _ statement: StatementOptions, _ requestID: String
  ) async throws(ClientError) -> ResultStream {
    if let api {
      let (answer, body, cost) = try await api.submit(sql, statement, requestID, place, isAsync: false)
      return try await stream(answer, body, cost, of: api)
    }
    var cost = StatementCost()
    let submission = submission(sql, statement, requestID, isAsync: false)
    let (answer, body) = try await finish(try await call(submission, &cost), submission, statement, &cost)
    return try stream(answer, body, cost)
  }

  func submission(
    _ sql: String, _ statement: StatementOptions, _ requestID: String, isAsync: Bool
  ) -> Submission {
    sequence += 1
    return Submission(
      endpoint: endpoint, options: options, requestID: requestID,
      body: Submission.body(sql, statement, sequence: sequence, isAsync: isAsync), resultPath: nil)
  }

  /// Asks for the result until there is one. Throws the statement's failure.
  func finish(
    _ first: (StatementAnswer, [UInt8]), _ submission: Submission, _ statement: StatementOptions,
    _ cost: inout StatementCost
  ) async throws(ClientError) -> (StatementAnswer, [UInt8]) {
    let clock = ContinuousClock()
    var (answer, body) = first
    var pause = Duration.milliseconds(50)
    while Self.isInProgress(answer) {
      guard let path = answer.details.resultURL, path.hasPrefix("/") else {
        throw .badAnswer("the answer says neither a result nor where to ask for it", operation: "running a statement")
      }
      statement.onProgress?(answer.details.queryID ?? "")
      let asked = clock.now
      (answer, body) = try await call(submission.polling(path), &cost)
      // The account is expected to hold the question for a while; if it does not, neither do we hurry.
      if Self.isInProgress(answer), asked.duration(to: clock.now) < .seconds(1) {
        do { try await clock.sleep(for: pause) } catch { throw .cancelled }
        pause = min(pause * 2, .seconds(5))
      }
    }
    note(answer.details)
    guard answer.success else { throw .sql(Self.failure(answer)) }
    if answer.columns.isEmpty, answer.details.queryID == nil {
      throw .badAnswer("the answer holds neither columns nor a query's id", operation: "running a statement")
    }
    return (answer, body)
  }

  /// Sends a request of the statement until the account answers it with a session that it accepts.
  func call(
    _ submission: Submission, _ cost: inout StatementCost
  ) async throws(ClientError) -> (StatementAnswer, [UInt8]) {
    var wasAmbiguous = submission.resultPath != nil
    for _ in 0..<4 {
      let token = try token()
      let exchange: Exchange
      do throws(ExchangeFailure) {
        exchange = try await transport.exchange(
          "running a statement", policy: options.statementRetry, onThrottle: options.onThrottle
        ) { attempt in
          submission.request(attempt, token: token)
        }
      } catch {
        cost.roundTrips += error.attempts
        if error.error == .cancelled { throw .cancelled }
        throw error.wasAmbiguous || wasAmbiguous
          ? .unanswered(cause: error.error, requestID: submission.requestID) : error.error
      }
      cost.roundTrips += exchange.attempts
      cost.retries += exchange.attempts - 1
      wasAmbiguous = wasAmbiguous || exchange.wasAmbiguous
      let isUnauthorised = exchange.response.status == 401
      guard exchange.response.status == 200 || isUnauthorised else {
        let status = exchange.response.status
        throw .http(
          status: status, operation: "running a statement", host: endpoint.host, hint: httpHint(status))
      }
      var body = exchange.response.body
      if !isUnauthorised {
        let answer: StatementAnswer
        do throws(JSONError) {
          answer = try StatementAnswer.read(&body)
        } catch {
          throw .unanswered(
            cause: badAnswer(error, body, operation: "running a statement"), requestID: submission.requestID)
        }
        let code = answer.code ?? ""
        guard !answer.success, SessionCodes.expired.contains(code) || SessionCodes.needLogin.contains(code) else {
          return (answer, body)
        }
        if SessionCodes.needLogin.contains(code) {
          // A new session does not know the old one's request ids: it would run the statement a second time.
          if wasAmbiguous && submission.resultPath == nil {
            throw .unanswered(
              cause: .sql(Self.failure(answer)), requestID: submission.requestID)
          }
          try await renew(token, isGone: true)
          continue
        }
      }
      try await renew(token, isGone: false)
    }
    throw .badAnswer("the account keeps calling a fresh session expired", operation: "running a statement")
  }

  /// Tells the account to stop a statement. It may not have begun yet, so this is tried a few times.
  private func abort(_ sql: String, _ requestID: String) async {
    guard let token = try? token() else { return }
    let body = JSONValue.object([.init("sqlText", .string(sql)), .init("requestId", .string(requestID))]).encoded
    for number in 0..<4 {
      let request = HTTPRequest(
        method: .post, url: "\(endpoint.base)/queries/v1/abort-request?requestId=\(RequestID.make())",
        headers: options.headers(token: token), body: body, timeouts: .brief)
      guard var response = try? await transport.send(request), response.status == 200,
        let envelope = try? readEnvelope(&response.body, operation: ""), envelope["code"]?.text == "000605"
      else { return }
      do { try await Task.sleep(for: .milliseconds(100 << number)) } catch { return }
    }
  }

  private func note(_ details: StatementDetails) {
    if let found = details.finalRole { role = found }
    if let found = details.finalDatabase { database = found }
    if let found = details.finalSchema { schema = found }
    if let found = details.finalWarehouse { warehouse = found }
  }

  static func isInProgress(_ answer: StatementAnswer) -> Bool {
    answer.code == "333333" || answer.code == "333334"
  }

  static func failure(_ answer: StatementAnswer) -> SQLFailure {
    SQLFailure(
      code: answer.code ?? "", sqlState: answer.details.sqlState,
      message: answer.message ?? "the account gave no reason", queryID: answer.details.queryID,
      line: answer.details.line.flatMap { $0 >= 0 ? $0 : nil },
      position: answer.details.position.flatMap { $0 >= 0 ? $0 : nil })
  }
}

/// The requests of one statement.
struct Submission: Sendable {
  let endpoint: Endpoint
  let options: SessionOptions
  let requestID: String
  let body: [UInt8]
  /// Where to ask for the result; nil for the statement itself.
  let resultPath: String?

  /// The request that asks for the result.
  func polling(_ path: String) -> Submission {
    Submission(endpoint: endpoint, options: options, requestID: requestID, body: [], resultPath: path)
  }

  static func body(_ sql: String, _ statement: StatementOptions, sequence: Int, isAsync: Bool) -> [UInt8] {
    var parameters = statement.parameters.sorted { $0.key < $1.key }
      .map { JSONValue.Member($0.key, .string($0.value)) }
    if let count = statement.statementCount { parameters.append(.init("MULTI_STATEMENT_COUNT", .integer(count))) }
    let bindings: [JSONValue.Member] =
      statement.bindings.isEmpty ? [] : [.init("bindings", Binding.json(statement.bindings))]
    return JSONValue.object(
      [
        .init("sqlText", .string(sql)), .init("asyncExec", .bool(isAsync)), .init("sequenceId", .integer(sequence)),
        .init("querySubmissionTime", .integer(wallClockMilliseconds())), .init("parameters", .object(parameters)),
        .init("queryContextDTO", .object([])),
      ] + bindings
    ).encoded
  }

  func request(_ attempt: Attempt, token: Secret) -> HTTPRequest {
    let headers = options.headers(token: token)
    if let resultPath {
      return HTTPRequest(
        url: endpoint.base + resultPath, headers: headers, timeouts: options.timeouts, revocation: options.revocation)
    }
    var query = QueryString()
    query.add("requestId", requestID)
    query.add("request_guid", RequestID.make())
    if attempt.number > 0 {
      query.add("clientStartTime", String(attempt.startedAt))
      query.add("retryCount", String(attempt.number))
      query.add("retryReason", String(attempt.lastStatus))
    }
    return HTTPRequest(
      method: .post, url: endpoint.base + "/queries/v1/query-request" + query.text, headers: headers, body: body,
      timeouts: options.timeouts, revocation: options.revocation)
  }
}
