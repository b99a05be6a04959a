public import SnowmakerModel

extension ResourceGraph {
  /// What has to be read, by type: what is declared, what the ledger remembers, what is referred to without being
  /// declared, and the old names of what was renamed. In the order of the configuration, then by name. With selectors:
  /// of what they select, and what that refers to.
  public func wanted(
    ledger: LedgerSnapshot = LedgerSnapshot(), only selectors: [ResourceSelector] = []
  ) -> [String: [ReadRequest.Wanted]] {
    let selection = selectors.isEmpty ? nil : ReadSelection(self, selectors, ledger)
    var collector = WantedCollector(ledger: ledger)
    let renamed = formerNames()
    for (number, resource) in resources.enumerated() {
      let isChosen = selection?.chosen.contains(number) ?? true
      guard isChosen || selection?.needed.contains(number) == true else { continue }
      func add(_ address: Address) { collector.add(address, resource: resource, isPlanned: isChosen) }
      add(resource.address)
      if let old = resource.renamedFrom { add(Address(resource.address.type, old)) }
      for names in renamed {
        let before = names.record(resource.address, attributes: resource.attributes)
        if before != resource.address { add(before) }
        if let old = resource.renamedFrom { add(names.beneath(Address(resource.address.type, old))) }
      }
    }
    for address in ledger.entries.keys.sorted() where index[address] == nil {
      if selection?.leaving.contains(address) ?? true {
        collector.add(address, resource: nil)
      } else if selection?.remembered.contains(address) == true {
        collector.add(address, resource: nil, isPlanned: false)
      }
    }
    for reference in undeclared where selection?.chosen.contains(reference.resource) ?? true {
      for address in reference.candidates { collector.add(address, resource: nil) }
    }
    return collector.wanted
  }

  /// From new names to former ones, for what has a new name now may still be found under the former one: once for an
  /// account where nothing is renamed yet, and once for each way in which only some of the containers around
  /// something are, because an apply was killed between them.
  private func formerNames() -> [Rekeying] {
    let moved = order.map { resources[$0] }.filter { $0.renamedFrom != nil }
    let depths = Set(moved.map(\.address.identity.count)).sorted()
    return depths.flatMap { outermost in
      depths.drop { $0 < outermost }.map { innermost in
        var names = Rekeying(types)
        for resource in moved where (outermost...innermost).contains(resource.address.identity.count) {
          guard let former = resource.renamedFrom?.last else { continue }
          // The containers' own former names apply first.
          let old = Address(resource.address.type, resource.address.identity.dropLast() + [former])
          names.add(names.beneath(resource.address), becomes: names.beneath(old).identity)
        }
        return names
      }
    }
  }

  /// What is declared and not among `wanted`, by type, for providers that have to know what else is declared.
  public func declared(beside wanted: [String: [ReadRequest.Wanted]]) -> [String: [ReadRequest.Wanted]] {
    let known = wanted.mapValues { Set($0.map(\.identity)) }
    var result: [String: [ReadRequest.Wanted]] = [:]
    for resource in resources where known[resource.address.type]?.contains(resource.address.identity) != true {
      result[resource.address.type, default: []].append(
        .init(identity: resource.address.identity, attributes: [], declared: .object(resource.attributes)))
    }
    return result
  }
}

private struct WantedCollector {
  let ledger: LedgerSnapshot
  var wanted: [String: [ReadRequest.Wanted]] = [:]
  /// Where each address is in its type's list.
  private var places: [Address: Int] = [:]

  init(ledger: LedgerSnapshot) { self.ledger = ledger }

  /// Attributes matter only of what is planned.
  mutating func add(_ address: Address, resource: Resource?, isPlanned: Bool = true) {
    if let place = places[address] {
      // One's old name is another's new one: what matters of either is read.
      guard isPlanned, let resource, var known = wanted[address.type]?[place], known.declared != nil else { return }
      let names = Set(known.attributes)
      known.attributes += resource.attributes.map(\.key).filter { !names.contains($0) }
      wanted[address.type]?[place] = known
      return
    }
    var attributes = isPlanned ? resource?.attributes.map(\.key) ?? [] : []
    if isPlanned, let entry = ledger.entries[address] {
      let known = Set(attributes)
      attributes += entry.declared.keys.filter { !known.contains($0) }.sorted()
    }
    places[address] = wanted[address.type]?.count ?? 0
    wanted[address.type, default: []].append(
      .init(identity: address.identity, attributes: attributes, declared: resource.map { .object($0.attributes) }))
  }
}
