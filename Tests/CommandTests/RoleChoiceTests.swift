import Testing

/// Which role runs a statement, where the owner of a schema cannot get into its database: right in the plan already.
struct RoleChoiceTests {
  /// An account of somebody else's making, which the commands see as the user SNOWMAKER with the role ACCOUNTADMIN.
  private func account(_ place: Workplace, _ statements: String...) async throws -> ServedEmulator {
    let emulator = try await ServedEmulator(for: place)
    try place.write("snowmaker.yaml", "project: shop\ntargets: {dev: {connection: served}}\n")
    for sql in statements {
      let ending = try await place.run("query", sql, "--connection", "served")
      try #require(ending.status == 0, Comment(rawValue: sql + ending.all))
    }
    return emulator
  }

  /// A database of PLATFORM, in it a schema of LOADER, who has nothing on the database.
  private static let ground = [
    "CREATE ROLE PLATFORM", "CREATE ROLE LOADER", "GRANT ROLE PLATFORM TO USER SNOWMAKER",
    "GRANT ROLE LOADER TO USER SNOWMAKER", "CREATE DATABASE RAW", "CREATE SCHEMA RAW.LANDING",
    "GRANT OWNERSHIP ON SCHEMA RAW.LANDING TO ROLE LOADER", "GRANT OWNERSHIP ON DATABASE RAW TO ROLE PLATFORM",
  ]

  private func ground(_ place: Workplace, _ more: [String] = []) async throws -> ServedEmulator {
    let emulator = try await account(place)
    for sql in Self.ground + more {
      let ending = try await place.run("query", sql, "--connection", "served")
      try #require(ending.status == 0, Comment(rawValue: sql + ending.all))
    }
    return emulator
  }

  static let stage = "stages: [{name: files, database: raw, schema: landing}]\n"

  @Test func nobodyWhoGetsThereIsAnErrorThatNamesThePrivilege() async throws {
    let place = try Workplace(["a.yml": Self.stage])
    let emulator = try await ground(place)
    let applied = try await place.run("apply", "--yes")
    #expect(applied.status == 1)
    #expect(applied.all.contains("hold CREATE STAGE on SCHEMA RAW.LANDING"), Comment(rawValue: applied.all))
    #expect(applied.all.contains("LOADER could, but has no privilege on DATABASE RAW"), Comment(rawValue: applied.all))
    #expect(applied.all.contains("Cure: GRANT USAGE ON DATABASE RAW TO ROLE LOADER;"))
    #expect(try !emulator.log().contains("CREATE STAGE"), "nothing is sent")
    let cured = try await place.run(
      "query", "GRANT USAGE ON DATABASE RAW TO ROLE LOADER", "--connection", "served")
    try #require(cured.status == 0, Comment(rawValue: cured.all))
    let again = try await place.run("apply", "--yes")
    #expect(again.status == 0 && again.all.contains("LOADER"), Comment(rawValue: again.all))
  }

  @Test func aRoleThatInheritsBothIsTaken() async throws {
    let place = try Workplace(["a.yml": Self.stage])
    // Neither is granted to SYSADMIN directly.
    let emulator = try await ground(
      place,
      [
        "CREATE ROLE OPS", "GRANT ROLE LOADER TO ROLE OPS", "GRANT ROLE PLATFORM TO ROLE OPS",
        "CREATE ROLE MIDDLE", "GRANT ROLE OPS TO ROLE MIDDLE", "GRANT ROLE MIDDLE TO ROLE SYSADMIN",
      ])
    let planned = try await place.run("plan")
    #expect(planned.status == 0, Comment(rawValue: planned.all))
    #expect(planned.all.contains("SYSADMIN") || planned.all.contains("OPS"), Comment(rawValue: planned.all))
    let applied = try await place.run("apply", "--yes")
    #expect(applied.status == 0, Comment(rawValue: applied.all))
    #expect(try emulator.log().contains("CREATE STAGE RAW.LANDING.FILES"))
  }

