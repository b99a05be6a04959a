import SnowmakerModel

/// Makes the plan of what the providers answered.
extension PlanSession {
  mutating func assemble() -> Plan {
    var plan = Plan(binding: input.binding, readCost: observations.cost)
    let touched = touchedSubjects()
    plan.resources.reserveCapacity(subjects.count)
    for number in subjects.indices { plan.resources.append(planned(number, isTouched: touched.contains(number))) }
    for number in subjects.indices {
      guard let root = subjects[number].absorbedBy else { continue }
      plan.resources[root].absorbs.append(subjects[number].address)
    }
    addSteps(to: &plan)
    plan.diagnostics = diagnostics
    return plan
  }

  /// What changes, and what that refers to: what a saved plan holds the account to.
  private func touchedSubjects() -> Set<Int> {
    var result: Set<Int> = []
    for number in subjects.indices where subjects[number].change.map({ $0.action != .none }) ?? false {
      result.insert(number)
      guard let resource = subjects[number].resource else { continue }
      for edge in graph.edges[resource] { if let needed = subjectOf[edge.to] { result.insert(needed) } }
    }
    return result
  }

  private func planned(_ number: Int, isTouched: Bool) -> PlannedResource {
    let subject = subjects[number]
    let resource = subject.resource.map { graph.resources[$0] }
    let action = action(of: subject)
    var planned = PlannedResource(
      address: subject.address, action: action, renamedFrom: subject.renamedFrom,
      position: resource?.position ?? subject.entry?.position)
    if let change = subject.change {
      planned.attributes = change.attributes.map { hidden($0, of: subject.address.type) }
      planned.losses = change.losses
      planned.risk = change.risk
    }
    if let root = subject.absorbedBy { planned.absorbedBy = subjects[root].address }
    planned.note = note(of: subject, action)
    planned.ledger = ledgerChange(of: subject, action)
    if isTouched || action.isChange, let observed = subject.observed {
      planned.fingerprint = fingerprint(of: observed, subject)
    }
    return planned
  }

  /// A sensitive value that a provider shows anyway goes no further: plans are printed and saved.
  private func hidden(_ change: AttributeChange, of type: String) -> AttributeChange {
    guard let attribute = types[type]?.attributes[change.name] else { return change }
    func hide(_ value: Value, _ attribute: AttributeSchema) -> Value {
      if value.isNull || value == .unknown || value.isSecret { return value }
      if attribute.isSensitive { return .string("(sensitive)") }
      guard case .record(let parts) = attribute.kind, case .object(let fields) = value else { return value }
      return .object(
        fields.map { field in
          .init(field.key, parts.first { $0.name == field.key }.map { hide(field.value, $0) } ?? field.value)
        })
    }
    return AttributeChange(change.name, before: hide(change.before, attribute), after: hide(change.after, attribute))
  }

  private func action(of subject: Subject) -> PlanAction {
    if let settled = subject.settled { return settled }
    if subject.absorbedBy != nil { return .drop }
    switch subject.change?.action {
    case .create: return .create
    case .update: return .update
    case .replace: return .replace
    case .rename: return .rename
    case .drop: return .drop
    case .none?:
      guard subject.resource == nil else { return subject.entry == nil ? .adopt : .none }
      // Its provider leaves it as it is.
      return subject.entry != nil && subject.observed != nil ? .release : .none
    case nil: return .unknown
    }
  }

  private func note(of subject: Subject, _ action: PlanAction) -> String {
    var notes = subject.notes
    if let note = subject.change?.note, !note.isEmpty { notes.insert(note, at: 0) }
    let changed = Set(subject.change?.attributes.map(\.name) ?? [])
    let released = subject.released.filter(changed.contains)
    if !released.isEmpty { notes.append("released: \(released.joined(separator: ", "))") }
    if !subject.left.isEmpty {
      notes.append("not declared any more, left as it is: \(subject.left.joined(separator: ", "))")
    }
    if subject.entry == nil, subject.observed != nil, subject.resource != nil,
      action == .update || action == .replace || action == .rename
    {
      notes.append("managed from now on")
    }
    return notes.joined(separator: "; ")
  }

  // MARK: Ledger

