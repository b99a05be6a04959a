import Testing

@testable import AccountEmulator

@Suite struct SQLTests {
  @Test func syntaxErrorsTellLineAndPosition() throws {
    let account = try TestAccount()
    let failure = try #require(account.failure("create role r\n  coment = 'x' foo"))
    #expect(failure.code == "001420" || failure.code == "001003")
    let second = try #require(account.failure("create role r\n  )"))
    #expect(second.code == "001003")
    #expect(second.sqlState == "42000")
    #expect(second.line == 2 && second.position == 2)
    #expect(second.message == "SQL compilation error:\nsyntax error line 2 at position 2 unexpected ')'.")
    #expect(account.failure("create role")?.message.contains("unexpected '<EOF>'") == true)
    #expect(account.failure("frobnicate")?.code == "001003")
    #expect(account.failure("create role table")?.message.contains("unexpected 'table'") == true)
    #expect(account.failure("show roles like 'x' 'secret'")?.message.contains("secret") == false)
  }

  @Test func unterminatedAndEmptyTextIsRefused() throws {
    let account = try TestAccount()
    for sql in ["", ";", "select 'x", "select \"x", "select $$x", "/* x", "select 1 /* x"] {
      #expect(account.failure(sql)?.code == "001003", "\(sql)")
    }
  }

  @Test func unsupportedStatementsAreRefusedByName() throws {
    let account = try TestAccount()
    try account.run("CREATE DATABASE D")
    for sql in [
      "INSERT INTO T VALUES (1)", "SELECT A FROM B NATURAL JOIN C", "SELECT A FROM T QUALIFY A > 1", "UNDROP ROLE D",
      "CREATE VIEW T LIKE U", "ALTER TABLE T ADD CONSTRAINT C CHECK (A > 0)",
      "CREATE STORAGE INTEGRATION I", "CREATE TABLE D.PUBLIC.T AS SELECT * FROM A PIVOT (MAX(B) FOR C IN (1))",
      "WITH RECURSIVE A AS (SELECT 1) SELECT 1",
    ] {
      let code = account.failure(sql)?.code
      #expect(code == "000002" || code == "001003", "\(sql): \(code ?? "accepted")")
    }
  }

  @Test func commentsQuotesAndEscapesAreRead() throws {
    let account = try TestAccount()
    let result = try account.run(
      "select /* a */ 'it''s' as a, 'tab\\t\\u0041' b, $$a'b$$ -- end\n , -1.5, null, true // more\n;")
    #expect(result.rows == [["it's", "tab\tA", "a'b", "-1.5", nil, "1"]])
    #expect(result.columns.map(\.name) == ["A", "B", "$$A'B$$", "-1.5", "NULL", "TRUE"])
    #expect(result.columns.map(\.type) == [.text, .text, .text, .fixed, .text, .boolean])
    #expect(result.columns[3].precision == 2 && result.columns[3].scale == 1)
    try account.run("CREATE ROLE \"a \"\"b\"\".c\" COMMENT = 'ü'")
    #expect(try account.column("name", "SHOW ROLES LIKE 'a%'").contains("a \"b\".c"))
  }

