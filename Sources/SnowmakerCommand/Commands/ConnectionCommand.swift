import Glibc
import SnowflakeClient
import Snowmaker
import SnowmakerCore
import SnowmakerModel
import Synchronization

/// `snowmaker connection …`: the connections of Snowflake's tools.
enum ConnectionCommand {
  static let all: [CommandDescription] = [list, show, test, add, remove]

  private static let name = CommandDescription.Positional(name: "NAME", doc: "The connection.", isRequired: true)

  private static let format = Option.value(
    "--format", "FORMAT", "text (the default) or json.", allowed: ["text", "json"])

  private static let list = CommandDescription(
    path: ["connection", "list"], summary: "List the connections of connections.toml, config.toml and variables.",
    options: [format]
  ) { arguments in
    guarded(arguments) { resolver in
      let found = try resolver.available()
      if isForPrograms(arguments) {
        return answer([
          "connections": .list(
            found.map {
              [
                "name": .string($0.name), "default": .bool($0.isDefault), "where": .string($0.origin.description),
              ]
            })
        ])
      }
      if found.isEmpty {
        Terminal.error("There are no connections. Add one: snowmaker connection add NAME --account …\n")
        return .success
      }
      Terminal.out(
        Table.text(
          [["NAME", "DEFAULT", "WHERE"]]
            + found.map { [$0.name, $0.isDefault ? "yes" : "", $0.origin.description] }))
      return .success
    }
  }

  private static let show = CommandDescription(
    path: ["connection", "show"], summary: "Show a connection's settings and where each came from.",
    discussion: "Secrets are masked. Without NAME the default connection.",
    positionals: [.init(name: "NAME", doc: "The connection; the default one when it is left out.")], options: [format]
  ) { arguments in
    guarded(arguments) { resolver in
      let parameters = try resolver.resolve(name: arguments.positionals.first, decrypts: false)
      if isForPrograms(arguments) {
        let document = settings(parameters)
        try parameters.check()
        let endpoint = try parameters.endpoint()
        return answer(
          .object(
            document + [
              .init("url", .string("\(endpoint.base)")), .init("account", .string("\(endpoint.account)")),
            ]))
      }
      var rows = [["SETTING", "VALUE", "FROM"]]
      for key in ConnectionKey.allCases {
        guard let value = parameters.shown(key), let origin = parameters.origin(key) else { continue }
        rows.append([key.rawValue, value, origin.description])
      }
      Terminal.out(Table.text(rows))
      for warning in parameters.warnings { Terminal.error("warning: \(warning)\n") }
      for (name, origin) in parameters.unknown {
        let close = Spelling.closest(to: name, in: ConnectionKey.allCases.map(\.rawValue))
        Terminal.error(
          "note: \(name) (\(origin)) means nothing to snowmaker" + (close.map { "; did you mean \($0)?" } ?? "") + "\n")
      }
      try parameters.check()
      let endpoint = try parameters.endpoint()
      Terminal.out("\nConnects to \(endpoint.base) as account \(endpoint.account).\n")
      return .success
    }
  }

  private static let test = CommandDescription(
    path: ["connection", "test"], summary: "Try a connection step by step, and say what to do about what fails.",
    positionals: [.init(name: "NAME", doc: "The connection; the default one when it is left out.")],
    options: [.value("--role", "ROLE", "The role to log in with."), format],
    examples: [
      .init(command: "snowmaker connection test prod --role deployer", doc: "What the role that deploys can do.")
    ]
  ) { arguments in
    let parameters: ConnectionParameters
    do throws(ConnectionProblem) {
      parameters = try ConnectionResolver(readingEnvironmentFile: true).resolve(
        name: arguments.positionals.first, overrides: arguments.value("--role").map { [.role: $0] } ?? [:])
    } catch {
      return fail(arguments, error)
    }
    let steps = Mutex<[ConnectionCheck.Step]>([])
    let isForPrograms = isForPrograms(arguments)
    let worked = await ConnectionCheck(parameters).run { step in
      if isForPrograms { return steps.withLock { $0.append(step) } }
      Terminal.out("\(pad(step.outcome.rawValue, 8))\(pad(step.name, 12))\(step.text)\n")
      if let hint = step.hint { Terminal.out("\(pad("", 20))\(hint)\n") }
    }
    let status: ExitStatus = worked ? .success : .failure
    guard isForPrograms else { return status }
    return answer(
      ["works": .bool(worked), "steps": .list(steps.withLock { $0 }.map(document))], status)
  }

  private static func document(_ step: ConnectionCheck.Step) -> Value {
    var builder = DocumentBuilder()
    builder.set("step", step.name)
    builder.set("outcome", step.outcome.rawValue)
    builder.set("text", step.text)
    builder.set("hint", step.hint)
    return builder.document
  }

  /// The settings with where each came from, secrets masked; what is wrong with them.
  private static func settings(_ parameters: ConnectionParameters) -> [Value.Field] {
    let known = ConnectionKey.allCases.compactMap { key -> Value? in
      guard let value = parameters.shown(key), let origin = parameters.origin(key) else { return nil }
      return ["setting": .string(key.rawValue), "value": .string(value), "from": .string(origin.description)]
    }
    let unknown = parameters.unknown.map { name, origin -> Value in
      ["setting": .string(name), "from": .string(origin.description)]
    }
    return [
      .init("settings", .list(known)), .init("unknown", .list(unknown)),
      .init("warnings", .list(parameters.warnings.map(Value.string))),
    ]
  }

  private static func isForPrograms(_ arguments: ParsedArguments) -> Bool { arguments.value("--format") == "json" }

