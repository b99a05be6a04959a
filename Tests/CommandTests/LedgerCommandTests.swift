import Testing

/// What the ledger remembers is found under every name that people meet.
struct LedgerCommandTests {
  private static let spellings = [
    // As `ledger list` and messages print it, as plans do, as configuration and `depends_on` have it, as `--only` does.
    ("warehouse.LOADING", "warehouse LOADING", "warehouses.loading", "warehouse:loading"),
    ("schema.RAW.SALES", "schema RAW.SALES", "schema.raw.sales", "schema:raw.sales"),
    (
      "grant.USAGE.WAREHOUSE.LOADING.ROLE.LOADER", "grant USAGE WAREHOUSE LOADING → LOADER",
      "grants.usage.warehouse.loading.role.loader", "grant:USAGE.WAREHOUSE.LOADING.*"
    ),
    (
      "grant[CREATE TABLE SCHEMA RAW.SALES ROLE LOADER]", "grant create table schema raw.sales -> loader",
      "grant CREATE TABLE SCHEMA RAW.SALES ROLE LOADER", "grant:CREATE TABLE.*"
    ),
    ("warehouse.\"my wh\"", "warehouse \"my wh\"", "warehouses.\"my wh\"", "warehouse:\"my wh\""),
  ]

  @Test func everySpellingIsUnderstood() async throws {
    let place = try Workplace([
      "a.yml": """
      warehouses: [{name: loading}, {name: '"my wh"'}]
      roles: [{name: loader}]
      databases: [{name: raw, schemas: [{name: sales}]}]
      grants:
        - {priv: USAGE, on_warehouse: loading, to_role: loader}
        - {priv: CREATE TABLE, on_schema: raw.sales, to_role: loader}

      """
    ])
    try await place.apply()
    for (listed, planned, written, selected) in Self.spellings {
      let expected = try await place.on("ledger", "show", listed)
      #expect(expected.status == 0 && expected.out.contains("\"origin\""), Comment(rawValue: expected.all))
      for spelling in [planned, written, selected] {
        let ending = try await place.on("ledger", "show", spelling)
        #expect(ending.status == 0 && ending.out == expected.out, "\(spelling): \(ending.all)")
      }
    }
    for (wrong, meant) in [
      ("warehouse.LODAING", "warehouse.LOADING"), ("loading", "warehouse.LOADING"), ("raw.sales", "schema.RAW.SALES"),
      ("grant USAGE WAREHOUSE LOADNG → LOADER", "grant.USAGE.WAREHOUSE.LOADING.ROLE.LOADER"),
      ("warehouse:lodaing", "warehouse.LOADING"), ("warehouse.\"My WH\"", "warehouse.\"my wh\""),
    ] {
      let ending = try await place.on("ledger", "show", wrong)
      #expect(
        ending.status == 1 && ending.err.contains("Did you mean '\(meant)'?"), "\(wrong): \(ending.all)")
    }
  }
}
