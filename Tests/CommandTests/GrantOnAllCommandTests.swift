import Testing

/// Grants on all objects that were there before.
struct GrantOnAllCommandTests {
  @Test func removingOneRevokesWhatItGrantedAndNothingElse() async throws {
    let place = try Workplace([
      "a.yml": """
      roles: [{name: r}]
      databases: [{name: d, schemas: [{name: s}, {name: t}]}]

      """
    ])
    try await place.apply()
    let before = try await place.on("query", "GRANT USAGE ON SCHEMA d.t TO ROLE r")
    #expect(before.status == 0, Comment(rawValue: before.all))
    try place.write("b.yml", "grants: [{priv: monitor, on: all schemas in database d, to_role: r}]\n")
    let granted = try await place.apply()
    #expect(granted.out.contains("3 of 3 missing"), Comment(rawValue: granted.all))
    try place.write("b.yml", "grants: [{privs: [monitor, usage], on: all schemas in database d, to_role: r}]\n")
    let more = try await place.apply()
    #expect(more.out.contains("2 of 3 missing"), Comment(rawValue: more.all))
    // ALL on one of them stays declared; USAGE was there in part, so that it was adopted and stays.
    try place.write("b.yml", "grants: [{priv: all, on_schema: d.s, to_role: r}]\n")
    let statements = try await place.plannedSQL()
    #expect(
      Set(statements) == [
        "GRANT ALL PRIVILEGES ON SCHEMA D.S TO ROLE R;", "REVOKE MONITOR ON SCHEMA D.PUBLIC FROM ROLE R;",
        "REVOKE MONITOR ON SCHEMA D.T FROM ROLE R;",
      ], "\(statements)")
    try await place.apply("--allow-drop")
    #expect(try await place.plannedSQL() == [])
  }
}
