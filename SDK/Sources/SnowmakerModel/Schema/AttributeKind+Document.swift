extension AttributeKind: DocumentCodable {
  /// A kind without details is its word (`"boolean"`), any other an object with the word under `kind` and its details
  /// beside it: `{"kind": "integer", "minimum": 0}`, `{"kind": "list", "of": "text"}`.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("kind", Value.string(word))
    switch self {
    case .boolean, .number, .text, .identifier, .name, .sql, .any: break
    case .integer(let minimum, let maximum):
      if let minimum { builder.set("minimum", Value.int(minimum)) }
      if let maximum { builder.set("maximum", Value.int(maximum)) }
    case .enumeration(let values, let aliases):
      builder.set("values", values)
      builder.set("aliases", map: aliases)
    case .reference(let types): builder.set("types", types)
    case .objectReference(let attribute): builder.set("type_attribute", Value.string(attribute))
    case .list(let kind), .set(let kind): builder.set("of", kind.document)
    case .map(let kind, let keys):
      builder.set("of", kind.document)
      if keys != .text { builder.set("keys", keys.document) }
    case .record(let attributes): builder.set("attributes", attributes)
    }
    return builder.fields.count == 1 ? .string(word) : builder.document
  }

  /// Reads what `document` writes. Throws when a required key is missing or a value has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    let what = "attribute kind"
    let word: String
    if let text = document.string {
      word = text
    } else {
      try document.requireObject(what)
      word = try document.require("kind", in: what)
    }
    switch word {
    case "boolean": self = .boolean
    case "integer":
      self = .integer(
        minimum: try document.integer("minimum", in: what), maximum: try document.integer("maximum", in: what))
    case "number": self = .number
    case "text": self = .text
    case "enumeration":
      self = .enumeration(
        try document.texts("values", in: what) ?? [], aliases: try document.textMap("aliases", in: what))
    case "identifier": self = .identifier
    case "name": self = .name
    case "reference": self = .reference(try document.texts("types", in: what) ?? [])
    case "object-reference": self = .objectReference(typeAttribute: try document.require("type_attribute", in: what))
    case "list": self = .list(try Self.element(of: document, word))
    case "set": self = .set(try Self.element(of: document, word))
    case "map":
      let keys = try document.find("keys").map { value throws(DocumentError) in try AttributeKind(document: value) }
      self = .map(try Self.element(of: document, word), keys: keys ?? .text)
    case "record": self = .record(try document.documents("attributes", in: what) ?? [])
    case "sql": self = .sql
    case "any": self = .any
    default: throw DocumentError(what, "there is no kind '\(word)'")
    }
  }

  private static func element(of document: Value, _ word: String) throws(DocumentError) -> AttributeKind {
    guard let element = document.find("of") else {
      throw DocumentError("attribute kind", "a \(word) needs 'of', the kind of its elements")
    }
    return try AttributeKind(document: element)
  }

  private var word: String {
    switch self {
    case .boolean: "boolean"
    case .integer: "integer"
    case .number: "number"
    case .text: "text"
    case .enumeration: "enumeration"
    case .identifier: "identifier"
    case .name: "name"
    case .reference: "reference"
    case .objectReference: "object-reference"
    case .list: "list"
    case .set: "set"
    case .map: "map"
    case .record: "record"
    case .sql: "sql"
    case .any: "any"
    }
  }
}
