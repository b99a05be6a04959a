import Testing

@testable import SnowflakeClient

@Suite struct SQLAPITests {
  private static let handle = "01e7a1b0-eea1-8e40-0000-8066c4665f97"

  private static func rows(_ rows: String, partitions: [Int], names: [String] = ["C"]) -> String {
    let columns = names.map { "{\"name\":\"\($0)\",\"type\":\"text\",\"nullable\":true}" }.joined(separator: ",")
    let parts = partitions.map { "{\"rowCount\":\($0),\"uncompressedSize\":20}" }.joined(separator: ",")
    return """
      {"code":"090001","sqlState":"00000","message":"Statement executed successfully.","statementHandle":"\(handle)",
      "resultSetMetaData":{"numRows":\(partitions.reduce(0, +)),"format":"jsonv2","partitionInfo":[\(parts)],
      "rowType":[\(columns)]},"data":\(rows)}
      """
  }

  private static func server(_ script: @escaping @Sendable (Received) -> Reply) throws -> ScriptedServer {
    try ScriptedServer { request in
      if request.json["statement"]?.text?.hasPrefix("SELECT CURRENT_ROLE()") == true {
        return .json(rows("[[\"R1\",\"9.1\"]]", partitions: [1], names: ["r", "v"]))
      }
      return script(request)
    }
  }

  @Test func whatASessionIsGivenOnceIsSentWithEachStatement() async throws {
    let server = try Self.server { _ in .json(Self.rows("[[\"x\"]]", partitions: [1])) }
    defer { server.stop() }
    var options = ScriptedServer.quick
    options.queryTag = "snowmaker/test"
    options.parameters = ["use_cached_result": "false", "STATEMENT_TIMEOUT_IN_SECONDS": "60"]
    let session = try await Session.open(Self.parameters(server), options: options)
    _ = try await session.execute("SELECT 1")
    _ = try await session.execute("SELECT 2", options: StatementOptions(parameters: ["TIMEZONE": "Europe/Paris"]))
    let sent = server.received.filter { $0.json["statement"]?.text?.hasPrefix("SELECT C") == false }.map(\.json)
    #expect(sent.map { $0["parameters"]?["timezone"]?.text } == ["UTC", "Europe/Paris"])
    for body in sent {
      #expect(body["parameters"]?["query_tag"] == .string("snowmaker/test"))
      #expect(body["parameters"]?["use_cached_result"] == .string("false"))
      #expect(body["parameters"]?["timestamp_tz_output_format"] != nil)
      #expect(body["timeout"] == .number("60"))
      #expect(body["parameters"]?["statement_timeout_in_seconds"] == nil)
    }
  }

