import SnowmakerModel
import Testing

@testable import SnowmakerCore

@Suite struct DropTests {
  private static let tree: [(String, [String])] = [
    ("database", ["D"]), ("schema", ["D", "S"]), ("table", ["D", "S", "T"]), ("role", ["R"]),
    ("grant", ["USAGE", "DATABASE", "D", "R"]),
  ]

  private func plan(
    _ resources: [Resource] = [], of things: [(String, [String])], _ change: (inout PlanInput) -> Void = { _ in }
  ) async -> Plan {
    await Fixture.plan(
      resources, observed: things.map { Fixture.observation($0, $1) }, ledger: things.map { Fixture.entry($0, $1) },
      change)
  }

  @Test func whatLeavesIsDroppedWithWhatGoesAlong() async throws {
    let plan = await plan(of: Self.tree)
    #expect(plan.sql == ["DROP DATABASE D", "DROP ROLE R"])
    let database = try #require(plan["database.D"])
    #expect(
      Set(database.absorbs.map(\.description)) == [
        "schema.D.S", "table.D.S.T", "grant.USAGE.DATABASE.D.R",
      ])
    #expect(plan["table.D.S.T"]?.absorbedBy == Address("database", ["D"]))
    #expect(plan["table.D.S.T"]?.steps == [] && plan["table.D.S.T"]?.ledger == .remove)
    #expect(plan.counts[.drop] == 2 && plan.needsConfirmation)
  }

  @Test func adoptedThingsAreReleased() async {
    let observed = [Fixture.observation("warehouse", ["W"])]
    let ledger = [Fixture.entry("warehouse", ["W"], origin: .adopted)]
    let plan = await Fixture.plan([], observed: observed, ledger: ledger)
    #expect(plan["warehouse.W"]?.action == .release && plan.steps.isEmpty)
    #expect(plan["warehouse.W"]?.ledger == .remove)
    let dropped = await Fixture.plan([], observed: observed, ledger: ledger) { $0.settings.dropAdopted = true }
    #expect(dropped.sql == ["DROP WAREHOUSE W"])
  }

  @Test func whatIsGoneAlreadyIsForgottenSilently() async {
    let plan = await Fixture.plan([], ledger: [Fixture.entry("warehouse", ["W"])])
    #expect(plan.isEmpty && plan["warehouse.W"]?.ledger == .remove && plan.diagnostics.isEmpty)
  }

  @Test func tooManyDropsAreAnError() async {
    let things = (0..<6).map { ("warehouse", ["W\($0)"]) }
    let refused = await plan(of: things)
    #expect(refused.codes == ["max-drops"])
    #expect(await plan(of: Array(things.prefix(5))).diagnostics.isEmpty)
    #expect(await plan(of: things) { $0.settings.maxDrops = .count(6) }.diagnostics.isEmpty)
    #expect(MaxDrops.standard.limit(managed: 200) == 20 && MaxDrops.percent(50).limit(managed: 10) == 5)
  }

  @Test(arguments: [(Change.Risk.recreatable, ["max-drops"]), (.irreversible, ["max-drops"]), (.reversible, [])])
  func replacementsCountWhenSomethingIsLost(_ risk: Change.Risk, _ codes: [String]) async {
    let names = (0..<6).map { ["W\($0)"] }
    let providers = FakeProviders(
      overrides: Dictionary(
        uniqueKeysWithValues: names.map { name in
          (
            Address("warehouse", name),
            Change(
              .replace,
              statements: [
                Statement(
                  "CREATE OR REPLACE WAREHOUSE \(name[0])",
                  authorities: [.ownership(SQLObject("WAREHOUSE", name[0]))])
              ], risk: risk)
          )
        }))
    let plan = await Fixture.plan(
      names.map { Fixture.resource("warehouse", $0) }, observed: names.map { Fixture.observation("warehouse", $0) },
      ledger: names.map { Fixture.entry("warehouse", $0) }, providers: providers)
    #expect(plan.codes == codes)
  }

  @Test func dropsThatComeAlongDoNotCount() async {
    let tables = (0..<50).map { ("table", ["D", "S", "T\($0)"]) }
    let plan = await plan(of: [("database", ["D"]), ("schema", ["D", "S"])] + tables)
    #expect(plan.diagnostics.isEmpty && plan.sql == ["DROP DATABASE D"])
    #expect(plan["database.D"]?.absorbs.count == 51)
  }

  @Test func onlyNeverDropsOutsideItsSelection() async {
    let plan = await plan(of: [("warehouse", ["A"]), ("warehouse", ["B"]), ("role", ["R"])]) {
      $0.settings.only = [ResourceSelector(type: "warehouse", name: "a")]
    }
    #expect(plan.sql == ["DROP WAREHOUSE A"])
  }

  @Test func onlyWarnsOfWhatIsMissing() async {
    let plan = await Fixture.plan([Fixture.resource("database", ["D"]), Fixture.resource("schema", ["D", "S"])]) {
      $0.settings.only = [ResourceSelector(type: "schema")]
    }
    #expect(plan.resources.map(\.address.description) == ["schema.D.S"])
    #expect(plan.codes.contains("outside-selection"))
  }

  @Test func aReferenceToSomethingThatIsDroppedIsAnError() async {
    let plan = await plan(
      [Fixture.resource("grant", ["USAGE", "WAREHOUSE", "W", "R"])], of: [("role", ["R"]), ("warehouse", ["W"])])
    #expect(plan.codes == ["dangling-reference", "dangling-reference"])
    #expect(plan.diagnostics[0].summary.contains("which this plan drops"))
  }

  @Test func somethingThatCannotStayAttachedComesOffFirst() async {
    let user = Fixture.resource("user", ["U"])
    let plan = await Fixture.plan(
      [user],
      observed: [Fixture.observation("user", ["U"], ["policy": "P"]), Fixture.observation("policy", ["P"])],
      ledger: [Fixture.entry("user", ["U"], ["policy": "P"]), Fixture.entry("policy", ["P"])])
    #expect(plan.sql == ["ALTER USER U UNSET policy", "DROP POLICY P"])
    #expect(plan.waits("DROP POLICY", for: "ALTER USER"))
    let both = await Fixture.plan(
      [], observed: [Fixture.observation("user", ["U"], ["policy": "P"]), Fixture.observation("policy", ["P"])],
      ledger: [Fixture.entry("user", ["U"], ["policy": "P"]), Fixture.entry("policy", ["P"])])
    #expect(both.sql == ["DROP USER U", "DROP POLICY P"] && both.waits("DROP POLICY", for: "DROP USER"))
  }

  @Test func aNameIsFreedBeforeItIsTaken() async {
    let around = [("database", ["D"]), ("schema", ["D", "S"])]
    let plan = await plan(
      around.map { Fixture.resource($0, $1) } + [
        Fixture.resource("view", ["D", "S", "X"]), Fixture.resource("warehouse", ["W"]),
      ], of: around + [("table", ["D", "S", "X"]), ("role", ["R"])])
    #expect(plan.waits("CREATE VIEW D.S.X", for: "DROP TABLE D.S.X"))
    #expect(plan.sql.last == "DROP ROLE R")
    #expect(plan.waits("DROP ROLE R", for: "CREATE WAREHOUSE W"), "other drops wait for everything else")
  }

  @Test func aRoleHierarchyIsReversedWithoutACircle() async {
    let roles = [("role", ["A"]), ("role", ["B"])]
    let plan = await plan(
      roles.map { Fixture.resource($0, $1) } + [Fixture.resource("role_grant", ["A", "B"])],
      of: roles + [("role_grant", ["B", "A"])])
    #expect(plan.sql == ["REVOKE ROLE B FROM ROLE A", "GRANT ROLE A TO ROLE B"])
    #expect(plan.waits("GRANT", for: "REVOKE"))
  }

  @Test func preventDestroyForbidsAReplacement() async {
    var resource = Fixture.resource("warehouse", ["W"], ["kind": "new"])
    resource.lifecycle.preventDestroy = true
    let plan = await Fixture.plan([resource], observed: [Fixture.observation("warehouse", ["W"], ["kind": "old"])])
    #expect(plan.codes == ["prevent-destroy"])
  }

  @Test func aReplacementBringsBackWhatItTakes() async {
    let grant = ("grant", ["USAGE", "WAREHOUSE", "W", "R"])
    let plan = await Fixture.plan(
      [
        Fixture.resource("warehouse", ["W"], ["kind": "new"]), Fixture.resource("role", ["R"]),
        Fixture.resource(grant.0, grant.1),
      ],
      observed: [
        Fixture.observation("warehouse", ["W"], ["kind": "old"]), Fixture.observation("role", ["R"]),
        Fixture.observation(grant.0, grant.1),
      ])
    #expect(plan.sql == ["CREATE OR REPLACE WAREHOUSE W", "GRANT USAGE ON WAREHOUSE W TO ROLE R"])
    #expect(plan.waits("GRANT", for: "CREATE OR REPLACE") && plan.needsConfirmation)
  }

  @Test func anExclusiveTypeDropsWhatIsNotDeclared() async {
    var (shared, foreign) = Fixture.observation("warehouse", ["SHARED"])
    foreign.foreign = "managed by Snowflake"
    shared = Address("warehouse", ["SHARED"])
    let plan = await Fixture.plan(
      [Fixture.resource("warehouse", ["W"])],
      observed: [
        Fixture.observation("warehouse", ["W"]), Fixture.observation("warehouse", ["X"]),
        Fixture.observation("warehouse", ["DBT_1"]), (shared, foreign), Fixture.observation("role", ["R"]),
      ]
    ) {
      $0.settings.exclusive = [ExclusiveScope(type: "warehouse")]
      $0.settings.ignore = [IgnorePattern(name: "DBT_*")]
    }
    #expect(plan.sql == ["DROP WAREHOUSE X"])
  }

  @Test func droppingARoleSaysWhatItOwns() async {
    let plan = await Fixture.plan(
      [], observed: [Fixture.observation("role", ["R"]), Fixture.observation("warehouse", ["W"], owner: "R")],
      ledger: [Fixture.entry("role", ["R"])])
    #expect(plan["role.R"]?.losses == ["ownership of WAREHOUSE W, which passes to SYSADMIN"])
    #expect(plan.codes == ["role-owns-objects"])
  }

  @Test(arguments: [
    (["a", "b"], "because plugin inner changed"), (["a", "c"], "because plugin outer changed"),
    (["a"], "because plugin outer changed"), (["c", "b"], ""), ([], ""),
  ]) func aDropNamesThePluginThatStandsForLess(_ sources: [String], _ note: String) async {
    let plugins = ["outer", "inner"]
    let addresses = plugins.map { Address($0, ["X"]) }
    func declared(_ sources: [String]) -> [Address: PlannedComposite] {
      var result: [Address: PlannedComposite] = [:]
      for (index, source) in sources.enumerated() {
        result[addresses[index]] = PlannedComposite(source: .string(source), plugin: plugins[index])
      }
      return result
    }
    func resource(_ name: String) -> Resource {
      var resource = Fixture.resource("role", [name])
      resource.composites = addresses
      return resource
    }
    // What is applied is what the ledger keeps.
    let before = await Fixture.plan([resource("R")]) { $0.composites = declared(["a", "b"]) }
    guard case .put(var entry)? = before["role.R"]?.ledger else {
      Issue.record("nothing is kept")
      return
    }
    entry.createdOn = "2024-01-01"
    let plan = await Fixture.plan([], observed: [Fixture.observation("role", ["R"])], ledger: [entry]) {
      $0.composites = declared(sources)
    }
    #expect(plan["role.R"]?.action == .drop && plan["role.R"]?.note == note)
    // Nothing to do where nothing changed; the ledger follows what is written.
    let same = await Fixture.plan([resource("R")], observed: [Fixture.observation("role", ["R"])], ledger: [entry]) {
      $0.composites = declared(sources)
    }
    #expect(same.steps.isEmpty && (same["role.R"]?.ledger == LedgerChange.none) == (sources == ["a", "b"]))
  }

  @Test func aPluginsRenameIsForWhatTheLedgerHas() async {
    var role = Fixture.resource("role", ["NEW"])
    role.renamedFrom = ["OLD"]
    role.renamesOnlyManaged = true
    let old = Fixture.observation("role", ["OLD"])
    let managed = await Fixture.plan([role], observed: [old], ledger: [Fixture.entry("role", ["OLD"])])
    #expect(managed.sql == ["ALTER ROLE OLD RENAME TO NEW"])
    let others = await Fixture.plan([role], observed: [old])
    #expect(others.sql == ["CREATE ROLE NEW"])
    let successor = await Fixture.plan(
      [role], observed: [old], ledger: [Fixture.entry("role", ["OLD"], createdOn: "2023-01-01")])
    #expect(successor.sql == ["CREATE ROLE NEW"])
    // Renamed long ago, and somebody declares another of the old name.
    let both = await Fixture.plan(
      [role, Fixture.resource("role", ["OLD"])], observed: [old, Fixture.observation("role", ["NEW"])],
      ledger: [Fixture.entry("role", ["OLD"]), Fixture.entry("role", ["NEW"])])
    #expect(both.sql == [] && both.diagnostics.isEmpty)
  }

  @Test func droppingAContainerSaysWhatElseIsInIt() async {
    let plan = await Fixture.plan(
      [], observed: [Fixture.observation("database", ["D"]), Fixture.observation("schema", ["D", "THEIRS"])],
      ledger: [Fixture.entry("database", ["D"])])
    #expect(plan["database.D"]?.losses.contains("schema.D.THEIRS, not managed") == true)
  }
}

