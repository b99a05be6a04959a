import Testing

/// Plan: formats, selections, guards, saved plans.
struct PlanningTests {
  static let project = """
    project: shop
    default_target: dev
    max_drops: 2
    targets:
      dev: {connection: emulator, variables: {size: SMALL}}
      test: {connection: emulator, prefix: T_, variables: {size: LARGE}}
    vars:
      - {name: size, type: string, default: XSMALL}
    """
  static let resources = """
    warehouses:
      - {name: w1, warehouse_size: "{{ var.size }}", comment: x}
      - {name: w2, auto_suspend: 60, lifecycle: {ignore_changes: [auto_suspend]}}
      - {name: w3}
      - {name: w4}
      - {name: w5}
    databases: [{name: d1, schemas: [{name: s1, comment: c}]}]
    """

  private func shop() throws -> Workplace {
    try Workplace(["snowmaker.yaml": Self.project, "shop.yml": Self.resources])
  }

  @Test func targetsBringPrefixAndVariablesAndTheCommandLineWins() async throws {
    let place = try shop()
    #expect(try await place.plannedSQL()[0] == "CREATE WAREHOUSE W1 COMMENT = 'x' WAREHOUSE_SIZE = SMALL;")
    let test = try await place.plannedSQL("--target", "test")
    #expect(test[0] == "CREATE WAREHOUSE T_W1 COMMENT = 'x' WAREHOUSE_SIZE = LARGE;")
    #expect(test.last == "CREATE SCHEMA T_D1.S1 COMMENT = 'c';")
    #expect(try await place.plannedSQL("--var", "size=XLARGE")[0].hasSuffix("WAREHOUSE_SIZE = XLARGE;"))
    let typo = try await place.run("plan", "--var", "sise=XLARGE")
    #expect(typo.status == 1 && typo.err.contains("there is no variable 'sise'"), Comment(rawValue: typo.all))
    let target = try await place.run("plan", "--target", "prd")
    #expect(target.status == 1 && target.err.contains("there is no target 'prd'"), Comment(rawValue: target.all))
  }

