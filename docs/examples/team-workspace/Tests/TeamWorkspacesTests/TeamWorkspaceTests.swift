import SnowmakerSDK
import SnowmakerTesting
import Testing

@testable import TeamWorkspaces

@Suite struct TeamWorkspaceTests {
  private func expand(_ value: Value) -> Expansion {
    TeamWorkspace().expand(
      WrittenResource(type: "team_workspace", form: "plural", value: value), context: RequestContext())
  }

  @Test func oneWordBecomesManyResources() {
    let expansion = expand(["name": "marketing", "members": ["anna", "ben"]])
    #expect(
      expansion.resources.map(\.type) == ["database", "warehouse", "role", "role"]
        + ["role_grant", "role_grant", "grant", "grant", "grant", "role_grant", "role_grant"])
    #expect(expansion.resources[1].attributes["name"] == "MARKETING_WH")
    #expect(expansion.resources[1].attributes["warehouse_size"] == "XSMALL")
    #expect(expansion.resources.last?.path == ["members", "1"])
    #expect(expansion.diagnostics.isEmpty)
  }

  @Test func aNameIsNeeded() {
    #expect(expand(["size": "SMALL"]).diagnostics.map(\.path) == [["name"]])
  }

  @Test(.enabled(if: EmulatedAccount.isInstalled, "no snowmaker: set SNOWMAKER or PATH"))
  func settlesGrowsAndGoes() throws {
    let account = try EmulatedAccount(plugin: "team-workspace")
    let users = "users: [{name: anna}, {name: ben}]\n"
    try account.apply(users + "team_workspaces: [{name: marketing, members: [anna]}]")
    let growing = users + "team_workspaces: [{name: marketing, size: small, members: [anna, ben]}]"
    #expect(
      try Set(account.plan(growing)) == [
        "ALTER WAREHOUSE MARKETING_WH SET WAREHOUSE_SIZE = SMALL", "GRANT ROLE MARKETING_WRITER TO USER BEN",
      ])
    try account.apply(growing)
    try account.apply(users)
    #expect(try account.query("SHOW WAREHOUSES LIKE 'MARKETING%'").isEmpty)
  }

  @Test(.enabled(if: EmulatedAccount.isInstalled, "no snowmaker: set SNOWMAKER or PATH"))
  func aChildDeclaredElsewhereTooIsAnErrorThatNamesBoth() throws {
    let account = try EmulatedAccount(plugin: "team-workspace")
    let problem = #expect(throws: EmulatedAccount.Failure.self) {
      try account.plan("team_workspaces: [{name: marketing}]\nwarehouses: [{name: marketing_wh}]")
    }
    let text = problem?.description ?? ""
    #expect(text.contains("warehouse.MARKETING_WH is declared twice"), "\(text)")
    #expect(text.contains("resources.yml:1:") && text.contains("resources.yml:2:"), "\(text)")
  }
}
