import SnowmakerModel
import Testing

@testable import SnowmakerCore

@Suite struct GraphTests {
  private func graph(_ resources: [Resource]) -> ResourceGraph { ResourceGraph(resources, types: Fixture.types) }

  @Test func containersComeBeforeWhatIsInThem() {
    let graph = graph([
      Fixture.resource("table", ["RAW", "SALES", "ORDERS"]), Fixture.resource("schema", ["RAW", "SALES"]),
      Fixture.resource("database", ["RAW"]),
    ])
    #expect(graph.order == [2, 1, 0])
    #expect(graph.diagnostics.isEmpty && graph.undeclared.isEmpty)
  }

  @Test func referencesAndDependsOnMakeEdges() {
    var late = Fixture.resource("role", ["LATE"])
    late.dependsOn = [Address("warehouse", ["W"])]
    let graph = graph([
      Fixture.resource("grant", ["USAGE", "WAREHOUSE", "W", "R"]), late,
      Fixture.resource("warehouse", ["W"], ["owner": "R"]), Fixture.resource("role", ["R"]),
    ])
    #expect(graph.prerequisites(of: 0) == [Address("warehouse", ["W"]), Address("role", ["R"])])
    #expect(graph.prerequisites(of: 1) == [Address("warehouse", ["W"])])
    #expect(graph.prerequisites(of: 2) == [Address("role", ["R"])])
  }

  @Test func theAccountIsNoReference() {
    let graph = graph([
      Fixture.resource("grant", ["CREATE ROLE", "ACCOUNT", "ACME", "R"]), Fixture.resource("role", ["R"]),
    ])
    #expect(graph.undeclared.isEmpty)
    #expect(graph.prerequisites(of: 0) == [Address("role", ["R"])])
  }

  @Test func aReferenceOfSeveralTypesIsTheDeclaredOne() {
    let graph = graph([
      Fixture.resource("grant", ["USAGE", "ACCOUNT", "A", "DB.READER"]), Fixture.resource("database", ["DB"]),
      Fixture.resource("database_role", ["DB", "READER"]),
    ])
    #expect(graph.prerequisites(of: 0) == [Address("database_role", ["DB", "READER"])])
  }

  @Test func aQuotedNameWithDotsIsOnePart() {
    #expect(TypeIndex.split(#"RAW."a.b".C"#) == ["RAW", #""a.b""#, "C"])
    #expect(TypeIndex.split(#""a""b.c""#) == [#""a""b.c""#])
    #expect(TypeIndex.split("DB.S.F(NUMBER, A.B)") == ["DB", "S", "F(NUMBER, A.B)"])
  }

  @Test func theImplicitSchemaIsDeclaredByItsDatabase() {
    let graph = graph([
      Fixture.resource("table", ["RAW", "PUBLIC", "T"]), Fixture.resource("database", ["RAW"]),
    ])
    #expect(graph.undeclared.isEmpty)
    #expect(graph.order == [1, 0])
  }

  @Test func whatIsNotDeclaredIsListedWithItsPlace() {
    let graph = graph([Fixture.resource("grant", ["USAGE", "WAREHOUSE", "W", "R"])])
    #expect(graph.undeclared.map(\.path) == ["on", "to"])
    #expect(graph.undeclared[0].candidates == [Address("warehouse", ["W"])])
  }

  @Test func aCycleIsNamedWithFileAndLine() throws {
    var first = Fixture.resource("role", ["A"], line: 3)
    first.dependsOn = [Address("role", ["B"])]
    var second = Fixture.resource("role", ["B"], line: 7)
    second.dependsOn = [Address("role", ["C"])]
    var third = Fixture.resource("role", ["C"], line: 9)
    third.dependsOn = [Address("role", ["A"])]
    let graph = graph([first, second, third, Fixture.resource("role", ["D"])])
    let error = try #require(graph.diagnostics.first)
    #expect(graph.diagnostics.count == 1 && error.code == "cycle")
    #expect(error.summary.contains("role.A → role.B → role.C → role.A"))
    #expect(error.detail.contains("role.B (test.yaml:7) needs role.C"))
  }

  @Test func oneNamespaceHasOneName() {
    let graph = graph([
      Fixture.resource("database", ["D"]), Fixture.resource("schema", ["D", "S"]),
      Fixture.resource("table", ["D", "S", "X"]), Fixture.resource("view", ["D", "S", "X"]),
    ])
    #expect(graph.diagnostics.map(\.code) == ["duplicate"])
  }

