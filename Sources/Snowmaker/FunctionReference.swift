import PluginHost
public import SnowmakerModel

/// The reference documentation of functions, made from their schemas.
public enum FunctionReference {
  /// One function, for a terminal.
  public static func text(_ function: FunctionSchema, plugin: String) -> String {
    let provider = FunctionLibrary.provider(plugin)
    var text = "\(provider)::\(function.heading)\n"
    if !function.doc.isEmpty { text += "    \(function.doc)\n" }
    if !function.isPure { text += "    It is called each time: the same arguments may yield another result.\n" }
    for parameter in function.parameters where !parameter.doc.isEmpty {
      text += "  \(parameter.name): \(parameter.doc)\n"
    }
    for example in function.examples {
      text += "  {{ \(call(example, function, provider)) }} is \(literal(example.result))\n"
    }
    return text
  }

  /// One function, for the configuration reference.
  public static func markdown(_ function: FunctionSchema, plugin: String) -> String {
    let provider = FunctionLibrary.provider(plugin)
    var text = "## `\(provider)::\(function.name)`\n\n"
    if !function.doc.isEmpty { text += "\(function.doc)\n\n" }
    text += "Yields \(function.result)."
    if !function.isPure { text += " Called each time: the same arguments may yield another result." }
    text += "\n\n"
    if !function.parameters.isEmpty {
      text += "| parameter | type | what it is |\n| --- | --- | --- |\n"
      for (index, parameter) in function.parameters.enumerated() {
        let optional = index >= function.requiredCount ? ", may be left out" : ""
        text +=
          "| `\(parameter.name)` | \(parameter.kind)\(optional) | \(parameter.doc.replacing("|", with: "\\|")) |\n"
      }
      text += "\n"
    }
    if !function.examples.isEmpty {
      text += "```\n"
      for example in function.examples {
        text += "{{ \(call(example, function, provider)) }}  →  \(literal(example.result))\n"
      }
      text += "```\n\n"
    }
    return text
  }

  /// A plugin: what it brings, for a terminal.
  public static func text(_ manifest: Manifest) -> String {
    var text = "The plugin '\(manifest.name)', version \(manifest.version)\n"
    if !manifest.doc.isEmpty { text += "\n\(manifest.doc)\n" }
    if !manifest.types.isEmpty {
      text += "\nTypes: \(manifest.types.map(\.type).joined(separator: ", ")); see 'snowmaker plugin show TYPE'.\n"
    }
    for function in manifest.functions { text += "\n" + self.text(function, plugin: manifest.name) }
    return text
  }

  /// A plugin's functions, for the configuration reference.
  public static func markdown(_ manifest: Manifest) -> String {
    var text = "# Functions of the plugin `\(manifest.name)`\n\n"
    if !manifest.doc.isEmpty { text += "\(manifest.doc)\n\n" }
    for function in manifest.functions { text += markdown(function, plugin: manifest.name) }
    while text.hasSuffix("\n\n") { text.removeLast() }
    return text
  }

  private static func call(_ example: FunctionSchema.Example, _ function: FunctionSchema, _ provider: String) -> String
  {
    "\(provider)::\(function.name)(\(example.arguments.map(literal).joined(separator: ", ")))"
  }

  /// The value as an expression writes it.
  static func literal(_ value: Value) -> String {
    switch value {
    case .null: "none"
    case .bool(let flag): flag ? "true" : "false"
    case .string(let text):
      "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    case .list(let elements): "[\(elements.map(literal).joined(separator: ", "))]"
    case .double(let number): "\(number)"
    default: JSON.string(value)
    }
  }
}
