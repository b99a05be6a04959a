import Testing

/// The guard that keeps a network policy from shutting out who deploys: on the emulator that is 127.0.0.1.
struct LockOutTests {
  @Test func anActivationFollowsTheNameOfItsUser() async throws {
    let place = try Workplace([
      "snowmaker.yaml": "project: p\ntargets: {dev: {connection: emulator, prefix: DEV_}}\n",
      "a.yml": """
      users: [{name: u}]
      network_policies: [{name: np, allowed_ip_list: [0.0.0.0/0]}]
      network_policy_activations: [{network_policy: np, user: u}]
      """,
    ])
    // Not the user U, who may be somebody in production.
    #expect(try await place.plannedSQL().last == "ALTER USER DEV_U SET NETWORK_POLICY = DEV_NP;")
    try await place.apply()
    try place.edit("a.yml", "users: [{name: u}]", "users: [{name: v, renamed_from: u}]")
    try place.edit("a.yml", "user: u", "user: v")
    #expect(try await place.plannedSQL() == ["ALTER USER DEV_U RENAME TO DEV_V;"])
    try await place.apply()
    #expect(try await place.plannedSQL() == [])
  }

  /// A project whose policy P exists already, with these lists, and is declared in part.
  private func plan(_ lists: String, declared: String) async throws -> RunningTool.Ending {
    let place = try Workplace([
      "a.yml": """
      network_policies: [{name: p, \(declared)}]
      network_policy_activations: [{network_policy: p, account: true}]
      """
    ])
    let made = try await place.run("query", "CREATE NETWORK POLICY P \(lists)", "--connection", "emulator")
    try #require(made.status == 0, Comment(rawValue: made.all))
    return try await place.on("plan")
  }

  @Test func whatIsNotDeclaredIsJudgedAsItIs() async throws {
    let outside = try await plan("ALLOWED_IP_LIST = ('10.0.0.0/8')", declared: "comment: c")
    #expect(outside.status == 1 && outside.all.contains("would lock out 127.0.0.1"), Comment(rawValue: outside.all))
    let inside = try await plan("ALLOWED_IP_LIST = ('127.0.0.0/8')", declared: "blocked_ip_list: [9.9.9.9]")
    #expect(
      inside.status == 0 && !inside.all.contains("lock out") && !inside.all.contains("cannot tell"),
      Comment(rawValue: inside.all))
    let blocked = try await plan("ALLOWED_IP_LIST = ('127.0.0.1')", declared: "blocked_ip_list: [127.0.0.1]")
    #expect(blocked.status == 1 && blocked.all.contains("It is in BLOCKED_IP_LIST"), Comment(rawValue: blocked.all))
  }

  @Test func aChangeInTheSamePlanThatLetsTheAddressInCounts() async throws {
    let opened = try await plan("ALLOWED_IP_LIST = ('10.0.0.0/8')", declared: "allowed_ip_list: [127.0.0.1]")
    #expect(opened.status == 0, Comment(rawValue: opened.all))
  }
}
