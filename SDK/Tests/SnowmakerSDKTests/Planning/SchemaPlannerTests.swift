import SnowmakerSDK
import Testing

@Suite struct SchemaPlannerTests {
  let planner = SchemaPlanner(Sample().schema)

  func plan(
    _ declared: Value?, observed: Value?, owner: String? = "SYSADMIN", same: [String] = [],
    renamedFrom: [String]? = nil
  ) throws -> Change {
    try planner.plan(
      PlanItem(
        identity: ["RAW", "A"], declared: declared,
        observed: observed.map { Observation(identity: ["RAW", "A"], attributes: $0, owner: owner) }, same: same,
        renamedFrom: renamedFrom))
  }

  func sql(_ change: Change) -> [String] { change.statements.map(\.sql.description) }

  @Test func createsWithEveryDeclaredAttributeAndTheBodyLast() throws {
    let change = try plan(
      ["body": "SELECT 1", "size": "SMALL", "suspended": true, "comment": "it's"], observed: nil)
    #expect(change.action == .create)
    #expect(
      sql(change) == [
        "CREATE SAMPLE THING RAW.A COMMENT = 'it''s' SIZE = SMALL SUSPENDED = TRUE AS SELECT 1"
      ])
    #expect(change.statements[0].authorities == [.privilege("CREATE SAMPLE THING", SQLObject("DATABASE", "RAW"))])
  }

  @Test func handsANewObjectToItsOwnerUnlessTheOwnerMadeIt() throws {
    let change = try plan(["owner": "LOADER"], observed: nil)
    #expect(
      sql(change) == [
        "CREATE SAMPLE THING RAW.A", "GRANT OWNERSHIP ON SAMPLE THING RAW.A TO ROLE LOADER COPY CURRENT GRANTS",
      ])
    #expect(change.statements[1].unlessRunBy == "LOADER")
    #expect(
      change.statements[1].effects == [.owned(SQLObject("SAMPLE THING", "RAW.A"), by: SQLObject("ROLE", "LOADER"))])
  }

  @Test func changesAndUnsetsInOneStatementEach() throws {
    let change = try plan(
      ["size": "SMALL", "comment": .null, "level": .null, "idle": .null],
      observed: ["size": "XSMALL", "comment": "old", "level": 3, "idle": 60])
    #expect(change.action == .update)
    #expect(
      sql(change) == [
        "ALTER SAMPLE THING RAW.A SET SIZE = SMALL IDLE = 600", "ALTER SAMPLE THING RAW.A UNSET COMMENT, LEVEL",
      ])
    #expect(change.statements[0].undo?.description == "ALTER SAMPLE THING RAW.A SET SIZE = XSMALL IDLE = 60")
  }

  @Test func absentAttributesAreLeftAlone() throws {
    #expect(try plan([:], observed: ["size": "SMALL", "comment": "x"]).action == .none)
  }

  @Test func nullEqualsTheDefault() throws {
    #expect(
      try plan(["size": .null, "idle": .null, "hosts": .null], observed: ["size": "XSMALL", "idle": 600, "hosts": []])
        .action == .none)
  }

  @Test func theDefaultEqualsNotSet() throws {
    #expect(try plan(["size": "XSMALL"], observed: ["size": .null]).action == .none)
  }

  @Test func createOnlyAttributesNeverDiffer() throws {
    #expect(try plan(["suspended": true], observed: ["size": "SMALL"]).action == .none)
  }

  @Test func bodiesAreComparedByTokens() throws {
    #expect(try plan(["body": "select  1 -- one"], observed: ["body": "SELECT 1;"]).action == .none)
  }

  @Test func replacingDropsFirstAndSaysWhatIsLost() throws {
    let change = try plan(["kind": "b"], observed: ["kind": "a"])
    #expect(change.action == .replace)
    #expect(sql(change) == ["DROP SAMPLE THING RAW.A", "CREATE SAMPLE THING RAW.A KIND = 'b'"])
    #expect(!change.losses.isEmpty)
    #expect(change.risk == .recreatable)
  }

  @Test func anImmutableDifferenceIsAnError() throws {
    let change = try plan(["fixed": "b"], observed: ["fixed": "a"])
    #expect(change.diagnostics.map(\.code) == ["immutable-attribute"])
    #expect(change.statements.isEmpty)
  }

  @Test func anUnreadableAttributeIsSentUnlessTheLedgerKnowsIt() throws {
    let declared: Value = ["password": .secret("env:P")]
    #expect(sql(try plan(declared, observed: [:])) == ["ALTER SAMPLE THING RAW.A SET PASSWORD = ‹secret env:P›"])
    #expect(try plan(declared, observed: [:], same: ["password"]).action == .none)
  }

  @Test func ownershipIsTransferredWithItsGrants() throws {
    let change = try plan(["owner": "LOADER"], observed: [:])
    #expect(sql(change) == ["GRANT OWNERSHIP ON SAMPLE THING RAW.A TO ROLE LOADER COPY CURRENT GRANTS"])
    #expect(
      change.statements[0].undo?.description
        == "GRANT OWNERSHIP ON SAMPLE THING RAW.A TO ROLE SYSADMIN COPY CURRENT GRANTS")
  }

  @Test func aRenameComesBeforeOtherChanges() throws {
    let change = try plan(["size": "SMALL"], observed: ["size": "XSMALL"], renamedFrom: ["RAW", "OLD"])
    #expect(change.action == .rename)
    #expect(
      sql(change) == ["ALTER SAMPLE THING RAW.OLD RENAME TO RAW.A", "ALTER SAMPLE THING RAW.A SET SIZE = SMALL"])
  }

  @Test func dropsWithoutIfExists() throws {
    #expect(sql(try plan(nil, observed: [:])) == ["DROP SAMPLE THING RAW.A"])
  }

  @Test func namesAndTextsCannotBreakOutOfTheirQuotes() throws {
    let identity = ["RAW", Identifier(exact: "x\"; DROP DATABASE y; --").sql]
    let change = planner.create(identity, ["comment": "a'; DROP DATABASE y; --\\'\n"])
    #expect(
      sql(change) == [
        "CREATE SAMPLE THING RAW.\"x\"\"; DROP DATABASE y; --\" COMMENT = 'a''; DROP DATABASE y; --\\\\''\\n'"
      ])
  }
}
