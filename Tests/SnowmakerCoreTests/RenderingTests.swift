import SnowmakerModel
import Testing

@testable import SnowmakerCore

@Suite struct RenderingTests {
  /// A plan with something of everything.
  static func sample() async -> Plan {
    var database = Fixture.resource("database", ["SALES"])
    database.renamedFrom = ["SHOP"]
    let resources = [
      database, Fixture.resource("schema", ["SALES", "RAW"], ["comment": "two\nlines"]),
      Fixture.resource("warehouse", ["LOADING"], ["size": "M"]), Fixture.resource("warehouse", ["FREE"]),
      Fixture.resource("warehouse", ["KNOWN"]),
      Fixture.resource("user", ["BOT"], ["password": .secret("env:BOT_PASSWORD")]),
      Fixture.resource("warehouse", ["OTHER"], ["kind": "new"]),
    ]
    return await Fixture.plan(
      resources,
      observed: [
        Fixture.observation("database", ["SHOP"]),
        Fixture.observation("warehouse", ["LOADING"], ["size": "XS", "comment": "old"]),
        Fixture.observation("warehouse", ["KNOWN"]), Fixture.observation("warehouse", ["FREE"]),
        Fixture.observation("warehouse", ["OTHER"], ["kind": "old"]), Fixture.observation("database", ["GONE"]),
        Fixture.observation("schema", ["GONE", "S"]),
      ],
      ledger: [
        Fixture.entry("database", ["SHOP"]), Fixture.entry("warehouse", ["LOADING"], ["size": "XS", "comment": "old"]),
        Fixture.entry("warehouse", ["KNOWN"]), Fixture.entry("warehouse", ["OTHER"], ["kind": "old"]),
        Fixture.entry("database", ["GONE"]), Fixture.entry("schema", ["GONE", "S"]),
      ]
    ) {
      $0.observations.cost = ReadCost(
        statements: ["SHOW WAREHOUSES": 1, "SHOW DATABASES": 2], roundTrips: 3, seconds: 0.256)
    }
  }

  @Test func theTreeReadsAsItShould() async {
    let text = PlanTextRenderer(types: Fixture.types).render(await Self.sample())
    #expect(
      text == """
        Project shop, target dev, account ACME-MAIN

        database SALES
          > database SALES (was SHOP)
              -- as SYSADMIN because it owns DATABASE SHOP
              ALTER DATABASE SHOP RENAME TO SALES;
          + schema SALES.RAW
              comment: "two\\nlines"
              -- as SYSADMIN because it owns DATABASE SALES
              CREATE SCHEMA SALES.RAW;

        warehouses
          ~ warehouse LOADING  # released: comment
              size: XS → M
              comment: old → (not set)
              -- as SYSADMIN because it owns WAREHOUSE LOADING
              ALTER WAREHOUSE LOADING SET size = M;
              ALTER WAREHOUSE LOADING UNSET comment;
          = warehouse FREE
          -/+ warehouse OTHER
              kind: old → new
              re-creatable
              loses grants on it
              -- as SYSADMIN because it owns WAREHOUSE OTHER
              CREATE OR REPLACE WAREHOUSE OTHER;

        users
          + user BOT
              password: (sensitive)
              -- as USERADMIN because it holds CREATE USER on the account
              CREATE USER BOT PASSWORD = ‹secret env:BOT_PASSWORD›;

        database GONE
          - database GONE
              re-creatable
              loses its data
              takes along schema GONE.S
              -- as SYSADMIN because it owns DATABASE GONE
              DROP DATABASE GONE;

        Unchanged: 1 warehouse

        Plan: 2 to create, 1 to update, 1 to drop, 1 to replace, 1 to rename, 1 to adopt (taking 1 more along).
        Read: 3 statements in 3 round trips, 0.26 s (SHOW DATABASES 2, SHOW WAREHOUSES 1)

        """)
  }

  @Test func coloursOnlyWhereAsked() async {
    let plan = await Self.sample()
    #expect(!PlanTextRenderer(types: Fixture.types).render(plan).contains("\u{1b}"))
    #expect(PlanTextRenderer(types: Fixture.types, style: .ansi).render(plan).contains("\u{1b}[32m+\u{1b}[0m"))
  }

  @Test func theScriptChangesRolesOnlyWhereTheyChange() async {
    let script = PlanSQLRenderer().render(await Self.sample())
    #expect(script.contains("USE SECONDARY ROLES NONE;"))
    #expect(script.contains("USE ROLE SYSADMIN;\n-- database.SALES: as SYSADMIN because it owns DATABASE SHOP\nALTER"))
    let roles = script.split(separator: "\n").filter { $0.hasPrefix("USE ROLE") }
    #expect(roles == ["USE ROLE SYSADMIN;", "USE ROLE USERADMIN;", "USE ROLE SYSADMIN;"])
  }

  @Test func programsGetEverythingButSecrets() async {
    let document = PlanJSONRenderer(types: Fixture.types).render(await Self.sample())
    #expect(document["format"].string == "snowmaker-plan-view" && document["summary"]["create"].int == 2)
    let user = document["resources"].list.first { $0["address"].string == "user.BOT" }
    let password = user?["attributes"].list.first { $0["name"].string == "password" }
    #expect(password?["after"].string == "(sensitive)")
    let gone = document["resources"].list.first { $0["address"].string == "schema.GONE.S" }
    #expect(gone?["absorbed_by"].string == "database.GONE")
    #expect(document["steps"].list.count == 7 && document["read"]["round_trips"].int == 3)
  }

  @Test func markdownFoldsTheSQLAndIsNotBrokenByNames() async {
    var plan = await Self.sample()
    plan.resources[0].note = "```</details>"
    plan.diagnostics.append(.warning("<b>bold</b>"))
    let text = PlanMarkdownRenderer(types: Fixture.types).render(plan)
    #expect(text.contains("````diff") && text.contains("<details><summary>SQL (7 statements)</summary>"))
    #expect(text.contains("&lt;b&gt;bold&lt;/b&gt;") && text.contains("- drop `database GONE`"))
  }

  @Test func sensitiveValuesAreHiddenEvenWhenAProviderShowsThem() async {
    let resource = Fixture.resource("user", ["U"], ["password": "hunter2"])
    let shown = Change(.update, attributes: [AttributeChange("password", before: "hunter1", after: "hunter2")])
    let plan = await Fixture.plan(
      [resource], observed: [Fixture.observation("user", ["U"])],
      providers: FakeProviders(overrides: [resource.address: shown])
    ) { $0.digest = { _ in "digest" } }
    let texts = [
      PlanTextRenderer(types: Fixture.types).render(plan), PlanMarkdownRenderer(types: Fixture.types).render(plan),
      String(decoding: JSON.encode(PlanJSONRenderer(types: Fixture.types).render(plan)), as: UTF8.self),
      PlanSQLRenderer().render(plan), String(decoding: CBOR.encode(plan.document), as: UTF8.self),
    ]
    for text in texts { #expect(!text.contains("hunter")) }
  }

  @Test func manyAdoptionsAreSummarised() async {
    let names = (0..<30).map { "W\($0)" }
    let plan = await Fixture.plan(
      names.map { Fixture.resource("warehouse", [$0]) },
      observed: names.map { Fixture.observation("warehouse", [$0]) })
    let text = PlanTextRenderer(types: Fixture.types).render(plan)
    #expect(text.contains("= 30 warehouses that exist already are managed from now on"))
    #expect(!text.contains("W7"))
    #expect(PlanTextRenderer(types: Fixture.types, isVerbose: true).render(plan).contains("= warehouse W7"))
  }

  @Test func errorsStandWithTheirPlace() {
    let error = Diagnostic.error(
      "it is wrong", detail: "Do this.\nOr that.", position: SourcePosition(file: "a.yaml", line: 3, column: 5))
    let text = PlanTextRenderer(types: [:]).render(error)
    #expect(text == "error: it is wrong\n  at a.yaml:3:5\n  Do this.\n  Or that.")
  }
}

