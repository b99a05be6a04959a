/// CHECK: a whole plan, for guard rails.
public struct CheckRequest: Hashable, Sendable, DocumentCodable {
  public var context: RequestContext
  /// Every change of the plan that is not `none`, in the order in which they run.
  public var changes: [CheckedChange]

  public init(context: RequestContext, changes: [CheckedChange]) {
    self.context = context
    self.changes = changes
  }

  public init(document: Value) throws(DocumentError) {
    self.init(
      context: try RequestContext(document: document["context"]), changes: try document.decodeList("changes"))
  }

  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("context", context.document)
    builder.set("changes", changes)
    return builder.document
  }
}

/// A change as CHECK sees it.
public struct CheckedChange: Hashable, Sendable, DocumentCodable {
  public var address: Address
  public var change: Change
  /// The canonical declared attributes, nil for a drop.
  public var declared: Value?

  public init(address: Address, change: Change, declared: Value?) {
    self.address = address
    self.change = change
    self.declared = declared
  }

  public init(document: Value) throws(DocumentError) {
    self.init(
      address: Address(try document.require("type", in: "checked change"), document["identity"].strings),
      change: try Change(document: document["change"]), declared: document.find("declared"))
  }

  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("type", address.type)
    builder.set("identity", Value.list(address.identity.map(Value.string)))
    builder.set("change", change.document)
    if let declared { builder.set("declared", declared) }
    return builder.document
  }
}
