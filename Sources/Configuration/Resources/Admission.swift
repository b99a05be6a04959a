import SnowmakerModel

/// A resource on its way to a declaration: as written or as EXPAND made it.
struct Draft {
  var type: TypeIndex.Entry
  var fields: [Value.Field]
  var origin: Origin
  var meta = Meta()
  /// Attributes whose value is missing only because it had an error of its own.
  var failed: Set<String> = []
  var note = ""

  /// What an element says beside its attributes.
  struct Meta {
    var lifecycle = Lifecycle()
    var renamedFrom: (name: String, position: SourcePosition)?
    var dependsOn: [(text: String, position: SourcePosition)] = []
    var moved: [Move] = []
  }
}

/// Turns drafts into declarations: every attribute checked against the type and brought into canonical form.
struct Admission {
  let types: TypeIndex
  let reporter: Reporter
  let secrets: SecretKeeper

  func position(_ draft: Draft, _ path: [String] = []) -> SourcePosition {
    draft.origin.position(of: path, aliases: draft.type.aliases)
  }

  /// The declaration, nil after an error that has been reported.
  func admit(_ draft: Draft) -> Declaration? {
    let type = draft.type
    var values = [Value?](repeating: nil, count: type.schema.attributes.count)
    var failed = Set(draft.failed.compactMap { type.attributes[$0] })
    var isSound = draft.failed.isEmpty
    for field in draft.fields {
      guard let index = type.attributes[field.key] else {
        reporter.unknown(
          "unknown key '\(field.key)' in \(article(type.schema.type))", field.key, of: type.keys, code: "unknown-key",
          at: position(draft, [field.key]))
        isSound = false
        continue
      }
      if values[index] != nil {
        reporter.error(
          "'\(type.schema.attributes[index].name)' is given twice, under different keys", code: "duplicate-key",
          at: position(draft, [field.key]))
        isSound = false
        continue
      }
      if isOwnNameWithDots(type, index, field.value) {
        values[index] = field.value
      } else if let value = normalize(field.value, type.schema.attributes[index], key: field.key, draft) {
        values[index] = value
      } else {
        failed.insert(index)
        isSound = false
      }
    }
    if type.containerCount > 0 || type.ownName != nil {
      isSound = fillNames(&values, failed, draft) && isSound
    }
    isSound = checkRequired(values, failed, draft) && isSound
    guard isSound else { return nil }
    return declaration(values, draft)
  }

  private func declaration(_ values: [Value?], _ draft: Draft) -> Declaration? {
    let schema = draft.type.schema
    var attributes: [Value.Field] = []
    attributes.reserveCapacity(draft.fields.count + draft.type.containerCount)
    for (index, value) in values.enumerated() {
      if let value { attributes.append(.init(schema.attributes[index].name, value)) }
    }
    let address = Address(
      schema.type,
      draft.type.identity.map { Self.identityText(values[$0] ?? schema.attributes[$0].defaultValue) })
    var declaration = Declaration(
      address: address, attributes: attributes, lifecycle: draft.meta.lifecycle, position: position(draft),
      origin: draft.note, source: draft.origin,
      waiting: draft.meta.dependsOn)
    if let renamed = draft.meta.renamedFrom {
      guard let former = former(address, renamed, draft.type) else { return nil }
      declaration.renamedFrom = former
    }
    return declaration
  }

  private func article(_ type: String) -> String {
    let word = type.split(separator: "_").joined(separator: " ")
    return ("aeiou".contains(word.first ?? "x") ? "an " : "a ") + word
  }

  /// The text of a value in an address.
  static func identityText(_ value: Value?) -> String {
    switch value {
    case .string(let text): text
    case .int(let number): String(number)
    case .bool(let flag): flag ? "true" : "false"
    case .list(let elements): elements.map { identityText($0) }.joined(separator: ",")
    case .some(.null), nil: ""
    case .some(let other): JSON.string(other)
    }
  }

  // MARK: - Values

