import Glibc

/// Statements by way of Snowflake's SQL API (version 2): no login, no session, every request stands alone.
///
/// What a session would remember (role, warehouse, database, schema, parameters) is sent with each statement. `USE`,
/// `ALTER SESSION`, explicit transactions and temporary tables are not possible this way, except inside one text of several statements.
struct SQLAPI: Sendable {
  let endpoint: Endpoint
  let options: SessionOptions
  let transport: HTTPTransport
  let authenticator: any Authenticator

  /// Where a statement runs; exact names.
  struct Place: Sendable {
    var role: String?
    var database: String?
    var schema: String?
    var warehouse: String?
  }

  /// Whether the way to log in gives a token that the SQL API takes. Throws when it does not.
  static func check(_ authenticator: any Authenticator) throws(ConnectionProblem) {
    switch authenticator {
    case is KeyPairAuthenticator, is OAuthAuthenticator: return
    case let token as TokenAuthenticator where token.method != "WORKLOAD_IDENTITY": return
    default:
      throw ConnectionProblem(
        "the SQL API takes no login of this kind",
        hint: "use a key pair, OAuth or a programmatic access token, or transport = \"session\"")
    }
  }

  /// The way to log in with what it needs at hand.
  private func prepared(_ role: String?) async throws(ClientError) -> any Authenticator {
    let context = LoginContext(
      endpoint: endpoint, options: options, role: role, transport: transport,
      cache: options.credentialFolder.map { CredentialCache(folder: $0) } ?? CredentialCache())
    return try await authenticator.prepare(context)
  }

  /// The header fields of a request; a token that is signed here is made anew each time, because it expires soon.
  private func headers(_ prepared: any Authenticator) throws(ClientError) -> [(name: String, value: String)] {
    let (kind, token): (String, String)
    switch prepared {
    case let pair as KeyPairAuthenticator: (kind, token) = ("KEYPAIR_JWT", try pair.token(account: endpoint.account))
    case let given as TokenAuthenticator: (kind, token) = (given.method, try given.token().reveal())
    case let oauth as OAuthTokenAuthenticator: (kind, token) = ("OAUTH", oauth.token.reveal())
    default: throw .connection(ConnectionProblem("the SQL API takes no login of this kind"))
    }
    return [
      ("Content-Type", "application/json"), ("Accept", "application/json"),
      ("User-Agent", "\(options.application)/\(options.applicationVersion)"), ("Authorization", "Bearer \(token)"),
      ("X-Snowflake-Authorization-Token-Type", kind),
    ]
  }

  /// The header fields of a request, with a fresh token.
  func headers(_ role: String?) async throws(ClientError) -> [(name: String, value: String)] {
    try headers(try await prepared(role))
  }

  /// Runs a statement to its end. Throws what the network does and the statement's failure.
  ///
  /// The API stops statements by their handle only, and a statement that is waited for has none before it is done. So
  /// what may take long is sent without waiting, and asked for; only what reads names and descriptions is waited for.
  func run(
    _ sql: String, _ statement: StatementOptions, _ requestID: String, _ place: Place
  ) async throws(ClientError) -> (StatementAnswer, [UInt8], StatementCost) {
    let kind = StatementClass.of(sql)
    let isBrief = kind.hasPrefix("SHOW") || kind.hasPrefix("DESC") || sql == Session.apiGreeting
    if isBrief { return try await submit(sql, statement, requestID, place, isAsync: false) }
    // Its own task: a cancelled one would break off before it knows the handle.
    let sending = Task { () -> Result<(StatementAnswer, [UInt8], StatementCost), ClientError> in
      do throws(ClientError) {
        return .success(try await submit(sql, statement, requestID, place, isAsync: true))
      } catch { return .failure(error) }
    }
    let sent = await withTaskCancellationHandler {
      await sending.value
    } onCancel: {
      Task {
        try? await Task.sleep(for: .seconds(5))
        sending.cancel()
      }
    }
    var (answer, bytes, cost) = try sent.get()
    if Task.isCancelled {
      if Session.isInProgress(answer), let handle = answer.details.queryID {
        await Task { await cancel(handle, place) }.value
      }
      throw .cancelled
    }
    (answer, bytes) = try await finish((answer, bytes), statement, place, &cost)
    return (answer, bytes, cost)
  }

