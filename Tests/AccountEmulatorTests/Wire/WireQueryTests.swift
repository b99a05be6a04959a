import SnowmakerModel
import Synchronization
import Testing

@testable import AccountEmulator

@Suite("Statements on the wire")
struct WireQueryTests {
  @Test("A result has its columns, rows, counts and the session's state after it")
  func result() throws {
    let fixture = try WireFixture.loggedIn()
    let data = try fixture.query("types")["data"]
    #expect(data["total"] == 2)
    #expect(data["returned"] == 2)
    #expect(data["queryResultFormat"] == "json")
    #expect(data["rowset"].list[0].list[0] == "é\"\\\n\u{1}❄")
    #expect(data["rowset"].list[1] == .list(Array(repeating: .null, count: 8)))
    #expect(data["rowtype"].list[0]["byteLength"] == 40)
    #expect(data["rowtype"].list[1]["precision"] == 10)
    #expect(data["rowtype"].list[5]["type"] == "timestamp_ltz")
    #expect(data["rowtype"].list[5]["scale"] == 3)
    #expect(data["finalRoleName"] == "ACCOUNTADMIN")
    let id = data["queryId"].string ?? ""
    #expect(id.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
  }

  @Test("What a statement changes in the session is in its own answer")
  func state() throws {
    let fixture = try WireFixture.loggedIn()
    #expect(try fixture.query("use role analyst")["data"]["finalRoleName"] == "ANALYST")
    let parameters = try fixture.query("alter session")["data"]["parameters"].list
    #expect(parameters.contains(["name": "TIMEZONE", "value": "UTC"]))
  }

  @Test("A failed statement is HTTP 200 with code, SQL state, query id and place")
  func failure() throws {
    let fixture = try WireFixture.loggedIn()
    let response = try fixture.post("/queries/v1/query-request?requestId=1", ["sqlText": "wrong"])
    #expect(response.status == 200)
    let answer = try response.json
    #expect(answer["success"] == false)
    #expect(answer["code"] == "001003")
    #expect(answer["data"]["sqlState"] == "42000")
    #expect(answer["data"]["line"] == 1)
    #expect(answer["data"]["type"] == "COMPILATION")
    #expect(answer["data"]["queryId"].string?.isEmpty == false)
  }

  @Test("A repeated request id is not executed twice: it gets the first answer, also a failure")
  func idempotency() throws {
    let fixture = try WireFixture.loggedIn()
    let first = try fixture.query("create x", requestID: "abc")
    let second = try fixture.query("create x", requestID: "abc")
    #expect(first["data"]["queryId"] == second["data"]["queryId"])
    let wrong = try fixture.query("wrong", requestID: "def")
    #expect(try fixture.query("wrong", requestID: "def") == wrong)
    #expect(fixture.engine.seen.map(\.sql) == ["create x", "wrong"])
    #expect(fixture.server.log.repeated == 2)
  }

  @Test("The same request id in another session is another statement")
  func idempotencyPerSession() throws {
    let fixture = try WireFixture.loggedIn()
    _ = try fixture.query("create x", requestID: "abc")
    fixture.token = try fixture.login()["data"]["token"].string ?? ""
    _ = try fixture.query("create x", requestID: "abc")
    #expect(fixture.engine.seen.count == 2)
  }

  @Test("Bindings, parameters and describeOnly reach the engine")
  func bindings() throws {
    let fixture = try WireFixture.loggedIn()
    let bindings: Value = [
      "1": ["type": "FIXED", "value": "7"], "2": ["type": "TEXT", "value": nil], "3": ["type": "fixed", "value": 9],
    ]
    let answer = try fixture.query(
      "select ? , ?", more: [.init("bindings", bindings), .init("parameters", ["query_tag": "t", "N": 3])])
    #expect(answer["data"]["rowset"] == [["7", nil, "9"]])
    #expect(answer["data"]["rowtype"].list.map { $0["name"] } == ["1:FIXED", "2:TEXT", "3:FIXED"])
    #expect(answer["data"]["numberOfBinds"] == 3)
    #expect(fixture.engine.seen[0].parameters == ["QUERY_TAG": "t", "N": "3"])
    let described = try fixture.query("select 1", more: [.init("describeOnly", true)])
    #expect(described["data"]["rowset"] == [])
    #expect(described["data"]["rowtype"].list.count == 1)
  }

  @Test("Several statements run one after the other and each result is found by its id")
  func multiStatement() throws {
    let fixture = try WireFixture.loggedIn()
    let answer = try fixture.query(
      "select 1; create x", more: [.init("parameters", ["MULTI_STATEMENT_COUNT": 2])])
    #expect(answer["data"]["statementTypeId"] == 40960)
    #expect(answer["data"]["rowtype"].list[0]["name"] == "multiple statement execution")
    #expect(answer["data"]["resultTypes"] == "4096,24576")
    let ids = (answer["data"]["resultIds"].string ?? "").split(separator: ",")
    #expect(ids.count == 2)
    #expect(try fixture.get("/queries/\(ids[0])/result")["data"]["rowset"] == [["1"]])
    #expect(try fixture.get("/queries/\(ids[1])/result")["data"]["rowset"] == [["x successfully created."]])
  }

