import SnowmakerModel

/// What becomes of an element once its expressions are evaluated.
extension ResourceReader {
  func upgradeAll(_ elements: inout [Element], _ type: TypeIndex.Entry, from version: Int) {
    guard let upgrade, !elements.isEmpty else { return }
    do {
      let upgraded = try upgrade(type.schema.type, version, elements.map { .object($0.fields) })
      guard upgraded.count == elements.count else {
        return reporter.error(
          "the provider of '\(type.schema.type)' answered \(upgraded.count) of \(elements.count) resources when upgrading",
          code: "provider", at: elements[0].origin.position)
      }
      for (index, value) in upgraded.enumerated() { elements[index].fields = value.fields }
    } catch {
      reporter.report(
        Loader.diagnostic(error, "upgrading '\(type.schema.type)' failed", at: elements[0].origin.position))
    }
  }

  func finish(
    _ element: Element, _ type: TypeIndex.Entry, key: String, parent: Parent?, fills: String?
  ) {
    sequence += 1
    check(element.meta, type)
    if type.schema.expands {
      return wait(element, type, form: fills == nil ? "plural" : "\(parent?.address.type ?? "").\(key)", parent)
    }
    var draft = Draft(
      type: type, fields: element.fields, origin: element.origin, meta: element.meta, failed: element.failed,
      note: element.note)
    var isFilled = false
    if let parent, let fills, let attribute = type.attributes[fills] {
      let schema = type.schema.attributes[attribute]
      if !draft.fields.contains(where: { schema.answers(to: $0.key) }) {
        draft.fields.append(.init(schema.name, .string(parent.address.identity.joined(separator: "."))))
        isFilled = true
      }
    }
    var declaration = admission.admit(draft)
    if let parent, let fills, let made = declaration, !isFilled,
      !made.address.identity.starts(with: parent.address.identity),
      made.attribute(fills) != .string(parent.address.identity.joined(separator: "."))
    {
      reporter.error(
        "'\(fills)' contradicts the \(parent.address.type) it is nested in, \(parent.address)",
        code: "conflicting-name", at: made.position(of: [fills]))
      declaration = nil
    }
    if let declaration, !isDiscarding { declarations.append((sequence, declaration)) }
    guard !element.nested.isEmpty else { return }
    let before = isDiscarding
    if declaration == nil { isDiscarding = true }
    var scope = element.scope
    scope.parent = declaration?.value ?? .object(element.fields)
    let address =
      declaration?.address ?? Address(type.schema.type, type.schema.identity.map { $0.attribute.uppercased() })
    for entry in element.nested {
      guard let (child, fills) = type.nested[entry.key] else { continue }
      block(
        child, forms: [], key: entry.key, entry.value, scope: scope,
        parent: Parent(address: address, value: scope.parent ?? .null), fills: fills)
    }
    isDiscarding = before
  }

  /// What stands for others has no name in the account, and only that has parts which move.
  private func check(_ meta: Draft.Meta, _ type: TypeIndex.Entry) {
    if type.schema.isComposite, let renamed = meta.renamedFrom {
      reporter.error(
        "a \(type.schema.type) stands for other resources, which have names of their own",
        detail: "write moved: [{from: OLD, to: NEW}] for those that are renamed", code: "renamed-from",
        at: renamed.position)
    }
    if !type.schema.isComposite, let move = meta.moved.first {
      reporter.error(
        "moved is for what stands for other resources", detail: "write renamed_from: \(move.from)", code: "moved",
        at: move.position)
    }
  }

  private func wait(_ element: Element, _ type: TypeIndex.Entry, form: String, _ parent: Parent?) {
    var isSound = element.failed.isEmpty
    var fields = element.fields
    for (index, field) in fields.enumerated() {
      guard let attribute = type.attributes[field.key] else { continue }
      guard type.schema.attributes[attribute].isSensitive else { continue }
      guard
        let value = admission.protected(field.value, type.schema.attributes[attribute], key: field.key, element.origin)
      else {
        isSound = false
        continue
      }
      fields[index].value = value
    }
    guard isSound, !isDiscarding else { return }
    let value: Value = element.text.map(Value.string) ?? .object(fields)
    pending.append(
      Pending(
        sequence: sequence,
        written: WrittenResource(type: type.schema.type, form: form, value: value, parent: parent?.address),
        type: type, origin: element.origin, meta: element.meta, note: element.note))
  }
}
