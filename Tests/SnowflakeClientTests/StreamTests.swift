import Testing

@testable import SnowflakeClient

@Suite struct StreamTests {
  /// A result of `count` chunks with two rows each; the addresses of generation 0 expire when `expire` says so.
  private static func server(
    _ count: Int, expires: Bool = false, delay: Int = 0, size: Int = 10
  ) throws -> ScriptedServer {
    let base = Locked("")
    let answers = Counter()
    let server = try ScriptedServer.account { request in
      let base = base.withLock { $0 }
      if request.path.hasPrefix("/chunk/") {
        let parts = request.path.split(separator: "/")
        if expires, parts[1] == "0", (Int(parts[2]) ?? 0) >= 2 { return .status(403) }
        return .later(milliseconds: delay, .status(200, body: Array("[\"\(parts[2])a\"],[\"\(parts[2])b\"]".utf8)))
      }
      let generation = answers.next()
      let chunks = (0..<count).map {
        "{\"url\":\"\(base)/chunk/\(generation)/\($0)\",\"rowCount\":2,\"uncompressedSize\":\(size)}"
      }
      return .json(
        Answers.rowsText(
          ["c"], "[[\"first\"]]",
          extra:
            "\"total\":\(1 + 2 * count),\"chunks\":[\(chunks.joined(separator: ","))],\"chunkHeaders\":{\"x-k\":\"v\"},"
        ))
    }
    base.withLock { $0 = "http://127.0.0.1:\(server.port)" }
    return server
  }

  @Test func expiredAddressesAreReplacedOnceForAllChunks() async throws {
    let server = try Self.server(8, expires: true, delay: 5)
    defer { server.stop() }
    let result = try await server.session().execute("SELECT")
    #expect(result.rowCount == 17)
    #expect((0..<17).map { result[$0, 0] } == ["first"] + (0..<8).flatMap { ["\($0)a", "\($0)b"] })
    let again = server.received.filter { $0.path.hasPrefix("/queries/01687970") }
    #expect(again.count == 1)
    #expect(server.received(ScriptedServer.queryPath).count == 1)
  }

  @Test func noMoreIsFetchedAheadThanTheMemoryAllows() async throws {
    let server = try Self.server(12, size: 100)
    defer { server.stop() }
    var options = ScriptedServer.quick
    options.chunkParallelism = 8
    options.chunkMemory = 250
    let stream = try await server.session(options).stream("SELECT")
    var iterator = stream.makeAsyncIterator()
    _ = try await iterator.next()
    try await Task.sleep(for: .milliseconds(150))
    #expect(server.received.filter { $0.path.hasPrefix("/chunk/") }.count == 2)
    var rows = 1
    while let batch = try await iterator.next() { rows += batch.rowCount }
    #expect(rows == 25)
  }

  @Test func bindingsAndTheNumberOfStatementsAreSentBesideTheText() async throws {
    let server = try ScriptedServer.account { _ in Answers.rows() }
    defer { server.stop() }
    var options = StatementOptions(bindings: [.integer(1), try Binding(parsing: "bool:TRUE"), .text("x"), .null])
    options.statementCount = 0
    _ = try await server.session().execute("SELECT ?, ?, ?, ?", options: options)
    let body = try #require(server.received(ScriptedServer.queryPath).first?.json)
    #expect(body["bindings"]?["1"]?["type"] == .string("FIXED"))
    #expect(body["bindings"]?["2"]?["value"] == .string("true"))
    #expect(body["bindings"]?["3"]?["value"] == .string("x"))
    #expect(body["bindings"]?["4"]?["value"] == .null)
    #expect(body["parameters"]?["MULTI_STATEMENT_COUNT"] == .number("0"))
  }

