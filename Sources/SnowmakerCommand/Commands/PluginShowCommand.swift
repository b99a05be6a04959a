import PluginHost
import Snowmaker
import SnowmakerModel

/// `snowmaker plugin show TYPE`: a type's attributes, as its provider describes them.
enum PluginShowCommand {
  static let description = CommandDescription(
    path: ["plugin", "show"], summary: "Show a type: its attributes, kinds, defaults and documentation.",
    discussion: "Everything comes from the provider that brings the type.",
    positionals: [.init(name: "TYPE", doc: "A type, singular or plural: warehouse, warehouses.", isRequired: true)],
    options: CommonOptions.plugins + [
      .value("--format", "FORMAT", "text (the default), markdown or json.", allowed: ["text", "markdown", "json"])
    ],
    examples: [.init(command: "snowmaker plugin show warehouse", doc: "What a warehouse takes.")], run: run)

  private static func run(_ arguments: ParsedArguments) async -> ExitStatus {
    let reporter = Reporter(arguments)
    let registry = CommonOptions.plugins(arguments)
    let name = arguments.positionals[0].lowercased()
    guard let type = registry.types.first(where: { $0.type == name || $0.plural == name }),
      let plugin = registry.owner(ofType: type.type)
    else {
      reporter.report(registry.problems.map { .error($0, code: "plugin") })
      let close = Spelling.closest(to: name, in: registry.types.flatMap { [$0.type, $0.plural] })
      return reporter.fail(
        Diagnostic.error(
          "no loaded plugin brings the type '\(name)'",
          detail: close.map { "Did you mean '\($0)'?" } ?? "'snowmaker plugin list' shows what is loaded."))
    }
    switch arguments.value("--format") {
    case "json": Terminal.out(JSON.string(type.document, pretty: true) + "\n")
    case "markdown": Terminal.out(TypeReference.markdown(type, plugin: plugin.name))
    default: Terminal.out(TypeReference.text(type, plugin: plugin.name))
    }
    return .success
  }
}
