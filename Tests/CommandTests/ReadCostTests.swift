import Testing

/// What a plan sends that finds nothing to do: one statement per type in use, and per object only what is declared of it.
struct ReadCostTests {
  private static let base = """
    vars: [{name: n, type: list, default: ["0", "1", "2", "3", "4", "5"]}]
    warehouses: [{for_each: "{{ var.n }}", name: "w{{ each.value }}", warehouse_size: SMALL, comment: c}]
    roles: [{for_each: "{{ var.n }}", name: "r{{ each.value }}", comment: c}]
    databases: [{name: raw}, {name: mart}]
    schemas:
      - {for_each: "{{ var.n }}", name: "s{{ each.value }}", database: raw}
      - {for_each: "{{ var.n }}", name: "s{{ each.value }}", database: mart}
    grants:
      - {for_each: "{{ var.n }}", priv: USAGE, on_warehouse: "w{{ each.value }}", to_role: "r{{ each.value }}"}
      - {for_each: "{{ var.n }}", priv: USAGE, on_database: raw, to_role: "r{{ each.value }}"}
      - {for_each: "{{ var.n }}", priv: USAGE, on_schema: "raw.s{{ each.value }}", to_role: "r{{ each.value }}"}
    """
  private static let classes = [
    "SHOW DATABASES": 1, "SHOW GRANTS TO ROLE": 6, "SHOW ROLES": 1, "SHOW SCHEMAS": 1, "SHOW WAREHOUSES": 1,
  ]

  /// What is declared beside the base, and the statements that are sent for it beside those of the base.
  struct More: CustomTestStringConvertible {
    var declared: String
    var statements: [String: Int]
    var testDescription: String { declared }
  }

  private static let more = [
    More(declared: "", statements: [:]),
    More(
      declared: "  - {priv: USAGE, on: FUTURE SCHEMAS IN DATABASE raw, to_role: r1}",
      statements: ["SHOW FUTURE GRANTS TO ROLE": 1]),
    More(
      declared: "database_roles: [{name: a, database: raw}, {name: b, database: raw}]",
      statements: ["SHOW DATABASE ROLES": 1]),
    More(
      declared: "warehouses_: [{name: slow, statement_timeout_in_seconds: 60}, {name: other, warehouse_size: SMALL}]",
      statements: ["SHOW PARAMETERS IN WAREHOUSE": 1]),
    More(declared: "role_grants: [{role: r1, to_role: r2}, {role: r3, to_role: sysadmin}]", statements: [:]),
  ]

  @Test(arguments: more) private func onlyWhatIsNeededIsAsked(_ more: More) async throws {
    // A second list of warehouses goes into a file of its own.
    let isSecond = more.declared.hasPrefix("warehouses_")
    let place = try Workplace(["a.yml": Self.base + (isSecond ? "\n" : "\n" + more.declared + "\n")])
    if isSecond { try place.write("b.yml", more.declared.replacing("warehouses_", with: "warehouses") + "\n") }
    let emulator = try await ServedEmulator(for: place)
    try place.write("snowmaker.yaml", "project: shop\ntargets: {dev: {connection: served}}\n")
    let applied = try await place.run("apply", "--yes")
    try #require(applied.status == 0, Comment(rawValue: applied.all))
    let before = try emulator.log().ranges(of: "SHOW ").count
    let planned = try await place.run("plan", "--detailed-exitcode")
    #expect(planned.status == 0, Comment(rawValue: planned.all))
    var expected = Self.classes.merging(more.statements, uniquingKeysWith: +)
    if more.declared.contains("sysadmin") { expected["SHOW GRANTS TO ROLE", default: 0] += 1 }
    let printed = expected.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    #expect(planned.out.contains("(\(printed))"), Comment(rawValue: planned.all))
    let sent = try emulator.log().ranges(of: "SHOW ").count - before
    #expect(sent == expected.values.reduce(0, +), "what is printed is what was sent")
  }
}
