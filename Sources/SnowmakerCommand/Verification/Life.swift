import PluginHost
import SnowmakerModel

/// What a type's life is played with: what has to be there, and the type's own configuration at every stage.
struct Life {
  /// A stage and what the configuration says then.
  struct Stage {
    var name: String
    var configuration: Value
  }

  var base: Value
  var stages: [Stage]

  /// The life that an example tells; without attributes that can be unset at its end.
  init(_ example: TypeExample, of type: TypeSchema) {
    base = example.base
    stages = [Stage(name: "created", configuration: example.create)]
    if let change = example.change { stages.append(Stage(name: "changed", configuration: change)) }
    if let unset = Self.unset(example.change ?? example.create, of: type) {
      stages.append(Stage(name: "unset", configuration: unset))
    }
  }

  /// A life made up from the schema; nil when something has no value that can be made up.
  init?(madeUpFor type: TypeSchema, types: [String: TypeSchema], isFull: Bool) {
    // Nothing refers to its own type: which of the two would be the one under test?
    var maker = BaseMaker(types: types.filter { $0.key != type.type })
    guard let key = Self.key(of: type), let first = maker.element(of: type, variant: 0, isFull: isFull) else {
      return nil
    }
    var second = first
    for attribute in type.attributes {
      let isFixed =
        attribute.change != .alter || attribute.isSensitive || type.identity.contains { $0.attribute == attribute.name }
      guard !isFixed, first.find(attribute.name) != nil, !attribute.kind.isReference,
        let value = SampleValues(variant: 1).value(of: attribute)
      else { continue }
      second = .object(second.fields.map { $0.key == attribute.name ? .init($0.key, value) : $0 })
    }
    base = maker.configuration
    let changed: Value = .object([.init(key, .list([second]))])
    stages = [Stage(name: "created", configuration: .object([.init(key, .list([first]))]))]
    if second != first { stages.append(Stage(name: "changed", configuration: changed)) }
    if let unset = Self.unset(changed, of: type) { stages.append(Stage(name: "unset", configuration: unset)) }
  }

  fileprivate static func key(of type: TypeSchema) -> String? {
    for case .plural(let key) in type.forms { return key }
    return nil
  }

  /// The configuration with null for every attribute that can go back to its default; nil when there is none.
  private static func unset(_ configuration: Value, of type: TypeSchema) -> Value? {
    guard let key = key(of: type), case .list(let elements)? = configuration.find(key) else { return nil }
    var isAnything = false
    let cleared = elements.map { element -> Value in
      guard case .object(let fields) = element else { return element }
      return .object(
        fields.map { field in
          guard let attribute = type.attribute(field.key), !attribute.isRequired, attribute.change == .alter,
            attribute.unset != .impossible, !type.identity.contains(where: { $0.attribute == attribute.name })
          else { return field }
          isAnything = true
          return .init(field.key, .null)
        })
    }
    guard isAnything else { return nil }
    return .object(configuration.fields.map { $0.key == key ? .init(key, .list(cleared)) : $0 })
  }
}

/// Makes up resources and whatever they need: containers and what they refer to.
private struct BaseMaker {
  let types: [String: TypeSchema]
  private var made: [(key: String, name: String, element: Value)] = []

  init(types: [String: TypeSchema]) { self.types = types }

  /// Everything that was needed, as configuration.
  var configuration: Value {
    var lists: [(String, [Value])] = []
    for item in made {
      if let at = lists.firstIndex(where: { $0.0 == item.key }) {
        lists[at].1.append(item.element)
      } else {
        lists.append((item.key, [item.element]))
      }
    }
    return .object(lists.map { .init($0.0, .list($0.1)) })
  }

  /// An element of the type's list; what it needs is made too. Nil when it cannot be made up.
  mutating func element(of type: TypeSchema, variant: Int, isFull: Bool, depth: Int = 0) -> Value? {
    guard depth < 4 else { return nil }
    var fields: [Value.Field] = []
    for attribute in type.attributes {
      let part = type.identity.first { $0.attribute == attribute.name }
      // A made-up owner would be a role that nobody here can take.
      let isWanted = isFull && !attribute.isSensitive && attribute.name != AttributeSchema.ownerName
      guard part != nil || attribute.isRequired || isWanted else { continue }
      let value: Value?
      if let container = part?.containerType {
        value = reference(to: [container], depth: depth)
      } else if case .reference(let targets) = attribute.kind {
        value = reference(to: targets, depth: depth)
      } else if attribute.kind.isReference {
        value = nil
      } else if attribute.isSensitive {
        value = .secret("env:\(SampleValues.secretName)")
      } else {
        value = SampleValues(variant: part == nil ? variant : 0).value(of: attribute)
      }
      if let value {
        fields.append(.init(attribute.name, value))
      } else if part != nil || attribute.isRequired {
        return nil
      }
    }
    return .object(fields)
  }

  /// The last part of the name of a resource of one of the types, which is made if it is not there yet.
  private mutating func reference(to targets: [String], depth: Int) -> Value? {
    for name in targets {
      guard let type = types[name], let key = Life.key(of: type), !type.expands else { continue }
      if let known = made.first(where: { $0.key == key }) { return .string(known.name) }
      guard let element = element(of: type, variant: 0, isFull: false, depth: depth + 1) else { continue }
      let parts = type.identity.compactMap { element[$0.attribute].string }
      guard parts.count == type.identity.count else { continue }
      // A container of a container is given by its own part; a schema beside a database is one word.
      let text =
        type.identity.count == 2 && type.identity[0].containerType != nil ? parts[1] : parts.joined(separator: ".")
      made.append((key, text, element))
      return .string(text)
    }
    return nil
  }
}

extension AttributeSchema {
  /// What every type calls the role that owns its objects.
  static let ownerName = "owner"
}

extension AttributeKind {
  /// Whether its values name other resources.
  var isReference: Bool {
    switch self {
    case .reference, .objectReference: true
    case .list(let kind), .set(let kind): kind.isReference
    case .map(let kind, let keys): kind.isReference || keys.isReference
    default: false
    }
  }
}
