import Testing

/// The story every user lives through: apply, nothing to do, edit, remove.
struct AcceptanceTests {
  static let infra = """
    warehouses:
      - name: loading
        warehouse_size: XSMALL
        auto_suspend: 60
        comment: Loads things
      - name: reporting
        warehouse_size: SMALL
    databases:
      - name: raw
        owner: loader
        schemas:
          - name: sales
          - name: events
            comment: clicks
    roles:
      - name: loader
        comment: loads
      - name: reporter
    role_grants:
      - roles: [loader, reporter]
        to_role: sysadmin
    users:
      - name: bob
        type: PERSON
        email: bob@example.com
        roles: [reporter]
    grants:
      - {priv: usage, on_warehouse: loading, to_role: loader}
      - {priv: usage, on_warehouse: reporting, to_role: reporter}
      - {priv: usage, on_database: raw, to_role: reporter}
      - {priv: usage, on_schema: raw.sales, to_role: reporter}
    """

  /// The same without the role `reporter` and every mention of it.
  static let withoutReporter =
    infra
    .replacing("  - name: reporter\n", with: "")
    .replacing("[loader, reporter]", with: "[loader]")
    .replacing("    roles: [reporter]\n", with: "")
    .split(separator: "\n").filter { !$0.contains("to_role: reporter") }.joined(separator: "\n")

  @Test func appliesThenFindsNothingToDoThenAltersOnlyWhatChanged() async throws {
    let place = try Workplace(["infra.yml": Self.infra])
    let first = try await place.apply()
    #expect(first.out.contains("Plan: 15 to create, 0 to update, 0 to drop."))
    #expect(first.out.contains("Applied: 16 statements. A new plan finds nothing left to do."))
    #expect(first.err.contains("[16/16] "))

    let again = try await place.apply()
    #expect(again.out.contains("No changes: the account is as the 15 resources say."), Comment(rawValue: again.all))

    try place.edit("infra.yml", "XSMALL", "MEDIUM")
    try place.edit("infra.yml", "    comment: Loads things\n", "")
    #expect(
      try await place.plannedSQL() == [
        "ALTER WAREHOUSE LOADING SET WAREHOUSE_SIZE = MEDIUM;", "ALTER WAREHOUSE LOADING UNSET COMMENT;",
      ])
    let text = try await place.on("plan")
    #expect(text.out.contains("~ warehouse LOADING  # released: comment"))
    #expect(text.out.contains("comment: \"Loads things\" → (not set)"))
    #expect(text.out.contains("warehouse_size: XSMALL → MEDIUM"))
    #expect(text.out.contains("-- as SYSADMIN because it owns WAREHOUSE LOADING"))
    let applied = try await place.apply()
    #expect(applied.out.contains("Applied: 2 statements."))
  }

  @Test func droppingARoleNamesWhatGoesWithItAndNeedsPermission() async throws {
    let place = try Workplace(["infra.yml": Self.infra])
    try await place.apply()
    try place.write("infra.yml", Self.withoutReporter)

    #expect(try await place.plannedSQL() == ["DROP ROLE REPORTER;"])
    let plan = try await place.on("plan", "--detailed-exitcode")
    #expect(plan.status == 2, Comment(rawValue: plan.all))
    #expect(plan.out.contains("Plan: 0 to create, 0 to update, 1 to drop (taking 5 more along)."))
    for taken in [
      "grant USAGE DATABASE RAW → REPORTER", "grant USAGE SCHEMA RAW.SALES → REPORTER",
      "grant USAGE WAREHOUSE REPORTING → REPORTER", "role_grant REPORTER → SYSADMIN",
      "role_grant REPORTER → USER BOB",
    ] { #expect(plan.out.contains("takes along \(taken)\n")) }

    let refused = try await place.on("apply", "--yes")
    #expect(refused.status == 1)
    #expect(refused.err.contains("add --allow-drop. Nothing was changed."))
    #expect(try await place.plannedSQL() == ["DROP ROLE REPORTER;"])

    let dropped = try await place.apply("--allow-drop")
    #expect(dropped.out.contains("Applied: 1 statement."))
    let after = try await place.on("plan", "--detailed-exitcode")
    #expect(after.status == 0, Comment(rawValue: after.all))
  }

  @Test func asksAndRefusesWithoutATerminal() async throws {
    let place = try Workplace(["infra.yml": Self.infra])
    let refused = try await place.on("apply")
    #expect(refused.status == 1)
    #expect(refused.out.contains("Plan: 15 to create"))
    #expect(refused.err.contains("there is no terminal to ask on\n  Add --yes to apply without asking."))
    #expect(try await place.on("plan", "--detailed-exitcode").status == 2)
  }

  @Test func theOwnerOfADatabaseMayBeARoleThatTheSamePlanGrants() async throws {
    let place = try Workplace(["infra.yml": Self.infra])
    let plan = try await place.on("plan")
    #expect(plan.status == 0, Comment(rawValue: plan.all))
    #expect(plan.out.contains("-- as LOADER because it owns DATABASE RAW\n      CREATE SCHEMA RAW.SALES;"))
  }

  @Test func aRoleOutOfReachIsAnErrorThatSaysWhatToGrant() async throws {
    let place = try Workplace([
      "infra.yml": """
      roles: [{name: loader}]
      databases: [{name: raw, owner: loader, schemas: [{name: sales}]}]
      """
    ])
    let plan = try await place.on("plan")
    #expect(plan.status == 1)
    #expect(plan.out.contains("it must hold CREATE SCHEMA on DATABASE RAW"), Comment(rawValue: plan.all))
    #expect(plan.out.contains("Cure: GRANT ROLE LOADER TO USER SNOWMAKER;"))
  }
}
