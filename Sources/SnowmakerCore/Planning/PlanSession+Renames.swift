import SnowmakerModel

/// Renames: which there are, and the names that everything has once they are done.
extension PlanSession {
  /// Finds out which resources are renamed, and gives everything beneath them its new name before anything is compared.
  mutating func applyRenames() {
    var rekeying = Rekeying(types)
    // Renames that an earlier apply carried out; it may have been killed before the ledger knew.
    var done = Rekeying(types)
    var claims: [(Address, [Address])] = []
    // What has a name now that something else is to get.
    var freed: Set<Address> = []
    for number in renameOrder() {
      let resource = graph.resources[number]
      guard let identity = resource.renamedFrom else { continue }
      let old = Address(resource.address.type, identity)
      // The old name may be given with the old or the new name of a container that is renamed too.
      let seen = [original(of: old, rekeying), old, rekeying.beneath(old)].compactMap(\.self)
      let successor = graph.index[old].map { graph.resources[$0] }
      let isChain = successor?.renamedFrom.map { !$0.isEmpty } ?? false
      guard let before = seen.first(where: { input.observations.byAddress[$0] != nil }),
        let found = input.observations.byAddress[before]
      else {
        let isThere = observations.byAddress[resource.address] != nil
        if successor == nil ? isThere : isChain && isRenamed(resource, from: old) {
          done.add(done.beneath(old), becomes: resource.address.identity)
        } else if successor == nil, let name = original(of: resource.address, rekeying),
          input.observations.byAddress[name] != nil
        {
          // It has its new name in a container that is still to be renamed.
          done.add(done.beneath(original(of: old, rekeying) ?? old), becomes: name.identity)
        }
        claims.append((resource.address, seen))
        continue
      }
      if resource.renamesOnlyManaged, entries[resource.address] != nil || !isManaged(before, found) { continue }
      let newName = original(of: resource.address, rekeying) ?? resource.address
      let isTaken = input.observations.byAddress[newName] != nil && !freed.contains(newName)
      if successor != nil, !isChain {
        report(
          .error(
            "\(resource.address) says it was \(old), which is declared too", code: "rename-conflict",
            address: resource.address, position: resource.position))
        continue
      }
      // What has the old name may be the successor already: a chain that was carried out stays in the configuration.
      if isChain, isTaken || entries[resource.address] != nil { continue }
      if isTaken {
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
      freed.insert(before)
      renames[resource.address] = rekeying.beneath(before)
      rekeying.add(rekeying.beneath(before), becomes: resource.address.identity)
    }
    if !done.isEmpty { rekeyEntries(done) }
    for (address, old) in claims { claimEntry(of: address, from: old) }
    renamedAway = Set(renames.values)
    if !rekeying.isEmpty { rekey(rekeying) }
  }

  /// The resources that say they had another name, containers before what is in them, and what gives up a name before what
  /// gets it. Names that go round in a circle, or were one name, are reported and left out.
  private mutating func renameOrder() -> [Int] {
    let declared = graph.order.filter { number in
      let former = graph.resources[number].renamedFrom ?? []
      return !former.isEmpty && former != graph.resources[number].address.identity
    }
    // Old name → the resource that had it.
    var successors: [Address: Int] = [:]
    var refused: Set<Int> = []
    for number in declared {
      let resource = graph.resources[number]
      guard let identity = resource.renamedFrom else { continue }
      let old = Address(resource.address.type, identity)
      guard let other = successors.updateValue(number, forKey: old), other != number else { continue }
      refused.insert(number)
      report(
        .error(
          "\(resource.address) and \(graph.resources[other].address) both say that they were \(old)",
          detail: "Only one of them can have been; take renamed_from out of the other.", code: "rename-conflict",
          address: resource.address, position: resource.position))
    }
    var order: [Int] = []
    var placed: Set<Int> = []
    for number in declared where !placed.contains(number) && !refused.contains(number) {
      // From here on what must give up its name before.
      var chain = [number]
      while let last = chain.last, let next = successors[graph.resources[last].address], !placed.contains(next) {
        if let start = chain.firstIndex(of: next) {
          reportCircle(Array(chain[start...]))
          refused.formUnion(chain[start...])
          break
        }
        chain.append(next)
      }
      for member in chain.reversed() where placed.insert(member).inserted { order.append(member) }
    }
    return order.filter { !refused.contains($0) }.enumerated()
      .sorted {
        let (left, right) = (graph.resources[$0.element].address, graph.resources[$1.element].address)
        return (left.identity.count, $0.offset) < (right.identity.count, $1.offset)
      }.map(\.element)
  }

  private mutating func reportCircle(_ members: [Int]) {
    let resources = members.map { graph.resources[$0] }
    // Each member's name goes to the next.
    let names = resources.map(\.address.description)
    report(
      .error(
        "these renames go round in a circle: \((names + names.prefix(1)).joined(separator: " → "))",
        detail: "No name becomes free for the others. Rename one of them to a name of its own and apply; then the "
          + "others, and that one at last.", code: "rename-circle", address: resources[0].address,
        position: resources[0].position))
  }

  /// Whether what the account has under the resource's name is what the ledger has under its old one, which another
  /// resource is to have: either the ledger knows of nothing there any more, or of this very object.
  private func isRenamed(_ resource: Resource, from old: Address) -> Bool {
    guard let found = observations.byAddress[resource.address] else { return false }
    guard let entry = entries[old] else { return true }
    return entry.createdOn != nil && entry.createdOn == found.createdOn
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
    // A renamed resource's own entry goes on under the new name. In a chain, one's new name is another's old one.
    let own = renames.compactMap { new, old in
      entries.removeValue(forKey: old).map { (new, $0, entryAddresses.removeValue(forKey: old) ?? old) }
    }
    for (new, entry, address) in own {
      var entry = entry
      entry.address = new
      entries[new] = entry
      entryAddresses[new] = address
    }
  }

  /// Gives what the ledger remembers of things in, on or for renamed resources its new names. What the ledger has under
  /// the new name already stays as it is.
  private mutating func rekeyEntries(_ rekeying: Rekeying) {
    var names: [Address: Address] = [:]
    for (address, entry) in entries {
      names[address] = rekeying.record(address, attributes: entry.declared.map { Value.Field($0.key, $0.value) })
    }
    var moved: [Address: LedgerEntry] = [:]
    var addresses: [Address: Address] = [:]
    for (address, entry) in entries {
      var entry = entry
      var new = names[address] ?? address
      // What stays where it is goes first.
      if new != address, entries[new] != nil, names[new] == new { new = address }
      guard new != address || names[address] == address else {
        if moved[address] == nil {
          moved[address] = entry
          addresses[address] = entryAddresses[address]
        }
        continue
      }
      let fields = entry.declared.map { Value.Field($0.key, $0.value) }
      let rewritten = rekeying.rewrite(fields, of: address.type, identity: new.identity)
      entry.declared = Dictionary(rewritten.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
      entry.memory = entry.memory.map(rekeying.rewriteNames)
      entry.address = new
      if new != address || entryAddresses[address] != nil { addresses[new] = entryAddresses[address] ?? address }
      moved[new] = entry
    }
    entries = moved
    entryAddresses = addresses
  }
}
