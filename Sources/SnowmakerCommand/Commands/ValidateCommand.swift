import Snowmaker
import SnowmakerModel

/// `snowmaker validate`: the configuration alone.
enum ValidateCommand {
  static let description = CommandDescription(
    path: ["validate"], summary: "Check a configuration without an account.",
    discussion: "Reports every mistake with file, line and column, all in one run.",
    positionals: [CommonOptions.path],
    options: CommonOptions.configuration + [
      .value("--format", "FORMAT", "text (the default) or json.", allowed: ["text", "json"])
    ],
    examples: [
      .init(command: "snowmaker validate ./infra", doc: "Check a folder."),
      .init(command: "snowmaker validate ./infra --target prod --format json", doc: "For another program."),
    ], run: run)

  private static func run(_ arguments: ParsedArguments) async -> ExitStatus {
    let reporter = Reporter(arguments)
    do {
      let workspace = try CommonOptions.workspace(arguments)
      let diagnostics = await workspace.validate()
      let failed = diagnostics.contains { $0.severity == .error }
      if arguments.value("--format") == "json" {
        Terminal.out(
          JSON.string(
            ["valid": .bool(!failed), "diagnostics": .list(diagnostics.map(\.document))], pretty: true) + "\n")
        return failed ? .failure : .success
      }
      reporter.report(diagnostics)
      let errors = diagnostics.filter { $0.severity == .error }.count
      if failed {
        Terminal.error("\(counted(errors, "error")). Nothing was sent anywhere.\n")
        return .failure
      }
      let count = workspace.configuration.declarations.count
      Terminal.out("The configuration is valid: \(counted(count, "resource")).\n")
      return .success
    } catch {
      return reporter.fail(error)
    }
  }
}
