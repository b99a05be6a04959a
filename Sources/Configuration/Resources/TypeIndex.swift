import SnowmakerModel

/// The types by the keys that configuration uses.
final class TypeIndex {
  /// One type, prepared for looking up keys.
  final class Entry {
    let schema: TypeSchema
    /// Attribute positions by name and alias.
    let attributes: [String: Int]
    /// Names by other keys, for positions.
    let aliases: [String: [String]]
    /// The attribute positions of the identity parts.
    let identity: [Int]
    /// How many leading identity parts are containers.
    let containerCount: Int
    /// The identity part that is the object's own name, when that is an identifier; its position in `identity`.
    let ownName: Int?
    /// What may be nested in it, by key.
    var nested: [String: (type: Entry, fills: String)] = [:]
    /// Attributes that hold references, themselves or inside.
    let references: [Int]
    var defaults: [Node.Entry] = []
    /// The older schema version that the project writes, nil for the current one.
    var pinned: Int?

    init(_ schema: TypeSchema) {
      self.schema = schema
      var attributes: [String: Int] = [:]
      var aliases: [String: [String]] = [:]
      for (index, attribute) in schema.attributes.enumerated() {
        for alias in attribute.aliases where attributes[alias] == nil { attributes[alias] = index }
        if !attribute.aliases.isEmpty { aliases[attribute.name] = attribute.aliases }
      }
      for (index, attribute) in schema.attributes.enumerated() { attributes[attribute.name] = index }
      self.attributes = attributes
      self.aliases = aliases
      self.identity = schema.identity.compactMap { attributes[$0.attribute] }
      self.containerCount = schema.identity.prefix { $0.containerType != nil }.count
      let last = schema.identity.count - 1
      if last >= 0, containerCount == last, let attribute = attributes[schema.identity[last].attribute],
        schema.attributes[attribute].kind.isSingleName
      {
        self.ownName = last
      } else {
        self.ownName = nil
      }
      self.references = schema.attributes.indices.filter { schema.attributes[$0].kind.holdsReference }
    }

    /// An object of its own in the account, named by one identifier: what a target's prefix is for.
    var takesPrefix: Bool { schema.sqlName != nil && schema.identity.count == 1 && ownName == 0 }

    /// The keys an element may have, for suggestions.
    lazy var keys: [String] =
      (Array(attributes.keys) + (schema.expands ? [] : Array(nested.keys)) + MetaKeys.all).sorted()
  }

  private(set) var byType: [String: Entry] = [:]
  /// By the key at the top of a file.
  private(set) var byKey: [String: (type: Entry, forms: [SurfaceForm])] = [:]
  private(set) var bySQLName: [String: Entry] = [:]

  init(_ types: [TypeSchema]) {
    let entries = types.map(Entry.init)
    for entry in entries {
      byType[entry.schema.type] = entry
      if let sqlName = entry.schema.sqlName, bySQLName[sqlName] == nil { bySQLName[sqlName] = entry }
    }
    for entry in entries {
      for form in entry.schema.forms {
        switch form {
        case .plural(let key), .pairs(let key, _, _):
          if byKey[key].map({ $0.type === entry }) ?? true {
            byKey[key] = (entry, (byKey[key]?.forms ?? []) + [form])
          }
        case .nested(let parent, let key, let fills): byType[parent]?.nested[key] = (entry, fills)
        }
      }
    }
  }

  /// The type that a word in `snowmaker.yaml` means: its name, its plural or a key it is written under.
  func type(_ word: String) -> Entry? { byType[word] ?? byKey[word]?.type }

  var words: [String] { (Array(byType.keys) + Array(byKey.keys)).sorted() }
  var topKeys: [String] { byKey.keys.sorted() }
}

/// Keys of an element that are no attributes.
enum MetaKeys {
  static let all = ["depends_on", "for_each", "lifecycle", "moved", "renamed_from", "where"]
}

extension AttributeKind {
  fileprivate var isSingleName: Bool {
    switch self {
    case .identifier, .name, .reference: true
    default: false
    }
  }

  var holdsReference: Bool {
    switch self {
    case .reference, .objectReference: true
    case .list(let kind), .set(let kind): kind.holdsReference
    case .map(let kind, let keys): kind.holdsReference || keys.holdsReference
    case .record(let attributes): attributes.contains { $0.kind.holdsReference }
    default: false
    }
  }
}
