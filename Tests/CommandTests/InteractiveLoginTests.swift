import Testing

/// Logins that ask something of the user each time: a run asks once.
struct InteractiveLoginTests {
  private func shop(_ place: Workplace) async throws -> ServedEmulator {
    try place.write("a.yml", "roles: [{name: one}, {name: two}]\ndatabases: [{name: raw, schemas: [{name: landing}]}]")
    try place.write("snowmaker.yaml", "project: shop\ntargets: {dev: {connection: served}}\n")
    return try await ServedEmulator(for: place, "--passcode", "SNOWMAKER=246810")
  }

  /// A passcode is good for one login, so that reading and writing share a session; the authority of a statement is
  /// that of its role alone all the same.
  @Test func aRunWithAPasscodeLogsInOnce() async throws {
    let place = try Workplace()
    let emulator = try await shop(place)
    place.set("SNOWFLAKE_CONNECTIONS_SERVED_PASSCODE", "246810")
    let applied = try await place.run("apply", "--yes")
    try #require(applied.status == 0, Comment(rawValue: applied.all))
    let log = try emulator.log()
    #expect(log.ranges(of: #""kind":"login""#).count == 1, Comment(rawValue: log))
    // Read with all roles, written with one, read again to see that nothing is left.
    let order = [
      "SHOW ROLES", "USE SECONDARY ROLES NONE", "CREATE ROLE", "CREATE DATABASE RAW", "USE SECONDARY ROLES ALL",
      "SHOW ROLES",
    ]
    var rest = log[...]
    for part in order {
      let found = rest.firstRange(of: part)
      #expect(found != nil, "\(part) is missing or out of order: \(log)")
      rest = rest[(found?.upperBound ?? rest.startIndex)...]
    }
    #expect(log.ranges(of: "USE SECONDARY ROLES").count == 2, Comment(rawValue: log))
  }

  /// With a token that stands for the second factor, sessions may be as many as are wanted.
  @Test func aTokenThatIsKeptBearsFurtherLogins() async throws {
    let place = try Workplace()
    let emulator = try await shop(place)
    place.set("SNOWFLAKE_CONNECTIONS_SERVED_PASSCODE", "246810")
    place.set("SNOWFLAKE_CONNECTIONS_SERVED_AUTHENTICATOR", "username_password_mfa")
    let applied = try await place.run("apply", "--yes")
    try #require(applied.status == 0, Comment(rawValue: applied.all))
    let log = try emulator.log()
    #expect(log.ranges(of: #""kind":"login""#).count > 1, Comment(rawValue: log))
    #expect(log.ranges(of: "USE SECONDARY ROLES").isEmpty, Comment(rawValue: log))
    // The next run needs no passcode.
    place.set("SNOWFLAKE_CONNECTIONS_SERVED_PASSCODE", nil)
    let again = try await place.run("plan", "--detailed-exitcode")
    #expect(again.status == 0, Comment(rawValue: again.all))
  }
}
