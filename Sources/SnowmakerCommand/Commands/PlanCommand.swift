import Snowmaker
import SnowmakerCore
import SnowmakerModel

/// `snowmaker plan`: what apply would do.
enum PlanCommand {
  static let description = CommandDescription(
    path: ["plan"], summary: "Show what apply would do, with the exact SQL and the role of every statement.",
    discussion: "Reads the account and changes nothing. Exit status: 0 when it worked, 1 when something failed; with "
      + "--detailed-exitcode 0 nothing to do, 2 something to do, or something that could not be seen.",
    positionals: [CommonOptions.path],
    options: CommonOptions.account + CommonOptions.configuration + CommonOptions.planning + [
      .value(
        "--format", "FORMAT", "text (the default), json, sql or markdown.",
        allowed: ["text", "json", "sql", "markdown"]),
      .value("--out", short: "-o", "FILE", "Save the plan; 'snowmaker apply FILE' applies exactly that."),
      .flag("--detailed-exitcode", "Exit with 2 when there is something to do or to find out."),
      .flag("--verbose", short: "-v", "Also list what does not change."),
    ],
    examples: [
      .init(command: "snowmaker plan ./infra --connection emulator", doc: "Try it without an account."),
      .init(command: "snowmaker plan --target prod --out prod.plan", doc: "Save what is to be reviewed."),
      .init(command: "snowmaker plan --format markdown", doc: "For a pull request."),
    ], run: run)

  private static func run(_ arguments: ParsedArguments) async -> ExitStatus {
    await CommonOptions.withDeployment(arguments) { deployment, reporter in
      try await plan(deployment, arguments, reporter)
    }
  }

  private static func plan(
    _ deployment: Deployment, _ arguments: ParsedArguments, _ reporter: Reporter
  ) async throws -> ExitStatus {
    let options = try CommonOptions.planOptions(arguments)
    let plan = try await deployment.plan(options, progress: reporter.progress)
    reporter.endProgress()
    show(plan, deployment.workspace, arguments, reporter)
    if plan.hasErrors { return .failure }
    if let path = arguments.value("--out") {
      try deployment.save(plan, to: path)
      reporter.note("The plan is saved. Apply exactly this with: \(applying(path, arguments))")
    }
    return arguments.has("--detailed-exitcode") && plan.isUnsettled ? .changes : .success
  }

  /// The command that applies a saved plan, from the same folder. The plan itself knows its target and the options that
  /// shaped it; values of variables may be nobody else's business.
  private static func applying(_ path: String, _ arguments: ParsedArguments) -> String {
    var words = ["snowmaker", "apply", path]
    if let project = arguments.positionals.first { words += ["--project", project] }
    for option in ["--connection", "--role"] {
      if let value = arguments.value(option) { words += [option, value] }
    }
    for folder in arguments.all("--plugin-dir") { words += ["--plugin-dir", folder] }
    let command = words.map(quoted).joined(separator: " ")
    return arguments.all("--var").isEmpty ? command : command + " and the same --var options"
  }

  /// A word as a shell takes it.
  private static func quoted(_ word: String) -> String {
    let isPlain = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-_./:,=@%+".utf8.contains(byte)
      }
    }
    return isPlain && !word.isEmpty
      ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }

  /// Prints a plan in the format that was asked for: the plan on standard output, mistakes on standard error.
  /// With `isForPeople` standard output is for something else: the text goes to standard error.
  static func show(
    _ plan: Plan, _ workspace: Workspace, _ arguments: ParsedArguments, _ reporter: Reporter, isForPeople: Bool = false
  ) {
    let types = workspace.registry.schemas
    guard !isForPeople else {
      reporter.keep(plan.diagnostics)
      guard !arguments.has("--quiet") else { return reporter.report(plan.diagnostics) }
      let renderer = PlanTextRenderer(
        types: types, style: reporter.errorStyle, isVerbose: arguments.has("--verbose"))
      return Terminal.error(renderer.render(plan))
    }
    switch arguments.value("--format") {
    case "json": Terminal.out(JSON.string(PlanJSONRenderer(types: types).render(plan), pretty: true) + "\n")
    case "sql": Terminal.out(PlanSQLRenderer().render(plan))
    case "markdown": Terminal.out(PlanMarkdownRenderer(types: types).render(plan))
    default:
      let renderer = PlanTextRenderer(types: types, style: reporter.style, isVerbose: arguments.has("--verbose"))
      Terminal.out(renderer.render(plan))
      // The mistakes stand in the plan; whoever keeps only standard error must see that there are some.
      let errors = plan.diagnostics.count { $0.severity == .error }
      if errors > 0 {
        Terminal.error("error: the plan has \(counted(errors, "error")) and cannot be applied\n")
      }
      return
    }
    reporter.report(plan.diagnostics)
  }
}
