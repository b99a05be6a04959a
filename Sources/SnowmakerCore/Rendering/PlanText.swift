import SnowmakerModel

/// The wording that the renderers share.
struct PlanText {
  let types: TypeIndex

  init(_ types: [String: TypeSchema]) { self.types = TypeIndex(types) }

  /// `schema RAW.SALES`, `grant USAGE WAREHOUSE LOADING → LOADER`, `role_grant LOADER → SYSADMIN`.
  func title(_ address: Address) -> String {
    guard let facts = types[address.type], facts.identityCount > 1, facts.containers.isEmpty else {
      return "\(address.type) \(address.identity.joined(separator: "."))"
    }
    return "\(address.type) \(words(address.identity, facts).joined(separator: " "))"
  }

  /// The parts of a name that is no path: an arrow before the grantee, and no word for a type that is what it usually is.
  private func words(_ identity: [String], _ facts: TypeFacts) -> [String] {
    var words: [String] = []
    /// The type of the object that comes next.
    var type: (attribute: AttributeSchema, text: String)?
    for (part, text) in zip(facts.schema.identity, identity) {
      guard let attribute = facts.attributes[part.attribute] else {
        words.append(text)
        continue
      }
      let isNext = facts.schema.attributes.contains { $0.kind == .objectReference(typeAttribute: attribute.name) }
      if isNext, type == nil {
        type = (attribute, text)
        continue
      }
      if attribute.edge == .grantee { words.append("→") }
      if let (named, text) = type, named.defaultValue != .string(text) { words.append(text) }
      type = nil
      words.append(text)
    }
    if let type { words.append(type.text) }
    return words
  }

  /// Where the resource stands in the tree: beneath its outermost container, or among its type.
  func group(_ address: Address) -> String {
    if let container = types.containers(of: address).first { return title(container) }
    guard let facts = types[address.type] else { return address.type }
    let isContainer = types.schemas.values.contains { schema in
      schema.identity.first?.containerType == address.type
    }
    return isContainer ? title(address) : facts.schema.plural
  }

  /// "5 warehouses", "1 role".
  func count(_ number: Int, _ type: String) -> String {
    "\(number) \(number == 1 ? type : types.schemas[type]?.plural ?? type)"
  }

  func isSensitive(_ type: String, _ attribute: String) -> Bool {
    types[type]?.attributes[attribute]?.isSensitive ?? false
  }

  /// The attributes of a change that are worth a line: for a create only what has a value and is not in the name.
  func lines(_ resource: PlannedResource) -> [String] {
    let identity = types[resource.address.type]?.identityAttributes ?? []
    return resource.attributes.compactMap { attribute in
      let isHidden = isSensitive(resource.address.type, attribute.name)
      let before = isHidden && !attribute.before.isNull ? "(sensitive)" : Self.show(attribute.before)
      let after = isHidden && !attribute.after.isNull ? "(sensitive)" : shownAfter(attribute, of: resource.address.type)
      guard resource.action == .create else { return "\(attribute.name): \(before) → \(after)" }
      return attribute.after.isNull || identity.contains(attribute.name) ? nil : "\(attribute.name): \(after)"
    }
  }

  /// What an attribute becomes: where it is unset, what that makes of it, if that is known.
  private func shownAfter(_ change: AttributeChange, of type: String) -> String {
    guard change.after.isNull, let value = types[type]?.attributes[change.name]?.defaultValue, !value.isNull else {
      return Self.show(change.after)
    }
    return "\(Self.show(value)) (default)"
  }

  /// A value on one line.
  static func show(_ value: Value) -> String {
    switch value {
    case .null: return "(not set)"
    case .unknown: return "(unknown)"
    case .bool(let flag): return flag ? "true" : "false"
    case .int(let number): return String(number)
    case .double(let number): return String(number)
    case .string(let text): return quote(text)
    case .list(let elements): return "[\(elements.map(show).joined(separator: ", "))]"
    case .object(let fields):
      if value.isSecret { return "(sensitive)" }
      return "{\(fields.map { "\($0.key): \(show($0.value))" }.joined(separator: ", "))}"
    }
  }

  /// Words as they are, everything else in quotes, control characters escaped, long text cut.
  private static func quote(_ text: String) -> String {
    let isWord =
      !text.isEmpty
      && text.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"),
          UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "$"):
          true
        default: false
        }
      }
    if isWord { return text }
    var result = "\""
    for (count, character) in text.unicodeScalars.enumerated() {
      if count == 200 {
        result += "…"
        break
      }
      switch character {
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\"", "\\": result += "\\\(character)"
      case _ where character.value < 0x20 || (0x7f..<0xa0).contains(character.value):
        result += "\\u{\(String(character.value, radix: 16))}"
      default: result.unicodeScalars.append(character)
      }
    }
    return result + "\""
  }

  /// A text as it may be shown on a terminal: control characters but line feeds and tabs escaped.
  static func printable(_ text: String) -> String {
    func isControl(_ scalar: Unicode.Scalar) -> Bool {
      scalar.value < 0x20 ? scalar != "\n" && scalar != "\t" : (0x7f..<0xa0).contains(scalar.value)
    }
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if isControl(scalar) {
        result += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// `as SYSADMIN because it owns DATABASE RAW`.
  static func role(_ step: PlanStep) -> String {
    let isVerb = ["owns ", "holds ", "inherits ", "may "].contains { step.reason.hasPrefix($0) }
    return "as \(step.role) because \(isVerb ? "it " : "")\(step.reason)"
  }

  /// `Plan: 3 to create, 1 to update, 0 to drop.`
  static func summary(_ plan: Plan) -> String {
    let counts = plan.counts
    guard !plan.isEmpty || counts[.unknown] != nil else {
      return
        "No changes: the account is as the \(plan.resources.count == 1 ? "resource" : "\(plan.resources.count) resources") say\(plan.resources.count == 1 ? "s" : "")."
    }
    let always: [PlanAction] = [.create, .update, .drop]
    let others: [PlanAction] = [.replace, .rename, .adopt, .release, .unknown]
    let parts =
      always.map { "\(counts[$0] ?? 0) \($0.summaryWord)" }
      + others.compactMap { action in counts[action].map { "\($0) \(action.summaryWord)" } }
    let along = plan.resources.count { $0.absorbedBy != nil }
    return "Plan: \(parts.joined(separator: ", "))\(along == 0 ? "" : " (taking \(along) more along)")."
  }

  /// `Read: 12 statements in 9 round trips, 0.41 s (SHOW WAREHOUSES 1, …)`; nil when nothing was read.
  static func readCost(_ cost: ReadCost) -> String? {
    guard cost.total > 0 else { return nil }
    let classes = cost.statements.sorted { ($0.key) < ($1.key) }.map { "\($0.key) \($0.value)" }
    let trips = "\(counted(cost.roundTrips, "round trip"))"
    let statements = "\(counted(cost.total, "statement"))"
    return "Read: \(statements) in \(trips), \(seconds(cost.seconds)) s (\(classes.joined(separator: ", ")))"
  }

  /// Seconds with two decimals.
  static func seconds(_ seconds: Double) -> String {
    let hundredths = Int((max(0, min(seconds, 1e9)) * 100).rounded())
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }
}
