import SnowmakerModel

/// Reads the keys of an element that are no attributes: `lifecycle`, `depends_on`, `renamed_from`, `moved`.
struct MetaReader {
  let reporter: Reporter
  let evaluator: NodeEvaluator

  static let lifecycleKeys = ["ignore_changes", "on_release", "prevent_destroy"]

  /// Whether `key` is one of those, in an element of `type` (an attribute of that name comes first).
  static func isMeta(_ key: String, _ type: TypeIndex.Entry) -> Bool {
    switch key {
    case "lifecycle", "depends_on", "renamed_from", "moved": type.attributes[key] == nil
    default: false
    }
  }

  func read(_ entry: Node.Entry, _ type: TypeIndex.Entry, _ scope: Scope, into meta: inout Draft.Meta) {
    switch entry.key {
    case "lifecycle": lifecycle(entry.value, type, scope, into: &meta.lifecycle)
    case "renamed_from":
      if let name = text(entry.value, "renamed_from", scope) { meta.renamedFrom = (name, entry.value.position) }
    case "depends_on":
      for node in list(entry.value, scope) {
        if let address = text(node, "depends_on", scope) { meta.dependsOn.append((address, node.position)) }
      }
    default: for node in list(entry.value, scope) { moved(node, scope, into: &meta) }
    }
  }

  private func lifecycle(_ node: Node, _ type: TypeIndex.Entry, _ scope: Scope, into lifecycle: inout Lifecycle) {
    guard let entries = node.entries else {
      return reporter.error("lifecycle must be a map, found \(node.kindName)", code: "kind", at: node.position)
    }
    for entry in entries {
      switch entry.key {
      case "prevent_destroy":
        switch evaluator.value(of: entry.value, in: scope) {
        case .some(.bool(let flag)): lifecycle.preventDestroy = flag
        case nil: break
        case .some(let other):
          reporter.error(
            "prevent_destroy must be true or false, found \(AttributeKind.show(other))", code: "kind",
            at: entry.value.position)
        }
      case "ignore_changes": ignoreChanges(entry.value, type, scope, into: &lifecycle)
      case "on_release":
        guard let word = text(entry.value, "on_release", scope) else { continue }
        if let known = Lifecycle.OnRelease(rawValue: word) {
          lifecycle.onRelease = known
        } else {
          reporter.unknown(
            "on_release: unknown value '\(word)'", word, of: Lifecycle.OnRelease.allCases.map(\.rawValue),
            code: "kind", at: entry.value.position)
        }
      default:
        reporter.unknown(
          "unknown key '\(entry.key)' in lifecycle", entry.key, of: Self.lifecycleKeys, code: "unknown-key",
          at: entry.keyPosition)
      }
    }
  }

  private func ignoreChanges(_ node: Node, _ type: TypeIndex.Entry, _ scope: Scope, into lifecycle: inout Lifecycle) {
    for node in list(node, scope) {
      guard let name = text(node, "ignore_changes", scope) else { continue }
      if let index = type.attributes[name] {
        lifecycle.ignoreChanges.insert(type.schema.attributes[index].name)
      } else if name == "all" {
        lifecycle.ignoresAllChanges = true
      } else if type.schema.expands {
        lifecycle.ignoreChanges.insert(name)
      } else {
        reporter.unknown(
          "ignore_changes: there is no attribute '\(name)'", name, of: type.schema.attributes.map(\.name) + ["all"],
          code: "unknown-key", at: node.position)
      }
    }
  }

  private func moved(_ node: Node, _ scope: Scope, into meta: inout Draft.Meta) {
    guard let entries = node.entries, entries.count == 2, let from = node.find("from"), let to = node.find("to") else {
      return reporter.error("moved takes a list of {from: NAME, to: NAME}", code: "kind", at: node.position)
    }
    guard let from = text(from.value, "from", scope), let to = text(to.value, "to", scope) else { return }
    meta.moved.append(Move(from: from, to: to, position: node.position))
  }

  private func list(_ node: Node, _ scope: Scope) -> [Node] {
    if node.isNull { return [] }
    if node.isTemplate, case .list(let values)? = evaluator.value(of: node, in: scope) {
      return values.map { Node(value: $0, at: node.position) }
    }
    return node.elements ?? [node]
  }

  private func text(_ node: Node, _ what: String, _ scope: Scope) -> String? {
    guard let value = evaluator.value(of: node, as: .text, in: scope) else { return nil }
    if case .string(let text) = value, !text.isEmpty { return text }
    reporter.error("\(what) must be text, found \(value.kindName)", code: "kind", at: node.position)
    return nil
  }
}

extension Node {
  /// A node for a value that an expression made.
  init(value: Value, at position: SourcePosition) {
    switch value {
    case .null, .unknown: self.init(.scalar(.null, written: ""), at: position)
    case .bool(let flag): self.init(.scalar(value, written: flag ? "true" : "false"), at: position)
    case .int(let number): self.init(.scalar(value, written: String(number)), at: position)
    case .double(let number): self.init(.scalar(value, written: String(number)), at: position)
    case .string(let text): self.init(.text(text), at: position)
    case .list(let elements): self.init(.list(elements.map { Node(value: $0, at: position) }), at: position)
    case .object(let fields):
      if let id = value.secretID {
        self.init(.text(id), at: position, isSecret: true)
        return
      }
      self.init(
        .map(
          fields.map {
            Entry(key: $0.key, keyPosition: position, value: Node(value: $0.value, at: position), isTemplate: false)
          }), at: position)
    }
  }
}
