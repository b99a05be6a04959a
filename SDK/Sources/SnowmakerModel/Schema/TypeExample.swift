/// A life of one resource, for the reference documentation and for `snowmaker plugin verify`, which plays it on an
/// account emulator: create, change, unset, drop, and after each a new plan must find nothing to do.
///
/// Each part is configuration: what a file would say, from its top-level keys on.
///
/// ```swift
/// TypeExample(
///   create: ["resource_monitors": [["name": "MONTHLY", "credit_quota": 100]]],
///   change: ["resource_monitors": [["name": "MONTHLY", "credit_quota": 200]]])
/// ```
public struct TypeExample: Hashable, Sendable, DocumentCodable {
  /// What has to be there and stays throughout: containers, what it refers to.
  public var base: Value
  /// The resource when it is created.
  public var create: Value
  /// The same resource changed; nil when nothing of it can be.
  public var change: Value?

  /// An example that needs nothing else, or what `base` says.
  public init(base: Value = .object([]), create: Value, change: Value? = nil) {
    self.base = base
    self.create = create
    self.change = change
  }

  /// Reads an example. Throws when a part is no map.
  public init(document: Value) throws(DocumentError) {
    let what = "example"
    try document.requireObject(what)
    for key in ["base", "create", "change"] {
      if let part = document.find(key) {
        guard case .object = part else { throw DocumentError(what, "'\(key)' must be a map, found \(part.kindName)") }
      } else if key == "create" {
        throw DocumentError(what, "'create' is missing")
      }
    }
    self.init(
      base: document.find("base") ?? .object([]), create: document["create"], change: document.find("change"))
  }

  /// `{"base", "create", "change"}`; only `create` is always there.
  public var document: Value {
    var builder = DocumentBuilder()
    if !base.fields.isEmpty { builder.set("base", base) }
    builder.set("create", create)
    if let change { builder.set("change", change) }
    return builder.document
  }
}
