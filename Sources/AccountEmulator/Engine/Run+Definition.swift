import AccountModel
import SnowmakerModel

extension StatementRun {
  /// The kinds that GET_DDL has a statement of, as it calls them: policies are all `POLICY`.
  private static let definable: [String: [String]] = {
    var kinds: [String: [String]] = [
      "POLICY": [
        "AGGREGATION POLICY", "AUTHENTICATION POLICY", "JOIN POLICY", "MASKING POLICY", "PASSWORD POLICY",
        "PRIVACY POLICY", "PROJECTION POLICY", "ROW ACCESS POLICY", "SESSION POLICY",
      ],
      // Each stands for the other.
      "TABLE": ["TABLE", "EXTERNAL TABLE", "VIEW", "MATERIALIZED VIEW"],
      "VIEW": ["VIEW", "MATERIALIZED VIEW", "TABLE", "EXTERNAL TABLE"],
    ]
    for kind in [
      "ALERT", "DATABASE", "DYNAMIC TABLE", "EVENT TABLE", "FAILOVER GROUP", "FILE FORMAT", "FUNCTION",
      "ICEBERG TABLE", "PIPE", "PROCEDURE", "SCHEMA",
      "SEQUENCE", "STORAGE INTEGRATION", "STREAM", "TAG", "TASK", "WAREHOUSE",
    ] {
      kinds[kind] = [kind]
    }
    return kinds
  }()

  /// `GET_DDL('TYPE', 'name')`: a statement that creates the object, written from its description. Of a database or
  /// schema also those of what is in it, as far as GET_DDL has one: stages and database roles are left out.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/functions/get_ddl>; the failure for other types is assumed.
  func definition(_ arguments: [String?]) throws(StatementFailure) -> String {
    guard let type = (arguments.first ?? nil)?.uppercased(), let written = arguments.dropFirst().first ?? nil else {
      throw .invalidIdentifier("GET_DDL")
    }
    let words = String(type.map { $0 == "_" ? " " : $0 })
    let kinds = (Self.definable[words] ?? []).compactMap { registry.kind($0) }
    guard var kind = kinds.first else {
      // There is none of a type that nothing here describes.
      if Self.definable[words] != nil { throw .missing(words.prefix(1) + words.dropFirst().lowercased(), written) }
      throw StatementFailure(
        code: "002140", sqlState: "42601", message: "SQL compilation error:\nInvalid object type: '\(type)'")
    }
    // Functions and procedures come with the types of their arguments.
    var parser = try Parser(written, registry: registry)
    let name = try parser.signedName(kind)
    try parser.expectEnd()
    for other in kinds.dropFirst()
    where world.exists(other.sqlName, try resolve(name, level: other.level, for: "GET_DDL")) {
      kind = other
    }
    let object = try find(kind, name, for: "GET_DDL")
    let full = (arguments.count > 2 ? arguments[2] : nil).map { $0.uppercased() == "TRUE" || $0 == "1" } ?? false
    var text = statementText(object, kind, full: full)
    if kind.sqlName == "DATABASE" || kind.sqlName == "SCHEMA" {
      for inner in contentsInOrder(of: Securable(type: kind.sqlName, name: object.name)) {
        guard Self.isDefinable(inner.kind), let innerKind = registry.kind(inner.kind),
          sees(Securable(type: inner.kind, name: inner.name))
        else {
          continue
        }
        text += "\n\n" + statementText(inner, innerKind, full: full)
      }
    }
    return text
  }

  private static func isDefinable(_ kind: String) -> Bool { definable.values.contains { $0.contains(kind) } }

  private func contentsInOrder(of container: Securable) -> [StoredObject] {
    world.contents(of: container).filter { !$0.name.split(separator: ".").contains("INFORMATION_SCHEMA") }
      .sorted { ($0.kind == "SCHEMA" ? 0 : 1, $0.kind, $0.name) < ($1.kind == "SCHEMA" ? 0 : 1, $1.kind, $1.name) }
  }

  /// A key as GET_DDL writes it; a name that the account made up is left out.
  private static func clause(_ constraint: Value) -> String {
    func list(_ value: Value) -> String {
      "(" + value.list.compactMap(\.string).map { Identifier(exact: $0).sql }.joined(separator: ", ") + ")"
    }
    let name = constraint["name"].string ?? ""
    var text = "\t" + (name.hasPrefix("SYS_CONSTRAINT_") ? "" : "constraint \(Identifier(exact: name).sql) ")
    text += (constraint["kind"].string ?? "").lowercased() + " " + list(constraint["columns"])
    if let table = constraint["table"].string { text += " references " + table }
    return text
  }