@Suite struct RenameTests {
  @Test func aContainersRenameTakesEverythingBeneathAlong() async {
    var database = Fixture.resource("database", ["NEW"])
    database.renamedFrom = ["OLD"]
    let plan = await Fixture.plan(
      [
        database, Fixture.resource("schema", ["NEW", "S"]), Fixture.resource("role", ["R"]),
        Fixture.resource("grant", ["USAGE", "SCHEMA", "NEW.S", "R"]), Fixture.resource("schema", ["NEW", "FRESH"]),
      ],
      observed: [
        Fixture.observation("database", ["OLD"]), Fixture.observation("schema", ["OLD", "S"]),
        Fixture.observation("role", ["R"]), Fixture.observation("grant", ["USAGE", "SCHEMA", "OLD.S", "R"]),
      ],
      ledger: [
        Fixture.entry("database", ["OLD"]), Fixture.entry("schema", ["OLD", "S"]), Fixture.entry("role", ["R"]),
        Fixture.entry("grant", ["USAGE", "SCHEMA", "OLD.S", "R"]),
      ])
    #expect(plan.sql == ["ALTER DATABASE OLD RENAME TO NEW", "CREATE SCHEMA NEW.FRESH"])
    #expect(plan.waits("CREATE SCHEMA", for: "ALTER DATABASE"))
    #expect(plan["database.NEW"]?.action == .rename && plan["database.NEW"]?.renamedFrom == ["OLD"])
    guard case .move(let from, let entry)? = plan["grant.USAGE.SCHEMA.NEW.S.R"]?.ledger else {
      Issue.record("the grant's entry does not move")
      return
    }
    #expect(from.identity[2] == "OLD.S" && entry.address.identity[2] == "NEW.S" && entry.origin == .created)
    #expect(plan.steps[1].reason == "owns DATABASE NEW")
    #expect(plan.diagnostics.isEmpty)
  }

