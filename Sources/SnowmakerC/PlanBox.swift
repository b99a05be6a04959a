import Snowmaker
import SnowmakerCore
import SnowmakerModel

/// What a `snowmaker_plan *` stands for.
final class PlanBox: Sendable {
  let plan: Plan
  /// Stays connected until the plan is released.
  let owner: DeploymentBox

  init(_ plan: Plan, _ owner: DeploymentBox) {
    self.plan = plan
    self.owner = owner
    owner.addUser()
  }

  /// The plan in one of the formats of `snowmaker plan`. Throws for another one.
  func render(_ format: String) throws(CallProblem) -> String {
    let types = owner.deployment.workspace.registry.schemas
    switch format {
    case "json": return JSON.string(PlanJSONRenderer(types: types).render(plan))
    case "text": return PlanTextRenderer(types: types).render(plan)
    case "sql": return PlanSQLRenderer().render(plan)
    case "markdown": return PlanMarkdownRenderer(types: types).render(plan)
    default: throw .invalid("there is no format '\(format)'", detail: "The formats are json, text, sql and markdown.")
    }
  }
}

extension CallOptions {
  /// What the options say about planning.
  mutating func planning() throws(CallProblem) -> Deployment.PlanOptions {
    var options = Deployment.PlanOptions()
    options.only = try texts("only")
    options.allowDrop = try flag("allow_drop")
    options.dropAdopted = try flag("drop_adopted")
    options.assumeAbsent = try flag("assume_absent")
    options.resendSecrets = try flag("resend_secrets")
    options.maxDrops = try number("max_drops", in: 0...1_000_000)
    return options
  }
}
