import SnowmakerModel
import Testing

@testable import SnowmakerCore

@Suite struct OrderTests {
  @Test func createsFollowTheGraphAndIndependentOnesDoNotWait() async {
    let plan = await Fixture.plan([
      Fixture.resource("table", ["D", "S", "T"]), Fixture.resource("schema", ["D", "S"]),
      Fixture.resource("database", ["D"]), Fixture.resource("warehouse", ["W"]),
    ])
    #expect(plan.waits("CREATE TABLE", for: "CREATE SCHEMA") && plan.waits("CREATE SCHEMA", for: "CREATE DATABASE"))
    #expect(!plan.waits("CREATE WAREHOUSE", for: "CREATE DATABASE"))
    #expect(!plan.waits("CREATE DATABASE", for: "CREATE WAREHOUSE"))
    for (number, step) in plan.steps.enumerated() { #expect(step.dependsOn.allSatisfy { $0 < number }) }
  }

  @Test func futureGrantsComeBeforeAndAllGrantsAfterWhatIsCreated() async {
    let providers = FakeProviders()
    let plan = await Fixture.plan(
      [
        Fixture.resource("all_grant", ["SELECT", "D", "R"]), Fixture.resource("table", ["D", "S", "T"]),
        Fixture.resource("schema", ["D", "S"]), Fixture.resource("future_grant", ["SELECT", "D", "R"]),
        Fixture.resource("database", ["D"]), Fixture.resource("role", ["R"]),
      ], providers: providers)
    #expect(plan.waits("CREATE TABLE", for: "GRANT SELECT ON FUTURE"))
    #expect(plan.waits("GRANT SELECT ON ALL", for: "CREATE TABLE"))
    #expect(plan.waits("GRANT SELECT ON FUTURE", for: "CREATE DATABASE"))
    let creates = providers.requests.withLock { $0.first { $0.type == "all_grant" }?.plannedCreates.map(\.description) }
    #expect(creates.map(Set.init) == ["SCHEMA D.S", "SCHEMA D.PUBLIC", "TABLE D.S.T"])
  }

  @Test func aFutureGrantToARoleInItsOwnScopeIsNoCircle() async {
    let plan = await Fixture.plan([
      Fixture.resource("database", ["D"]), Fixture.resource("database_role", ["D", "READER"]),
      Fixture.resource("future_grant", ["SELECT", "D", "D.READER"]), Fixture.resource("schema", ["D", "S"]),
    ])
    #expect(plan.diagnostics.isEmpty)
    #expect(plan.waits("GRANT SELECT ON FUTURE", for: "CREATE DATABASE ROLE"))
    #expect(plan.waits("CREATE SCHEMA", for: "GRANT SELECT ON FUTURE"))
  }

  @Test func theImplicitSchemaIsAlteredNotCreated() async {
    let plan = await Fixture.plan([
      Fixture.resource("database", ["D"]), Fixture.resource("schema", ["D", "PUBLIC"], ["comment": "c"]),
    ])
    #expect(plan.sql == ["CREATE DATABASE D", "ALTER SCHEMA D.PUBLIC SET comment = c"])
    #expect(plan.steps[1].reason == "owns SCHEMA D.PUBLIC")
    guard case .put(let entry)? = plan["schema.D.PUBLIC"]?.ledger else {
      Issue.record("no entry")
      return
    }
    #expect(entry.origin == .created)
  }

  @Test func phasesAndOnceKeys() {
    func statement(_ sql: String, _ phase: Statement.Phase = .main, once: String? = nil) -> Statement {
      Statement(SQLText(sql), authorities: [], phase: phase, once: once)
    }
    var builder = StepBuilder([
      .init(statements: [statement("base 1"), statement("base last", .after)]),
      .init(statements: [statement("first", .before), statement("top 1"), statement("shared", once: "k")]),
      .init(statements: [statement("shared", once: "k"), statement("other")]),
    ])
    builder.add(1, needs: 0)
    builder.build()
    #expect(
      builder.drafts.map(\.statement.sql.description) == ["first", "base 1", "top 1", "shared", "other", "base last"])
    #expect(builder.drafts.map(\.dependsOn) == [[], [0], [0, 1], [2], [3], [1, 3]])
    #expect(builder.draftsOf[2] == [3, 4])
  }

  @Test func softNeedsGiveWayToHardOnes() {
    var graph = DependencyGraph(nodes: 3)
    graph.add(0, needs: 1, soft: true)
    graph.add(1, needs: 2)
    graph.add(2, needs: 0)
    let sorted = graph.sort()
    #expect(sorted.cycles.isEmpty && sorted.order == [0, 2, 1])
  }

  @Test func aLongChainDoesNotOverflowTheStack() {
    var graph = DependencyGraph(nodes: 200_000)
    for node in 0..<199_999 { graph.add(node, needs: node + 1) }
    #expect(graph.sort().order.first == 199_999)
  }

  @Test func equalInputsGiveEqualPlans() async {
    let names = (0..<40).map { "N\($0)" }
    let resources = names.flatMap {
      [Fixture.resource("database", [$0]), Fixture.resource("schema", [$0, "S"]), Fixture.resource("role", [$0])]
    }
    let gone = names.map { Fixture.entry("warehouse", [$0]) }
    let observed = names.map { Fixture.observation("warehouse", [$0]) }
    let first = await Fixture.plan(resources, observed: observed, ledger: gone)
    let second = await Fixture.plan(resources, observed: observed.reversed(), ledger: gone.reversed())
    #expect(CBOR.encode(first.document) == CBOR.encode(second.document))
  }
}
