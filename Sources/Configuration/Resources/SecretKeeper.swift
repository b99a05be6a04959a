import SnowmakerModel

/// Takes plain secrets out of what is declared and refuses secrets where nothing keeps them.
final class SecretKeeper {
  private(set) var literals: [String: String] = [:]
  private var byText: [String: String] = [:]

  init(_ known: [String: String] = [:]) { literals = known }

  /// What a check found.
  enum Finding {
    /// Plain text stands where a secret belongs; it was replaced.
    case literal(path: [String])
    /// A secret stands where it would be shown.
    case exposed(path: [String])
  }

  /// `value` without plain secrets.
  func protect(_ value: Value, of attribute: AttributeSchema, _ findings: inout [Finding]) -> Value {
    if !attribute.isSensitive, !attribute.kind.mayHoldSecret {
      if Self.holdsSecret(value) { findings.append(.exposed(path: [])) }
      return value
    }
    return protect(value, attribute.kind, isSensitive: attribute.isSensitive, [], &findings)
  }

  private func protect(
    _ value: Value, _ kind: AttributeKind, isSensitive: Bool, _ path: [String], _ findings: inout [Finding]
  ) -> Value {
    if value.isSecret {
      if !isSensitive { findings.append(.exposed(path: path)) }
      return value
    }
    switch value {
    case .object(let fields):
      let attributes: [AttributeSchema] = if case .record(let attributes) = kind { attributes } else { [] }
      return .object(
        fields.map { field in
          let attribute = attributes.first { $0.answers(to: field.key) }
          let value = protect(
            field.value, attribute?.kind ?? kind.inner, isSensitive: isSensitive || attribute?.isSensitive ?? false,
            path + [field.key], &findings)
          return .init(field.key, value)
        })
    case .list(let elements):
      return .list(
        elements.enumerated().map { index, element in
          protect(element, kind.inner, isSensitive: isSensitive, path + [String(index)], &findings)
        })
    case .string(let text) where isSensitive && !text.isEmpty:
      findings.append(.literal(path: path))
      return .secret(keep(text))
    case .int(let number) where isSensitive:
      findings.append(.literal(path: path))
      return .secret(keep(String(number)))
    case .double(let number) where isSensitive:
      findings.append(.literal(path: path))
      return .secret(keep(String(number)))
    default: return value
    }
  }

  private func keep(_ text: String) -> String {
    if let known = byText[text] { return known }
    let id = "literal:\(byText.count + 1)"
    byText[text] = id
    literals[id] = text
    return id
  }

  /// Whether a secret stands anywhere in `value`.
  static func holdsSecret(_ value: Value) -> Bool {
    switch value {
    case .object(let fields): value.isSecret || fields.contains { holdsSecret($0.value) }
    case .list(let elements): elements.contains(where: holdsSecret)
    default: false
    }
  }
}

extension AttributeKind {
  fileprivate var mayHoldSecret: Bool {
    switch self {
    case .record(let attributes): attributes.contains { $0.isSensitive || $0.kind.mayHoldSecret }
    case .list(let kind), .set(let kind), .map(let kind, _): kind.mayHoldSecret
    default: false
    }
  }

  fileprivate var inner: AttributeKind {
    switch self {
    case .list(let kind), .set(let kind), .map(let kind, _): kind
    default: .any
    }
  }
}
