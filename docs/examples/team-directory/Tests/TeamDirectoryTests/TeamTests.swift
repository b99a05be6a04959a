import SnowmakerSDK
import SnowmakerTesting
import Testing

@testable import TeamDirectory

@Suite struct TeamTests {
  @Test func plansShowWhatGoesOverTheWire() throws {
    let item = PlanItem(
      identity: ["DATA"], declared: ["name": "DATA", "description": "new"],
      observed: Observation(identity: ["DATA"], attributes: ["name": "DATA", "description": "old"]))
    let change = try Team().plan(item, request: PlanRequest(type: "directory_team", items: [item]))
    #expect(change.action == .update)
    #expect(change.statements.map(\.sql.description) == [#"PUT /teams/DATA {"description":"new"}"#])
    #expect(change.statements[0].operation?["attributes"] == ["description": "new"])
  }

  @Test func nobodyThereIsSaid() {
    let context = RequestContext(configuration: ["port": 1])
    #expect(throws: Diagnostic.self) { try Team().observe([], all: true, context: context) }
  }
}