  /// As JDBC and the Python connector encode them.
  @Test(arguments: [
    ("a: b", Binding.Kind.text, "a: b"), ("text:int:1", .text, "int:1"), ("int:-7", .fixed, "-7"),
    ("number:12345678901234567890123456789012345678", .fixed, "12345678901234567890123456789012345678"),
    ("real:1e3", .real, "1e3"), ("bool:False", .boolean, "false"), ("binary:00fF", .binary, "00fF"),
    ("date:1970-01-02", .date, "86400000"), ("date:2000-02-29", .date, "951782400000"), ("date:5", .date, "5"),
    ("date:1969-12-31", .date, "-86400000"), ("date:0001-01-01", .date, "-62135596800000"),
    ("time:00:00:01.5", .time, "1500000000"), ("time:23:59", .time, "86340000000000"),
    ("timestamp:1970-01-01 00:00:01.000000001", .timestampNTZ, "1000000001"),
    ("timestamp_ntz:9999-12-31T23:59:59", .timestampNTZ, "253402300799000000000"),
    ("timestamp_ltz:1970-01-01 01:00 +0100", .timestampLTZ, "0"),
    ("timestamp_ltz:1970-01-01 00:00", .timestampLTZ, "0"),
    ("timestamp_tz:1970-01-01T00:00:00-05:30", .timestampTZ, "19800000000000 1110"),
    ("timestamp_tz:1970-01-01T00:00:00Z", .timestampTZ, "0 1440"), ("timestamp_tz:5 1440", .timestampTZ, "5 1440"),
  ])
  func valuesAreBoundAsTheAccountReadsThem(_ written: String, _ kind: Binding.Kind, _ value: String) throws {
    #expect(try Binding(parsing: written) == Binding(kind, value))
  }

  @Test(arguments: [
    "int:x", "int:1e3", "number:123456789012345678901234567890123456789", "real:one", "bool:2", "binary:0", "binary:xy",
    "date:2026-02-29", "date:2026-2-1", "date:today", "time:24:00", "time:1:2:3:4", "time:00:00:00.1234567890",
    "timestamp_ntz:2026-01-01", "timestamp_ntz:2026-01-01 00:00 +0100", "timestamp_tz:2026-01-01 00:00",
    "timestamp_tz:2026-01-01 00:00 +1", "timestamp_ltz:",
  ])
  func whatIsNotOfItsTypeIsNotBound(_ written: String) {
    let error = #expect(throws: InvalidBinding.self) { try Binding(parsing: written) }
    #expect(error?.description.contains("is written text:\(written)") == true)
  }

  @Test func aStatementCanBeSentAndAskedForLater() async throws {
    let status = Counter()
    let server = try ScriptedServer.account { request in
      if request.path.hasPrefix("/monitoring") {
        let name = status.next() == 0 ? "RUNNING" : "SUCCESS"
        return .json("{\"data\":{\"queries\":[{\"status\":\"\(name)\"}]},\"success\":true}")
      }
      return request.path == ScriptedServer.queryPath ? Answers.inProgress("333334") : Answers.rows(["n"], "[[\"42\"]]")
    }
    defer { server.stop() }
    let session = try await server.session()
    let id = try await session.submit("SELECT 42")
    #expect(server.received(ScriptedServer.queryPath).first?.json["asyncExec"] == .bool(true))
    #expect(try await session.status(of: id).isRunning)
    #expect(try await session.status(of: id).isSuccess)
    #expect(try await session.result(of: id)[0, 0] == "42")
    await #expect(throws: ClientError.self) { try await session.result(of: "../login") }
  }

  @Test func anAnswerThatNeverBeginsIsATimeout() async throws {
    let server = try ScriptedServer.account { _ in .later(milliseconds: 3000, Answers.rows()) }
    defer { server.stop() }
    var options = ScriptedServer.quick
    options.timeouts = HTTPTimeouts(firstByte: .milliseconds(200), idle: .seconds(30))
    options.statementRetry = RetryPolicy(attempts: 1)
    let error = await #expect(throws: ClientError.self) { try await server.session(options).execute("SELECT") }
    #expect(error?.description.contains("waiting for the answer to begin") == true)
  }

