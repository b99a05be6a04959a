import SnowmakerSDK
import Testing

@testable import RBAC

@Suite struct DatabaseRoleTests {
  private let type = DatabaseRole()
  private let columns = ["created_on", "name", "granted_to_roles", "owner", "comment", "owner_role_type"]

  @Test func oneStatementPerDatabaseInUse() throws {
    var account = RecordedAccount()
    account.answer(
      "SHOW DATABASE ROLES IN DATABASE RAW", columns,
      [
        ["1795182089.4", "READER", "0", "SYSADMIN", "", "ROLE"],
        ["1795182089.4", "other", "0", "SYSADMIN", "", "ROLE"],
      ])
    let (reply, asked) = try account.read(
      type, wanted: [.declared(["RAW", "READER"]), .declared(["RAW", "WRITER"]), .declared(["NEW", "READER"])])
    #expect(asked == ["SHOW DATABASE ROLES IN DATABASE RAW", "SHOW DATABASE ROLES IN DATABASE NEW"])
    #expect(reply.observed.map(\.identity) == [["RAW", "READER"]])
    #expect(reply.observed[0].owner == "SYSADMIN")
    #expect(reply.observed[0].attributes["comment"] == .null)
    #expect(reply.unseen.isEmpty && reply.partial == nil)
  }

  @Test func whatNobodyOwnsIsForeign() throws {
    var account = RecordedAccount()
    account.answer("SHOW DATABASE ROLES IN DATABASE SNOWFLAKE", columns, [["1", "OBJECT_VIEWER", "0", "", "", ""]])
    let (reply, _) = try account.read(type, wanted: [.declared(["SNOWFLAKE", "OBJECT_VIEWER"])])
    #expect(reply.observed[0].foreign != nil)
  }

  @Test func createsAndDropsByTheFullName() throws {
    let identity = ["RAW", "READER"]
    let create = try RBACHost.plan(type, PlanItem(identity: identity, declared: ["comment": "reads"], observed: nil))
    #expect(create.statements.map(\.sql.description) == ["CREATE DATABASE ROLE RAW.READER COMMENT = 'reads'"])
    #expect(create.statements[0].authorities == [.privilege("CREATE DATABASE ROLE", SQLObject("DATABASE", "RAW"))])
    let observed = Observation(identity: identity, attributes: ["comment": "old"], owner: "SYSADMIN")
    #expect(
      try RBACHost.sql(type, PlanItem(identity: identity, declared: nil, observed: observed))
        == ["DROP DATABASE ROLE RAW.READER"])
    #expect(
      try RBACHost.sql(type, PlanItem(identity: identity, declared: ["comment": .null], observed: observed))
        == ["ALTER DATABASE ROLE RAW.READER UNSET COMMENT"])
  }
}
