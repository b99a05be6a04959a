import SnowmakerModel
import Testing

@testable import SnowmakerCore

@Suite struct PlannerTests {
  @Test func whatIsThereAndRecordedNeedsNothing() async {
    let plan = await Fixture.plan(
      [Fixture.resource("warehouse", ["W"], ["size": "XS"])],
      observed: [Fixture.observation("warehouse", ["W"], ["size": "XS"])],
      ledger: [Fixture.entry("warehouse", ["W"], ["size": "XS"])])
    #expect(plan.isEmpty && plan.steps.isEmpty && plan.diagnostics.isEmpty)
    #expect(plan["warehouse.W"]?.ledger == LedgerChange.none)
  }

  @Test func whatIsThereAndNotRecordedIsAdopted() async {
    let plan = await Fixture.plan(
      [Fixture.resource("warehouse", ["W"])], observed: [Fixture.observation("warehouse", ["W"])])
    #expect(plan["warehouse.W"]?.action == .adopt)
    guard case .put(let entry)? = plan["warehouse.W"]?.ledger else {
      Issue.record("no ledger entry")
      return
    }
    #expect(entry.origin == .adopted && entry.createdOn == "2024-01-01")
  }

  @Test func aDifferenceIsAnUpdateThatAdopts() async {
    let plan = await Fixture.plan(
      [Fixture.resource("warehouse", ["W"], ["size": "M"])],
      observed: [Fixture.observation("warehouse", ["W"], ["size": "XS"])])
    #expect(plan["warehouse.W"]?.action == .update)
    #expect(plan["warehouse.W"]?.note == "managed from now on")
    #expect(plan.sql == ["ALTER WAREHOUSE W SET size = M"])
    #expect(plan["warehouse.W"]?.fingerprint != nil)
  }

  @Test func anAttributeThatLeavesIsUnsetOnce() async {
    let observed = Fixture.observation("warehouse", ["W"], ["size": "M", "comment": "c"])
    let ledger = [Fixture.entry("warehouse", ["W"], ["size": "M", "comment": "c"])]
    let plan = await Fixture.plan(
      [Fixture.resource("warehouse", ["W"], ["size": "M"])], observed: [observed], ledger: ledger)
    #expect(plan.sql == ["ALTER WAREHOUSE W UNSET comment"])
    #expect(plan["warehouse.W"]?.note == "released: comment")
    let never = await Fixture.plan(
      [Fixture.resource("warehouse", ["W"], ["size": "M"])], observed: [observed],
      ledger: [Fixture.entry("warehouse", ["W"], ["size": "M"])])
    #expect(never.isEmpty, "what was never declared stays untouched")
  }

  @Test func aReleasedAttributeStaysWhereAskedOrWhereItMust() async {
    var keeps = Fixture.resource("warehouse", ["W"])
    keeps.lifecycle.keepsReleased = true
    let observed = Fixture.observation("warehouse", ["W"], ["comment": "c", "fixed": "f", "kind": "k"])
    let kept = await Fixture.plan(
      [keeps], observed: [observed], ledger: [Fixture.entry("warehouse", ["W"], ["comment": "c"])])
    #expect(kept.isEmpty && kept.changesLedger)
    let fixed = await Fixture.plan(
      [Fixture.resource("warehouse", ["W"])], observed: [observed],
      ledger: [Fixture.entry("warehouse", ["W"], ["fixed": "f", "kind": "k"])])
    #expect(fixed.isEmpty, "neither what cannot be unset nor what would force a replacement is touched")
    #expect(fixed["warehouse.W"]?.note == "not declared any more, left as it is: fixed, kind")
  }

  @Test func ignoredChangesAreLeftAloneButUsedToCreate() async {
    var resource = Fixture.resource("warehouse", ["W"], ["size": "M"])
    resource.lifecycle.ignoreChanges = ["size"]
    let same = await Fixture.plan(
      [resource], observed: [Fixture.observation("warehouse", ["W"], ["size": "XS"])],
      ledger: [Fixture.entry("warehouse", ["W"], ["size": "M"])])
    #expect(same.isEmpty)
    let created = await Fixture.plan([resource])
    #expect(created["warehouse.W"]?.attributes.contains { $0.name == "size" } == true)
  }

