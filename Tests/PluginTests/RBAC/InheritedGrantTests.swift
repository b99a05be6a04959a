import SnowmakerSDK
import Testing

@testable import RBAC

@Suite struct InheritedGrantTests {
  private let columns = [
    "privilege", "granted_on", "name", "grant_option", "granted_by", "is_inherited", "inherited_from",
    "inherited_from_database", "inherited_from_schema",
  ]

  private var account: RecordedAccount {
    var account = RecordedAccount()
    account.answer(
      "SHOW GRANTS TO ROLE SYSADMIN", columns,
      [
        ["SELECT", "TABLE", "", "false", "SYSADMIN", "true", "SCHEMA", "RAW", "SALES"],
        ["SELECT", "VIEW", "", "false", "SYSADMIN", "true", "ACCOUNT", nil, nil],
        ["SELECT", "TABLE", "RAW.SALES.A", "false", "SYSADMIN", "false", nil, nil, nil],
      ])
    return account
  }

  @Test func isReadFromTheGrantsOfTheRole() throws {
    let identity = ["SELECT", "TABLE", "SCHEMA", "RAW.SALES", "ROLE", "SYSADMIN"]
    let (reply, asked) = try account.read(InheritedGrant(inAccount: false), wanted: [.declared(identity)])
    #expect(asked == ["SHOW GRANTS TO ROLE SYSADMIN"])
    #expect(reply.observed.map(\.identity) == [identity])
    let inAccount = ["SELECT", "VIEW", "ROLE", "SYSADMIN"]
    let whole = try account.read(InheritedGrant(inAccount: true), wanted: [.declared(inAccount)]).reply
    #expect(whole.observed.map(\.identity) == [inAccount])
  }

  @Test func isNotTakenForAGrantOnAnObject() throws {
    let (reply, _) = try account.read(
      PrivilegeGrant(.object), wanted: [.declared(["SELECT", "TABLE", "", "ROLE", "SYSADMIN"])])
    #expect(reply.observed.isEmpty)
  }

  @Test func grantsAndRevokes() throws {
    let type = InheritedGrant(inAccount: false)
    let identity = ["SELECT", "TABLE", "SCHEMA", "RAW.SALES", "ROLE", "R"]
    #expect(
      try RBACHost.sql(type, PlanItem(identity: identity, declared: [:], observed: nil))
        == ["GRANT INHERITED SELECT ON ALL TABLES IN SCHEMA RAW.SALES TO ROLE R"])
    #expect(
      try RBACHost.sql(type, PlanItem(identity: identity, declared: nil, observed: Observation(identity: identity)))
        == ["REVOKE INHERITED SELECT ON ALL TABLES IN SCHEMA RAW.SALES FROM ROLE R"])
    #expect(
      try RBACHost.sql(
        InheritedGrant(inAccount: true),
        PlanItem(identity: ["SELECT", "VIEW", "ROLE", "R"], declared: [:], observed: nil))
        == ["GRANT INHERITED SELECT ON ALL VIEWS IN ACCOUNT TO ROLE R"])
  }
}