  private func isOwnNameWithDots(_ type: TypeIndex.Entry, _ index: Int, _ value: Value) -> Bool {
    guard type.containerCount > 0 else { return false }
    let parts =
      type.ownName.map { type.identity[0...$0] } ?? type.identity[0..<min(type.containerCount, type.identity.count)]
    if parts.contains(index), case .string = value { return true }
    return false
  }

  private func normalize(_ given: Value, _ attribute: AttributeSchema, key: String, _ draft: Draft) -> Value? {
    var value = given
    if attribute.isSensitive || Self.isCompound(given) || attribute.kind.isRecord {
      guard let safe = protected(given, attribute, key: key, draft.origin) else { return nil }
      value = safe
    }
    do throws(AttributeKind.Mismatch) { return try attribute.normalize(value) } catch {
      let message = attribute.isSensitive ? "the value does not fit" : error.message
      let detail = error.suggestion.map { "did you mean '\($0)'?" } ?? hint(given, attribute.kind)
      reporter.error(
        "\(key): \(message)", detail: detail, code: "kind", at: position(draft, [key] + error.path),
        path: [attribute.name] + error.path)
      return nil
    }
  }

  /// `given` without plain secrets; nil when a secret stands where it would be shown, which has been reported.
  func protected(_ given: Value, _ attribute: AttributeSchema, key: String, _ origin: Origin) -> Value? {
    var findings: [SecretKeeper.Finding] = []
    let value = secrets.protect(given, of: attribute, &findings)
    var isSound = true
    for finding in findings {
      switch finding {
      case .literal(let path):
        reporter.warn(
          "'\(key)' holds a secret in plain text", detail: "write !secret env:NAME or !secret file:PATH instead",
          code: "plain-secret", at: origin.position(of: [key] + path, aliases: [:]))
      case .exposed(let path):
        reporter.error(
          "'\(key)' is not kept secret, so it takes no secret",
          detail: "it is printed in plans and stored in the account as plain text", code: "exposed-secret",
          at: origin.position(of: [key] + path, aliases: [:]))
        isSound = false
      }
    }
    if isSound { return value }
    return nil  // not in a ternary: there nil would mean the value null
  }

  private static func isCompound(_ value: Value) -> Bool {
    switch value {
    case .list, .object: true
    default: false
    }
  }

  private func hint(_ value: Value, _ kind: AttributeKind) -> String {
    guard case .boolean = kind, let text = value.string?.lowercased() else { return "" }
    switch text {
    case "yes", "on", "y": return "YAML 1.2 takes '\(text)' as text: write true"
    case "no", "off", "n": return "YAML 1.2 takes '\(text)' as text: write false"
    default: return ""
    }
  }

  private func checkRequired(_ values: [Value?], _ failed: Set<Int>, _ draft: Draft) -> Bool {
    var isSound = true
    for (index, attribute) in draft.type.schema.attributes.enumerated() where attribute.isRequired {
      if failed.contains(index) || draft.type.identity.prefix(draft.type.containerCount).contains(index) { continue }
      if let value = values[index], value != .null { continue }
      isSound = false
      reporter.error(
        values[index] == nil
          ? "\(article(draft.type.schema.type)) needs '\(attribute.name)'" : "'\(attribute.name)' must not be null",
        code: "required", at: position(draft, [attribute.name]), path: [attribute.name])
    }
    return isSound
  }

  // MARK: - Names

