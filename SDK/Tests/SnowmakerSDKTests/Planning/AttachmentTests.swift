import SnowmakerSDK
import Testing

/// Tags and policies: what takes an ALTER of its own.
@Suite struct AttachmentTests {
  private func plan(
    _ declared: Value, observed: Value? = nil, remembered: Value = [:], same: [String] = []
  ) throws -> Change {
    try SchemaPlanner(Sample().schema).plan(
      PlanItem(
        identity: ["RAW", "A"], declared: declared,
        observed: observed.map { Observation(identity: ["RAW", "A"], attributes: $0) }, same: same,
        remembered: remembered))
  }

  private func sql(_ change: Change) -> [String] { change.statements.map(\.sql.description) }
  private let alter = "ALTER SAMPLE THING RAW.A "

  @Test func attachesAfterCreation() throws {
    let change = try plan(["tags": ["D.S.A": "it's", "D.S.B": .null, "D.S.C": "c"], "rule": "D.S.R", "comment": "x"])
    #expect(
      sql(change) == [
        "CREATE SAMPLE THING RAW.A COMMENT = 'x'", alter + "SET ACCESS RULE D.S.R",
        alter + "SET TAG D.S.A = 'it''s', D.S.C = 'c'",
      ])
    #expect(change.statements[2].undo?.description == alter + "UNSET TAG D.S.A, D.S.C")
  }

  @Test func whoOwnsAndMayApplyOrMayApplyAllIsWanted() throws {
    let change = try plan(["tags": ["D.S.A": "x"]], observed: ["tags": ["D.S.A": .null]])
    #expect(
      change.statements[0].authorities == [
        .all([.ownership(SQLObject("SAMPLE THING", "RAW.A")), .privilege("APPLY", SQLObject("TAG", "D.S.A"))]),
        .privilege("APPLY TAG", .account),
      ])
  }

  @Test func everyTagIsThreeStateByItself() throws {
    let change = try plan(
      ["tags": ["D.S.A": "new", "D.S.B": "same", "D.S.C": .null, "D.S.D": .null]],
      observed: ["tags": ["D.S.A": "old", "D.S.B": "same", "D.S.C": "there", "D.S.D": .null]],
      remembered: ["tags": ["D.S.A": "old", "D.S.B": "same", "D.S.GONE": "g", "D.S.C": "there"]])
    #expect(sql(change) == [alter + "SET TAG D.S.A = 'new'", alter + "UNSET TAG D.S.C, D.S.GONE"])
    #expect(
      change.statements.map { $0.undo?.description } == [
        alter + "SET TAG D.S.A = 'old'", alter + "SET TAG D.S.C = 'there', D.S.GONE = 'g'",
      ])
  }

  @Test func theWholeAttributeAsNullTakesOffWhatWasDeclared() throws {
    let change = try plan(["tags": .null], observed: [:], remembered: ["tags": ["D.S.A": "x", "D.S.B": .null]])
    #expect(sql(change) == [alter + "UNSET TAG D.S.A"])
    #expect(try plan(["tags": .null], observed: [:]).action == .none)
  }

  @Test func whatIsInheritedAfterATagCameOffIsNoDifference() throws {
    let inherited = try plan(
      ["tags": ["D.S.A": .null]], observed: ["tags": ["D.S.A": "of the schema"]], remembered: ["tags": ["D.S.A": .null]]
    )
    #expect(inherited.action == .none)
    let foreign = try plan(["tags": ["D.S.A": .null]], observed: ["tags": ["D.S.A": "somebody's"]])
    #expect(sql(foreign) == [alter + "UNSET TAG D.S.A"])
  }

  @Test func tagsThatCannotBeReadFollowTheLedger() throws {
    #expect(try plan(["tags": ["D.S.A": "x"]], observed: [:], same: ["tags"]).action == .none)
    let change = try plan(["tags": ["D.S.A": "x"]], observed: [:], remembered: ["tags": ["D.S.A": "w", "D.S.B": "b"]])
    #expect(sql(change) == [alter + "SET TAG D.S.A = 'x'", alter + "UNSET TAG D.S.B"])
  }

  @Test func aPolicyReplacesAndComesOffByMemory() throws {
    #expect(sql(try plan(["rule": "D.S.R"], observed: [:])) == [alter + "SET ACCESS RULE D.S.R FORCE"])
    #expect(try plan(["rule": "D.S.R"], observed: [:], same: ["rule"]).action == .none)
    let off = try plan(["rule": .null], observed: [:], remembered: ["rule": "D.S.R"])
    #expect(sql(off) == [alter + "UNSET ACCESS RULE"])
    #expect(off.statements[0].undo?.description == alter + "SET ACCESS RULE D.S.R")
    #expect(try plan(["rule": .null], observed: [:]).action == .none)
  }

  @Test func whatTheAccountNeverShowsIsUnsetWhenItWasDeclared() throws {
    let change = try plan(["secretive": .null], observed: [:], remembered: ["secretive": 3])
    #expect(sql(change) == [alter + "UNSET SECRETIVE"])
    #expect(try plan(["secretive": .null], observed: [:]).action == .none)
  }
}
