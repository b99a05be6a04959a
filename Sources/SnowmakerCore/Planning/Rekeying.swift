import SnowmakerModel

/// What renames do to the names of everything beneath the renamed resources, and to references to them.
struct Rekeying {
  private let types: TypeIndex
  /// The renamed resource, by its old name within renamed containers → its new identity.
  private var rules: [Address: [String]] = [:]

  init(_ types: TypeIndex) { self.types = types }

  var isEmpty: Bool { rules.isEmpty }

  /// Says that a resource is renamed; containers come before what is in them.
  mutating func add(_ old: Address, becomes new: [String]) { rules[old] = new }

  /// The identity with the new names of its containers.
  func beneath(_ address: Address) -> Address {
    guard let containers = types[address.type]?.containers, !containers.isEmpty else { return address }
    var identity = address.identity
    for part in containers where part.index < identity.count {
      if let new = rules[Address(part.type, Array(identity[0...part.index]))] {
        identity.replaceSubrange(0...part.index, with: new)
      }
    }
    return identity == address.identity ? address : Address(address.type, identity)
  }

  /// What the address is called once all renames are done.
  func current(_ address: Address) -> Address {
    let moved = beneath(address)
    return rules[moved].map { Address(moved.type, $0) } ?? moved
  }

  /// The address that a recorded or observed resource has once what contains it, or what it refers to in its identity,
  /// was renamed. The renamed resources themselves keep their old names.
  func record(_ address: Address, attributes: [Value.Field]) -> Address {
    let moved = beneath(address)
    guard let facts = types[address.type], !facts.references.isEmpty else { return moved }
    let parts = facts.schema.identity
    guard parts.count == moved.identity.count, parts.contains(where: { facts.references[$0.attribute] != nil }) else {
      return moved
    }
    let fields = zip(parts, moved.identity).map { Value.Field($0.attribute, .string($1)) }
    let rewritten = rewrite(fields, of: address.type, siblings: fields + attributes)
    let identity = zip(rewritten, moved.identity).map { $0.value.string ?? $1 }
    return identity == moved.identity ? moved : Address(address.type, identity)
  }

  /// A value that no schema describes, with the new names of containers in the qualified names in it: what a provider
  /// remembers, and what it observes for itself alone.
  func rewriteNames(_ value: Value) -> Value {
    switch value {
    case .string(let name):
      var parts = TypeIndex.split(name)
      guard parts.count > 1 else { return value }
      var isRenamed = false
      for count in 1...parts.count {
        let head = Array(parts[..<count])
        for type in types.containerTypes {
          guard let new = rules[Address(type, head)] else { continue }
          parts.replaceSubrange(..<count, with: new)
          isRenamed = true
          break
        }
      }
      return isRenamed ? .string(parts.joined(separator: ".")) : value
    case .list(let elements): return .list(elements.map(rewriteNames))
    case .object(let fields):
      return value.isSecret ? value : .object(fields.map { .init($0.key, rewriteNames($0.value)) })
    default: return value
    }
  }

  /// The attributes with the new names in references and in the parts of the identity.
  func rewrite(_ fields: [Value.Field], of type: String, identity: [String]) -> [Value.Field] {
    guard let facts = types[type] else { return fields }
    var result = rewrite(fields, of: type, siblings: fields).map { field in
      let isOpaque = facts.attributes[field.key] == nil && !field.key.hasPrefix("$")
      return isOpaque ? Value.Field(field.key, rewriteNames(field.value)) : field
    }
    for (part, text) in zip(facts.schema.identity, identity) where part.containerType != nil {
      if let at = result.firstIndex(where: { $0.key == part.attribute }) { result[at].value = .string(text) }
    }
    return result
  }

  private func rewrite(_ fields: [Value.Field], of type: String, siblings: [Value.Field]) -> [Value.Field] {
    guard let references = types[type]?.references, !references.isEmpty else { return fields }
    return fields.map { field in
      guard let attribute = references[field.key], attribute.onTargetDrop != .keepsName else { return field }
      return .init(field.key, rewrite(field.value, attribute.kind, siblings))
    }
  }

  private func rewrite(_ value: Value, _ kind: AttributeKind, _ siblings: [Value.Field]) -> Value {
    switch (kind, value) {
    case (.reference(let names), .string(let name)):
      return .string(rename(name, types.candidates(name, types: names)))
    case (.objectReference(let typeAttribute), .string(let name)):
      guard case .string(let sqlType)? = siblings.first(where: { $0.key == typeAttribute })?.value else { return value }
      return .string(rename(name, types.candidates(name, sqlType: sqlType)))
    case (.list(let inner), .list(let elements)), (.set(let inner), .list(let elements)):
      return .list(elements.map { rewrite($0, inner, siblings) })
    case (.map(let inner, let keys), .object(let fields)):
      return .object(
        fields.map { field in
          let key = rewrite(.string(field.key), keys, siblings).string ?? field.key
          return .init(key, rewrite(field.value, inner, siblings))
        })
    case (.record(let attributes), .object(let fields)):
      return .object(
        fields.map { field in
          guard let inner = attributes.first(where: { $0.name == field.key }), inner.onTargetDrop != .keepsName
          else { return field }
          return .init(field.key, rewrite(field.value, inner.kind, fields + siblings))
        })
    default: return value
    }
  }

  private func rename(_ name: String, _ candidates: [Address]) -> String {
    for candidate in candidates {
      let new = current(candidate)
      if new != candidate { return new.identity.joined(separator: ".") }
    }
    return name
  }
}
