import Snowmaker
import SnowmakerCore
import SnowmakerModel
import Synchronization

/// Says what is wrong, and what is going on.
struct Reporter: Sendable {
  let arguments: ParsedArguments
  /// For results on standard output.
  let style: Style
  /// For errors and progress on standard error.
  let errorStyle: Style
  private let line = ProgressLine()
  /// Where what is told is kept for a document as well; nil when there is none.
  private let record: DiagnosticRecord?

  init(_ arguments: ParsedArguments, record: DiagnosticRecord? = nil) {
    self.arguments = arguments
    self.record = record
    let plain = arguments.has("--no-color")
    style = plain || !Terminal.wantsColour(Terminal.outputIsTerminal) ? .plain : .ansi
    errorStyle = plain || !Terminal.wantsColour(Terminal.errorIsTerminal) ? .plain : .ansi
  }

  /// Prints diagnostics on standard error, in the order of files and lines.
  func report(_ diagnostics: [Diagnostic]) {
    if !diagnostics.isEmpty { endProgress() }
    record?.add(diagnostics)
    let renderer = PlanTextRenderer(types: [:], style: errorStyle)
    var seen: Set<Diagnostic> = []
    for diagnostic in diagnostics where seen.insert(diagnostic).inserted {
      Terminal.error(renderer.render(diagnostic) + "\n")
    }
  }

  /// Keeps diagnostics for the document, without printing them.
  func keep(_ diagnostics: [Diagnostic]) { record?.add(diagnostics) }

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

/// The diagnostics that were told, each once, in their order.
final class DiagnosticRecord: Sendable {
  private let told = Mutex<[Diagnostic]>([])

  /// Adds those that are new.
  func add(_ diagnostics: [Diagnostic]) {
    told.withLock { told in
      for diagnostic in diagnostics where !told.contains(diagnostic) { told.append(diagnostic) }
    }
  }

  var all: [Diagnostic] { told.withLock { $0 } }
}
