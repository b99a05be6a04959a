public import Execution
public import SnowmakerCore
public import SnowmakerModel

/// An apply as one document for programs, whatever became of it. Its keys are stable: later versions of format 1 only add
/// some.
///
/// ```
/// format             "snowmaker-apply", version 1
/// status             see `Status`
/// exit_code          what the command exits with
/// run                the run's id in the journal; null when nothing was sent
/// summary            statements {planned, done, failed, not_started}, resources {action: how many}
/// statements[]       step, address, sql (secrets as slots), role, state (done, failed, not_started), query_id, seconds,
///                    error {kind, code, sql_state, message}
/// unsettled[]        address, action, attributes: what a new plan would change again
/// drifted[]          the same of what this apply did not touch and differs now
/// diagnostics[]      severity, summary, detail, code, path, address, position
/// plan               the document of `plan --format json`; null when there was no plan
/// ```
public struct ApplyReport: Sendable {
  /// How it ended.
  public enum Status: String, Sendable, CaseIterable {
    /// Everything was done, and a new plan finds nothing left to do.
    case applied
    /// There was nothing to do.
    case nothingToDo = "nothing-to-do"
    /// Statements failed or were not started.
    case incomplete
    /// Everything was sent, and a new plan would change some of it again, or verifying or saving failed.
    case unsettled
    /// The user said no, or stopped it.
    case cancelled
    /// Nothing was sent; the diagnostics say why.
    case refused
  }

  /// What is planned; nil when it did not come to a plan.
  public var plan: Plan?
  /// What became of it; nil when nothing was begun.
  public var result: Deployment.ApplyResult?
  /// The account's ids and the seconds of the statements that worked, by step.
  public var finished: [Int: (queryID: String?, seconds: Double)] = [:]
  /// Everything that was told, in its order.
  public var diagnostics: [Diagnostic] = []
  /// What the command exits with.
  public var exitCode: Int
  /// The user said no.
  public var wasDeclined = false
  /// The loaded types.
  public var types: [String: TypeSchema] = [:]

  /// A report of which only the exit status is known.
  public init(exitCode: Int) { self.exitCode = exitCode }

  /// How it ended.
  public var status: Status {
    guard let result else {
      if wasDeclined { return .cancelled }
      return exitCode == 0 ? .nothingToDo : .refused
    }
    guard result.outcome.isComplete else { return result.outcome.isOnlyCancelled ? .cancelled : .incomplete }
    return result.isSuccess ? .applied : .unsettled
  }

  /// The document.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("format", "snowmaker-apply")
    builder.set("version", 1)
    builder.set("status", status.rawValue)
    builder.set("exit_code", exitCode)
    builder.set("run", result.map { Value.string($0.outcome.runID) } ?? .null)
    builder.set("summary", summary)
    builder.set("statements", Value.list(statements))
    builder.set("unsettled", Value.list((result?.unsettled ?? []).map(Self.difference)))
    builder.set("drifted", Value.list((result?.drifted ?? []).map(Self.difference)))
    builder.set("diagnostics", Value.list(diagnostics.map(\.view)))
    builder.set("plan", plan.map { PlanJSONRenderer(types: types).render($0) } ?? .null)
    return builder.document
  }

  private var summary: Value {
    func count(_ number: Int?) -> Value { .int(Int64(number ?? 0)) }
    let planned = plan?.steps.count ?? 0
    let counts = plan?.counts ?? [:]
    return [
      "statements": [
        "planned": count(planned), "done": count(result?.outcome.done.count),
        "failed": count(result?.outcome.failed.count),
        "not_started": count(result.map { $0.outcome.notStarted.count } ?? planned),
      ],
      "resources": .object(PlanAction.allCases.map { .init($0.rawValue, count(counts[$0])) }),
    ]
  }

  private var statements: [Value] {
    guard let plan else { return [] }
    let done = Set(result?.outcome.done ?? [])
    let failed = Dictionary((result?.outcome.failed ?? []).map { ($0.step, $0.error) }) { first, _ in first }
    return plan.steps.enumerated().map { number, step in
      var builder = DocumentBuilder()
      builder.set("step", number)
      builder.set("address", step.address.description)
      builder.set("sql", step.statement.sql.description)
      builder.set("role", step.role)
      let error = failed[number]
      builder.set("state", error != nil ? "failed" : done.contains(number) ? "done" : "not_started")
      builder.set("query_id", finished[number]?.queryID ?? error?.queryID)
      if let seconds = finished[number]?.seconds { builder.set("seconds", Value.double(seconds)) }
      if let error { builder.set("error", error.document) }
      return builder.document
    }
  }

  private static func difference(_ resource: PlannedResource) -> Value {
    [
      "address": .string(resource.address.description), "action": .string(resource.action.rawValue),
      "attributes": .list(resource.attributes.map { .string($0.name) }),
    ]
  }
}

extension StatementError {
  /// The error as a document for programs: `kind`, `code` (absent when it is not the account's), `sql_state`, `message`.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("kind", kind.rawValue)
    builder.set(text: "code", code)
    builder.set("sql_state", sqlState)
    builder.set("message", message)
    return builder.document
  }
}
