import SnowmakerModel

/// Puts the target's prefix before the names of declared objects that have no container, wherever they are named.
struct Prefixing {
  private let types: TypeIndex
  private let prefix: String
  /// The canonical names that get the prefix, by type.
  private var names: [String: Set<String>] = [:]
  /// The types that stand outermost in dotted names.
  private let outermost: [String]

  init(_ prefix: String, _ types: TypeIndex, _ declarations: [Declaration]) {
    self.prefix = prefix
    self.types = types
    var outermost: Set<String> = []
    for entry in types.byType.values {
      if let container = entry.schema.identity.first?.containerType { outermost.insert(container) }
    }
    self.outermost = outermost.sorted()
    for declaration in declarations where types.byType[declaration.address.type]?.takesPrefix ?? false {
      names[declaration.address.type, default: []].insert(declaration.address.identity[0])
    }
  }

  /// The declaration with the prefix in its own name and in what it refers to.
  func apply(_ declaration: Declaration) -> Declaration {
    guard let type = types.byType[declaration.address.type] else { return declaration }
    var result = declaration
    result.address = apply(declaration.address)
    result.renamedFrom = declaration.renamedFrom.map { former in
      type.takesPrefix ? Address(former.type, [prefixed(former.identity[0])]) : apply(former)
    }
    for (at, field) in declaration.attributes.enumerated() {
      guard let index = type.attributes[field.key] else { continue }
      let attribute = type.schema.attributes[index]
      if let part = type.identity.firstIndex(of: index), part < type.containerCount || part == type.ownName {
        result.attributes[at].value = .string(result.address.identity[part])
      } else if attribute.kind.holdsReference {
        let value = types.rewritingReferences(in: field.value, attribute.kind, siblings: declaration.value) {
          rewrite($0, to: $1)
        }
        result.attributes[at].value = (try? attribute.normalize(value)) ?? value
      }
    }
    if type.ownName == nil, type.identity.count == type.schema.identity.count {
      let identity = type.identity.map { index -> String in
        let attribute = type.schema.attributes[index]
        return Admission.identityText(result.attribute(attribute.name) ?? attribute.defaultValue)
      }
      result.address = Address(declaration.address.type, identity)
    }
    return result
  }

  /// An address of a declared resource, with the prefix.
  func apply(_ address: Address) -> Address {
    guard let type = types.byType[address.type], let first = address.identity.first else { return address }
    let outer = type.containerCount > 0 ? type.schema.identity[0].containerType : address.type
    guard let outer, type.containerCount > 0 || type.takesPrefix else { return address }
    let name = outermostName(first)
    guard names[outer]?.contains(name.first) ?? false else { return address }
    var identity = address.identity
    identity[0] = prefixed(name.first) + name.rest
    return Address(address.type, identity)
  }

  /// A first part that is itself dotted, cut after its first name.
  private func outermostName(_ text: String) -> (first: String, rest: String) {
    guard text.utf8.contains(UInt8(ascii: ".")), let name = try? QualifiedName(parsing: text), name.parts.count > 1
    else {
      return (text, "")
    }
    let first = name.parts[0].sql
    return (first, String(text.dropFirst(first.count)))
  }

  private func prefixed(_ canonical: String) -> String {
    guard let name = try? Identifier(parsing: canonical) else { return canonical }
    return Identifier(exact: prefix + name.name).sql
  }

  private func rewrite(_ text: String, to targets: [String]) -> String {
    guard let name = try? QualifiedName(parsing: text) else { return text }
    let first = name.parts[0].sql
    let known = targets.compactMap { types.byType[$0] }
    for type in known where type.schema.identity.count == name.parts.count {
      let outer = type.schema.identity[0].containerType ?? type.schema.type
      if names[outer]?.contains(first) ?? false { return replaced(name) }
    }
    // A type no provider brings: a dotted name begins with the outermost container all the same.
    if known.count < max(1, targets.count), name.parts.count > 1,
      outermost.contains(where: { names[$0]?.contains(first) ?? false })
    {
      return replaced(name)
    }
    return text
  }

  private func replaced(_ name: QualifiedName) -> String {
    var parts = name.parts
    parts[0] = Identifier(exact: prefix + parts[0].name)
    return QualifiedName(parts).sql
  }
}
