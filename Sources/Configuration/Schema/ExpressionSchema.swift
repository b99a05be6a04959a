import SnowmakerModel

/// What editors are told of expressions.
enum ExpressionSchema {
  /// Text with an expression in it: its functions are examples, which every editor shows, and snippets, which the YAML
  /// language server completes.
  static func template(_ providers: [(provider: String, functions: [FunctionSchema])]) -> Value {
    var fields: [Value.Field] = [
      .init("type", "string"), .init("pattern", "\\{\\{"),
      .init("description", "Text with an expression in {{ … }}."),
    ]
    let functions = providers.flatMap { provider in provider.functions.map { (provider.provider, $0) } }
    guard !functions.isEmpty else { return .object(fields) }
    fields.append(
      .init(
        "examples",
        .list(
          functions.map { .string("{{ \($0)::\($1.name)(\($1.parameters.map(\.name).joined(separator: ", "))) }}") })))
    fields.append(.init("defaultSnippets", .list(functions.map(snippet))))
    return .object(fields)
  }

  private static func snippet(_ provider: String, _ function: FunctionSchema) -> Value {
    let places = function.parameters.prefix(function.requiredCount).enumerated().map { index, parameter in
      let place = "${\(index + 1):\(parameter.name)}"
      return parameter.kind == .text ? "'\(place)'" : parameter.kind.shape == .list ? "[\(place)]" : place
    }
    return [
      "label": .string("\(provider)::\(function.name)"),
      "description": .string("\(function.heading)\n\n\(function.doc)"),
      "body": .string("\"{{ \(provider)::\(function.name)(\(places.joined(separator: ", "))) }}\""),
    ]
  }
}
