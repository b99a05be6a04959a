import SnowmakerModel

/// Gives references that are written without their containers the containers of what they mean: a bare name is the one
/// declared resource of that name, when the type it must be of always lies in a container.
struct BareReferences {
  private let types: TypeIndex
  private let reporter: Reporter
  /// By type and own name: the full names of the declared resources.
  private var names: [String: [String: [String]]] = [:]

  init(_ types: TypeIndex, _ reporter: Reporter, _ declarations: [Declaration]) {
    self.types = types
    self.reporter = reporter
    for declaration in declarations {
      guard let type = types.byType[declaration.address.type], type.containerCount > 0, type.ownName != nil,
        let name = declaration.address.identity.last
      else { continue }
      names[declaration.address.type, default: [:]][name, default: []].append(
        declaration.address.identity.joined(separator: "."))
    }
  }

  /// The declaration with its bare references completed. Reports one that may mean several resources.
  func apply(_ declaration: Declaration) -> Declaration {
    guard let type = types.byType[declaration.address.type], !type.references.isEmpty else { return declaration }
    var result = declaration
    for (at, field) in declaration.attributes.enumerated() {
      guard let index = type.attributes[field.key], type.schema.attributes[index].kind.holdsReference,
        !type.identity.contains(index)
      else { continue }
      let attribute = type.schema.attributes[index]
      let value = types.rewritingReferences(in: field.value, attribute.kind, siblings: declaration.value) {
        complete($0, of: $1, in: declaration, attribute.name)
      }
      if value != field.value { result.attributes[at].value = (try? attribute.normalize(value)) ?? value }
    }
    return result
  }

  private func complete(
    _ text: String, of targets: [String], in declaration: Declaration, _ attribute: String
  ) -> String {
    guard !text.utf8.contains(UInt8(ascii: ".")) || text.utf8.first == UInt8(ascii: "\""),
      !targets.contains(where: { types.byType[$0].map { $0.schema.identity.count == 1 } ?? true })
    else { return text }
    let meant = Set(targets.flatMap { names[$0]?[text] ?? [] }).sorted()
    guard meant.count > 1 else { return meant.first ?? text }
    reporter.error(
      "\(declaration.address): '\(text)' may be \(meant.joined(separator: " or "))", detail: "write the full name",
      code: "ambiguous-reference", at: declaration.position(of: [attribute]))
    return text
  }
}
