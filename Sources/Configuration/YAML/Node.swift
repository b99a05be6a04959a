import SnowmakerModel

/// One value of a YAML document and where it stands.
struct Node: Sendable {
  /// What the value is.
  indirect enum Content: Sendable {
    /// Null, a boolean or a number; `written` is its spelling in the file.
    case scalar(Value, written: String)
    /// Text without expressions.
    case text(String)
    /// Text that holds `{{ … }}` or `{% … %}`.
    case template(String)
    case list([Node])
    case map([Entry])
  }

  /// One key of a map, with its value.
  struct Entry: Sendable {
    var key: String
    var keyPosition: SourcePosition
    var value: Node
    /// Whether the key holds an expression.
    var isTemplate: Bool
  }

  var content: Content
  var position: SourcePosition
  /// The line of the last character, for finding an expression inside a scalar.
  var endLine: Int
  /// The only tag that reaches the tree.
  var isSecret: Bool

  init(_ content: Content, at position: SourcePosition, endLine: Int = 0, isSecret: Bool = false) {
    self.content = content
    self.position = position
    self.endLine = endLine
    self.isSecret = isSecret
  }
}

extension Node {
  /// The entries of a map, nil for anything else.
  var entries: [Entry]? { if case .map(let entries) = content { entries } else { nil } }
  /// The elements of a list, nil for anything else.
  var elements: [Node]? { if case .list(let elements) = content { elements } else { nil } }
  /// The text, expressions included, nil for anything else.
  var text: String? {
    switch content {
    case .text(let text), .template(let text): text
    default: nil
    }
  }
  var isNull: Bool { if case .scalar(.null, _) = content { true } else { false } }
  var isTemplate: Bool { if case .template = content { true } else { false } }

  /// The value of `key` in a map.
  func find(_ key: String) -> Entry? { entries?.first { $0.key == key } }

  /// What a person calls it.
  var kindName: String {
    switch content {
    case .scalar(let value, _): value.kindName
    case .text, .template: isSecret ? "secret" : "text"
    case .list: "list"
    case .map: "map"
    }
  }

  /// The position of what `path` names inside this node: the deepest step that can be found; keys give the key's own.
  func position(of path: some Sequence<String>) -> SourcePosition {
    var node = self
    var position = self.position
    for step in path {
      switch node.content {
      case .map(let entries):
        guard let entry = entries.first(where: { $0.key == step }) else { return position }
        node = entry.value
        position = entry.keyPosition
      case .list(let elements):
        guard let index = Int(step), elements.indices.contains(index) else { return position }
        node = elements[index]
        position = node.position
      default: return position
      }
    }
    return position
  }

  /// The node that `path` names, nil when there is none.
  func descendant(_ path: some Sequence<String>) -> Node? {
    var node = self
    for step in path {
      switch node.content {
      case .map(let entries):
        guard let entry = entries.first(where: { $0.key == step }) else { return nil }
        node = entry.value
      case .list(let elements):
        guard let index = Int(step), elements.indices.contains(index) else { return nil }
        node = elements[index]
      default: return nil
      }
    }
    return node
  }
}
