import SnowmakerModel

/// What the planner looks up in the schemas again and again, worked out once.
struct TypeIndex: Sendable {
  let schemas: [String: TypeSchema]
  private let facts: [String: TypeFacts]
  /// The object type in SQL → the types that have it.
  private let bySQLName: [String: [String]]
  /// The types in which others lie.
  let containerTypes: [String]

  init(_ schemas: [String: TypeSchema]) {
    self.schemas = schemas
    facts = schemas.mapValues(TypeFacts.init)
    containerTypes = Set(facts.values.flatMap { $0.containers.map(\.type) }).sorted()
    var names: [String: [String]] = [:]
    for (type, schema) in schemas { if let name = schema.sqlName { names[name, default: []].append(type) } }
    bySQLName = names.mapValues { $0.sorted() }
  }

  subscript(type: String) -> TypeFacts? { facts[type] }

  /// The addresses of the containers of a resource, outermost first.
  func containers(of address: Address) -> [Address] {
    guard let containers = facts[address.type]?.containers, !containers.isEmpty else { return [] }
    return containers.compactMap { part in
      part.index < address.identity.count
        ? Address(part.type, part.index == 0 ? [address.identity[0]] : Array(address.identity[0...part.index])) : nil
    }
  }

  /// The children that exist as soon as the resource was created.
  func implicitChildren(of address: Address) -> [Address] {
    (schemas[address.type]?.createsImplicitly ?? []).map { Address($0.type, address.identity + [$0.name]) }
  }

  /// The declared resource with whose creation `address` comes into being, by itself.
  func implicitParent(of address: Address, where exists: (Address) -> Bool) -> Address? {
    guard let name = address.identity.last else { return nil }
    for container in containers(of: address).reversed() where container.identity.count == address.identity.count - 1 {
      let children = schemas[container.type]?.createsImplicitly ?? []
      if children.contains(where: { $0.type == address.type && $0.name == name }), exists(container) {
        return container
      }
    }
    return nil
  }

  /// The object that an address stands for in SQL; nil for what is no object.
  func object(_ address: Address) -> SQLObject? {
    guard let name = schemas[address.type]?.sqlName else { return nil }
    return SQLObject(name, address.identity.joined(separator: "."))
  }

  /// The addresses that a name may mean, as one of these types; best first, empty when no such type is loaded.
  func candidates(_ name: String, types: [String]) -> [Address] {
    let parts = Self.split(name)
    var result: [Address] = []
    var other: String?
    for type in types {
      guard let facts = facts[type] else { continue }
      if facts.identityCount == parts.count { result.append(Address(type, parts)) } else { other = other ?? type }
    }
    if result.isEmpty, let other { result.append(Address(other, parts)) }
    return result
  }

  /// The addresses that a name may mean, as an object of this type in SQL (`FILE FORMAT`); none for the account.
  func candidates(_ name: String, sqlType: String) -> [Address] {
    guard sqlType != "ACCOUNT" else { return [] }
    if let types = bySQLName[sqlType] { return candidates(name, types: types) }
    let spaced = String(sqlType.uppercased().map { $0 == "_" ? " " : $0 })
    return bySQLName[spaced].map { candidates(name, types: $0) } ?? []
  }

  /// The parts of a canonical name: split at the dots outside quotes, arguments of a signature left together.
  static func split(_ name: String) -> [String] {
    let bytes = name.utf8
    if !bytes.contains(UInt8(ascii: ".")) { return [name] }
    var parts: [String] = []
    var start = bytes.startIndex
    var isQuoted = false
    for at in bytes.indices {
      switch bytes[at] {
      case UInt8(ascii: "\""): isQuoted.toggle()
      case UInt8(ascii: "(") where !isQuoted:
        parts.append(String(name[start...]))
        return parts
      case UInt8(ascii: ".") where !isQuoted:
        parts.append(String(name[start..<at]))
        start = bytes.index(after: at)
      default: break
      }
    }
    parts.append(String(name[start...]))
    return parts
  }
}

