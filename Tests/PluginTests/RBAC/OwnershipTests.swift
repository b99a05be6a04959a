import SnowmakerSDK
import Testing

@testable import RBAC

@Suite struct OwnershipTests {
  private let type = Ownership()
  private let identity = ["TABLE", "RAW.SALES.T"]
  private let declared: Value = ["to_type": "ROLE", "to": "LOADER"]

  @Test func theOwnerIsSeenInTheGrantsOfTheRole() throws {
    var account = RecordedAccount()
    account.roles("LOADER")
    account.grants(to: "ROLE LOADER", "OWNERSHIP|TABLE|RAW.SALES.T", "OWNERSHIP|TABLE|RAW.SALES.U")
    let (reply, asked) = try account.read(type, wanted: [.declared(identity, declared)])
    #expect(asked == ["SHOW ROLES", "SHOW GRANTS TO ROLE LOADER"])
    #expect(reply.observed.map(\.identity) == [identity])
    #expect(
      try RBACHost.plan(type, PlanItem(identity: identity, declared: declared, observed: reply.observed[0])).action
        == .none)
  }

  @Test func anotherOwnerIsAskedFor() throws {
    var account = RecordedAccount()
    account.roles("LOADER")
    account.grants(to: "ROLE LOADER")
    account.answer(
      "SHOW GRANTS ON TABLE RAW.SALES.T", ["privilege", "granted_on", "name", "granted_to", "grantee_name"],
      [
        ["SELECT", "TABLE", "RAW.SALES.T", "ROLE", "ANALYST"],
        ["OWNERSHIP", "TABLE", "RAW.SALES.T", "DATABASE_ROLE", "OLD"],
      ])
    let (reply, _) = try account.read(type, wanted: [.declared(identity, declared)])
    let change = try RBACHost.plan(
      type, PlanItem(identity: identity, declared: declared, observed: reply.observed.first))
    #expect(change.action == .update)
    #expect(change.attributes == [AttributeChange("to", before: "RAW.OLD", after: "LOADER")])
    #expect(
      change.statements.map(\.sql.description)
        == ["GRANT OWNERSHIP ON TABLE RAW.SALES.T TO ROLE LOADER COPY CURRENT GRANTS"])
    #expect(
      change.statements[0].undo?.description
        == "GRANT OWNERSHIP ON TABLE RAW.SALES.T TO DATABASE ROLE RAW.OLD COPY CURRENT GRANTS")
    #expect(change.statements[0].unlessRunBy == "LOADER")
  }

  @Test func leavingTheConfigurationReleasesIt() throws {
    let (reply, asked) = try RecordedAccount().read(type, wanted: [.leaving(identity)])
    #expect(asked.isEmpty)
    let change = try RBACHost.plan(type, PlanItem(identity: identity, declared: nil, observed: reply.observed.first))
    #expect(change.action == .none && change.statements.isEmpty)
  }
}
