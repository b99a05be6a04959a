import Testing

@testable import AccountEmulator

@Suite struct InheritedGrantTests {
  private func account() throws -> TestAccount {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE SCHEMA D.S
      CREATE TABLE D.S.T (A INT)
      CREATE ROLE R
      CREATE ROLE OWNER
      CREATE USER U PASSWORD = 'pw'
      GRANT ROLE R TO USER U
      GRANT USAGE ON DATABASE D TO ROLE R
      GRANT USAGE ON SCHEMA D.S TO ROLE R
      """)
    return account
  }

  @Test func oneGrantReachesWhatIsThereAndWhatComes() throws {
    let account = try account()
    let user = try account.login("U", "R")
    #expect(try account.rows("SHOW TABLES IN SCHEMA D.S", in: user).isEmpty)
    try account.run("GRANT INHERITED SELECT, INSERT ON ALL TABLES IN DATABASE D TO ROLE R")
    try account.run("CREATE TABLE D.S.LATER (A INT)")
    try account.run("CREATE VIEW D.S.V AS SELECT 1 AS A")
    #expect(try account.column("name", "SHOW TABLES IN SCHEMA D.S", in: user) == ["LATER", "T"])
    #expect(try account.rows("SHOW VIEWS IN SCHEMA D.S", in: user).isEmpty, "of another type")
    try account.run("REVOKE INHERITED SELECT ON ALL TABLES IN DATABASE D FROM ROLE R")
    try account.run("REVOKE INHERITED INSERT ON ALL TABLES IN DATABASE D FROM ROLE R")
    #expect(try account.rows("SHOW TABLES IN SCHEMA D.S", in: user).isEmpty)
  }

  @Test func itIsToldWithWhereItComesFrom() throws {
    let account = try account()
    #expect(try account.run("SHOW GRANTS TO ROLE R").columns.count == 8)
    try account.run("GRANT INHERITED SELECT ON ALL TABLES IN SCHEMA D.S TO ROLE R")
    let rows = try account.rows("SHOW GRANTS TO ROLE R")
    let inherited = try #require(rows.first { $0["is_inherited"] == "true" })
    #expect(inherited["privilege"] == "SELECT")
    #expect(inherited["granted_on"] == "TABLE")
    #expect(inherited["inherited_from"] == "SCHEMA")
    #expect(inherited["inherited_from_database"] == "D")
    #expect(inherited["inherited_from_schema"] == "S")
    #expect(rows.count { $0["is_inherited"] == "false" } == 2)
    #expect(try account.rows("SHOW GRANTS ON TABLE D.S.T").contains { $0["grantee_name"] == "R" })
    #expect(try account.rows("SHOW INHERITED GRANTS IN SCHEMA D.S").count == 1)
    #expect(try account.rows("SHOW INHERITED GRANTS IN ACCOUNT").isEmpty)
  }

  @Test func theContainersOwnerMayNotGiveOne() throws {
    let account = try account()
    try account.runAll(
      """
      GRANT ROLE OWNER TO USER U
      GRANT OWNERSHIP ON DATABASE D TO ROLE OWNER COPY CURRENT GRANTS
      """)
    let owner = try account.login("U", "OWNER")
    let statement = "GRANT INHERITED SELECT ON ALL TABLES IN DATABASE D TO ROLE R"
    #expect(account.failure(statement, in: owner)?.code == "003001")
    try account.run("GRANT MANAGE GRANTS ON DATABASE D TO ROLE OWNER")
    try account.run(statement, in: owner)
    #expect(account.failure("GRANT INHERITED USAGE ON ALL WAREHOUSES IN ACCOUNT TO ROLE R", in: owner) != nil)
  }

  @Test func nonsenseIsRefused() throws {
    let account = try account()
    #expect(account.failure("GRANT INHERITED SELECT ON TABLE D.S.T TO ROLE R")?.code == "001003")
    #expect(account.failure("GRANT INHERITED USAGE ON ALL WAREHOUSES IN DATABASE D TO ROLE R")?.code == "003042")
    #expect(account.failure("GRANT INHERITED NONSENSE ON ALL TABLES IN DATABASE D TO ROLE R")?.code == "003042")
  }

  @Test func itSurvivesARestartARenameAndGoesWithItsRole() throws {
    let storage = try EmulatorStorage()
    let before = try TestAccount(storage: storage)
    try before.runAll(
      """
      CREATE DATABASE D
      CREATE ROLE R
      CREATE ROLE GONE
      GRANT INHERITED SELECT ON ALL TABLES IN DATABASE D TO ROLE R
      GRANT INHERITED USAGE ON ALL WAREHOUSES IN ACCOUNT TO ROLE GONE
      ALTER DATABASE D RENAME TO E
      DROP ROLE GONE
      """)
    let after = try TestAccount(storage: storage)
    #expect(try after.column("name", "SHOW INHERITED GRANTS IN DATABASE E") == ["E.<TABLE>"])
    #expect(try after.rows("SHOW INHERITED GRANTS IN ACCOUNT").isEmpty)
  }
}
