import Execution
import Snowmaker
import SnowmakerCore
import SnowmakerModel
import Synchronization

/// Gathers what `apply --format json` says at its end, in one document.
final class ApplyRecord: Sendable {
  /// What was told on standard error.
  let diagnostics = DiagnosticRecord()
  private let report = Mutex(ApplyReport(exitCode: 0))

  /// Notes something.
  func note(_ body: (inout ApplyReport) -> Void) { report.withLock { body(&$0) } }

  /// Notes how long a statement that worked took.
  func note(_ event: ApplyEvent) {
    guard case .finished(let step, let queryID, let seconds) = event else { return }
    note { $0.finished[step] = (queryID, seconds) }
  }

  /// Prints the document, unless the command line was not understood.
  func finish(_ status: ExitStatus) {
    guard status != .usage else { return }
    var report = report.withLock { $0 }
    report.exitCode = Int(status.rawValue)
    report.diagnostics = diagnostics.all
    Terminal.out(JSON.string(report.document, pretty: true) + "\n")
  }
}
