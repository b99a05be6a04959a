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

  @Test func aTemporaryObjectHidesAPermanentOneOfItsName() throws {
    let storage = try EmulatorStorage()
    let account = try TestAccount(storage: storage)
    try account.runAll(
      """
      CREATE ROLE R
      CREATE DATABASE D
      CREATE TABLE D.PUBLIC.T (A INT)
      GRANT SELECT ON TABLE D.PUBLIC.T TO ROLE R
      CREATE TEMPORARY TABLE D.PUBLIC.T (B INT, C INT)
      GRANT INSERT ON TABLE D.PUBLIC.T TO ROLE R
      """)
    let other = try account.engine.login(
      .init(account: "x", user: "SNOWMAKER", credential: .password("secret"), role: "ACCOUNTADMIN"))
    #expect(try account.column("name", "DESC TABLE D.PUBLIC.T") == ["B", "C"])
    #expect(try account.column("name", "DESC TABLE D.PUBLIC.T", in: other) == ["A"])
    #expect(try account.column("privilege", "SHOW GRANTS ON TABLE D.PUBLIC.T") == ["INSERT", "OWNERSHIP"])
    #expect(try account.column("privilege", "SHOW GRANTS ON TABLE D.PUBLIC.T", in: other) == ["OWNERSHIP", "SELECT"])
    // What is done to the table in the session is done to the temporary one.
    try account.run("ALTER TABLE D.PUBLIC.T ADD COLUMN E INT")
    #expect(try account.column("name", "DESC TABLE D.PUBLIC.T", in: other) == ["A"])
    // Each session has its own.
    try account.run("CREATE TEMPORARY TABLE D.PUBLIC.T (X INT)", in: other)
    #expect(try account.column("name", "DESC TABLE D.PUBLIC.T") == ["B", "C", "E"])
    #expect(account.failure("CREATE TEMPORARY TABLE D.PUBLIC.T (X INT)")?.code == "002002")
    try account.run("DROP TABLE D.PUBLIC.T")
    #expect(try account.column("name", "DESC TABLE D.PUBLIC.T") == ["A"])
    #expect(try account.column("privilege", "SHOW GRANTS ON TABLE D.PUBLIC.T") == ["OWNERSHIP", "SELECT"])
    // Nothing of it was written down.
    let again = try TestAccount(storage: storage)
    #expect(try again.column("name", "DESC TABLE D.PUBLIC.T") == ["A"])
    #expect(try again.column("privilege", "SHOW GRANTS ON TABLE D.PUBLIC.T") == ["OWNERSHIP", "SELECT"])
  }

  @Test func aPermanentObjectIsCreatedBehindATemporaryOne() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE TEMPORARY TABLE D.PUBLIC.T (A INT)
      CREATE TABLE D.PUBLIC.T (B INT)
      """)
    #expect(account.failure("CREATE TABLE D.PUBLIC.T (C INT)")?.code == "002002")
    try account.run("CREATE OR REPLACE TABLE D.PUBLIC.T (C INT)")
    #expect(try account.column("name", "DESC TABLE D.PUBLIC.T") == ["A"])
    #expect(
      account.failure("ALTER TABLE D.PUBLIC.T SWAP WITH D.PUBLIC.T2")?.code == "002003")
    try account.run("CREATE TABLE D.PUBLIC.T2 (D INT)")
    #expect(account.failure("ALTER TABLE D.PUBLIC.T SWAP WITH D.PUBLIC.T2")?.message.contains("temporary") == true)
    try account.run("ALTER TABLE D.PUBLIC.T RENAME TO D.PUBLIC.T3")
    #expect(try account.column("name", "DESC TABLE D.PUBLIC.T") == ["C"])
    #expect(try account.column("name", "DESC TABLE D.PUBLIC.T3") == ["A"])
  }

  @Test func temporaryObjectsFollowTheirContainer() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE SCHEMA D.S
      CREATE TABLE D.S.T (A INT)
      CREATE TEMPORARY TABLE D.S.T (B INT)
      ALTER SCHEMA D.S RENAME TO D.N
      """)
    #expect(try account.column("name", "DESC TABLE D.N.T") == ["B"])
    try account.run("CREATE SCHEMA D.COPY CLONE D.N")
    #expect(try account.column("name", "DESC TABLE D.COPY.T") == ["A"])
    try account.run("DROP TABLE D.N.T")
    #expect(try account.column("name", "DESC TABLE D.N.T") == ["A"])
    try account.runAll(
      """
      CREATE TEMPORARY TABLE D.N.T (B INT)
      DROP SCHEMA D.N
      CREATE SCHEMA D.N
      """)
    #expect(account.failure("DESC TABLE D.N.T")?.code == "002003")
  }
}
