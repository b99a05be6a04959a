import Testing

@testable import SnowflakeClient

@Suite struct StatementTests {
  @Test func rowsArriveAsTextAndNull() async throws {
    let server = try ScriptedServer.account { _ in
      Answers.rows(
        ["NAME", "N", "C"],
        "[[\"a\\\"b\\u00e9\",\"12345678901234567890123456789012345678\",null],[\"\",\"-1.50\",\"x\"]]")
    }
    defer { server.stop() }
    let session = try await server.session()
    let result = try await session.execute("SHOW THINGS")
    #expect(result.columns.map(\.name) == ["NAME", "N", "C"])
    #expect(result.rowCount == 2)
    #expect(result.row(0) == ["a\"bé", "12345678901234567890123456789012345678", nil])
    #expect(result[1, "n"] == "-1.50")
    #expect(result[1, 0] == "")
    #expect(result.queryID == "01687970-b504-4645-0000-4798fbe1a43d")
    #expect(result.finalRole == "SYSADMIN")
    #expect(result.statementTypeID == 4096)
    #expect(result.cost.roundTrips == 1)
    let request = try #require(server.received(ScriptedServer.queryPath).first)
    #expect(request.sql == "SHOW THINGS")
    #expect(request.token == "Snowflake Token=\"ses-1\"")
    #expect(request.query["requestId"]?.count == 36)
  }

  @Test func connectionsAreKept() async throws {
    let server = try ScriptedServer.account { _ in Answers.rows() }
    defer { server.stop() }
    let session = try await Session.open(server.parameters, options: ScriptedServer.quick, transport: HTTPTransport())
    for _ in 0..<5 { _ = try await session.execute("SELECT 1") }
    #expect(server.connections == 1)
  }

  @Test func longStatementsAreSentCompressed() async throws {
    let server = try ScriptedServer.account { _ in Answers.rows() }
    defer { server.stop() }
    let session = try await server.session()
    let sql = "SELECT '" + String(repeating: "long ", count: 1000) + "'"
    _ = try await session.execute(sql)
    let request = try #require(server.received.last)
    #expect(request.headers["content-encoding"] == "gzip")
    #expect(request.sql == sql)
  }

  @Test func anSQLErrorKeepsCodeStateQueryAndPlace() async throws {
    let server = try ScriptedServer.account { _ in
      .json(
        """
        {"data":{"internalError":false,"errorCode":"001003","age":0,"sqlState":"42000",
        "queryId":"01bae23e-ef17-e242-0000-b0513c450d14","line":2,"pos":7,"type":"COMPILATION"},"code":"001003",
        "message":"SQL compilation error:\\nsyntax error line 2","success":false,"headers":null}
        """)
    }
    defer { server.stop() }
    let session = try await server.session()
    let error = await #expect(throws: ClientError.self) { try await session.execute("SELEKT") }
    let failure = try #require(error?.sqlFailure)
    #expect(failure.code == "001003" && failure.sqlState == "42000" && failure.line == 2 && failure.position == 7)
    #expect(failure.queryID == "01bae23e-ef17-e242-0000-b0513c450d14")
    #expect(error?.mayHaveRun == false)
  }

  @Test func aLongStatementIsPolledUntilItIsDone() async throws {
    let polls = Counter()
    let server = try ScriptedServer.account { request in
      if request.path == ScriptedServer.queryPath { return Answers.inProgress("333334") }
      return polls.next() < 2 ? Answers.inProgress("333333") : Answers.rows(["N"], "[[\"9\"]]")
    }
    defer { server.stop() }
    let session = try await server.session()
    let result = try await session.execute("SELECT 9")
    #expect(result[0, 0] == "9")
    #expect(result.cost.roundTrips == 4)
    #expect(server.received.last?.path == "/queries/01e7a1b0-eea1-8e40-0000-8066c4665f97/result")
    #expect(server.received.last?.method == "GET")
  }