  @Test func whatTheOwnerInheritsCounts() async throws {
    let place = try Workplace(["a.yml": Self.stage])
    let emulator = try await ground(
      place,
      [
        "CREATE ROLE READER", "GRANT MONITOR ON DATABASE RAW TO ROLE READER", "CREATE ROLE MIDDLE",
        "GRANT ROLE READER TO ROLE MIDDLE", "GRANT ROLE MIDDLE TO ROLE LOADER",
      ])
    let planned = try await place.run("plan")
    #expect(planned.status == 0 && planned.out.contains("LOADER"), Comment(rawValue: planned.all))
    let applied = try await place.run("apply", "--yes")
    #expect(applied.status == 0, Comment(rawValue: applied.all))
    _ = emulator
  }

  @Test func aGrantOfTheSamePlanComesFirst() async throws {
    let place = try Workplace([
      "a.yml": Self.stage + "grants: [{priv: USAGE, on_database: raw, to_role: loader}]\n"
    ])
    let emulator = try await ground(place)
    let planned = try await place.run("plan", "--format", "sql")
    let lines = planned.out.split(separator: "\n").map(String.init)
    let grant = try #require(lines.firstIndex { $0.hasPrefix("GRANT USAGE ON DATABASE RAW") })
    let create = try #require(lines.firstIndex { $0.hasPrefix("CREATE STAGE") })
    #expect(grant < create && lines[..<create].last { $0.hasPrefix("USE ROLE") } == "USE ROLE LOADER;")
    let applied = try await place.run("apply", "--yes")
    #expect(applied.status == 0, Comment(rawValue: applied.all))
    let log = try emulator.log()
    let sent = try #require(log.range(of: "GRANT USAGE ON DATABASE RAW"))
    let made = try #require(log.range(of: "CREATE STAGE"))
    #expect(sent.lowerBound < made.lowerBound)
  }

  @Test func aGrantOfCreateInTheSamePlanComesFirst() async throws {
    let place = try Workplace([
      "a.yml": """
      stages: [{name: files, database: raw, schema: landing}]
      grants:
        - {priv: CREATE STAGE, on_schema: raw.landing, to_role: maker}
        - {priv: USAGE, on_database: raw, to_role: maker}
      """
    ])
    let emulator = try await ground(place, ["CREATE ROLE MAKER", "GRANT ROLE MAKER TO USER SNOWMAKER"])
    try place.write("snowmaker.yaml", "project: shop\ntargets: {dev: {connection: served, deploy_role: maker}}\n")
    let applied = try await place.run("apply", "--yes")
    #expect(applied.status == 0 && applied.all.contains("MAKER"), Comment(rawValue: applied.all))
    _ = emulator
  }

  @Test func nothingAboutARoleIsAskedTwice() async throws {
    let place = try Workplace([
      "a.yml": """
      roles: [{name: loader}, {name: deploy}]
      role_grants: [{role: loader, to_role: deploy}, {role: deploy, to_role: sysadmin}]
      databases: [{name: raw, owner: deploy}]
      grants: [{priv: USAGE, on_database: raw, to_role: loader}]
      """
    ])
    let emulator = try await account(place)
    try place.write(
      "snowmaker.yaml",
      "project: shop\ntargets: {dev: {connection: served, deploy_role: deploy, read_role: securityadmin}}\n")
    let first = try await place.run("apply", "--yes")
    try #require(first.status == 0, Comment(rawValue: first.all))
    try place.edit("a.yml", "priv: USAGE", "privs: [USAGE, MONITOR]")
    let before = try emulator.log()
    let planned = try await place.run("plan")
    #expect(planned.status == 0 && planned.out.contains("GRANT MONITOR"), Comment(rawValue: planned.all))
    let after = try emulator.log()
    for role in ["LOADER", "DEPLOY", "SYSADMIN", "SECURITYADMIN"] {
      let asked = "SHOW GRANTS TO ROLE \(role)"
      #expect(after.ranges(of: asked).count - before.ranges(of: asked).count <= 1, "\(asked)")
    }
    #expect(planned.out.contains("SHOW GRANTS TO ROLE"), Comment(rawValue: planned.all))
  }
}

extension String {
  fileprivate func range(of text: String) -> Range<Index>? { firstRange(of: text) }
}
