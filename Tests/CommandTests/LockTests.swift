import Glibc
import Testing

/// `snowmaker init` and what it makes plan and apply refuse, through the executable.
@Suite(.enabled(if: access("/usr/bin/cc", X_OK) == 0, "no C compiler")) struct LockTests {
  /// A project with a C plugin in its plugin folder, which leaves a file when it is loaded.
  private func place() throws -> Workplace {
    let place = try Workplace(["w.yml": "warehouses: [{name: x, comment: \"{{ local::version() }}\"}]\n"])
    mkdir(place.folder + "/.snowmaker", 0o700)
    mkdir(place.folder + "/.snowmaker/plugins", 0o700)
    try build(place, version: "1.2.0")
    return place
  }

  private func build(_ place: Workplace, version: String) throws {
    try place.write(
      "plugin.c",
      #"""
      #include "snowmaker_plugin.h"
      #include <stdio.h>
      #include <string.h>
      static snowmaker_status say(const snowmaker_reply_v1 *reply, const char *text) {
        reply->emit(reply->ctx, SNOWMAKER_RESULT, (snowmaker_bytes_v1){(const uint8_t *)text, strlen(text)});
        return SNOWMAKER_OK;
      }
      static snowmaker_status version(const snowmaker_reply_v1 *reply) { return say(reply, VERSION); }
      static const snowmaker_function_v1 items[] = {SNOWMAKER_TYPED_FUNCTION_0("version", version, TEXT)};
      static const snowmaker_functions_v1 functions = {1, items};
      static const void *extension(void *ctx, const char *id) {
        (void)ctx;
        return strcmp(id, SNOWMAKER_FUNCTIONS) ? NULL : &functions;
      }
      static snowmaker_status call(void *ctx, snowmaker_method method, snowmaker_bytes_v1 request,
                                   const snowmaker_reply_v1 *reply) {
        (void)ctx, (void)request;
        if (method != SNOWMAKER_DESCRIBE) return SNOWMAKER_UNSUPPORTED;
        return say(reply, "{\"name\":\"local\",\"version\":\"" VERSION "\",\"protocol\":\"1.0\",\"types\":[],"
                          "\"functions\":[{\"name\":\"version\",\"signature\":\">s\"}]}");
      }
      __attribute__((constructor)) static void loaded(void) {
        FILE *mark = fopen(MARK, "w");
        if (mark) fclose(mark);
      }
      static const snowmaker_peer_v1 peer = {SNOWMAKER_ABI, 0, NULL, call, extension};
      SNOWMAKER_PLUGIN(local) { (void)host; return &peer; }

      """#)
    let include =
      #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/SDK/Sources/CSnowmaker/include"
    let plugin = place.folder + "/.snowmaker/plugins/libsnowmaker-local.so"
    let command =
      "cc -shared -fPIC -fvisibility=hidden -I '\(include)' -DVERSION='\"\(version)\"' "
      + "-DMARK='\"\(place.folder)/loaded\"' '\(place.folder)/plugin.c' -o '\(plugin).new' && mv '\(plugin).new' '\(plugin)'"
      + " && chmod 700 '\(plugin)'"
    try #require(system(command) == 0)
  }

  /// Whether the plugin has run since this was last asked.
  private func wasLoaded(_ place: Workplace) -> Bool { unlink(place.folder + "/loaded") == 0 }

  @Test func planAndApplyTakeOnlyWhatIsLocked() async throws {
    let place = try place()
    place.set("SNOWMAKER_ISOLATE", "never")
    for command in ["plan", "apply", "validate"] {
      let ending = try await place.run(command)
      #expect(
        ending.status == 1 && ending.err.contains("is not in snowmaker.lock; 'snowmaker init' puts it there"),
        Comment(rawValue: ending.all))
      #expect(!wasLoaded(place), "\(command) ran a plugin that is not locked")
    }
    let first = try await place.run("init")
    #expect(first.status == 0 && first.out.contains("local 1.2.0: locked"), Comment(rawValue: first.all))
    #expect(Files.read(place.folder + "/snowmaker.lock")?.contains("plugin local 1.2.0\n  sha256 linux-") == true)
    let again = try await place.run("init")
    #expect(again.status == 0 && again.out == "snowmaker.lock is up to date.\n", Comment(rawValue: again.all))
    #expect(try await place.plannedSQL().first?.contains("'1.2.0'") == true)

    try build(place, version: "1.3.0")
    _ = wasLoaded(place)
    let changed = try await place.on("plan")
    #expect(
      changed.status == 1 && changed.err.contains("is not the file that snowmaker.lock has (version 1.2.0)")
        && changed.err.contains("'snowmaker init --upgrade' takes it"), Comment(rawValue: changed.all))
    #expect(!wasLoaded(place))
    let refused = try await place.run("init")
    #expect(
      refused.status == 1 && refused.err.contains("has version 1.3.0, and 1.2.0 is locked"),
      Comment(rawValue: refused.all))
    let upgraded = try await place.run("init", "--upgrade")
    #expect(upgraded.status == 0 && upgraded.out.contains("local: 1.2.0 → 1.3.0"), Comment(rawValue: upgraded.all))
    #expect(try await place.plannedSQL().first?.contains("'1.3.0'") == true)
  }

  @Test func requirementsAreKept() async throws {
    let place = try place()
    try place.write("snowmaker.yaml", "plugins: {local: \"~> 2.0\"}\n")
    let refused = try await place.run("init")
    #expect(
      refused.status == 1 && refused.err.contains("has version 1.2.0, and plugins: in snowmaker.yaml asks for ~> 2.0"),
      Comment(rawValue: refused.all))
    try place.write("snowmaker.yaml", "plugins: {local: {version: \"~> 1.1\"}, warehouses: , other: }\n")
    let missing = try await place.run("init")
    #expect(missing.status == 1 && missing.err.contains("'other' is asked for"), Comment(rawValue: missing.all))
    let validate = try await place.run("validate")
    #expect(
      validate.status == 1 && validate.err.contains("the plugin 'other' was not found"), Comment(rawValue: validate.all)
    )
    try place.write("snowmaker.yaml", "plugins: {local: {version: \"~> 1.1\"}, warehouses: }\n")
    let good = try await place.run("init")
    #expect(good.status == 0 && good.out.contains("warehouses 0.1.0: locked"), Comment(rawValue: good.all))
    #expect(Files.read(place.folder + "/snowmaker.lock")?.contains("constraint ~> 1.1") == true)
    #expect(try await place.run("validate").status == 0)
    try place.write("snowmaker.yaml", "plugins: {local: \"=> 1\"}\n")
    let nonsense = try await place.run("validate")
    #expect(
      nonsense.status == 1 && nonsense.err.contains("'=> 1' is no version constraint"), Comment(rawValue: nonsense.all))
  }

  @Test func listingAndCompletingLoadNothing() async throws {
    let place = try place()
    place.set("SNOWMAKER_ISOLATE", "never")
    let first = try await place.run("plugin", "list")
    #expect(first.status == 0 && first.out.contains("\nlocal "), Comment(rawValue: first.all))
    #expect(wasLoaded(place))
    for command in [
      ["plugin", "list"], ["plugin", "show", "local::version"], ["schema"], ["init"],
      ["__complete", "fish", "--", "snowmaker", "plugin", "show", "loc"],
      ["__complete", "fish", "--", "snowmaker", "plan", "--only", "ware"],
    ] {
      let ending = try await place.start(command).wait()
      #expect(ending.status == 0, Comment(rawValue: ending.all))
      #expect(!wasLoaded(place), "\(command) loaded the plugin")
    }
  }

  @Test func listingSaysHowPluginsRunAndWhoVouchesForThem() async throws {
    let place = try place()
    func line(_ name: String, _ arguments: String...) async throws -> [String] {
      let list = try await place.start(["plugin", "list"] + arguments).wait()
      try #require(list.status == 0, Comment(rawValue: list.all))
      let lines = list.out.split(separator: "\n").filter { $0.hasPrefix("\(name) ") || $0.hasPrefix("NAME ") }
      try #require(lines.count == 2, Comment(rawValue: list.all))
      // Columns begin where their heading does.
      let place = try #require(lines[0].firstRange(of: "RUNS")).lowerBound
      let rest = lines[1].dropFirst(lines[0].distance(from: lines[0].startIndex, to: place))
      return rest.split(separator: "  ").prefix(2).map { String($0.drop { $0 == " " }) }
    }
    #expect(try await line("local") == ["isolated", "not locked"])
    #expect(try await line("warehouses") == ["in process", "bundled"])
    #expect(try await line("local", "--isolate", "never") == ["in process", "not locked"])
    #expect(try await line("warehouses", "--isolate", "always") == ["isolated", "bundled"])
    #expect(try await line("local", "--plugin-dir", ".snowmaker/plugins") == ["isolated", "not checked"])
    try #require(try await place.run("init").status == 0)
    #expect(try await line("local") == ["isolated", "locked"])
    try build(place, version: "1.3.0")
    #expect(try await line("local") == ["isolated", "not what was locked"])
    try place.write("snowmaker.yaml", "isolation: always\n")
    #expect(try await line("warehouses") == ["isolated", "bundled"])
    // A folder that the project names is searched too.
    try place.write("snowmaker.yaml", "plugin_dirs: [more]\n")
    let gone = try await place.run("plugin", "list")
    #expect(gone.status == 1 && gone.err.contains("/more (the project) cannot be read"), Comment(rawValue: gone.all))
  }

  @Test func signaturesAreMadeAndChecked() async throws {
    let place = try place()
    let keygen = try await place.run("plugin", "keygen", "key")
    #expect(keygen.status == 0 && keygen.out.hasPrefix("ed25519 "), Comment(rawValue: keygen.all))
    let key = String(keygen.out.dropLast())
    let plugin = ".snowmaker/plugins/libsnowmaker-local.so"
    #expect(try await place.run("plugin", "trust", key, "the team").status == 0)
    try Files.write(
      (Files.read(place.root + "/home/.config/snowmaker/trust") ?? "") + "require signatures\n",
      to: place.root + "/home/.config/snowmaker/trust")
    chmod(place.root + "/home/.config/snowmaker/trust", 0o600)
    let unsigned = try await place.run("init")
    #expect(unsigned.status == 1 && unsigned.err.contains("is not signed"), Comment(rawValue: unsigned.all))
    #expect(try await place.run("plugin", "sign", plugin, "--key", "key").status == 0)
    #expect(try await place.run("init").status == 0)
    #expect(Files.read(place.folder + "/snowmaker.lock")?.contains("\n  signed ") == true)
    let list = try await place.run("plugin", "list")
    #expect(
      list.status == 0 && list.out.contains("  isolated    locked, signed by the team  "), Comment(rawValue: list.all))
    try build(place, version: "1.2.1")
    let stale = try await place.run("init", "--upgrade")
    #expect(stale.status == 1 && stale.err.contains("is not for this file"), Comment(rawValue: stale.all))
  }
}
