import PluginHost
import Snowmaker
import SnowmakerModel

/// `snowmaker plugin list`: what is loaded, and from where.
enum PluginListCommand {
  static let description = CommandDescription(
    path: ["plugin", "list"], summary: "List the plugins: name, version, types, functions, path, where found.",
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
      var rows = [["NAME", "VERSION", "TYPES", "FUNCTIONS", "PATH", "FOUND IN", "SIGNED BY"]]
      for plugin in registry.entries {
        rows.append([
          plugin.name, plugin.manifest.version, plugin.manifest.types.map(\.type).joined(separator: ", "),
          plugin.manifest.functions.map(\.name).joined(separator: ", "), plugin.file.path, plugin.file.origin.rawValue,
          plugin.signer?.owner ?? "",
        ])
      }
      Terminal.out(Table.text(rows))
    }
    return registry.problems.isEmpty ? .success : .failure
  }

  private static func document(_ plugin: PluginCatalog.Entry) -> Value {
    [
      "name": .string(plugin.name), "version": .string(plugin.manifest.version), "doc": .string(plugin.manifest.doc),
      "types": .list(plugin.manifest.types.map { .string($0.type) }),
      "functions": .list(plugin.manifest.functions.map { .string($0.name) }), "path": .string(plugin.file.path),
      "origin": .string(plugin.file.origin.rawValue), "sha256": .string(plugin.sha256),
      "signed_by": plugin.signer.map { .string($0.owner) } ?? .null,
    ]
  }
}
