import Configuration
import Snowmaker
import SnowmakerModel

/// `snowmaker schema`: what editors need.
enum SchemaCommand {
  static let description = CommandDescription(
    path: ["schema"], summary: "Print a JSON Schema of the configuration, for editors.",
    discussion: "It is made from the loaded plugins, third parties' included.",
    options: CommonOptions.plugins + [
      .flag("--project", "The schema of snowmaker.yaml, instead of the resource files'.")
    ],
    examples: [
      .init(
        command: "snowmaker schema > .snowmaker/schema.json",
        doc: "Then put `# yaml-language-server: $schema=.snowmaker/schema.json` at the top of a file.")
    ], run: run)

  private static func run(_ arguments: ParsedArguments) async -> ExitStatus {
    let reporter = Reporter(arguments)
    let registry = CommonOptions.catalog(arguments)
    reporter.report(registry.problems.map { .error($0, code: "plugin") })
    let schema =
      arguments.has("--project")
      ? ConfigurationSchema.projectSchema(types: registry.types, functions: registry.functions)
      : ConfigurationSchema.jsonSchema(types: registry.types, functions: registry.functions)
    Terminal.out(JSON.string(schema, pretty: true) + "\n")
    return registry.problems.isEmpty ? .success : .failure
  }
}
