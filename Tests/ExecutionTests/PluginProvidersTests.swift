import Glibc
import PluginHost
import SnowmakerCore
import SnowmakerModel
import Testing

@testable import Execution

/// The plugins that were built beside these tests.
private enum Built {
  static let registry = PluginRegistry.load(
    from: PluginSearchPath([.init(folder, .option)]), allowsInsecure: true, log: { _ in })

  /// The folder of the test bundle, from the list of what is mapped into this process.
  private static var folder: String {
    let maps = (try? Files.readAll("/proc/self/maps")) ?? ""
    for line in maps.split(separator: "\n") where line.hasSuffix("PackageTests.xctest") {
      if let slash = line.firstIndex(of: "/") { return Files.parent(of: String(line[slash...])) }
    }
    return "."
  }
}

extension Files {
  /// A file of /proc, whose size is not known beforehand.
  static func readAll(_ path: String) throws(FileError) -> String {
    String(decoding: try read(path, limit: 1 << 24), as: UTF8.self)
  }
}

@Suite struct PluginProvidersTests {
  private let providers = PluginProviders(Built.registry)

  @Test func aTypeIsReadThroughItsPlugin() async throws {
    #expect(providers.types["warehouse"] != nil)
    let runner = FakeRunner { _ in
      StatementAnswer(columns: ["name", "size", "owner"], rows: [["LOADING", "X-Small", "SYSADMIN"]])
    }
    let reader = Reader(providers: providers, runner: runner, settings: ReadSettings(role: "ACCOUNTADMIN"))
    let seen = try await reader.read([
      "warehouse": ReadWish(wanted: [.init(identity: ["LOADING"], attributes: ["warehouse_size"])])
    ])
    #expect(runner.sql.count == 1)
    #expect(runner.sql.first?.hasPrefix("SHOW WAREHOUSES") == true)
    let observation = try #require(seen.byAddress[Address("warehouse", ["LOADING"])])
    #expect(observation.owner == "SYSADMIN")
  }

  @Test func changesComeBackInTheOrderOfTheItems() async throws {
    let items = (0..<600).map {
      PlanItem(identity: ["W\($0)"], declared: ["name": .string("W\($0)")], observed: nil)
    }
    let changes = try await providers.plan(PlanRequest(type: "warehouse", items: items))
    #expect(changes.count == 600)
    for (index, change) in changes.enumerated() {
      #expect(change.action == .create)
      #expect(change.statements.first?.sql.description.contains("W\(index)") == true)
    }
  }

  @Test func resourcesAreValidatedOneByOne() async throws {
    func resources(_ parts: Int) -> [DeclaredResource] {
      (0..<300).map { number in
        DeclaredResource(
          identity: Array(repeating: "W\(number)", count: parts), attributes: ["name": .string("W\(number)")])
      }
    }
    for type in providers.types.values where type.validates {
      let resources = resources(type.identity.count)
      let found = try await providers.validate(resources, type: type.type, context: RequestContext())
      #expect(found.count == 300)
    }
    #expect(try await providers.validate(resources(1), type: "warehouse", context: RequestContext()).count == 300)
  }

  @Test func unknownTypesAreErrors() async {
    await #expect(throws: Diagnostic.self) { try await providers.read(ReadRequest(type: "nope", wanted: [])) }
    await #expect(throws: Diagnostic.self) { try await providers.plan(PlanRequest(type: "nope", items: [])) }
    #expect(throws: Diagnostic.self) {
      try providers.expand([WrittenResource(type: "nope", form: "plural", value: [:])], context: RequestContext())
    }
  }

  @Test func pluginsThatCheckAreAskedAndDigestsNameThemAll() async throws {
    let found = try await providers.check(CheckRequest(context: RequestContext(), changes: []))
    #expect(found.isEmpty)
    let digests = try providers.digests()
    #expect(digests.count == Built.registry.plugins.count)
    #expect(digests.values.allSatisfy { $0.count == 64 })
  }
}

/// Names as providers may spell them.
@Suite struct ObservedNamesTests {
  private let names: ObservedNames = {
    let identifier = AttributeSchema("name", .identifier)
    let uses = AttributeSchema("uses", .reference(["role"]))
    return ObservedNames(
      TypeSchema(
        "thing", plural: "things", identity: [.init("database", container: "database"), .name, .init("kind")],
        attributes: [
          AttributeSchema("database", .identifier), identifier, uses, AttributeSchema("kind", .enumeration(["SELECT"])),
          AttributeSchema("comment", .text),
        ]))
  }()

  private func read(_ name: String) -> Observation {
    let observation = Observation(
      identity: ["RAW", name, "SELECT"],
      attributes: ["name": .string(name), "comment": .string(name), "uses": "RAW.\"S\""], owner: name)
    return names.canonical(ReadReply(observed: [observation])).observed[0]
  }

  @Test(arguments: [
    ("RAW", "RAW"), ("\"RAW\"", "RAW"), ("A$B", "A$B"), ("\"A$B\"", "A$B"), ("\"a b\"", "\"a b\""), ("a b", "\"a b\""),
    ("raw", "\"raw\""), ("TABLE", "\"TABLE\""), ("\"TABLE\"", "\"TABLE\""), ("a\"b", "\"a\"\"b\""),
    ("\"a\"\"b\"", "\"a\"\"b\""), ("1A", "\"1A\""), ("", ""), ("\"open", "\"open"),
  ]) func haveOneForm(written: String, canonical: String) {
    let seen = read(written)
    #expect(seen.identity == ["RAW", canonical, "SELECT"])
    #expect(seen.attributes["name"].string == canonical && seen.owner == canonical)
    #expect(seen.attributes["comment"].string == written && seen.attributes["uses"].string == "RAW.S")
  }

  @Test func alsoOfWhatCannotBeSeen() {
    let reply = ReadReply(unseen: [.init(identity: ["RAW", "\"N\"", "SELECT"], reason: "why")])
    #expect(names.canonical(reply).unseen[0].identity == ["RAW", "N", "SELECT"])
  }
}
