import SnowmakerModel

/// What each declared resource is up against: what the account has, what the ledger remembers.
extension PlanSession {
  mutating func addDeclared() {
    subjects.reserveCapacity(graph.resources.count)
    subjectOf = Array(repeating: nil, count: graph.resources.count)
    // Whether a resource will come into being in this plan, by index.
    var isNew = [Bool](repeating: false, count: graph.resources.count)
    for number in graph.order {
      let resource = graph.resources[number]
      guard let facts = types[resource.address.type], !facts.schema.isComposite else { continue }
      guard graph.index[resource.address] == number, isSelected(resource.address) else { continue }
      var subject = Subject(resource.address, resource: number)
      observe(&subject, resource, isNew: isNew)
      if subject.settled == nil {
        remember(&subject)
        declare(&subject, resource, facts)
        isNew[number] = subject.observed == nil
      }
      subjectOf[number] = subjects.count
      subjects.append(subject)
    }
  }

  /// Finds what the account has under the resource's name.
  private mutating func observe(_ subject: inout Subject, _ resource: Resource, isNew: [Bool]) {
    let address = resource.address
    if let old = renames[address], let found = observations.byAddress[old] {
      subject.observed = found
      subject.renamedFrom = old.identity
      return
    }
    // What has the name now is renamed, and frees it.
    let state = renamedAway.contains(address) ? .absent : observations.state(of: address)
    switch state {
    case .present(let found):
      if let reason = found.foreign {
        subject.settled = PlanAction.none
        subject.notes.append(reason)
        report(
          .error(
            "\(address) cannot be managed: it is \(reason)",
            detail: "Take it out of the configuration; other resources may still refer to it.", code: "foreign",
            address: address, position: resource.position))
      } else {
        subject.observed = found
      }
    case .absent: subject.observed = implicit(address, resource, isNew)
    case .unknown(let reason):
      // What is in, on or for something that does not exist yet cannot be there.
      if graph.edges[number(of: subject)].contains(where: { $0.goesAlong && isNew[$0.to] }) {
        subject.observed = implicit(address, resource, isNew)
      } else if !settings.assumeAbsent {
        subject.settled = .unknown
        subject.notes.append("because \(reason)")
      } else {
        subject.notes.append("taken as absent, although \(reason)")
      }
    }
  }

  private func number(of subject: Subject) -> Int { subject.resource ?? 0 }

  /// What a child is like that comes into being with its parent in this plan: as never touched.
  private func implicit(_ address: Address, _ resource: Resource, _ isNew: [Bool]) -> Observation? {
    guard let facts = types[address.type] else { return nil }
    let parent = types.implicitParent(of: address) { container in graph.index[container].map { isNew[$0] } ?? false }
    guard parent != nil else { return nil }
    var fields: [Value.Field] = []
    for field in resource.attributes {
      if facts.identityAttributes.contains(field.key) {
        fields.append(field)
      } else if let value = facts.attributes[field.key]?.defaultValue {
        fields.append(.init(field.key, value))
      } else if facts.attributes[field.key]?.isBlankNull == true {
        fields.append(.init(field.key, .null))
      }
    }
    return Observation(identity: address.identity, attributes: .object(fields))
  }

  /// Takes the ledger's entry when it is of the object that the account has now.
  private func remember(_ subject: inout Subject) {
    guard let observed = subject.observed, let entry = entries[subject.address] else { return }
    if let recorded = entry.createdOn, let actual = observed.createdOn, recorded != actual {
      subject.notes.append("another object of this name than the one that was managed")
      return
    }
    subject.entry = entry
    subject.entryAddress = entryAddresses[subject.address]
  }

  /// Works out what to ask for: what is declared, without what is ignored, with what was released as null.
  private func declare(_ subject: inout Subject, _ resource: Resource, _ facts: TypeFacts) {
    var fields = resource.attributes
    let ignored = resource.lifecycle.ignoreChanges
    if subject.observed != nil, !ignored.isEmpty {
      fields.removeAll { ignored.contains($0.key) && !facts.identityAttributes.contains($0.key) }
    }
    if let entry = subject.entry, !resource.lifecycle.keepsReleased, entry.declared.count > 0 {
      release(&subject, entry, resource, facts, into: &fields)
    }
    subject.declared = .object(fields)
    if !facts.digested.isEmpty || fields.contains(where: { $0.value.isSecret }) { markSame(&subject, fields, facts) }
  }

  private func release(
    _ subject: inout Subject, _ entry: LedgerEntry, _ resource: Resource, _ facts: TypeFacts,
    into fields: inout [Value.Field]
  ) {
    var gone: [String] = []
    var known = 0
    for field in resource.attributes where entry.declared[field.key] != nil { known += 1 }
    guard known < entry.declared.count else { return }
    let declared = Set(resource.attributes.map(\.key))
    for (name, value) in entry.declared where !declared.contains(name) && !value.isNull { gone.append(name) }
    for name in gone.sorted() {
      guard let attribute = facts.attributes[name], !facts.identityAttributes.contains(name),
        !resource.lifecycle.ignoreChanges.contains(name), attribute.change != .createOnly
      else { continue }
      if attribute.unset == .impossible || attribute.change != .alter {
        subject.left.append(name)
      } else {
        subject.released.append(name)
        fields.append(.init(name, .null))
      }
    }
  }

  /// Finds the attributes that cannot be compared and did not change since the last apply.
  private func markSame(_ subject: inout Subject, _ fields: [Value.Field], _ facts: TypeFacts) {
    guard let entry = subject.entry else { return }
    for field in fields {
      let isSensitive = facts.attributes[field.key]?.isSensitive == true || field.value.holdsSecret
      guard isSensitive || facts.digested.contains(field.key), let pair = entry.digests[field.key] else { continue }
      if isSensitive && settings.resendSecrets { continue }
      guard pair.declared == input.digest(field.value) else { continue }
      let echo = subject.observed?.attributes.find(field.key)
      if let echoed = pair.echoed {
        // An attribute that cannot be seen today is no evidence of a change.
        if let echo, echo != .unknown, input.digest(echo) != echoed { continue }
      } else if !isSensitive {
        continue
      }
      subject.same.append(field.key)
    }
  }
}
