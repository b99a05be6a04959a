import SnowmakerSDK
import SnowmakerTesting
import Testing

@testable import AcmeMonitors

@Suite struct ResourceMonitorTests {
  /// Plans without an account: see the file.
  @Test func plansAreWhatTheyWere() throws {
    try PlanGolden(of: ResourceMonitor()).check("Golden/resource-monitor.plan", beside: #filePath)
  }

  /// Reading without an account: from recorded answers.
  @Test func isReadFromOneShow() throws {
    var account = ReadReplay()
    account.record(
      "SHOW RESOURCE MONITORS", columns: ["name", "credit_quota", "frequency", "owner"],
      rows: [["LIMIT", "100.00", "WEEKLY", "ACCOUNTADMIN"]])
    let reply = try account.read(ResourceMonitor(), wanted: [["LIMIT"], ["OTHER"]])
    #expect(account.asked == ["SHOW RESOURCE MONITORS"])
    #expect(reply.observed.map(\.identity) == [["LIMIT"]])
    #expect(reply.observed[0].attributes["credit_quota"] == 100)
    #expect(reply.partial == nil)
  }

  /// Applying, on an account emulator in a child process.
  @Test(.enabled(if: EmulatedAccount.isInstalled, "no snowmaker: set SNOWMAKER or PATH"))
  func settlesOnAnAccount() throws {
    let account = try EmulatedAccount(plugin: "acme-monitors")
    try account.apply("resource_monitors: [{name: limit, credit_quota: 100}]")
    let change = "resource_monitors: [{name: limit, credit_quota: 200, frequency: daily}]"
    #expect(
      try account.plan(change) == ["ALTER RESOURCE MONITOR LIMIT SET CREDIT_QUOTA = 200 FREQUENCY = DAILY"])
    try account.apply(change)
    #expect(try account.query("SHOW RESOURCE MONITORS").map { $0["frequency"] } == ["DAILY"])
    try account.apply("resource_monitors: []")
    #expect(try account.query("SHOW RESOURCE MONITORS").isEmpty)
  }
}
