import SnowmakerSDK
import SnowmakerTesting
import Testing

@testable import GuardRails

@Suite struct GuardRailsTests {
  private func warehouse(_ name: String, _ action: Change.Action, _ attributes: Value) -> CheckedChange {
    CheckedChange(address: Address("warehouse", [name]), change: Change(action), declared: attributes)
  }

  /// The rule with a table of its own: other plugins' functions are only there while the host asks for CHECK.
  private func rule(_ limit: Int64?) -> CostRule {
    CostRule(limit: limit) { warehouse in
      let credits: Double = ["MEDIUM": 4.0, "LARGE": 8.0][warehouse["warehouse_size"].string ?? ""] ?? 1
      return credits * Double(warehouse["max_cluster_count"].int ?? 1)
    }
  }

  private func request(_ changes: CheckedChange...) -> CheckRequest {
    CheckRequest(context: RequestContext(), changes: changes)
  }

  @Test func manyCreditsAreTooMany() {
    let large = warehouse("A", .create, ["warehouse_size": "LARGE", "max_cluster_count": 3])
    #expect(rule(24).check(request(large)).isEmpty)
    #expect(
      rule(23).check(request(large)).map(\.summary) == [
        "this plan adds up to 24 credits per hour, more than the 23 that are allowed"
      ])
    #expect(rule(nil).check(request(large)).isEmpty)
  }

  @Test func onlyWhatIsAddedCounts() {
    var change = warehouse("A", .update, ["warehouse_size": "LARGE"])
    change.change.attributes = [AttributeChange("warehouse_size", before: "MEDIUM", after: "LARGE")]
    #expect(rule(4).check(request(change)).isEmpty)
    #expect(rule(3).check(request(change)).count == 1)
  }

  @Test func idlingIsAWarning() {
    let idle = warehouse("A", .create, ["auto_suspend": 0])
    #expect(rule(nil).check(request(idle)).map(\.severity) == [.warning])
  }

  @Test func aCostThatCannotBeSaidIsAnError() {
    let findings = CostRule(limit: 4).check(request(warehouse("A", .create, ["warehouse_size": "LARGE"])))
    #expect(findings.map(\.severity) == [.error])
    #expect(
      findings.first?.summary
        == "what warehouse.A costs cannot be said: functions::credits_per_hour can only be called while CHECK is answered")
  }

  @Test func newNamesBeginAsTheCompanySays() {
    let rule = NamingRule(prefixes: ["warehouse": "wh_"])
    #expect(rule.check(request(warehouse("WH_A", .create, [:]))).isEmpty)
    #expect(rule.check(request(warehouse("A", .update, [:]))).isEmpty)
    #expect(rule.check(request(warehouse("A", .create, [:]))).map(\.detail) == ["Call it WH_A."])
  }

  /// The front door: the rules stop a plan, and say where.
  @Test(.enabled(if: EmulatedAccount.isInstalled, "no snowmaker: set SNOWMAKER or PATH"))
  func aPlanIsStoppedWithItsPlace() throws {
    let account = try EmulatedAccount(
      plugin: "guard-rails",
      settings: "providers: {guard-rails: {credits_per_hour: 4, names: {warehouse: WH_}}}")
    let problem = #expect(throws: EmulatedAccount.Failure.self) {
      try account.apply("warehouses:\n  - {name: wh_small}\n  - {name: big, warehouse_size: large}")
    }
    let text = problem?.description ?? ""
    #expect(text.contains("warehouse.BIG: names of type warehouse begin with WH_"), "\(text)")
    #expect(text.contains("resources.yml:3:"), "\(text)")
    #expect(text.contains("adds up to 9 credits per hour, more than the 4"), "\(text)")
    #expect(try account.query("SHOW WAREHOUSES").isEmpty)
    try account.apply("warehouses: [{name: wh_small, auto_suspend: 60}]")
  }
}
