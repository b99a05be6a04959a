import SnowmakerModel
import Testing

@testable import AccountEmulator

@Suite struct ReplicationTests {
  private func accounts(_ account: TestAccount, _ column: String) throws -> [String?] {
    try account.column(column, "SHOW REPLICATION DATABASES")
  }

  @Test func whoMayHaveAReplicaIsKeptAndShown() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE DATABASE E
      ALTER DATABASE D ENABLE REPLICATION TO ACCOUNTS O.A, O.B IGNORE EDITION CHECK
      ALTER DATABASE D ENABLE FAILOVER TO ACCOUNTS O.A
      """)
    let own = try account.column("organization_name", "SHOW REPLICATION DATABASES")
    #expect(own.count == 1)
    let me = "\(own[0] ?? "").\(try account.column("account_name", "SHOW REPLICATION DATABASES")[0] ?? "")"
    #expect(try accounts(account, "name") == ["D"])
    #expect(try accounts(account, "is_primary") == ["true"])
    #expect(
      try accounts(account, "replication_allowed_to_accounts")
        == [["O.A", "O.B", me].sorted().joined(separator: ", ")])
    #expect(
      try accounts(account, "failover_allowed_to_accounts") == [["O.A", me].sorted().joined(separator: ", ")])
    try account.run("ALTER DATABASE D DISABLE REPLICATION TO ACCOUNTS O.A")
    // Without a replica there is no taking over.
    #expect(try accounts(account, "failover_allowed_to_accounts") == [nil])
    #expect(account.failure("ALTER DATABASE D ENABLE FAILOVER TO ACCOUNTS O.A")?.message.contains("O.A") == true)
    try account.run("ALTER DATABASE D DISABLE REPLICATION")
    // It stays a primary database, which nobody has a replica of.
    #expect(try accounts(account, "name") == ["D"])
    #expect(try accounts(account, "replication_allowed_to_accounts") == [nil])
  }

  @Test func itTakesAnAccountAdministrator() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      USE ROLE SYSADMIN
      CREATE DATABASE D
      """)
    #expect(account.failure("ALTER DATABASE D ENABLE REPLICATION TO ACCOUNTS O.A")?.code == "003001")
  }

  @Test func replicasAreListedBesidePrimaries() throws {
    let account = try TestAccount()
    try account.run("CREATE DATABASE R AS REPLICA OF O.A.RAW")
    #expect(try accounts(account, "is_primary") == ["false"])
    #expect(try accounts(account, "primary") == ["O.A.RAW"])
    try account.run("CREATE DATABASE D")
    try account.run("ALTER DATABASE D ENABLE REPLICATION TO ACCOUNTS O.B")
    #expect(try accounts(account, "name") == ["D", "R"])
    let own = try account.rows("SHOW REPLICATION DATABASES LIKE 'D'")[0]["primary"] ?? nil
    for (primary, name) in [("O.A.RAW", "R"), (own ?? "", "D")] {
      #expect(try account.column("name", "SHOW REPLICATION DATABASES WITH PRIMARY \(primary)") == [name])
      #expect(try account.column("name", "SHOW REPLICATION DATABASES LIKE 'X' WITH PRIMARY \(primary)").isEmpty)
    }
    #expect(account.failure("ALTER DATABASE R ENABLE REPLICATION TO ACCOUNTS O.B") != nil)
  }
}
