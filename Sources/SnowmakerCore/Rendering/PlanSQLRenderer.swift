/// The plan as a script: every statement in its order, with USE ROLE where the role changes. Secrets are slots, so a plan
/// that sends some cannot be run from it as it is.
public struct PlanSQLRenderer: Sendable {
  /// A renderer; it has no settings.
  public init() {}

  /// The script, with a line feed at the end.
  public func render(_ plan: Plan) -> String {
    var lines = [
      "-- snowmaker: project \(Self.comment(plan.binding.project)), target \(Self.comment(plan.binding.target)), "
        + "account \(Self.comment(plan.binding.account))",
      "-- \(PlanText.summary(plan))",
    ]
    for diagnostic in plan.diagnostics where diagnostic.severity != .note {
      lines.append("-- \(diagnostic.severity.rawValue): \(Self.comment(diagnostic.summary))")
    }
    lines += body(plan)
    return lines.joined(separator: "\n") + "\n"
  }

  /// The statements alone.
  func body(_ plan: Plan) -> [String] {
    guard !plan.steps.isEmpty else { return [] }
    var lines = ["", "USE SECONDARY ROLES NONE;"]
    var role = ""
    var address = ""
    for step in plan.steps {
      if step.role != role {
        lines.append("")
        lines.append("USE ROLE \(step.role);")
        role = step.role
        address = ""
      }
      if step.address.description != address {
        address = step.address.description
        lines.append("-- \(Self.comment(address)): \(Self.comment(PlanText.role(step)))")
      }
      let text = step.statement.sql.description
      lines.append(step.statement.operation == nil ? text + ";" : "-- by its plugin: \(Self.comment(text))")
    }
    return lines
  }

  /// Text that stays on its comment line.
  private static func comment(_ text: String) -> String {
    String(text.map { $0.isNewline ? " " : $0 })
  }
}
