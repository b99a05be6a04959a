import Glibc
import Testing

/// What becomes of a composite's resources when its plugin or its configuration changes, through the executable.
@Suite(.needsCompiler) struct CompositeTests {
  private static let role = Evolving.resource("role", #""name":"SHOP_R""#)
  private static let usage = Evolving.resource(
    "grant", #""privilege":"USAGE","on_type":"WAREHOUSE","on":"SHOP_WH","to_type":"ROLE","to":"SHOP_R""#)
  private static let newUsage = usage.replacing("SHOP_WH", with: "SHOP_COMPUTE")
  private static let warehouse = Evolving.resource("warehouse", #""name":"SHOP_WH","comment":"c""#)
  private static let compute = warehouse.replacing("SHOP_WH", with: "SHOP_COMPUTE")
  private static let options = ["--plugin-dir", "plugins", "--connection", "emulator"]

  /// A kit that stands for a warehouse, a role and what the role may do, applied.
  private func place() async throws -> Workplace {
    let place = try Workplace(["a.yml": "kits: [{name: shop}]\n"])
    try build(place, "1.0.0", [Self.warehouse, Self.role, Self.usage])
    try await apply(place)
    return place
  }

  private func build(_ place: Workplace, _ version: String, _ resources: [String]) throws {
    try Evolving.build(
      in: place, ["VERSION": version, "EXPANDED": "[" + resources.joined(separator: ",") + "]"])
  }

  private func apply(_ place: Workplace, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    try await place.apply("--plugin-dir", "plugins", "--allow-drop", sourceLocation: sourceLocation)
  }

  private func sql(_ place: Workplace, sourceLocation: SourceLocation = #_sourceLocation) async throws -> [String] {
    try await place.plannedSQL("--plugin-dir", "plugins", sourceLocation: sourceLocation)
  }

  private func plan(_ place: Workplace) async throws -> RunningTool.Ending {
    try await place.start(["plan"] + Self.options).wait()
  }

  @Test func aPluginThatRenamesAChildRenamesWhatIsThere() async throws {
    let place = try await place()
    let renamed = compute(#","renamed_from":"SHOP_WH""#)
    try build(place, "1.1.0", [renamed, Self.role, Self.newUsage])
    #expect(try await sql(place) == ["ALTER WAREHOUSE SHOP_WH RENAME TO SHOP_COMPUTE;"])
    try await apply(place)
    #expect(try await sql(place) == [])
    // The plugin says so for ever; another's warehouse of the old name is none of its business.
    let made = try await place.on("query", "CREATE WAREHOUSE SHOP_WH", "--role", "SYSADMIN")
    #expect(made.status == 0, Comment(rawValue: made.all))
    #expect(try await sql(place) == [])
  }

  @Test func whereTheOldNameWasNeverManagedANewOneIsMade() async throws {
    let place = try Workplace(["a.yml": "kits: [{name: shop}]\n"])
    let made = try await place.on("query", "CREATE WAREHOUSE SHOP_WH", "--role", "SYSADMIN")
    #expect(made.status == 0, Comment(rawValue: made.all))
    try build(place, "1.1.0", [compute(#","renamed_from":"SHOP_WH""#)])
    #expect(try await sql(place) == ["CREATE WAREHOUSE SHOP_COMPUTE COMMENT = 'c';"])
  }

  private func compute(_ more: String) -> String { Self.compute.replacing(#""c""#, with: #""c""# + more) }

  @Test func movedSaysWhatThePluginDoesNot() async throws {
    let place = try await place()
    try build(place, "1.1.0", [Self.compute, Self.role, Self.newUsage])
    let silent = try await sql(place)
    #expect(silent.contains("DROP WAREHOUSE SHOP_WH;"), Comment(rawValue: silent.joined(separator: "\n")))
    try place.write("a.yml", "kits: [{name: shop, moved: [{from: shop_wh, to: shop_compute}]}]\n")
    #expect(try await sql(place) == ["ALTER WAREHOUSE SHOP_WH RENAME TO SHOP_COMPUTE;"])
    try await apply(place)
    #expect(try await sql(place) == [])
  }

  @Test func fewerChildrenAreDropsThatNameThePlugin() async throws {
    let place = try await place()
    try build(place, "2.0.0", [Self.warehouse])
    let update = try await plan(place)
    #expect(update.out.contains("- role SHOP_R  # because plugin evolving changed"), Comment(rawValue: update.all))
    // The kit is written otherwise: then nobody can tell whom it is owed to.
    try place.write("a.yml", "kits: [{name: shop, compute_size: SMALL}]\n")
    let edited = try await plan(place)
    #expect(
      edited.out.contains("- role SHOP_R") && !edited.out.contains("because plugin"), Comment(rawValue: edited.all))
    try place.write("a.yml", "roles: [other]\n")
    let gone = try await plan(place)
    #expect(gone.out.contains("- role SHOP_R") && !gone.out.contains("because plugin"), Comment(rawValue: gone.all))
  }

  @Test func anOlderSchemaIsUpgradedBeforeItIsExpanded() async throws {
    let place = try Workplace([
      "a.yml": "kits: [{name: shop, size: SMALL}]\n", "snowmaker.yaml": "project: shop\nschemas: {kit: 1}\n",
    ])
    let small = Evolving.resource("warehouse", #""name":"SHOP_WH","warehouse_size":"SMALL""#)
    try Evolving.build(
      in: place,
      [
        "EXPANDED": "[\(small)]", "NEEDED": "compute_size", "OLD": "size",
        "UPGRADED": #"{"name":"shop","compute_size":"SMALL"}"#,
      ])
    let valid = try await place.run("validate", "--plugin-dir", "plugins")
    #expect(valid.status == 0, Comment(rawValue: valid.all))
    #expect(try await sql(place) == ["CREATE WAREHOUSE SHOP_WH WAREHOUSE_SIZE = SMALL;"])
    // Without the pin it is taken as written today.
    try place.write("snowmaker.yaml", "project: shop\n")
    let today = try await place.run("validate", "--plugin-dir", "plugins")
    #expect(today.status == 1 && today.err.contains("EXPAND was not asked"), Comment(rawValue: today.all))
    try place.write("snowmaker.yaml", "project: shop\nschemas: {kit: 3}\n")
    let future = try await place.run("validate", "--plugin-dir", "plugins")
    #expect(future.status == 1 && future.err.contains("'kit' has version 2, not 3"), Comment(rawValue: future.all))
    // What UPGRADE says is wrong stands where the element is written.
    try place.write("snowmaker.yaml", "project: shop\nschemas: {kit: 1}\n")
    try place.write("a.yml", "kits: [{name: shop}]\n")
    let refused = try await place.run("validate", "--plugin-dir", "plugins")
    #expect(
      refused.status == 1 && refused.err.contains("UPGRADE was not asked about 'size'")
        && refused.err.contains("a.yml:1:"), Comment(rawValue: refused.all))
    // The plugin's own settings come along.
    try place.write("snowmaker.yaml", "project: shop\nschemas: {kit: 1}\nproviders: {evolving: {house: teal}}\n")
    try Evolving.build(
      in: place,
      [
        "EXPANDED": "[\(small)]", "NEEDED": "compute_size", "OLD": "teal",
        "UPGRADED": #"{"name":"shop","compute_size":"SMALL"}"#,
      ])
    let settled = try await place.run("validate", "--plugin-dir", "plugins")
    #expect(settled.status == 0, Comment(rawValue: settled.all))
  }
}