@Suite struct PlanDocumentTests {
  @Test func aPlanSurvivesItsFile() async throws {
    var plan = await RenderingTests.sample()
    plan.binding.plugins = ["b 1.0.0": "22", "a 1.0.0": "11"]
    plan.diagnostics = [.warning("careful", address: Address("role", ["R"]))]
    let bytes = CBOR.encode(plan.document)
    let read = try Plan(document: try CBOR.decode(bytes))
    #expect(CBOR.encode(read.document) == bytes)
    #expect(read.binding == plan.binding && read.diagnostics == plan.diagnostics && read.readCost == plan.readCost)
    #expect(read.steps.map(\.statement) == plan.steps.map(\.statement))
    #expect(read.steps.map(\.dependsOn) == plan.steps.map(\.dependsOn))
    #expect(read.resources.map(\.ledger) == plan.resources.map(\.ledger))
    #expect(read.resources.map(\.fingerprint) == plan.resources.map(\.fingerprint))
    #expect(read.resources.map(\.absorbedBy) == plan.resources.map(\.absorbedBy))
    #expect(read.resources.map(\.renamedFrom) == plan.resources.map(\.renamedFrom))
  }

  @Test func keysAreInCanonicalOrder() async {
    let document = await RenderingTests.sample().document
    let keys = document.fields.map(\.key)
    #expect(keys == ["binding", "format", "read", "resources", "steps", "version"])
  }

  @Test func whatIsNoPlanIsRefused() async throws {
    let plan = await RenderingTests.sample()
    func broken(_ change: (inout [Value.Field]) -> Void) -> Value {
      var fields = plan.document.fields
      change(&fields)
      return .object(fields)
    }
    #expect(throws: DocumentError.self) { try Plan(document: .null) }
    #expect(throws: DocumentError.self) { try Plan(document: broken { $0.removeAll { $0.key == "format" } }) }
    #expect(throws: DocumentError.self) {
      try Plan(document: broken { $0 = $0.map { $0.key == "version" ? .init("version", 2) : $0 } })
    }
    #expect(throws: DocumentError.self) {
      try Plan(document: broken { $0 = $0.map { $0.key == "steps" ? .init("steps", []) : $0 } })
    }
  }

  @Test func whatIsGivenPointsToWhomItIsGiven() {
    let type = AttributeSchema("to_type", .text).defaults(to: "ROLE")
    let to = AttributeSchema("to", .objectReference(typeAttribute: "to_type")).edge(.grantee)
    let onType = AttributeSchema("on_type", .text)
    let on = AttributeSchema("on", .objectReference(typeAttribute: "on_type"))
    let attributes = [AttributeSchema("privilege", .text), onType, on, type, to]
    let schema = TypeSchema(
      "gift", plural: "gifts", identity: attributes.map { IdentityPart($0.name) }, attributes: attributes)
    let text = PlanText(["gift": schema])
    #expect(text.title(Address("gift", ["USAGE", "WAREHOUSE", "W", "ROLE", "R"])) == "gift USAGE WAREHOUSE W → R")
    #expect(
      text.title(Address("gift", ["USAGE", "WAREHOUSE", "W", "USER", "U"])) == "gift USAGE WAREHOUSE W → USER U")
    #expect(text.title(Address("other", ["A", "B"])) == "other A.B")
  }
}
