public import SnowmakerModel

/// The plan as a document for programs. Its keys are stable: later versions of format 1 only add some.
///
/// ```
/// format             "snowmaker-plan-view", version 1
/// project, target, account
/// summary            action → how many ("create": 3 …; absorbed drops not counted)
/// empty, errors      booleans
/// resources[]        address, type, identity, action, attributes[] {name, before, after}, note, losses, risk,
///                    absorbs, absorbed_by, renamed_from, position {file, line, column}, steps (indices)
/// steps[]            address, sql (secrets as slots), role, reason, depends_on (indices), risk, undo,
///                    keeps {column, file}: what of the answer is written to a file
/// diagnostics[]      severity, summary, detail, code, path, address, position
/// read               statements {class: count}, round_trips, seconds
/// ```
/// Sensitive values are `"(sensitive)"`, unknown ones `{"$unknown": true}`.
public struct PlanJSONRenderer: Sendable {
  /// The loaded types.
  public var types: [String: TypeSchema]
  /// Whether resources that do not change are listed too.
  public var listsUnchanged: Bool

  /// A renderer for plans with resources of these types.
  public init(types: [String: TypeSchema], listsUnchanged: Bool = true) {
    self.types = types
    self.listsUnchanged = listsUnchanged
  }

  /// The document.
  public func render(_ plan: Plan) -> Value {
    let text = PlanText(types)
    var builder = DocumentBuilder()
    builder.set("format", Value.string("snowmaker-plan-view"))
    builder.set("version", 1)
    builder.set("project", plan.binding.project)
    builder.set("target", plan.binding.target)
    builder.set("account", plan.binding.account)
    let counts = plan.counts
    builder.set(
      "summary",
      Value.object(PlanAction.allCases.map { .init($0.rawValue, .int(Int64(counts[$0] ?? 0))) }))
    builder.set("empty", Value.bool(plan.isEmpty))
    builder.set("errors", Value.bool(plan.hasErrors))
    let listed = plan.resources.filter { listsUnchanged || $0.action != .none }
    builder.set("resources", Value.list(listed.map { resource($0, text) }))
    builder.set("steps", Value.list(plan.steps.map(step)))
    builder.set("diagnostics", Value.list(plan.diagnostics.map(diagnostic)))
    let classes = plan.readCost.statements.sorted { $0.key < $1.key }
    builder.set(
      "read",
      [
        "statements": .object(classes.map { .init($0.key, .int(Int64($0.value))) }),
        "round_trips": .int(Int64(plan.readCost.roundTrips)), "seconds": .double(plan.readCost.seconds),
      ])
    return builder.document
  }

  private func resource(_ resource: PlannedResource, _ text: PlanText) -> Value {
    var builder = DocumentBuilder()
    builder.set("address", resource.address.description)
    builder.set("type", resource.address.type)
    builder.set("identity", Value.list(resource.address.identity.map(Value.string)))
    builder.set("action", resource.action.rawValue)
    builder.set(
      "attributes",
      Value.list(
        resource.attributes.map { attribute in
          let isHidden = text.isSensitive(resource.address.type, attribute.name)
          return [
            "name": .string(attribute.name), "before": Self.open(attribute.before, isHidden),
            "after": Self.open(attribute.after, isHidden),
          ]
        }))
    builder.set("note", resource.note)
    builder.set("losses", Value.list(resource.losses.map(Value.string)))
    builder.set("risk", resource.risk.rawValue)
    builder.set("absorbs", Value.list(resource.absorbs.map { .string($0.description) }))
    builder.set("absorbed_by", resource.absorbedBy?.description)
    if let old = resource.renamedFrom { builder.set("renamed_from", Value.list(old.map(Value.string))) }
    if let position = resource.position { builder.set("position", position.document) }
    builder.set("steps", Value.list(resource.steps.map { .int(Int64($0)) }))
    return builder.document
  }

  private func step(_ step: PlanStep) -> Value {
    var builder = DocumentBuilder()
    builder.set("address", step.address.description)
    builder.set("sql", step.statement.sql.description)
    builder.set("role", step.role)
    builder.set("reason", step.reason)
    builder.set("depends_on", Value.list(step.dependsOn.map { .int(Int64($0)) }))
    builder.set("risk", step.risk.rawValue)
    builder.set("undo", step.statement.undo?.description)
    if let keeps = step.statement.keeps { builder.set("keeps", keeps.document) }
    return builder.document
  }

  private func diagnostic(_ diagnostic: Diagnostic) -> Value {
    var builder = DocumentBuilder()
    builder.set("severity", diagnostic.severity.rawValue)
    builder.set("summary", diagnostic.summary)
    builder.set("detail", diagnostic.detail)
    builder.set("code", diagnostic.code)
    builder.set("path", Value.list(diagnostic.path.map(Value.string)))
    builder.set("address", diagnostic.address?.description)
    if let position = diagnostic.position { builder.set("position", position.document) }
    return builder.document
  }

  /// The value without anything secret in it.
  private static func open(_ value: Value, _ isHidden: Bool) -> Value {
    if value.isSecret || (isHidden && !value.isNull && value != .unknown) { return "(sensitive)" }
    switch value {
    case .list(let elements): return .list(elements.map { open($0, false) })
    case .object(let fields): return .object(fields.map { .init($0.key, open($0.value, false)) })
    default: return value
    }
  }
}
