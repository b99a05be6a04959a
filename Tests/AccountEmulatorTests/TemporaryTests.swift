import Testing

@testable import AccountEmulator

@Suite struct TemporaryTests {
  @Test func temporaryObjectsBelongToTheirSession() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE TEMPORARY STAGE D.PUBLIC.S
      CREATE TEMP TABLE D.PUBLIC.T (A INT)
      CREATE LOCAL TEMPORARY TABLE D.PUBLIC.T2 (A INT)
      CREATE STAGE D.PUBLIC.KEPT
      """)
    let other = try account.engine.login(
      .init(account: "x", user: "SNOWMAKER", credential: .password("secret"), role: "ACCOUNTADMIN"))
    #expect(try account.column("name", "SHOW STAGES IN SCHEMA D.PUBLIC") == ["KEPT", "S"])
    #expect(try account.column("kind", "SHOW TABLES IN SCHEMA D.PUBLIC") == ["TEMPORARY", "TEMPORARY"])
    #expect(try account.column("name", "SHOW STAGES IN SCHEMA D.PUBLIC", in: other) == ["KEPT"])
    #expect(account.failure("DESC STAGE D.PUBLIC.S", in: other)?.code == "002003")
    account.engine.close(account.session)
    #expect(try account.rows("SHOW TABLES IN SCHEMA D.PUBLIC", in: other).isEmpty)
    try account.run("CREATE STAGE D.PUBLIC.S", in: other)
  }

  @Test func aCloneLivesAsLongAsItSays() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE TABLE D.PUBLIC.P (A INT)
      CREATE TEMPORARY TABLE D.PUBLIC.T (A INT)
      CREATE TRANSIENT TABLE D.PUBLIC.V (A INT)
      CREATE TEMPORARY TABLE D.PUBLIC.TP CLONE D.PUBLIC.P
      CREATE TRANSIENT TABLE D.PUBLIC.VT CLONE D.PUBLIC.T
      """)
    for name in ["T", "V"] {
      #expect(account.failure("CREATE TABLE D.PUBLIC.X CLONE D.PUBLIC.\(name)")?.message.contains("cloned") == true)
    }
    let other = try account.engine.login(
      .init(account: "x", user: "SNOWMAKER", credential: .password("secret"), role: "ACCOUNTADMIN"))
    #expect(try account.column("name", "SHOW TABLES IN SCHEMA D.PUBLIC", in: other) == ["P", "V", "VT"])
    account.engine.close(account.session)
    #expect(
      try account.column("kind", "SHOW TABLES IN SCHEMA D.PUBLIC", in: other) == ["TABLE", "TRANSIENT", "TRANSIENT"])
  }

  @Test func whatCannotBeTemporaryIsRefused() throws {
    let account = try TestAccount()
    #expect(account.failure("CREATE TEMPORARY WAREHOUSE W")?.code == "000002")
  }

  @Test func aRestartForgetsThem() throws {
    let storage = try EmulatorStorage()
    try TestAccount(storage: storage).runAll("CREATE DATABASE D\nCREATE TEMPORARY STAGE D.PUBLIC.S")
    #expect(try TestAccount(storage: storage).rows("SHOW STAGES IN DATABASE D").isEmpty)
  }
}
