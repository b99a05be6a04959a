import SnowmakerModel
import Testing

@testable import AccountEmulator

@Suite struct OrganizationTests {
  @Test func accountsAreForOrganizationAdministrators() throws {
    let account = try TestAccount()
    #expect(account.failure("SHOW ACCOUNTS")?.code == "003001")
    try account.run("GRANT ROLE ORGADMIN TO USER SNOWMAKER")
    try account.run("USE ROLE ORGADMIN")
    let row = try #require(try account.rows("SHOW ACCOUNTS").first)
    #expect(row["account_name"] == "EMULATOR" && row["organization_name"] == "SNOWMAKER")
    #expect(row["account_url"] == "https://snowmaker-emulator.snowflakecomputing.com")
    #expect(try account.column("account_locator", "SHOW ACCOUNTS LIKE 'emu%'") == ["SM00001"])
    #expect(try account.rows("SHOW ACCOUNTS LIKE 'x'").isEmpty)
    #expect(try account.column("dropped_on", "SHOW ACCOUNTS HISTORY") == [nil])
    #expect(account.failure("SHOW ORGANIZATION ACCOUNTS")?.code == "003001", "it is no organization account")
  }

  @Test func theAccountsRegionIsListed() throws {
    let account = try TestAccount()
    #expect(
      try account.run("SHOW REGIONS").rows == [["AWS_US_WEST_2", "aws", "us-west-2", "US West (Oregon)"]])
    #expect(try account.rows("SHOW REGIONS LIKE 'azure%'").isEmpty)
    #expect(
      try account.run("SHOW REGIONS").rows[0][0] == account.run("SELECT CURRENT_REGION()").rows[0][0])
  }
}
