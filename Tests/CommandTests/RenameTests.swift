import Testing

/// A renamed container takes along what is in it, on it and for it: the plan is the renames and what the account keeps as text, nothing
/// else, and after it there is nothing to do.
struct RenameTests {
  private static let resources = """
    roles: [{name: reader}, {name: writer}, {name: keeper}]
    role_grants: [{role: reader, to_role: writer}, {role: writer, to_role: sysadmin}, {role: keeper, to_role: sysadmin}]
    users: [{name: anna, default_role: reader, default_warehouse: w, roles: [reader]}]
    warehouses: [{name: w, comment: c}]
    databases:
      - name: d
        comment: c
        schemas:
          - {name: s, comment: c}
          - {name: t, owner: keeper}
    database_roles: [{name: local, database: d, comment: c}, {name: wide, database: d, comment: c}]
    database_role_grants: [{database_role: d.local, to_database_role: d.wide}, {database_role: d.wide, to_role: writer}]
    tags: [{name: cost, database: d, schema: s, allowed_values: [a, b]}]
    file_formats: [{name: ff, database: d, schema: s, type: CSV}]
    stages: [{name: st, database: d, schema: s, comment: c, file_format: d.s.ff}]
    network_rules: [{name: net, database: d, schema: s, type: IPV4, mode: INGRESS, value_list: [10.0.0.0/8]}]
    grants:
      - {privs: [USAGE, MONITOR], on_database: d, to_role: reader}
      - {priv: USAGE, on_schema: d.s, to_role: reader}
      - {priv: USAGE, on_schema: d.t, to_database_role: d.local}
      - {priv: READ, on_stage: d.s.st, to_role: reader}
      - {priv: USAGE, on_warehouse: w, to_role: reader}
      - {priv: SELECT, on: FUTURE TABLES IN SCHEMA d.s, to_role: reader}
      - {priv: SELECT, on: FUTURE VIEWS IN DATABASE d, to_role: writer}

    """

  /// What is planned once `edits` were made in the applied configuration; the renames are carried out, and after them
  /// the plan is empty.
  private func renaming(
    _ edits: [(String, String)], sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> [String] {
    let place = try Workplace(["a.yml": Self.resources])
    try await place.apply(sourceLocation: sourceLocation)
    #expect(try await place.plannedSQL() == [], sourceLocation: sourceLocation)
    for (old, new) in edits { try place.edit("a.yml", old, new) }
    let planned = try await place.plannedSQL()
    try await place.apply(sourceLocation: sourceLocation)
    let after = try await place.on("plan", "--detailed-exitcode")
    #expect(after.status == 0, Comment(rawValue: after.all), sourceLocation: sourceLocation)
    return planned
  }

  /// What a stage uses is a text that does not follow.
  private static func format(_ schema: String) -> String {
    "ALTER STAGE \(schema).ST SET FILE_FORMAT = (FORMAT_NAME = '\(schema).FF');"
  }

  private static let database = [
    ("- name: d\n", "- name: d2\n    renamed_from: d\n"), ("database: d,", "database: d2,"), (" d.s", " d2.s"),
    (" d.t", " d2.t"), (" d.local", " d2.local"), (" d.wide", " d2.wide"),
    ("IN DATABASE d,", "IN DATABASE d2,"),
  ]

  private static let schema = [
    ("{name: s, comment", "{name: s2, renamed_from: s, comment"), ("schema: s,", "schema: s2,"), ("d2.s", "d2.s2"),
  ]

  @Test func aDatabaseIsRenamedWithAllThatIsInIt() async throws {
    #expect(try await renaming(Self.database) == ["ALTER DATABASE D RENAME TO D2;", Self.format("D2.S")])
  }

  @Test func aSchemaIsRenamedWithAllThatIsInIt() async throws {
    let edits = [
      ("{name: s, comment", "{name: s2, renamed_from: s, comment"), ("schema: s,", "schema: s2,"), ("d.s", "d.s2"),
    ]
    #expect(try await renaming(edits) == ["ALTER SCHEMA D.S RENAME TO D.S2;", Self.format("D.S2")])
  }

  @Test func aDatabaseAndASchemaInItAreRenamedAtOnce() async throws {
    #expect(
      try await renaming(Self.database + Self.schema) == [
        "ALTER DATABASE D RENAME TO D2;", "ALTER SCHEMA D2.S RENAME TO D2.S2;", Self.format("D2.S2"),
      ])
  }

