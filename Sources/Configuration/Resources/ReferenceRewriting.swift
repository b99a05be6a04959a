import SnowmakerModel

extension TypeIndex {
  /// A value of `kind` with the references in it replaced by what `rename` makes of each: it gets the name as it stands
  /// and the types it may be of. `siblings` are the attributes beside the value, which may say the type of an object.
  func rewritingReferences(
    in value: Value, _ kind: AttributeKind, siblings: Value, _ rename: (String, [String]) -> String
  ) -> Value {
    switch (kind, value) {
    case (.reference(let targets), .string(let text)): return .string(rename(text, targets))
    case (.objectReference(let attribute), .string(let text)):
      let sqlName = siblings[attribute].string?.uppercased() ?? ""
      return .string(rename(text, bySQLName[sqlName].map { [$0.schema.type] } ?? []))
    case (.list(let kind), .list(let elements)), (.set(let kind), .list(let elements)):
      return .list(elements.map { rewritingReferences(in: $0, kind, siblings: siblings, rename) })
    case (.map(let kind, let keys), .object(let fields)):
      return .object(
        fields.map { field in
          let key = rewritingReferences(in: .string(field.key), keys, siblings: siblings, rename)
          return .init(
            key.string ?? field.key, rewritingReferences(in: field.value, kind, siblings: siblings, rename))
        })
    case (.record(let attributes), .object(let fields)):
      return .object(
        fields.map { field in
          guard let attribute = attributes.first(where: { $0.name == field.key }) else { return field }
          return .init(field.key, rewritingReferences(in: field.value, attribute.kind, siblings: value, rename))
        })
    default: return value
    }
  }
}