  @Test("Bindings are numbered through a multi-statement text")
  func multiStatementBindings() throws {
    let fixture = try WireFixture.loggedIn()
    let more: [Value.Field] = [
      .init("parameters", ["MULTI_STATEMENT_COUNT": 2]),
      .init("bindings", ["1": ["type": "TEXT", "value": "a"], "2": ["type": "FIXED", "value": "2"]]),
    ]
    let answer = try fixture.query("select ? /* ? */ -- ?\n; select ? '?' $$?$$ \"?\"", more: more)
    let ids = (answer["data"]["resultIds"].string ?? "").split(separator: ",")
    try #require(ids.count == 2)
    let first = try fixture.get("/queries/\(ids[0])/result")["data"]
    let second = try fixture.get("/queries/\(ids[1])/result")["data"]
    #expect(first["rowset"] == [["a"]])
    #expect(second["rowset"] == [["2"]])
    #expect(second["rowtype"].list[0]["name"] == "1:FIXED")
  }

  @Test("Another number of statements than announced fails with 000008 and runs none")
  func statementCount() throws {
    let fixture = try WireFixture.loggedIn()
    let answer = try fixture.query("create x; create y")
    #expect(answer["code"] == "000008")
    #expect(answer["message"] == "Actual statement count 2 did not match the desired statement count 1.")
    #expect(fixture.engine.seen.isEmpty)
    #expect(try fixture.query("create x ; ;\n")["success"] == true)
    let any = Value.Field("parameters", ["MULTI_STATEMENT_COUNT": 0])
    let failed = try fixture.query("create x;\n  wrong with more than thirty characters; create y", more: [any])
    #expect(failed["code"] == "100132")
    #expect(failed["data"]["sqlState"] == "P0000")
    #expect(
      failed["message"].string?.hasPrefix(
        "JavaScript execution error: Uncaught Execution of multiple statements failed on statement "
          + "\"wrong with more than thirty ch...\" (at line 2, position 2).\nSQL compilation error:\nsyntax error")
        == true)
    #expect(fixture.engine.seen.map(\.sql).count == 3)
  }

  @Test("An unreadable body is refused as such", arguments: ["{", "[1]", "", "{\"sqlText\": 5}", "\u{1}"])
  func badBody(text: String) throws {
    let fixture = try WireFixture.loggedIn()
    let response = try fixture.client.send(
      "POST", "/queries/v1/query-request", headers: ["Authorization": "Snowflake Token=\"\(fixture.token)\""],
      body: Array(text.utf8))
    #expect(response.status == 200)
    #expect(try response.json["code"] == "390400")
  }

  @Test("gzip is taken and given; a damaged or exploding body is refused")
  func gzip() throws {
    var options = EmulatorServer.Options()
    options.bodyLimit = 1 << 20
    let fixture = try WireFixture.loggedIn(options)
    func send(_ body: [UInt8]) throws -> HTTPTestClient.Response {
      let headers = [
        "Authorization": "Snowflake Token=\"\(fixture.token)\"", "Content-Encoding": "gzip", "Accept-Encoding": "gzip",
      ]
      return try fixture.client.send("POST", "/queries/v1/query-request", headers: headers, body: body)
    }
    let packed = try #require(WireGzip.compress(JSON.encode(["sqlText": "rows 3000"])))
    let response = try send(packed)
    #expect(response.headers["content-encoding"] == "gzip")
    #expect(try response.json["data"]["total"] == 3000)
    #expect(try send(Array(packed.dropLast(4))).json["code"] == "390400")
    let bomb = try #require(WireGzip.compress([UInt8](repeating: 0x20, count: 8 << 20)))
    #expect(bomb.count < 1 << 20)
    #expect(try send(bomb).json["code"] == "390400")
  }

  @Test("A large result comes in parts when wanted, and a part only with its header")
  func chunks() throws {
    var options = EmulatorServer.Options()
    options.chunkRows = 100
    let fixture = try WireFixture.loggedIn(options)
    let data = try fixture.query("rows 250")["data"]
    #expect(data["total"] == 250)
    #expect(data["rowset"].list.count == 100)
    #expect(data["chunks"].list.map { $0["rowCount"] } == [100, 50])
    let secret = try #require(data["chunkHeaders"]["x-emulator-chunk"].string)
    let url = try #require(data["chunks"].list[1]["url"].string)
    let path = "/" + url.split(separator: "/").dropFirst(2).joined(separator: "/")
    #expect(try fixture.client.send("GET", path).status == 403)
    let part = try fixture.client.send("GET", path, headers: ["x-emulator-chunk": secret])
    let rows = try JSON.decode([0x5b] + WireGzip.expand(part.body, limit: 1 << 20) + [0x5d])
    #expect(rows.list.count == 50)
    #expect(rows.list.last == ["OBJECT_NUMBER_249", "249"])
    #expect(try fixture.client.send("GET", path + "9", headers: ["x-emulator-chunk": secret]).status == 404)
    #expect(try fixture.query("rows 100")["data"].find("chunks") == nil)
  }

  @Test("Unknown paths and methods are 404 with an envelope; telemetry is swallowed")
  func otherPaths() throws {
    let fixture = try WireFixture.loggedIn()
    let response = try fixture.client.send("GET", "/queries/v1/query-request")
    #expect(response.status == 404)
    #expect(try response.json["success"] == false)
    #expect(try fixture.client.send("POST", "/nothing/here").status == 404)
    let telemetry = try fixture.client.send("POST", "//telemetry//send", body: Array("no json".utf8))
    #expect(try telemetry.json["data"] == "Log Received")
  }
}
