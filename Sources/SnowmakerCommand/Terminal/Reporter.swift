import Snowmaker
import SnowmakerCore
import SnowmakerModel

/// Says what is wrong, and what is going on.
struct Reporter: Sendable {
  let arguments: ParsedArguments
  /// For results on standard output.
  let style: Style
  /// For errors and progress on standard error.
  let errorStyle: Style
  private let line = ProgressLine()

  init(_ arguments: ParsedArguments) {
    self.arguments = arguments
    let plain = arguments.has("--no-color")
    style = plain || !Terminal.wantsColour(Terminal.outputIsTerminal) ? .plain : .ansi
    errorStyle = plain || !Terminal.wantsColour(Terminal.errorIsTerminal) ? .plain : .ansi
  }

  /// Prints diagnostics on standard error, in the order of files and lines.
  func report(_ diagnostics: [Diagnostic]) {
    if !diagnostics.isEmpty { endProgress() }
    let renderer = PlanTextRenderer(types: [:], style: errorStyle)
    var seen: Set<Diagnostic> = []
    for diagnostic in diagnostics where seen.insert(diagnostic).inserted {
      Terminal.error(renderer.render(diagnostic) + "\n")
    }
  }

  /// Prints an error that ended a command.
  func fail(_ error: any Error) -> ExitStatus {
    if let usage = error as? UsageError {
      Terminal.error("snowmaker: \(usage)\n")
      return .usage
    }
    report([error as? Diagnostic ?? .error(String(describing: error))])
    return .failure
  }

  /// Says on a terminal what is going on.
  func progress(_ text: String) {
    guard Terminal.errorIsTerminal, !arguments.has("--quiet") else { return }
    line.show(text)
  }

  /// Takes the progress line away.
  func endProgress() {
    guard Terminal.errorIsTerminal, !arguments.has("--quiet") else { return }
    line.clear()
  }

  /// Prints a note on standard error, unless `--quiet`.
  func note(_ text: String) {
    guard !arguments.has("--quiet") else { return }
    endProgress()
    Terminal.error(text + "\n")
  }
}
