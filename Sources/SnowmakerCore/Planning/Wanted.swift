public import SnowmakerModel

extension ResourceGraph {
  /// What has to be read, by type: what is declared, what the ledger remembers, what is referred to without being
  /// declared, and the old names of what was renamed. In the order of the configuration, then by name.
  public func wanted(ledger: LedgerSnapshot = LedgerSnapshot()) -> [String: [ReadRequest.Wanted]] {
    var collector = WantedCollector(ledger: ledger)
    var renamed = Rekeying(types)
    for number in order {
      guard let old = resources[number].renamedFrom else { continue }
      // Backwards: what has the new name now may still be found under the old one.
      renamed.add(resources[number].address, becomes: old)
    }
    for resource in resources {
      collector.add(resource.address, resource: resource)
      if let old = resource.renamedFrom { collector.add(Address(resource.address.type, old), resource: resource) }
      guard !renamed.isEmpty else { continue }
      let before = renamed.record(resource.address, attributes: resource.attributes)
      if before != resource.address { collector.add(before, resource: resource) }
      if let old = resource.renamedFrom {
        collector.add(renamed.beneath(Address(resource.address.type, old)), resource: resource)
      }
    }
    for address in ledger.entries.keys.sorted() where index[address] == nil { collector.add(address, resource: nil) }
    for reference in undeclared { for address in reference.candidates { collector.add(address, resource: nil) } }
    return collector.wanted
  }
}

private struct WantedCollector {
  let ledger: LedgerSnapshot
  var wanted: [String: [ReadRequest.Wanted]] = [:]
  /// Where each address is in its type's list.
  private var places: [Address: Int] = [:]

  init(ledger: LedgerSnapshot) { self.ledger = ledger }

  mutating func add(_ address: Address, resource: Resource?) {
    if let place = places[address] {
      // One's old name is another's new one: what matters of either is read.
      guard let resource, var known = wanted[address.type]?[place], known.declared != nil else { return }
      let names = Set(known.attributes)
      known.attributes += resource.attributes.map(\.key).filter { !names.contains($0) }
      wanted[address.type]?[place] = known
      return
    }
    var attributes = resource?.attributes.map(\.key) ?? []
    if let entry = ledger.entries[address] {
      let known = Set(attributes)
      attributes += entry.declared.keys.filter { !known.contains($0) }.sorted()
    }
    places[address] = wanted[address.type]?.count ?? 0
    wanted[address.type, default: []].append(
      .init(identity: address.identity, attributes: attributes, declared: resource.map { .object($0.attributes) }))
  }
}