  /// An apply was killed between the two, or somebody did the one by hand.
  @Test(arguments: ["ALTER DATABASE D RENAME TO D2", "ALTER SCHEMA D.S RENAME TO D.S2"])
  func aDatabaseAndASchemaInItOfWhichOneIsRenamedAlready(done: String) async throws {
    let place = try Workplace(["a.yml": Self.resources])
    try await place.apply()
    for (old, new) in Self.database + Self.schema { try place.edit("a.yml", old, new) }
    let whole = try await place.plannedSQL()
    let query = try await place.on("query", done)
    #expect(query.status == 0, Comment(rawValue: query.all))
    let rest = try await place.plannedSQL()
    #expect(rest.count == whole.count - 1 && rest.allSatisfy { !$0.hasPrefix("CREATE") }, "\(whole) \(rest)")
    try await place.apply()
    let after = try await place.on("plan", "--detailed-exitcode")
    #expect(after.status == 0, Comment(rawValue: after.all))
  }

  @Test func aWarehouseKeepsWhoMayUseIt() async throws {
    let edits = [("{name: w,", "{name: w2, renamed_from: w,"), ("on_warehouse: w,", "on_warehouse: w2,")]
    // A user's default is a text that does not follow.
    #expect(
      try await renaming(edits + [("default_warehouse: w,", "default_warehouse: w2,")]) == [
        "ALTER WAREHOUSE W RENAME TO W2;", "ALTER USER ANNA SET DEFAULT_WAREHOUSE = W2;",
      ])
  }

  @Test func aRoleKeepsWhatItHoldsAndOwns() async throws {
    let edits = [
      ("{name: keeper}", "{name: keeper2, renamed_from: keeper}"), ("role: keeper,", "role: keeper2,"),
      ("owner: keeper}", "owner: keeper2}"), ("{name: reader}", "{name: reader2, renamed_from: reader}"),
      ("role: reader", "role: reader2"), ("roles: [reader]", "roles: [reader2]"),
    ]
    let planned = try await renaming(edits)
    #expect(
      Set(planned) == [
        "ALTER ROLE KEEPER RENAME TO KEEPER2;", "ALTER ROLE READER RENAME TO READER2;",
        "ALTER USER ANNA SET DEFAULT_ROLE = READER2;",
      ], Comment(rawValue: planned.joined(separator: "\n")))
  }

  @Test func aGrantOnAllThatLeavesWithTheRenameIsRevokedByTheNewNames() async throws {
    let place = try Workplace([
      "a.yml": """
      roles: [{name: reader}]
      databases: [{name: d, schemas: [{name: s}]}]
      grants: [{priv: USAGE, on: ALL SCHEMAS IN DATABASE d, to_role: reader}]
      """
    ])
    try await place.apply()
    try place.write(
      "a.yml",
      """
      roles: [{name: reader}]
      databases: [{name: e, renamed_from: d, schemas: [{name: s2, renamed_from: s}]}]
      """)
    let planned = try await place.plannedSQL()
    #expect(
      planned.filter { $0.hasPrefix("REVOKE") }.sorted() == [
        "REVOKE USAGE ON SCHEMA E.PUBLIC FROM ROLE READER;", "REVOKE USAGE ON SCHEMA E.S2 FROM ROLE READER;",
      ])
    try await place.apply("--allow-drop")
    #expect(try await place.on("plan", "--detailed-exitcode").status == 0)
  }

  @Test func whatIsDoneToWhatLeavesIsDoneBeforeItIsGone() async throws {
    let place = try Workplace([
      "snowmaker.yaml": "project: x\nproviders: {rbac: {transfer_owned_to: {KEEPER: SYSADMIN}}}\n",
      "a.yml": """
      roles: [{name: reader}, {name: keeper}]
      role_grants: [{role: keeper, to_role: sysadmin}]
      databases: [{name: d, schemas: [{name: s, owner: keeper}]}, {name: e, schemas: [{name: s}]}]
      stages: [{name: f, database: d, schema: s, owner: keeper}]
      grants:
        - {priv: USAGE, on: ALL SCHEMAS IN DATABASE e, to_role: reader}
        - {priv: USAGE, on_database: d, to_role: keeper}
      """,
    ])
    try await place.apply()
    try place.write("a.yml", "roles: [{name: reader}]\ndatabases: [{name: e}]\n")
    let planned = try await place.plannedSQL()
    let revoked = try #require(planned.firstIndex { $0.hasPrefix("REVOKE USAGE ON SCHEMA E.S ") })
    let dropped = try #require(planned.firstIndex(of: "DROP SCHEMA E.S;"))
    #expect(revoked < dropped)
    #expect(planned.contains("DROP DATABASE D;") && planned.contains("DROP ROLE KEEPER;"))
    #expect(!planned.contains { $0.hasPrefix("GRANT OWNERSHIP") }, "what is dropped is not handed over first")
    try await place.apply("--allow-drop")
    #expect(try await place.on("plan", "--detailed-exitcode").status == 0)
  }

  /// What had the middle name frees it for the one before; everything in, on and for them goes along.
  @Test func aChainOfRenamesIsDoneFromItsEnd() async throws {
    let place = try Workplace([
      "a.yml": """
      roles: [{name: reader}, {name: writer}]
      warehouses: [{name: small, comment: s}, {name: middle, comment: m, auto_suspend: 60}]
      databases: [{name: a, comment: of a, schemas: [{name: s, comment: in a}]}, {name: b, comment: of b, schemas: [{name: s}]}]
      grants:
        - {priv: USAGE, on_schema: a.s, to_role: reader}
        - {priv: MONITOR, on_schema: b.s, to_role: reader}
        - {priv: USAGE, on_warehouse: small, to_role: reader}
      """
    ])
    try await place.apply()
    try place.write(
      "a.yml",
      """
      roles: [{name: reader, renamed_from: writer}, {name: admin, renamed_from: reader}]
      warehouses:
        - {name: middle, renamed_from: small, comment: s}
        - {name: large, renamed_from: middle, comment: m, auto_suspend: 60}
      databases:
        - {name: b, renamed_from: a, comment: of a, schemas: [{name: s, comment: in a}]}
        - {name: c, renamed_from: b, comment: of b, schemas: [{name: s}]}
      grants:
        - {priv: USAGE, on_schema: b.s, to_role: admin}
        - {priv: MONITOR, on_schema: c.s, to_role: admin}
        - {priv: USAGE, on_warehouse: middle, to_role: admin}
      """)
    let planned = try await place.plannedSQL()
    #expect(
      planned.sorted() == [
        "ALTER DATABASE A RENAME TO B;", "ALTER DATABASE B RENAME TO C;", "ALTER ROLE READER RENAME TO ADMIN;",
        "ALTER ROLE WRITER RENAME TO READER;", "ALTER WAREHOUSE MIDDLE RENAME TO LARGE;",
        "ALTER WAREHOUSE SMALL RENAME TO MIDDLE;",
      ])
    for (first, second) in [("B RENAME TO C", "A RENAME TO B"), ("MIDDLE RENAME", "SMALL RENAME")] {
      let place = try #require(planned.firstIndex { $0.contains(first) })
      #expect(try #require(planned.firstIndex { $0.contains(second) }) > place)
    }
    try await place.apply()
    let again = try await place.on("plan", "--detailed-exitcode")
    #expect(again.status == 0, Comment(rawValue: again.all))
    // The ledger has all of them under their new names as its own: what leaves is dropped.
    try place.write("a.yml", "roles: [{name: reader}]\nwarehouses: [{name: middle}]\ndatabases: [{name: b}]\n")
    let drops = try await place.plannedSQL("--max-drops", "20")
    for name in ["DATABASE C", "SCHEMA B.S", "WAREHOUSE LARGE", "ROLE ADMIN"] {
      #expect(drops.contains("DROP \(name);"), Comment(rawValue: drops.joined(separator: "\n")))
    }
  }

  @Test func namesThatChangePlacesAreRefused() async throws {
    let place = try Workplace(["a.yml": "warehouses: [{name: a}, {name: b}]\n"])
    try await place.apply()
    try place.write("a.yml", "warehouses: [{name: b, renamed_from: a}, {name: a, renamed_from: b}]\n")
    let plan = try await place.on("plan")
    #expect(plan.status == 1 && plan.all.contains("go round in a circle"), Comment(rawValue: plan.all))
  }
}
