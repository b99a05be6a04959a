import EmulatedTypes
import Testing

@testable import AccountEmulator

@Suite struct EmulatorTests {
  @Test func emulatorListensOnAPortOfItsOwnAndStops() throws {
    let emulator = try AccountEmulator(configuration: EmulatorConfiguration(password: "x"), types: TestTypes.all)
    #expect(emulator.port == 0)
    try emulator.start()
    #expect(emulator.port != 0)
    let session = try emulator.engine.login(
      LoginRequest(account: "any", user: "SNOWMAKER", credential: .password("x")))
    #expect(session.current.role == "ACCOUNTADMIN")
    emulator.stop()
    #expect(emulator.port == 0)
  }

  @Test func defaultsOfUsersStayAsWrittenInQuotesAndFoldWithout() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE ROLE R
      CREATE USER U PASSWORD = 'pw' DEFAULT_ROLE = $$r$$ DEFAULT_WAREHOUSE = 'wh'
      CREATE USER V DEFAULT_ROLE = r DEFAULT_WAREHOUSE = "my wh"
      GRANT ROLE R TO USER U
      """)
    let rows = try account.rows("SHOW USERS LIKE '_'")
    #expect(rows.map { $0["default_role"] } == ["r", "R"])
    #expect(rows.map { $0["default_warehouse"] } == ["wh", "my wh"])
    #expect(try account.login("U").current.role == "R")
  }

  @Test func thousandsOfObjectsAreCreatedAndListedInTime() throws {
    let account = try TestAccount()
    let clock = ContinuousClock()
    let created = try clock.measure { for index in 0..<5_000 { try account.run("CREATE ROLE R\(index)") } }
    var rows = 0
    let shown = try clock.measure { rows = try account.run("SHOW ROLES").rows.count }
    #expect(rows == 5_006)
    print("a CREATE takes \(created / 5_000), SHOW of 5,000 rows \(shown)")
    #expect(created < .seconds(20))
    #expect(shown < .seconds(2))
  }
}
