import SnowmakerModel

/// Brings the names in an answer to READ into the one form in which names are compared. SQL has several for one name (`"A$B"`
/// is A$B), and a provider without the SDK need not know which words must be in quotes: it may quote all or none.
struct ObservedNames {
  /// For each part of the identity whether it is a name.
  private let parts: [Bool]
  /// The attributes that are names, and whether they have one part.
  private let attributes: [String: Bool]

  /// Names as resources of this type have them.
  init(_ schema: TypeSchema) {
    var attributes: [String: Bool] = [:]
    for attribute in schema.attributes {
      switch attribute.kind {
      case .identifier: attributes[attribute.name] = true
      case .name, .reference, .objectReference: attributes[attribute.name] = false
      default: continue
      }
    }
    self.attributes = attributes
    parts = schema.identity.map { attributes[$0.attribute] == true }
  }

  /// The answer with its names in canonical form. What is no name in SQL stays as it is.
  func canonical(_ reply: ReadReply) -> ReadReply {
    var reply = reply
    for index in reply.observed.indices {
      change(&reply.observed[index].identity)
      change(&reply.observed[index].attributes)
      if let name = reply.observed[index].owner.flatMap({ Self.canonical($0, isOne: true) }) {
        reply.observed[index].owner = name
      }
    }
    for index in reply.unseen.indices { change(&reply.unseen[index].identity) }
    return reply
  }

  private func change(_ identity: inout [String]) {
    guard identity.count == parts.count else { return }
    for index in identity.indices where parts[index] {
      if let name = Self.canonical(identity[index], isOne: true) { identity[index] = name }
    }
  }

  private func change(_ value: inout Value) {
    guard case .object(var fields) = value else { return }
    var isChanged = false
    for index in fields.indices {
      guard case .string(let text) = fields[index].value, let isOne = attributes[fields[index].key],
        let name = Self.canonical(text, isOne: isOne)
      else { continue }
      fields[index].value = .string(name)
      isChanged = true
    }
    if isChanged { value = .object(fields) }
  }

  /// The canonical form, nil when the text is that. A name of one part without quotes is what the account calls it.
  private static func canonical(_ text: String, isOne: Bool) -> String? {
    if isOne, text.utf8.first != UInt8(ascii: "\"") {
      let name = Identifier(exact: text)
      return name.isPlain || text.isEmpty ? nil : name.quoted
    }
    return text.utf8.contains(UInt8(ascii: "\"")) ? (try? QualifiedName(parsing: text))?.sql : nil
  }
}
