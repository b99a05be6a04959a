import Execution
import PluginHost
import Snowmaker
import SnowmakerCore
import SnowmakerModel
import Synchronization

/// Shows an apply as it happens, and says at the end exactly what was done.
final class ApplyDisplay: Sendable {
  private let plan: Plan
  private let reporter: Reporter
  /// Where it is kept for a document, instead of a line on standard output at the end.
  private let record: ApplyRecord?
  private let counts = Mutex((done: 0, failed: 0))
  /// The last message of each step, and how many there were.
  private let messages = Mutex<[Int: (last: String, count: Int)]>([:])
  /// So many messages of a step are kept in a log; a terminal shows all, one after the other.
  private static let mostMessages = 100

  init(plan: Plan, reporter: Reporter, record: ApplyRecord? = nil) {
    self.plan = plan
    self.reporter = reporter
    self.record = record
  }

  /// Takes one event.
  func show(_ event: ApplyEvent) {
    let total = plan.steps.count
    record?.note(event)
    switch event {
    case .started(let step):
      let done = counts.withLock { $0.done }
      reporter.progress("[\(done)/\(total)] \(oneLine(plan.steps[step]))")
    case .working(let step, let progress): show(progress, of: step)
    case .finished(let step, _, let seconds):
      let done = counts.withLock { counts in
        counts.done += 1
        return counts.done
      }
      reporter.endProgress()
      reporter.note("[\(done)/\(total)] \(oneLine(plan.steps[step])) (\(milliseconds(seconds)))")
    case .failed(let step, let error):
      counts.withLock { $0.failed += 1 }
      reporter.endProgress()
      reporter.note("failed: \(oneLine(plan.steps[step])): \(error)")
    case .settled: break
    case .stopping:
      reporter.endProgress()
      reporter.note("Stopping: nothing new is started, what runs is finished.")
    }
  }

  /// Shows how far a plugin is: in place on a terminal; elsewhere, as in a log, a line for each new message.
  private func show(_ progress: OperationProgress, of step: Int) {
    guard !progress.message.isEmpty else { return }
    if Terminal.errorIsTerminal {
      return reporter.progress("[\(counts.withLock { $0.done })/\(plan.steps.count)] \(progress.text)")
    }
    let isNew = messages.withLock { messages in
      let before = messages[step] ?? ("", 0)
      guard before.last != progress.message, before.count < Self.mostMessages else { return false }
      messages[step] = (progress.message, before.count + 1)
      return true
    }
    if isNew { reporter.note("\(plan.steps[step].address): \(progress.text)") }
  }

  /// Says how it ended.
  func finish(_ result: Deployment.ApplyResult) -> ExitStatus {
    reporter.endProgress()
    record?.note { $0.result = result }
    let outcome = result.outcome
    for failed in outcome.failed {
      reporter.report([
        .error(
          "\(failed.address): \(failed.error)",
          detail: "Statement: \(failed.sql)\nRun as \(failed.role).\(hint(failed.error))", code: "statement-failed",
          position: plan.resources.first { $0.address == failed.address }?.position)
      ])
    }
    if let problem = outcome.journalProblem { reporter.report([problem]) }
    guard outcome.isComplete else {
      Terminal.error(
        "Apply stopped: \(outcome.done.count) of \(counted(plan.steps.count, "statement")) done, \(outcome.failed.count) failed, "
          + "\(outcome.notStarted.count) not started.\n")
      for step in outcome.notStarted.prefix(20) {
        Terminal.error("  not started: \(plan.steps[step].statement.sql)\n")
      }
      if outcome.notStarted.count > 20 { Terminal.error("  and \(outcome.notStarted.count - 20) more\n") }
      Terminal.error("What was done is remembered. Run the same apply again to continue.\n")
      return outcome.isOnlyCancelled ? .cancelled : .failure
    }
    reporter.report(result.diagnostics)
    if !result.unsettled.isEmpty {
      reporter.report([
        .error(
          "\(counted(result.unsettled.count, "resource")) did not settle: a new plan "
            + "would change what this apply has just applied",
          detail: result.unsettled.map(describe).joined(separator: "\n"), code: "not-settled")
      ])
    }
    for drifted in result.drifted {
      reporter.note("drift: \(describe(drifted)): changed by somebody else meanwhile")
    }
    guard result.isSuccess else { return .failure }
    if record == nil { Terminal.out(summary(outcome.done.count)) } else { Terminal.error(summary(outcome.done.count)) }
    return .success
  }

  private func summary(_ sent: Int) -> String {
    guard sent == 0 else {
      return "Applied: \(counted(sent, "statement")). A new plan finds nothing left to do.\n"
    }
    let noted = [PlanAction.adopt, .release].compactMap { action in
      let count = plan.resources.count { $0.action == action }
      return count == 0 ? nil : "\(count) \(action == .adopt ? "adopted" : "released")"
    }
    return "Nothing had to be sent" + (noted.isEmpty ? "" : ": \(noted.joined(separator: ", "))") + ".\n"
  }

  private func describe(_ resource: PlannedResource) -> String {
    let attributes = resource.attributes.map(\.name).joined(separator: ", ")
    return "\(resource.address): \(resource.action.rawValue)" + (attributes.isEmpty ? "" : " (\(attributes))")
  }

  private func hint(_ error: StatementError) -> String {
    error.kind == .unanswered
      ? "\nNo answer came: it may or may not have run. It is not sent again blindly; apply again to find out." : ""
  }

  private func oneLine(_ step: PlanStep) -> String {
    let text = step.statement.sql.description
    return text.count > 100 ? text.prefix(97) + "…" : text
  }

  private func milliseconds(_ seconds: Double) -> String { "\(Int((seconds * 1000).rounded())) ms" }
}
