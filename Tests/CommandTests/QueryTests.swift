import Glibc
import Testing

/// `snowmaker query`, as a user runs it.
struct QueryTests {
  static let mixed = #"SELECT 7 AS N, 'a,"b"' AS T, NULL AS X, TRUE AS B, '' AS E"#

  private func served(_ options: String...) async throws -> (Workplace, ServedEmulator) {
    let place = try Workplace()
    return (place, try await ServedEmulator(for: place))
  }

  @Test(arguments: [
    (
      "table",
      """
      N  T      X     B     E
      -  -----  ----  ----  -
      7  a,"b"  NULL  true  \u{20}
      """
    ),
    ("csv", "N,T,X,B,E\r\n7,\"a,\"\"b\"\"\",,true,\"\"\r\n"),
    ("json", "[\n{\"N\":7,\"T\":\"a,\\\"b\\\"\",\"X\":null,\"B\":true,\"E\":\"\"}\n]\n"),
    ("jsonl", "{\"N\":7,\"T\":\"a,\\\"b\\\"\",\"X\":null,\"B\":true,\"E\":\"\"}\n"),
  ])
  func rowsComeInEveryFormat(_ format: String, _ expected: String) async throws {
    let (place, emulator) = try await served()
    let ending = try await place.run("query", Self.mixed, "-c", "served", "--format", format)
    #expect(ending.status == 0, Comment(rawValue: ending.all))
    let trimmed = format == "table" ? ending.out.split(separator: "\n").joined(separator: "\n") : ending.out
    #expect(Self.trimmingLineEnds(trimmed) == Self.trimmingLineEnds(expected), Comment(rawValue: ending.all))
    // The query's id, for the history, beside the result and not in it.
    let note = try #require(ending.err.split(separator: "\n").last { $0.hasPrefix("query ") })
    #expect(note.hasSuffix(", 1 row"))
    #expect(try emulator.log().contains(note.dropFirst(6).prefix(36)))
    let quiet = try await place.run("query", Self.mixed, "-c", "served", "--format", format, "--quiet")
    #expect(quiet.out == ending.out && quiet.err.isEmpty, Comment(rawValue: quiet.all))
  }

  private static func trimmingLineEnds(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { line in String(line.reversed().drop { $0 == " " }.reversed()) }.joined(separator: "\n")
  }

  /// Each type as text, and as JSON: numbers with all their digits, moments with their offsets.
  @Test func valuesOfEachType() async throws {
    let (place, emulator) = try await served()
    let sql = """
      SELECT '1969-12-31 23:59:58.5'::TIMESTAMP_NTZ(3) AS N, '2026-11-21 15:04:05.123456789 -03:30'::TIMESTAMP_TZ AS Z,
        '2026-07-01 12:00:00 +02:00'::TIMESTAMP_LTZ(0) AS L, '1969-07-20'::DATE AS D, '23:59:59.5'::TIME(1) AS T,
        -1.50 AS A, 99999999999999999999999999999999999999 AS B, 7 / 2 AS Q, '1e300'::FLOAT AS F, X'00ff' AS X,
        ARRAY_CONSTRUCT(1, 'x') AS V
      """
    let json = try await place.run("query", sql, "-c", "served", "--format", "jsonl")
    let expected =
      #"{"N":"1969-12-31 23:59:58.500","Z":"2026-11-21 15:04:05.123456789 -0330","L":"2026-07-01 10:00:00 +0000","#
      + #""D":"1969-07-20","T":"23:59:59.5","A":-1.50,"B":99999999999999999999999999999999999999,"Q":3.500000,"#
      + #""F":1e+300,"X":"00FF","V":[   1,   "x" ]}"# + "\n"
    #expect(json.out == expected, Comment(rawValue: json.all))
    withExtendedLifetime(emulator) {}
  }

