import SnowmakerModel
import Testing

@testable import AccountEmulator

@Suite struct PolicyTests {
  @Test func attachedNetworkPoliciesStay() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE NETWORK POLICY NP ALLOWED_IP_LIST = ('0.0.0.0/0')
      CREATE USER U NETWORK_POLICY = NP
      """)
    func text(_ holder: String) -> String {
      "SQL compilation error:\nCannot perform Drop operation on network policy NP. The policy is attached to \(holder). "
        + "Unset the network policy from \(holder.prefix { $0 != " " }) and try the Drop operation again."
    }
    #expect(
      account.failure("DROP NETWORK POLICY NP")
        == StatementFailure(code: "001492", sqlState: "42601", message: text("USER with name U")))
    try account.run("ALTER USER U UNSET NETWORK_POLICY")
    try account.run("ALTER ACCOUNT SET NETWORK_POLICY = NP")
    #expect(account.failure("DROP NETWORK POLICY NP")?.message == text("ACCOUNT"))
    try account.run("ALTER ACCOUNT UNSET NETWORK_POLICY")
    try account.run("DROP NETWORK POLICY NP")
  }

  @Test func policiesAreListedByTheUserThatHasThem() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE PASSWORD POLICY D.PUBLIC.P1
      CREATE PASSWORD POLICY D.PUBLIC.P2
      CREATE USER U
      ALTER USER U SET PASSWORD POLICY D.PUBLIC.P2
      """)
    #expect(try account.column("name", "SHOW PASSWORD POLICIES IN ACCOUNT") == ["P1", "P2"])
    #expect(try account.column("name", "SHOW PASSWORD POLICIES ON USER U") == ["P2"])
    #expect(try account.column("name", "SHOW PASSWORD POLICIES ON ACCOUNT").isEmpty)
    try account.run("ALTER ACCOUNT SET PASSWORD POLICY D.PUBLIC.P1")
    #expect(try account.column("name", "SHOW PASSWORD POLICIES ON ACCOUNT") == ["P1"])
    #expect(try account.column("name", "SHOW PASSWORD POLICIES ON USER U") == ["P2"])
    #expect(account.failure("DROP PASSWORD POLICY D.PUBLIC.P1")?.code == "003531")
    #expect(try account.column("set_on", "SHOW PASSWORD POLICIES ON USER U") == ["USER"])
    // A user without a policy of its own has the account's.
    try account.run("CREATE USER V")
    #expect(try account.column("name", "SHOW PASSWORD POLICIES ON USER V") == ["P1"])
    #expect(try account.column("set_on", "SHOW PASSWORD POLICIES ON USER V") == ["ACCOUNT"])
    #expect(try account.run("SHOW PASSWORD POLICIES IN ACCOUNT").columns.last?.name == "options")
    try account.run("ALTER ACCOUNT UNSET PASSWORD POLICY")
    #expect(try account.column("name", "SHOW SESSION POLICIES ON USER U").isEmpty)
    #expect(account.failure("SHOW PASSWORD POLICIES ON USER NOBODY")?.code == "002003")
    try account.run("ALTER USER U UNSET PASSWORD POLICY")
    #expect(try account.column("name", "SHOW PASSWORD POLICIES ON USER U").isEmpty)
  }
}
