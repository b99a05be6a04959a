import Testing

/// A target's read_role: what it does not see is not seen, whatever else the user may do.
struct ReadRoleTests {
  private static let project = """
    project: shop
    targets:
      dev: {connection: served, read_role: auditor}
    """

  /// Two warehouses of the project, of which the role AUDITOR sees one; the user has ACCOUNTADMIN beside it.
  private func shop(_ place: Workplace) async throws -> ServedEmulator {
    let emulator = try await ServedEmulator(for: place)
    try place.write("snowmaker.yaml", "project: shop\ntargets: {dev: {connection: served}}\n")
    let applied = try await place.run("apply", "--yes")
    try #require(applied.status == 0, Comment(rawValue: applied.all))
    for sql in [
      "CREATE ROLE AUDITOR", "GRANT ROLE AUDITOR TO USER SNOWMAKER", "GRANT USAGE ON WAREHOUSE SEEN TO ROLE AUDITOR",
    ] {
      let ending = try await place.run("query", sql, "--connection", "served")
      try #require(ending.status == 0, Comment(rawValue: ending.all))
    }
    try place.write("snowmaker.yaml", Self.project)
    return emulator
  }

  @Test func whatTheRoleDoesNotSeeIsUnknownAndNeitherMadeNorDroppedNorForgotten() async throws {
    let place = try Workplace(["a.yml": "warehouses: [{name: seen}, {name: hidden}]"])
    let emulator = try await shop(place)
    let plan = try await place.run("plan", "--detailed-exitcode")
    #expect(plan.status == 2, "nobody knows whether there is something to do: \(plan.all)")
    #expect(plan.out.contains("warehouse HIDDEN") && plan.out.contains("unknown"), Comment(rawValue: plan.all))
    #expect(plan.out.contains("AUDITOR sees only what it has a privilege on; MANAGE GRANTS on the account is missing"))
    #expect(!plan.out.contains("CREATE WAREHOUSE") && !plan.out.contains("warehouse SEEN"), Comment(rawValue: plan.all))
    let assumed = try await place.run("plan", "--assume-absent", "--format", "sql")
    #expect(assumed.out.contains("CREATE WAREHOUSE HIDDEN;"), Comment(rawValue: assumed.all))
    // The statements were really sent without the user's other roles.
    let log = try emulator.log()
    #expect(log.contains("SHOW WAREHOUSES"), Comment(rawValue: log))

    let applied = try await place.run("apply", "--yes")
    #expect(
      applied.status == 0 && applied.err.contains("warning: 1 resource could not be seen and is left alone"),
      Comment(rawValue: applied.all))

    // What left the configuration and is not seen is not dropped, and stays in the ledger.
    try place.write("a.yml", "warehouses: [{name: seen}]")
    let left = try await place.run("apply", "--yes", "--allow-drop")
    #expect(left.out.contains("not declared any more; kept because AUDITOR sees only"), Comment(rawValue: left.all))
    #expect(!left.out.contains("DROP"))
    try place.write("snowmaker.yaml", "project: shop\ntargets: {dev: {connection: served}}\n")
    let seeing = try await place.run("plan", "--format", "sql")
    #expect(seeing.out.contains("DROP WAREHOUSE HIDDEN;"), Comment(rawValue: seeing.all))
  }

  @Test func aReadRoleThatManagesGrantsSeesEverything() async throws {
    let place = try Workplace(["a.yml": "warehouses: [{name: seen}, {name: hidden}]"])
    let emulator = try await shop(place)
    let granted = try await place.run(
      "query", "GRANT MANAGE GRANTS ON ACCOUNT TO ROLE AUDITOR", "--connection", "served")
    #expect(granted.status == 0, Comment(rawValue: granted.all))
    let plan = try await place.run("plan", "--detailed-exitcode")
    #expect(plan.status == 0, Comment(rawValue: plan.all))
    try place.write("a.yml", "warehouses: [{name: seen}, {name: hidden}, {name: third}]")
    let more = try await place.run("plan", "--format", "sql")
    #expect(more.out.contains("CREATE WAREHOUSE THIRD;"), Comment(rawValue: more.all))
    _ = emulator
  }

  @Test func aReadRoleTheUserDoesNotHaveIsAnErrorWithTheCure() async throws {
    let place = try Workplace(["a.yml": "warehouses: [{name: seen}, {name: hidden}]"])
    let emulator = try await shop(place)
    let revoked = try await place.run(
      "query", "REVOKE ROLE AUDITOR FROM USER SNOWMAKER", "--connection", "served")
    #expect(revoked.status == 0, Comment(rawValue: revoked.all))
    let plan = try await place.run("plan")
    #expect(plan.status == 1 && plan.err.contains("AUDITOR, the read_role of the target"), Comment(rawValue: plan.all))
    #expect(plan.err.contains("GRANT ROLE AUDITOR TO USER"))
    _ = emulator
  }
}
