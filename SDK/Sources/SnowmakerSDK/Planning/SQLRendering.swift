public import SnowmakerModel

/// Writes values as SQL.
public enum SQLRendering {
  /// `PROPERTY = value`, with the canonical value written as the attribute's kind says.
  public static func assignment(_ attribute: AttributeSchema, _ value: Value) -> SQLText {
    let property = attribute.property ?? attribute.name.uppercased()
    if attribute.rendering == .grouped {
      var sql = SQLText("\(property) ")
      sql.append(self.value(value, attribute.kind))
      return sql
    }
    if attribute.rendering == .listed, case .list(let element) = attribute.kind {
      var sql = SQLText(property)
      for (index, item) in value.list.enumerated() {
        sql.append(index == 0 ? " " : ", ")
        sql.append(self.value(item, element))
      }
      return sql
    }
    var sql = SQLText("\(property) = ")
    if let word = value.string, attribute.bareWords.contains(word.uppercased()) {
      sql.append(word.uppercased())
    } else {
      sql.append(self.value(value, attribute.kind, attribute.rendering))
    }
    return sql
  }

  /// A text of the attribute's clause with the canonical value in its place.
  public static func clause(_ text: String, _ attribute: AttributeSchema, _ value: Value) -> SQLText {
    let halves = text.split(separator: "{}", maxSplits: 1, omittingEmptySubsequences: false)
    var sql = SQLText(String(halves[0]))
    if attribute.rendering == .listed, case .list(let element) = attribute.kind {
      for (index, item) in value.list.enumerated() {
        if index > 0 { sql.append(", ") }
        sql.append(self.value(item, element))
      }
    } else {
      let isText = attribute.kind == .sql && attribute.rendering == .automatic
      sql.append(self.value(value, attribute.kind, isText ? .bare : attribute.rendering))
    }
    if halves.count > 1 { sql.append(String(halves[1])) }
    return sql
  }

  /// A canonical value as SQL.
  public static func value(
    _ value: Value, _ kind: AttributeKind, _ rendering: AttributeSchema.Rendering = .automatic
  ) -> SQLText {
    if let id = value.secretID { return SQLText([.secret(id)]) }
    switch rendering {
    case .quoted:
      if case .list = value { break }
      return SQLText(SQLLiteral.quote(bare(value)))
    case .bare: return SQLText(bare(value))
    case .parenthesized:
      if case .list = value { break }
      if case .object = value { break }
      var sql = SQLText("(")
      sql.append(self.value(value, kind))
      sql.append(")")
      return sql
    case .automatic, .attached, .listed, .grouped: break
    }
    switch kind {
    case .text, .sql: return SQLText(SQLLiteral.quote(bare(value)))
    case .list(let element), .set(let element):
      return parenthesized(value.list.map { self.value($0, element, rendering) }, separator: ", ")
    case .map(let element, _):
      return parenthesized(
        value.fields.map { field in
          var sql = SQLText("\(SQLLiteral.quote(field.key)) = ")
          sql.append(self.value(field.value, element))
          return sql
        }, separator: ", ")
    case .record(let attributes):
      return parenthesized(
        attributes.compactMap { attribute in
          guard let field = value.find(attribute.name), field != .null else { return nil }
          return assignment(attribute, field)
        }, separator: " ")
    case .any: return SQLText(value.string.map(SQLLiteral.quote) ?? bare(value))
    case .boolean, .integer, .number, .enumeration, .identifier, .name, .reference, .objectReference:
      return SQLText(bare(value))
    }
  }

  private static func parenthesized(_ parts: [SQLText], separator: String) -> SQLText {
    var sql = SQLText("(")
    for (index, part) in parts.enumerated() {
      if index > 0 { sql.append(separator) }
      sql.append(part)
    }
    sql.append(")")
    return sql
  }

  private static func bare(_ value: Value) -> String {
    switch value {
    case .bool(let flag): flag ? "TRUE" : "FALSE"
    case .int(let number): String(number)
    case .double(let number): String(number)
    case .string(let text): text
    case .null, .unknown: "NULL"
    case .list(let elements): elements.map(bare).joined(separator: ", ")
    case .object: "()"
    }
  }
}
