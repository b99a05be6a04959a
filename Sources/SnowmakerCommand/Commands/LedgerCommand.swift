import Execution
import Snowmaker
import SnowmakerCore
import SnowmakerModel

/// `snowmaker ledger …`: what snowmaker remembers of what it manages, and who is working on it.
enum LedgerCommand {
  static let descriptions = [show, list, unlock, forget, move]

  private static let options =
    [
      Option.value("--project", "PATH", "The project: a folder, or one file (the current folder).")
    ] + CommonOptions.account.filter { $0.name != "--lanes" } + CommonOptions.configuration

  // MARK: - Looking

  private static let show = CommandDescription(
    path: ["ledger", "show"], summary: "Show where the ledger is, who works on it, or what it remembers of a resource.",
    discussion:
      "The ledger remembers what snowmaker created or adopted, so that only that is ever dropped. It is a file "
      + "of the project, or with 'ledger: {account: DATABASE.SCHEMA}' of a target kept in the account.",
    positionals: [
      .init(
        name: "ADDRESS",
        doc: "A resource as plans, ledger list or configuration name it, or TYPE:NAME; all in brief when left out.")
    ],
    options: options,
    examples: [
      .init(command: "snowmaker ledger show", doc: "In brief."),
      .init(command: "snowmaker ledger show warehouse:loading", doc: "What is remembered of one resource."),
    ],
    run: { arguments in
      await with(arguments) { deployment, _, address in
        if let address {
          for entry in try await deployment.remembered(address) {
            Terminal.out(JSON.string(entry.document, pretty: true) + "\n")
          }
          return .success
        }
        Terminal.out(try await brief(deployment))
        return .success
      }
    })

  private static func brief(_ deployment: Deployment) async throws -> String {
    let snapshot = try await deployment.desk.snapshot()
    let stored = try await deployment.desk.stored()
    let revision = stored.map { " (revision \($0.revision))" } ?? ""
    let adopted = snapshot.entries.values.count { $0.origin == .adopted }
    var text = "The ledger of \(deployment.ledger.scope)\n"
    text += "Kept in   \(deployment.ledgerPlace)\(revision)\n"
    text += "Manages   \(counted(snapshot.entries.count, "resource")): \(snapshot.entries.count - adopted) created, "
    text += "\(adopted) adopted; \(snapshot.generation == 1 ? "one apply" : "\(snapshot.generation) applies") so far\n"
    if let stored {
      text += "Lock      \(stored.holder.map { "held by \($0)" } ?? "free")\n"
      for intent in stored.intents {
        text += "Begun     by \(intent.host), \(intent.started), not finished: "
        text += "\(counted(intent.creates.count + intent.changes.count, "resource")) to change\n"
      }
    }
    return text
  }

  private static let list = CommandDescription(
    path: ["ledger", "list"], summary: "List what the ledger remembers.",
    options: options + [.value("--format", "FORMAT", "table (the default) or json.", allowed: ["table", "json"])],
    examples: [.init(command: "snowmaker ledger list --target prod", doc: "Everything that is managed in prod.")],
    run: { arguments in
      await with(arguments) { deployment, _, _ in
        let entries = try await deployment.desk.snapshot().entries.values.sorted { $0.address < $1.address }
        if arguments.value("--format") == "json" {
          Terminal.out(JSON.string(.list(entries.map(\.document)), pretty: true) + "\n")
        } else {
          Terminal.out(
            Table.text(
              [["resource", "since", "created", "declared in"]]
                + entries.map { entry in
                  [
                    entry.address.description, entry.origin.rawValue, moment(entry.createdOn),
                    entry.position.map { "\($0.file):\($0.line)" } ?? "",
                  ]
                }))
        }
        return .success
      }
    })

  /// A moment as the account gives it: seconds since 1970.
  private static func moment(_ text: String?) -> String {
    guard let word = text?.split(separator: " ").first, let seconds = Double(word), abs(seconds) < 1e12 else {
      return text ?? ""
    }
    return Timestamp(milliseconds: Int64(seconds * 1_000)).description
  }

  // MARK: - Mending