  /// Sends a statement; with `isAsync` the answer comes at once. Throws what the network does and the statement's
  /// failure. A cancelled task stops the statement.
  func submit(
    _ sql: String, _ statement: StatementOptions, _ requestID: String, _ place: Place, isAsync: Bool
  ) async throws(ClientError) -> (StatementAnswer, [UInt8], StatementCost) {
    let prepared = try await prepared(place.role)
    let submission = Submission(requestID: requestID, isAsync: isAsync, body: body(sql, statement, place))
    let exchange: Exchange
    do throws(ExchangeFailure) {
      exchange = try await transport.exchange(
        "running a statement", policy: options.statementRetry, onThrottle: options.onThrottle
      ) { (attempt) throws(ClientError) in
        try request(submission, isRepeated: attempt.number > 0, prepared)
      }
    } catch {
      guard error.error == .cancelled else {
        throw error.wasAmbiguous ? .unanswered(cause: error.error, requestID: requestID) : error.error
      }
      // Its own task: this one is cancelled and could send nothing.
      if error.wasAmbiguous { await Task { await stop(submission, prepared, place) }.value }
      throw .cancelled
    }
    var cost = StatementCost(roundTrips: exchange.attempts, retries: exchange.attempts - 1)
    let first: (StatementAnswer, [UInt8])
    do throws(ClientError) {
      first = try read(exchange.response)
    } catch {
      // The account's own words about the statement settle it; anything else leaves open what became of an attempt
      // that was not answered.
      guard exchange.wasAmbiguous, error.sqlFailure == nil else { throw error }
      throw .unanswered(cause: error, requestID: requestID)
    }
    if isAsync { return (first.0, first.1, cost) }
    let (answer, bytes) = try await finish(first, statement, place, &cost)
    return (answer, bytes, cost)
  }

  /// What a statement is sent with.
  private struct Submission: Sendable {
    let requestID: String
    var isAsync: Bool
    let body: [UInt8]
  }

  private func request(
    _ submission: Submission, isRepeated: Bool, _ prepared: any Authenticator
  ) throws(ClientError) -> HTTPRequest {
    var query = QueryString()
    query.add("requestId", submission.requestID)
    query.add("async", submission.isAsync ? "true" : "false")
    query.add("nullable", "true")
    // The same request may have been run already.
    if isRepeated { query.add("retry", "true") }
    return HTTPRequest(
      method: .post, url: endpoint.base + "/api/v2/statements" + query.text, headers: try headers(prepared),
      body: submission.body, compressesBody: false, timeouts: options.timeouts, revocation: options.revocation)
  }

  /// Stops a statement whose request was given up before its answer, which would have brought the handle. The same
  /// request as a repetition starts nothing new and, not waiting, is answered with the handle at once.
  private func stop(_ submission: Submission, _ prepared: any Authenticator, _ place: Place) async {
    var again = submission
    again.isAsync = true
    let repeated = again
    let sent = try? await transport.exchange("stopping a statement", policy: farewellPolicy) {
      (_) throws(ClientError) in
      var request = try request(repeated, isRepeated: true, prepared)
      request.timeouts = .brief
      return request
    }
    guard let sent, let (answer, _) = try? read(sent.response), Session.isInProgress(answer),
      let handle = answer.details.queryID
    else { return }
    await cancel(handle, place)
  }

  /// For requests whose outcome nobody waits for.
  private var farewellPolicy: RetryPolicy {
    var policy = options.statementRetry
    policy.deadline = min(policy.deadline, .seconds(10))
    policy.attempts = min(policy.attempts, 5)
    return policy
  }

  /// Asks for a statement's result until there is one.
  func finish(
    _ first: (StatementAnswer, [UInt8]), _ statement: StatementOptions, _ place: Place, _ cost: inout StatementCost
  ) async throws(ClientError) -> (StatementAnswer, [UInt8]) {
    var (answer, bytes) = first
    var pause = Duration.milliseconds(10)
    while Session.isInProgress(answer) {
      guard let handle = answer.details.queryID else {
        throw .badAnswer("the answer holds no handle of the statement", operation: "running a statement")
      }
      statement.onProgress?(handle)
      do throws(ClientError) {
        do { try await Task.sleep(for: pause) } catch { throw ClientError.cancelled }
        pause = min(pause * 2, .seconds(5))
        (answer, bytes) = try await result(handle, place)
        cost.roundTrips += 1
      } catch {
        if error == .cancelled { await Task { await cancel(handle, place) }.value }
        if error == .cancelled || error.sqlFailure != nil { throw error }
        throw .unanswered(cause: error, requestID: handle)
      }
    }
    return (answer, bytes)
  }

