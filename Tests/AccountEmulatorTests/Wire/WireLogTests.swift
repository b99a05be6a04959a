import Glibc
import SnowmakerModel
import Testing

@testable import AccountEmulator

@Suite("The emulator's log")
struct WireLogTests {
  @Test("A statement is logged with the role before it, its outcome and its ids")
  func entry() throws {
    let fixture = try WireFixture.loggedIn()
    _ = try fixture.query("use role analyst", requestID: "r1")
    _ = try fixture.query("wrong", requestID: "r2")
    let statements = fixture.server.log.statements
    #expect(statements.map(\.role) == ["ACCOUNTADMIN", "ANALYST"])
    #expect(statements.map(\.code) == [nil, "001003"])
    #expect(statements.map(\.requestID) == ["r1", "r2"])
    #expect(statements.map(\.session) == [1001, 1001])
    #expect(fixture.server.log.entries.map(\.kind) == [.login, .statement, .statement])
    #expect(fixture.server.log.requests["/queries/v1/query-request"] == 2)
  }

  @Test("Only the latest entries are kept, in order")
  func ring() {
    let log = EmulatorLog(capacity: 3)
    for number in 1...5 { log.append(.sample("s\(number)")) }
    #expect(log.entries.map(\.sql) == ["s3", "s4", "s5"])
    #expect(log.entries.map(\.number) == [3, 4, 5])
  }

  @Test("A file gets one JSON object per line; one that cannot be written is an error with its path")
  func file() throws {
    let path = "/tmp/snowmaker-log-\(WireRandom.hex(bytes: 8)).jsonl"
    defer { unlink(path) }
    let log = try EmulatorLog(path: path)
    log.append(.sample("create user u password = 'geheim'"))
    log.append(.sample("select 1"))
    let file = try #require(fopen(path, "r"))
    defer { fclose(file) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = fread(&buffer, 1, buffer.count, file)
    let lines = buffer[..<count].split(separator: 0x0a)
    #expect(lines.count == 2)
    #expect(try JSON.decode(Array(lines[0]))["sql"] == "create user u password = '***'")
    #expect(throws: EmulatorLog.Failure.self) { try EmulatorLog(path: "/nonexistent/log") }
  }

  @Test(
    "Secrets are masked wherever they are written",
    arguments: [
      ("CREATE USER u PASSWORD='a''b' COMMENT='c'", "CREATE USER u PASSWORD='***' COMMENT='c'"),
      ("alter user u set password = $$x'y$$", "alter user u set password = '***'"),
      (
        "CREATE STAGE s CREDENTIALS=(AWS_KEY_ID='A' AWS_SECRET_KEY = 'B\\'C') URL='s3://x'",
        "CREATE STAGE s CREDENTIALS=(AWS_KEY_ID='***' AWS_SECRET_KEY = '***') URL='s3://x'"
      ),
      ("CREATE ROLE r COMMENT = 'password'", "CREATE ROLE r COMMENT = 'password'"),
      ("PASSWORD = 'never ends", "PASSWORD = '***'"),
      (
        "EXECUTE DCM PROJECT p PLAN USING CONFIGURATION C ENVIRONMENT ('{\"KEY\": \"s\"}') FROM '@s'",
        "EXECUTE DCM PROJECT p PLAN USING CONFIGURATION C ENVIRONMENT ('***') FROM '@s'"
      ),
    ])
  func mask(sql: String, expected: String) {
    #expect(SecretMask.mask(sql) == expected)
  }
}

extension EmulatorLog.Entry {
  fileprivate static func sample(_ sql: String) -> Self {
    .init(
      number: 0, kind: .statement, time: 0, session: 1, user: "U", role: nil, sql: sql, requestID: nil, queryID: nil,
      code: nil, rows: 0, microseconds: 1, inFlight: 1)
  }
}
