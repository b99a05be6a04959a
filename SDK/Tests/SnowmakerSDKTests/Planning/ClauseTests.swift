import SnowmakerSDK
import Testing

/// Attributes that CREATE and ALTER write in words of their own.
@Suite struct ClauseTests {
  private static let schema = TypeSchema(
    "alert", plural: "alerts", sqlName: "ALERT", identity: [.database, .schema, .name],
    attributes: [
      AttributeSchema("condition", .sql, column: "condition").clause(
        "IF (EXISTS ({}))", alter: "MODIFY CONDITION EXISTS ({})"
      ).required(),
      AttributeSchema("action", .sql, column: "action").clause("THEN {}", alter: "MODIFY ACTION {}").required(),
      AttributeSchema("watches", .list(.identifier), column: "watches").clause("WATCHING {}").rendered(.listed),
      AttributeSchema("comment", .text, property: "COMMENT", column: "comment"),
    ])

  private func plan(_ declared: Value, observed: Value? = nil) throws -> Change {
    try SchemaPlanner(Self.schema).plan(
      PlanItem(
        identity: ["A", "B", "C"], declared: declared,
        observed: observed.map { Observation(identity: ["A", "B", "C"], attributes: $0, owner: "R") }))
  }

  @Test func createHasTheClausesBehindTheProperties() throws {
    let change = try plan([
      "condition": "SELECT 'it''s'", "action": "BEGIN CALL P(); END", "watches": ["X", "Y"], "comment": "c",
    ])
    #expect(
      change.statements.map(\.sql.description) == [
        "CREATE ALERT A.B.C COMMENT = 'c' IF (EXISTS (SELECT 'it''s')) THEN BEGIN CALL P(); END WATCHING X, Y"
      ])
  }

  @Test func eachChangeIsAnAlterOfItsOwnWithItsWayBack() throws {
    let change = try plan(
      ["condition": "SELECT 2", "action": "CALL Q()", "comment": "d"],
      observed: ["condition": "SELECT 1", "action": .unknown, "comment": "c"])
    #expect(
      change.statements.map(\.sql.description) == [
        "ALTER ALERT A.B.C SET COMMENT = 'd'", "ALTER ALERT A.B.C MODIFY CONDITION EXISTS (SELECT 2)",
        "ALTER ALERT A.B.C MODIFY ACTION CALL Q()",
      ])
    #expect(
      change.statements.map { $0.undo?.description } == [
        "ALTER ALERT A.B.C SET COMMENT = 'c'", "ALTER ALERT A.B.C MODIFY CONDITION EXISTS (SELECT 1)", nil,
      ])
    #expect(try plan(["condition": "select 1;"], observed: ["condition": "SELECT 1"]).action == .none)
  }

  @Test func withoutAnAlterAChangeReplacesAndNullIsAnError() throws {
    #expect(try plan(["watches": ["Y"]], observed: ["watches": ["X"]]).action == .replace)
    let none = try plan(["condition": .null], observed: ["condition": "SELECT 1"])
    #expect(none.diagnostics.map(\.code) == ["cannot-unset"] && none.statements.isEmpty)
  }

  @Test(arguments: ["IF", "{} OR {}", "{}{}"])
  func aClauseHasOnePlaceForItsValue(_ text: String) {
    #expect(throws: DocumentError.self) { try AttributeSchema.Clause(document: ["create": .string(text)]) }
    #expect(throws: DocumentError.self) {
      try AttributeSchema.Clause(document: ["create": "{}", "alter": .string(text)])
    }
  }
}
