import AccountModel
import SnowmakerModel

extension StatementRun {
  /// DESCRIBE TABLE and DESCRIBE VIEW stand for each other.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/desc-view>.
  private func described(_ kind: ObjectKind, _ name: ObjectName) -> ObjectKind {
    guard ["TABLE", "VIEW"].contains(kind.sqlName), let full = try? resolve(name, level: kind.level, for: "DESCRIBE"),
      !world.exists(kind.sqlName, full), let other = registry.kind(kind.sqlName == "TABLE" ? "VIEW" : "TABLE"),
      world.exists(other.sqlName, full)
    else { return kind }
    return other
  }

  func describe(_ kind: ObjectKind, _ name: ObjectName) throws(StatementFailure) -> StatementResult {
    let kind = described(kind, name)
    let object = try find(kind, name, for: "DESCRIBE \(kind.sqlName)")
    if let own = kind.behavior.describe(object, in: self) { return own }
    guard let emulation = kind.schema.emulation, let shape = emulation.describeShape else {
      throw .unsupported("DESCRIBE \(kind.sqlName)")
    }
    switch shape {
    case .row, .rows:
      let columns = emulation.describeColumns.map { ShowColumn($0, kind.schema, kind.behavior) }
      return StatementResult(
        columns: columns.map(\.result), rows: [columns.map { cell($0, of: object, kind) }], statementTypeID: 0x4500)
    case .properties, .parameters, .tags: return properties(object, kind, emulation)
    }
  }

  /// One row per property; the columns are the description's, or the usual ones.
  private func properties(_ object: StoredObject, _ kind: ObjectKind, _ emulation: Emulation) -> StatementResult {
    let groups = Set(kind.schema.reads.filter { $0.shape == .properties }.map(\.name))
    var rows: [PropertyRow] = []
    for attribute in kind.schema.attributes {
      guard groups.contains(attribute.group) || kind.behavior.describes(attribute) else { continue }
      let value = object.attributes[attribute.name] ?? attribute.defaultValue
      guard case .record(let parts) = attribute.kind else {
        guard let name = attribute.column ?? attribute.property else { continue }
        rows.append(PropertyRow(parent: "", name: name.uppercased(), attribute: attribute, value: value))
        continue
      }
      let parent = kind.behavior.parentProperty(of: attribute) ?? (attribute.property ?? attribute.name).uppercased()
      for part in parts {
        guard let name = part.property else { continue }
        let own = (value ?? .null)[part.name]
        let row = PropertyRow(
          parent: parent, name: name.uppercased(), attribute: part, value: own.isNull ? part.defaultValue : own)
        if kind.behavior.describes(part, of: attribute, in: value ?? .null) { rows.append(row) }
      }
    }
    var names = emulation.describeColumns.map(\.name)
    if names.isEmpty {
      names = ["property", "property_type", "property_value", "property_default"]
      if rows.contains(where: { !$0.parent.isEmpty }) { names.insert("parent_property", at: 0) }
    }
    return StatementResult(
      columns: names.map { ResultColumn(name: $0) }, rows: rows.map { row in names.map(row.cell) },
      statementTypeID: 0x4500)
  }
}

/// A row of DESCRIBE that tells one property.
struct PropertyRow {
  var parent: String
  var name: String
  var attribute: AttributeSchema
  var value: Value?
  /// The default, when the attribute does not say it.
  var defaultText: String?

  func cell(_ column: String) -> String? {
    switch column {
    case "parent_property": parent
    case "property", "name": name
    case "property_type": type
    case "property_value": text(value) ?? ""
    case "value": text(value) ?? "null"
    case "property_default": defaultText ?? text(attribute.defaultValue) ?? ""
    case "default": text(attribute.defaultValue) ?? "null"
    default: ""
    }
  }

  /// Lists in brackets, control characters as escapes.
  private func text(_ value: Value?) -> String? {
    guard let value, !value.isNull else { return nil }
    if case .list(let items) = value {
      return "[" + items.compactMap(ShowColumn.text).map(Self.escaped).joined(separator: ", ") + "]"
    }
    return ShowColumn.text(value).map(Self.escaped)
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }

  private var type: String {
    switch attribute.kind {
    case .boolean: "Boolean"
    case .integer: "Integer"
    case .list, .set: "List"
    case .map, .record, .any: "Object"
    default: "String"
    }
  }
}
