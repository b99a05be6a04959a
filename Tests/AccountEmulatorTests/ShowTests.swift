import Testing

@testable import AccountEmulator

@Suite struct ShowTests {
  private func account() throws -> TestAccount {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE ROLE A_ROLE
      CREATE ROLE AXROLE
      CREATE ROLE "lower"
      CREATE DATABASE D
      CREATE SCHEMA D.S
      CREATE STAGE D.S.B
      CREATE STAGE D.S.A
      CREATE STAGE D.PUBLIC.C
      """)
    return account
  }

  @Test func likeIgnoresCaseAndTakesWildcardsAndEscapes() throws {
    let account = try account()
    #expect(try account.column("name", "SHOW ROLES LIKE 'a_role'") == ["AXROLE", "A_ROLE"])
    #expect(try account.column("name", "SHOW ROLES LIKE 'A\\\\_ROLE'") == ["A_ROLE"])
    #expect(try account.column("name", "show roles like '%ower'") == ["lower"])
    #expect(try account.column("name", "SHOW ROLES LIKE ''") == [])
  }

  @Test func scopesLimitAndOrder() throws {
    let account = try account()
    #expect(try account.column("name", "SHOW STAGES IN ACCOUNT") == ["C", "A", "B"])
    #expect(try account.column("name", "SHOW STAGES IN SCHEMA D.S") == ["A", "B"])
    #expect(try account.column("name", "SHOW STAGES IN D.S LIMIT 1") == ["A"])
    #expect(try account.column("name", "SHOW STAGES IN DATABASE D STARTS WITH 'B'") == ["B"])
    #expect(try account.column("name", "SHOW STAGES IN SCHEMA D.S LIMIT 5 FROM 'A'") == ["B"])
    #expect(account.failure("SHOW STAGES IN SCHEMA D.NOPE")?.code == "002043")
    #expect(account.failure("SHOW SCHEMAS IN DATABASE NOPE")?.code == "002043")
  }

  @Test func terseShowsFiveColumns() throws {
    let account = try account()
    let result = try account.run("SHOW TERSE SCHEMAS LIKE 'S' IN DATABASE D")
    #expect(result.columns.map(\.name) == ["created_on", "name", "kind", "database_name", "schema_name"])
    #expect(Array(result.rows[0].dropFirst()) == ["S", nil, "D", nil])
  }

  @Test func parametersTellTheLevelThatSetThem() throws {
    let account = try account()
    try account.runAll(
      """
      CREATE WAREHOUSE W STATEMENT_TIMEOUT_IN_SECONDS = 5
      ALTER ACCOUNT SET DATA_RETENTION_TIME_IN_DAYS = 3
      ALTER DATABASE D SET MAX_DATA_EXTENSION_TIME_IN_DAYS = 7
      """)
    func level(_ sql: String) throws -> [String?] {
      let row = try #require(try account.rows(sql).first)
      return [row["value"] ?? nil, row["default"] ?? nil, row["level"] ?? nil, row["type"] ?? nil]
    }
    #expect(
      try level("SHOW PARAMETERS LIKE 'STATEMENT_T%' IN WAREHOUSE W") == ["5", "172800", "WAREHOUSE", "NUMBER"])
    #expect(try level("SHOW PARAMETERS LIKE 'max_c%' FOR WAREHOUSE W") == ["8", "8", "", "NUMBER"])
    #expect(try level("SHOW PARAMETERS LIKE 'DATA_RET%' IN SCHEMA D.S") == ["3", "1", "ACCOUNT", "NUMBER"])
    #expect(try level("SHOW PARAMETERS LIKE 'MAX_DATA%' IN SCHEMA D.S") == ["7", "14", "DATABASE", "NUMBER"])
    try account.run("ALTER ACCOUNT UNSET DATA_RETENTION_TIME_IN_DAYS")
    #expect(try level("SHOW PARAMETERS LIKE 'DATA_RET%' IN ACCOUNT") == ["1", "1", "", "NUMBER"])
    #expect(account.failure("ALTER ACCOUNT SET NONSENSE = 1")?.code == "001006")
    #expect(account.failure("ALTER ACCOUNT SET WEEK_START = 'x'")?.code == "001008")
    #expect(account.failure("ALTER DATABASE D SET LOG_LEVEL = 'LOUD'")?.code == "001008")
  }

  @Test func sessionParametersAreSetAndUnset() throws {
    let account = try account()
    try account.run("ALTER SESSION SET QUERY_TAG = 'tag' TIMEZONE = 'UTC'")
    #expect(account.session.current.parameters == ["QUERY_TAG": "tag", "TIMEZONE": "UTC"])
    #expect(try account.column("level", "SHOW PARAMETERS LIKE 'QUERY_TAG'") == ["SESSION"])
    try account.run("ALTER SESSION UNSET QUERY_TAG")
    #expect(account.session.current.parameters == ["TIMEZONE": "UTC"])
  }

  @Test func tenThousandRowsAreCutOrRefused() throws {
    let account = try TestAccount()
    for index in 0..<10_050 { try account.run("CREATE ROLE R\(index)") }
    #expect(try account.rows("SHOW ROLES").count == 10_000)
    #expect(try account.rows("SHOW ROLES LIMIT 10").count == 10)
    let refusing = try AccountEngine(storage: EmulatorStorage(), types: [], password: "p", showLimit: .fail)
    let session = try refusing.login(LoginRequest(account: "", user: "SNOWMAKER", credential: .password("p")))
    func run(_ sql: String) throws -> StatementResult {
      try refusing.execute(sql, bindings: [:], describeOnly: false, queryID: "", parameters: [:], in: session)
    }
    for index in 0..<10_001 { _ = try run("CREATE ROLE R\(index)") }
    #expect(throws: StatementFailure.self) { try run("SHOW ROLES") }
  }
}