  @Test func anotherObjectOfTheNameIsAdoptedAgainAndNeverDropped() async {
    let observed = Fixture.observation("warehouse", ["W"], createdOn: "2025-05-05")
    let declared = await Fixture.plan(
      [Fixture.resource("warehouse", ["W"])], observed: [observed], ledger: [Fixture.entry("warehouse", ["W"])])
    #expect(declared["warehouse.W"]?.action == .adopt)
    let left = await Fixture.plan([], observed: [observed], ledger: [Fixture.entry("warehouse", ["W"])])
    #expect(left["warehouse.W"]?.action == PlanAction.none && left["warehouse.W"]?.ledger == .remove)
    #expect(left.steps.isEmpty)
  }

  @Test func whatCouldNotBeSeenIsUnknown() async {
    let input: (inout PlanInput) -> Void = { $0.observations.partial = ["warehouse": "MANAGE WAREHOUSES is missing"] }
    let plan = await Fixture.plan(
      [Fixture.resource("warehouse", ["W"])], ledger: [Fixture.entry("warehouse", ["OLD"])], input)
    #expect(plan["warehouse.W"]?.action == .unknown)
    #expect(plan["warehouse.W"]?.note == "because MANAGE WAREHOUSES is missing")
    #expect(plan["warehouse.OLD"]?.action == .unknown && plan["warehouse.OLD"]?.ledger == LedgerChange.none)
    #expect(plan.steps.isEmpty)
    let assumed = await Fixture.plan([Fixture.resource("warehouse", ["W"])]) {
      input(&$0)
      $0.settings.assumeAbsent = true
    }
    #expect(assumed["warehouse.W"]?.action == .create)
  }

  @Test func whatIsInANewContainerIsAbsentThoughItCouldNotBeSeen() async {
    let plan = await Fixture.plan([Fixture.resource("database", ["D"]), Fixture.resource("schema", ["D", "S"])]) {
      $0.observations.unseen[Address("schema", ["D", "S"])] = "the database does not exist"
    }
    #expect(plan["schema.D.S"]?.action == .create)
  }

  @Test func foreignThingsAreNotManaged() async {
    var (address, found) = Fixture.observation("database", ["SNOWFLAKE"])
    found.foreign = "imported from a share"
    let plan = await Fixture.plan(
      [Fixture.resource("database", ["SNOWFLAKE"], ["comment": "mine"])], observed: [(address, found)])
    #expect(plan.codes == ["foreign"] && plan.steps.isEmpty && plan.hasErrors)
  }

  @Test func aSecretIsSentOnceAndAgainWhenItChanged() async {
    let secret = Value.secret("env:PASSWORD")
    let resource = Fixture.resource("user", ["U"], ["password": secret])
    let created = await Fixture.plan([resource])
    #expect(created.sql == ["CREATE USER U PASSWORD = ‹secret env:PASSWORD›"])
    guard case .put(var entry)? = created["user.U"]?.ledger else {
      Issue.record("no ledger entry")
      return
    }
    #expect(entry.declared["password"]?.isSecret == false)
    entry.createdOn = "2024-01-01"
    let observed = Fixture.observation("user", ["U"])
    #expect(await Fixture.plan([resource], observed: [observed], ledger: [entry]).isEmpty)
    let again = await Fixture.plan([resource], observed: [observed], ledger: [entry]) {
      $0.settings.resendSecrets = true
    }
    #expect(again["user.U"]?.action == .update)
    let changed = await Fixture.plan([resource], observed: [observed], ledger: [entry]) {
      $0.digest = { "another digest of \($0)" }
    }
    #expect(changed["user.U"]?.action == .update)
  }

  @Test func aBodyThatTheAccountRewritesIsTheSameUntilEitherSideChanges() async {
    let resources = [
      Fixture.resource("database", ["D"]), Fixture.resource("schema", ["D", "S"]),
      Fixture.resource("view", ["D", "S", "V"], ["query": "select 1"]),
    ]
    var entry = Fixture.entry("view", ["D", "S", "V"], ["query": "select 1"])
    entry.digests["query"] = .init(
      declared: "digest of \(Value.string("select 1"))", echoed: "digest of \(Value.string("SELECT 1 AS ONE"))")
    let around = [Fixture.entry("database", ["D"]), Fixture.entry("schema", ["D", "S"])]
    func plan(_ echo: String) async -> Plan {
      await Fixture.plan(
        resources,
        observed: [
          Fixture.observation("database", ["D"]), Fixture.observation("schema", ["D", "S"]),
          Fixture.observation("view", ["D", "S", "V"], ["query": .string(echo)]),
        ], ledger: around + [entry])
    }
    #expect(await plan("SELECT 1 AS ONE").isEmpty)
    #expect(await plan("SELECT 2 AS TWO")["view.D.S.V"]?.action == .update)
  }

