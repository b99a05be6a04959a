import Execution
import Glibc
import Snowmaker
import SnowmakerCore
import SnowmakerModel

/// `snowmaker apply`: makes the account what the configuration says.
enum ApplyCommand {
  static let description = CommandDescription(
    path: ["apply"], summary: "Make the account what the configuration says.",
    discussion: "Plans, asks, sends the statements, then reads the account and plans again: nothing may be left to do. "
      + "Every statement is journalled before and after it runs; killed at any point, a second apply reads, plans "
      + "again and continues.",
    positionals: [
      .init(
        name: "PATH|PLAN",
        doc: "A folder of YAML files, one file, or a plan saved by 'plan --out'; the current folder when left out.")
    ],
    options: CommonOptions.account + CommonOptions.configuration + CommonOptions.planning + [
      .flag("--yes", short: "-y", "Do not ask. Drops and replaces also need --allow-drop."),
      .flag("--resend-unanswered", "Send again what got no answer, where its effect cannot be found out."),
      .value("--project", "PATH", "With a saved plan: the project it was made for (the current folder)."),
      .value(
        "--format", "FORMAT", "text (the default) or json: at the end one document, everything else on standard error.",
        allowed: ["text", "json"]),
      .flag("--verbose", short: "-v", "Also list what does not change."),
    ],
    examples: [
      .init(command: "snowmaker apply ./infra --connection emulator --yes", doc: "Rehearse without an account."),
      .init(command: "snowmaker apply prod.plan --target prod --yes", doc: "Apply exactly what was reviewed."),
      .init(command: "snowmaker apply --yes --allow-drop", doc: "In CI, drops included."),
      .init(command: "snowmaker apply --yes --format json", doc: "For another program, see docs/ci.md."),
    ],
    run: { arguments in
      guard arguments.value("--format") == "json" else { return await run(arguments, nil) }
      let record = ApplyRecord()
      let status = await run(arguments, record)
      record.finish(status)
      return status
    })

  private static func run(_ arguments: ParsedArguments, _ record: ApplyRecord?) async -> ExitStatus {
    var arguments = arguments
    let reporter = Reporter(arguments, record: record?.diagnostics)
    var planFile: String?
    if let path = arguments.positionals.first, isPlan(path) {
      planFile = path
      arguments.positionals = arguments.value("--project").map { [$0] } ?? []
      do throws(Diagnostic) {
        // The plan knows its target; naming another one is refused below.
        let target = try PlanFile.readPlan(path).plan.binding.target
        if arguments.value("--target") == nil { arguments.values["--target"] = [target] }
      } catch {
        return reporter.fail(error)
      }
    }
    return await CommonOptions.withDeployment(arguments, reporter: reporter) {
      [arguments, planFile] deployment, reporter in
      try await deployment.holdingLedger { try await apply(deployment, planFile, arguments, reporter, record) }
    }
  }

  /// Whether a path is a saved plan and not configuration.
  private static func isPlan(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
    return !path.hasSuffix(".yml") && !path.hasSuffix(".yaml")
  }

  private static func apply(
    _ deployment: Deployment, _ planFile: String?, _ arguments: ParsedArguments, _ reporter: Reporter,
    _ record: ApplyRecord?
  ) async throws -> ExitStatus {
    let options = try CommonOptions.planOptions(arguments)
    reportUnfinished(try deployment.unfinishedRun(), deployment.desk.unsaved, reporter)
    let plan: Plan
    var digest = ""
    if let planFile {
      reporter.progress("Checking the plan")
      (plan, digest) = try await deployment.load(planFile, options: options)
    } else {
      plan = try await deployment.planForApply(options, progress: reporter.progress)
    }
    reporter.endProgress()
    let shown = plan
    record?.note {
      $0.plan = shown
      $0.types = deployment.workspace.registry.schemas
    }
    PlanCommand.show(plan, deployment.workspace, arguments, reporter, isForPeople: record != nil)
    if plan.hasErrors { return .failure }
    let unseen = plan.resources.count { $0.action == .unknown }
    if unseen > 0 {
      reporter.report([
        .warning(
          "\(counted(unseen, "resource")) could not be seen and \(unseen == 1 ? "is" : "are") left alone",
          detail: "The plan names the privilege that is missing. To create what is not there: --assume-absent.",
          code: "unseen")
      ])
    }
    guard plan.changesLedger || !plan.isEmpty else {
      try await deployment.closeUnfinishedRuns()
      return .success
    }
    let declined = try settle(try await deployment.settle(plan), arguments, reporter)
    if let refused = try declined ?? (plan.isEmpty ? nil : confirm(plan, options, planFile, arguments)) {
      record?.note { $0.wasDeclined = true }
      return refused
    }
    let display = ApplyDisplay(plan: plan, reporter: reporter, record: record)
    let interrupts = Interrupts()
    let result = try await deployment.apply(
      plan, options: options, planDigest: digest, lanes: try CommonOptions.lanes(arguments),
      progress: display.show, isCancelled: { interrupts.wasInterrupted })
    return display.finish(result)
  }