  @Test func aRepeatedStatementKeepsItsRequestIDAndSaysThatItIsARepetition() async throws {
    let count = Counter()
    let server = try ScriptedServer.account { _ in
      switch count.next() {
      case 0: .status(503, headers: ["Retry-After": "0"])
      case 1: .hangUp
      case 2: .cut(Answers.rowsText(), after: 40)
      default: Answers.rows()
      }
    }
    defer { server.stop() }
    let session = try await Session.open(server.parameters, options: ScriptedServer.quick, transport: HTTPTransport())
    let result = try await session.execute("CREATE ROLE X")
    let requests = server.received(ScriptedServer.queryPath)
    #expect(Set(requests.map { $0.query["requestId"] ?? "" }).count == 1)
    #expect(requests[1].query["retryCount"] == "1")
    #expect(requests[1].query["retryReason"] == "503")
    #expect(requests[1].query["clientStartTime"] != nil)
    #expect(Set([requests[0], requests[1]].map { $0.query["request_guid"] ?? "" }).count == 2)
    #expect(requests[0].query["retryCount"] == nil)
    #expect(requests.count == 4)
    #expect(result.cost.retries == 3)
  }

  @Test func aStatementNobodyAnsweredMayHaveRun() async throws {
    let server = try ScriptedServer.account { _ in .hangUp }
    defer { server.stop() }
    var options = ScriptedServer.quick
    options.statementRetry.deadline = .milliseconds(100)
    let session = try await server.session(options)
    let error = await #expect(throws: ClientError.self) { try await session.execute("CREATE ROLE X") }
    #expect(error?.mayHaveRun == true)
    #expect(error?.description.contains("may have run") == true)
    #expect(error?.description.contains("closed the connection without an answer") == true)
  }

  @Test func anAnswerThatAlwaysBreaksOffSaysSo() async throws {
    let server = try ScriptedServer.account { _ in .cut(Answers.rowsText(), after: 200) }
    defer { server.stop() }
    var options = ScriptedServer.quick
    options.statementRetry.deadline = .milliseconds(100)
    let session = try await server.session(options)
    let error = await #expect(throws: ClientError.self) { try await session.execute("SELECT 1") }
    #expect(error?.description.contains("middle of its answer") == true)
  }

  @Test func anAnswerThatIsNoJSONSaysSo() async throws {
    let server = try ScriptedServer.account { _ in .json("{\"data\": {\"rowset\": [[\"a\"") }
    defer { server.stop() }
    let session = try await server.session()
    let error = await #expect(throws: ClientError.self) { try await session.execute("SELECT 1") }
    #expect(error?.description.contains("breaks off") == true)
  }

  @Test func arrowIsRefusedByName() async throws {
    let server = try ScriptedServer.account { _ in
      .json(
        """
        {"data":{"rowtype":[{"name":"A","type":"text"}],"rowsetBase64":"QUJD","queryResultFormat":"arrow",
        "queryId":"01"},"code":null,"message":null,"success":true}
        """)
    }
    defer { server.stop() }
    let session = try await server.session()
    let error = await #expect(throws: ClientError.self) { try await session.execute("SELECT 1") }
    #expect(error == .unsupportedResult(format: "Arrow", queryID: "01"))
  }

  @Test func cancellingAbortsTheStatementOnTheServer() async throws {
    let server = try ScriptedServer.account { request in
      request.path == "/queries/v1/abort-request"
        ? .json("{\"success\":true,\"code\":null,\"data\":null}") : .later(milliseconds: 8000, Answers.rows())
    }
    defer { server.stop() }
    let session = try await server.session()
    let task = Task { () -> ClientError? in
      do throws(ClientError) {
        _ = try await session.execute("SELECT SLOW()")
        return nil
      } catch { return error }
    }
    while server.received(ScriptedServer.queryPath).isEmpty { try await Task.sleep(for: .milliseconds(5)) }
    let start = ContinuousClock.now
    task.cancel()
    #expect(await task.value == .cancelled)
    #expect(start.duration(to: .now) < .seconds(6))
    let statement = try #require(server.received(ScriptedServer.queryPath).first)
    let abort = try #require(server.received("/queries/v1/abort-request").first)
    #expect(abort.json["requestId"]?.text == statement.query["requestId"])
    #expect(abort.json["sqlText"]?.text == "SELECT SLOW()")
  }