  @Test func editionsAreCheckedWhenKnown() async {
    let resource = Fixture.resource("warehouse", ["W"], ["clusters": 3])
    let plan = await Fixture.plan([resource]) { $0.context.edition = .standard }
    #expect(plan.codes == ["edition"])
    #expect(await Fixture.plan([resource]) { $0.context.edition = .enterprise }.diagnostics.isEmpty)
    #expect(await Fixture.plan([resource]).diagnostics.isEmpty)
  }

  @Test func aDanglingReferenceNamesThePlaceAndSuggests() async throws {
    let plan = await Fixture.plan(
      [
        Fixture.resource("role", ["LOADER"]),
        Fixture.resource("grant", ["USAGE", "WAREHOUSE", "W", "LOADR"], line: 12),
      ],
      observed: [Fixture.observation("warehouse", ["W"])])
    let error = try #require(plan.diagnostics.first)
    #expect(plan.diagnostics.count == 1 && error.code == "dangling-reference")
    #expect(error.position?.line == 12 && error.detail == "Did you mean 'LOADER'?")
  }

  @Test func aReferenceThatCouldNotBeSeenIsNoError() async {
    let plan = await Fixture.plan([Fixture.resource("warehouse", ["W"], ["owner": "R"])]) {
      $0.observations.partial["role"] = "the role sees too little"
    }
    #expect(!plan.codes.contains("dangling-reference"))
  }

  @Test func aPluginThatFailsIsReportedOnceAndChangesNothing() async {
    let plan = await Fixture.plan(
      [Fixture.resource("warehouse", ["A"]), Fixture.resource("warehouse", ["B"]), Fixture.resource("role", ["R"])],
      providers: FakeProviders(failing: "warehouse"))
    #expect(plan.codes == ["plugin-crash"])
    #expect(plan["warehouse.A"]?.action == .unknown && plan["role.R"]?.action == .create)
  }

  @Test func batchesHoldAtMost256() async {
    let providers = FakeProviders()
    _ = await Fixture.plan((0..<600).map { Fixture.resource("role", ["R\($0)"]) }, providers: providers)
    #expect(providers.requests.withLock { $0.map(\.items.count) } == [256, 256, 88])
  }

  @Test func checkSeesTheChangesInTheirOrder() async {
    let providers = FakeProviders(checkAnswer: [.error("locked out", code: "lock-out")])
    let plan = await Fixture.plan(
      [Fixture.resource("schema", ["D", "S"]), Fixture.resource("database", ["D"])],
      ledger: [], providers: providers)
    #expect(plan.codes == ["lock-out"])
    let seen = providers.checks.withLock { $0.first?.changes.map(\.address.description) }
    #expect(seen == ["database.D", "schema.D.S"])
  }

  @Test func learningRolesAsksNoProviderAgain() async {
    let providers = FakeProviders()
    var input = Fixture.input([Fixture.resource("warehouse", ["W"])])
    input.settings.assumableRoles = nil
    input.settings.loginRole = "SYSADMIN"
    input.observations.cost = ReadCost(statements: ["SHOW WAREHOUSES": 1], roundTrips: 1, seconds: 1)
    var draft = await Planner().draft(input, providers: providers)
    #expect(draft.plan.steps.map(\.role) == ["SYSADMIN"])
    draft.learn(
      assumableRoles: ["OPS"],
      facts: [
        .created(SQLObject("ROLE", "OPS")),
        .granted(
          "CREATE WAREHOUSE", on: .account, to: SQLObject("ROLE", "OPS"), withGrantOption: false),
      ],
      cost: ReadCost(statements: ["SHOW GRANTS TO ROLE": 2], roundTrips: 2, seconds: 0.5))
    let plan = await draft.finish(providers)
    #expect(plan.steps.map(\.role) == ["OPS"] && !plan.hasErrors, "\(plan.diagnostics)")
    #expect(plan.readCost.total == 3 && plan.readCost.roundTrips == 3 && plan.readCost.seconds == 1.5)
    #expect(providers.requests.withLock { $0.count } == 1 && providers.checks.withLock { $0.count } == 1)
    // What the first choice of roles had to say is gone with it.
    draft.learn(assumableRoles: ["NOBODY"], facts: [], cost: ReadCost())
    draft.learn(assumableRoles: ["ACCOUNTADMIN"], facts: [], cost: ReadCost())
    #expect(!draft.plan.hasErrors, "\(draft.plan.diagnostics)")
  }

