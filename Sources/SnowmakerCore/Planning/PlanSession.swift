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

// MARK: - Renames

extension PlanSession {
  /// Finds out which resources are renamed, and gives everything beneath them its new name before anything is compared.
  mutating func applyRenames() {
    var rekeying = Rekeying(types)
    // Renames that an earlier apply carried out; it may have been killed before the ledger knew.
    var done = Rekeying(types)
    var claims: [(Address, [Address])] = []
    let declared = graph.order.filter {
      graph.resources[$0].renamedFrom != nil && graph.resources[$0].renamedFrom != []
    }
    .sorted { graph.resources[$0].address.identity.count < graph.resources[$1].address.identity.count }
    for number in declared {
      let resource = graph.resources[number]
      guard let identity = resource.renamedFrom, identity != resource.address.identity else { continue }
      let old = Address(resource.address.type, identity)
      // The old name may be given with the old or the new name of a container that is renamed too.
      let seen = [old, rekeying.beneath(old)]
      let before = seen.first { input.observations.byAddress[$0] != nil } ?? original(of: old, rekeying)
      guard let before, let found = input.observations.byAddress[before] else {
        if graph.index[old] == nil, observations.byAddress[resource.address] != nil {
          done.add(done.beneath(old), becomes: resource.address.identity)
        }
        claims.append((resource.address, seen))
        continue
      }
      if resource.renamesOnlyManaged, entries[resource.address] != nil || !isManaged(before, found) { continue }
      if graph.index[old] != nil {
        report(
          .error(
            "\(resource.address) says it was \(old), which is declared too", code: "rename-conflict",
            address: resource.address, position: resource.position))
        continue
      }
      let newName = original(of: resource.address, rekeying) ?? resource.address
      if input.observations.byAddress[newName] != nil {
        report(
          .error(
            "\(resource.address) cannot be renamed from \(old): the account has both",
            detail: resource.renamesOnlyManaged
              ? "Drop or rename one of them."
              : "Drop or rename one of them, or take renamed_from (or moved) out to manage both.",
            code: "rename-conflict",
            address: resource.address, position: resource.position))
        continue
      }
      if found.foreign != nil { continue }
      renames[resource.address] = rekeying.beneath(before)
      rekeying.add(rekeying.beneath(before), becomes: resource.address.identity)
    }
    if !done.isEmpty { rekeyEntries(done) }
    for (address, old) in claims { claimEntry(of: address, from: old) }
    if !rekeying.isEmpty { rekey(rekeying) }
  }

  /// Whether the ledger has the very object that was seen.
  private func isManaged(_ address: Address, _ found: Observation) -> Bool {
    guard let entry = entries[address] else { return false }
    guard let recorded = entry.createdOn, let actual = found.createdOn else { return true }
    return recorded == actual
  }

  /// Where the account still has what is called `address` once its containers are renamed.
  private func original(of address: Address, _ rekeying: Rekeying) -> Address? {
    guard !rekeying.isEmpty else { return nil }
    for container in types.containers(of: address).reversed() {
      guard let old = renames[container] else { continue }
      return Address(address.type, old.identity + address.identity.dropFirst(container.identity.count))
    }
    return nil
  }

  /// An entry under the old name of something that was renamed before goes on under the new one.
  private mutating func claimEntry(of address: Address, from old: [Address]) {
    guard entries[address] == nil, let before = old.first(where: { entries[$0] != nil }) else { return }
    guard var entry = entries.removeValue(forKey: before) else { return }
    entry.address = address
    entries[address] = entry
    entryAddresses[address] = entryAddresses.removeValue(forKey: before) ?? before
  }

  private mutating func rekey(_ rekeying: Rekeying) {
    var byAddress: [Address: Observation] = [:]
    byAddress.reserveCapacity(observations.byAddress.count)
    for (address, observation) in observations.byAddress {
      var observation = observation
      let new = rekeying.record(address, attributes: observation.attributes.fields)
      observation.identity = new.identity
      observation.attributes = .object(
        rekeying.rewrite(observation.attributes.fields, of: address.type, identity: new.identity))
      byAddress[new] = observation
    }
    observations.byAddress = byAddress
    var unseen: [Address: String] = [:]
    for (address, reason) in observations.unseen { unseen[rekeying.record(address, attributes: [])] = reason }
    observations.unseen = unseen
    rekeyEntries(rekeying)
    // A renamed resource's own entry goes on under the new name.
    for (new, old) in renames {
      guard var entry = entries.removeValue(forKey: old) else { continue }
      entry.address = new
      entries[new] = entry
      entryAddresses[new] = entryAddresses.removeValue(forKey: old) ?? old
    }
  }

  /// Gives what the ledger remembers of things in, on or for renamed resources its new names. What the ledger has under
  /// the new name already stays as it is.
  private mutating func rekeyEntries(_ rekeying: Rekeying) {
    var moved: [Address: LedgerEntry] = [:]
    var stale: [(Address, LedgerEntry)] = []
    for (address, entry) in entries {
      var entry = entry
      let fields = entry.declared.map { Value.Field($0.key, $0.value) }
      let new = rekeying.record(address, attributes: fields)
      guard new == address || entries[new] == nil else {
        stale.append((address, entry))
        continue
      }
      let rewritten = rekeying.rewrite(fields, of: address.type, identity: new.identity)
      entry.declared = Dictionary(rewritten.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
      entry.memory = entry.memory.map(rekeying.rewriteNames)
      entry.address = new
      if new != address { entryAddresses[new] = entryAddresses.removeValue(forKey: address) ?? address }
      moved[new] = entry
    }
    for (address, entry) in stale where moved[address] == nil { moved[address] = entry }
    entries = moved
  }
}