  @Test func thePrefixGoesBeforeWhatIsInADeclaredDatabaseWhateverItIs() async throws {
    let place = try Workplace([
      "snowmaker.yaml": "project: p\ntargets: {dev: {connection: emulator, prefix: DEV_}}\n",
      "a.yml": """
      databases: [{name: raw, schemas: [s]}]
      roles: [r]
      grants:
        - {priv: usage, on_function: "raw.s.f(number)", to: r}
        - {priv: select, on_table: raw.s.t, to: r}
        - {priv: usage, on_procedure: "other.s.p()", to: r}
      """,
    ])
    let other = try await place.on("plan")
    #expect(other.all.contains("refers to the schema OTHER.S, which is neither declared nor in the account"))
    for sql in ["CREATE DATABASE other", "CREATE SCHEMA other.s"] { _ = try await place.on("query", sql) }
    let plan = try await place.plannedSQL().filter { $0.hasPrefix("GRANT") }.sorted()
    #expect(
      plan == [
        "GRANT SELECT ON TABLE DEV_RAW.S.T TO ROLE DEV_R;",
        "GRANT USAGE ON FUNCTION DEV_RAW.S.F(NUMBER) TO ROLE DEV_R;",
        "GRANT USAGE ON PROCEDURE OTHER.S.P() TO ROLE DEV_R;",
      ])
  }

  @Test func everyFormatIsPrintedAndIsWhatItSays() async throws {
    let place = try shop()
    let json = try await place.run("plan", "--format", "json")
    #expect(json.out.hasPrefix("{\n  \"format\": \"snowmaker-plan-view\"") && json.out.hasSuffix("}\n"))
    let markdown = try await place.run("plan", "--format", "markdown")
    #expect(markdown.out.hasPrefix("### snowmaker: shop → dev"), Comment(rawValue: markdown.all))
    let sql = try await place.run("plan", "--format", "sql")
    #expect(sql.out.contains("USE SECONDARY ROLES NONE;\n\nUSE ROLE SYSADMIN;\n"))
    let wrong = try await place.run("plan", "--format", "yaml")
    #expect(wrong.status == 64 && wrong.err.contains("text, json, sql, markdown"), Comment(rawValue: wrong.all))
  }

  @Test func theDetailedExitStatusTellsNothingChangesAndErrorsApart() async throws {
    let place = try shop()
    #expect(try await place.run("plan").status == 0)
    #expect(try await place.run("plan", "--detailed-exitcode").status == 2)
    try await place.apply()
    #expect(try await place.run("plan", "--detailed-exitcode").status == 0)
    try place.write("shop.yml", "warehouses: [{nme: x}]")
    #expect(try await place.run("plan", "--detailed-exitcode").status == 1)
  }

  @Test func onlySelectsAndNeverDropsOutside() async throws {
    let place = try shop()
    #expect(try await place.plannedSQL("--only", "warehouse:w3") == ["CREATE WAREHOUSE W3;"])
    #expect(try await place.plannedSQL("--only", "warehouses:W?").count == 5)
    try await place.apply()
    try place.write("shop.yml", "warehouses: [{name: w2, auto_suspend: 60, auto_resume: false}]")
    #expect(try await place.plannedSQL("--only", "warehouse:w2") == ["ALTER WAREHOUSE W2 SET AUTO_RESUME = FALSE;"])
    let unknown = try await place.run("plan", "--only", "warehose")
    #expect(unknown.status == 1 && unknown.err.contains("Did you mean 'warehouse'?"), Comment(rawValue: unknown.all))
  }

  @Test func dropsAreLimited() async throws {
    let place = try shop()
    try await place.apply()
    try place.write("shop.yml", "warehouses: [{name: w1}, {name: w2}]")
    let refused = try await place.run("apply", "--yes", "--allow-drop")
    #expect(refused.status == 1)
    #expect(refused.out.contains("this plan drops 4 resources, more than the 2 that max_drops allows"))
    #expect(try await place.run("apply", "--yes", "--allow-drop", "--max-drops", "4").status == 0)
  }

  @Test func renamesIgnoredChangesAndReleasesAreWhatTheySay() async throws {
    let place = try shop()
    try await place.apply()
    try place.write(
      "shop.yml",
      """
      warehouses:
        - {name: w1, lifecycle: {on_release: keep}}
        - {name: w2, auto_suspend: 90, lifecycle: {ignore_changes: [auto_suspend]}}
        - {name: w3b, renamed_from: w3}
        - {name: w4}
        - {name: w5}
      databases: [{name: d2, renamed_from: d1, schemas: [{name: s1, comment: c}]}]
      """)
    let sql = try await place.plannedSQL()
    #expect(sql == ["ALTER WAREHOUSE W3 RENAME TO W3B;", "ALTER DATABASE D1 RENAME TO D2;"])
    let text = try await place.run("plan")
    #expect(text.out.contains("> database D2 (was D1)"))
    try await place.apply()
    #expect(try await place.run("plan", "--detailed-exitcode").status == 0)
  }

  @Test func whatExistsAndMatchesIsAdoptedAndLaterReleasedNotDropped() async throws {
    let place = try Workplace(["a.yml": "warehouses: [{name: w1}, {name: w2, comment: c}]"])
    try await place.apply()
    try place.write(".snowmaker/state.db", nil)
    try place.write(".snowmaker/state.db-wal", nil)
    try place.write(".snowmaker/state.db-shm", nil)
    let adopting = try await place.on("plan")
    #expect(adopting.out.contains("2 to adopt"), Comment(rawValue: adopting.all))
    try await place.apply()
    try place.write("a.yml", "warehouses: [{name: w1}]")
    let releasing = try await place.on("plan")
    #expect(releasing.out.contains("< warehouse W2  # was adopted, so it is not dropped"))
    #expect(try await place.plannedSQL("--drop-adopted") == ["DROP WAREHOUSE W2;"])
    let applied = try await place.apply()
    #expect(applied.out.contains("released"), Comment(rawValue: applied.all))
    #expect(try await place.on("plan", "--detailed-exitcode").status == 0)
  }

  @Test func exclusiveScopesDropWhatIsNotDeclaredThereAndOnlyThere() async throws {
    let place = try Workplace([
      "a.yml": "databases: [{name: d, schemas: [{name: s}, {name: old}]}, {name: e, schemas: [{name: s}]}]"
    ])
    try await place.apply()
    for suffix in ["", "-wal", "-shm"] { try place.write(".snowmaker/state.db\(suffix)", nil) }
    try place.write("a.yml", "databases: [{name: d, schemas: [{name: s}]}, {name: e}]")
    try place.write("snowmaker.yaml", "project: x\nexclusive: [{type: schemas, in: d}]\n")
    #expect(try await place.plannedSQL() == ["DROP SCHEMA D.OLD;"])
    try place.write(
      "snowmaker.yaml", "project: x\nexclusive: [{type: schemas, in: d}]\nignore: [{type: schemas, name: ol*}]\n")
    #expect(try await place.plannedSQL() == [])
    try place.write(
      "snowmaker.yaml", "project: x\nexclusive: [schemas]\nignore: [{type: schemas, database: e}]\n")
    #expect(try await place.plannedSQL() == ["DROP SCHEMA D.OLD;"])
  }

  @Test func whatValidateRefusesPlanAndApplyRefuseToo() async throws {
    let place = try Workplace(["a.yml": "users: [{name: u, type: service, password: !secret env:HOME}]"])
    for command in ["plan", "apply"] {
      let ending = try await place.run(command, "-c", "emulator")
      #expect(ending.status == 1, Comment(rawValue: ending.all))
      #expect(
        ending.out.contains("error: a user of type SERVICE has no password\n  at a.yml:1:"),
        Comment(rawValue: ending.all))
    }
  }

  @Test func preventDestroyRefusesAReplacement() async throws {
    let place = try Workplace(["a.yml": "databases: [{name: d, lifecycle: {prevent_destroy: true}}]"])
    try await place.apply()
    try place.write("a.yml", "databases: [{name: d, transient: true, lifecycle: {prevent_destroy: true}}]")
    let plan = try await place.on("plan")
    #expect(plan.status == 1 && plan.out.contains("prevent_destroy"), Comment(rawValue: plan.all))
  }

  @Test func aSavedPlanIsAppliedOnceAndRefusedElsewhere() async throws {
    let place = try shop()
    let saved = try await place.run("plan", "--out", "x.plan")
    #expect(saved.status == 0 && saved.err.contains("snowmaker apply x.plan"), Comment(rawValue: saved.all))
    let elsewhere = try await place.run("apply", "x.plan", "--yes", "--target", "test")
    #expect(
      elsewhere.status == 1 && elsewhere.err.contains("target: dev in the plan, test now"),
      Comment(rawValue: elsewhere.all))
    try place.edit("shop.yml", "comment: x", "comment: y")
    let changed = try await place.run("apply", "x.plan", "--yes")
    #expect(changed.status == 1 && changed.err.contains("configuration"), Comment(rawValue: changed.all))
    try place.edit("shop.yml", "comment: y", "comment: x")
    #expect(try await place.run("apply", "x.plan", "--yes").status == 0)
    let again = try await place.run("apply", "x.plan", "--yes")
    #expect(again.status == 1 && again.err.contains("ledger generation"), Comment(rawValue: again.all))
    try place.write("broken.plan", "not a plan")
    let broken = try await place.run("apply", "broken.plan", "--yes")
    #expect(broken.status == 1 && broken.err.contains("broken.plan"), Comment(rawValue: broken.all))
  }

  @Test func aSavedPlanIsRefusedWhenTheAccountHasMoved() async throws {
    let place = try Workplace(["a.yml": "warehouses: [{name: w, comment: one}]"])
    try await place.apply()
    try place.edit("a.yml", "one", "two")
    #expect(try await place.on("plan", "--out", "x.plan").status == 0)
    // Somebody else, with a state of their own.
    try place.write("other/b.yml", "warehouses: [{name: w, comment: three}]")
    try place.write("other/snowmaker.yaml", "project: other")
    let account = place.folder + "/.snowmaker/emulator.db"
    let theirs = place.folder + "/other/.snowmaker"
    try place.write("other/.snowmaker/note", "")
    try Files.write(Files.bytes(account) ?? [], to: theirs + "/emulator.db")
    try await place.apply("other")
    try Files.write(Files.bytes(theirs + "/emulator.db") ?? [], to: account)
    let moved = try await place.on("apply", "x.plan", "--project", "a.yml", "--yes")
    #expect(moved.status == 1, Comment(rawValue: moved.all))
  }

  @Test func aTypeThatNobodyBringsIsNoMisspeltOne() async throws {
    let place = try Workplace(["a.yml": "shares: [{name: s}]\nroels: [{name: r}]\n"])
    let ending = try await place.run("validate")
    #expect(!ending.err.contains("'stages'?") && ending.err.contains("did you mean 'roles'?"), "\(ending.all)")
  }

  @Test func anObjectOfATypeThatNobodyBringsIsToldAsUnchecked() async throws {
    let place = try Workplace([
      "a.yml": """
      databases: [{name: d, schemas: [{name: s, stages: [bare, {name: st}]}]}]
      roles: [{name: r}]
      grants:
        - {priv: select, on_table: d.s.t, to_role: r}
        - {priv: select, on_table: d.s.u, to_role: r}
        - {priv: usage, on_integration: i, to_role: r}
        - {privs: [write, read], on_stage: d.s.st, to_role: r}

      """
    ])
    let plan = try await place.on("plan")
    #expect(plan.status == 0, Comment(rawValue: plan.all))
    #expect(plan.out.contains("+ stage D.S.BARE"), "a name alone is a stage")
    #expect(
      plan.out.contains(
        """
        note: whether 2 objects of type TABLE exist is only seen when this is applied: no loaded plugin brings that type
          at a.yml:4:20
          TABLE D.S.T (a.yml:4), TABLE D.S.U (a.yml:5)
        """), Comment(rawValue: plan.all))
    #expect(plan.out.contains("note: whether INTEGRATION I exists is only seen"))
    // READ, on which WRITE stands, is sent once and shown once.
    #expect(plan.out.ranges(of: "GRANT READ ON STAGE").count == 1, Comment(rawValue: plan.all))
    #expect(plan.out.contains("-- sent with grant WRITE STAGE D.S.ST → R"), Comment(rawValue: plan.all))
    // The tables' schema is one that the plan makes.
    let sql = try await place.plannedSQL()
    let schema = try #require(sql.firstIndex(of: "CREATE SCHEMA D.S;"))
    #expect(try #require(sql.firstIndex { $0.contains("ON TABLE D.S.T ") }) > schema)
  }
}
