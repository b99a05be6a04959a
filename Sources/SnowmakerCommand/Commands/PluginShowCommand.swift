import PluginHost
import Snowmaker
import SnowmakerModel

/// `snowmaker plugin show NAME`: a type's attributes, a function or what a plugin brings, as the plugin describes them.
enum PluginShowCommand {
  static let description = CommandDescription(
    path: ["plugin", "show"], summary: "Show a type, a function or a plugin with its documentation.",
    discussion: "Everything comes from the plugin that brings it.",
    positionals: [
      .init(
        name: "NAME", doc: "A type (warehouse, warehouses), a function (functions::cidr_contains) or a plugin.",
        isRequired: true)
    ],
    options: CommonOptions.plugins + [
      .value("--format", "FORMAT", "text (the default), markdown or json.", allowed: ["text", "markdown", "json"])
    ],
    examples: [
      .init(command: "snowmaker plugin show warehouse", doc: "What a warehouse takes."),
      .init(command: "snowmaker plugin show functions", doc: "The functions that configurations can call."),
    ], run: run)

  private static func run(_ arguments: ParsedArguments) async -> ExitStatus {
    let reporter = Reporter(arguments)
    let registry = CommonOptions.catalog(arguments)
    let name = arguments.positionals[0].lowercased()
    let format = arguments.value("--format") ?? "text"
    if let text = type(name, registry, format) ?? function(name, registry, format) ?? plugin(name, registry, format) {
      Terminal.out(text)
      return .success
    }
    reporter.report(registry.problems.map { .error($0, code: "plugin") })
    let names =
      registry.types.flatMap { [$0.type, $0.plural] } + functions(registry).map(\.name) + registry.entries.map(\.name)
    let close = Spelling.closest(to: name, in: names, oneIn: 4)
    return reporter.fail(
      Diagnostic.error(
        "no loaded plugin brings the type or function '\(name)', or has that name",
        detail: close.map { "Did you mean '\($0)'?" } ?? "'snowmaker plugin list' shows what is loaded."))
  }

  private static func type(_ name: String, _ registry: PluginCatalog, _ format: String) -> String? {
    guard let type = registry.types.first(where: { $0.type == name || $0.plural == name }),
      let plugin = registry.owner(ofType: type.type)
    else { return nil }
    switch format {
    case "json": return JSON.string(type.document, pretty: true) + "\n"
    case "markdown": return TypeReference.markdown(type, plugin: plugin.name)
    default: return TypeReference.text(type, plugin: plugin.name)
    }
  }

  private static func functions(
    _ registry: PluginCatalog
  ) -> [(name: String, plugin: String, schema: FunctionSchema)] {
    registry.entries.flatMap { plugin in
      plugin.manifest.functions.map { ("\(FunctionLibrary.provider(plugin.name))::\($0.name)", plugin.name, $0) }
    }
  }

  private static func function(_ name: String, _ registry: PluginCatalog, _ format: String) -> String? {
    guard let function = functions(registry).first(where: { $0.name == name }) else { return nil }
    switch format {
    case "json": return JSON.string(function.schema.document, pretty: true) + "\n"
    case "markdown": return FunctionReference.markdown(function.schema, plugin: function.plugin)
    default: return FunctionReference.text(function.schema, plugin: function.plugin)
    }
  }

  private static func plugin(_ name: String, _ registry: PluginCatalog, _ format: String) -> String? {
    guard let plugin = registry.plugin(named: name) else { return nil }
    switch format {
    case "json": return JSON.string(plugin.manifest.document, pretty: true) + "\n"
    case "markdown": return FunctionReference.markdown(plugin.manifest)
    default: return FunctionReference.text(plugin.manifest)
    }
  }
}
