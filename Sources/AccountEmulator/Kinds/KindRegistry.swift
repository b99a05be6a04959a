import SnowmakerModel

/// All kinds of objects by their SQL names, and the names of those that only grants know.
final class KindRegistry: Sendable {
  private let kinds: [String: ObjectKind]
  private let plurals: [String: ObjectKind]
  /// Plural to singular, for everything that grants name.
  private let singulars: [String: String]
  private let types: [String: ObjectTypes.Entry]
  /// The kinds by namespace: those that cannot share a name.
  private let namespaces: [String: [ObjectKind]]
  /// In the order of their names.
  let all: [ObjectKind]

  /// The kinds the emulator knows by itself and those that providers describe. A provider's description replaces a
  /// stand-in; to a kind with behaviour of its own it adds attributes.
  init(types provided: [TypeSchema]) {
    var kinds: [String: ObjectKind] = [:]
    for kind in BuiltInKinds.standIns { kinds[kind.sqlName] = kind }
    for schema in provided {
      guard let name = schema.sqlName?.uppercased() else { continue }
      kinds[name] = ObjectKind(schema, behavior: BuiltInKinds.behaviors[name] ?? PlainBehavior())
    }
    for kind in BuiltInKinds.fundamental(merging: provided) { kinds[kind.sqlName] = kind }
    var entries = ObjectTypes.table
    for kind in kinds.values where entries[kind.sqlName] == nil {
      entries[kind.sqlName] = ObjectTypes.Entry(plural: kind.sqlPlural, privileges: [])
    }
    self.kinds = kinds
    all = kinds.values.sorted { $0.sqlName < $1.sqlName }
    plurals = Dictionary(kinds.values.map { ($0.sqlPlural, $0) }) { first, _ in first }
    types = entries
    var singulars: [String: String] = [:]
    for (name, entry) in entries { singulars[entry.plural] = name }
    for kind in kinds.values { singulars[kind.sqlPlural] = kind.sqlName }
    self.singulars = singulars
    namespaces = Dictionary(grouping: all, by: \.schema.namespace)
  }

  func kind(_ type: String) -> ObjectKind? { kinds[type] }
  func kind(plural: String) -> ObjectKind? { plurals[plural] }
  func isType(_ words: String) -> Bool { types[words] != nil }
  func isPlural(_ words: String) -> Bool { singulars[words] != nil }
  func singular(of plural: String) -> String? { singulars[plural] }

  /// The kinds whose names an object of `kind` must not take.
  func sharingNames(with kind: ObjectKind) -> [ObjectKind] { namespaces[kind.schema.namespace] ?? [kind] }

  /// The privileges that can be granted on objects of a type, ownership not among them; nil when any is taken.
  func privileges(on type: String) -> [String]? {
    let known = (types[type]?.privileges ?? []) + (kinds[type]?.privileges ?? [])
    var seen: Set<String> = ["OWNERSHIP"]
    let result = known.map { $0.uppercased() }.filter { seen.insert($0).inserted }
    return result.isEmpty && kinds[type] == nil ? nil : result
  }
}
