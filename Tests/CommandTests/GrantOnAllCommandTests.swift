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
    // ALL on one of them stays declared; USAGE was there on T, and stays there.
    try place.write("b.yml", "grants: [{priv: all, on_schema: d.s, to_role: r}]\n")
    let statements = try await place.plannedSQL()
    #expect(
      Set(statements) == [
        "GRANT ALL PRIVILEGES ON SCHEMA D.S TO ROLE R;", "REVOKE MONITOR ON SCHEMA D.PUBLIC FROM ROLE R;",
        "REVOKE MONITOR ON SCHEMA D.T FROM ROLE R;", "REVOKE USAGE ON SCHEMA D.PUBLIC FROM ROLE R;",
      ], "\(statements)")
    try await place.apply("--allow-drop")
    #expect(try await place.plannedSQL() == [])
    let held = try await place.on("query", "SHOW GRANTS TO ROLE R")
    #expect(held.out.contains("D.T"), "what was there before stays: \(held.all)")
  }

  private static let ground = """
    roles: [{name: r}]
    databases: [{name: d, schemas: [{name: s}, {name: t}]}]

    """
  private static let onAll = "grants: [{priv: usage, on: all schemas in database d, to_role: r}]\n"

  /// What was there when it was first applied, in part or in whole, is released; what snowmaker granted, then or at a
  /// later apply, is revoked, unless a grant declared singly gives it too.
  @Test func thePlanOfRemovalIsExactlyWhatItGranted() async throws {
    let place = try Workplace(["a.yml": Self.ground])
    try await place.apply()
    for schema in ["public", "s", "t"] {
      _ = try await place.on("query", "GRANT USAGE ON SCHEMA d.\(schema) TO ROLE r")
    }
    try place.write("b.yml", Self.onAll)
    let adopted = try await place.apply()
    #expect(adopted.out.contains("1 to adopt") || adopted.all.contains("adopt"), Comment(rawValue: adopted.all))
    // Later objects: one by the configuration, two by others.
    try place.edit("a.yml", "{name: t}", "{name: t}, {name: u}")
    try await place.apply()
    _ = try await place.on("query", "CREATE SCHEMA d.v")
    _ = try await place.on("query", "CREATE SCHEMA d.w")
    let later = try await place.apply()
    #expect(later.out.contains("2 of 6 missing"), Comment(rawValue: later.all))
    try place.write("b.yml", "grants: [{priv: usage, on_schema: d.v, to_role: r}]\n")
    let plan = try await place.on("plan")
    #expect(
      plan.out.contains(
        """
        grants
          = grant USAGE SCHEMA D.V → R

        grants_on_all
          - grant_on_all USAGE SCHEMA DATABASE D → R  # 2 of 5 covered were granted by it, the rest stays
              -- as SYSADMIN because it owns SCHEMA D.U
              REVOKE USAGE ON SCHEMA D.U FROM ROLE R;
              -- as SECURITYADMIN because it holds MANAGE GRANTS on the account
              REVOKE USAGE ON SCHEMA D.W FROM ROLE R;

        """), Comment(rawValue: plan.all))
    #expect(
      Set(try await place.plannedSQL()) == [
        "REVOKE USAGE ON SCHEMA D.U FROM ROLE R;", "REVOKE USAGE ON SCHEMA D.W FROM ROLE R;",
      ])
    #expect(
      Set(try await place.plannedSQL("--drop-adopted")).count == 5, "everything but what is declared singly")
    try await place.apply("--allow-drop")
    let held = try await place.on("query", "SHOW GRANTS TO ROLE R").out
    for schema in ["D.PUBLIC", "D.S", "D.T", "D.V"] { #expect(held.contains(schema), Comment(rawValue: held)) }
    for schema in ["D.U", "D.W"] { #expect(!held.contains(schema), Comment(rawValue: held)) }
    #expect(try await place.on("plan", "--detailed-exitcode").status == 0)
  }

  @Test func whatWasThereInWholeIsReleased() async throws {
    let place = try Workplace(["a.yml": Self.ground])
    try await place.apply()
    for schema in ["public", "s", "t"] {
      _ = try await place.on("query", "GRANT USAGE ON SCHEMA d.\(schema) TO ROLE r")
    }
    try place.write("b.yml", Self.onAll)
    try await place.apply()
    try place.write("b.yml", nil)
    let plan = try await place.on("plan")
    #expect(plan.out.contains("< grant_on_all"), Comment(rawValue: plan.all))
    #expect(try await place.plannedSQL() == [])
  }

  /// A schema made together with a FUTURE grant has the privilege by that one.
  @Test func aFutureGrantThatStaysKeepsWhatItGave() async throws {
    let place = try Workplace(["a.yml": Self.ground])
    try await place.apply()
    let future = "{priv: usage, on: future schemas in database d, to_role: r}"
    try place.write("b.yml", "grants: [{priv: usage, on: all schemas in database d, to_role: r}, \(future)]\n")
    try place.edit("a.yml", "{name: t}", "{name: t}, {name: u}")
    try await place.apply()
    try place.write("b.yml", "grants: [\(future)]\n")
    #expect(
      Set(try await place.plannedSQL()) == [
        "REVOKE USAGE ON SCHEMA D.PUBLIC FROM ROLE R;", "REVOKE USAGE ON SCHEMA D.S FROM ROLE R;",
        "REVOKE USAGE ON SCHEMA D.T FROM ROLE R;",
      ])
  }
}
