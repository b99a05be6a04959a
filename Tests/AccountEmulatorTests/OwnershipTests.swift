import Testing

@testable import AccountEmulator

@Suite struct OwnershipTests {
  private func account() throws -> TestAccount {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE SCHEMA D.S
      CREATE ROLE NEW
      CREATE ROLE R
      CREATE USER U PASSWORD = 'pw'
      GRANT ROLE R TO USER U
      GRANT USAGE ON DATABASE D TO ROLE R
      GRANT USAGE ON SCHEMA D.S TO ROLE R
      """)
    return account
  }

  @Test func aPipeChangesHandsOnlyWhilePaused() throws {
    let account = try account()
    try account.run("CREATE PIPE D.S.P AS COPY INTO T FROM @S")
    #expect(account.failure("GRANT OWNERSHIP ON PIPE D.S.P TO ROLE NEW")?.code == "003036")
    #expect(account.failure("GRANT OWNERSHIP ON ALL PIPES IN SCHEMA D.S TO ROLE NEW")?.code == "003042")
    try account.run("ALTER SCHEMA D.S SET PIPE_EXECUTION_PAUSED = TRUE")
    try account.run("GRANT OWNERSHIP ON PIPE D.S.P TO ROLE NEW")
    let status = try account.run("SELECT SYSTEM$PIPE_STATUS('D.S.P')").rows[0][0] ?? ""
    #expect(status.contains("PAUSED"))
    #expect(account.failure("SELECT SYSTEM$PIPE_FORCE_RESUME('D.S.P')")?.code == "003001")
    try account.run("GRANT ROLE NEW TO ROLE ACCOUNTADMIN")
    #expect(try account.run("SELECT SYSTEM$PIPE_FORCE_RESUME('D.S.P')").rows == [["Succeeded"]])
    #expect(account.failure("SELECT SYSTEM$PIPE_STATUS('D.S.NOPE')")?.code == "002003")
  }

  @Test func aTaskStopsWhenItChangesHandsAndNeedsTheRightToRun() throws {
    let account = try account()
    try account.run("CREATE TASK D.S.T SCHEDULE = '5 MINUTE' AS SELECT 1")
    try account.run("ALTER TASK D.S.T RESUME")
    #expect(try account.column("state", "SHOW TASKS IN SCHEMA D.S") == ["started"])
    try account.run("GRANT OWNERSHIP ON TASK D.S.T TO ROLE NEW")
    #expect(try account.column("state", "SHOW TASKS IN SCHEMA D.S") == ["suspended"])
    try account.run("GRANT ROLE NEW TO ROLE ACCOUNTADMIN")
    #expect(account.failure("ALTER TASK D.S.T RESUME")?.code == "091089")
    try account.run("GRANT EXECUTE TASK ON ACCOUNT TO ROLE NEW")
    try account.run("ALTER TASK D.S.T RESUME")
  }

  @Test func aRootTaskBringsItsDependents() throws {
    let account = try account()
    try account.runAll(
      """
      CREATE TASK D.S.ROOT SCHEDULE = '5 MINUTE' AS SELECT 1
      CREATE TASK D.S.NEXT AFTER ROOT AS SELECT 1
      CREATE TASK D.S.OTHER SCHEDULE = '5 MINUTE' AS SELECT 1
      SELECT SYSTEM$TASK_DEPENDENTS_ENABLE('D.S.ROOT')
      """)
    #expect(try account.column("state", "SHOW TASKS IN SCHEMA D.S") == ["started", "suspended", "started"])
  }

  @Test func inAManagedSchemaTheObjectsOwnerCannotGiveItAway() throws {
    let account = try account()
    try account.runAll(
      """
      ALTER SCHEMA D.S ENABLE MANAGED ACCESS
      GRANT CREATE TABLE ON SCHEMA D.S TO ROLE R
      """)
    let user = try account.login("U", "R")
    try account.run("CREATE TABLE D.S.T (A INT)", in: user)
    #expect(account.failure("GRANT OWNERSHIP ON TABLE D.S.T TO ROLE NEW", in: user)?.code == "003001")
    try account.run("GRANT OWNERSHIP ON SCHEMA D.S TO ROLE R REVOKE CURRENT GRANTS")
    try account.run("GRANT OWNERSHIP ON TABLE D.S.T TO ROLE NEW", in: user)
    #expect(try account.column("owner", "SHOW TABLES IN SCHEMA D.S") == ["NEW"])
  }

  @Test func aDescriptionChangesNothing() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE TASK D.PUBLIC.ROOT SCHEDULE = '5 MINUTE' AS SELECT 1
      """)
    let texts = [
      "SELECT SYSTEM$TASK_DEPENDENTS_ENABLE('D.PUBLIC.ROOT')", "SELECT SYSTEM$ENABLE_BEHAVIOR_CHANGE_BUNDLE('2026_01')",
    ]
    func states() throws -> [String?] {
      try account.column("state", "SHOW TASKS IN ACCOUNT")
        + account.run("SELECT SYSTEM$BEHAVIOR_CHANGE_BUNDLE_STATUS('2026_01')").rows[0]
    }
    for text in texts {
      let told = try account.engine.execute(
        text, bindings: [:], describeOnly: true, queryID: "02", parameters: [:], in: account.session)
      #expect(told.columns.count == 1 && told.rows.isEmpty)
    }
    #expect(try states() == ["suspended", "DISABLED"])
    for text in texts { try account.run(text) }
    #expect(try states() == ["started", "ENABLED"])
  }
}
