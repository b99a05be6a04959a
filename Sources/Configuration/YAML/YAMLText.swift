import SnowmakerModel

/// YAML as a plain value, for whoever needs no positions.
public enum YAMLText {
  /// The value of a document; null for an empty one. Expressions in it stay text.
  ///
  /// Throws a `Diagnostic` with the place when it is not YAML.
  public static func value(_ text: String, named file: String) throws(Diagnostic) -> Value {
    value(try YAMLReader.value(of: text, named: file))
  }

  private static func value(_ node: Node) -> Value {
    switch node.content {
    case .scalar(let value, _): value
    case .text(let text), .template(let text): .string(text)
    case .list(let nodes): .list(nodes.map(value))
    case .map(let entries): .object(entries.map { Value.Field($0.key, value($0.value)) })
    }
  }
}