  /// Brings the containers and the object's own name into single identifiers: a name written with dots fills the parts
  /// before it.
  private func fillNames(_ values: inout [Value?], _ failed: Set<Int>, _ draft: Draft) -> Bool {
    let type = draft.type
    let count = type.ownName.map { $0 + 1 } ?? type.containerCount
    var parts = [(name: Identifier, from: String)?](repeating: nil, count: count)
    var surplus: [Identifier] = []
    var isSound = true
    for part in 0..<min(count, type.identity.count) {
      let attribute = type.schema.attributes[type.identity[part]].name
      guard let value = values[type.identity[part]], value != .null else { continue }
      guard case .string(let text) = value else {
        reporter.error(
          "\(attribute): expected a name, found \(AttributeKind.show(value))", code: "kind",
          at: position(draft, [attribute]))
        isSound = false
        continue
      }
      let isOwn = part == type.ownName
      let outer = part == 0 && !isOwn ? containerDepth(type.schema.identity[0].containerType) : 1
      do throws(Identifier.Failure) {
        let name =
          isOwn && part == 0
          ? QualifiedName([try Identifier(parsing: text)])
          : try QualifiedName(parsing: text, parts: 1...max(part + 1, outer))
        if name.parts.count > part + 1 { surplus = Array(name.parts.dropLast(part + 1)) }
        for (step, identifier) in name.parts.suffix(part + 1).reversed().enumerated() {
          let target = part - step
          if let before = parts[target], before.name != identifier {
            let other = type.schema.attributes[type.identity[target]].name
            reporter.error(
              "'\(attribute): \(text)' contradicts '\(before.from)'",
              detail: "\(other) would be both \(before.name) and \(identifier)", code: "conflicting-name",
              at: position(draft, [attribute]))
            isSound = false
          } else if parts[target] == nil {
            parts[target] = (identifier, "\(attribute): \(text)")
          }
        }
      } catch {
        reporter.error("\(attribute): \(error.description)", code: "name", at: position(draft, [attribute]))
        isSound = false
      }
    }
    guard isSound else { return false }
    for part in 0..<min(count, type.identity.count) {
      let index = type.identity[part]
      if let name = parts[part]?.name {
        values[index] = .string(part == 0 && !surplus.isEmpty ? QualifiedName(surplus + [name]).sql : name.sql)
      } else if !failed.contains(index) {
        isSound = missing(part, draft) && isSound
      } else {
        isSound = false
      }
    }
    return isSound
  }

  private func containerDepth(_ type: String?) -> Int { type.flatMap { types.byType[$0]?.schema.identity.count } ?? 1 }

  private func missing(_ part: Int, _ draft: Draft) -> Bool {
    let schema = draft.type.schema
    let attribute = schema.attributes[draft.type.identity[part]]
    if part != draft.type.ownName {
      let dotted = schema.identity.prefix((draft.type.ownName ?? part) + 1).map { $0.attribute.uppercased() }
      reporter.error(
        "\(article(schema.type)) needs '\(attribute.name)'",
        detail: "write \(attribute.name): or the whole name as \(dotted.joined(separator: "."))", code: "required",
        at: position(draft), path: [attribute.name])
      return false
    }
    if attribute.isRequired { return true }  // said by the check of what is required
    reporter.error(
      "\(article(schema.type)) needs '\(attribute.name)'", code: "required", at: position(draft),
      path: [attribute.name])
    return false
  }

  /// The address before a rename: the same containers unless the old name says otherwise.
  func former(
    _ address: Address, _ renamed: (name: String, position: SourcePosition), _ type: TypeIndex.Entry,
    key: String = "renamed_from"
  ) -> Address? {
    guard let own = type.ownName else {
      reporter.error(
        "\(article(type.schema.type)) has no name that could change", code: "renamed-from", at: renamed.position)
      return nil
    }
    do throws(Identifier.Failure) {
      let name = try QualifiedName(parsing: renamed.name, parts: 1...(own + 1))
      let identity = Array(address.identity.dropLast(name.parts.count)) + name.parts.map(\.sql)
      guard identity != address.identity else {
        reporter.error("\(key) is the name it has", code: "renamed-from", at: renamed.position)
        return nil
      }
      return Address(address.type, identity)
    } catch {
      reporter.error("\(key): \(error.description)", code: "name", at: renamed.position)
      return nil
    }
  }
}

extension AttributeKind {
  fileprivate var isRecord: Bool { if case .record = self { true } else { false } }
}
