import SnowmakerModel

/// A plan in the making: what is known so far.
///
/// The work is split over extensions: +Declared and +Leaving find out what each resource is up against, +Asking asks the
/// providers, +Checks says what must not be, +Assembly makes the plan of it.
struct PlanSession {
  var input: PlanInput
  let types: TypeIndex
  let graph: ResourceGraph
  /// As observed, with the names that things have once all renames are done.
  var observations: Observations
  /// The ledger, with the names that things have once all renames are done.
  var entries: [Address: LedgerEntry]
  /// Where the ledger keeps the entries whose names changed.
  var entryAddresses: [Address: Address] = [:]
  /// New address → old address, of the resources that this plan renames.
  var renames: [Address: Address] = [:]
  /// The old addresses of the resources that this plan renames.
  var renamedAway: Set<Address> = []
  /// The keyed digests of what the declared composites are made of.
  let compositeDigests: [Address: String]
  var subjects: [Subject] = []
  /// Index of a declared resource → index of its subject.
  var subjectOf: [Int?] = []
  var dropped: [Address: Int] = [:]
  var diagnostics: [Diagnostic] = []
  /// What choosing the roles would still have the account asked.
  var questions: Set<RoleQuestion> = []

  init(_ input: PlanInput) {
    self.input = input
    types = TypeIndex(input.types)
    graph = ResourceGraph(input.resources, index: types)
    observations = input.observations
    entries = input.ledger.entries
    compositeDigests = input.composites.mapValues { input.digest($0.source) }
    diagnostics = graph.diagnostics
  }

  var settings: PlanSettings { input.settings }

  func isSelected(_ address: Address) -> Bool {
    settings.only.isEmpty || settings.only.contains { $0.matches(address) }
  }

  func isIgnored(_ address: Address, owner: String?) -> Bool {
    !settings.ignore.isEmpty
      && settings.ignore.contains {
        $0.matches(address, containers: types.containers(of: address), owner: owner)
      }
  }

  /// The position of an attribute, or of its resource when it has none.
  func position(_ resource: Resource, _ path: String) -> SourcePosition? {
    if resource.positions.isEmpty { return resource.position }
    var path = Substring(path)
    while true {
      if let position = resource.positions[String(path)] { return position }
      guard let dot = path.lastIndex(of: ".") else { return resource.position }
      path = path[..<dot]
    }
  }

  mutating func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }
}
