import SnowmakerModel
import Testing

@testable import AccountEmulator

@Suite("Injected faults")
struct WireFaultTests {
  @Test("503 so many times, then the statement runs, once")
  func status() throws {
    let fixture = try WireFixture.loggedIn()
    fixture.server.faults = FaultPlan(faults: [.init(.status(503), containing: "CREATE", times: 2)])
    let body: Value = ["sqlText": "create x"]
    #expect(try fixture.query("select 1")["success"] == true)
    #expect(try fixture.post("/queries/v1/query-request?requestId=1", body).status == 503)
    #expect(try fixture.post("/queries/v1/query-request?requestId=1", body).status == 503)
    #expect(try fixture.post("/queries/v1/query-request?requestId=1", body).status == 200)
    #expect(fixture.engine.seen.map(\.sql) == ["select 1", "create x"])
    #expect(fixture.server.faults.faults.isEmpty)
  }

  @Test("A reset connection has not run the statement")
  func reset() throws {
    let fixture = try WireFixture.loggedIn()
    fixture.server.faults = FaultPlan(faults: [.init(.reset)])
    #expect(throws: HTTPTestClient.Failure.closed(received: 0)) { try fixture.query("create x") }
    #expect(fixture.engine.seen.isEmpty)
  }

  @Test("A lost answer comes with the repeated request, and the statement ran once")
  func loseAnswer() throws {
    let fixture = try WireFixture.loggedIn()
    fixture.server.faults = FaultPlan(faults: [.init(.loseAnswer, containing: "create")])
    #expect(throws: HTTPTestClient.Failure.closed(received: 0)) { try fixture.query("create x", requestID: "1") }
    #expect(fixture.engine.seen.count == 1)
    #expect(try fixture.query("create x", requestID: "1")["data"]["rowset"] == [["x successfully created."]])
    #expect(fixture.engine.seen.count == 1)
  }

  @Test("A truncated answer stops in its body and the connection closes")
  func truncate() throws {
    let fixture = try WireFixture.loggedIn()
    fixture.server.faults = FaultPlan(faults: [.init(.truncate)])
    do {
      _ = try fixture.query("rows 100", requestID: "1")
      Issue.record("the answer was whole")
    } catch HTTPTestClient.Failure.closed(let received) {
      #expect(received > 1000)
    }
    #expect(try fixture.query("rows 100", requestID: "1")["data"]["total"] == 100)
    #expect(fixture.engine.seen.count == 1)
  }

  @Test("Session expiry, its end, a failure and a hang befall the statement they are for")
  func others() throws {
    let fixture = try WireFixture.loggedIn()
    let failure = StatementFailure(code: "003001", sqlState: "42501", message: "Insufficient privileges")
    fixture.server.faults = FaultPlan(faults: [
      .init(.expireSession, containing: "one"), .init(.endSession, containing: "two"),
      .init(.fail(failure), containing: "three", skip: 1), .init(.hang(.milliseconds(100)), containing: "four"),
    ])
    #expect(try fixture.query("create one")["code"] == "390112")
    #expect(try fixture.query("create two")["code"] == "390111")
    #expect(try fixture.query("create three")["success"] == true)
    #expect(try fixture.query("create three")["code"] == "003001")
    #expect(throws: HTTPTestClient.Failure.closed(received: 0)) { try fixture.query("create four") }
    #expect(fixture.engine.seen.map(\.sql) == ["create three"])
  }

  @Test("A fault may be for another path than statements")
  func otherPath() throws {
    let fixture = try WireFixture.loggedIn()
    fixture.server.faults = FaultPlan(faults: [.init(.status(429), path: "/session/v1/login-request")])
    #expect(try fixture.query("select 1")["success"] == true)
    #expect(try fixture.post("/session/v1/login-request", ["data": [:]]).status == 429)
  }

  @Test("In progress so many times, though the statement is quick")
  func pingPong() throws {
    let fixture = try WireFixture.loggedIn()
    fixture.server.faults = FaultPlan(faults: [.init(.inProgress(polls: 3))])
    let first = try fixture.query("select 7")
    #expect(first["code"] == "333333")
    let url = try #require(first["data"]["getResultUrl"].string)
    #expect(try fixture.get(url)["code"] == "333333")
    #expect(try fixture.get(url)["code"] == "333333")
    #expect(try fixture.get(url)["data"]["rowset"] == [["7"]])
  }

  @Test("Latency is added to requests and to statements")
  func latency() throws {
    let fixture = try WireFixture.loggedIn()
    fixture.server.faults = FaultPlan(requestLatency: .milliseconds(60), statementLatency: .milliseconds(60))
    let start = ContinuousClock.now
    _ = try fixture.query("select 1")
    #expect(ContinuousClock.now - start >= .milliseconds(120))
    #expect(try #require(fixture.server.log.statements.last).microseconds >= 60_000)
  }

  @Test("The control endpoint sets faults, shows the log, and expires sessions")
  func control() throws {
    let fixture = try WireFixture(controlPort: 0)
    fixture.token = try fixture.login()["data"]["token"].string ?? ""
    let control = HTTPTestClient(port: try #require(fixture.server.controlPort))
    let plan: Value = [
      "request_latency_ms": 0, "statement_latency_ms": 1,
      "faults": [["kind": "status", "status": 503, "path": "/x", "containing": "y", "skip": 1, "times": 4]],
    ]
    let set = try control.send("PUT", "/faults", body: JSON.encode(plan))
    #expect(set.status == 200)
    #expect(fixture.server.faults.statementLatency == .milliseconds(1))
    #expect(fixture.server.faults.faults == [.init(.status(503), containing: "y", path: "/x", skip: 1, times: 4)])
    #expect(try FaultPlan(document: set.json) == fixture.server.faults)
    let wrong = try control.send("PUT", "/faults", body: JSON.encode(["faults": [["kind": "explode"]]]))
    #expect(wrong.status == 400)
    #expect(try wrong.json["error"].string?.contains("explode") == true)
    _ = try fixture.query("create x")
    let log = try control.send("GET", "/log?since=1").json
    #expect(log.list.map { $0["sql"] } == ["create x"])
    #expect(try control.send("GET", "/stats").json["statements"] == 1)
    _ = try control.send("POST", "/sessions/expire", body: JSON.encode([:]))
    #expect(try fixture.query("select 1")["code"] == "390112")
    _ = try control.send("DELETE", "/log")
    #expect(fixture.server.log.entries.isEmpty)
    #expect(try control.send("GET", "/nothing").status == 404)
  }
}