  @Test func aRenameThatHappenedIsNotRepeated() async {
    var warehouse = Fixture.resource("warehouse", ["NEW"])
    warehouse.renamedFrom = ["OLD"]
    let plan = await Fixture.plan(
      [warehouse], observed: [Fixture.observation("warehouse", ["NEW"])], ledger: [Fixture.entry("warehouse", ["OLD"])])
    #expect(plan.steps.isEmpty && plan["warehouse.NEW"]?.action == PlanAction.none)
    guard case .move(let from, _)? = plan["warehouse.NEW"]?.ledger else {
      Issue.record("the entry does not move")
      return
    }
    #expect(from == Address("warehouse", ["OLD"]))
  }

  @Test func bothNamesInTheAccountAreAConflict() async {
    var warehouse = Fixture.resource("warehouse", ["NEW"])
    warehouse.renamedFrom = ["OLD"]
    let plan = await Fixture.plan(
      [warehouse], observed: [Fixture.observation("warehouse", ["NEW"]), Fixture.observation("warehouse", ["OLD"])])
    #expect(plan.codes == ["rename-conflict"])
  }

  private static func renamed(_ new: [String], from old: [String], _ type: String = "database") -> Resource {
    var resource = Fixture.resource(type, new)
    resource.renamedFrom = old
    return resource
  }

