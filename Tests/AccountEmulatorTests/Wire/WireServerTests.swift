import SnowmakerModel
import Testing

@testable import AccountEmulator

@Suite("The server itself")
struct WireServerTests {
  @Test("A taken port is an error that names it; a server starts once")
  func ports() throws {
    let first = try WireFixture()
    #expect(first.server.port > 0)
    let second = EmulatorServer(engine: FakeEngine())
    #expect {
      try second.start(port: first.server.port)
    } throws: { error in
      guard case EmulatorServer.Failure.cannotListen(let port, let reason) = error else { return false }
      return port == first.server.port && !reason.isEmpty
    }
    #expect(throws: EmulatorServer.Failure.alreadyStarted) { try first.server.start() }
  }

  @Test("Nobody is served after stop")
  func stopped() throws {
    let fixture = try WireFixture.loggedIn()
    fixture.server.stop()
    fixture.server.stop()
    #expect(throws: HTTPTestClient.Failure.self) { try HTTPTestClient(port: fixture.server.port).send("GET", "/") }
    #expect(fixture.engine.closed == [1001])
  }

  @Test("A body over the limit is refused")
  func bodyLimit() throws {
    var options = EmulatorServer.Options()
    options.bodyLimit = 10_000
    let fixture = try WireFixture.loggedIn(options)
    let response = try fixture.post(
      "/queries/v1/query-request", ["sqlText": .string(String(repeating: "x", count: 20_000))])
    #expect(response.status == 413)
  }

  @Test(
    "A wrong method at the SQL API is 405 as an envelope; elsewhere it is 404, which drivers do not repeat for ever")
  func wrongMethods() throws {
    let fixture = try WireFixture.loggedIn()
    for (method, path) in [
      ("PUT", "/api/v2/statements"), ("GET", "/api/v2/statements"), ("DELETE", "/api/v2/statements"),
      ("DELETE", "/api/v2/statements/01-a"), ("PUT", "/api/v2/statements/01-a"),
    ] {
      let response = try fixture.client.send(method, path, headers: ["User-Agent": "test"])
      let body = try response.json
      #expect(response.status == 405, "\(method) \(path)")
      #expect(body["code"] == "390405")
      #expect(body["message"].string == "\(method) is not allowed here.")
    }
    for (method, path) in [("GET", "/queries/v1/query-request"), ("PUT", "/session"), ("DELETE", "/chunks/a/1")] {
      let response = try fixture.client.send(method, path, headers: ["User-Agent": "test"])
      let body = try response.json
      #expect(response.status == 404, "\(method) \(path)")
      #expect(body["success"] == .bool(false))
      #expect(body["code"] == "390404")
    }
  }

  @Test("Rows of old results are given up when there are too many, and their statements are not run again")
  func retention() throws {
    let queries = WireQueries(queryLimit: 8, rowLimit: 100)
    let session = WireSession(engine: EngineSession(id: 1, current: .init(user: "U")))
    var all: [WireQuery] = []
    for number in 0..<3 {
      let query = WireQuery(
        id: "q\(number)", session: session, requestID: "r\(number)", sql: "", isAsync: false, submitted: 0)
      #expect(queries.enter(query).isNew)
      let result = StatementResult(columns: [], rows: Array(repeating: [], count: 60), statementTypeID: 0)
      query.finish(.succeeded(WireOutcome(result: result, state: session.engine.current)), at: 0)
      queries.note(query, rows: 60)
      all.append(query)
    }
    guard case .forgotten = all[0].outcome, case .forgotten = all[1].outcome, case .succeeded = all[2].outcome else {
      Issue.record("the wrong rows were given up")
      return
    }
    let again = WireQuery(id: "q9", session: session, requestID: "r0", sql: "", isAsync: false, submitted: 0)
    #expect(queries.enter(again).query === all[0])
  }

  @Test("Own statements are recognised however they are written, and nothing else is")
  func ownStatements() {
    #expect(WireStatement.recognise("select * from table(result_scan('01a-b'))") == .resultScan("01a-b"))
    #expect(WireStatement.recognise("SELECT *\n FROM TABLE ( RESULT_SCAN( '01a-b' ) ) ;") == .resultScan("01a-b"))
    #expect(WireStatement.recognise("select SYSTEM$CANCEL_QUERY('x')") == .cancelQuery("x"))
    #expect(WireStatement.recognise("CALL SYSTEM$WAIT(2,'MINUTES')") == .wait(.seconds(120), "waited 2 minutes"))
    for other in [
      "select * from table(result_scan(last_query_id()))", "select system$wait(-1)", "select system$wait('a')",
      "select system$wait(1, 'years')", "select system$cancel_query('a' || 'b')", "select system$wait(", "",
    ] {
      #expect(WireStatement.recognise(other) == nil)
    }
  }
}