  @Test(arguments: [
    ("select 1; select 2", ["select 1", "select 2"]), ("select ';'';' ; ", ["select ';'';'"]),
    ("select 'a\\';b'; x", ["select 'a\\';b'", "x"]), ("a -- ; c\n; /* ; */ b", ["a -- ; c", "/* ; */ b"]),
    ("create function f() as $$ a; b $$; c", ["create function f() as $$ a; b $$", "c"]),
    ("begin; insert 1; commit", ["begin", "insert 1", "commit"]),
    ("begin transaction; x; commit;", ["begin transaction", "x", "commit"]),
    (
      "begin let x := 1; if (x = 1) then return 1; end if; end; y",
      ["begin let x := 1; if (x = 1) then return 1; end if; end", "y"]
    ),
    (
      "declare a int; begin drop table if exists t; return case when 1 then 2 end; end; z",
      ["declare a int; begin drop table if exists t; return case when 1 then 2 end; end", "z"]
    ),
    ("-- only\n;;", []),
  ])
  func aTextIsCutIntoItsStatements(_ text: String, _ expected: [String]) {
    #expect(SQLText.statements(text) == expected)
    for statement in SQLText.located(text) {
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines[statement.line - 1].dropFirst(statement.column - 1).first == statement.text.first)
    }
  }

  @Test func valuesAreTypedWithoutLoss() throws {
    func read(_ type: String, _ text: String) -> CellValue? { ResultColumn(name: "c", type: type).value(text) }
    let long = "-12345678901234567890123456789012345.678"
    guard case .decimal(let number)? = read("fixed", long) else {
      Issue.record("no number")
      return
    }
    #expect(number.description == long)
    #expect(DecimalNumber("99999999999999999999999999999999999999")?.description.count == 38)
    #expect(DecimalNumber("100000000000000000000000000000000000000") == nil)
    #expect(DecimalNumber("999999999999999999999999999999999999999") == nil)
    #expect(DecimalNumber("0.00000000000000000000000000000000000001")?.scale == 38)
    #expect(DecimalNumber("0.000000000000000000000000000000000000001") == nil)
    #expect(DecimalNumber("12.00")?.integer == 12)
    #expect(DecimalNumber("") == nil && DecimalNumber("-") == nil && DecimalNumber("1e3") == nil)
    #expect(read("boolean", "1") == .boolean(true))
    #expect(read("binary", "0aFF") == .binary([10, 255]))
    #expect(read("binary", "0aF") == nil)
    #expect(read("date", "-1") == .date(days: -1))
    let zoned = ResultColumn(name: "t", type: "timestamp_tz", scale: 3)
    #expect(zoned.display("1717000000.123000000 1500") == "2024-05-29 17:26:40.123 +0100")
    #expect(
      zoned.value("-0.5 1440") == .timestamp(Timestamp(seconds: -1, nanoseconds: 500_000_000, offset: 0)))
    #expect(ResultColumn(name: "d", type: "date").display("-719468") == "0000-03-01")
    #expect(ResultColumn(name: "d", type: "date").display("2932896") == "9999-12-31")
    // Numbers that no calendar has stay numbers.
    for days in [Int.max, Int.min, 900_000_000_000_000] {
      #expect(ResultColumn(name: "d", type: "date").display("\(days)") == "\(days)")
    }
    for type in ["timestamp_ntz", "timestamp_tz", "time"] {
      for seconds in ["9223372036854775807", "-9223372036854775808", "9223372036854775807 2880"] {
        #expect(ResultColumn(name: "t", type: type, scale: 9).display(seconds) != nil)
      }
    }
    #expect(ResultColumn(name: "t", type: "time", scale: 0).display("45296") == "12:34:56")
    #expect(ResultColumn(name: "t", type: "timestamp_ntz", scale: 9).display("x") == "x")
  }

  @Test func tooManyRequestsHalveTheStatementsUnderWayAndTheyGrowBack() async throws {
    let throttle = Throttle(8)
    throttle.refuse()
    throttle.refuse()
    #expect(throttle.limit == 4)
    for _ in 0..<4 { throttle.work() }
    #expect(throttle.limit == 5)
    let count = Counter()
    let server = try ScriptedServer.account { _ in count.next() < 2 ? .status(429) : Answers.rows() }
    defer { server.stop() }
    let pool = LanePool(parameters: server.parameters, maxLanes: 4, mode: .reading, options: ScriptedServer.quick)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<40 { group.addTask { _ = try await pool.run("SELECT \(index)") } }
      try await group.waitForAll()
    }
    #expect(await pool.statistics.throttled == 2)
    #expect(await pool.statistics.statementCount == 40)
    await pool.close()
  }
}
