import SnowmakerSDK
import Testing

@testable import RBAC

@Suite struct GrantReadingTests {
  private let type = PrivilegeGrant(.object)

  @Test func oneStatementPerGranteeThatExists() throws {
    var account = RecordedAccount()
    account.roles("LOADER")
    account.grants(
      to: "ROLE LOADER", "USAGE|WAREHOUSE|WH_LOAD", "OPERATE|WAREHOUSE|WH_LOAD|true", "USAGE|SCHEMA|RAW.SALES",
      "USAGE|FILE_FORMAT|RAW.SALES.\"my format\"", "USAGE|ROLE|ANALYST", "OWNERSHIP|DATABASE|RAW")
    let wanted: [[String]] = [
      ["USAGE", "WAREHOUSE", "WH_LOAD", "ROLE", "LOADER"], ["OPERATE", "WAREHOUSE", "WH_LOAD", "ROLE", "LOADER"],
      ["USAGE", "FILE FORMAT", "RAW.SALES.\"my format\"", "ROLE", "LOADER"],
      ["MONITOR", "WAREHOUSE", "WH_LOAD", "ROLE", "LOADER"], ["USAGE", "WAREHOUSE", "WH_LOAD", "ROLE", "NEWROLE"],
    ]
    let (reply, asked) = try account.read(type, wanted: wanted.map { .declared($0) })
    #expect(asked == ["SHOW ROLES", "SHOW GRANTS TO ROLE LOADER"])
    #expect(reply.observed.map(\.identity) == Array(wanted[0..<3]))
    #expect(reply.observed[1].attributes["grant_option"] == true)
    #expect(reply.unseen.isEmpty && reply.partial == nil)
  }

  @Test func systemRolesNeedNoListOfRoles() throws {
    var account = RecordedAccount()
    account.grants(to: "ROLE PUBLIC", "USAGE|WAREHOUSE|W")
    let (reply, asked) = try account.read(type, wanted: [.declared(["USAGE", "WAREHOUSE", "W", "ROLE", "PUBLIC"])])
    #expect(asked == ["SHOW GRANTS TO ROLE PUBLIC"])
    #expect(reply.observed.count == 1)
  }

  @Test func aFailureIsUnseenNotAbsent() throws {
    var account = RecordedAccount()
    account.roles("LOADER")
    account.fail("SHOW GRANTS TO ROLE LOADER", "003001", "Insufficient privileges")
    let identity = ["USAGE", "WAREHOUSE", "W", "ROLE", "LOADER"]
    let (reply, _) = try account.read(type, wanted: [.declared(identity)])
    #expect(reply.unseen.map(\.identity) == [identity])
    #expect(reply.unseen.first?.reason.contains("Insufficient privileges (003001)") == true)
  }

  @Test func aCutAnswerLeavesTheRestUnseen() throws {
    var account = RecordedAccount()
    account.roles("R")
    account.grants(to: "ROLE R", "USAGE|WAREHOUSE|A")
    account.answers["SHOW GRANTS TO ROLE R"]?.isCut = true
    let (reply, _) = try account.read(
      type,
      wanted: [
        .declared(["USAGE", "WAREHOUSE", "A", "ROLE", "R"]), .declared(["USAGE", "WAREHOUSE", "B", "ROLE", "R"]),
      ])
    #expect(reply.observed.map { $0.identity[2] } == ["A"])
    #expect(reply.unseen.map { $0.identity[2] } == ["B"])
  }

