import SnowmakerModel

/// What must not be, before anything runs.
extension PlanSession {
  mutating func check() {
    checkReferences()
    tellUnknownObjects()
    checkEditions()
    checkSelection()
    checkDestruction()
    for number in subjects.indices where subjects[number].change?.diagnostics.isEmpty == false {
      let subject = subjects[number]
      let resource = subject.resource.map { graph.resources[$0] }
      for var diagnostic in subject.change?.diagnostics ?? [] {
        diagnostic.address = diagnostic.address ?? subject.address
        if let resource, diagnostic.position == nil {
          diagnostic.position = position(resource, diagnostic.path.joined(separator: "."))
        }
        report(diagnostic)
      }
    }
  }

  // MARK: References

  /// Every reference to something that is not declared must find it in the account, and it must stay there.
  private mutating func checkReferences() {
    let gone = Dictionary(renames.map { ($0.value, $0.key) }, uniquingKeysWith: { first, _ in first })
    var judged: [Address: Bool] = [:]
    for reference in graph.undeclared {
      let resource = graph.resources[reference.resource]
      guard subjectOf[reference.resource] != nil, let first = reference.candidates.first else { continue }
      if judged[first] == true { continue }
      if let target = reference.candidates.first(where: { dropped[$0] != nil }) {
        report(leaving(reference, resource, target))
      } else if let (target, new) = reference.candidates.lazy.compactMap({ old in gone[old].map { (old, $0) } }).first {
        report(
          .error(
            "\(resource.address) refers to \(target), which this plan renames", detail: "Write \(new) instead.",
            path: [reference.path], code: "dangling-reference", address: resource.address,
            position: position(resource, reference.path)))
      } else if reference.candidates.contains(where: mayExist) {
        judged[first] = true
      } else {
        report(missing(reference, resource))
      }
    }
  }

  /// Objects that something is to be made for, of types that no loaded plugin brings: whether they exist is not read.
  private mutating func tellUnknownObjects() {
    var found: [String: [(object: SQLObject, number: Int)]] = [:]
    var known: Set<SQLObject> = []
    for subject in subjects {
      guard let number = subject.resource, let action = subject.change?.action, action == .create || action == .replace
      else { continue }
      types.references(in: graph.resources[number].attributes, of: subject.address.type) { reference in
        guard reference.isUnknown, let object = reference.object, known.insert(object).inserted else { return }
        found[object.type, default: []].append((object, number))
      }
    }
    for (type, objects) in found.sorted(by: { $0.key < $1.key }) {
      let first = graph.resources[objects[0].number]
      let shown = objects.prefix(10).map { object, number in
        "\(object)\(graph.resources[number].position.map { " (\($0.file):\($0.line))" } ?? "")"
      }
      let what = objects.count == 1 ? "\(objects[0].object) exists" : "\(objects.count) objects of type \(type) exist"
      let more = objects.count > 10 ? " and \(objects.count - 10) more" : ""
      report(
        Diagnostic(
          .note, "whether \(what) is only seen when this is applied: no loaded plugin brings that type",
          detail: objects.count == 1 ? "" : shown.joined(separator: ", ") + more, code: "unchecked-object",
          address: first.address, position: first.position))
    }
  }

  /// Whether the account has it, or may have it out of sight.
  private func mayExist(_ address: Address) -> Bool {
    switch observations.state(of: address) {
    case .present, .unknown: true
    case .absent: false
    }
  }

  private func leaving(
    _ reference: ResourceGraph.UndeclaredReference, _ resource: Resource, _ target: Address
  ) -> Diagnostic {
    .error(
      "\(resource.address) refers to \(target), which this plan drops",
      detail: "\(target) has left the configuration. Declare it again, or remove the reference.",
      path: [reference.path], code: "dangling-reference", address: resource.address,
      position: position(resource, reference.path))
  }

  private func missing(_ reference: ResourceGraph.UndeclaredReference, _ resource: Resource) -> Diagnostic {
    let target = reference.candidates[0]
    let name = target.identity.joined(separator: ".")
    let kinds = reference.candidates.map(\.type).joined(separator: " or ")
    return .error(
      "\(resource.address) refers to the \(kinds) \(name), which is neither declared nor in the account",
      detail: suggestion(for: reference.candidates).map { "Did you mean '\($0)'?" }
        ?? "Declare it, or create it in the account.",
      path: [reference.path], code: "dangling-reference", address: resource.address,
      position: position(resource, reference.path))
  }