  @Test func aChainIsRenamedFromItsEnd() async {
    let plan = await Fixture.plan(
      [
        Self.renamed(["B"], from: ["A"]), Self.renamed(["C"], from: ["B"]), Fixture.resource("schema", ["B", "S"]),
        Fixture.resource("schema", ["C", "S"]),
      ],
      observed: [
        Fixture.observation("database", ["A"]), Fixture.observation("schema", ["A", "S"], createdOn: "a"),
        Fixture.observation("database", ["B"]), Fixture.observation("schema", ["B", "S"], createdOn: "b"),
      ],
      ledger: [
        Fixture.entry("database", ["A"]), Fixture.entry("schema", ["A", "S"], createdOn: "a"),
        Fixture.entry("database", ["B"]), Fixture.entry("schema", ["B", "S"], createdOn: "b"),
      ])
    #expect(plan.diagnostics.isEmpty)
    #expect(plan.sql == ["ALTER DATABASE B RENAME TO C", "ALTER DATABASE A RENAME TO B"])
    #expect(plan.steps.last?.dependsOn == [0])
    var moves: [String: String] = [:]
    for resource in plan.resources {
      guard case .move(let old, let entry) = resource.ledger else { continue }
      moves[old.description] = "\(entry.address) \(entry.createdOn ?? "")"
    }
    #expect(
      moves == [
        "database.A": "database.B 2024-01-01", "database.B": "database.C 2024-01-01", "schema.A.S": "schema.B.S a",
        "schema.B.S": "schema.C.S b",
      ])
  }

  @Test func aChainThatWasRenamedStaysInTheConfiguration() async {
    let chain = [Self.renamed(["B"], from: ["A"]), Self.renamed(["C"], from: ["B"])]
    let names = ["B", "C"].map { Fixture.observation("database", [$0]) }
    let done = await Fixture.plan(
      chain, observed: names, ledger: ["B", "C"].map { Fixture.entry("database", [$0]) })
    #expect(done.steps.isEmpty && done.diagnostics.isEmpty && done.isEmpty)
    // What the chain ended at was dropped by somebody: what has its former name now is not it.
    let lost = await Fixture.plan(
      chain, observed: [names[0]], ledger: ["B", "C"].map { Fixture.entry("database", [$0]) })
    #expect(lost.sql == ["CREATE DATABASE C"])
  }

  @Test func aChainThatWasInterruptedGoesOn() async {
    let chain = [Self.renamed(["B"], from: ["A"]), Self.renamed(["C"], from: ["B"])]
    // The ledger knows of the first rename, or was not told any more.
    for name in ["C", "B"] {
      let plan = await Fixture.plan(
        chain,
        observed: [
          Fixture.observation("database", ["A"], createdOn: "a"),
          Fixture.observation("database", ["C"], createdOn: "b"),
        ],
        ledger: [
          Fixture.entry("database", ["A"], createdOn: "a"), Fixture.entry("database", [name], createdOn: "b"),
        ])
      #expect(plan.sql == ["ALTER DATABASE A RENAME TO B"] && plan.diagnostics.isEmpty)
      let entry: LedgerEntry? =
        switch plan["database.C"]?.ledger {
        case .move(let old, let entry) where old.identity == ["B"]: entry
        default: nil
        }
      #expect((entry?.createdOn == "b") == (name == "B"))
      #expect(!plan.resources.contains { $0.action == .drop || $0.action == .adopt })
    }
  }

  @Test func aChainWithoutItsBeginningFreesTheName() async {
    let plan = await Fixture.plan(
      [Self.renamed(["B"], from: ["A"]), Self.renamed(["C"], from: ["B"])],
      observed: [Fixture.observation("database", ["B"])], ledger: [Fixture.entry("database", ["B"])])
    #expect(plan.sql == ["ALTER DATABASE B RENAME TO C", "CREATE DATABASE B"])
    #expect(plan.steps.last?.dependsOn == [0])
  }

  @Test func namesThatGoRoundAreRefused() async {
    let observed = ["A", "B", "C"].map { Fixture.observation("database", [$0]) }
    let circle = await Fixture.plan(
      [
        Self.renamed(["B"], from: ["A"]), Self.renamed(["C"], from: ["B"]), Self.renamed(["A"], from: ["C"]),
      ], observed: observed)
    #expect(circle.codes == ["rename-circle"])
    #expect(circle.diagnostics[0].summary.contains("database.B → database.C → database.A → database.B"))
    let twice = await Fixture.plan(
      [Self.renamed(["X"], from: ["A"]), Self.renamed(["Y"], from: ["A"])], observed: [observed[0]])
    #expect(twice.codes == ["rename-conflict"])
    let plain = await Fixture.plan(
      [Fixture.resource("database", ["B"]), Self.renamed(["C"], from: ["B"])], observed: [observed[1]])
    #expect(plain.codes == ["rename-conflict"])
  }

  @Test func aSchemaIsRenamedInAChainOfDatabases() async {
    let plan = await Fixture.plan(
      [
        Self.renamed(["B"], from: ["A"]), Self.renamed(["C"], from: ["B"]),
        Self.renamed(["B", "T"], from: ["B", "S"], "schema"),
      ],
      observed: [
        Fixture.observation("database", ["A"]), Fixture.observation("schema", ["A", "S"], createdOn: "a"),
        Fixture.observation("database", ["B"]), Fixture.observation("schema", ["B", "S"], createdOn: "b"),
      ])
    #expect(
      plan.sql == [
        "ALTER DATABASE B RENAME TO C", "ALTER DATABASE A RENAME TO B", "ALTER SCHEMA B.S RENAME TO B.T",
      ])
    #expect(plan["schema.B.T"]?.action == .rename && plan.diagnostics.isEmpty)
  }
}
