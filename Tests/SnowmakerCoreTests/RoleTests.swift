import AccountModel
import SnowmakerModel
import Testing

@testable import SnowmakerCore

@Suite struct RoleTests {
  private func role(_ name: String) -> SQLObject { SQLObject("ROLE", name) }

  @Test func systemRolesAreChosenByWhatTheyHold() async {
    let resources = [
      Fixture.resource("warehouse", ["W"]), Fixture.resource("role", ["R"]), Fixture.resource("policy", ["P"]),
    ]
    let plan = await Fixture.plan(resources) { $0.settings.assumableRoles = ["SYSADMIN", "USERADMIN"] }
    let roles = Dictionary(uniqueKeysWithValues: plan.steps.map { ($0.address.type, $0) })
    #expect(roles["warehouse"]?.role == "SYSADMIN")
    #expect(roles["warehouse"]?.reason == "holds CREATE WAREHOUSE on the account")
    #expect(roles["role"]?.role == "USERADMIN")
    #expect(plan.codes == ["no-role"], "neither holds the made-up CREATE POLICY")
    #expect(plan.diagnostics.first?.detail.contains("Cure: GRANT CREATE POLICY ON ACCOUNT TO ROLE") == true)
    let administrator = await Fixture.plan(resources)
    #expect(administrator.steps.first { $0.address.type == "policy" }?.role == "ACCOUNTADMIN")
  }

  @Test func theOwnerComesFirstThenTheDeployRole() async {
    let observed = [Fixture.observation("database", ["D"], owner: "LOADER"), Fixture.observation("role", ["LOADER"])]
    let resources = [Fixture.resource("database", ["D"]), Fixture.resource("schema", ["D", "S"])]
    let owner = await Fixture.plan(resources, observed: observed) {
      $0.settings.assumableRoles = ["ACCOUNTADMIN", "LOADER"]
      $0.settings.deployRole = "DEPLOY"
    }
    #expect(owner.steps.map(\.role) == ["LOADER"] && owner.steps[0].reason == "owns DATABASE D")
    let deploy = await Fixture.plan(resources, observed: observed) {
      $0.settings.assumableRoles = ["ACCOUNTADMIN", "DEPLOY"]
      $0.settings.deployRole = "DEPLOY"
      $0.accountFacts = [.roleGranted(role("LOADER"), to: role("DEPLOY"))]
    }
    #expect(deploy.steps.map(\.role) == ["LOADER"], "what the deploy role inherits can be assumed")
    let schemaMaker = await Fixture.plan(resources, observed: observed) {
      $0.settings.assumableRoles = ["ACCOUNTADMIN", "DEPLOY"]
      $0.settings.deployRole = "DEPLOY"
      $0.accountFacts = [
        .granted("CREATE SCHEMA", on: SQLObject("DATABASE", "D"), to: role("DEPLOY"), withGrantOption: false)
      ]
    }
    #expect(schemaMaker.steps.map(\.role) == ["DEPLOY"])
    #expect(schemaMaker.steps[0].reason == "holds CREATE SCHEMA on DATABASE D")
  }

  @Test func aCustomRoleIsTakenBeforeAccountadmin() async {
    let plan = await Fixture.plan([Fixture.resource("policy", ["P"])]) {
      $0.settings.assumableRoles = ["ACCOUNTADMIN", "BIG", "SMALL"]
      $0.accountFacts = [
        .granted("CREATE POLICY", on: .account, to: role("BIG"), withGrantOption: false),
        .granted("CREATE POLICY", on: .account, to: role("SMALL"), withGrantOption: false),
        .granted("CREATE POLICY", on: .account, to: role("ACCOUNTADMIN"), withGrantOption: false),
        .roleGranted(role("SMALL"), to: role("BIG")),
      ]
    }
    #expect(plan.steps.map(\.role) == ["SMALL"])
  }