  /// Prints a document.
  private static func answer(_ document: Value, _ status: ExitStatus = .success) -> ExitStatus {
    Terminal.out(JSON.string(document, pretty: true) + "\n")
    return status
  }

  /// Says what is wrong: on standard error, and to programs with a document too.
  private static func fail(_ arguments: ParsedArguments, _ error: any Error) -> ExitStatus {
    let error: any Error = (error as? ConnectionProblem).map(SessionOpening.diagnostic) ?? error
    let status = Reporter(arguments).fail(error)
    guard status != .usage, isForPrograms(arguments) else { return status }
    let diagnostic = error as? Diagnostic ?? .error(String(describing: error))
    return answer(["diagnostics": .list([diagnostic.view])], status)
  }

  private static let add = CommandDescription(
    path: ["connection", "add"], summary: "Add a connection to connections.toml, its secrets encrypted.",
    discussion: "Secrets are never taken from the command line, where other users can see them, and never written in "
      + "clear: they are read from variables or asked for, and encrypted (AES-256-GCM) with a key from a passphrase "
      + "(scrypt; SNOWMAKER_PASSPHRASE or asked for) or from the file that SNOWMAKER_KEY_FILE names.",
    positionals: [name],
    options: [
      .value("--account", "ACCOUNT", "The account: ORGANISATION-ACCOUNT or any other spelling."),
      .value("--user", "NAME", "The login name."),
      .value("--authenticator", "METHOD", "How to log in; see docs/connections.md."),
      .value("--set", "KEY=VALUE", "Any other setting that is no secret; may be repeated.", repeatable: true),
      .value(
        "--secret", "KEY[=VARIABLE]",
        "A secret (password, token, private_key_passphrase …) from an environment variable, or asked for; may be "
          + "repeated.", repeatable: true),
      format,
    ],
    examples: [
      .init(
        command: "snowmaker connection add prod --account acme-prod --user ci --secret password=CI_PASSWORD",
        doc: "A password from a variable, encrypted in the file."),
      .init(
        command:
          "snowmaker connection add dev --account acme-dev --user me --authenticator snowflake_jwt "
          + "--set private_key_file=~/.ssh/key.p8",
        doc: "Key pair."),
    ]
  ) { arguments in
    guarded(arguments) { resolver in
      var settings: [ConnectionKey: String] = [:]
      for (option, key) in [
        ("--account", ConnectionKey.account), ("--user", .user), ("--authenticator", .authenticator),
      ]
      where arguments.value(option) != nil { settings[key] = arguments.value(option) }
      for text in arguments.all("--set") {
        let (key, value) = try assignment(text, "--set")
        guard let value else { throw UsageError("--set takes KEY=VALUE, not '\(text)'") }
        guard !key.isSecret else {
          throw UsageError("\(key.rawValue) is a secret: use --secret \(key.rawValue)=VARIABLE")
        }
        settings[key] = value
      }
      for text in arguments.all("--secret") {
        let (key, variable) = try assignment(text, "--secret")
        guard key.isSecret else { throw UsageError("\(key.rawValue) is no secret: use --set") }
        if let variable {
          guard let value = ProcessEnvironment.variables[variable], !value.isEmpty else {
            throw ConnectionProblem("the environment variable \(variable) is not set")
          }
          settings[key] = value
        } else {
          guard let value = SealingKeySource.askOnTerminal(key.rawValue), !value.isEmpty else {
            throw ConnectionProblem(
              "nobody can be asked for \(key.rawValue)", hint: "use --secret \(key.rawValue)=VARIABLE")
          }
          settings[key] = value
        }
      }
      guard settings[.account] != nil || settings[.host] != nil else { throw UsageError("--account is needed") }
      let connection = arguments.positionals[0]
      try ConnectionParameters(name: connection, settings).check()
      let store = try ConnectionStore(resolver)
      try store.add(connection, settings: settings)
      if isForPrograms(arguments) { return answer(["added": .string(connection), "file": .string(store.file)]) }
      Terminal.error("Added to \(store.file). Try it: snowmaker connection test \(word(connection))\n")
      return .success
    }
  }

  private static let remove = CommandDescription(
    path: ["connection", "remove"], summary: "Remove a connection from connections.toml.", positionals: [name],
    options: [format]
  ) { arguments in
    guarded(arguments) { resolver in
      let store = try ConnectionStore(resolver)
      try store.remove(arguments.positionals[0])
      if isForPrograms(arguments) {
        return answer(["removed": .string(arguments.positionals[0]), "file": .string(store.file)])
      }
      Terminal.error("Removed from \(store.file).\n")
      return .success
    }
  }

  private static func assignment(_ text: String, _ option: String) throws(UsageError) -> (ConnectionKey, String?) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let key = ConnectionKey.allCases.first(where: { $0.rawValue == parts[0].lowercased() }) else {
      let close = Spelling.closest(to: parts[0], in: ConnectionKey.allCases.map(\.rawValue))
      throw UsageError("\(option): there is no setting '\(parts[0])'" + (close.map { "; did you mean '\($0)'?" } ?? ""))
    }
    return (key, parts.count == 2 ? parts[1] : nil)
  }

  private static func guarded(
    _ arguments: ParsedArguments, _ body: (ConnectionResolver) throws -> ExitStatus
  ) -> ExitStatus {
    do {
      return try body(try ConnectionResolver(readingEnvironmentFile: true))
    } catch {
      return fail(arguments, error)
    }
  }

  /// A name as a shell takes it.
  private static func word(_ name: String) -> String {
    let isPlain = name.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || "0123456789-_.".unicodeScalars.contains($0)
    }
    return isPlain ? name : "'\(name.replacing("'", with: "'\\''"))'"
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}