  @Test func contextFunctionsAnswer() throws {
    let account = try TestAccount()
    let row = try account.run(
      """
      SELECT CURRENT_USER() AS u, CURRENT_ROLE(), CURRENT_ACCOUNT(), CURRENT_ACCOUNT_NAME(),
        CURRENT_ORGANIZATION_NAME(), CURRENT_REGION(), CURRENT_DATABASE(), CURRENT_SCHEMAS(),
        IS_ROLE_IN_SESSION('SYSADMIN'), CURRENT_IP_ADDRESS() ip, SYSTEM$BOOTSTRAP_DATA_REQUEST('ACCOUNT')
      """
    ).rows[0]
    #expect(
      row.dropLast() == [
        "SNOWMAKER", "ACCOUNTADMIN", "SM00001", "EMULATOR", "SNOWMAKER", "AWS_US_WEST_2", nil, "[]", "1", "127.0.0.1",
      ])
    #expect(row.last??.contains("\"serviceLevelName\":\"ENTERPRISE\"") == true)
    #expect(account.failure("SELECT NO_SUCH_FUNCTION()")?.code == "002140")
  }

  @Test func aVariableMayBeSetFromItself() throws {
    let account = try TestAccount()
    try account.run("SET V = 'x'")
    // Once an exclusive access to the session, and the end of the process.
    try account.run("SET V = $V || 'y'")
    try account.run("SET W = $V")
    #expect(try account.run("SELECT $V, $W").rows == [["xy", "xy"]])
  }

  @Test func variablesAndBindingsStandForNames() throws {
    let account = try TestAccount()
    try account.run("SET NAME = 'R1'")
    try account.run("CREATE ROLE IDENTIFIER($NAME)")
    _ = try account.engine.execute(
      "CREATE ROLE IDENTIFIER(?) COMMENT = ?",
      bindings: [
        "1": StatementBinding(type: "TEXT", values: ["R2"]), "2": StatementBinding(type: "TEXT", values: ["c"]),
      ],
      describeOnly: false, queryID: "1", parameters: [:], in: account.session)
    #expect(try account.column("comment", "SHOW ROLES LIKE 'R_'") == ["", "c"])
    try account.run("UNSET NAME")
    #expect(account.failure("CREATE ROLE IDENTIFIER($NAME)")?.code == "001003")
  }

  @Test func describeOnlyChangesNothing() throws {
    let account = try TestAccount()
    func describe(_ sql: String) throws -> StatementResult {
      try account.engine.execute(
        sql, bindings: [:], describeOnly: true, queryID: "1", parameters: [:], in: account.session)
    }
    _ = try describe("CREATE ROLE R")
    #expect(try account.rows("SHOW ROLES LIKE 'R'").isEmpty)
    let result = try describe("SHOW ROLES")
    #expect(result.rows.isEmpty && result.columns.count == 10)
  }

  @Test func textsAreSplitAtSemicolons() throws {
    let engine = try TestAccount().engine
    #expect(try engine.split("select 1; ; select ';' -- ;\n; $$;$$;") == ["select 1", "select ';'", "$$;$$"])
    #expect(throws: StatementFailure.self) { try engine.split("select 'x") }
  }

  @Test func deepNestingAndLongNamesAreRefused() throws {
    let account = try TestAccount()
    let deep = String(repeating: "(", count: 5000)
    #expect(account.failure("CREATE WAREHOUSE W COMMENT = \(deep)")?.code == "001003")
    #expect(account.failure("CREATE ROLE \(String(repeating: "x", count: 256))")?.code == "000904")
    try account.run("CREATE ROLE \(String(repeating: "x", count: 255))")
  }

  @Test func noInputCrashes() throws {
    let account = try TestAccount()
    let pieces = [
      "CREATE", "ALTER", "GRANT", "ROLE", "r", "'x'", "\"q\"", "(", ")", "=", ",", ";", "ON", "TO", "SHOW", "IN",
      "LIKE",
      "DATABASE", "WAREHOUSE", "SET", "UNSET", "1", "-", "$$", "$v", "?", ":1", "@", "--", "/*", "IDENTIFIER", ".",
      "AS",
      "FUTURE", "TABLES", "ALL", "SELECT", "IF NOT EXISTS", "\u{0}", "é", "USE", "SCHEMA", "WITH", "OR REPLACE", "\\",
    ]
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      let sql = (0..<Int.random(in: 1...12, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? ""
      }
      .joined(separator: Bool.random(using: &generator) ? " " : "")
      _ = account.failure(sql)
    }
  }

  /// A text is cut between statements, and not in a block that one of them has.
  @Test(arguments: [
    ("SELECT 1; SELECT ';' ;", ["SELECT 1", "SELECT ';'"]),
    ("BEGIN; SELECT 1; COMMIT;", ["BEGIN", "SELECT 1", "COMMIT"]),
    ("SELECT 1 AS BEGIN; SELECT 2 AS END", ["SELECT 1 AS BEGIN", "SELECT 2 AS END"]),
    (
      "CREATE TASK T AS BEGIN SELECT CASE WHEN 1 = 1 THEN 2 END; IF (TRUE) THEN SELECT 1; END IF; END; SELECT 3",
      ["CREATE TASK T AS BEGIN SELECT CASE WHEN 1 = 1 THEN 2 END; IF (TRUE) THEN SELECT 1; END IF; END", "SELECT 3"]
    ),
    (
      "CREATE ALERT A IF (EXISTS (SELECT 1)) THEN BEGIN CALL P(1); CALL Q(); END; SHOW ALERTS",
      ["CREATE ALERT A IF (EXISTS (SELECT 1)) THEN BEGIN CALL P(1); CALL Q(); END", "SHOW ALERTS"]
    ),
    (
      "ALTER ALERT A MODIFY ACTION BEGIN CALL P(1); BEGIN CALL Q(); END; END; SHOW ALERTS",
      ["ALTER ALERT A MODIFY ACTION BEGIN CALL P(1); BEGIN CALL Q(); END; END", "SHOW ALERTS"]
    ),
  ])
  func statementsOfAText(_ text: String, _ statements: [String]) throws {
    #expect(try TestAccount().engine.split(text) == statements)
  }
}
