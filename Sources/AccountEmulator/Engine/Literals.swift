import SnowmakerModel

/// Turns what a statement writes into canonical values of attributes.
enum Literals {
  /// The canonical value of an attribute. Throws 001422 when the attribute does not take what is written.
  static func value(_ literal: Literal, for attribute: AttributeSchema, property: String) throws(StatementFailure)
    -> Value
  {
    if case .word(let word) = literal, word.uppercased() == "NULL" { return .null }
    if case .word(let word) = literal, attribute.kind == .text,
      let bare = attribute.bareWords.first(where: { $0.uppercased() == word.uppercased() })
    {
      return .string(bare)
    }
    let raw = try raw(literal, attribute.kind, attribute.rendering, property)
    do throws(AttributeKind.Mismatch) { return try attribute.normalize(raw) } catch {
      let shown = attribute.isSensitive ? "***" : text(literal)
      throw .invalidValue(shown, for: property, because: attribute.isSensitive ? "" : error.message)
    }
  }

  private static func raw(
    _ literal: Literal, _ kind: AttributeKind, _ rendering: AttributeSchema.Rendering, _ property: String
  ) throws(StatementFailure) -> Value {
    switch kind {
    case .identifier, .name, .reference, .objectReference:
      switch literal {
      case .word(let word): return .string(Identifier(exact: word.uppercased()).sql)
      case .name(let parts): return .string(parts.map(\.sql).joined(separator: "."))
      case .string(let text):
        // In quotes, what is no legal name by itself is taken exactly.
        return .string((try? QualifiedName(parsing: text))?.sql ?? Identifier(exact: text).sql)
      default: throw .invalidValue(text(literal), for: property)
      }
    case .list(let element), .set(let element):
      let items: [Literal] = if case .list(let list) = literal { list } else { [literal] }
      var values: [Value] = []
      for item in items { values.append(try raw(item, element, rendering, property)) }
      return .list(values)
    case .record(let attributes):
      guard let properties = properties(literal) else { throw .invalidValue(text(literal), for: property) }
      var fields: [Value.Field] = []
      for item in properties {
        guard
          let attribute = attributes.first(where: {
            $0.property?.uppercased() == item.name || $0.name.uppercased() == item.name
          })
        else { throw .invalidProperty(item.name, for: property) }
        fields.append(.init(attribute.name, try value(item.value, for: attribute, property: item.name)))
      }
      return .object(fields)
    case .map(let element, _):
      guard let properties = properties(literal) else { throw .invalidValue(text(literal), for: property) }
      var fields: [Value.Field] = []
      for item in properties { fields.append(.init(item.name, try raw(item.value, element, rendering, property))) }
      return .object(fields)
    case .any: return any(literal)
    case .text:
      // A bare word is no text, except where the description says so.
      if case .word(let word) = literal, rendering != .bare { throw .invalidValue(word, for: property) }
      return scalar(literal)
    case .boolean, .integer, .number, .enumeration, .sql: return scalar(literal)
    }
  }

  private static func properties(_ literal: Literal) -> [Property]? {
    switch literal {
    case .properties(let items): items
    case .list(let items): items.isEmpty ? [] : nil
    default: nil
    }
  }

  private static func scalar(_ literal: Literal) -> Value {
    switch literal {
    case .word(let word): .string(word)
    case .string(let text): .string(text)
    case .number(let number): Int64(number).map { .int($0) } ?? .string(number)
    case .name(let parts): .string(parts.map(\.sql).joined(separator: "."))
    case .list(let items): .list(items.map(scalar))
    case .properties: any(literal)
    }
  }

  /// Whatever is written, as a document. Numbers with a fraction stay texts unless `decimals` are wanted.
  static func any(_ literal: Literal, decimals: Bool = false) -> Value {
    switch literal {
    case .word(let word):
      switch word.uppercased() {
      case "TRUE": .bool(true)
      case "FALSE": .bool(false)
      case "NULL": .null
      default: .string(word)
      }
    case .properties(let items):
      .object(items.map { Value.Field($0.name, any($0.value, decimals: decimals)) })
    case .list(let items): .list(items.map { any($0, decimals: decimals) })
    case .number(let text) where decimals && Int64(text) == nil: Double(text).map { .double($0) } ?? .string(text)
    default: scalar(literal)
    }
  }

  /// A literal as an error text shows it.
  static func text(_ literal: Literal) -> String {
    switch literal {
    case .word(let text), .string(let text), .number(let text): String(text.prefix(80))
    case .name(let parts): parts.map(\.sql).joined(separator: ".")
    case .list(let items): "(" + items.map(text).joined(separator: ", ") + ")"
    case .properties(let items): "(" + items.map { "\($0.name) = …" }.joined(separator: " ") + ")"
    }
  }
}
