import AccountEmulator
import Glibc
import Snowmaker
import SnowmakerModel

/// `snowmaker emulator`: an account for other clients.
enum EmulatorCommand {
  static let description = CommandDescription(
    path: ["emulator"], summary: "Serve an account emulator on loopback for other clients.",
    discussion:
      "Speaks Snowflake's session protocol over plain HTTP on 127.0.0.1, until Ctrl-C. Types of loaded plugins "
      + "can be created in it. The first user has ACCOUNTADMIN.",
    options: [
      .value("--port", "N", "The port; a free one when it is left out."),
      .value(
        "--control-port", "N",
        "Also listen here for faults, latency and the log: PUT /faults, GET /log, GET /stats (0: a free port)."),
      .value("--data", "FILE", "Keep the account in FILE; in memory when it is left out."),
      .value("--user", "NAME", "The first user (SNOWMAKER)."),
      .value(
        "--password-env", "VARIABLE",
        "The environment variable with the first user's password; a random one is made and printed otherwise."),
    ] + CommonOptions.plugins,
    examples: [
      .init(command: "snowmaker emulator --port 8085", doc: "In one terminal."),
      .init(
        command:
          "snow sql -x --host 127.0.0.1 --port 8085 --protocol http --account emulator --user SNOWMAKER -q 'SHOW ROLES'",
        doc: "In another, with SNOWFLAKE_PASSWORD set to what was printed."),
    ], run: run)

  private static func run(_ arguments: ParsedArguments) async -> ExitStatus {
    let reporter = Reporter(arguments)
    do {
      let registry = Workspace.plugins(
        folders: arguments.all("--plugin-dir"), allowsInsecure: arguments.has("--allow-insecure-plugins"))
      reporter.report(registry.problems.map { .error($0, code: "plugin") })
      guard registry.problems.isEmpty else { return .failure }
      var configuration = EmulatorConfiguration(file: arguments.value("--data"))
      if let user = arguments.value("--user") { configuration.user = try user.parsedIdentifier() }
      var printed = ""
      if let variable = arguments.value("--password-env") {
        guard let value = Environment.all[variable], !value.isEmpty else {
          throw Diagnostic.error("the environment variable \(variable) is not set", code: "missing-secret")
        }
        configuration.password = value
      } else {
        let password = AccountConnection.randomPassword()
        configuration.password = password
        printed = ", password \(password)"
      }
      let emulator = try AccountEmulator(configuration: configuration, types: registry.types)
      let control = try arguments.number("--control-port", in: 0...65535).map(UInt16.init)
      try emulator.start(port: UInt16(try arguments.number("--port", in: 0...65535) ?? 0), controlPort: control)
      Terminal.out(
        "The account emulator listens on http://127.0.0.1:\(emulator.port): account \(configuration.settings.name), "
          + "user \(configuration.user)\(printed)\n"
          + (control == nil ? "" : "Its control endpoint is http://127.0.0.1:\(emulator.server.controlPort ?? 0).\n")
          + "Stop it with Ctrl-C.\n")
      let interrupts = Interrupts()
      while !interrupts.wasInterrupted { try await Task.sleep(for: .milliseconds(100)) }
      emulator.stop()
      return .success
    } catch {
      return reporter.fail(error)
    }
  }
}

extension String {
  /// The exact name that an identifier on the command line means. Throws when it is none.
  fileprivate func parsedIdentifier() throws -> String { try Identifier(parsing: self).name }
}