  @Test func handingOverToTheCreatorIsLeftOut() async {
    let resources = [
      Fixture.resource("role", ["LOADER"]), Fixture.resource("role_grant", ["LOADER", "SYSADMIN"]),
      Fixture.resource("database", ["D"], ["owner": "LOADER"]),
      Fixture.resource("schema", ["D", "S"], ["owner": "LOADER"]),
    ]
    let plan = await Fixture.plan(resources, observed: [Fixture.observation("role", ["SYSADMIN"], owner: nil)])
    #expect(plan.diagnostics.isEmpty)
    #expect(plan.sql.filter { $0.hasPrefix("GRANT OWNERSHIP") } == ["GRANT OWNERSHIP ON DATABASE D TO ROLE LOADER"])
    let schema = plan.steps.first { $0.statement.sql.description.hasPrefix("CREATE SCHEMA") }
    #expect(schema?.role == "LOADER" && schema?.reason == "owns DATABASE D")
    #expect(
      plan.waits("CREATE SCHEMA", for: "GRANT ROLE LOADER TO ROLE SYSADMIN"),
      "the role can only be taken once it was granted")
  }

  @Test func onlyAccountadminGrantsItself() async {
    let observed = [
      Fixture.observation("role", ["ACCOUNTADMIN"], owner: nil), Fixture.observation("role", ["SYSADMIN"], owner: nil),
      Fixture.observation("role", ["R"], owner: "USERADMIN"),
    ]
    let plan = await Fixture.plan(
      [Fixture.resource("role_grant", ["ACCOUNTADMIN", "R"]), Fixture.resource("role_grant", ["SYSADMIN", "R"])],
      observed: observed)
    #expect(plan.steps.map(\.role) == ["ACCOUNTADMIN", "SECURITYADMIN"])
    let refused = await Fixture.plan([Fixture.resource("role_grant", ["ACCOUNTADMIN", "R"])], observed: observed) {
      $0.settings.assumableRoles = ["SECURITYADMIN"]
    }
    #expect(refused.codes == ["no-role"])
    #expect(refused.diagnostics[0].detail.contains("GRANT ROLE ACCOUNTADMIN TO USER DEPLOYER"))
  }

  @Test func whatIsOwnedByARoleThatCannotBeAssumedSaysHowToCureIt() async {
    let plan = await Fixture.plan(
      [Fixture.resource("warehouse", ["W"], ["size": "M"])],
      observed: [Fixture.observation("warehouse", ["W"], ["size": "S"], owner: "OTHERS")])
    #expect(plan.codes == ["no-role"])
    #expect(plan.diagnostics[0].detail.contains("GRANT ROLE OTHERS TO USER DEPLOYER"))
  }

  @Test func aRoleRestrictedLoginUsesWhatItHas() async {
    let plan = await Fixture.plan([Fixture.resource("warehouse", ["W"])]) {
      $0.settings.assumableRoles = nil
      $0.settings.loginRole = "USERADMIN"
    }
    #expect(plan.codes == ["no-role"])
  }

  @Test func allOfSeveralAuthoritiesMustBeHeldByOneRole() {
    let object = SQLObject("WAREHOUSE", "W")
    let tag = SQLObject("TAG", "D.S.T")
    let statement = Statement(
      "ALTER WAREHOUSE W SET TAG D.S.T = 'x'",
      authorities: [.all([.ownership(object), .privilege("APPLY", tag)]), .privilege("APPLY TAG", .account)])
    func choice(_ facts: [AccountEffect]) -> RoleChooser.Choice {
      var settings = PlanSettings()
      settings.assumableRoles = ["ACCOUNTADMIN", "OWNER", "TAGGER"]
      let types = TypeIndex(Fixture.types)
      var chooser = RoleChooser(Account(), settings: settings, types: types)
      chooser.apply([.created(role("OWNER")), .created(role("TAGGER"))], as: "USERADMIN", step: 0)
      chooser.apply([.created(object)], as: "OWNER", step: 1)
      chooser.apply(facts, as: "ACCOUNTADMIN", step: 2)
      return chooser.choose(statement)
    }
    #expect(choice([]).role == "ACCOUNTADMIN", "the owner may not apply the tag")
    let reaching = [("USAGE", SQLObject("DATABASE", "D")), ("USAGE", SQLObject("SCHEMA", "D.S")), ("APPLY", tag)]
    let both = choice(
      reaching.map { .granted($0.0, on: $0.1, to: role("OWNER"), withGrantOption: false) })
    #expect(both.role == "OWNER")
    #expect(both.reason == "owns WAREHOUSE W and holds APPLY on TAG D.S.T")
    #expect(both.dependsOn.contains(1) && both.dependsOn.contains(2))
    #expect(choice([.granted("APPLY TAG", on: .account, to: role("TAGGER"), withGrantOption: false)]).role == "TAGGER")
  }
}
