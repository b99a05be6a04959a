import SnowmakerModel

/// What a plan of a part of the configuration, `--only`, has to read: what is selected, what that refers to, and what the
/// ledger remembers of the selected and of what goes along with it.
struct ReadSelection {
  /// Indices of the declared resources that are planned.
  private(set) var chosen: Set<Int> = []
  /// Indices of those that the chosen ones refer to: whether they exist and who owns them matters, nothing else.
  private(set) var needed: Set<Int> = []
  /// What is not declared, and selected or dropped along with what is.
  private(set) var leaving: Set<Address> = []
  /// What is not declared either, and what leaves is in, on or for: its owner may be who takes that away.
  private(set) var remembered: Set<Address> = []

  init(_ graph: ResourceGraph, _ selectors: [ResourceSelector], _ ledger: LedgerSnapshot) {
    for (number, resource) in graph.resources.enumerated() {
      if selectors.contains(where: { $0.matches(resource.address) }) { chosen.insert(number) }
    }
    for number in chosen {
      for edge in graph.edges[number] {
        needed.insert(edge.to)
        for container in graph.types.containers(of: graph.resources[edge.to].address) {
          if let at = graph.index[container] { needed.insert(at) }
        }
      }
    }
    let left = ledger.entries.keys.filter { graph.index[$0] == nil }
    leaving = Set(left.filter { address in selectors.contains { $0.matches(address) } })
    if !leaving.isEmpty {
      addAlong(left, ledger, graph.types)
      addPlaces(graph, ledger)
    }
    needed.subtract(chosen)
  }

  /// Adds what the leaving ones are in, on or for.
  private mutating func addPlaces(_ graph: ResourceGraph, _ ledger: LedgerSnapshot) {
    for address in leaving {
      var places = graph.types.containers(of: address)
      let fields = (ledger.entries[address]?.declared ?? [:]).map { Value.Field($0.key, $0.value) }
      graph.types.references(in: fields, of: address.type) { places += $0.candidates }
      for place in places {
        if let number = graph.index[place] {
          needed.insert(number)
        } else if ledger.entries[place] != nil, !leaving.contains(place) {
          remembered.insert(place)
        }
      }
    }
  }

  /// Adds what lies in, or refers to, something that leaves.
  private mutating func addAlong(_ left: [Address], _ ledger: LedgerSnapshot, _ types: TypeIndex) {
    var open = left.filter { !leaving.contains($0) }
    var count = -1
    while count != leaving.count {
      count = leaving.count
      open.removeAll { address in
        var goesAlong = types.containers(of: address).contains(where: leaving.contains)
        let fields = (ledger.entries[address]?.declared ?? [:]).map { Value.Field($0.key, $0.value) }
        types.references(in: fields, of: address.type) { found in
          goesAlong = goesAlong || found.candidates.contains(where: leaving.contains)
        }
        if goesAlong { leaving.insert(address) }
        return goesAlong
      }
    }
  }
}
