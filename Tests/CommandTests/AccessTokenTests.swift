import Glibc
import Testing

/// Programmatic access tokens: what the account tells once is in a file that its owner alone can read, and nowhere else.
struct AccessTokenTests {
  private static let project = """
    roles: [{name: loader}]
    users: [{name: etl, type: SERVICE, roles: [loader]}]
    programmatic_access_tokens:
      - {user: etl, name: ci, role_restriction: loader, days_to_expiry: 30, rotation: one, secret_file: etl.token}

    """

  private func secret(_ place: Workplace) throws -> String {
    try #require(Files.read("\(place.folder)/etl.token")).filter { !$0.isNewline }
  }

  @Test func theSecretIsInItsFileAndNowhereElse() async throws {
    let place = try Workplace(["a.yml": Self.project])
    let plan = try await place.on("plan", "--out", "x.plan")
    #expect(plan.out.contains("its secret goes to etl.token"), Comment(rawValue: plan.all))
    #expect(
      plan.out.contains(
        "ALTER USER ETL ADD PROGRAMMATIC ACCESS TOKEN CI ROLE_RESTRICTION = 'LOADER' DAYS_TO_EXPIRY = 30;"))
    // The role is the user's before a token is made for it.
    let steps = try await place.on("plan", "--format", "json")
    #expect(
      steps.out.filter { !$0.isWhitespace }.contains(
        "ADDPROGRAMMATICACCESSTOKENCIROLE_RESTRICTION='LOADER'DAYS_TO_EXPIRY=30\",\"role\":\"USERADMIN\","
          + "\"reason\":\"ownsUSERETL\",\"depends_on\":[0,1,2]"), Comment(rawValue: steps.out))
    let applied = try await place.on("apply", "x.plan", "--yes")
    #expect(applied.status == 0, Comment(rawValue: applied.all))
    let first = try secret(place)
    #expect(first.count > 20)
    var info = stat()
    #expect(lstat("\(place.folder)/etl.token", &info) == 0 && info.st_mode & 0o777 == 0o600)
    #expect(try await place.plannedSQL() == [])

    try place.edit("a.yml", "rotation: one", "rotation: two")
    #expect(try await place.plannedSQL() == ["ALTER USER ETL ROTATE PROGRAMMATIC ACCESS TOKEN CI;"])
    let rotated = try await place.apply()
    let second = try secret(place)
    #expect(second != first)
    #expect(try await place.plannedSQL() == [])
    for secret in [first, second] {
      #expect(!(plan.all + applied.all + rotated.all).contains(secret))
      #expect(place.stateFiles(containing: secret).isEmpty)
    }
    try place.edit("a.yml", "  - {user: etl,", "  #- {user: etl,")
    let removed = try await place.apply("--allow-drop")
    #expect(removed.out.contains("REMOVE PROGRAMMATIC ACCESS TOKEN CI"), Comment(rawValue: removed.all))
    #expect(try await place.plannedSQL() == [])
  }

  @Test func theTokenLogsIn() async throws {
    let place = try Workplace(["a.yml": Self.project])
    let account = try await ServedEmulator(for: place)
    let applied = try await place.run("apply", "--yes", "-c", "served", "--role", "ACCOUNTADMIN")
    #expect(applied.status == 0, Comment(rawValue: applied.all))
    // A token does where a password is asked for.
    try connect(place, port: account.port, user: "ETL", password: try secret(place))
    let answer = try await place.run("query", "SELECT CURRENT_USER(), CURRENT_ROLE()", "-c", "served")
    #expect(answer.out.contains("ETL") && answer.out.contains("LOADER"), Comment(rawValue: answer.all))
  }

  @Test func aTokenThatIsThereIsAdoptedWithoutItsSecret() async throws {
    let place = try Workplace(["a.yml": Self.project.split(separator: "\n").prefix(2).joined(separator: "\n")])
    try await place.apply()
    let made = try await place.on(
      "query", "ALTER USER ETL ADD PROGRAMMATIC ACCESS TOKEN CI ROLE_RESTRICTION = 'LOADER'")
    #expect(made.status == 0, Comment(rawValue: made.all))
    try place.write("a.yml", Self.project)
    let adopted = try await place.apply()
    #expect(adopted.out.contains("made elsewhere; its secret is not in etl.token"), Comment(rawValue: adopted.all))
    #expect(Files.read("\(place.folder)/etl.token") == nil)
    try place.edit("a.yml", "rotation: one", "rotation: two")
    try await place.apply()
    #expect(try !secret(place).isEmpty)
  }

  @Test func aFileThatOthersReadIsNotOverwritten() async throws {
    let place = try Workplace(["a.yml": Self.project, "etl.token": "mine"])
    chmod("\(place.folder)/etl.token", 0o644)
    let refused = try await place.on("apply", "--yes")
    #expect(refused.status == 1 && refused.err.contains("etl.token: it is there and others may read it"))
    #expect(refused.err.contains("Nothing was sent."), Comment(rawValue: refused.all))
    #expect(Files.read("\(place.folder)/etl.token") == "mine")
    try place.edit("a.yml", "secret_file: etl.token", "secret_file: etl.yml")
    let validated = try await place.run("validate")
    #expect(
      validated.status == 1 && validated.err.contains("secret_file must not be a YAML file\n  at a.yml:4:"),
      Comment(rawValue: validated.all))
  }
}
