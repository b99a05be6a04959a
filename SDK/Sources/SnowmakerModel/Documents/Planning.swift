/// One batch of PLAN: pairs of what is declared and what is there, all of one type.
public struct PlanRequest: Hashable, Sendable, DocumentCodable {
  /// Who deploys, to which edition, and the plugin's own configuration.
  public var context: RequestContext
  /// The singular name of the type that all items are of.
  public var type: String
  /// The resources to plan; the answer has one change for each, in this order.
  public var items: [PlanItem]
  /// For types that want them: what this plan creates beneath the scopes that the items name.
  public var plannedCreates: [SQLObject]

  /// A batch of `items`, all of the type `type`.
  public init(
    context: RequestContext = RequestContext(), type: String, items: [PlanItem], plannedCreates: [SQLObject] = []
  ) {
    self.context = context
    self.type = type
    self.items = items
    self.plannedCreates = plannedCreates
  }

  /// Reads a PLAN request. Throws when `type` is not text or an item or a planned create cannot be read.
  public init(document: Value) throws(DocumentError) {
    self.init(
      context: try RequestContext(document: document["context"]), type: try document.require("type", in: "PLAN"),
      items: try document.decodeList("items"), plannedCreates: try document.decodeList("planned_creates"))
  }

  /// The request as it goes to the plugin; empty lists are left out.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("context", context.document)
    builder.set("type", type)
    builder.set("items", items)
    builder.set("planned_creates", plannedCreates)
    return builder.document
  }
}

/// One resource to plan. Never one whose state is unknown: the host keeps those to itself.
public struct PlanItem: Hashable, Sendable, DocumentCodable {
  /// The canonical identity parts, outermost first; after a rename, the new ones.
  public var identity: [String]
  /// The canonical declared attributes, an object; nil when it is to be dropped. Attributes that were released
  /// (declared once, absent now) are in here as null.
  public var declared: Value?
  /// What the account has; nil when it has nothing of that name.
  public var observed: Observation?
  /// Attributes to be taken as equal, because the ledger remembers that what is declared now was applied then and
  /// still reads the same. A sensitive attribute that is declared and not in here is sent.
  public var same: [String]
  /// What the ledger remembers: the attributes that were declared at the last apply, and under `$memory` what the
  /// provider itself asked to remember then. Empty when it is not in the ledger, or says what `declared` says.
  public var remembered: Value
  /// The identity it had; `observed` is what was seen under that one.
  public var renamedFrom: [String]?
  /// Of types that adopt in part, for what is to be dropped: what was there before snowmaker came goes too.
  public var takesAdopted = false

  /// A resource to plan; without `declared` it is to be dropped, without `observed` to be created.
  public init(
    identity: [String], declared: Value?, observed: Observation?, same: [String] = [],
    remembered: Value = .object([]), renamedFrom: [String]? = nil
  ) {
    self.identity = identity
    self.remembered = remembered
    self.declared = declared
    self.observed = observed
    self.same = same
    self.renamedFrom = renamedFrom
  }

  /// Reads a PLAN item; absent keys are empty or nil. Throws when `observed` cannot be read.
  public init(document: Value) throws(DocumentError) {
    var observed: Observation?
    if let found = document.find("observed") { observed = try Observation(document: found) }
    self.init(
      identity: document["identity"].strings, declared: document.find("declared"), observed: observed,
      same: document["same"].strings, remembered: document.find("remembered") ?? .object([]),
      renamedFrom: document.find("renamed_from")?.strings)
    takesAdopted = document["takes_adopted"].bool ?? false
  }

  /// The item as it goes to the plugin; what is nil or empty is left out, save the identity.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("identity", Value.list(identity.map(Value.string)))
    if let declared { builder.set("declared", declared) }
    builder.set("observed", observed)
    builder.set("same", same)
    if !remembered.fields.isEmpty { builder.set("remembered", remembered) }
    if let renamedFrom { builder.set("renamed_from", Value.list(renamedFrom.map(Value.string))) }
    builder.set(flag: "takes_adopted", takesAdopted)
    return builder.document
  }
}

