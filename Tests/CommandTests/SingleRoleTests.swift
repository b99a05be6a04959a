import Testing

/// Logins with a token that is restricted to one role: the account refuses USE ROLE, so that nothing may need another.
struct SingleRoleTests {
  /// An account with the role DEPLOYER, and the connection `ci` whose token is restricted to it.
  private func shop(
    _ place: Workplace, asPassword: Bool = false, target: String = "", connection: String = ""
  ) async throws -> ServedEmulator {
    let emulator = try await ServedEmulator(for: place)
    try place.write("snowmaker.yaml", "project: shop\ntargets: {dev: {connection: ci\(target)}}\n")
    for sql in [
      "CREATE ROLE INHERITED", "CREATE ROLE DEPLOYER", "GRANT ROLE DEPLOYER TO USER SNOWMAKER",
      "GRANT ROLE INHERITED TO ROLE DEPLOYER", "GRANT CREATE DATABASE ON ACCOUNT TO ROLE INHERITED",
      "GRANT MANAGE GRANTS ON ACCOUNT TO ROLE DEPLOYER",
    ] {
      let ending = try await place.run("query", sql, "--connection", "served")
      try #require(ending.status == 0, Comment(rawValue: ending.all))
    }
    let made = try await place.run(
      "query", "ALTER USER SNOWMAKER ADD PROGRAMMATIC ACCESS TOKEN CI ROLE_RESTRICTION = 'DEPLOYER'",
      "--connection", "served", "--format", "csv")
    let token = try #require(
      made.out.split { $0 == "," || $0.isNewline || $0 == "\"" }.map(String.init).max { $0.count < $1.count })
    let key = asPassword ? "password" : "authenticator = \"PROGRAMMATIC_ACCESS_TOKEN\"\ntoken"
    let file = place.root + "/home/.snowflake/connections.toml"
    let port = emulator.port
    try Files.write(
      """
      [ci]
      account = "testaccount"
      user = "SNOWMAKER"
      \(key) = "\(token)"
      host = "127.0.0.1"
      port = "\(port)"
      protocol = "http"
      \(connection)
      """, to: file)
    return emulator
  }

  @Test(arguments: [false, true])
  func whatTheRoleMayDoIsAppliedWithoutChangingRole(asPassword: Bool) async throws {
    let place = try Workplace(["a.yml": "databases: [{name: raw, schemas: [{name: landing}]}]"])
    let emulator = try await shop(place, asPassword: asPassword)
    let before = try emulator.log().components("USE ROLE")
    let applied = try await place.run("apply", "--yes")
    try #require(applied.status == 0, Comment(rawValue: applied.all))
    #expect(applied.out.contains("DEPLOYER") && applied.out.contains("CREATE DATABASE RAW"))
    let again = try await place.run("plan", "--detailed-exitcode")
    #expect(again.status == 0, Comment(rawValue: again.all))
    let log = try emulator.log()
    // Each command asks once whether the role may be changed; nothing else is about roles.
    #expect(log.components("USE ROLE") == before + 2, Comment(rawValue: log))
    #expect(log.components("USE SECONDARY ROLES") == 0)
  }

  @Test func whatNeedsAnotherRoleIsAnErrorBeforeAnythingIsSent() async throws {
    let place = try Workplace([
      "a.yml": "databases: [{name: raw}]\nwarehouses: [{name: load}]\nroles: [{name: analyst}]"
    ])
    let emulator = try await shop(place)
    let applied = try await place.run("apply", "--yes")
    #expect(applied.status == 1)
    #expect(applied.all.contains("this needs another role than DEPLOYER"), Comment(rawValue: applied.all))
    #expect(applied.all.contains("hold CREATE WAREHOUSE on the account"))
    #expect(applied.all.contains("Cure: GRANT CREATE WAREHOUSE ON ACCOUNT TO ROLE DEPLOYER;"))
    #expect(applied.all.contains("ROLE_RESTRICTION = 'SYSADMIN'"))
    #expect(applied.all.contains("ROLE_RESTRICTION = 'USERADMIN'"), Comment(rawValue: applied.all))
    let log = try emulator.log()
    #expect(!log.contains("CREATE DATABASE RAW") && !log.contains("CREATE WAREHOUSE LOAD"))
  }

  /// Over the SQL API too, which has no USE ROLE to find it out with.
  @Test func itIsFoundOutOverTheSQLAPI() async throws {
    let place = try Workplace([
      "a.yml": "databases: [{name: raw}]\nwarehouses: [{name: load}]"
    ])
    let emulator = try await shop(place, connection: "transport = \"sql-api\"")
    let refused = try await place.run("apply", "--yes")
    #expect(refused.status == 1)
    #expect(refused.all.contains("this needs another role than DEPLOYER"), Comment(rawValue: refused.all))
    #expect(try !emulator.log().contains("CREATE DATABASE RAW"))
    try place.write("a.yml", "databases: [{name: raw}]")
    let applied = try await place.run("apply", "--yes")
    #expect(applied.status == 0, Comment(rawValue: applied.all))
    let tested = try await place.run("connection", "test", "ci")
    #expect(tested.all.contains("only DEPLOYER: the login is restricted to this role"), Comment(rawValue: tested.all))
    #expect(try emulator.log().components("USE ROLE") == 0)
  }

  /// A role that the token does not bear cannot deploy: nothing else is taken in its place.
  @Test func aDeployRoleThatTheTokenDoesNotBearIsAnError() async throws {
    let place = try Workplace(["a.yml": "databases: [{name: raw}]"])
    let emulator = try await shop(place, target: ", deploy_role: sysadmin")
    for command in ["plan", "apply"] {
      let ending = try await place.run(command)
      #expect(ending.status == 1)
      #expect(
        ending.all.contains("deploy_role is SYSADMIN, and the login is restricted to DEPLOYER"),
        Comment(rawValue: ending.all))
      #expect(ending.all.contains("ROLE_RESTRICTION = 'SYSADMIN'"))
    }
    #expect(try !emulator.log().contains("CREATE DATABASE RAW"))
    try place.write("snowmaker.yaml", "project: shop\ntargets: {dev: {connection: ci, deploy_role: deployer}}\n")
    #expect(try await place.run("apply", "--yes").status == 0)
  }

  @Test func theConnectionTestSaysIt() async throws {
    let place = try Workplace(["a.yml": "databases: [{name: raw}]"])
    let emulator = try await shop(place)
    let tested = try await place.run("connection", "test", "ci")
    #expect(tested.status == 0, Comment(rawValue: tested.all))
    #expect(tested.all.contains("only DEPLOYER: the login is restricted to this role"), Comment(rawValue: tested.all))
    let refused = try await place.run("query", "USE ROLE ACCOUNTADMIN", "--connection", "ci")
    #expect(refused.err.contains("003107") && refused.err.contains("Current session is restricted"))
    let secondary = try await place.run("query", "USE SECONDARY ROLES ALL", "--connection", "ci")
    #expect(secondary.status == 1 && secondary.err.contains("003107"), Comment(rawValue: secondary.all))
    _ = emulator
  }

  @Test func aTokenThatIsNotRestrictedWorksAsAnyLogin() async throws {
    let place = try Workplace(["a.yml": "databases: [{name: raw}]\nroles: [{name: analyst}]"])
    let emulator = try await ServedEmulator(for: place)
    try place.write("snowmaker.yaml", "project: shop\ntargets: {dev: {connection: ci}}\n")
    let made = try await place.run(
      "query", "ALTER USER SNOWMAKER ADD PAT FREE", "--connection", "served", "--format", "csv")
    let token = try #require(
      made.out.split { $0 == "," || $0.isNewline || $0 == "\"" }.map(String.init).max { $0.count < $1.count })
    try Files.write(
      """
      [ci]
      account = "testaccount"
      user = "SNOWMAKER"
      authenticator = "PROGRAMMATIC_ACCESS_TOKEN"
      token = "\(token)"
      role = "ACCOUNTADMIN"
      host = "127.0.0.1"
      port = "\(emulator.port)"
      protocol = "http"
      """, to: place.root + "/home/.snowflake/connections.toml")
    let applied = try await place.run("apply", "--yes")
    #expect(applied.status == 0, Comment(rawValue: applied.all))
    // The writing lane counts its role alone.
    let log = try emulator.log()
    #expect(log.contains("USE SECONDARY ROLES ALL"), Comment(rawValue: log))
  }
}

extension String {
  /// How often a text occurs.
  fileprivate func components(_ text: String) -> Int { ranges(of: text).count }
}
