import SnowmakerModel
import Testing

@testable import AccountEmulator

@Suite struct TagTests {
  private func account() throws -> TestAccount {
    let account = try TestAccount()
    for sql in [
      "CREATE DATABASE G", "CREATE SCHEMA G.T", "CREATE TAG G.T.COST ALLOWED_VALUES 'a', 'b'", "CREATE TAG G.T.PII",
      "CREATE DATABASE D WITH TAG (G.T.COST = 'a', G.T.PII = 'x')", "CREATE SCHEMA D.S", "CREATE WAREHOUSE W",
    ] { try account.run(sql) }
    return account
  }

  private func tag(_ account: TestAccount, _ tag: String, _ object: String, _ domain: String) throws -> String? {
    try account.run("SELECT SYSTEM$GET_TAG('\(tag)', '\(object)', '\(domain)')").rows[0][0]
  }

  @Test func valuesAreSetReadInheritedAndTakenOff() throws {
    let account = try account()
    #expect(try tag(account, "G.T.COST", "D", "database") == "a")
    #expect(try tag(account, "G.T.COST", "D.S", "SCHEMA") == "a", "inherited")
    #expect(try tag(account, "G.T.COST", "W", "WAREHOUSE") == nil)
    try account.run("ALTER SCHEMA D.S SET TAG G.T.COST = 'b'")
    try account.run("ALTER WAREHOUSE W SET TAG G.T.COST = 'b', G.T.PII = 'y'")
    #expect(try tag(account, "G.T.COST", "D.S", "SCHEMA") == "b")
    try account.run("ALTER WAREHOUSE W UNSET TAG G.T.COST")
    #expect(
      try account.run(
        "SELECT SYSTEM$GET_TAG('G.T.COST', 'W', 'WAREHOUSE'), SYSTEM$GET_TAG('G.T.PII', 'W', 'WAREHOUSE')"
      ).rows == [[nil, "y"]])
  }

  @Test func mistakesAreRefused() throws {
    let account = try account()
    #expect(account.failure("ALTER WAREHOUSE W SET TAG G.T.COST = 'c'")?.message.contains("COST") == true)
    #expect(account.failure("ALTER WAREHOUSE W SET TAG G.T.NONE = 'c'")?.code == "002003")
    #expect(account.failure("CREATE ROLE R WITH TAG (G.T.COST = 'c')") != nil)
    #expect(try account.rows("SHOW ROLES LIKE 'R'").isEmpty)
    #expect(account.failure("SELECT SYSTEM$GET_TAG('G.T.NONE', 'W', 'WAREHOUSE')")?.message.contains("Tag") == true)
    #expect(account.failure("SELECT SYSTEM$GET_TAG('G.T.COST', 'W', 'PIPE')") != nil)
    #expect(account.failure("SELECT SYSTEM$GET_TAG('G.T.COST', 'V', 'WAREHOUSE')")?.code == "002003")
  }

  @Test func assignmentsFollowTheTag() throws {
    let account = try account()
    try account.run("ALTER TAG G.T.COST RENAME TO G.T.COSTS")
    #expect(try tag(account, "G.T.COSTS", "D", "DATABASE") == "a")
    try account.run("ALTER DATABASE G RENAME TO H")
    #expect(try tag(account, "H.T.COSTS", "D", "DATABASE") == "a")
    try account.run("DROP TAG H.T.COSTS")
    try account.run("CREATE TAG H.T.COSTS")
    #expect(try tag(account, "H.T.COSTS", "D", "DATABASE") == nil)
  }

  @Test func policiesOfUsersAreAttachedOnce() throws {
    let account = try account()
    for sql in [
      "CREATE USER U", "CREATE PASSWORD POLICY G.T.P1", "CREATE PASSWORD POLICY G.T.P2",
      "ALTER USER U SET PASSWORD POLICY G.T.P1",
    ] { try account.run(sql) }
    #expect(account.failure("ALTER USER U SET PASSWORD POLICY G.T.P2") != nil)
    try account.run("ALTER USER U SET PASSWORD POLICY G.T.P2 FORCE")
    for sql in ["DROP PASSWORD POLICY G.T.P2", "CREATE OR REPLACE PASSWORD POLICY G.T.P2"] {
      #expect(
        account.failure(sql)
          == StatementFailure(
            code: "003531", sqlState: "23001",
            message: "SQL compilation error:\nPolicy P2 cannot be dropped/replaced as it is associated with one or "
              + "more entities."))
    }
    try account.run("DROP PASSWORD POLICY G.T.P1")
    try account.run("ALTER USER U UNSET PASSWORD POLICY")
    try account.run("DROP PASSWORD POLICY G.T.P2")
    try account.run("CREATE PASSWORD POLICY G.T.P1")
    #expect(account.failure("ALTER USER U UNSET PASSWORD POLICY") != nil)
    #expect(account.failure("ALTER USER U SET SESSION POLICY G.T.P1")?.code == "002003")
  }

  @Test func clonesOfMomentsAndDatabasesOfOthers() throws {
    let account = try account()
    try account.run("CREATE DATABASE E CLONE D AT (OFFSET => 0)")
    #expect(try tag(account, "G.T.COST", "E", "DATABASE") == "a", "a clone keeps its tags")
    #expect(account.failure("CREATE DATABASE F CLONE D AT (OFFSET => -86400)")?.code == "000707")
    try account.run("CREATE SCHEMA D.S2 CLONE D.S BEFORE (TIMESTAMP => '2026-01-01'::TIMESTAMP_LTZ)")
    try account.run("CREATE DATABASE I FROM SHARE ORG.ACC.SALES COMMENT = 'c'")
    let shown = try #require(try account.rows("SHOW DATABASES LIKE 'I'").first)
    #expect(shown["kind"] == "IMPORTED DATABASE" && shown["origin"] == "ORG.ACC.SALES" && shown["comment"] == "c")
    try account.run("CREATE DATABASE R AS REPLICA OF ORG.ACC.RAW")
    #expect(account.failure("ALTER DATABASE R SET COMMENT = 'x'")?.message.contains("read-only") == true)
  }
}
