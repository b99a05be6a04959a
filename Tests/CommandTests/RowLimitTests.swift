import Testing

/// More objects than SHOW answers at once: what is converged stays so, whether the account cuts or refuses.
struct RowLimitTests {
  private static let rows = 25

  /// More warehouses than fit, in several pages; a database with more stages than fit, one schema of which alone has
  /// more than fit.
  private static let resources = """
    vars: [{name: n, type: list, default: [\((0..<60).map { "\"\($0)\"" }.joined(separator: ", "))]}]
    warehouses: [{for_each: "{{ var.n }}", name: "w{{ each.value }}"}]
    databases: [{name: raw, schemas: [{name: many}, {name: few}]}, {name: mart, schemas: [{name: few}]}]
    stages:
      - {for_each: "{{ var.n }}", name: "s{{ each.value }}", database: raw, schema: many}
      - {name: a, database: raw, schema: few}
      - {name: a, database: mart, schema: few}
    """

  @Test(arguments: ["cut", "fail"])
  func moreThanShowAnswersIsStillSeen(limit: String) async throws {
    let place = try Workplace(["a.yml": Self.resources])
    let emulator = try await ServedEmulator(for: place, "--show-limit", limit, "--show-rows", String(Self.rows))
    try place.write("snowmaker.yaml", "project: shop\ntargets: {dev: {connection: served}}\n")
    place.set("SNOWMAKER_SHOW_ROWS", String(Self.rows))
    let applied = try await place.run("apply", "--yes")
    try #require(applied.status == 0, Comment(rawValue: applied.all))
    let log = try emulator.log()
    let planned = try await place.run("plan", "--detailed-exitcode")
    #expect(planned.status == 0, Comment(rawValue: planned.all))
    let read = String(try emulator.log().dropFirst(log.count))
    #expect(read.contains("SHOW STAGES IN SCHEMA RAW.MANY LIMIT 10000 FROM "), Comment(rawValue: read))
    #expect(read.contains("SHOW WAREHOUSES LIMIT 10000 FROM "))
    // Nothing was taken as absent because it was not seen: without a ledger everything is found and adopted.
    for suffix in ["", "-wal", "-shm"] { try place.write(".snowmaker/state.db\(suffix)", nil) }
    let adopting = try await place.run("plan")
    #expect(adopting.out.contains("127 to adopt"), Comment(rawValue: adopting.all))
    #expect(adopting.out.contains("nothing to send") || adopting.out.contains("0 to create"))
  }

  @Test func aWrongLimitIsRefused() async throws {
    let place = try Workplace(["a.yml": "warehouses: [{name: w}]"])
    place.set("SNOWMAKER_SHOW_ROWS", "many")
    let planned = try await place.on("plan")
    #expect(planned.status == 1 && planned.err.contains("SNOWMAKER_SHOW_ROWS"), Comment(rawValue: planned.all))
  }
}
