public import SnowmakerModel

extension LedgerEntry: DocumentCodable {
  /// The entry in a document. Throws when the document is none of an entry.
  public init(document: Value) throws(DocumentError) {
    let what = "ledger entry"
    let name = try document.require("origin", in: what)
    guard let origin = Origin(rawValue: name) else { throw DocumentError(what, "unknown origin '\(name)'") }
    var digests: [String: DigestPair] = [:]
    for field in document["digests"].fields {
      digests[field.key] = DigestPair(
        declared: try field.value.require("declared", in: what), echoed: field.value["echoed"].string)
    }
    self.init(
      address: try Address(document: document["address"]), origin: origin,
      createdOn: document["created_on"].string,
      declared: Dictionary(
        document["declared"].fields.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first }),
      digests: digests)
    preventsDestroy = document["prevent_destroy"].bool ?? false
    if let position = document.find("position") { self.position = try SourcePosition(document: position) }
  }

  /// The entry as a document, keys in order.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("address", address.document)
    builder.set("origin", origin.rawValue)
    builder.set("created_on", createdOn)
    builder.set("declared", Value.object(declared.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) }))
    if !digests.isEmpty {
      let fields = digests.sorted { $0.key < $1.key }.map { name, pair in
        var builder = DocumentBuilder()
        builder.set("declared", pair.declared)
        builder.set("echoed", pair.echoed)
        return Value.Field(name, builder.document)
      }
      builder.set("digests", Value.object(fields))
    }
    if let position { builder.set("position", position.document) }
    if preventsDestroy { builder.set("prevent_destroy", Value.bool(true)) }
    return builder.document
  }
}

extension LedgerChange: DocumentCodable {
  /// The change in a document. Throws when the document is none of a ledger change.
  public init(document: Value) throws(DocumentError) {
    switch document["change"].string {
    case "none": self = .none
    case "put": self = .put(try LedgerEntry(document: document["entry"]))
    case "remove": self = .remove
    case "move":
      self = .move(
        from: try Address(document: document["from"]),
        try LedgerEntry(document: document["entry"]))
    default: throw DocumentError("ledger change", "unknown change")
    }
  }

  /// The change as a document.
  public var document: Value {
    switch self {
    case .none: ["change": "none"]
    case .put(let entry): ["change": "put", "entry": entry.document]
    case .remove: ["change": "remove"]
    case .move(let from, let entry): ["change": "move", "from": from.document, "entry": entry.document]
    }
  }
}
