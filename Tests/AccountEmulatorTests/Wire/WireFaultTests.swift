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

  @Test("An answer is changed: a column's name, type and values, a column that is gone, a failure's code")
  func rewrite() throws {
    let fixture = try WireFixture.loggedIn()
    var renamed = AnswerChange(column: "7")
    renamed.renamed = "W"
    renamed.type = .text
    renamed.from = "7"
    renamed.value = "8"
    var dropped = AnswerChange(column: "number")
    dropped.isDropped = true
    var failing = AnswerChange()
    failing.code = "002043"
    fixture.server.faults = FaultPlan(faults: [
      .init(.rewrite(renamed), containing: "select 7", times: 2), .init(.rewrite(dropped), containing: "rows 2"),
      .init(.rewrite(failing), containing: "fail"),
    ])
    let plain = try fixture.query("select 5")["data"]
    #expect(plain["rowtype"].list.map { $0["name"] } == ["5"])
    let answer = try fixture.query("select 7")["data"]
    #expect(answer["rowtype"].list.map { $0["name"] } == ["W"])
    #expect(answer["rowtype"].list.map { $0["type"] } == ["text"])
    #expect(answer["rowset"] == [["8"]])
    let narrow = try fixture.query("rows 2")["data"]
    #expect(narrow["rowtype"].list.map { $0["name"] } == ["name"])
    #expect(narrow["rowset"] == [["OBJECT_NUMBER_0"], ["OBJECT_NUMBER_1"]])
    let failure = try fixture.query("fail")
    #expect(failure["code"] == "002043")
    #expect(failure["success"] == false)
    #expect(try #require(fixture.server.log.statements.last).fault == "rewrite")
  }

  @Test("What a fault was answered to is in the log, apart from what was run; '/' is every request")
  func faultsAreLogged() throws {
    let fixture = try WireFixture.loggedIn()
    fixture.server.faults = FaultPlan(faults: [.init(.status(503), path: "/", skip: 1)])
    _ = try fixture.query("create one")
    #expect(try fixture.post("/session/heartbeat", [:]).status == 503)
    fixture.server.faults = FaultPlan(faults: [.init(.expireSession), .init(.loseAnswer)])
    _ = try fixture.query("create two", requestID: "9")
    _ = try? fixture.query("create three")
    let entries = fixture.server.log.entries.dropFirst()
    #expect(entries.map(\.kind) == [.statement, .fault, .fault, .statement])
    #expect(entries.map(\.fault) == [nil, "status", "expire_session", "lose_answer"])
    let faulted = try #require(entries.first { $0.fault == "expire_session" })
    #expect(faulted.sql == "create two")
    #expect(faulted.requestID == "9")
    #expect(faulted.role == fixture.server.log.statements.first?.role)
  }

  @Test(
    "Every kind of fault is the same after it has been written as a document and read",
    arguments: [
      .status(429), .reset, .truncate, .loseAnswer, .hang(.milliseconds(7)), .expireSession, .endSession,
      .inProgress(polls: 2), .latency(.milliseconds(3)), .kill(.beforeRunning), .kill(.beforeAnswering),
      .kill(.whileAnswering), .fail(StatementFailure(code: "003001", sqlState: "42501", message: "no")),
      .rewrite(AnswerChange.example),
    ] as [FaultPlan.Kind])
  func documents(kind: FaultPlan.Kind) throws {
    let plan = FaultPlan(faults: [.init(kind, containing: "x", path: "/y", skip: 2, times: 3)])
    #expect(try FaultPlan(document: plan.document) == plan)
    #expect(plan.document["faults"].list.first?["kind"].string == kind.name)
  }

  @Test("A plan that says nothing sensible is refused")
  func refusedPlans() {
    for fault: Value in [
      ["kind": "kill", "when": "never"], ["kind": "rewrite"], ["kind": "rewrite", "column": "a"],
      ["kind": "rewrite", "rename": "b"], ["kind": "rewrite", "column": "a", "type": "tex"],
      ["kind": "reset", "skip": -1],
    ] {
      #expect(throws: FaultPlan.DocumentFailure.self) { try FaultPlan(document: ["faults": [fault]]) }
    }
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

extension AnswerChange {
  fileprivate static var example: AnswerChange {
    var change = AnswerChange(column: "a")
    change.renamed = "b"
    change.isDropped = true
    change.type = .boolean
    change.from = "1"
    change.value = "2"
    change.code = "002003"
    change.sqlState = "02000"
    change.message = "gone"
    return change
  }
}
