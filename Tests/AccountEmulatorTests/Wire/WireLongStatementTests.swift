import Glibc
import SnowmakerModel
import Synchronization
import Testing

@testable import AccountEmulator

@Suite("Long, asynchronous and cancelled statements")
struct WireLongStatementTests {
  private func fixture() throws -> WireFixture {
    var options = EmulatorServer.Options()
    options.inProgressAfter = .milliseconds(50)
    return try .loggedIn(options)
  }

  @Test("A statement that takes long is answered 333333, then fetched by its result URL")
  func inProgress() throws {
    let fixture = try fixture()
    var answer = try fixture.query("call system$wait(200, 'milliseconds')")
    #expect(answer["code"] == "333333")
    #expect(answer["success"] == true)
    let url = try #require(answer["data"]["getResultUrl"].string)
    var polls = 0
    while answer["code"] == "333333", polls < 100 {
      answer = try fixture.get(url)
      polls += 1
    }
    #expect(answer["data"]["rowset"] == [["waited 200 milliseconds"]])
    #expect(polls > 1)
  }

  @Test("A repeated request joins the statement that still runs")
  func join() throws {
    let fixture = try fixture()
    let first = try fixture.query("sleep 200000", requestID: "j")
    let second = try fixture.query("sleep 200000", requestID: "j")
    #expect(first["code"] == "333333")
    #expect(second["data"]["queryId"] == first["data"]["queryId"])
    #expect(fixture.engine.seen.count == 1)
  }

  @Test("An asynchronous statement is answered at once, monitored, and scanned as a result")
  func asynchronous() throws {
    let fixture = try fixture()
    let answer = try fixture.query("select 42", more: [.init("asyncExec", true)])
    #expect(answer["code"] == "333334")
    let id = try #require(answer["data"]["queryId"].string)
    var status = Value.null
    for _ in 0..<100 where status != "SUCCESS" {
      status = try fixture.get("/monitoring/queries//\(id)")["data"]["queries"].list.first?["status"] ?? .null
      usleep(5000)
    }
    #expect(status == "SUCCESS")
    let scan = try fixture.query("select * from table(result_scan('\(id)'))")
    #expect(scan["data"]["rowset"] == [["42"]])
    #expect(scan["data"]["rowtype"].list[0]["name"] == "42")
    #expect(try fixture.get("/queries/\(id)/result")["data"]["rowset"] == [["42"]])
    #expect(fixture.engine.seen.count == 1)
  }

  @Test("A failed asynchronous statement tells its code when monitored and when fetched")
  func asynchronousFailure() throws {
    let fixture = try fixture()
    let id = try #require(try fixture.query("wrong", more: [.init("asyncExec", true)])["data"]["queryId"].string)
    #expect(try fixture.get("/queries/\(id)/result")["code"] == "001003")
    let query = try fixture.get("/monitoring/queries/\(id)")["data"]["queries"].list[0]
    #expect(query["status"] == "FAILED_WITH_ERROR")
    #expect(query["errorCode"] == "001003")
  }

  @Test("A cancelled statement fails with 000604 and never reaches the engine")
  func abort() throws {
    let fixture = try fixture()
    fixture.server.faults.statementLatency = .seconds(30)
    #expect(try fixture.query("create x", requestID: "a")["code"] == "333333")
    let abort: Value = ["sqlText": "create x", "requestId": "a"]
    #expect(try fixture.post("/queries/v1/abort-request?requestId=b", abort).json["success"] == true)
    let answer = try fixture.query("create x", requestID: "a")
    #expect(answer["code"] == "000604")
    #expect(answer["data"]["sqlState"] == "57014")
    #expect(fixture.engine.seen.isEmpty)
    #expect(try fixture.post("/queries/v1/abort-request", abort).json["code"] == "000605")
  }

  @Test("SYSTEM$CANCEL_QUERY cancels by query id")
  func cancelQuery() throws {
    let fixture = try fixture()
    let id = try #require(
      try fixture.query("select system$wait(30)", more: [.init("asyncExec", true)])["data"]["queryId"].string)
    let answer = try fixture.query("SELECT SYSTEM$CANCEL_QUERY('\(id)');")
    #expect(answer["data"]["rowset"] == [[.string("query [\(id)] terminated.")]])
    #expect(try fixture.get("/queries/\(id)/result")["code"] == "000604")
  }

  @Test("A statement that exceeds its timeout fails with 000630")
  func timeout() throws {
    let fixture = try WireFixture.loggedIn()
    fixture.server.faults.statementLatency = .seconds(20)
    let limit = Value.Field("parameters", ["STATEMENT_TIMEOUT_IN_SECONDS": 1])
    #expect(try fixture.query("create x", more: [limit])["code"] == "000630")
    #expect(fixture.engine.seen.isEmpty)
  }

  @Test("An unknown query id is 000709, and one of another user too")
  func unknownQuery() throws {
    let fixture = try fixture()
    #expect(try fixture.get("/queries/01-02/result")["code"] == "000709")
    let id = try #require(try fixture.query("select 1")["data"]["queryId"].string)
    fixture.token = try fixture.login(["LOGIN_NAME": "other", "PASSWORD": "secret"])["data"]["token"].string ?? ""
    #expect(try fixture.get("/queries/\(id)/result")["code"] == "000709")
    #expect(try fixture.get("/monitoring/queries/\(id)")["data"]["queries"] == [])
  }

  @Test("Stopping does not wait for injected latency")
  func stop() throws {
    let fixture = try fixture()
    fixture.server.faults.statementLatency = .seconds(60)
    #expect(try fixture.query("create x")["code"] == "333333")
    let start = ContinuousClock.now
    fixture.server.stop()
    #expect(ContinuousClock.now - start < .seconds(10))
    #expect(fixture.engine.closed == [1001])
  }

  @Test("64 connections are served side by side")
  func concurrency() async throws {
    let fixture = try WireFixture.loggedIn()
    fixture.server.faults.statementLatency = .milliseconds(300)
    let token = fixture.token
    let port = fixture.server.port
    let succeeded = WireMonitor(0)
    let threads = WireThreads()
    let start = ContinuousClock.now
    for number in 0..<64 {
      let isTaken = threads.run {
        let answer = try? HTTPTestClient(port: port).send(
          "POST", "/queries/v1/query-request?requestId=\(number)",
          headers: ["Authorization": "Snowflake Token=\"\(token)\""], body: JSON.encode(["sqlText": "select 1"])
        ).json
        if answer?["success"] == true { succeeded.update { $0 += 1 } }
      }
      #expect(isTaken)
    }
    threads.stop()
    #expect(succeeded.withLock { $0 } == 64)
    // One after the other they would take 19 s.
    #expect(ContinuousClock.now - start < .seconds(6))
    #expect(fixture.server.log.statements.map(\.inFlight).max() ?? 0 > 32)
  }
}