  /// What there is of a statement's result now. Throws the statement's failure.
  func result(_ handle: String, _ place: Place) async throws(ClientError) -> (StatementAnswer, [UInt8]) {
    let prepared = try await prepared(place.role)
    let url = address(of: handle)
    let response: HTTPResponse
    do throws(ExchangeFailure) {
      response = try await transport.exchange("asking for a result", policy: options.statementRetry) {
        (_) throws(ClientError) in
        HTTPRequest(
          url: url, headers: try headers(prepared), timeouts: options.timeouts, revocation: options.revocation)
      }.response
    } catch {
      throw error.error
    }
    return try read(response)
  }

  /// Stops a statement, trying a few times; what the account says to that does not matter.
  func cancel(_ handle: String, _ place: Place) async {
    guard let prepared = try? await prepared(place.role) else { return }
    _ = try? await transport.exchange("stopping a statement", policy: farewellPolicy) { (_) throws(ClientError) in
      HTTPRequest(
        method: .post, url: address(of: handle) + "/cancel", headers: try headers(prepared), body: Array("{}".utf8),
        timeouts: .brief, revocation: options.revocation)
    }
  }

  /// Where a statement's result is asked for.
  func address(of handle: String) -> String { "\(endpoint.base)/api/v2/statements/\(handle)" }

  private func body(_ sql: String, _ statement: StatementOptions, _ place: Place) -> [UInt8] {
    var members: [JSONValue.Member] = [.init("statement", .string(sql))]
    let names = [
      ("role", place.role), ("warehouse", place.warehouse), ("database", place.database), ("schema", place.schema),
    ]
    for (name, value) in names where value != nil { members.append(.init(name, .string(value ?? ""))) }
    // What a session is given once is given with each statement.
    var parameters = options.outputParameters
    if let tag = options.queryTag { parameters["QUERY_TAG"] = tag }
    for (name, value) in options.parameters { parameters[name.uppercased()] = value }
    for (name, value) in statement.parameters { parameters[name.uppercased()] = value }
    if let count = statement.statementCount { parameters["MULTI_STATEMENT_COUNT"] = String(count) }
    if let seconds = parameters["STATEMENT_TIMEOUT_IN_SECONDS"], Int(seconds) != nil {
      members.append(.init("timeout", .number(seconds)))
      parameters["STATEMENT_TIMEOUT_IN_SECONDS"] = nil
    }
    let sent = parameters.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key.lowercased(), .string($0.value)) }
    members.append(.init("parameters", .object(sent)))
    if !statement.bindings.isEmpty { members.append(.init("bindings", Binding.json(statement.bindings))) }
    return JSONValue.object(members).encoded
  }

  // MARK: - Answers

  private func read(_ response: HTTPResponse) throws(ClientError) -> (StatementAnswer, [UInt8]) {
    let operation = "running a statement"
    var body = response.body
    guard [200, 202, 400, 401, 403, 404, 408, 422].contains(response.status) else {
      throw .http(
        status: response.status, operation: operation, host: endpoint.host, hint: httpHint(response.status))
    }
    var answer: StatementAnswer
    do throws(JSONError) {
      answer = try StatementAnswer.readAPI(&body)
    } catch {
      if response.status != 200 {
        throw .http(
          status: response.status, operation: operation, host: endpoint.host, hint: httpHint(response.status))
      }
      throw badAnswer(error, body, operation: operation)
    }
    switch response.status {
    case 200: return (answer, body)
    case 202:
      answer.code = "333334"
      return (answer, body)
    case 401, 403:
      throw .loginFailed(
        LoginFailure(
          code: answer.code, message: answer.message ?? "HTTP status \(response.status)", user: authenticator.user,
          host: endpoint.host,
          hint: LoginHints.hint(
            code: answer.code, nextAction: "", role: nil, clockOffset: response.clockOffset)))
    default: throw .sql(Session.failure(answer))
    }
  }
}
