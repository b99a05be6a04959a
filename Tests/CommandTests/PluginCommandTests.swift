import Glibc
import Testing

/// Commands that need neither configuration nor account.
struct PluginCommandTests {
  @Test func listAndShowSayWhatIsLoaded() async throws {
    let place = try Workplace()
    let list = try await place.run("plugin", "list")
    #expect(list.status == 0, Comment(rawValue: list.all))
    for name in ["account", "databases", "network-policies", "pipes", "rbac", "stages", "warehouses"] {
      #expect(list.out.contains("\n\(name) "), "\(name) is missing")
    }
    for format in ["text", "markdown", "json"] {
      let show = try await place.run("plugin", "show", "Warehouses", "--format", format)
      #expect(show.status == 0 && show.out.contains("auto_suspend"), Comment(rawValue: show.all))
    }
    let typo = try await place.run("plugin", "show", "warehose")
    #expect(typo.status == 1 && typo.err.contains("Did you mean 'warehouse'?"), Comment(rawValue: typo.all))
  }

  @Test func aFileThatIsNoPluginIsRefusedByNameWhereverItIsFound() async throws {
    let place = try Workplace()
    try place.write("plugins/libsnowmaker-broken.so", "this is no shared library")
    chmod(place.folder + "/plugins", 0o700)
    chmod(place.folder + "/plugins/libsnowmaker-broken.so", 0o600)
    let option = try await place.run("plugin", "list", "--plugin-dir", "plugins")
    #expect(option.status == 1 && option.err.contains("libsnowmaker-broken.so"), Comment(rawValue: option.all))
    place.set("SNOWMAKER_PLUGIN_PATH", place.folder + "/plugins")
    let path = try await place.run("plugin", "list")
    #expect(path.status == 1 && path.err.contains("libsnowmaker-broken.so"), Comment(rawValue: path.all))
  }

  @Test func schemasAreJSON() async throws {
    let place = try Workplace()
    let resources = try await place.run("schema")
    #expect(resources.status == 0 && resources.out.contains("\"warehouses\""), Comment(rawValue: resources.all))
    let project = try await place.run("schema", "--project")
    #expect(project.status == 0 && project.out.contains("\"max_drops\""), Comment(rawValue: project.all))
  }

  @Test func everyCommandHelps() async throws {
    let place = try Workplace()
    let commands = [
      ["plan"], ["apply"], ["validate"], ["schema"], ["plugin", "list"], ["plugin", "show"], ["emulator"],
    ]
    let overview = try await place.run("--help")
    for command in commands {
      #expect(overview.out.contains("\n  \(command.joined(separator: " ")) "))
      let help = try await place.start(command + ["--help"]).wait(seconds: 30)
      #expect(help.status == 0 && help.out.contains("Usage: snowmaker \(command.joined(separator: " "))"))
      #expect(try await place.start(["help"] + command).wait(seconds: 30).out == help.out)
      let long = help.out.split(separator: "\n").filter { $0.count > 120 && !$0.hasPrefix("  snow ") }
      #expect(long.isEmpty, "\(long)")
    }
    let version = try await place.run("--version")
    #expect(version.status == 0 && version.out.hasPrefix("snowmaker "))
  }
}