  private static func reportUnfinished(_ run: Journal.Run?, _ elsewhere: [LedgerIntent], _ reporter: Reporter) {
    for intent in elsewhere where intent.run != run?.id {
      let count = intent.creates.count + intent.changes.count
      reporter.note(
        "An apply on \(intent.host) (\(intent.run), started \(intent.started)) did not finish: it was about to change "
          + "\(counted(count, "resource")). Reading the account and planning what is left.")
    }
    guard let run else { return }
    let done = run.statements(.done).count
    let open = run.unsettled
    reporter.note(
      "An earlier apply (\(run.id), started \(run.started)) did not finish: \(done) of \(run.statements.count) "
        + "statements were done. Reading the account and planning what is left.")
    for statement in open {
      reporter.note("  sent without an answer: \(statement.sql)")
    }
  }

  /// Says what became of unanswered statements; where that cannot be found out, asks. Nil when apply may go on.
  private static func settle(
    _ settled: [Settlement.Settled], _ arguments: ParsedArguments, _ reporter: Reporter
  ) throws -> ExitStatus? {
    var open: [(Journal.Statement, String)] = []
    for one in settled {
      switch one.fate {
      case .hadEffect, .hadNoEffect: continue
      case .ran:
        reporter.note("  \(one.statement.sql)\n    ran, says the query history; what it did cannot be compared")
      case .failed(let why): reporter.note("  \(one.statement.sql)\n    failed, says the query history: \(why)")
      case .neverArrived: reporter.note("  \(one.statement.sql)\n    never arrived, says the query history")
      case .running:
        throw Diagnostic.error(
          "a statement of the apply that was interrupted is still running: \(one.statement.sql)",
          detail: "Wait for it to end, or cancel it in the account, then apply again. Nothing was changed.",
          code: "still-running")
      case .unknown(let why): open.append((one.statement, why))
      }
    }
    guard let (statement, why) = open.first, !arguments.has("--resend-unanswered") else { return nil }
    for (statement, _) in open { Terminal.error("  sent, without an answer: \(statement.sql)\n") }
    guard Terminal.inputIsTerminal else {
      throw Diagnostic.error(
        "\(statement.address): nobody can tell whether \(open.count == 1 ? "a statement" : "statements") of the apply that "
          + "was interrupted had \(open.count == 1 ? "its" : "their") effect",
        detail:
          "The account does not show it, and \(why)\nLook at the statements above. If sending them again is right, "
          + "add --resend-unanswered. Nothing was changed.", code: "unanswered", address: statement.address)
    }
    let answer = Terminal.ask("The account does not show what became of them. Send them again? [y/N] ")?.lowercased()
    if answer == "y" || answer == "yes" { return nil }
    Terminal.error("Nothing was changed.\n")
    return .cancelled
  }

  /// Asks; nil when the answer is yes.
  private static func confirm(
    _ plan: Plan, _ options: Deployment.PlanOptions, _ planFile: String?, _ arguments: ParsedArguments
  ) throws -> ExitStatus? {
    let destructive = plan.destructive
    let needsWord = !destructive.isEmpty && !options.allowDrop
    if arguments.has("--yes") {
      guard needsWord else { return nil }
      throw Diagnostic.error(
        "the plan drops or replaces \(counted(destructive.count, "resource"))",
        detail: "--yes alone does not allow that. Look at the plan, then add --allow-drop. Nothing was changed.",
        code: "drop-not-allowed")
    }
    guard Terminal.inputIsTerminal else {
      throw Diagnostic.error(
        "apply asks before it changes anything, and there is no terminal to ask on",
        detail: "Add --yes to apply without asking. Nothing was changed.", code: "no-terminal")
    }
    if needsWord {
      let answer = Terminal.ask(
        "\nThis drops or replaces \(counted(destructive.count, "resource")). "
          + "Type 'drop' to apply it, anything else to stop: ")
      if answer == "drop" { return nil }
    } else {
      let answer = Terminal.ask("\nApply this? [y/N] ")?.lowercased()
      if answer == "y" || answer == "yes" { return nil }
    }
    Terminal.error("Nothing was changed.\n")
    return .cancelled
  }
}
