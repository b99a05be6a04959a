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

  /// A part of the configuration, and what planning it reads.
  struct Part: CustomTestStringConvertible {
    var only: [String]
    var statements: [String: Int]
    var testDescription: String { only.joined(separator: " ") }
  }

  private static let parts = [
    Part(only: ["warehouse:w1"], statements: ["SHOW WAREHOUSES": 1]),
    // A warehouse of which something declared is shown per object; the other one with such is not asked about.
    Part(only: ["warehouse:slow"], statements: ["SHOW WAREHOUSES": 1, "SHOW PARAMETERS IN WAREHOUSE": 1]),
    Part(only: ["warehouse"], statements: ["SHOW WAREHOUSES": 1, "SHOW PARAMETERS IN WAREHOUSE": 2]),
    Part(only: ["schema:raw.s*"], statements: ["SHOW DATABASES": 1, "SHOW SCHEMAS": 1]),
    // A grant needs its object and its grantee.
    Part(
      only: ["grant:USAGE.WAREHOUSE.W2.*"],
      statements: ["SHOW GRANTS TO ROLE": 1, "SHOW ROLES": 1, "SHOW WAREHOUSES": 1]),
    Part(
      only: ["grant:USAGE.SCHEMA.RAW.S3.*", "role:r0"],
      statements: ["SHOW DATABASES": 1, "SHOW GRANTS TO ROLE": 1, "SHOW ROLES": 1, "SHOW SCHEMAS": 1]),
  ]

  @Test func aPartReadsWhatItNeeds() async throws {
    let place = try Workplace([
      "a.yml": Self.base + "\n",
      "b.yml": """
      warehouses:
        - {name: slow, statement_timeout_in_seconds: 60}
        - {name: slower, statement_timeout_in_seconds: 90, comment: c}

      """,
    ])
    try await place.apply()
    let whole = try await place.on("plan", "--detailed-exitcode")
    #expect(whole.out.contains("Read: 12 statements"), Comment(rawValue: whole.all))
    for part in Self.parts {
      let ending = try await place.start(
        ["plan", "--detailed-exitcode", "--connection", "emulator"] + part.only.flatMap { ["--only", $0] }
      ).wait()
      #expect(ending.status == 0, Comment(rawValue: ending.all))
      let printed = part.statements.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      #expect(ending.out.contains("(\(printed.joined(separator: ", ")))"), Comment(rawValue: ending.all))
    }
  }

  /// What is not read still counts as declared: a part's removals leave it alone, and take along what goes with them.
  @Test func aPartKeepsWhatTheRestDeclares() async throws {
    let place = try Workplace([
      "a.yml": """
      roles: [{name: r}, {name: q}]
      databases: [{name: d, schemas: [{name: s}, {name: t}]}, {name: e, schemas: [{name: s}]}]

      """,
      "b.yml": """
      grants:
        - {priv: usage, on: all schemas in database d, to_role: r}
        - {priv: all, on_database: d, to_role: q}
        - {priv: select, on: future tables in schema e.s, to_role: q}

      """,
    ])
    try await place.apply()
    try place.write(
      "b.yml",
      """
      grants:
        - {priv: usage, on_schema: d.s, to_role: r}
        - {priv: usage, on: all schemas in database d, to_role: q}
        - {privs: [monitor, usage], on_database: d, to_role: q}

      """)
    let all = try await place.plannedSQL("--only", "grant_on_all:*.R")
    #expect(
      Set(all) == [
        "REVOKE USAGE ON SCHEMA D.PUBLIC FROM ROLE R;", "REVOKE USAGE ON SCHEMA D.T FROM ROLE R;",
      ], "\(all)")
    let whole = try await place.plannedSQL("--only", "grant:ALL.*")
    #expect(whole.count == 1 && whole[0].hasPrefix("REVOKE ") && !whole[0].contains("USAGE"), "\(whole)")
    // What goes along with a database is said, and nothing else is touched.
    try place.edit("a.yml", ", {name: e, schemas: [{name: s}]}", "")
    let drop = try await place.on("plan", "--only", "database:e")
    #expect(drop.out.contains("- database E") && drop.out.contains("schema E.S"), Comment(rawValue: drop.all))
    #expect(try await place.plannedSQL("--only", "database:e") == ["DROP DATABASE E;"])
  }
}
