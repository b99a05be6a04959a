import SnowmakerSDK
import Testing

@testable import RBAC

@Suite struct RoleTests {
  private let type = Role()

  @Test func oneStatementReadsAllRoles() throws {
    var account = RecordedAccount()
    account.roles("ANALYST", "LOADER")
    let (reply, asked) = try account.read(
      type, wanted: [.declared(["ANALYST"], ["comment": "x"]), .declared(["NEW"]), .declared(["SYSADMIN"])])
    #expect(asked == ["SHOW ROLES"])
    #expect(reply.observed.map(\.identity) == [["SYSADMIN"], ["ANALYST"]])
    #expect(reply.observed[0].foreign == "defined by Snowflake")
    #expect(reply.observed[1].foreign == nil)
    #expect(reply.observed[1].owner == "USERADMIN")
    #expect(reply.observed[1].attributes["comment"] == "of ANALYST")
  }

  @Test func rolesOfAProvisionerAreForeign() throws {
    var account = RecordedAccount()
    account.roles("SYNCED", owner: "OKTA_PROVISIONER")
    let (reply, _) = try account.read(type, wanted: [.declared(["SYNCED"])])
    #expect(reply.observed[0].foreign == "synchronised by SCIM (owned by OKTA_PROVISIONER)")
  }

  @Test func createsWithCommentAndOwner() throws {
    let change = try RBACHost.plan(
      type, PlanItem(identity: ["LOADER"], declared: ["comment": "it's", "owner": "SECURITYADMIN"], observed: nil))
    #expect(
      change.statements.map(\.sql.description) == [
        "CREATE ROLE LOADER COMMENT = 'it''s'",
        "GRANT OWNERSHIP ON ROLE LOADER TO ROLE SECURITYADMIN COPY CURRENT GRANTS",
      ])
    #expect(change.statements[0].authorities == [.privilege("CREATE ROLE", .account)])
  }

  // MARK: - Dropping

  private func dropping(_ context: RequestContext = RequestContext()) throws -> Observation {
    var account = RecordedAccount()
    account.roles("LOADER", "ANALYST")
    account.grants(
      to: "ROLE LOADER", "OWNERSHIP|DATABASE|RAW", "OWNERSHIP|FUNCTION|RAW.S.\"F(A NUMBER):NUMBER(38,0)\"",
      "USAGE|WAREHOUSE|W")
    let (reply, asked) = try account.read(
      type, wanted: [.leaving(["LOADER"]), .declared(["ANALYST"]), .referredTo(["SYSADMIN"])], context: context)
    #expect(asked == ["SHOW ROLES", "SHOW GRANTS TO ROLE LOADER"])
    return try #require(reply.observed.first { $0.identity == ["LOADER"] })
  }

  private func check(_ change: Change, with others: [CheckedChange] = []) -> [Diagnostic] {
    let role = CheckedChange(address: Address("role", ["LOADER"]), change: change, declared: nil)
    return OwnedObjects.check(CheckRequest(context: RequestContext(), changes: [role] + others))
  }

  @Test func aRoleThatOwnsObjectsIsNotDropped() throws {
    let change = try RBACHost.plan(type, PlanItem(identity: ["LOADER"], declared: nil, observed: try dropping()))
    #expect(change.statements.map(\.sql.description) == ["DROP ROLE LOADER"])
    #expect(change.losses.contains("ownership of FUNCTION RAW.S.F(NUMBER)"))
    let diagnostics = check(change)
    #expect(diagnostics.map(\.code) == ["role-owns-objects"])
    #expect(diagnostics[0].summary.contains("DATABASE RAW, FUNCTION RAW.S.F(NUMBER)"))
    #expect(diagnostics[0].detail.contains("transfer_owned_to"))
  }

  @Test func whatItOwnsMayGoInTheSamePlan() throws {
    let change = try RBACHost.plan(type, PlanItem(identity: ["LOADER"], declared: nil, observed: try dropping()))
    let database = CheckedChange(
      address: Address("database", ["RAW"]),
      change: Change(
        .drop,
        statements: [Statement("DROP DATABASE RAW", authorities: [], effects: [.dropped(SQLObject("DATABASE", "RAW"))])]
      ),
      declared: nil)
    #expect(check(change, with: [database]).isEmpty)
    let handedOn = CheckedChange(
      address: Address("database", ["RAW"]),
      change: Change(
        .update,
        statements: [
          Statement(
            "GRANT OWNERSHIP …", authorities: [],
            effects: [.owned(SQLObject("DATABASE", "RAW"), by: SQLObject("ROLE", "SYSADMIN"))])
        ]), declared: [:])
    #expect(check(change, with: [handedOn])[0].summary.hasSuffix("it owns FUNCTION RAW.S.F(NUMBER)"))
  }

  @Test(arguments: ["sysadmin", ["loader": "sysadmin"]] as [Value])
  func anHeirReceivesWhatItOwns(configured: Value) throws {
    let context = RequestContext(configuration: ["transfer_owned_to": configured])
    let change = try RBACHost.plan(
      type, PlanItem(identity: ["LOADER"], declared: nil, observed: try dropping(context)))
    #expect(
      change.statements.map(\.sql.description) == [
        "GRANT OWNERSHIP ON DATABASE RAW TO ROLE SYSADMIN COPY CURRENT GRANTS",
        "GRANT OWNERSHIP ON FUNCTION RAW.S.F(NUMBER) TO ROLE SYSADMIN COPY CURRENT GRANTS", "DROP ROLE LOADER",
      ])
    #expect(check(change).isEmpty)
  }

  @Test func aDeclaredRoleHandsOverAheadOfItsDrop() throws {
    var account = RecordedAccount()
    account.roles("LOADER")
    account.grants(to: "ROLE LOADER", "OWNERSHIP|DATABASE|RAW", "USAGE|WAREHOUSE|W")
    let declared: Value = ["transfer_owned_to": "SYSADMIN"]
    let (reply, _) = try account.read(type, wanted: [.declared(["LOADER"], declared)])
    let item = PlanItem(identity: ["LOADER"], declared: declared, observed: reply.observed.first)
    let change = try RBACHost.plan(type, item)
    #expect(change.action == .update)
    #expect(
      change.statements.map(\.sql.description) == [
        "GRANT OWNERSHIP ON DATABASE RAW TO ROLE SYSADMIN COPY CURRENT GRANTS"
      ])
    account.grants(to: "ROLE LOADER", "USAGE|WAREHOUSE|W")
    let after = try account.read(type, wanted: [.declared(["LOADER"], declared)]).reply.observed.first
    #expect(
      try RBACHost.plan(type, PlanItem(identity: ["LOADER"], declared: declared, observed: after)).action == .none)
  }
}