  private func ledgerChange(of subject: Subject, _ action: PlanAction) -> LedgerChange {
    if subject.forget || action == .release || action == .drop { return .remove }
    guard let number = subject.resource, action != .unknown else {
      // Not declared, and the provider found nothing to take away: it is gone.
      return subject.resource == nil && subject.settled == nil ? .remove : .none
    }
    guard subject.settled == nil else { return .none }
    let resource = graph.resources[number]
    if let entry = subject.entry, action == .none, subject.entryAddress == nil, isCurrent(entry, subject, resource) {
      return .none
    }
    let origin: LedgerEntry.Origin =
      switch action {
      case .create, .replace: .created
      default:
        subject.entry?.origin ?? (subject.observed?.createdOn == nil && cameWithParent(subject) ? .created : .adopted)
      }
    let isFresh = action == .create || action == .replace
    var entry = LedgerEntry(
      address: subject.address, origin: origin, createdOn: isFresh ? nil : subject.observed?.createdOn,
      position: resource.position)
    entry.declared.reserveCapacity(resource.attributes.count)
    for field in resource.attributes { remember(field, subject, action, in: &entry) }
    entry.memory = subject.change?.memory ?? subject.entry?.memory
    entry.composites = traces(of: resource)
    entry.preventsDestroy = resource.lifecycle.preventDestroy
    if let old = subject.entryAddress { return .move(from: old, entry) }
    return .put(entry)
  }

  /// A child like PUBLIC, that its parent's creation brings about, counts as created.
  private func cameWithParent(_ subject: Subject) -> Bool {
    guard subject.observed != nil, observations.byAddress[subject.address] == nil else {
      return subject.observed == nil
    }
    return types.implicitParent(of: subject.address) { graph.index[$0] != nil } != nil
  }

  private func remember(
    _ field: Value.Field, _ subject: Subject, _ action: PlanAction, in entry: inout LedgerEntry
  ) {
    guard let facts = types[subject.address.type] else { return }
    let isSensitive = facts.attributes[field.key]?.isSensitive == true || field.value.isSecret
    guard isSensitive || facts.digested.contains(field.key), !field.value.isNull else {
      entry.declared[field.key] = field.value
      return
    }
    let digest = input.digest(field.value)
    entry.declared[field.key] = isSensitive ? .string(digest) : field.value
    let before = subject.entry?.digests[field.key]
    if subject.same.contains(field.key), let before {
      entry.digests[field.key] = before
    } else if action == .none || action == .adopt, let echo = subject.observed?.attributes.find(field.key),
      echo != .unknown
    {
      entry.digests[field.key] = .init(declared: digest, echoed: input.digest(echo))
    } else {
      // What the account echoes is known when it was read after the apply.
      entry.digests[field.key] = .init(declared: digest, echoed: nil)
    }
  }

  /// Whether the ledger remembers exactly what is declared now.
  private func isCurrent(_ entry: LedgerEntry, _ subject: Subject, _ resource: Resource) -> Bool {
    let own = (entry.memory == nil ? 0 : 1) + (entry.declared[LedgerEntry.compositesKey] == nil ? 0 : 1)
    guard entry.declared.count - own == resource.attributes.count else { return false }
    if entry.composites != traces(of: resource) { return false }
    if let memory = subject.change?.memory, memory != entry.memory { return false }
    if entry.preventsDestroy != resource.lifecycle.preventDestroy { return false }
    if let actual = subject.observed?.createdOn, entry.createdOn != actual { return false }
    let facts = types[subject.address.type]
    for field in resource.attributes {
      guard let known = entry.declared[field.key] else { return false }
      if known == field.value { continue }
      let isSensitive = facts?.attributes[field.key]?.isSensitive == true || field.value.isSecret
      guard isSensitive, entry.digests[field.key]?.declared == input.digest(field.value) else { return false }
    }
    return true
  }

  private func traces(of resource: Resource) -> [CompositeTrace] {
    resource.composites.map { CompositeTrace(address: $0, digest: compositeDigests[$0] ?? "") }
  }

  // MARK: Fingerprints

  /// A digest of what the change rests on: the owner, created_on, and the attributes that are declared or changed. Never
  /// anything that moves by itself.
  private func fingerprint(of observed: Observation, _ subject: Subject) -> String {
    var names = Set(subject.declared?.fields.map(\.key) ?? [])
    names.formUnion(subject.change?.attributes.map(\.name) ?? [])
    var fields: [Value.Field] = [
      .init("owner", observed.owner.map(Value.string) ?? .null),
      .init("created_on", observed.createdOn.map(Value.string) ?? .null),
    ]
    for name in names.sorted() {
      if let value = observed.attributes.find(name) { fields.append(.init("attribute " + name, value)) }
    }
    return input.digest(.object(fields))
  }
}