  @Test func silenceEndsWithATimeout() async throws {
    let server = try ScriptedServer.account { _ in .later(milliseconds: 2500, Answers.rows()) }
    defer { server.stop() }
    var options = ScriptedServer.quick
    let session = try await server.session(options)
    _ = session
    options.timeouts = HTTPTimeouts(idle: .seconds(1), total: .seconds(10))
    options.statementRetry.deadline = .zero
    let impatient = try await server.session(options)
    let error = await #expect(throws: ClientError.self) { try await impatient.execute("SELECT 1") }
    #expect(error?.description.contains("time ran out") == true)
  }
}

@Suite struct ChunkTests {
  private static func answer(port: Int, count: Int) -> Reply {
    let chunks = (0..<count).map {
      "{\"url\":\"http://127.0.0.1:\(port)/chunk/\($0)\",\"rowCount\":2,\"uncompressedSize\":20,\"compressedSize\":20}"
    }
    let extra =
      "\"total\":\(1 + 2 * count),\"chunks\":[\(chunks.joined(separator: ","))],\"chunkHeaders\":{\"x-key\":\"k1\"},"
    return .json(Answers.rowsText(["N"], "[[\"first\"]]", extra: extra))
  }

  private static func server(_ count: Int, _ chunk: @escaping @Sendable (Received, Int) -> Reply) throws
    -> ScriptedServer
  {
    try ScriptedServer.account { request in
      if request.path == ScriptedServer.queryPath {
        return answer(port: Int(request.headers["host"]?.split(separator: ":").last ?? "") ?? 0, count: count)
      }
      return chunk(request, Int(request.path.split(separator: "/").last ?? "") ?? -1)
    }
  }

  @Test func chunksComeInOrderThoughTheyArriveOutOfOrder() async throws {
    let server = try Self.server(9) { _, index in
      let plain = Array("[\"\(index)a\"],\n[\"\(index)b\"]".utf8)
      let body = index % 2 == 0 ? Gzip.compress(plain) ?? [] : plain
      return .later(milliseconds: index % 3 == 0 ? 40 : 0, .status(200, body: body))
    }
    defer { server.stop() }
    let session = try await server.session()
    let result = try await session.execute("SELECT")
    let expected = ["first"] + (0..<9).flatMap { ["\($0)a", "\($0)b"] }
    #expect((0..<result.rowCount).map { result[$0, 0] } == expected)
    let chunk = try #require(server.received.first { $0.path.hasPrefix("/chunk/") })
    #expect(chunk.headers["x-key"] == "k1")
    #expect(chunk.token == nil)
    #expect(result.cost.roundTrips == 10)
  }

  @Test func aChunkThatFailsOnceIsFetchedAgain() async throws {
    let count = Counter()
    let server = try Self.server(1) { _, _ in
      count.next() == 0 ? .status(500) : .status(200, body: Array("[\"a\"],[\"b\"]".utf8))
    }
    defer { server.stop() }
    let result = try await server.session().execute("SELECT")
    #expect(result.rowCount == 3)
    #expect(result.cost.retries == 1)
  }

  @Test func aChunkWithTooFewRowsIsAnError() async throws {
    let server = try Self.server(1) { _, _ in .status(200, body: Array("[\"a\"]".utf8)) }
    defer { server.stop() }
    let session = try await server.session()
    let error = await #expect(throws: ClientError.self) { try await session.execute("SELECT") }
    #expect(error?.description.contains("1 row came where 2 were announced") == true)
  }

  @Test func damagedDataIsAnError() async throws {
    let server = try Self.server(1) { _, _ in .status(200, body: [0x1F, 0x8B, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    }
    defer { server.stop() }
    let session = try await server.session()
    let error = await #expect(throws: ClientError.self) { try await session.execute("SELECT") }
    #expect(error?.description.contains("damaged") == true)
  }
}
