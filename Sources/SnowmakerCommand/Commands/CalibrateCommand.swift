import AccountEmulator
import Glibc
import SnowflakeClient
import Snowmaker
import SnowmakerModel

/// `snowmaker emulator calibrate`: compares an account with the emulator.
enum CalibrateCommand {
  static let description = CommandDescription(
    path: ["emulator", "calibrate"], summary: "Compare an account with the emulator, statement by statement.",
    discussion:
      "Runs a corpus of statements in databases, roles and warehouses of its own, on the account of a connection and on "
      + "a fresh emulator, and reports every difference in columns, types, values, codes, SQL states and texts. Asks "
      + "before it touches the account. Everything it creates is dropped afterwards, also after Ctrl-C. No warehouse "
      + "runs. The role needs CREATE DATABASE, CREATE ROLE and CREATE WAREHOUSE on the account; see docs/emulator.md.",
    options: [
      .value("--connection", short: "-c", "NAME", "A connection of connections.toml; the default one when left out."),
      .value("--role", "ROLE", "The role to run as."),
      .flag("--yes", short: "-y", "Do not ask."),
      .value("--out", "FILE", "Also write the report to FILE as JSON."),
      .flag("--detailed-exitcode", "Exit with 2 when there are differences."),
      .value("--drop-leftovers", "PREFIX", "Only drop what an earlier run with this prefix had to leave behind."),
    ] + CommonOptions.plugins,
    examples: [
      .init(
        command: "snowmaker emulator calibrate -c trial --role SYSADMIN_CI --out report.json", doc: "Ask, then run."),
      .init(
        command: "snowmaker emulator calibrate -c trial --drop-leftovers SNOWMAKER_CAL_0A1B2C3D",
        doc: "After the machine failed amid a run."),
    ], run: run)

  private static func run(_ arguments: ParsedArguments) async -> ExitStatus {
    let reporter = Reporter(arguments)
    do {
      guard arguments.value("--connection") != AccountConnection.emulatorName else {
        throw Diagnostic.error(
          "calibrate compares the emulator with another account", detail: "Name a connection of connections.toml.",
          code: "connection")
      }
      let overrides = arguments.value("--role").map { [ConnectionKey.role: $0] } ?? [:]
      let parameters = try SessionOpening.resolve(arguments, overrides)
      let queryTag = "snowmaker/\(CommandLineTool.version):calibrate"
      if let prefix = arguments.value("--drop-leftovers") {
        let left = try await Calibration.dropLeftovers(of: prefix, parameters, queryTag: queryTag)
        guard left.isEmpty else {
          throw Diagnostic.error(
            "not everything could be dropped", detail: left.joined(separator: "; "), code: "calibrate")
        }
        return .success
      }
      let registry = CommonOptions.catalog(arguments)
      reporter.report(registry.problems.map { .error($0, code: "plugin") })
      guard registry.problems.isEmpty else { return .failure }
      if let file = arguments.value("--out") { try check(file) }
      reporter.progress("Connecting")
      let calibration = try await Calibration.open(parameters, types: registry.types, queryTag: queryTag)
      reporter.endProgress()
      do {
        let status = try await calibrate(calibration, arguments, reporter)
        await calibration.close()
        return status
      } catch {
        await calibration.close()
        throw error
      }
    } catch {
      reporter.endProgress()
      return reporter.fail(error)
    }
  }

  private static func calibrate(
    _ calibration: Calibration, _ arguments: ParsedArguments, _ reporter: Reporter
  ) async throws -> ExitStatus {
    guard try confirm(calibration, arguments) else {
      Terminal.error("Nothing was changed.\n")
      return .cancelled
    }
    let interrupts = Interrupts()
    let work = Task {
      await calibration.run { progress in
        reporter.progress("\(progress.section): \(progress.done) of \(progress.total)")
      }
    }
    let watch = Task {
      while !Task.isCancelled {
        if interrupts.wasInterrupted { work.cancel() }
        do { try await Task.sleep(for: .milliseconds(50)) } catch { return }
      }
    }
    let report = await work.value
    watch.cancel()
    reporter.endProgress()
    Terminal.out(report.text)
    if let file = arguments.value("--out") { try write(JSON.encode(report.document, pretty: true) + [0x0a], to: file) }
    if !report.leftovers.isEmpty { return .failure }
    if interrupts.wasInterrupted { return .cancelled }
    if report.ended != nil { return .failure }
    return !report.entries.isEmpty && arguments.has("--detailed-exitcode") ? .changes : .success
  }

  private static func confirm(_ calibration: Calibration, _ arguments: ParsedArguments) throws -> Bool {
    if arguments.has("--yes") {
      // Whoever has to tidy up after a crash needs the prefix.
      Terminal.error(calibration.intention)
      return true
    }
    guard Terminal.inputIsTerminal else {
      throw Diagnostic.error(
        "calibrate asks before it touches an account, and there is no terminal to ask on",
        detail: "Add --yes to run without asking. Nothing was changed.", code: "no-terminal")
    }
    Terminal.error(calibration.intention)
    let answer = Terminal.ask("Run it? [y/N] ")?.lowercased()
    return answer == "y" || answer == "yes"
  }

  /// Whether the report can be written: better said before than after.
  private static func check(_ file: String) throws {
    guard let output = fopen(file, "ae") else {
      throw Diagnostic.error("cannot write \(file): \(String(cString: strerror(errno)))", code: "file")
    }
    fclose(output)
  }

  private static func write(_ bytes: [UInt8], to file: String) throws {
    guard let output = fopen(file, "we") else {
      throw Diagnostic.error("cannot write \(file): \(String(cString: strerror(errno)))", code: "file")
    }
    let written = fwrite(bytes, 1, bytes.count, output)
    guard fclose(output) == 0, written == bytes.count else {
      throw Diagnostic.error("cannot write \(file): \(String(cString: strerror(errno)))", code: "file")
    }
  }
}