  @Test func preventDestroyHoldsOnWhenTheDeclarationIsGone() async {
    var resource = Fixture.resource("warehouse", ["W"])
    resource.lifecycle.preventDestroy = true
    let first = await Fixture.plan([resource])
    guard case .put(var entry)? = first["warehouse.W"]?.ledger else {
      Issue.record("no ledger entry")
      return
    }
    #expect(entry.preventsDestroy)
    entry.createdOn = "2024-01-01"
    let observed = [Fixture.observation("warehouse", ["W"])]
    let gone = await Fixture.plan([], observed: observed, ledger: [entry])
    #expect(gone.codes == ["prevent-destroy"], "\(gone.diagnostics)")
    // Said otherwise once more, it may go.
    resource.lifecycle.preventDestroy = false
    let relaxed = await Fixture.plan([resource], observed: observed, ledger: [entry])
    #expect(relaxed.isEmpty && relaxed.changesLedger)
    entry.preventsDestroy = false
    #expect(await Fixture.plan([], observed: observed, ledger: [entry]).codes.isEmpty)
  }

  @Test func preventDestroyHoldsWhenAContainerTakesItAlong() async {
    var schema = Fixture.entry("schema", ["D", "S"])
    schema.preventsDestroy = true
    let plan = await Fixture.plan(
      [], observed: [Fixture.observation("database", ["D"]), Fixture.observation("schema", ["D", "S"])],
      ledger: [Fixture.entry("database", ["D"]), schema])
    #expect(plan.codes == ["prevent-destroy"], "\(plan.diagnostics)")
    #expect(plan.diagnostics.first?.summary.contains("along with database.D") == true)
  }

  @Test func aPluginsRefusalSilencesThePlannersWarningAboutTheSame() async {
    let observed = [
      Fixture.observation("role", ["R"]), Fixture.observation("warehouse", ["W"], owner: "R"),
    ]
    let ledger = [Fixture.entry("role", ["R"])]
    #expect(await Fixture.plan([], observed: observed, ledger: ledger).codes == ["role-owns-objects"])
    let refusing = FakeProviders(
      checkAnswer: [.error("it owns W", code: "role-owns-objects", address: Address("role", ["R"]))])
    let plan = await Fixture.plan([], observed: observed, ledger: ledger, providers: refusing)
    #expect(plan.codes == ["role-owns-objects"] && plan.hasErrors)
  }

  @Test func whatWasSavedAndReadAgainEqualsWhatIsDeclared() throws {
    // Alphabetical is not the order of canonical CBOR, where shorter keys come first.
    let value = try AttributeKind.map(.text).normalize(["c": "1", "bb": "2"])
    let entry = LedgerEntry(address: Address("thing", ["A"]), origin: .created, declared: ["tags": value])
    let resource = PlannedResource(address: entry.address, action: .adopt, ledger: .put(entry))
    let plan = Plan(
      binding: PlanBinding(project: "p", target: "t", account: "a"), resources: [resource])
    let again = try Plan(document: try CBOR.decode(CBOR.encode(plan.document)))
    #expect(again.resources[0].ledger == .put(entry))
  }

  @Test func aPluginWritesOnlyFilesThatTheResourceNames() async {
    func plan(_ file: String) async -> Plan {
      var statement = Statement("ALTER USER U ADD", authorities: [.ownership(SQLObject("USER", "U"))])
      statement.keeps = KeptAnswer(column: "token_secret", file: file)
      let resource = Fixture.resource("user", ["U"], ["comment": "u.token"])
      let change = Change(
        .update, attributes: [AttributeChange("comment", before: "", after: "u.token")], statements: [statement])
      return await Fixture.plan(
        [resource], observed: [Fixture.observation("user", ["U"], ["comment": ""])],
        providers: FakeProviders(overrides: [resource.address: change]))
    }
    #expect(await plan("u.token").codes == [])
    let refused = await plan("/root/.ssh/authorized_keys")
    #expect(refused.codes == ["plugin-fault"] && refused.steps.isEmpty)
    #expect(refused.diagnostics.first?.summary.contains("/root/.ssh/authorized_keys") == true)
  }
}