  @Test func databaseRolesAreLookedForInTheirDatabase() throws {
    var account = RecordedAccount()
    account.answer(
      "SHOW DATABASE ROLES IN DATABASE RAW", ["created_on", "name", "owner"], [["1", "READER", "SYSADMIN"]])
    account.grants(to: "DATABASE ROLE RAW.READER", "USAGE|SCHEMA|RAW.SALES")
    let identity = ["USAGE", "SCHEMA", "RAW.SALES", "DATABASE ROLE", "RAW.READER"]
    let (reply, asked) = try account.read(
      type,
      wanted: [.declared(identity), .declared(["USAGE", "SCHEMA", "NEW.S", "DATABASE ROLE", "NEW.READER"])])
    #expect(
      asked == [
        "SHOW DATABASE ROLES IN DATABASE RAW", "SHOW DATABASE ROLES IN DATABASE NEW",
        "SHOW GRANTS TO DATABASE ROLE RAW.READER",
      ])
    #expect(reply.observed.map(\.identity) == [identity])
  }

  @Test func aGrantFromSeveralGrantorsIsOne() throws {
    var account = RecordedAccount()
    account.grants(to: "ROLE SYSADMIN", "USAGE|WAREHOUSE|W", "USAGE|WAREHOUSE|W|true")
    let (reply, _) = try account.read(type, wanted: [.declared(["USAGE", "WAREHOUSE", "W", "ROLE", "SYSADMIN"])])
    #expect(reply.observed.map { $0.attributes["grant_option"] } == [true])
  }

  @Test func importedPrivilegesAreShownAsUsage() throws {
    var account = RecordedAccount()
    account.grants(to: "ROLE SYSADMIN", "USAGE|DATABASE|SNOWFLAKE")
    let identity = ["IMPORTED PRIVILEGES", "DATABASE", "SNOWFLAKE", "ROLE", "SYSADMIN"]
    #expect(try account.read(type, wanted: [.declared(identity)]).reply.observed.map(\.identity) == [identity])
  }

  @Test func allIsThereWhenEveryPrivilegeOfTheTypeIs() throws {
    let identity = ["ALL", "WAREHOUSE", "W", "ROLE", "SYSADMIN"]
    var account = RecordedAccount()
    account.grants(to: "ROLE SYSADMIN", "USAGE|WAREHOUSE|W", "OPERATE|WAREHOUSE|W")
    #expect(try account.read(type, wanted: [.declared(identity)]).reply.observed.isEmpty)
    account.grants(
      to: "ROLE SYSADMIN", "USAGE|WAREHOUSE|W", "OPERATE|WAREHOUSE|W", "MODIFY|WAREHOUSE|W", "MONITOR|WAREHOUSE|W")
    #expect(try account.read(type, wanted: [.declared(identity)]).reply.observed.count == 1)
  }

  @Test func everythingWantedLeavesSystemRolesAlone() throws {
    var account = RecordedAccount()
    account.roles("LOADER")
    account.grants(to: "ROLE LOADER", "USAGE|WAREHOUSE|W")
    for role in ["ACCOUNTADMIN", "ORGADMIN", "PUBLIC", "SECURITYADMIN", "USERADMIN"] {
      account.grants(to: "ROLE \(role)")
    }
    account.grants(to: "ROLE SYSADMIN", "USAGE|WAREHOUSE|W")
    let (reply, _) = try account.read(type, wanted: [], all: true)
    #expect(reply.observed.map(\.identity[4]) == ["LOADER", "SYSADMIN"])
    #expect(reply.observed.map(\.foreign) == [nil, "held by a system-defined role"])
    #expect(reply.observed[0].attributes["on"] == "W" && reply.observed[0].attributes["to"] == "LOADER")
  }

  @Test func functionsAreNamedByTheirArguments() throws {
    var account = RecordedAccount()
    account.grants(to: "ROLE SYSADMIN", "USAGE|FUNCTION|RAW.SALES.\"AREA(R NUMBER, S VARCHAR):NUMBER(38,0)\"")
    let identity = ["USAGE", "FUNCTION", "RAW.SALES.AREA", "(NUMBER, VARCHAR)", "ROLE", "SYSADMIN"]
    let (reply, _) = try account.read(PrivilegeGrant(.routine), wanted: [.declared(identity)])
    #expect(reply.observed.map(\.identity) == [identity])
  }

  @Test func privilegesOnTheAccountHaveNoName() throws {
    var account = RecordedAccount()
    account.grants(to: "ROLE SYSADMIN", "CREATE DATABASE|ACCOUNT|MYACCT|true")
    let (reply, _) = try account.read(
      PrivilegeGrant(.account), wanted: [.declared(["CREATE DATABASE", "ROLE", "SYSADMIN"])])
    #expect(reply.observed.count == 1)
  }
}
