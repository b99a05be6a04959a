public import Execution
public import SnowmakerCore
public import SnowmakerModel

extension ApplyEvent {
  /// The event as a document for programs: `event`, and what it is about. Secrets are slots.
  public func document(of plan: Plan) -> Value {
    var builder = DocumentBuilder()
    switch self {
    case .started(let step):
      Self.describe(step, "started", plan, &builder)
    case .working(let step, let progress):
      Self.describe(step, "working", plan, &builder)
      builder.set("message", progress.message)
      builder.set("done", Value.int(progress.done))
      builder.set("total", Value.int(progress.total))
    case .finished(let step, let queryID, let seconds):
      Self.describe(step, "finished", plan, &builder)
      builder.set("query_id", queryID)
      builder.set("seconds", Value.double(seconds))
    case .failed(let step, let error):
      Self.describe(step, "failed", plan, &builder)
      builder.set("error", String(describing: error))
      builder.set("kind", error.kind.rawValue)
      builder.set(text: "code", error.code)
    case .settled(let address):
      builder.set("event", "settled")
      builder.set("address", address.description)
    case .stopping:
      builder.set("event", "stopping")
    }
    return builder.document
  }

  private static func describe(_ step: Int, _ event: String, _ plan: Plan, _ builder: inout DocumentBuilder) {
    builder.set("event", event)
    builder.set("step", Value.int(Int64(step)))
    builder.set("steps", Value.int(Int64(plan.steps.count)))
    builder.set("address", plan.steps[step].address.description)
    builder.set("sql", plan.steps[step].statement.sql.description)
    builder.set("role", plan.steps[step].role)
  }
}

extension Deployment.ApplyResult {
  /// The result as a document for programs: `success`, `run`, `done`, `failed`, `not_started`, `unsettled`, `drifted`,
  /// `diagnostics`. Steps are places in the plan.
  public var document: Value {
    var builder = DocumentBuilder()
    func steps(_ steps: [Int]) -> Value { .list(steps.map { .int(Int64($0)) }) }
    builder.set("success", Value.bool(isSuccess))
    builder.set("run", outcome.runID)
    builder.set("done", steps(outcome.done))
    builder.set(
      "failed",
      Value.list(
        outcome.failed.map { failed in
          [
            "step": .int(Int64(failed.step)), "address": .string(failed.address.description),
            "role": .string(failed.role), "sql": .string(failed.sql),
            "error": .string(String(describing: failed.error)), "kind": .string(failed.error.kind.rawValue),
            "code": .string(failed.error.code),
          ]
        }))
    builder.set("not_started", steps(outcome.notStarted))
    builder.set("unsettled", Value.list(unsettled.map { .string($0.address.description) }))
    builder.set("drifted", Value.list(drifted.map { .string($0.address.description) }))
    let problems = diagnostics + [outcome.journalProblem].compactMap(\.self)
    builder.set("diagnostics", Value.list(problems.map(\.view)))
    return builder.document
  }
}
