import Testing

@testable import AccountEmulator

@Suite struct ShareTests {
  private func account() throws -> TestAccount {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE TABLE D.PUBLIC.T (A INT)
      CREATE VIEW D.PUBLIC.OPEN AS SELECT 1 AS A
      CREATE SECURE VIEW D.PUBLIC.SAFE AS SELECT 1 AS A
      CREATE DATABASE OTHER
      CREATE SHARE S COMMENT = 'c'
      """)
    return account
  }

  @Test func itTakesOneDatabaseAndWhatIsInIt() throws {
    let account = try account()
    #expect(account.failure("GRANT USAGE ON SCHEMA D.PUBLIC TO SHARE S")?.code == "003042", "the database first")
    #expect(account.failure("ALTER SHARE S ADD ACCOUNTS = ORG.A")?.code == "003042", "no database yet")
    try account.runAll(
      """
      GRANT USAGE ON DATABASE D TO SHARE S
      GRANT USAGE ON SCHEMA D.PUBLIC TO SHARE S
      GRANT SELECT ON TABLE D.PUBLIC.T TO SHARE S
      GRANT SELECT ON VIEW D.PUBLIC.SAFE TO SHARE S
      GRANT REFERENCE_USAGE ON DATABASE OTHER TO SHARE S
      ALTER SHARE S ADD ACCOUNTS = ORG.A, ORG.B
      """)
    #expect(account.failure("GRANT USAGE ON DATABASE OTHER TO SHARE S")?.code == "003042")
    #expect(account.failure("GRANT SELECT ON VIEW D.PUBLIC.OPEN TO SHARE S")?.code == "003042", "not secure")
    #expect(account.failure("GRANT INSERT ON TABLE D.PUBLIC.T TO SHARE S")?.code == "003042")
    let row = try #require(try account.rows("SHOW SHARES LIKE 'S'").first)
    #expect(row["kind"] == "OUTBOUND")
    #expect(row["database_name"] == "D")
    #expect(row["to"] == "ORG.A, ORG.B")
    #expect(row["comment"] == "c")
    #expect(try account.column("name", "DESC SHARE S") == ["D", "OTHER", "D.PUBLIC", "D.PUBLIC.SAFE", "D.PUBLIC.T"])
    #expect(try Set(account.column("granted_to", "SHOW GRANTS TO SHARE S")) == ["SHARE"])
    #expect(try account.column("grantee_name", "SHOW GRANTS OF SHARE S") == ["ORG.A", "ORG.B"])
    try account.run("ALTER SHARE S REMOVE ACCOUNTS = ORG.A")
    #expect(try account.column("grantee_name", "SHOW GRANTS OF SHARE S") == ["ORG.B"])
    try account.run("REVOKE SELECT ON TABLE D.PUBLIC.T FROM SHARE S")
    #expect(try account.rows("SHOW GRANTS TO SHARE S").count == 4)
    try account.run("DROP SHARE S")
    #expect(try account.rows("SHOW GRANTS ON DATABASE D").count == 1)
  }

  @Test func aShareIsNoRole() throws {
    let account = try account()
    #expect(account.failure("GRANT OWNERSHIP ON DATABASE D TO SHARE S") != nil)
    #expect(account.failure("USE ROLE S")?.code == "002043")
    #expect(account.failure("GRANT USAGE ON DATABASE D TO SHARE NOPE")?.code == "002003")
    #expect(!(try account.column("name", "SHOW ROLES")).contains("S"))
  }

  @Test func anImportedDatabaseTakesImportedPrivilegesOnly() throws {
    let account = try account()
    try account.runAll(
      """
      CREATE DATABASE I FROM SHARE ORG.PROVIDER.SALES
      CREATE ROLE R
      CREATE USER U PASSWORD = 'pw'
      GRANT ROLE R TO USER U
      """)
    let row = try #require(try account.rows("SHOW DATABASES LIKE 'I'").first)
    #expect(row["kind"] == "IMPORTED DATABASE")
    #expect(row["origin"] == "ORG.PROVIDER.SALES")
    #expect(account.failure("GRANT USAGE ON DATABASE I TO ROLE R")?.code == "003042")
    #expect(account.failure("GRANT IMPORTED PRIVILEGES ON DATABASE D TO ROLE R")?.code == "003042")
    #expect(account.failure("CREATE SCHEMA I.X")?.code == "003001")
    let user = try account.login("U", "R")
    #expect(!(try account.column("name", "SHOW DATABASES", in: user)).contains("I"))
    try account.run("GRANT IMPORTED PRIVILEGES ON DATABASE I TO ROLE R")
    #expect(try account.column("name", "SHOW SCHEMAS IN DATABASE I", in: user) == ["INFORMATION_SCHEMA"])
    #expect(try account.rows("SHOW SHARES LIKE 'SALES'").first?["kind"] == "INBOUND")
    let own = try account.run("SELECT CURRENT_ACCOUNT()").rows[0][0] ?? ""
    #expect(account.failure("CREATE DATABASE J FROM SHARE \(own).S")?.code == "003042")
    try account.run("REVOKE IMPORTED PRIVILEGES ON DATABASE I FROM ROLE R")
    #expect(!(try account.column("name", "SHOW DATABASES", in: user)).contains("I"))
  }

  @Test func sharesSurviveARestart() throws {
    let storage = try EmulatorStorage()
    let before = try TestAccount(storage: storage)
    try before.runAll("CREATE DATABASE D\nCREATE SHARE S\nGRANT USAGE ON DATABASE D TO SHARE S")
    #expect(try TestAccount(storage: storage).column("name", "SHOW GRANTS TO SHARE S") == ["D"])
  }
}
