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
}
