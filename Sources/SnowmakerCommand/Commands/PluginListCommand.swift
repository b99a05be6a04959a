import PluginHost
import Snowmaker
import SnowmakerModel

/// `snowmaker plugin list`: what is loaded, and from where.
enum PluginListCommand {
  static let description = CommandDescription(
    path: ["plugin", "list"], summary: "List the plugins: what they bring, how they run, where they are.",
    discussion: "RUNS says whether a plugin runs in snowmaker's own process or in a sandboxed child, by --isolate. "
      + "TRUST says whether the project's snowmaker.lock has its file, and whose signature it carries.",
    options: CommonOptions.plugins + [
      .value("--format", "FORMAT", "text (the default) or json.", allowed: ["text", "json"])
    ],
    examples: [
      .init(command: "snowmaker plugin list", doc: "The bundled plugins and those of this project."),
      .init(command: "snowmaker plugin list --plugin-dir .build/debug", doc: "A plugin that you are writing."),
    ], run: run)

  private static func run(_ arguments: ParsedArguments) async -> ExitStatus {
    let reporter = Reporter(arguments)
    let registry = CommonOptions.catalog(arguments)
    reporter.report(registry.problems.map { .error($0, code: "plugin") } + registry.notes.map { Diagnostic(.note, $0) })
    if arguments.value("--format") == "json" {
      Terminal.out(JSON.string(.list(registry.entries.map(document)), pretty: true) + "\n")
    } else {
      Terminal.out(text(registry.entries))
    }
    return registry.problems.isEmpty ? .success : .failure
  }

  /// A line per plugin, and beneath it what it brings.
  private static func text(_ plugins: [PluginCatalog.Entry]) -> String {
    let rows = plugins.map { plugin in
      [
        plugin.name, plugin.manifest.version, runs(plugin), trust(plugin), plugin.file.origin.rawValue,
        plugin.file.path,
      ]
    }
    let lines = Table.text([["NAME", "VERSION", "RUNS", "TRUST", "FOUND IN", "PATH"]] + rows).split(separator: "\n")
    var text = "\(lines[0])\n"
    for (plugin, line) in zip(plugins, lines.dropFirst()) {
      text += "\(line)\n" + brought("types", plugin.manifest.types.map(\.type))
      text += brought("functions", plugin.manifest.functions.map(\.name))
    }
    return text
  }

  private static func brought(_ what: String, _ names: [String]) -> String {
    guard !names.isEmpty else { return "" }
    return Help.wrap("\(what): \(names.joined(separator: ", "))", width: 96).map { "  \($0)\n" }.joined()
  }

  private static func runs(_ plugin: PluginCatalog.Entry) -> String {
    guard plugin.isIsolated else { return "in process" }
    return plugin.hasNetwork ? "isolated, network" : "isolated"
  }

  private static func trust(_ plugin: PluginCatalog.Entry) -> String {
    let lock =
      switch plugin.lock {
      case .locked: "locked"
      case .different: "not what was locked"
      case .missing: "not locked"
      case .exempt: plugin.file.origin == .bundled ? "bundled" : "not checked"
      }
    return plugin.signer.map { "\(lock), signed by \($0.owner)" } ?? lock
  }

  private static func document(_ plugin: PluginCatalog.Entry) -> Value {
    [
      "name": .string(plugin.name), "version": .string(plugin.manifest.version), "doc": .string(plugin.manifest.doc),
      "types": .list(plugin.manifest.types.map { .string($0.type) }),
      "functions": .list(plugin.manifest.functions.map { .string($0.name) }), "path": .string(plugin.file.path),
      "origin": .string(plugin.file.origin.rawValue), "sha256": .string(plugin.sha256),
      "isolated": .bool(plugin.isIsolated), "network": .bool(plugin.hasNetwork || !plugin.isIsolated),
      "lock": .string(plugin.lock.rawValue), "signed_by": plugin.signer.map { .string($0.owner) } ?? .null,
    ]
  }
}