  private static let unlock = CommandDescription(
    path: ["ledger", "unlock"], summary: "Take the lock of a ledger in the account away from a run that was killed.",
    discussion: "Make sure that the run is really over: two runs at once can undo each other's work.",
    options: options + [.flag("--yes", short: "-y", "Do not ask.")],
    examples: [.init(command: "snowmaker ledger unlock --target prod", doc: "After a CI job was killed.")],
    run: { arguments in
      await with(arguments) { deployment, reporter, _ in
        guard deployment.desk.store != nil else {
          reporter.note("The ledger is a file of the project: its lock ends with the process that holds it.")
          return .success
        }
        guard let holder = try await deployment.desk.stored()?.holder else {
          reporter.note("The ledger in \(deployment.ledgerPlace) is not locked.")
          return .success
        }
        guard try confirmed("The lock is held by \(holder). Is that run over? [y/N] ", arguments) else {
          return .cancelled
        }
        _ = try await deployment.desk.breakLock()
        reporter.note("The lock of \(holder) is taken away.")
        return .success
      }
    })

  private static let forget = CommandDescription(
    path: ["ledger", "forget"], summary: "Forget resources: they stay in the account and are not managed any more.",
    discussion: "What is still declared is adopted again by the next apply.",
    positionals: [
      .init(
        name: "ADDRESS",
        doc: "A resource as plans, ledger list or configuration name it, or TYPE:NAME with * and ?.", isRequired: true)
    ],
    options: options + [.flag("--yes", short: "-y", "Do not ask.")],
    examples: [
      .init(command: "snowmaker ledger forget 'role:legacy_*'", doc: "Let go of what others take care of now.")
    ],
    run: { arguments in
      await with(arguments) { deployment, reporter, address in
        try await deployment.holdingLedger(for: "forget") {
          let entries = try await deployment.remembered(address ?? "")
          for entry in entries { Terminal.error("  \(entry.address)\n") }
          guard try confirmed("Forget \(counted(entries.count, "resource"))? [y/N] ", arguments) else {
            return .cancelled
          }
          try await deployment.desk.change(entries.map { ($0.address, .remove) })
          reporter.note("Forgotten. Nothing was changed in the account.")
          return .success
        }
      }
    })

  private static let move = CommandDescription(
    path: ["ledger", "move"], summary: "Move the ledger into the account, or back into the project's folder.",
    discussion:
      "The target names the schema, in both directions: ledger: {account: DATABASE.SCHEMA}. Digests of values "
      + "that the account does not show stay behind, because they have another key: such values are sent again once.",
    options: options + [
      .value("--to", "PLACE", "account or local.", allowed: Deployment.LedgerPlace.allCases.map(\.rawValue))
    ],
    examples: [.init(command: "snowmaker ledger move --to account", doc: "When CI takes over from one machine.")],
    run: { arguments in
      await with(arguments) { deployment, reporter, _ in
        guard let place = arguments.value("--to").flatMap(Deployment.LedgerPlace.init(rawValue:)) else {
          throw UsageError("--to is missing: --to account or --to local")
        }
        let count = try await deployment.moveLedger(to: place)
        reporter.note(count == 0 ? "There was nothing to move." : "\(counted(count, "entry", "entries")) moved.")
        if place == .local { reporter.note("Remove 'ledger:' from the target in snowmaker.yaml now.") }
        return .success
      }
    })

  // MARK: - Small things

  /// Opens the project that `--project` names; hands on the address, the only positional that any of these takes.
  private static func with(
    _ given: ParsedArguments, _ body: (Deployment, Reporter, String?) async throws -> ExitStatus
  ) async -> ExitStatus {
    var arguments = given
    let address = arguments.positionals.first
    arguments.positionals = arguments.value("--project").map { [$0] } ?? []
    return await CommonOptions.withDeployment(arguments) { deployment, reporter in
      reporter.endProgress()
      return try await body(deployment, reporter, address)
    }
  }

  private static func confirmed(_ question: String, _ arguments: ParsedArguments) throws -> Bool {
    if arguments.has("--yes") { return true }
    guard Terminal.inputIsTerminal else {
      throw Diagnostic.error(
        "this asks first, and there is no terminal to ask on", detail: "Add --yes. Nothing was changed.",
        code: "no-terminal")
    }
    let answer = Terminal.ask(question)?.lowercased()
    if answer == "y" || answer == "yes" { return true }
    Terminal.error("Nothing was changed.\n")
    return false
  }
}