  private func statementText(_ object: StoredObject, _ kind: ObjectKind, full: Bool) -> String {
    if kind.sqlName == "VIEW", let text = object.notes["text"]?.string {
      let body = text.hasPrefix("CREATE VIEW ") ? "create or replace view " + text.dropFirst(12) : text
      return String(body) + ";"
    }
    var name = full ? object.name : Securable(type: object.kind, name: object.name).lastPart
    // A routine's types are said by its signature.
    if object.notes["signature"] != nil, let parts = try? QualifiedName(parsing: object.name).parts,
      let last = parts.last
    {
      let bare = Identifier(exact: String(last.name.prefix { $0 != "(" }))
      name = ((full ? Array(parts.dropLast()) : []) + [bare]).map(\.sql).joined(separator: ".")
    }
    let words = kind.modifiers.filter { !$0.word.contains(" ") && object.attributes[$0.attribute] == $0.value }.map {
      $0.word.uppercased() + " "
    }
    var text = "create or replace \(words.joined())\(kind.sqlName) \(name)"
    if let signature = object.notes["signature"]?.string { text += signature }
    if let key = object.text("cluster_by") { text += " cluster by " + key }
    if let columns = object.notes["columns"]?.list, !columns.isEmpty {
      var lines = columns.map { column -> String in
        var line = "\t" + Identifier(exact: column["name"].string ?? "").sql + " " + (column["type"].string ?? "")
        if column["null"] == .bool(false) { line += " NOT NULL" }
        if let value = column["default"].string { line += " DEFAULT " + value }
        if let identity = ColumnIdentity(column["identity"]) {
          line += identity.text.lowercased().replacing("identity", with: " autoincrement")
        }
        if let comment = column["comment"].string { line += " COMMENT " + SQLText.literal(comment) }
        return line
      }
      lines += object.constraints.map(Self.clause)
      text += " (\n" + lines.joined(separator: ",\n") + "\n)"
    }
    if let clauses = object.notes["clauses"]?.string { text += "\n" + clauses }
    var body: String?
    var clauses = ""
    for attribute in kind.schema.attributes {
      if let clause = attribute.clause, let value = object.attributes[attribute.name] {
        clauses += "\n\t" + clause.create.replacing("{}", with: SQLText.clauseValue(value, attribute))
      }
      guard let property = attribute.property, let value = object.attributes[attribute.name], !attribute.isSensitive
      else { continue }
      if property.uppercased() == "AS" {
        body = value.string
      } else {
        text += "\n\t\(property.uppercased())=\(SQLText.value(value, attribute.kind))"
      }
    }
    for modifier in kind.modifiers where modifier.word.contains(" ") {
      if object.attributes[modifier.attribute] == modifier.value { text += "\n\tWITH \(modifier.word.uppercased())" }
    }
    text += clauses
    if let body { text += "\nas " + body }
    return text + ";"
  }
}

/// Values as SQL text.
enum SQLText {
  static func literal(_ text: String) -> String {
    var result = "'"
    for character in text {
      if character == "'" || character == "\\" { result.append(character == "'" ? "'" : "\\") }
      result.append(character)
    }
    return result + "'"
  }

  /// A value in its place within a clause: SQL as it is, a list without parentheses where it is written so.
  static func clauseValue(_ value: Value, _ attribute: AttributeSchema) -> String {
    if attribute.kind == .sql { return value.string ?? "" }
    let text = self.value(value, attribute.kind)
    return attribute.rendering == .listed ? String(text.dropFirst().dropLast()) : text
  }

  static func value(_ value: Value, _ kind: AttributeKind) -> String {
    switch value {
    case .bool(let flag): return flag ? "true" : "false"
    case .int(let number): return String(number)
    case .list(let items):
      let element: AttributeKind =
        switch kind {
        case .list(let element), .set(let element): element
        default: .text
        }
      return "(" + items.map { self.value($0, element) }.joined(separator: ", ") + ")"
    case .object(let fields):
      let parts: [AttributeSchema] = if case .record(let attributes) = kind { attributes } else { [] }
      return "("
        + fields.map { field in
          let part = parts.first { $0.name == field.key }
          return (part?.property ?? field.key).uppercased() + "=" + self.value(field.value, part?.kind ?? .text)
        }.joined(separator: " ") + ")"
    default:
      let text = ShowColumn.text(value) ?? ""
      switch kind {
      case .identifier, .name, .reference, .objectReference: return text
      default: return literal(text)
      }
    }
  }
}