/// What matters of one type.
struct TypeFacts: Sendable {
  let schema: TypeSchema
  let identityCount: Int
  /// The identity parts that are containers.
  let containers: [(index: Int, type: String)]
  let attributes: [String: AttributeSchema]
  /// The attributes that are references or hold some.
  let references: [String: AttributeSchema]
  let identityAttributes: Set<String>
  /// The attributes that are compared by digests: sensitive ones, SQL, and what the account does not show.
  let digested: Set<String>
  /// The highest edition that the type or any attribute needs.
  let highestEdition: Edition

  init(_ schema: TypeSchema) {
    self.schema = schema
    identityCount = schema.identity.count
    containers = schema.identity.enumerated().compactMap { index, part in part.containerType.map { (index, $0) } }
    attributes = Dictionary(schema.attributes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    references = attributes.filter { Self.holdsReference($0.value.kind) }
    identityAttributes = Set(schema.identity.map(\.attribute))
    let identity = identityAttributes
    digested = Set(
      schema.attributes.filter { attribute in
        attribute.isSensitive || attribute.kind == .sql
          || (attribute.column == nil && attribute.property != nil && attribute.change != .createOnly
            && !identity.contains(attribute.name))
      }.map(\.name))
    highestEdition = schema.attributes.map(\.minimumEdition).reduce(schema.minimumEdition, max)
  }

  private static func holdsReference(_ kind: AttributeKind) -> Bool {
    switch kind {
    case .reference, .objectReference: true
    case .list(let inner), .set(let inner): holdsReference(inner)
    case .map(let inner, let keys): holdsReference(inner) || holdsReference(keys)
    case .record(let attributes): attributes.contains { holdsReference($0.kind) }
    default: false
    }
  }
}

/// A name in an attribute that stands for another resource.
struct FoundReference {
  /// The attribute, with indices and keys inside it, joined with dots.
  var path: String
  var attribute: AttributeSchema
  var name: String
  /// What it may mean, best first.
  var candidates: [Address]
  /// The object, where the reference names its type itself.
  var object: SQLObject?

  /// It names an object of a type that no loaded plugin brings, so that nothing is known of it.
  var isUnknown: Bool { candidates.isEmpty && object.map { $0.type != "ACCOUNT" } ?? false }
}

extension TypeIndex {
  /// Calls `visit` for every reference in the attributes of a resource of type `type`.
  func references(
    in fields: [Value.Field], of type: String, _ visit: (FoundReference) -> Void
  ) {
    guard let facts = facts[type], !facts.references.isEmpty else { return }
    for field in fields {
      guard let attribute = facts.references[field.key] else { continue }
      walk(field.value, attribute.kind, attribute, field.key, fields, visit)
    }
  }

  private func walk(
    _ value: Value, _ kind: AttributeKind, _ attribute: AttributeSchema, _ path: String, _ siblings: [Value.Field],
    _ visit: (FoundReference) -> Void
  ) {
    switch (kind, value) {
    case (.reference(let types), .string(let name)):
      visit(
        FoundReference(path: path, attribute: attribute, name: name, candidates: candidates(name, types: types)))
    case (.objectReference(let typeAttribute), .string(let name)):
      guard case .string(let sqlType)? = siblings.first(where: { $0.key == typeAttribute })?.value else { return }
      visit(
        FoundReference(
          path: path, attribute: attribute, name: name, candidates: candidates(name, sqlType: sqlType),
          object: SQLObject(sqlType, name)))
    case (.list(let inner), .list(let elements)), (.set(let inner), .list(let elements)):
      for (index, element) in elements.enumerated() {
        walk(element, inner, attribute, "\(path).\(index)", siblings, visit)
      }
    case (.map(let inner, let keys), .object(let fields)):
      for field in fields {
        // A null takes something off the named one: it need not be there.
        if !field.value.isNull { walk(.string(field.key), keys, attribute, "\(path).\(field.key)", siblings, visit) }
        walk(field.value, inner, attribute, "\(path).\(field.key)", siblings, visit)
      }
    case (.record(let attributes), .object(let fields)):
      for field in fields {
        guard let inner = attributes.first(where: { $0.name == field.key }) else { continue }
        // What a reference inside a record means for order is said there.
        walk(field.value, inner.kind, inner, "\(path).\(field.key)", fields + siblings, visit)
      }
    default: break
    }
  }
}
