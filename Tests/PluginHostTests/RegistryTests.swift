import Glibc
import SnowmakerModel
import Testing

@testable import PluginHost

/// Where plugins are found, and that every type has one owner.
@Suite(.needsCompiler) struct RegistryTests {
  private let workshop: Workshop

  init() throws { workshop = try Workshop() }

  private func load(_ folders: (String, PluginOrigin)...) -> PluginRegistry {
    .load(
      from: PluginSearchPath(folders.map { .init("\(workshop.folder)/\($0.0)", $0.1) }), log: { _ in })
  }

  private func problems(_ registry: PluginRegistry) -> [String] { registry.problems.map(workshop.shorten) }

  private static func type(_ name: String, plural: String? = nil, forms: String? = nil) -> String {
    let forms = forms.map { #","forms":[\#($0)]"# } ?? ""
    return #"{"type":"\#(name)","plural":"\#(plural ?? name + "s")","identity":["name"],"attributes":"#
      + #"[{"name":"name","kind":"identifier"}]\#(forms)}"#
  }

  @Test func knowsEveryTypeAndItsOwner() throws {
    _ = try workshop.build("one", types: [Self.type("cat"), Self.type("ant")], in: "a")
    _ = try workshop.build("two", types: [Self.type("bee")], in: "a")
    let registry = load(("a", .user))
    #expect(problems(registry).isEmpty)
    #expect(registry.plugins.map(\.name) == ["one", "two"])
    #expect(registry.types.map(\.type) == ["ant", "bee", "cat"])
    #expect(registry.owner(ofType: "bee")?.name == "two")
    #expect(registry.schema(ofType: "cat")?.plural == "cats")
    #expect(registry.owner(ofType: "dog") == nil)
    #expect(registry.plugin(named: "one")?.file.origin == .user)
    #expect(registry.statistics.calls == 2)
  }

  @Test func looksOnlyAtPluginsAndNotIntoFolders() throws {
    _ = try workshop.build("one", types: [], in: "a")
    _ = try workshop.build("deep", types: [], in: "a/b")
    mkdir("\(workshop.folder)/a", 0o755)
    for name in ["libother.so", "libsnowmaker-x.so.1", "snowmaker-x.so", "libsnowmaker-.so", ".libsnowmaker-x.so"] {
      _ = try workshop.write(Array("x".utf8), to: "a/\(name)")
    }
    let registry = load(("a", .user))
    #expect(registry.plugins.map(\.name) == ["one"])
    #expect(problems(registry).isEmpty)
  }

  @Test func refusesTwoOwnersOfOneType() throws {
    _ = try workshop.build("one", types: [Self.type("cat")], in: "a")
    _ = try workshop.build("two", types: [Self.type("bee"), Self.type("cat", plural: "felines")], in: "b")
    let registry = load(("a", .user), ("b", .bundled))
    #expect(
      problems(registry) == [
        "plugin 'two' (DIR/b/libsnowmaker-two.so): brings the type 'cat', which plugin 'one' "
          + "(DIR/a/libsnowmaker-one.so) already brings; remove one of the two"
      ])
    #expect(registry.types.map(\.type) == ["cat"])
    #expect(registry.owner(ofType: "cat")?.name == "one")
  }

