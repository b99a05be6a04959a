/// CHECK: a whole plan, for guard rails.
public struct CheckRequest: Hashable, Sendable, DocumentCodable {
  /// What every request carries.
  public var context: RequestContext
  /// Every change of the plan that is not `none`, in the order in which they run.
  public var changes: [CheckedChange]
  /// Declared resources without a change, of the types whose schema says `stands_in_checks`.
  public var standing: [CheckedChange]

  /// A plan's changes, and what stands beside them.
  public init(context: RequestContext, changes: [CheckedChange], standing: [CheckedChange] = []) {
    self.context = context
    self.changes = changes
    self.standing = standing
  }

  /// Reads the document. Throws when a required key is missing or has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    self.init(
      context: try RequestContext(document: document["context"]), changes: try document.decodeList("changes"),
      standing: try document.decodeList("standing"))
  }

  /// The document; what has its default is left out.
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
  /// Which resource.
  public var address: Address
  /// What happens to it.
  public var change: Change
  /// The canonical declared attributes, nil for a drop.
  public var declared: Value?

  /// Makes one of its parts.
  public init(address: Address, change: Change, declared: Value?) {
    self.address = address
    self.change = change
    self.declared = declared
  }

  /// Reads the document. Throws when a required key is missing or has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    self.init(
      address: Address(try document.require("type", in: "checked change"), document["identity"].strings),
      change: try Change(document: document["change"]), declared: document.find("declared"))
  }

  /// The document; what has its default is left out.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("type", address.type)
    builder.set("identity", Value.list(address.identity.map(Value.string)))
    builder.set("change", change.document)
    if let declared { builder.set("declared", declared) }
    return builder.document
  }
}
