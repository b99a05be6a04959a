import Glibc
import SnowmakerModel
import Testing

@testable import AccountEmulator

/// Damaged and recombined statements against an engine, and damaged requests against the whole wire. The number of
/// inputs is 20,000, or SNOWMAKER_FUZZ_INPUTS (`.ci/fuzz`); SNOWMAKER_FUZZ_SEED starts elsewhere.
@Suite struct FuzzTests {
  /// The same numbers for the same seed.
  private struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
      return mixed ^ (mixed >> 31)
    }
  }

  private static func setting(_ name: String, _ usual: UInt64) -> UInt64 {
    getenv(name).flatMap { UInt64(String(cString: $0)) } ?? usual
  }
  private static var inputs: Int { Int(setting("SNOWMAKER_FUZZ_INPUTS", 20_000)) }
  private static var numbers: Numbers { Numbers(state: setting("SNOWMAKER_FUZZ_SEED", 1)) }

  private static let corpus: [String] = [
    "CREATE OR REPLACE DATABASE D COMMENT = 'it''s' DATA_RETENTION_TIME_IN_DAYS = 1",
    "CREATE SCHEMA IF NOT EXISTS D.S WITH MANAGED ACCESS", "CREATE TRANSIENT SCHEMA D.\"s x\"",
    "CREATE TABLE D.S.T (A NUMBER(38,0) NOT NULL DEFAULT 1, B VARCHAR COMMENT $$x$$, PRIMARY KEY (A))",
    "CREATE TABLE D.S.U (A INT CONSTRAINT K UNIQUE, CONSTRAINT F FOREIGN KEY (A) REFERENCES T (A) ON DELETE SET NULL RELY)",
    "ALTER TABLE D.S.T DROP CONSTRAINT K CASCADE", "SHOW IMPORTED KEYS IN TABLE D.S.T",
    "ALTER TABLE D.S.T ADD COLUMN IF NOT EXISTS C INT, COLUMN E FLOAT", "ALTER TABLE D.S.T DROP COLUMN A, B",
    "ALTER TABLE D.S.T ALTER COLUMN A SET DATA TYPE NUMBER(10,2), COLUMN B DROP NOT NULL",
    "ALTER TABLE D.S.T RENAME COLUMN A TO \"a\"", "ALTER TABLE D.S.T SWAP WITH D.S.U", "UNDROP TABLE D.S.T",
    "CREATE TABLE D.S.U CLONE D.S.T COPY GRANTS", "CREATE OR ALTER WAREHOUSE W AUTO_SUSPEND = -60 COMMENT='x'",
    "CREATE VIEW D.S.V (A) AS SELECT A FROM T", "CREATE SEQUENCE D.S.Q START WITH 1 INCREMENT BY 2 NOORDER",
    "CREATE TASK D.S.K SCHEDULE = '1 MINUTE' AFTER A, B WHEN F(X) AS SELECT 1",
    "CREATE TAG D.S.G ALLOWED_VALUES 'a', 'b'",
    "CREATE FUNCTION D.S.F(A NUMBER, B VARCHAR DEFAULT 'x') RETURNS TABLE (C INT) LANGUAGE SQL AS 'x'",
    "DROP FUNCTION IF EXISTS D.S.F(NUMBER, VARCHAR)", "CREATE STREAM D.S.R ON TABLE D.S.T APPEND_ONLY = TRUE",
    "CREATE MASKING POLICY D.S.M AS (V STRING) RETURNS STRING -> CASE WHEN 1 THEN V END COMMENT = 'y'",
    "CREATE STAGE D.S.L DIRECTORY = (ENABLE = TRUE) FILE_FORMAT = (TYPE = CSV FIELD_DELIMITER = ',')",
    "CREATE USER ANN PASSWORD = 'pw' DEFAULT_ROLE = R TYPE = PERSON", "CREATE ROLE R", "CREATE DATABASE ROLE D.DR",
    "GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA D.S TO ROLE R WITH GRANT OPTION", "GRANT ROLE R TO USER ANN",
    "GRANT OWNERSHIP ON FUTURE TABLES IN DATABASE D TO ROLE R",
    "GRANT ALL PRIVILEGES ON WAREHOUSE W TO DATABASE ROLE D.DR",
    "GRANT OWNERSHIP ON SCHEMA D.S TO ROLE R COPY CURRENT GRANTS",
    "REVOKE GRANT OPTION FOR SELECT ON TABLE D.S.T FROM ROLE R",
    "REVOKE USAGE ON DATABASE D FROM ROLE R CASCADE",
    "SHOW TERSE TABLES LIKE '%\\\\_x' IN SCHEMA D.S STARTS WITH 'a' LIMIT 5 FROM 'b'",
    "SHOW GRANTS TO ROLE R", "SHOW FUTURE GRANTS IN SCHEMA D.S", "SHOW PARAMETERS LIKE 'x%' IN DATABASE D",
    "SHOW WAREHOUSES ->> SELECT \"name\", COUNT(*) FROM $1 WHERE \"size\" IN ('a', 'b') ORDER BY 1 DESC NULLS LAST LIMIT 2 OFFSET 1",
    "SELECT * FROM D.INFORMATION_SCHEMA.TABLES T WHERE NOT (A = 1 OR B IS NOT NULL) AND C LIKE 'x' || 'y'",
    "SELECT MAX(\"x\"), MIN(1) FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))", "SELECT GET_DDL('DATABASE', 'D', TRUE)",
    "SELECT CURRENT_USER(), -1.5e3, NULL, TRUE, CAST('1' AS NUMBER(3)), 'a'::INT, $V, ?", "SET V = 'x'", "UNSET (V, W)",
    "SELECT DATE '2026-11-21' + 1, X'00ff', EXTRACT(DAY FROM '2026-11-21'::DATE), 1::NUMBER(10,2) / 3 - 1.5e3",
    "SELECT DATEADD(MONTH, -13, TIMESTAMP '2026-11-21 15:04:05'), CONVERT_TIMEZONE('UTC', SYSDATE()), ROUND(12.5, -1)",
    "EXECUTE DCM PROJECT D.S.P PREVIEW D.S.V USING CONFIGURATION C (a => 1) ENVIRONMENT ('{}') FROM @D.S.X LIMIT 2",
    "USE SECONDARY ROLES ALL", "USE DATABASE D", "DESC USER ANN", "COMMENT ON TABLE D.S.T IS 'c'", "ROLLBACK",
    "ALTER USER ANN SET DISABLED = TRUE, COMMENT = 'x'", "ALTER SESSION SET TIMEZONE = 'UTC'", "DROP DATABASE D",
    "SELECT * FROM TABLE(D.INFORMATION_SCHEMA.POLICY_REFERENCES(POLICY_NAME => 'P'))", "/* c */ -- x\n;",
  ]

  private static func damaged(_ numbers: inout Numbers) -> String {
    var text = Array(corpus.randomElement(using: &numbers)?.utf8 ?? "".utf8)
    for _ in 0..<Int.random(in: 0..<4, using: &numbers) where !text.isEmpty {
      let at = Int.random(in: 0..<text.count, using: &numbers)
      switch Int.random(in: 0..<7, using: &numbers) {
      case 0: text[at] = UInt8.random(in: 0...255, using: &numbers)
      case 1: text.removeSubrange(at...)
      case 2: text.insert(contentsOf: text[at..<min(text.count, at + 30)], at: at)
      case 3: text.remove(at: at)
      case 4: text.insert(Array("'\"$()=,.;:?*->|\\".utf8).randomElement(using: &numbers) ?? 0, at: at)
      case 5: text.insert(contentsOf: Array(repeating: UInt8(ascii: "("), count: 200), at: at)
      default:
        let other = Array((corpus.randomElement(using: &numbers) ?? "").utf8)
        text.insert(contentsOf: other[(other.count / 2)...], at: at)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  @Test func everyTextIsAnsweredOrRefusedWithACode() throws {
    var numbers = Self.numbers
    var account = try TestAccount()
    var accepted = 0
    for round in 0..<Self.inputs {
      // A fresh account now and then, so that it stays small.
      if round % 5000 == 4999 { account = try TestAccount() }
      let sql = Self.damaged(&numbers)
      do throws(StatementFailure) {
        let result = try account.engine.execute(
          sql, bindings: ["1": StatementBinding(type: "TEXT", values: ["D"])], describeOnly: round % 16 == 0,
          queryID: String(round), parameters: [:], in: account.session)
        accepted += 1
        let isRegular = result.rows.allSatisfy { $0.count == result.columns.count } && !result.columns.isEmpty
        if !isRegular { Issue.record("ragged answer to: \(sql)") }
      } catch {
        if error.code.utf8.count != 6 || error.sqlState.utf8.count != 5 || error.message.isEmpty
          || error.code == "000603"
        {
          Issue.record("\(error) for: \(sql)")
        }
      }
      _ = try? account.engine.split(sql)
      if round % 64 == 0 { account.session.update { $0.role = "ACCOUNTADMIN" } }
    }
    // Inputs that are all refused would prove little.
    #expect(accepted > Self.inputs / 20)
  }

  @Test func everyRequestIsAnsweredWithAnEnvelope() throws {
    var numbers = Self.numbers
    let account = try TestAccount()
    var options = EmulatorServer.Options()
    options.inProgressAfter = .milliseconds(1)
    let service = WireService(engine: account.engine, options: options, log: EmulatorLog(capacity: 10))
    defer {
      service.beginStop()
      service.endStop()
    }
    let (_, tokens) = service.sessions.open(account.session)
    for round in 0..<(Self.inputs / 20) {
      var body = JSON.encode(
        .object([
          .init("sqlText", .string(Self.damaged(&numbers))), .init("sequenceId", .int(Int64(round))),
          .init("bindings", ["1": ["type": "TEXT", "value": "D"]]),
          .init("parameters", ["MULTI_STATEMENT_COUNT": .int(Int64(round % 3))]),
        ]))
      if round % 2 == 0 {
        let at = Int.random(in: 0..<body.count, using: &numbers)
        body[at] = UInt8.random(in: 0...255, using: &numbers)
      }
      let reply = service.answer(
        HTTPRequest(
          method: "POST", path: "/queries/v1/query-request",
          authorization: "Snowflake Token=\"\(tokens.session)\"", contentEncoding: nil, acceptsGzip: false,
          scheme: "http", fileMetadata: [:],
          arguments: ["requestId": String(round)], body: body))
      let answer = try JSON.decode(reply.body)
      #expect(answer["success"].bool != nil && answer.find("code") != nil && answer.find("data") != nil)
    }
  }
}
