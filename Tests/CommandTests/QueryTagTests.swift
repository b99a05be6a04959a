import Testing

/// What the account's query history says about who sent a statement.
struct QueryTagTests {
  @Test func statementsCarryVersionProjectAndRun() async throws {
    let place = try Workplace(["a.yml": "roles: [{name: tagged}]"])
    let emulator = try await ServedEmulator(for: place)
    try place.write("snowmaker.yaml", "project: shop\ntargets: {dev: {connection: served}}\n")
    let applied = try await place.run("apply", "--yes")
    try #require(applied.status == 0, Comment(rawValue: applied.all))
    let history = "FROM TABLE(SNOWFLAKE.INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 10000)) WHERE QUERY_TEXT LIKE"
    func tags(_ statement: String) async throws -> [String] {
      let found = try await place.run(
        "query", "SELECT QUERY_TAG \(history) '\(statement)%'", "-c", "served", "--format", "csv")
      return found.out.split(whereSeparator: \.isNewline).dropFirst().map(String.init)
    }
    let version = try #require(try await place.run("--version").out.split(whereSeparator: \.isWhitespace).last)
    let sent = try await tags("CREATE ROLE TAGGED")
    try #require(sent.count == 1)
    let parts = sent[0].split(separator: ":")
    #expect(parts.count == 3 && parts[0] == "snowmaker/\(version)" && parts[1] == "shop", Comment(rawValue: sent[0]))
    // Reading belongs to no run.
    #expect(Set(try await tags("SHOW ROLES")) == ["snowmaker/\(version):shop"])
    withExtendedLifetime(emulator) {}
  }
}