/// What is to be done to one resource.
public struct Change: Hashable, Sendable, DocumentCodable {
  /// What happens to the resource as a whole.
  public var action: Action
  /// The attributes that change, each with its value before and after.
  public var attributes: [AttributeChange]
  /// In the order in which they run.
  public var statements: [Statement]
  /// What the change loses and cannot bring back, a line each; for replaces and drops.
  public var losses: [String]
  /// What it would take to get back what the change takes away.
  public var risk: Risk
  /// A few words for the plan's line, e.g. "2 of 5 missing"; may be empty.
  public var note: String
  /// What the ledger is to remember for the provider once this was applied; nil leaves what it remembers. Given back
  /// as `$memory` of `PlanItem.remembered`.
  public var memory: Value?
  /// What the user is to be told about this change; an error among them makes the plan unusable.
  public var diagnostics: [Diagnostic]

  /// A change that does `action` by running `statements`; `memory` starts as nil.
  public init(
    _ action: Action, attributes: [AttributeChange] = [], statements: [Statement] = [], losses: [String] = [],
    risk: Risk = .reversible, note: String = "", diagnostics: [Diagnostic] = []
  ) {
    self.action = action
    self.attributes = attributes
    self.statements = statements
    self.losses = losses
    self.risk = risk
    self.note = note
    self.diagnostics = diagnostics
  }

  /// What happens to the resource.
  public enum Action: String, Sendable {
    case none, create, update, replace, rename, drop
  }

  /// What it would take to get back.
  public enum Risk: String, Sendable {
    /// The way back is a statement.
    case reversible
    /// It can be made again, without what `losses` lists.
    case recreatable = "re-creatable"
    case irreversible
  }

  /// Reads a change. Throws when `action` or `risk` is no known word, or an element of one of its lists cannot be read.
  public init(document: Value) throws(DocumentError) {
    let name = try document.require("action", in: "change")
    guard let action = Action(rawValue: name) else { throw DocumentError("change", "unknown action '\(name)'") }
    self.init(
      action, attributes: try document.decodeList("attributes"), statements: try document.decodeList("statements"),
      losses: document["losses"].strings, note: document["note"].string ?? "",
      diagnostics: try document.decodeList("diagnostics"))
    memory = document.find("memory")
    if let name = document["risk"].string {
      guard let risk = Risk(rawValue: name) else { throw DocumentError("change", "unknown risk '\(name)'") }
      self.risk = risk
    }
  }

  /// The change as the provider answers it; `risk` is left out when reversible, lists and the note when empty.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("action", action.rawValue)
    builder.set("attributes", attributes)
    builder.set("statements", statements)
    builder.set("losses", losses)
    if risk != .reversible { builder.set("risk", risk.rawValue) }
    builder.set(text: "note", note)
    if let memory { builder.set("memory", memory) }
    builder.set("diagnostics", diagnostics)
    return builder.document
  }
}

/// One attribute's way from before to after. Sensitive values are secret references or absent.
public struct AttributeChange: Hashable, Sendable, DocumentCodable {
  /// The attribute's name in the schema.
  public var name: String
  /// `.unknown` when it could not be seen.
  public var before: Value
  /// What the attribute is to become, canonical; null when it goes back to what Snowflake has by itself.
  public var after: Value

  /// The change of the attribute `name` from `before` to `after`.
  public init(_ name: String, before: Value, after: Value) {
    self.name = name
    self.before = before
    self.after = after
  }

  /// Reads an attribute change; an absent side is null. Throws when `name` is not text.
  public init(document: Value) throws(DocumentError) {
    self.init(
      try document.require("name", in: "attribute change"), before: document["before"], after: document["after"])
  }

  /// The change as an object of `name`, `before` and `after`, all always present.
  public var document: Value { ["name": .string(name), "before": before, "after": after] }
}
