import Configuration
import PluginHost
import SnowflakeClient
import Snowmaker
import SnowmakerModel

/// Options that several commands share, and what they mean.
enum CommonOptions {
  static let path = CommandDescription.Positional(
    name: "PATH", doc: "A folder of YAML files, or one file; the current folder when it is left out.")

  static let plugins: [Option] = [
    .value("--plugin-dir", "DIR", "Also load plugins from DIR; may be repeated.", repeatable: true),
    .flag("--allow-insecure-plugins", "Load plugins that other users could have changed."),
    .value(
      "--isolate", "MODE", "Which plugins run in a sandboxed child process: never, untrusted (the default), always.",
      allowed: PluginIsolation.Mode.allCases.map(\.rawValue)),
    .value(
      "--allow-network", "PLUGIN", "Let this plugin's APPLY use the network, if it asks to; may be repeated.",
      repeatable: true),
  ]

  static let configuration: [Option] =
    [
      .value("--target", short: "-t", "NAME", "The target (environment) of snowmaker.yaml."),
      .value("--var", "NAME=VALUE", "The value of a variable; may be repeated.", repeatable: true),
    ] + plugins

  static let account: [Option] = [
    .value(
      "--connection", short: "-c", "NAME",
      "A connection of connections.toml, or 'emulator' for the account emulator that is always there."),
    .value("--role", "ROLE", "The role to log in with."),
    .value("--lanes", "N", "The most statements to run side by side (8)."),
  ]

  static let planning: [Option] = [
    .value("--only", "TYPE[:NAME]", "Only these resources; NAME may have * and ?; may be repeated.", repeatable: true),
    .flag("--allow-drop", "Plan drops and replaces without asking for them to be confirmed."),
    .value("--max-drops", "N", "The most resources to drop (5, or 10 % of what is managed)."),
    .flag("--drop-adopted", "Drop what was adopted and has left the configuration, instead of releasing it."),
    .flag("--assume-absent", "Take what could not be seen as absent, and plan to create it."),
    .flag("--resend-secrets", "Send passwords and other secrets again although they did not change."),
  ]

  /// The workspace that the arguments name. Throws for a `--var` that is no assignment.
  static func workspace(_ arguments: ParsedArguments) throws(UsageError) -> Workspace {
    var options = Workspace.Options(path: arguments.positionals.first ?? ".")
    options.target = arguments.value("--target")
    options.pluginFolders = arguments.all("--plugin-dir")
    options.allowsInsecurePlugins = arguments.has("--allow-insecure-plugins")
    options.isolation = arguments.value("--isolate").flatMap(PluginIsolation.Mode.init)
    options.networkGrants = arguments.all("--allow-network")
    options.environment = ProcessEnvironment.variables
    for text in arguments.all("--var") {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw UsageError("--var takes NAME=VALUE, not '\(text)'")
      }
      options.variables.append((name: parts[0], value: parts[1]))
    }
    return Workspace(options)
  }

  /// What the plugins bring, without loading those that were described before.
  static func catalog(_ arguments: ParsedArguments) -> PluginCatalog {
    let project = Project.read(at: ".").project
    let (trust, diagnostics) = PluginTrust.of(project, needsLock: false)
    Reporter(arguments).report(diagnostics)
    return PluginCatalog.read(
      from: project.pluginSearchPath(options: arguments.all("--plugin-dir")),
      allowsInsecure: arguments.has("--allow-insecure-plugins"), trust: PluginTrust(lock: trust.lock, keys: trust.keys),
      isolation: isolation(arguments, project))
  }

  /// Which plugins run in a child of their own.
  static func isolation(_ arguments: ParsedArguments, _ project: Project) -> PluginIsolation {
    .resolved(
      mode: arguments.value("--isolate").flatMap(PluginIsolation.Mode.init),
      networkGrants: arguments.all("--allow-network"), project: project.isolationSettings)
  }

  /// What the arguments say about planning. Throws for a number that is none.
  static func planOptions(_ arguments: ParsedArguments) throws(UsageError) -> Deployment.PlanOptions {
    var options = Deployment.PlanOptions()
    options.only = arguments.all("--only")
    options.allowDrop = arguments.has("--allow-drop")
    options.maxDrops = try arguments.number("--max-drops", in: 0...1_000_000)
    options.dropAdopted = arguments.has("--drop-adopted")
    options.assumeAbsent = arguments.has("--assume-absent")
    options.resendSecrets = arguments.has("--resend-secrets")
    return options
  }

  /// Opens what the arguments name (project, plugins, account, ledger), runs the body and closes everything again. What is
  /// wrong with the project is reported, and nothing is connected to then; what the body throws is reported too.
  static func withDeployment(
    _ arguments: ParsedArguments, reporter: Reporter? = nil,
    _ body: (Deployment, Reporter) async throws -> ExitStatus
  ) async -> ExitStatus {
    let reporter = reporter ?? Reporter(arguments)
    do {
      let workspace = try workspace(arguments)
      // Mistakes on the command line are told before anybody logs in.
      _ = try planOptions(arguments)
      _ = try lanes(arguments)
      reporter.report(workspace.diagnostics)
      guard !workspace.hasErrors else { return .failure }
      reporter.progress("Connecting")
      let connection = try await connect(arguments, workspace)
      do {
        let status = try await body(try Deployment(workspace, connection), reporter)
        await connection.close()
        return status
      } catch {
        await connection.close()
        throw error
      }
    } catch {
      reporter.endProgress()
      return reporter.fail(error)
    }
  }

  /// How many statements run side by side at most. Throws for a number that is none.
  static func lanes(_ arguments: ParsedArguments) throws(UsageError) -> Int {
    try arguments.number("--lanes", in: 1...64) ?? 8
  }

  /// Connects as the arguments, the target and the connection files say.
  static func connect(
    _ arguments: ParsedArguments, _ workspace: Workspace
  ) async throws -> AccountConnection {
    var options = AccountConnection.Options(
      for: workspace, name: arguments.value("--connection"), lanes: try lanes(arguments))
    if let role = arguments.value("--role") { options.overrides[.role] = role }
    return try await AccountConnection.open(options)
  }
}