  /// The closest name among what is declared, then among what the account has.
  private func suggestion(for candidates: [Address]) -> String? {
    let types = Set(candidates.map(\.type))
    let name = candidates[0].identity.joined(separator: ".")
    let declared = graph.resources.lazy.map(\.address).filter { types.contains($0.type) }
    if let close = Spelling.closest(to: name, in: declared.map { $0.identity.joined(separator: ".") }) { return close }
    let seen = observations.byAddress.keys.filter { types.contains($0.type) }.sorted()
    return Spelling.closest(to: name, in: seen.map { $0.identity.joined(separator: ".") })
  }

  // MARK: Editions

  private mutating func checkEditions() {
    guard let edition = input.context.edition, edition < .businessCritical else { return }
    for subject in subjects {
      guard let number = subject.resource, let facts = types[subject.address.type], facts.highestEdition > edition
      else { continue }
      let resource = graph.resources[number]
      if facts.schema.minimumEdition > edition {
        report(
          .error(
            "\(subject.address) needs \(facts.schema.minimumEdition.title), the account has \(edition.title)",
            code: "edition", address: subject.address, position: resource.position))
      }
      for field in resource.attributes where !field.value.isNull {
        guard let attribute = facts.attributes[field.key], attribute.minimumEdition > edition else { continue }
        report(
          .error(
            "'\(field.key)' needs \(attribute.minimumEdition.title), the account has \(edition.title)",
            path: [field.key], code: "edition", address: subject.address, position: position(resource, field.key)))
      }
    }
  }

  // MARK: --only

  private mutating func checkSelection() {
    guard !settings.only.isEmpty else { return }
    for (number, resource) in graph.resources.enumerated() where subjectOf[number] != nil {
      var told: Set<Int> = []
      for edge in graph.edges[number] where subjectOf[edge.to] == nil && told.insert(edge.to).inserted {
        let target = graph.resources[edge.to].address
        guard case .absent = observations.state(of: target) else { continue }
        report(
          .warning(
            "\(resource.address) needs \(target), which does not exist and is not part of this plan",
            detail: "--only leaves it out. Add it to the selection.", code: "outside-selection",
            address: resource.address, position: resource.position))
      }
    }
    for selector in settings.only where !subjects.contains(where: { selector.matches($0.address) }) {
      report(.warning("--only \(selector) matches nothing", code: "outside-selection"))
    }
  }

  // MARK: Drops and replaces

  private mutating func checkDestruction() {
    var drops = 0
    var replaces = 0
    for at in subjects.indices {
      guard let change = subjects[at].change, change.action != .none else { continue }
      let (subject, action) = (subjects[at], change.action)
      if action == .drop, subject.absorbedBy == nil { drops += 1 }
      // What comes back as it was (a grant with another option) is not lost.
      if action == .replace, change.risk != .reversible { replaces += 1 }
      guard action == .replace || action == .drop, let number = subject.resource else { continue }
      let resource = graph.resources[number]
      guard resource.lifecycle.preventDestroy else { continue }
      let reasons = subject.change?.attributes.map(\.name).joined(separator: ", ") ?? ""
      report(
        .error(
          "\(subject.address) would have to be replaced, and prevent_destroy forbids it",
          detail: reasons.isEmpty ? "" : "What cannot be changed in place: \(reasons).", code: "prevent-destroy",
          address: subject.address, position: resource.position))
    }
    checkRemembered()
    let limit = settings.maxDrops.limit(managed: input.ledger.entries.count)
    guard drops + replaces > limit else { return }
    let what =
      replaces == 0
      ? "drops \(counted(drops, "resource"))"
      : drops == 0
        ? "replaces \(counted(replaces, "resource"))" : "drops \(drops) and replaces \(counted(replaces, "resource"))"
    report(
      .error(
        "this plan \(what), more than the \(limit) that max_drops allows",
        detail: "If that is what you want, raise max_drops or pass --max-drops \(drops + replaces).", code: "max-drops")
    )
  }

  /// `prevent_destroy` of what is not declared any more: a deleted line must not do what the line forbade.
  private mutating func checkRemembered() {
    for subject in subjects where subject.isDrop && subject.entry?.preventsDestroy == true {
      guard subject.absorbedBy != nil || subject.change.map({ $0.action != .none }) ?? false else { continue }
      let along = subject.absorbedBy.map { " along with \(subjects[$0].address)" } ?? ""
      report(
        .error(
          "\(subject.address) would be dropped\(along), and its last declaration said prevent_destroy",
          detail: "Declare it again. To drop it: apply it once with prevent_destroy: false. To let go of it: "
            + "snowmaker ledger forget '\(subject.address)'.", code: "prevent-destroy", address: subject.address,
          position: subject.entry?.position))
    }
  }
}

extension Edition {
  /// As people say it.
  var title: String {
    switch self {
    case .standard: "Standard Edition"
    case .enterprise: "Enterprise Edition"
    case .businessCritical: "Business Critical Edition"
    }
  }
}
