import AccountEmulator
import Glibc
import Snowmaker
import SnowmakerModel

/// `snowmaker emulator`: an account for other clients.
enum EmulatorCommand {
  static let description = CommandDescription(
    path: ["emulator"], summary: "Serve an account emulator on loopback for other clients.",
    discussion:
      "Speaks Snowflake's session protocol, SQL API and resource API on 127.0.0.1, until Ctrl-C. Types of loaded "
      + "plugins can be created in it. The first user has ACCOUNTADMIN. docs/emulator.md tells what it does.",
    options: [
      .value("--port", "N", "The HTTP port; a free one when it is left out."),
      .value("--control-port", "N", "Serve faults, log and expiry of sessions there (0: a free port)."),
      .flag("--tls", "Serve HTTPS too, with a generated certificate unless one is given."),
      .value("--tls-port", "N", "The HTTPS port; a free one when it is left out."),
      .value("--tls-cert", "FILE", "The certificate chain in PEM; needs --tls-key."),
      .value("--tls-key", "FILE", "The private key in PEM."),
      .value("--tls-ca", "FILE", "Where to write the generated authority's certificate (emulator-ca.pem)."),
      .value(
        "--tls-name", "HOST", "Another host name for the generated certificate.", repeatable: true),
      .value("--proxy-port", "N", "Answer CONNECT there and lead to HTTPS: for HTTPS_PROXY (0: a free port)."),
      .value("--data", "FILE", "Keep the account in FILE; in memory when it is left out."),
      .value("--restore", "FILE", "Begin with the account of a snapshot."),
      .value("--snapshot", "FILE", "Write the account to a new FILE when stopped."),
      .value("--seed", "FILE", "Run the SQL statements of FILE as the first user before listening."),
      .value("--user", "NAME", "The first user (SNOWMAKER)."),
      .value(
        "--password-env", "VARIABLE",
        "The environment variable with the first user's password; a random one is made and printed otherwise."),
      .value("--public-key", "FILE", "The first user's public key, for key-pair login."),
      .value("--access-token", "NAME", "Make a programmatic access token for the first user and print it."),
      .value(
        "--passcode", "USER=CODE", "The user must give this MFA passcode with the password.", repeatable: true),
      .value("--latency", "MS", "Every statement takes so much longer."),
      .value("--request-latency", "MS", "Every request takes so much longer."),
      .value("--faults", "FILE", "What shall go wrong, as JSON like that of the control endpoint."),
      .value("--session-seconds", "N", "How long a session token is good for (3600)."),
      .value("--chunk-rows", "N", "Give results with more rows in parts of so many."),
      .value(
        "--show-limit", "cut|fail", "What SHOW does beyond 10,000 rows: answer those (cut), or fail with 090153.",
        allowed: ["cut", "fail"]),
      .value(
        "--show-rows", "N",
        "Another number than 10,000; SNOWMAKER_SHOW_ROWS tells it to snowmaker, which takes as many as cut."),
      .value("--account-usage-lag", "SECONDS", "How far ACCOUNT_USAGE is behind (0)."),
      .value("--log", "FILE", "Append every statement and login to FILE, one JSON object per line."),
    ] + CommonOptions.plugins,
    examples: [
      .init(command: "snowmaker emulator --port 8085", doc: "In one terminal."),
      .init(
        command:
          "snow sql -x --host 127.0.0.1 --port 8085 --protocol http --account emulator --user SNOWMAKER -q 'SHOW ROLES'",
        doc: "In another, with SNOWFLAKE_PASSWORD set to what was printed."),
      .init(
        command: "snowmaker emulator --proxy-port 8443 --tls-ca ca.pem",
        doc: "For clients that cannot be pointed elsewhere: HTTPS_PROXY=http://127.0.0.1:8443 SSL_CERT_FILE=ca.pem."),
    ], run: run)

  private static func run(_ arguments: ParsedArguments) async -> ExitStatus {
    let reporter = Reporter(arguments)
    do {
      let registry = CommonOptions.catalog(arguments)
      reporter.report(registry.problems.map { .error($0, code: "plugin") })
      guard registry.problems.isEmpty else { return .failure }
      // Before anything is printed: whoever waits for the greeting may interrupt at once.
      let interrupts = Interrupts()
      let setup = try EmulatorSetup(arguments)
      defer { setup.cleanUp() }
      let emulator = try AccountEmulator(configuration: setup.configuration, types: registry.types)
      let notes = try setup.prepare(emulator)
      try emulator.start(setup.ports)
      Terminal.out(setup.greeting(emulator) + notes + "Stop it with Ctrl-C.\n")
      while !interrupts.wasInterrupted { try await Task.sleep(for: .milliseconds(100)) }
      emulator.stop()
      if let file = arguments.value("--snapshot") { try emulator.snapshot(to: file) }
      return .success
    } catch {
      return reporter.fail(error)
    }
  }
}