  @Test func anUnknownTypeIsAnErrorWithASuggestion() {
    let graph = graph([Resource(address: Address("warehose", ["W"]), attributes: [])])
    #expect(graph.diagnostics.first?.code == "unknown-type")
    #expect(graph.diagnostics.first?.detail == "Did you mean 'warehouse'?")
  }

  @Test func wantedHoldsDeclaredLedgerReferencesAndOldNames() {
    var renamed = Fixture.resource("database", ["NEW"])
    renamed.renamedFrom = ["OLD"]
    let graph = graph([
      renamed, Fixture.resource("schema", ["NEW", "S"], ["comment": "c"]),
      Fixture.resource("grant", ["USAGE", "WAREHOUSE", "W", "R"]),
    ])
    let entry = Fixture.entry("role", ["GONE"], ["comment": "x"])
    let wanted = graph.wanted(ledger: LedgerSnapshot(entries: [entry.address: entry]))
    #expect(wanted["database"]?.map(\.identity) == [["NEW"], ["OLD"]])
    #expect(wanted["schema"]?.map(\.identity) == [["NEW", "S"], ["OLD", "S"]])
    #expect(wanted["schema"]?.first?.attributes == ["database", "name", "comment"])
    #expect(wanted["warehouse"]?.map(\.identity) == [["W"]])
    #expect(wanted["role"]?.map(\.identity) == [["GONE"], ["R"]])
    #expect(wanted["role"]?.first?.attributes == ["comment", "name"])
  }

  @Test func aPartWantsWhatItRefersToAndWhatGoesAlong() {
    let graph = self.graph([
      Fixture.resource("warehouse", ["W"], ["comment": "c", "owner": "R"]), Fixture.resource("warehouse", ["V"]),
      Fixture.resource("role", ["R"], ["comment": "c"]), Fixture.resource("database", ["D"]),
      Fixture.resource("grant", ["USAGE", "WAREHOUSE", "W", "R"]),
      Fixture.resource("grant", ["USAGE", "WAREHOUSE", "V", "R"]),
    ])
    let entries = [
      Fixture.entry("database", ["OLD"], ["comment": "x"]), Fixture.entry("schema", ["OLD", "S"]),
      Fixture.entry("grant", ["USAGE", "SCHEMA", "OLD.S", "R"]), Fixture.entry("role", ["GONE"]),
    ]
    let ledger = LedgerSnapshot(entries: Dictionary(uniqueKeysWithValues: entries.map { ($0.address, $0) }))
    func wanted(_ selectors: ResourceSelector...) -> [String: [[String]]] {
      graph.wanted(ledger: ledger, only: selectors).mapValues { $0.map(\.identity) }
    }
    #expect(wanted(.init(type: "database", name: "D")) == ["database": [["D"]]])
    #expect(wanted(.init(type: "warehouse", name: "V")) == ["warehouse": [["V"]]])
    #expect(wanted(.init(type: "warehouse")) == ["warehouse": [["W"], ["V"]], "role": [["R"]]])
    let grant = ["USAGE", "WAREHOUSE", "W", "R"]
    #expect(
      wanted(.init(type: "grant", name: "*.W.R")) == ["grant": [grant], "warehouse": [["W"]], "role": [["R"]]])
    // Of what is only referred to no attribute is read.
    let part = graph.wanted(ledger: ledger, only: [.init(type: "grant", name: "*.W.R")])
    #expect(part["warehouse"]?[0].attributes == [] && part["grant"]?[0].attributes.isEmpty == false)
    #expect(
      graph.declared(beside: part).mapValues { $0.map(\.identity) }
        == ["warehouse": [["V"]], "database": [["D"]], "grant": [["USAGE", "WAREHOUSE", "V", "R"]]])
    // What leaves takes along what is in it and on that; who gave it is looked at.
    #expect(
      wanted(.init(type: "database", name: "OLD")) == [
        "database": [["OLD"]], "schema": [["OLD", "S"]], "grant": [["USAGE", "SCHEMA", "OLD.S", "R"]],
        "role": [["R"]],
      ])
    #expect(
      wanted(.init(type: "grant", name: "*.OLD.S.*")) == [
        "schema": [["OLD", "S"]], "grant": [["USAGE", "SCHEMA", "OLD.S", "R"]], "role": [["R"]],
      ])
  }
}
