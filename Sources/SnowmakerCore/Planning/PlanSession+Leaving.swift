import SnowmakerModel

/// What is not declared: what has left the configuration, and what an exclusive scope does not tolerate.
extension PlanSession {
  mutating func addLeaving() {
    let left = entries.keys.filter { graph.index[$0] == nil }.sorted()
    for address in left {
      guard let entry = entries[address] else { continue }
      var subject = Subject(address)
      subject.entryAddress = entryAddresses[address]
      leave(&subject, entry)
      subjects.append(subject)
    }
    if !settings.exclusive.isEmpty { addExclusive(known: Set(left)) }
    absorb()
  }

  private mutating func leave(_ subject: inout Subject, _ entry: LedgerEntry) {
    let address = subject.address
    if types[address.type] == nil {
      subject.settled = .unknown
      subject.notes.append("because no loaded plugin brings the type '\(address.type)'")
      return
    }
    switch observations.state(of: address) {
    case .unknown(let reason):
      subject.settled = .unknown
      subject.notes.append("not declared any more; kept because \(reason)")
    case .absent:
      subject.settled = PlanAction.none
      subject.forget = true
    case .present(let found):
      subject.observed = found
      if let recorded = entry.createdOn, let actual = found.createdOn, recorded != actual {
        subject.settled = PlanAction.none
        subject.forget = true
        subject.notes.append("another object of this name than the one that was managed: left alone")
        return
      }
      subject.entry = entry
      if let reason = found.foreign {
        subject.settled = .release
        subject.notes.append(reason)
      } else if isIgnored(address, owner: found.owner) {
        subject.settled = .release
        subject.notes.append("ignored by the configuration")
      } else if entry.origin == .adopted && settings.dropAdopted {
        subject.takesAdopted = true
      } else if entry.origin == .adopted, types[address.type]?.schema.adoptsInPart != true || entry.memory == nil {
        subject.settled = .release
        subject.notes.append("was adopted, so it is not dropped")
      } else if let plugin = changedPlugin(entry) {
        subject.notes.append("because plugin \(plugin) changed")
      }
    }
  }

  /// The plugin to which it is owed that a composite stands for less than it did: the composite is declared as it was at
  /// the last apply, and yet this is gone. Nil when the configuration changed.
  private func changedPlugin(_ entry: LedgerEntry) -> String? {
    var plugin: String?
    for trace in entry.composites {
      guard compositeDigests[trace.address] == trace.digest else { break }
      plugin = input.composites[trace.address]?.plugin
    }
    return plugin
  }

  /// Adds what exists in an exclusive scope and is neither declared nor in the ledger.
  private mutating func addExclusive(known: Set<Address>) {
    var scopes: [String: [ExclusiveScope]] = [:]
    for scope in settings.exclusive { scopes[scope.type, default: []].append(scope) }
    for (type, reason) in observations.partial.sorted(by: { $0.key < $1.key }) where scopes[type] != nil {
      report(
        .warning(
          "'\(type)' is exclusive, but not all of them could be seen",
          detail: "Nothing undeclared is dropped, because \(reason).", code: "partial-exclusive"))
      scopes[type] = nil
    }
    var found: [Address] = []
    let members = Set(subjects.map(\.address))
    let renamed = Set(renames.values)
    for (address, observation) in observations.byAddress {
      guard let scopes = scopes[address.type], graph.index[address] == nil, !members.contains(address),
        !known.contains(address), observation.foreign == nil, !renamed.contains(address)
      else { continue }
      guard scopes.contains(where: { covers($0, address, observation) }), !isIgnored(address, owner: observation.owner)
      else {
        continue
      }
      if types.implicitParent(of: address, where: { observations.byAddress[$0] != nil }) != nil { continue }
      found.append(address)
    }
    // A release in an exclusive scope would leave it there: it is dropped instead.
    for number in subjects.indices where subjects[number].settled == .release {
      guard let observed = subjects[number].observed, observed.foreign == nil,
        !isIgnored(subjects[number].address, owner: observed.owner),
        scopes[subjects[number].address.type]?.contains(where: {
          covers($0, subjects[number].address, observed)
        }) == true
      else { continue }
      subjects[number].settled = nil
      subjects[number].takesAdopted = true
      subjects[number].notes = ["not declared in an exclusive scope"]
    }
    for address in found.sorted() {
      var subject = Subject(address)
      subject.observed = observations.byAddress[address]
      subject.notes.append("not declared in an exclusive scope")
      subjects.append(subject)
    }
  }

  /// Whether what was observed lies in the scope.
  private func covers(_ scope: ExclusiveScope, _ address: Address, _ observation: Observation) -> Bool {
    if let container = scope.container {
      let names = types.containers(of: address).map { $0.identity.joined(separator: ".") }
      guard names.contains(container) else { return false }
    }
    return scope.attributes.allSatisfy { observation.attributes[$0.key] == $0.value }
  }

  /// Finds out which drops come about by themselves, and which must come before others.
  private mutating func absorb() {
    for number in subjects.indices where subjects[number].isDrop { dropped[subjects[number].address] = number }
    guard !dropped.isEmpty else { return }
    var parent: [Int: Int] = [:]
    var needsFirst: [Int: Set<Int>] = [:]
    for number in subjects.indices where subjects[number].isDrop {
      let subject = subjects[number]
      for container in types.containers(of: subject.address) {
        if let target = dropped[container], parent[number] == nil { parent[number] = target }
      }
      for fields in subject.knownFields {
        types.references(in: fields, of: subject.address.type) { found in
          guard let target = found.candidates.compactMap({ dropped[$0] }).first, target != number else { return }
          if found.attribute.edge == .containedIn || found.attribute.onTargetDrop == .absorbed {
            if parent[number] == nil { parent[number] = target }
          } else {
            needsFirst[number, default: []].insert(target)
          }
        }
      }
    }
    func root(_ number: Int) -> Int {
      var at = number
      var seen: Set<Int> = [number]
      while let next = parent[at], seen.insert(next).inserted { at = next }
      return parent[at] == nil ? at : number
    }
    for number in parent.keys.sorted() {
      let top = root(number)
      if top != number { subjects[number].absorbedBy = top }
    }
    for (number, targets) in needsFirst {
      let from = subjects[number].absorbedBy ?? number
      for target in targets {
        let to = subjects[target].absorbedBy ?? target
        if to != from, !subjects[from].blocks.contains(to) { subjects[from].blocks.append(to) }
      }
    }
    leaveOutUnselected()
  }

  /// `--only`: a drop outside the selection does not happen, unless a selected one brings it about.
  private mutating func leaveOutUnselected() {
    guard !settings.only.isEmpty else { return }
    var kept: [Int: Int] = [:]
    var result: [Subject] = []
    for (number, subject) in subjects.enumerated() {
      let root = subject.absorbedBy ?? number
      guard subject.resource != nil || isSelected(subjects[root].address) || isSelected(subject.address) else {
        continue
      }
      kept[number] = result.count
      result.append(subject)
    }
    for number in result.indices {
      if let root = result[number].absorbedBy { result[number].absorbedBy = kept[root] }
      result[number].blocks = result[number].blocks.compactMap { kept[$0] }
    }
    subjects = result
    dropped = [:]
    for number in subjects.indices where subjects[number].isDrop { dropped[subjects[number].address] = number }
  }
}