  @Test func refusesTwoTypesUnderOneKey() throws {
    _ = try workshop.build("one", types: [Self.type("cat", plural: "pets")], in: "a")
    _ = try workshop.build("two", types: [Self.type("dog", plural: "pets")], in: "a")
    #expect(
      problems(load(("a", .user))) == [
        "plugin 'two' (DIR/a/libsnowmaker-two.so): its type 'dog' takes the key 'pets' in configuration, which the type "
          + "'cat' of plugin 'one' (DIR/a/libsnowmaker-one.so) already takes; remove one of the two"
      ])
    let nested = #"{"form":"nested","parent":"house","key":"pets","fills":"house"}"#
    _ = try workshop.build("one", types: [Self.type("cat", forms: nested)], in: "b")
    _ = try workshop.build("two", types: [Self.type("dog", forms: nested)], in: "b")
    #expect(
      problems(load(("b", .user))).first?.contains("takes the key 'pets' inside 'house' in configuration") == true)
  }

  @Test func refusesTwoPluginsOfOneName() throws {
    _ = try workshop.build("one", types: [], in: "a")
    _ = try workshop.build("one", types: [Self.type("cat")], in: "b")
    let registry = load(("a", .project), ("b", .bundled))
    #expect(
      problems(registry) == [
        "plugin 'one' (DIR/b/libsnowmaker-one.so): there is another plugin of this name at DIR/a/libsnowmaker-one.so; "
          + "remove one, or choose one by --plugin-dir"
      ])
    #expect(problems(load(("a", .option), ("b", .option))).count == 1)
  }

  @Test func aFolderGivenByOptionGoesFirst() throws {
    _ = try workshop.build("one", types: [], in: "a")
    _ = try workshop.build("one", types: [Self.type("cat")], in: "b")
    let registry = load(("b", .option), ("a", .bundled))
    #expect(problems(registry).isEmpty)
    #expect(
      registry.notes.map(workshop.shorten) == [
        "plugin 'one' is taken from DIR/b/libsnowmaker-one.so (--plugin-dir) instead of DIR/a/libsnowmaker-one.so"
      ])
    #expect(registry.types.map(\.type) == ["cat"])
  }

  @Test func findsAFileOnceHoweverManyFoldersLeadToIt() throws {
    _ = try workshop.build("one", types: [], in: "a")
    symlink("\(workshop.folder)/a", "\(workshop.folder)/link")
    let registry = load(("link", .option), ("a", .user), ("a", .bundled))
    #expect(problems(registry).isEmpty)
    #expect(registry.plugins.count == 1)
  }

  @Test func missesOnlyFoldersThatWereAskedFor() {
    #expect(
      problems(load(("gone", .option), ("lost", .environment), ("none", .project), ("none", .user))) == [
        "the plugin folder DIR/gone (--plugin-dir) cannot be read: No such file or directory",
        "the plugin folder DIR/lost (SNOWMAKER_PLUGIN_PATH) cannot be read: No such file or directory",
      ])
  }

  @Test func notesAFolderGivenByOptionThatHasNoPlugin() throws {
    mkdir("\(workshop.folder)/a", 0o755)
    let registry = load(("a", .option), ("a", .user))
    #expect(
      registry.notes.map(workshop.shorten) == [
        "the plugin folder DIR/a (--plugin-dir) has no plugin: no libsnowmaker-*.so"
      ])
  }

  @Test func goesOnWithoutABadPlugin() throws {
    _ = try workshop.build("good", types: [Self.type("cat")], in: "a")
    _ = try workshop.write(Array("text".utf8), to: "a/libsnowmaker-bad.so")
    let registry = load(("a", .user))
    #expect(problems(registry) == ["plugin 'bad' (DIR/a/libsnowmaker-bad.so): not an ELF file"])
    #expect(registry.plugins.map(\.name) == ["good"])
  }

  @Test func notesInsecurePluginsThatItLoads() throws {
    let path = try workshop.build("one", types: [], in: "a")
    chmod(path, 0o757)
    let registry = PluginRegistry.load(
      from: PluginSearchPath([.init("\(workshop.folder)/a", .user)]), allowsInsecure: true, log: { _ in })
    #expect(registry.plugins.count == 1)
    #expect(registry.notes.first?.hasSuffix("(let pass by --allow-insecure-plugins)") == true)
  }
}

@Suite struct PluginSearchPathTests {
  @Test func isSearchedInOrder() {
    let path = PluginSearchPath.standard(
      options: ["/x/y/", "/z"], project: "/work",
      environment: { ["SNOWMAKER_PLUGIN_PATH": "/e1::/e2", "HOME": "/home/me"][$0] }, executable: "/opt/bin/snowmaker")
    #expect(
      path.folders == [
        .init("/x/y", .option), .init("/z", .option), .init("/e1", .environment), .init("/e2", .environment),
        .init("/work/.snowmaker/plugins", .project), .init("/home/me/.local/share/snowmaker/plugins", .user),
        .init("/opt/bin", .bundled), .init("/opt/lib/snowmaker/plugins", .bundled),
      ])
  }

  @Test func takesFoldersFromTheCurrentOne() throws {
    let current = try #require(getcwd(nil, 0))
    defer { free(current) }
    let path = PluginSearchPath.standard(options: ["./a", "b"], environment: { _ in nil }, executable: nil)
    let here = String(cString: current)
    #expect(path.folders.map(\.path) == ["\(here)/a", "\(here)/b", "\(here)/.snowmaker/plugins"])
  }

  @Test func knowsTheRunningProgram() { #expect(PluginSearchPath.executable?.hasPrefix("/") == true) }
}