  /// What is bound comes back as it was.
  @Test func bindingsOfEachType() async throws {
    let (place, emulator) = try await served()
    let written: [(String, String)] = [
      ("timestamp_ntz:1969-12-31 23:59:58.5", #""1969-12-31 23:59:58.500000000""#),
      ("timestamp_tz:2026-11-21T15:04:05.123456789-03:30", #""2026-11-21 15:04:05.123456789 -0330""#),
      ("timestamp_ltz:2026-11-21 15:04:05 +01:00", #""2026-11-21 14:04:05.000000000 +0000""#),
      ("date:1969-07-20", #""1969-07-20""#), ("time:23:59:59.000000001", #""23:59:59.000000001""#),
      ("decimal:-12345678901234567890.10", "-12345678901234567890.10"), ("real:1.5e-7", "1.5e-07"),
      ("bool:false", "false"), ("binary:00ff", #""00FF""#), ("null:", "null"), ("it's", #""it's""#),
    ]
    let marks = written.indices.map { "? AS C\($0)" }.joined(separator: ", ")
    let ending = try await place.start(
      ["query", "SELECT " + marks, "-c", "served", "--format", "jsonl"] + written.flatMap { ["--bind", $0.0] }
    ).wait(seconds: 60)
    let expected = written.enumerated().map { "\"C\($0.offset)\":\($0.element.1)" }.joined(separator: ",")
    #expect(ending.out == "{\(expected)}\n", Comment(rawValue: ending.all))
    withExtendedLifetime(emulator) {}
  }

  @Test func noRowsAreStillARegularResult() async throws {
    let (place, emulator) = try await served()
    let sql = "SHOW ROLES LIKE 'NOBODY'"
    #expect(try await place.run("query", sql, "-c", "served", "--format", "json").out == "[]\n")
    #expect(try await place.run("query", sql, "-c", "served", "--format", "jsonl").out == "")
    let csv = try await place.run("query", sql, "-c", "served", "--format", "csv").out
    #expect(csv.hasSuffix("\r\n") && csv.split(separator: "\r\n").count == 1 && csv.contains("name,"))
    withExtendedLifetime(emulator) {}
  }

  /// Two columns of one name: an object has each key once, and no value is lost.
  @Test func columnsOfOneNameAreKeptApartInJSON() async throws {
    let (place, emulator) = try await served()
    let sql = "SELECT 1 AS A, 2 AS A, 3 AS A_2, 4 AS A"
    let json = try await place.run("query", sql, "-c", "served", "--format", "jsonl")
    #expect(json.out == "{\"A\":1,\"A_3\":2,\"A_2\":3,\"A_4\":4}\n", Comment(rawValue: json.all))
    let csv = try await place.run("query", sql, "-c", "served", "--format", "csv")
    #expect(csv.out == "A,A,A_2,A\r\n1,2,3,4\r\n")
    withExtendedLifetime(emulator) {}
  }

  @Test func valuesAreBoundInOrder() async throws {
    let (place, emulator) = try await served()
    let ending = try await place.run(
      "query", "SELECT ?, ?, ?, ?", "-c", "served", "--format", "csv", "-b", "int:42", "-b", "it's; -- no comment",
      "--bind", "null:", "--bind", "text:int:1")
    #expect(ending.out.hasSuffix("\r\n42,it's; -- no comment,,int:1\r\n"), Comment(rawValue: ending.all))
    let wrong = try await place.run("query", "SELECT ?", "-c", "served", "-b", "date:2026-02-30")
    #expect(
      wrong.status == 64 && wrong.err.contains("--bind: '2026-02-30' is no date (2026-11-21)"),
      Comment(rawValue: wrong.all))
    let several = try await place.run("query", "SELECT ?; SELECT ?", "-c", "served", "-b", "1")
    #expect(several.status == 64 && several.err.contains("--bind goes with one statement"))
    withExtendedLifetime(emulator) {}
  }

  @Test func aFileOfStatementsRunsInOrderAndSoDoesStandardInput() async throws {
    let (place, emulator) = try await served()
    try place.write(
      "load.sql",
      """
      -- first; not a statement
      CREATE ROLE FROM_FILE; /* ; */
      SELECT 'a;b' AS "first";
      SELECT $$c;d$$ AS "second";

      """)
    let file = try await place.run("query", "-f", "load.sql", "-c", "served", "--format", "jsonl")
    #expect(file.status == 0, Comment(rawValue: file.all))
    let lines = file.out.split(separator: "\n")
    #expect(lines.count == 3 && lines.suffix(2) == ["{\"first\":\"a;b\"}", "{\"second\":\"c;d\"}"])
    #expect(file.err.split(separator: "\n").filter { $0.hasPrefix("query ") }.count == 3)
    let input = try await place.run("query", "-", "-c", "served", "--format", "jsonl", input: "SELECT 1 AS N;\n")
    #expect(input.out == "{\"N\":1}\n", Comment(rawValue: input.all))
    let missing = try await place.run("query", "-f", "nowhere.sql", "-c", "served")
    #expect(missing.status == 1 && missing.err.contains("'nowhere.sql' cannot be read"))
    #expect(try emulator.log().ranges(of: "CREATE ROLE FROM_FILE").count == 1)
  }

  @Test func severalStatementsCanGoInOneRequest() async throws {
    let (place, emulator) = try await served()
    let ending = try await place.run(
      "query", "SELECT 1 AS A; SELECT 2 AS B", "--batch", "-c", "served", "--format", "jsonl")
    #expect(ending.out == "{\"A\":1}\n{\"B\":2}\n", Comment(rawValue: ending.all))
    // One statement for the account, not two.
    #expect(try emulator.log().ranges(of: "SELECT 1 AS A; SELECT 2 AS B").count == 1)
  }

  @Test func theFirstErrorEndsTheRunAndSaysWhereItIs() async throws {
    let (place, emulator) = try await served()
    let ending = try await place.run(
      "query", "SELECT 1 AS N;\nSELECT\n  MISSING_COLUMN;\nCREATE ROLE NEVER", "-c", "served", "--format", "jsonl")
    #expect(ending.status == 1)
    #expect(ending.out == "{\"N\":1}\n")
    for part in ["000904", "SQL state 42000", "query ", "Statement 2 of 3: SELECT\n    MISSING_COLUMN"] {
      #expect(ending.err.contains(part), Comment(rawValue: ending.all))
    }
    let syntax = try await place.run("query", "SHOW ROLES\n  WHEREVER", "-c", "served")
    #expect(syntax.status == 1)
    #expect(syntax.err.contains("001003") && syntax.err.contains("line 2 position 2"), Comment(rawValue: syntax.all))
    #expect(try !emulator.log().contains("NEVER"))
  }

  /// The account counts within a statement; what a person needs is the place in the file.
  @Test func anErrorInAFileSaysWhereInTheFile() async throws {
    let (place, emulator) = try await served()
    try place.write(
      "load.sql",
      """
      SELECT 1 AS N; SELECT 2 AS M;

      -- the third
      SHOW ROLES
        WHEREVER;
      SELECT 4;
      """)
    let syntax = try await place.run("query", "-f", "load.sql", "-c", "served", "--format", "jsonl")
    #expect(syntax.status == 1 && syntax.out == "{\"N\":1}\n{\"M\":2}\n")
    #expect(syntax.err.contains("load.sql:5:3"), Comment(rawValue: syntax.all))
    #expect(syntax.err.contains("Statement 3 of 4: -- the third"), Comment(rawValue: syntax.all))
    // Where the account names no place, the statement's beginning does.
    let lacking = try await place.run("query", "-", "-c", "served", input: "SELECT 1;  DROP ROLE NOBODY;\nSELECT 3")
    #expect(lacking.err.contains("standard input:1:12"), Comment(rawValue: lacking.all))
    #expect(lacking.err.contains("Statement 2 of 3: DROP ROLE NOBODY"))
    let inline = try await place.run("query", "DROP ROLE NOBODY", "-c", "served")
    #expect(inline.err.contains("Statement: DROP ROLE NOBODY") && !inline.err.contains(":1:1"))
    withExtendedLifetime(emulator) {}
  }

  @Test func aStatementCanBeLeftBehindAndAskedForLater() async throws {
    let (place, emulator) = try await served()
    let sent = try await place.run("query", "SELECT 5 AS FIVE", "--async", "-c", "served")
    #expect(sent.status == 0, Comment(rawValue: sent.all))
    let id = sent.out.split(separator: "\n").map(String.init)
    try #require(id.count == 1 && id[0].count == 36)
    let later = try await place.run("query", "--result", id[0], "-c", "served", "--format", "jsonl")
    #expect(later.out == "{\"FIVE\":5}\n", Comment(rawValue: later.all))
    let wrong = try await place.run("query", "--result", "../login", "-c", "served")
    #expect(wrong.status == 1 && wrong.err.contains("no query id"), Comment(rawValue: wrong.all))
    #expect(try emulator.log().ranges(of: "SELECT 5 AS FIVE").count == 1)
  }

  @Test func aTransactionIsCommittedAtTheEndAndRolledBackOnTheFirstError() async throws {
    let (place, emulator) = try await served()
    let good = try await place.run("query", "SELECT 1; SELECT 2", "--transaction", "-c", "served", "--format", "csv")
    #expect(good.status == 0 && good.err.contains("Committed."), Comment(rawValue: good.all))
    let first = try emulator.log()
    #expect(Self.order(["\"BEGIN\"", "SELECT 1", "SELECT 2", "\"COMMIT\""], in: first), Comment(rawValue: first))
    #expect(!first.contains("ROLLBACK"))

    let bad = try await place.run("query", "SELECT 3; SELECT NOPE; SELECT 4", "--transaction", "-c", "served")
    #expect(bad.status == 1 && bad.err.contains("Rolled back."), Comment(rawValue: bad.all))
    #expect(bad.err.contains("000904"))
    let second = try emulator.log()
    #expect(Self.order(["SELECT 3", "SELECT NOPE", "\"ROLLBACK\""], in: second))
    #expect(!second.contains("SELECT 4") && second.ranges(of: "\"COMMIT\"").count == 1)
    #expect(try await place.run("query", "SELECT 1", "--transaction", "--async", "-c", "served").status == 64)
  }

  private static func order(_ parts: [String], in text: String) -> Bool {
    var rest = text[...]
    for part in parts {
      guard let found = rest.firstRange(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return true
  }

  @Test func interruptingStopsTheStatementOnTheAccount() async throws {
    let (place, emulator) = try await served()
    try emulator.faults(#"{"faults": [{"kind": "latency", "milliseconds": 60000, "containing": "SLOW"}]}"#)
    let running = try place.start(["query", "SELECT 'SLOW'", "-c", "served"])
    for _ in 0..<1000 {
      if try ServedEmulator.request(emulator.control, "GET", "/stats", "").contains("query-request") { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    running.end(SIGINT)
    let ending = try await running.wait(seconds: 30)
    #expect(ending.status == 130 && ending.err.contains("Stopped"), Comment(rawValue: ending.all))
    #expect(try emulator.log().contains("000604"))
  }

  @Test func theAccountStopsWhatTakesTooLong() async throws {
    let (place, emulator) = try await served()
    let ending = try await place.run("query", "SELECT SYSTEM$WAIT(30)", "--timeout", "1", "-c", "served", seconds: 25)
    #expect(ending.status == 1 && ending.err.contains("000630"), Comment(rawValue: ending.all))
    withExtendedLifetime(emulator) {}
  }

  @Test func aLargeResultComesInPartsAndInOrder() async throws {
    let place = try Workplace()
    let emulator = try await ServedEmulator(for: place, "--chunk-rows", "700")
    let ending = try await place.run(
      "query", "SELECT SEQ4() AS N FROM TABLE(GENERATOR(ROWCOUNT => 10000))", "-c", "served", "--format", "csv")
    #expect(ending.out == "N\r\n" + (0..<10_000).map { "\($0)\r\n" }.joined(), "not the rows in order")
    #expect(ending.err.contains(", 10000 rows"))
    withExtendedLifetime(emulator) {}
  }

  @Test func roleAndContextComeFromTheCommandLine() async throws {
    let (place, emulator) = try await served()
    let setUp = try await place.run(
      "query", "CREATE WAREHOUSE W; CREATE DATABASE D; CREATE SCHEMA D.S", "-c", "served", "--role", "SYSADMIN")
    #expect(setUp.status == 0, Comment(rawValue: setUp.all))
    let ending = try await place.run(
      "query", "SELECT CURRENT_ROLE(), CURRENT_WAREHOUSE(), CURRENT_DATABASE(), CURRENT_SCHEMA()", "-c", "served",
      "--role", "SYSADMIN", "--warehouse", "W", "--database", "D", "--schema", "S", "--format", "csv")
    #expect(ending.out.hasSuffix("\r\nSYSADMIN,W,D,S\r\n"), Comment(rawValue: ending.all))
    withExtendedLifetime(emulator) {}
  }

  /// A private authority, a proxy, and an address that is only known to the proxy.
  @Test func aProxyAndAPrivateAuthorityAreRespected() async throws {
    let place = try Workplace()
    let emulator = try await ServedEmulator(for: place, "--proxy-port", "0", "--tls-ca", "ca.pem")
    let proxy = try ServedEmulator.port(in: emulator.process.output, after: "Proxy for HTTPS_PROXY: http://127.0.0.1:")
    let file = place.root + "/home/.snowflake/connections.toml"
    let remote = "\n[remote]\naccount = \"acme-prod\"\nuser = \"SNOWMAKER\"\nlogin_timeout = 1\n"
    place.set("SNOWFLAKE_CONNECTIONS_REMOTE_PASSWORD", ServedEmulator.password)
    try Files.write((Files.read(file) ?? "") + remote, to: file)
    place.set("HTTPS_PROXY", "http://127.0.0.1:\(proxy)")
    let untrusted = try await place.run("query", "SELECT 1 AS N", "-c", "remote")
    #expect(untrusted.status == 1 && untrusted.err.contains("SSL_CERT_FILE"), Comment(rawValue: untrusted.all))
    place.set("SSL_CERT_FILE", place.folder + "/ca.pem")
    let trusted = try await place.run("query", "SELECT 1 AS N", "-c", "remote", "--format", "jsonl")
    #expect(trusted.out == "{\"N\":1}\n", Comment(rawValue: trusted.all))
    // This machine is reached without the proxy.
    place.set("HTTPS_PROXY", "http://127.0.0.1:1")
    #expect(try await place.run("query", "SELECT 1 AS N", "-c", "served").status == 0)
    let noProxy = try await place.run("query", "SELECT 1 AS N", "-c", "remote")
    #expect(noProxy.status == 1 && noProxy.err.contains("proxy"), Comment(rawValue: noProxy.all))
  }
}
