import SnowmakerModel

/// The SQL API: statements over REST, each request with a token of its own.
extension WireService {
  /// Rows in one partition unless results are given in smaller parts.
  private static let partitionRows = 10_000

  /// Answers everything below /api/v2/statements.
  func statements(_ request: HTTPRequest, body: Value, rest: [String], fault: FaultPlan.Kind?) -> HTTPReply {
    guard request.userAgent?.isEmpty == false else {
      return apiFailure(400, "390142", "The header User-Agent is missing.")
    }
    switch (request.method, rest.count) {
    case ("POST", 0):
      if let type = request.contentType, type != "application/json" {
        return apiFailure(415, "390415", "The Content-Type '\(type.prefix(100))' is not supported: application/json.")
      }
      return submitStatement(request, body: body, fault: fault)
    case ("GET", 1): return withStatement(rest[0], request) { statementAnswer($0, request, isSubmission: false) }
    case ("POST", 2) where rest[1] == "cancel": return withStatement(rest[0], request) { cancelStatement($0) }
    case (_, 0), (_, 1): return apiFailure(405, "390405", "\(request.method) is not allowed here.")
    default: return apiFailure(404, "390404", "Not found.")
    }
  }

  private func apiFailure(
    _ status: UInt32, _ code: String, _ message: String, sqlState: String? = nil, handle: String? = nil
  ) -> HTTPReply {
    var fields: [Value.Field] = [.init("code", .string(code)), .init("message", .string(message))]
    if let sqlState { fields.append(.init("sqlState", .string(sqlState))) }
    if let handle {
      fields.append(.init("statementHandle", .string(handle)))
      fields.append(.init("statementStatusUrl", .string("/api/v2/statements/" + handle)))
    }
    return HTTPReply(status: status, body: JSON.encode(.object(fields)))
  }

  /// The credential of `Authorization: Bearer …`; its kind is named by a header or guessed by its looks.
  func bearer(_ request: HTTPRequest) -> LoginRequest.Credential? {
    guard let header = request.authorization, header.lowercased().hasPrefix("bearer ") else { return nil }
    let token = String(header.dropFirst(7))
    switch request.tokenType?.uppercased() {
    case "KEYPAIR_JWT": return .keyPairJWT(token)
    case "OAUTH": return .oauth(token)
    case "PROGRAMMATIC_ACCESS_TOKEN": return .accessToken(token)
    case .some: return nil
    case nil:
      if token.hasPrefix(AccessTokens.prefix) { return .accessToken(token) }
      return token.split(separator: ".", omittingEmptySubsequences: false).count == 3
        ? .keyPairJWT(token) : .oauth(token)
    }
  }

  private func submitStatement(_ request: HTTPRequest, body: Value, fault: FaultPlan.Kind?) -> HTTPReply {
    guard let credential = bearer(request) else { return apiFailure(401, "390303", "Invalid OAuth access token.") }
    let known: Set = [
      "statement", "timeout", "database", "schema", "warehouse", "role", "bindings", "parameters",
    ]
    guard let sql = body["statement"].string, body.fields.allSatisfy({ known.contains($0.key) }) else {
      return apiFailure(400, "390142", "Incoming request does not contain a valid payload.")
    }
    // Names are exact here, not folded.
    func exact(_ key: String) -> String? {
      body[key].string.flatMap { $0.isEmpty ? nil : Identifier(exact: $0).quoted }
    }
    let wanted = LoginRequest(
      account: "", user: "", credential: credential, role: exact("role"), warehouse: exact("warehouse"),
      database: exact("database"), schema: exact("schema"))
    let session: EngineSession
    do throws(LoginFailure) { session = try authenticate(wanted) } catch {
      return apiFailure(401, error.code, error.message)
    }
    let isAsync = request.arguments["async"]?.lowercased() == "true"
    let requestID = request.arguments["requestId"].flatMap { $0.isEmpty ? nil : $0 }
    let key = requestID.map { session.current.user + "/" + $0 }
    if let key, request.arguments["retry"]?.lowercased() == "true",
      let earlier = apiRequests.withLock({ $0[key] }), let query = queries.find(id: earlier)
    {
      engine.close(session)
      log.countRepeated()
      return statementAnswer(query, request, isSubmission: !isAsync)
    }
    let query = WireQuery(
      id: WireRandom.queryID(), session: WireSession(engine: session), requestID: requestID, sql: sql,
      isAsync: isAsync, submitted: clock.epochMilliseconds)
    _ = queries.enter(query)
    if let key { apiRequests.withLock { $0[key] = query.id } }
    var job = WireJob(query: query, body: body, fault: fault)
    job.endsSession = true
    if let seconds = body["timeout"].int, seconds > 0 {
      job.parameters["STATEMENT_TIMEOUT_IN_SECONDS"] = String(seconds)
    }
    if job.parameters["MULTI_STATEMENT_COUNT"] ?? "1" == "1", let refused = Self.refusedAlone(sql) {
      job.refusal = StatementFailure(
        code: "391911", sqlState: "0A000", message: "Unsupported statement type '\(refused)'.")
    }
    if !threads.run({ [job] in self.run(job) }) {
      query.finish(.failed(.cannotRun), at: clock.epochMilliseconds)
      engine.close(session)
    }
    if isAsync { return inProgress(query) }
    return statementAnswer(query, request, isSubmission: true)
  }