  @Test func aUserForWhomQuotesMeanNothingIsRefused() async throws {
    let server = try ScriptedServer { _ in
      .json(Self.rows("[[\"R1\",\"9.1\"]]", partitions: [1], names: ["R", "V"]))
    }
    defer { server.stop() }
    let error = await #expect(throws: ClientError.self) {
      try await Session.open(Self.parameters(server), options: ScriptedServer.quick)
    }
    #expect(error?.description.contains("QUOTED_IDENTIFIERS_IGNORE_CASE") == true)
  }

  private static func parameters(_ server: ScriptedServer) -> ConnectionParameters {
    var parameters = server.parameters
    for (key, value) in [
      ConnectionKey.transport: "sql-api", .authenticator: "programmatic_access_token", .token: "pat-1", .role: "r1",
    ] { parameters.set(key, value, from: .override("test")) }
    return parameters
  }

  @Test func partitionsComeInOrderAndNothingLogsIn() async throws {
    let server = try Self.server { request in
      request.method == "GET"
        ? .later(
          milliseconds: request.query["partition"] == "1" ? 30 : 0,
          .json("{\"data\":[[\"\(request.query["partition"] ?? "")a\"]]}"))
        : .json(Self.rows("[[\"0a\"],[\"0b\"]]", partitions: [2, 1, 1, 1]))
    }
    defer { server.stop() }
    let session = try await Session.open(Self.parameters(server), options: ScriptedServer.quick)
    #expect(await session.role == "R1")
    let result = try await session.execute(
      "SELECT ?", options: StatementOptions(parameters: ["STATEMENT_TIMEOUT_IN_SECONDS": "9"], bindings: [.integer(7)]))
    #expect((0..<result.rowCount).map { result[$0, 0] } == ["0a", "0b", "1a", "2a", "3a"])
    let sent = try #require(server.received.first { $0.json["statement"] == .string("SELECT ?") })
    #expect(sent.path == "/api/v2/statements")
    #expect(sent.token == "Bearer pat-1")
    #expect(sent.headers["x-snowflake-authorization-token-type"] == "PROGRAMMATIC_ACCESS_TOKEN")
    #expect(sent.json["role"] == .string("R1"))
    #expect(sent.json["timeout"] == .number("9"))
    #expect(sent.json["bindings"]?["1"]?["value"] == .string("7"))
    #expect(server.received(ScriptedServer.loginPath).isEmpty)
  }

  @Test func aLongStatementIsAskedForUntilItIsDone() async throws {
    let polls = Counter()
    let server = try Self.server { request in
      if request.method == "GET", polls.next() >= 2 { return .json(Self.rows("[[\"x\"]]", partitions: [1])) }
      return .status(
        202,
        body: Array("{\"code\":\"333334\",\"message\":\"in progress\",\"statementHandle\":\"\(Self.handle)\"}".utf8))
    }
    defer { server.stop() }
    let session = try await Session.open(Self.parameters(server), options: ScriptedServer.quick)
    #expect(try await session.execute("SELECT 1")[0, 0] == "x")
  }

  @Test func aFailedStatementIsReportedInTheAccountsWords() async throws {
    let server = try Self.server { _ in
      .status(
        422,
        body: Array(
          "{\"code\":\"000904\",\"message\":\"invalid identifier\",\"sqlState\":\"42000\",\"statementHandle\":\"h\"}"
            .utf8)
      )
    }
    defer { server.stop() }
    let session = try await Session.open(Self.parameters(server), options: ScriptedServer.quick)
    let error = await #expect(throws: ClientError.self) { try await session.execute("SELECT x") }
    #expect(error?.sqlFailure?.code == "000904")
    #expect(error?.sqlFailure?.sqlState == "42000")
  }

  @Test func aRepeatedRequestSaysSoAndKeepsItsID() async throws {
    let count = Counter()
    let server = try Self.server { _ in
      count.next() < 2 ? .status(429) : .json(Self.rows("[[\"x\"]]", partitions: [1]))
    }
    defer { server.stop() }
    let session = try await Session.open(Self.parameters(server), options: ScriptedServer.quick)
    _ = try await session.execute("CREATE ROLE X")
    let sent = server.received.filter { $0.json["statement"] == .string("CREATE ROLE X") }
    #expect(sent.map { $0.query["retry"] } == [nil, "true", "true"])
    #expect(Set(sent.compactMap { $0.query["requestId"] }).count == 1)
  }

  @Test func lanesChangeTheirRoleWithoutAStatement() async throws {
    let server = try ScriptedServer { request in
      let role = request.json["role"]?.text == "r1" ? "R1" : request.json["role"]?.text ?? "R1"
      return .json(Self.rows("[[\"\(role)\",\"9.1\"]]", partitions: [1], names: ["r", "v"]))
    }
    defer { server.stop() }
    let pool = LanePool(
      parameters: Self.parameters(server), maxLanes: 1, mode: .writing, options: ScriptedServer.quick)
    _ = try await pool.run("SELECT 1", role: "\"other role\"")
    _ = try await pool.run("SELECT 2", role: "R1")
    let sent = server.received.compactMap { request in request.json["role"]?.text }
    // The second is the question whether the token bears another role.
    #expect(sent == ["R1", "PUBLIC", "other role", "R1"])
    #expect(!server.received.contains { $0.json["statement"]?.text?.hasPrefix("USE") == true })
  }

  /// The API has no USE ROLE: whether a token bears another role is asked by a statement as a role that everybody has.
  @Test(
    arguments: [
      (own: "R1", answers: ["R1", "PUBLIC"], isSingle: false), (own: "R1", answers: ["R1", nil], isSingle: true),
      (own: "R1", answers: ["R1", "R1"], isSingle: true),
      (own: "PUBLIC", answers: ["PUBLIC", "[\\\"PUBLIC\\\",\\\"R2\\\"]", "R2"], isSingle: false),
      (own: "PUBLIC", answers: ["PUBLIC", "[\\\"PUBLIC\\\",\\\"R2\\\"]", nil], isSingle: true),
      (own: "PUBLIC", answers: ["PUBLIC", "[\\\"PUBLIC\\\"]"], isSingle: false),
    ] as [(own: String, answers: [String?], isSingle: Bool)])
  func whetherATokenBearsOneRoleIsAsked(_ own: String, _ answers: [String?], _ isSingle: Bool) async throws {
    let number = Counter()
    let server = try ScriptedServer { _ in
      guard let text = answers[number.next()] else {
        let body = #"{"code":"394400","message":"Programmatic access token is invalid."}"#
        return .status(401, body: Array(body.utf8))
      }
      return .json(Self.rows("[[\"\(text)\",\"9.1\"]]", partitions: [1], names: ["r", "v"]))
    }
    defer { server.stop() }
    let pool = LanePool(
      parameters: Self.parameters(server), maxLanes: 1, mode: .writing, options: ScriptedServer.quick)
    let facts = try await pool.connect()
    #expect(facts.isSingleRole == isSingle && facts.role == own)
    #expect(server.received.count == answers.count)
    guard isSingle else { return }
    let error = await #expect(throws: ClientError.self) { try await pool.run("SELECT 1", role: "OTHER") }
    #expect(error?.description.contains("restricted to the role \(own)") == true)
    #expect(server.received.count == answers.count)
  }

  /// What cannot be reached says nothing about roles.
  @Test func aNetworkThatFailsIsNoRestriction() async throws {
    let number = Counter()
    let server = try ScriptedServer { _ in
      number.next() == 0
        ? .json(Self.rows("[[\"R1\",\"9.1\"]]", partitions: [1], names: ["r", "v"])) : .status(503)
    }
    defer { server.stop() }
    let pool = LanePool(
      parameters: Self.parameters(server), maxLanes: 1, mode: .writing, options: ScriptedServer.quick)
    let error = await #expect(throws: ClientError.self) { _ = try await pool.connect() }
    #expect(error?.description.contains("503") == true, Comment(rawValue: error?.description ?? ""))
  }

  @Test func aPasswordDoesNotOpenTheSQLAPI() async throws {
    let server = try Self.server { _ in .status(500) }
    defer { server.stop() }
    var parameters = server.parameters
    parameters.set(.transport, "sql-api", from: .override("test"))
    let error = await #expect(throws: ClientError.self) {
      try await Session.open(parameters, options: ScriptedServer.quick)
    }
    #expect(error?.description.contains("key pair") == true)
  }
}
