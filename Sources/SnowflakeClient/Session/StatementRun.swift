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
      guard error == .cancelled, api == nil else { throw error }
      // Its own task: this one is cancelled and could send nothing.
      await Task { await self.abort(sql, requestID) }.value
      throw .cancelled
    }
  }

  private func run(
    _ sql: String, _ statement: StatementOptions, _ requestID: String
  ) async throws(ClientError) -> ResultStream {
    if let api {
      let (answer, body, cost) = try await api.run(sql, statement, requestID, place)
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
    let operation = "running a statement"
    // An attempt that may have arrived, and the login it was sent under: 0 when there is none.
    var wasAmbiguous = submission.resultPath != nil
    var ambiguousLogin = 0
    for _ in 0..<4 {
      let token = try token()
      let login = upkeep.logins
      // A new session does not know the old one's request ids: it would run the statement a second time.
      if ambiguousLogin != 0, ambiguousLogin != login { throw submission.lost(Self.sessionReplaced) }
      let exchange: Exchange
      do throws(ExchangeFailure) {
        exchange = try await transport.exchange(
          operation, policy: options.statementRetry, onThrottle: options.onThrottle
        ) { attempt in
          submission.request(attempt, token: token)
        }
      } catch {
        cost.roundTrips += error.attempts
        if error.error == .cancelled { throw .cancelled }
        throw error.wasAmbiguous || wasAmbiguous ? submission.lost(error.error) : error.error
      }
      cost.roundTrips += exchange.attempts
      cost.retries += exchange.attempts - 1
      if exchange.wasAmbiguous, submission.resultPath == nil { ambiguousLogin = login }
      wasAmbiguous = wasAmbiguous || exchange.wasAmbiguous
      let status = exchange.response.status
      guard status == 200 || status == 401 else {
        let error = ClientError.http(
          status: status, operation: operation, host: endpoint.host, hint: httpHint(status))
        throw wasAmbiguous ? submission.lost(error) : error
      }
      var isGone = false
      if status == 200 {
        var body = exchange.response.body
        let answer: StatementAnswer
        do throws(JSONError) {
          answer = try StatementAnswer.read(&body)
        } catch {
          throw submission.lost(badAnswer(error, body, operation: operation))
        }
        let code = answer.code ?? ""
        isGone = SessionCodes.needLogin.contains(code)
        guard !answer.success, SessionCodes.expired.contains(code) || isGone else { return (answer, body) }
        if isGone, ambiguousLogin != 0 { throw submission.lost(.sql(Self.failure(answer))) }
      }
      do throws(ClientError) {
        try await renew(token, isGone: isGone)
      } catch {
        if error == .cancelled { throw error }
        throw wasAmbiguous ? submission.lost(error) : error
      }
    }
    throw .badAnswer("the account keeps calling a fresh session expired", operation: operation)
  }

  private static let sessionReplaced = ClientError.badAnswer(
    "the session ended and a new one was opened", operation: "running a statement")

  /// Tells the account to stop a statement. It may not have begun yet, so this is tried a few times; the network and
  /// an expired session are dealt with as for any request, within ten seconds or so.
  private func abort(_ sql: String, _ requestID: String) async {
    let body = JSONValue.object([.init("sqlText", .string(sql)), .init("requestId", .string(requestID))]).encoded
    var policy = options.statementRetry
    policy.deadline = min(policy.deadline, .seconds(10))
    policy.attempts = min(policy.attempts, 5)
    var timeouts = HTTPTimeouts.brief
    timeouts.firstByte = min(timeouts.firstByte, options.timeouts.firstByte)
    let operation = "stopping a statement"
    let (endpoint, options, limits) = (endpoint, options, timeouts)
    for number in 0..<5 {
      guard let token = try? token() else { return }
      let url = "\(endpoint.base)/queries/v1/abort-request?requestId=\(RequestID.make())"
      let sent = try? await answer(operation, policy: policy) { _ in
        HTTPRequest(
          method: .post, url: url, headers: options.headers(token: token), body: body, timeouts: limits,
          revocation: options.revocation)
      }
      guard var response = sent else { return }
      var code = response.status == 401 ? "390112" : ""
      if response.status == 200 {
        code = (try? readEnvelope(&response.body, operation: operation))?["code"]?.text ?? ""
      }
      if SessionCodes.expired.contains(code) {
        guard (try? await renew(token, isGone: false)) != nil else { return }
      } else if code == "000605" {
        do { try await Task.sleep(for: .milliseconds(100 << number)) } catch { return }
      } else {
        return
      }
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

  /// The error when nobody can say whether the statement ran.
  func lost(_ cause: ClientError) -> ClientError { .unanswered(cause: cause, requestID: requestID) }

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