  /// Statements that make no sense without a session.
  private static func refusedAlone(_ sql: String) -> String? {
    let words = sql.split(maxSplits: 2, whereSeparator: \.isWhitespace).map { $0.uppercased() }
    guard let first = words.first else { return nil }
    if ["PUT", "GET", "USE", "BEGIN", "COMMIT", "ROLLBACK", "SET", "UNSET"].contains(first) { return first }
    return first == "ALTER" && words.dropFirst().first == "SESSION" ? "ALTER_SESSION" : nil
  }

  private func withStatement(
    _ handle: String, _ request: HTTPRequest, _ body: (WireQuery) -> HTTPReply
  ) -> HTTPReply {
    guard let credential = bearer(request) else { return apiFailure(401, "390303", "Invalid OAuth access token.") }
    let session: EngineSession
    do throws(LoginFailure) {
      session = try authenticate(LoginRequest(account: "", user: "", credential: credential))
    } catch {
      return apiFailure(401, error.code, error.message)
    }
    defer { engine.close(session) }
    guard let query = queries.find(id: handle), query.session.engine.current.user == session.current.user else {
      return apiFailure(422, "000709", "Statement \(handle) not found", sqlState: "02000", handle: handle)
    }
    return body(query)
  }

  private func cancelStatement(_ query: WireQuery) -> HTTPReply {
    guard query.cancel() else {
      return apiFailure(
        422, "000605", "Identified SQL statement is not currently executing.", sqlState: "57014", handle: query.id)
    }
    return apiFailure(200, "000604", "SQL execution canceled", sqlState: "57014", handle: query.id)
  }

  private func inProgress(_ query: WireQuery) -> HTTPReply {
    apiFailure(
      202, "333334",
      "Asynchronous execution in progress. Use provided query id to perform query monitoring and management.",
      handle: query.id)
  }

  private func statementAnswer(_ query: WireQuery, _ request: HTTPRequest, isSubmission: Bool) -> HTTPReply {
    let wait = isSubmission ? options.inProgressAfter.wireNanoseconds : 0
    let outcome = query.progress.wait(until: WireClock.monotonic() + wait) { progress -> WireQuery.Outcome? in
      if progress.pollsLeft > 0 {
        progress.pollsLeft -= 1
        return nil
      }
      return progress.outcome
    }
    switch outcome {
    case nil: return inProgress(query)
    case .forgotten:
      let failure = StatementFailure.forgottenResult
      return apiFailure(422, failure.code, failure.message, sqlState: failure.sqlState, handle: query.id)
    case .failed(let failure):
      return apiFailure(
        failure.code == "000630" ? 408 : 422, failure.code, failure.message, sqlState: failure.sqlState,
        handle: query.id)
    case .succeeded(let outcome): return answer(outcome, of: query, request)
    }
  }

  private func answer(_ outcome: WireOutcome, of query: WireQuery, _ request: HTTPRequest) -> HTTPReply {
    let size = options.chunkRows ?? Self.partitionRows
    let result = outcome.result
    let count = max(1, (result.rows.count + size - 1) / size)
    let number = request.arguments["partition"].flatMap { Int($0) } ?? 0
    guard (0..<count).contains(number) else {
      return apiFailure(422, "391908", "Partition \(number) does not exist.", sqlState: "02000", handle: query.id)
    }
    func range(_ number: Int) -> Range<Int> { number * size..<min(result.rows.count, (number + 1) * size) }
    let writesNull = request.arguments["nullable"]?.lowercased() == "false"
    let data = Value.list(
      result.rows[range(number)].map { row in
        .list(
          zip(row, result.columns).map { cell, column in
            guard let cell else { return writesNull ? "null" : .null }
            return .string(column.type == .boolean ? (cell == "1" ? "true" : "false") : cell)
          })
      })
    let path = "/api/v2/statements/\(query.id)"
    var links = ["<\(path)?partition=0>; rel=\"first\"", "<\(path)?partition=\(count - 1)>; rel=\"last\""]
    if number + 1 < count { links.append("<\(path)?partition=\(number + 1)>; rel=\"next\"") }
    if number > 0 { links.append("<\(path)?partition=\(number - 1)>; rel=\"prev\"") }
    var fields: [Value.Field] = []
    if number == 0 {
      let partitions = (0..<count).map { number -> Value in
        let bytes = WireChunks.encode(result.rows[range(number)])
        return ["rowCount": .int(Int64(range(number).count)), "uncompressedSize": .int(Int64(bytes.count))]
      }
      var types = WireJSONWriter()
      types.list { writer in for column in result.columns { writer.column(column) } }
      fields = [
        .init(
          "resultSetMetaData",
          [
            "numRows": .int(Int64(result.rows.count)), "format": "jsonv2", "partitionInfo": .list(partitions),
            "rowType": (try? JSON.decode(types.bytes)) ?? .list([]),
          ]),
        .init("data", data), .init("code", "090001"), .init("statementStatusUrl", .string(path)),
        .init("requestId", query.requestID.map(Value.string) ?? .null), .init("sqlState", "00000"),
        .init("statementHandle", .string(query.id)), .init("message", "Statement executed successfully."),
        .init("createdOn", .int(query.submitted)),
      ]
      if !outcome.children.isEmpty {
        fields.append(.init("statementHandles", .list(outcome.children.map { .string($0.id) })))
      }
    } else {
      fields = [.init("data", data)]
    }
    var reply = HTTPReply(body: JSON.encode(.object(fields)))
    reply.headers["Link"] = links.joined(separator: ", ")
    return reply
  }
}
