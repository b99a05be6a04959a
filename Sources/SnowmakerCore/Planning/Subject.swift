import SnowmakerModel

/// One resource while it is being planned.
struct Subject: Sendable {
  var address: Address
  /// Index in the graph's resources; nil for what is not declared.
  var resource: Int?
  /// What the account has; for a rename what was seen under the old name.
  var observed: Observation?
  /// The ledger's memory of this very object, nil when there is none or it is of a predecessor.
  var entry: LedgerEntry?
  /// Where the ledger keeps the entry now, when that is under another name.
  var entryAddress: Address?
  var renamedFrom: [String]?
  /// What goes to the provider; nil for a drop.
  var declared: Value?
  /// Attributes taken as equal.
  var same: [String] = []
  /// Attributes that were declared once and are absent now.
  var released: [String] = []
  /// Of these, the ones that cannot be unset and stay as they are.
  var left: [String] = []
  /// Nil while the provider has to be asked.
  var settled: PlanAction?
  /// It was adopted, and goes all the same.
  var takesAdopted = false
  /// The ledger must forget it.
  var forget = false
  var notes: [String] = []
  var change: Change?
  /// Index of the subject whose drop takes this one along.
  var absorbedBy: Int?
  /// Indices of the subjects that must be dropped after this one.
  var blocks: [Int] = []

  init(_ address: Address, resource: Int? = nil) {
    self.address = address
    self.resource = resource
  }

  /// Not declared, and to be dropped by statements of its own or along with another.
  var isDrop: Bool { resource == nil && settled == nil }

  var item: PlanItem {
    var item = PlanItem(
      identity: address.identity, declared: declared, observed: observed, same: same, remembered: remembered,
      renamedFrom: renamedFrom)
    item.takesAdopted = takesAdopted
    return item
  }

  /// What the ledger knows, where it can matter: for what leaves or changes, for what is to be taken off, and for
  /// providers that asked to remember something.
  private var remembered: Value {
    guard let entry, declared.map({ differs($0, entry) }) ?? true || entry.memory != nil else { return .object([]) }
    let declared = entry.declared.filter { $0.key != LedgerEntry.compositesKey }
    return .object(declared.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) })
  }

  /// Whether something is declared otherwise than at the last apply, or declared as null.
  private func differs(_ declared: Value, _ entry: LedgerEntry) -> Bool {
    declared.fields.contains { field in
      switch field.value {
      case .null: true
      case .object where field.value.isSecret: false
      case .object(let inner): inner.contains { $0.value.isNull } || entry.declared[field.key] != field.value
      default: entry.declared[field.key] != field.value
      }
    }
  }

  /// All attributes that are known of something not declared: as last applied, then as observed.
  var knownFields: [[Value.Field]] {
    var result: [[Value.Field]] = []
    if let entry { result.append(entry.declared.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) }) }
    if let observed { result.append(observed.attributes.fields) }
    return result
  }
}
