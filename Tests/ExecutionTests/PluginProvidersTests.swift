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
