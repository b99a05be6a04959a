/// CHECK: a whole plan, for guard rails.
public struct CheckRequest: Hashable, Sendable, DocumentCodable {
  /// Who deploys, to which edition, and the plugin's own configuration.
  public var context: RequestContext
  /// Every change of the plan that is not `none`, in the order in which they run.
  public var changes: [CheckedChange]
  /// Declared resources without a change, of the types whose schema says `stands_in_checks`.
  public var standing: [CheckedChange]

  /// A request to check `changes`, which must be in the order in which they run.
  public init(context: RequestContext, changes: [CheckedChange], standing: [CheckedChange] = []) {
    self.context = context
    self.changes = changes
    self.standing = standing
  }

  /// Reads a CHECK request. Throws when one of its changes cannot be read.
  public init(document: Value) throws(DocumentError) {
    self.init(
      context: try RequestContext(document: document["context"]), changes: try document.decodeList("changes"),
      standing: try document.decodeList("standing"))
  }

  /// The request as it goes to the plugin, with the keys `context` and `changes`; the latter is left out when empty.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("context", context.document)
    builder.set("changes", changes)
    builder.set("standing", standing)
    return builder.document
  }
}

/// A change as CHECK sees it.
public struct CheckedChange: Hashable, Sendable, DocumentCodable {
  /// The resource that changes, after any rename.
  public var address: Address
  /// What is to be done to it, as its provider answered PLAN; a bare drop when it goes along with another's drop.
  public var change: Change
  /// The canonical declared attributes, nil for a drop.
  public var declared: Value?
  /// The attributes that the account has, as far as they were read; nil when it has no such resource.
  public var observed: Value?

  /// A planned change for CHECK; `declared` is nil when the resource is dropped, `observed` when it is not there yet.
  public init(address: Address, change: Change, declared: Value?, observed: Value? = nil) {
    self.address = address
    self.change = change
    self.declared = declared
    self.observed = observed
  }

  /// Reads a checked change. Throws when `type` is not text or `change` cannot be read.
  public init(document: Value) throws(DocumentError) {
    self.init(
      address: Address(try document.require("type", in: "checked change"), document["identity"].strings),
      change: try Change(document: document["change"]), declared: document.find("declared"),
      observed: document.find("observed"))
  }

  /// The change with its address spread over `type` and `identity`; `declared` is left out for a drop, `observed` for what is not there.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("type", address.type)
    builder.set("identity", Value.list(address.identity.map(Value.string)))
    builder.set("change", change.document)
    if let declared { builder.set("declared", declared) }
    if let observed { builder.set("observed", observed) }
    return builder.document
  }
}
