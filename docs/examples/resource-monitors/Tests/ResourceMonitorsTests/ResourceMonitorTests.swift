import SnowmakerSDK
import Testing

@testable import ResourceMonitors

@Suite struct ResourceMonitorTests {
  private func plan(_ declared: Value?, _ observed: Value?) throws -> Change {
    let item = PlanItem(
      identity: ["LIMIT"], declared: declared,
      observed: observed.map { Observation(identity: ["LIMIT"], attributes: $0) })
    return try ResourceMonitor().plan(item, request: PlanRequest(type: "resource_monitor", items: [item]))
  }

  @Test func aHigherQuotaIsOneAlter() throws {
    let change = try plan(["name": "LIMIT", "credit_quota": 200], ["name": "LIMIT", "credit_quota": 100])
    #expect(change.action == .update)
    #expect(change.statements.map(\.sql.description) == ["ALTER RESOURCE MONITOR LIMIT SET CREDIT_QUOTA = 200"])
  }

  @Test func whatIsNotDeclaredIsLeftAlone() throws {
    #expect(try plan(["name": "LIMIT"], ["name": "LIMIT", "credit_quota": 100]).action == .none)
  }
}
