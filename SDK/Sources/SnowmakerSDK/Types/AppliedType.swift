public import SnowmakerModel

/// A type that SQL does not reach: it is read and applied by the plugin itself. Set `applies` in its schema.
///
/// These are the only methods of a provider that may do input and output. `observe` runs while planning, `apply` only
/// for what a plan showed. Where the plugin runs in a child process, both have the network only when the plugin's
/// `requires` has `network` and the project grants it.
public protocol AppliedType: ObjectType {
  /// What there is of the wanted resources, or of all when `all` is set. Throws when it cannot be told.
  func observe(
    _ wanted: [ReadRequest.Wanted], all: Bool, context: RequestContext
  ) throws(Diagnostic) -> [Observation]

  /// Does one operation of a plan. Throws when it had no effect, and only then.
  func apply(_ operation: AppliedOperation, host: ApplyHost) throws(Diagnostic)

  /// How people are shown an operation; one line, without secrets.
  func summary(_ operation: AppliedOperation) -> String
}

/// What has to be done to one resource that SQL does not reach.
public struct AppliedOperation: Sendable {
  /// The canonical identity, outermost part first.
  public var identity: [String]
  /// What happens to the resource as a whole.
  public var action: Change.Action
  /// The attributes that are created or change, canonical; null goes back to the default. Secrets are resolved when it
  /// is applied, and references when it is planned.
  public var attributes: Value
  /// The project's configuration of the plugin, and other facts.
  public var context: RequestContext

  /// An operation of these parts.
  public init(
    identity: [String], action: Change.Action, attributes: Value = .object([]),
    context: RequestContext = RequestContext()
  ) {
    self.identity = identity
    self.action = action
    self.attributes = attributes
    self.context = context
  }

  /// What goes into the plan and comes back to APPLY.
  var document: Value { ["action": .string(action.rawValue), "attributes": attributes] }

  /// Reads an APPLY request. Throws when it is none.
  init(request: Value) throws(DocumentError) {
    let operation = request["operation"]
    let word = try operation.require("action", in: "operation")
    guard let action = Change.Action(rawValue: word) else {
      throw DocumentError("operation", "unknown action '\(word)'")
    }
    self.init(
      identity: request["identity"].strings, action: action, attributes: operation["attributes"],
      context: try RequestContext(document: request["context"]))
  }
}

extension AppliedType {
  /// Observes in the first round.
  public func read(_ request: ReadRequest) throws(Diagnostic) -> ReadReply {
    ReadReply(observed: try observe(request.wanted, all: request.wantsAll, context: request.context))
  }

  /// Compares by the schema; what differs is one operation.
  public func plan(_ item: PlanItem, request: PlanRequest) throws(Diagnostic) -> Change {
    var change = try SchemaPlanner(schema).plan(item)
    guard !change.statements.isEmpty else { return change }
    var attributes = change.attributes.map { Value.Field($0.name, $0.after) }
    if change.action == .create || change.action == .replace {
      attributes = (item.declared ?? .object([])).fields.filter { $0.value != .null }
    }
    let operation = AppliedOperation(
      identity: item.identity, action: change.action, attributes: .object(attributes), context: request.context)
    change.statements = [Statement(applying: operation.document, summary: SQLText(summary(operation)))]
    return change
  }

  /// `create team DATA: description, members`.
  public func summary(_ operation: AppliedOperation) -> String {
    let names = operation.attributes.fields.map(\.key).joined(separator: ", ")
    let head = "\(operation.action.rawValue) \(schema.type) \(operation.identity.joined(separator: "."))"
    return names.isEmpty || operation.action == .drop ? head : "\(head): \(names)"
  }
}
