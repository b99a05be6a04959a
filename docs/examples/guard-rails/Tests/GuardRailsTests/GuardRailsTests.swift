import SnowmakerSDK
import SnowmakerTesting
import Testing

@testable import GuardRails

@Suite struct GuardRailsTests {
  private func warehouse(_ name: String, _ action: Change.Action, _ attributes: Value) -> CheckedChange {
    CheckedChange(address: Address("warehouse", [name]), change: Change(action), declared: attributes)
  }

  private func request(_ changes: CheckedChange...) -> CheckRequest {
    CheckRequest(context: RequestContext(), changes: changes)
  }

  @Test func manyCreditsAreTooMany() {
    let large = warehouse("A", .create, ["warehouse_size": "LARGE", "max_cluster_count": 3])
    #expect(CostRule(limit: 24).check(request(large)).isEmpty)
    #expect(
      CostRule(limit: 23).check(request(large)).map(\.summary) == [
        "this plan adds up to 24 credits per hour, more than the 23 that are allowed"
      ])
    #expect(CostRule(limit: nil).check(request(large)).isEmpty)
  }

  @Test func onlyWhatIsAddedCounts() {
    var change = warehouse("A", .update, ["warehouse_size": "LARGE"])
    change.change.attributes = [AttributeChange("warehouse_size", before: "MEDIUM", after: "LARGE")]
    #expect(CostRule(limit: 4).check(request(change)).isEmpty)
    #expect(CostRule(limit: 3).check(request(change)).count == 1)
  }

  @Test func idlingIsAWarning() {
    let idle = warehouse("A", .create, ["auto_suspend": 0])
    #expect(CostRule(limit: nil).check(request(idle)).map(\.severity) == [.warning])
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
