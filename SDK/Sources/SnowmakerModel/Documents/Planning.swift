/// One batch of PLAN: pairs of what is declared and what is there, all of one type.
public struct PlanRequest: Hashable, Sendable, DocumentCodable {
  /// What every request carries.
  public var context: RequestContext
  /// The type's name, singular.
  public var type: String
  /// The resources to plan; the answer has one change for each, in order.
  public var items: [PlanItem]
  /// For types that want them: what this plan creates beneath the scopes that the items name.
  public var plannedCreates: [SQLObject]

  /// Makes one of its parts.
  public init(
    context: RequestContext = RequestContext(), type: String, items: [PlanItem], plannedCreates: [SQLObject] = []
  ) {
    self.context = context
    self.type = type
    self.items = items
    self.plannedCreates = plannedCreates
  }

  /// Reads the document. Throws when a required key is missing or has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    self.init(
      context: try RequestContext(document: document["context"]), type: try document.require("type", in: "PLAN"),
      items: try document.decodeList("items"), plannedCreates: try document.decodeList("planned_creates"))
  }

  /// The document; what has its default is left out.
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
  /// The identity parts, outermost first, in canonical text.
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
  /// provider itself asked to remember then. Empty when it is not in the ledger.
  public var remembered: Value
  /// The identity it had; `observed` is what was seen under that one.
  public var renamedFrom: [String]?

  /// Makes one of its parts.
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

  /// Reads the document. Throws when a required key is missing or has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    var observed: Observation?
    if let found = document.find("observed") { observed = try Observation(document: found) }
    self.init(
      identity: document["identity"].strings, declared: document.find("declared"), observed: observed,
      same: document["same"].strings, remembered: document.find("remembered") ?? .object([]),
      renamedFrom: document.find("renamed_from")?.strings)
  }

  /// The document; what has its default is left out.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("identity", Value.list(identity.map(Value.string)))
    if let declared { builder.set("declared", declared) }
    builder.set("observed", observed)
    builder.set("same", same)
    if !remembered.fields.isEmpty { builder.set("remembered", remembered) }
    if let renamedFrom { builder.set("renamed_from", Value.list(renamedFrom.map(Value.string))) }
    return builder.document
  }
}

/// What is to be done to one resource.
public struct Change: Hashable, Sendable, DocumentCodable {
  /// What happens to the resource.
  public var action: Action
  /// The attributes that differ, with before and after.
  public var attributes: [AttributeChange]
  /// In the order in which they run.
  public var statements: [Statement]
  /// What the change loses and cannot bring back, a line each; for replaces and drops.
  public var losses: [String]
  /// What it would take to get back.
  public var risk: Risk
  /// A few words for the plan's line, e.g. "2 of 5 missing"; may be empty.
  public var note: String
  /// What the ledger is to remember for the provider once this was applied; nil leaves what it remembers. Given back
  /// as `$memory` of `PlanItem.remembered`.
  public var memory: Value?
  /// What is wrong; an error makes the whole plan unusable.
  public var diagnostics: [Diagnostic]

  /// Makes one of its parts.
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

  /// Reads the document. Throws when a required key is missing or has the wrong kind.
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

  /// The document; what has its default is left out.
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
  /// The attribute.
  public var name: String
  /// `.unknown` when it could not be seen.
  public var before: Value
  /// `.null` when it is unset.
  public var after: Value

  /// Makes one of its parts.
  public init(_ name: String, before: Value, after: Value) {
    self.name = name
    self.before = before
    self.after = after
  }

  /// Reads the document. Throws when a required key is missing or has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    self.init(
      try document.require("name", in: "attribute change"), before: document["before"], after: document["after"])
  }

  /// The document; what has its default is left out.
  public var document: Value { ["name": .string(name), "before": before, "after": after] }
}
