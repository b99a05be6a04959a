public import SnowmakerModel

/// The reference documentation of a type, made from its schema.
public enum TypeReference {
  /// For a terminal.
  public static func text(_ type: TypeSchema, plugin: String) -> String {
    var text = "\(type.type) (\(type.plural)), from the plugin '\(plugin)'\n\n\(type.doc)\n\n"
    text += "Name: \(type.identity.map(\.attribute).joined(separator: "."))\n"
    text += "Written as: \(forms(type).joined(separator: "; "))\n"
    if type.minimumEdition != .standard { text += "Needs: \(type.minimumEdition.rawValue) edition\n" }
    text += "\nAttributes:\n"
    for attribute in type.attributes {
      text += "  \(attribute.name): \(kind(attribute.kind))\(remarks(attribute))\n"
      if !attribute.doc.isEmpty { text += "      \(attribute.doc)\n" }
    }
    return text
  }

  /// For the configuration reference.
  public static func markdown(_ type: TypeSchema, plugin: String) -> String {
    var text = "## `\(type.plural)`\n\n\(type.doc)\n\n"
    text += "Plugin `\(plugin)`. Written as \(forms(type).joined(separator: "; ")).\n\n"
    text += "| attribute | kind | default | what it is |\n| --- | --- | --- | --- |\n"
    for attribute in type.attributes {
      let value = attribute.defaultValue.map { "`\(JSON.string($0))`" } ?? ""
      var doc = attribute.doc.replacing("|", with: "\\|")
      let marks = marks(attribute)
      if !marks.isEmpty { doc += " *\(marks.joined(separator: ", ").capitalizedFirst).*" }
      text += "| `\(attribute.name)` | \(kind(attribute.kind).replacing("|", with: "\\|")) | \(value) | \(doc) |\n"
    }
    return text + "\n"
  }

  private static func forms(_ type: TypeSchema) -> [String] {
    type.forms.map { form in
      switch form {
      case .plural(let key): "a list under `\(key):`"
      case .nested(let parent, let key, _): "a list under `\(key):` of a \(parent)"
      case .pairs(let key, let name, let value): "a map of \(name) to \(value) under `\(key):`"
      }
    }
  }

  private static func remarks(_ attribute: AttributeSchema) -> String {
    var remarks = marks(attribute)
    if let value = attribute.defaultValue { remarks.append("default \(JSON.string(value))") }
    return remarks.isEmpty ? "" : " (\(remarks.joined(separator: ", ")))"
  }

  private static func marks(_ attribute: AttributeSchema) -> [String] {
    var marks: [String] = []
    if attribute.isRequired { marks.append("required") }
    switch attribute.change {
    case .alter: break
    case .replace: marks.append("a change replaces the object")
    case .createOnly: marks.append("only at creation")
    case .never: marks.append("cannot be changed")
    }
    if attribute.isSensitive { marks.append("secret") }
    if attribute.minimumEdition != .standard { marks.append("\(attribute.minimumEdition.rawValue) edition") }
    if !attribute.aliases.isEmpty { marks.append("also \(attribute.aliases.joined(separator: ", "))") }
    return marks
  }

  private static func kind(_ kind: AttributeKind) -> String {
    switch kind {
    case .boolean: "boolean"
    case .integer(let minimum?, let maximum?): "whole number, \(minimum) to \(maximum)"
    case .integer(let minimum?, nil): "whole number, at least \(minimum)"
    case .integer(nil, let maximum?): "whole number, at most \(maximum)"
    case .integer: "whole number"
    case .number: "number"
    case .text: "text"
    case .enumeration(let values, _): "one of " + values.joined(separator: ", ")
    case .identifier, .name: "name"
    case .reference(let types): "name of a " + types.joined(separator: " or ")
    case .objectReference: "name of an object"
    case .list(let element): "list of \(self.kind(element))"
    case .set(let element): "set of \(self.kind(element))"
    case .map(let element, .text): "map to \(self.kind(element))"
    case .map(let element, let keys): "map of \(self.kind(keys)) to \(self.kind(element))"
    case .record(let attributes):
      "map with " + attributes.map { $0.name + ($0.isSensitive ? " (secret)" : "") }.joined(separator: ", ")
    case .sql: "SQL"
    case .any: "anything"
    }
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
