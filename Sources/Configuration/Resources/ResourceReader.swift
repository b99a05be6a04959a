import SnowmakerModel

/// Walks the resource blocks: `for_each`, nesting, and the surface forms of the types.
final class ResourceReader {
  /// What waits for EXPAND.
  struct Pending {
    var sequence: Int
    var written: WrittenResource
    var type: TypeIndex.Entry
    var origin: Origin
    var meta: Draft.Meta
    var note: String
    /// The composites it comes from, outermost first; nil when one of them has no name.
    var composites: [Address]? = []
  }

  /// The resource that others are nested in.
  struct Parent {
    var address: Address
    var value: Value
  }

  typealias Upgrade = (_ type: String, _ version: Int, _ values: [Value]) throws -> [Value]

  let types: TypeIndex
  let reporter: Reporter
  let evaluator: NodeEvaluator
  let admission: Admission
  private let meta: MetaReader
  let upgrade: Upgrade?
  /// Set while the children of a resource with an error are checked.
  var isDiscarding = false
  var sequence = 0
  private var count = 0

  var declarations: [(sequence: Int, declaration: Declaration)] = []
  var pending: [Pending] = []

  /// Configurations that stand for more resources are refused.
  static let maximumResources = 1_000_000

  init(_ admission: Admission, _ evaluator: NodeEvaluator, upgrade: Upgrade?) {
    self.admission = admission
    self.types = admission.types
    self.reporter = admission.reporter
    self.evaluator = evaluator
    self.meta = MetaReader(reporter: admission.reporter, evaluator: evaluator)
    self.upgrade = upgrade
  }

  // MARK: - Blocks

  /// One resource as written, expressions evaluated.
  struct Element {
    var fields: [Value.Field] = []
    /// An element that is only a name.
    var text: String?
    var origin: Origin
    var meta = Draft.Meta()
    var nested: [Node.Entry] = []
    var failed: Set<String> = []
    var note = ""
    var scope: Scope
  }

  /// Reads what stands under one key: at the top of a file, or nested in `parent`.
  func block(
    _ type: TypeIndex.Entry, forms: [SurfaceForm], key: String, _ node: Node, scope: Scope, parent: Parent? = nil,
    fills: String? = nil
  ) {
    var elements: [Element] = []
    read(type, forms, key, node, scope, into: &elements)
    if let version = type.pinned { upgradeAll(&elements, type, from: version) }
    for element in elements { finish(element, type, key: key, parent: parent, fills: fills) }
  }

  private func read(
    _ type: TypeIndex.Entry, _ forms: [SurfaceForm], _ key: String, _ node: Node, _ scope: Scope,
    into elements: inout [Element]
  ) {
    switch node.content {
    case .scalar(.null, _): break
    case .list(let nodes): for node in nodes { element(type, node, scope, into: &elements) }
    case .map(let entries): map(type, forms, key, node, entries, scope, into: &elements)
    case .template:
      guard let value = evaluator.value(of: node, in: scope) else { return }
      let made = Node(value: value, at: node.position)
      if made.isTemplate { return }
      read(type, forms, key, made, scope, into: &elements)
    case .text where !node.isSecret: element(type, node, scope, into: &elements)
    default:
      reporter.error("'\(key)' must be a list, found \(node.kindName)", code: "kind", at: node.position)
    }
  }

  private func map(
    _ type: TypeIndex.Entry, _ forms: [SurfaceForm], _ key: String, _ node: Node, _ entries: [Node.Entry],
    _ scope: Scope, into elements: inout [Element]
  ) {
    var pair: (name: String, value: String)?
    for case .pairs(_, let name, let value) in forms { pair = (name, value) }
    let isElement =
      entries.contains { entry in
        (type.attributes[entry.key] != nil || entry.key == "for_each") && (pair == nil || entry.key == "for_each")
          && (entry.value.entries == nil || entry.key == "for_each")
      }
    if isElement {
      return reporter.error(
        "'\(key)' must be a list, found a single map", detail: "put '- ' before its first key", code: "kind",
        at: node.position)
    }
    for entry in entries {
      if let pair, !isBody(entry.value, of: type) {
        let name = Node(entry.isTemplate ? .template(entry.key) : .text(entry.key), at: entry.keyPosition)
        let node = Node(
          .map([
            .init(key: pair.name, keyPosition: entry.keyPosition, value: name, isTemplate: false),
            .init(key: pair.value, keyPosition: entry.keyPosition, value: entry.value, isTemplate: false),
          ]), at: entry.keyPosition)
        element(type, node, scope, into: &elements)
        continue
      }
      named(type, entry, pair?.name, scope, into: &elements)
    }
  }

  private func isBody(_ node: Node, of type: TypeIndex.Entry) -> Bool {
    node.entries?.contains { type.attributes[$0.key] != nil || MetaKeys.all.contains($0.key) } ?? false
  }

  /// `NAME: {…}`, or `NAME:` alone.
  private func named(
    _ type: TypeIndex.Entry, _ entry: Node.Entry, _ nameAttribute: String?, _ scope: Scope,
    into elements: inout [Element]
  ) {
    let attribute =
      nameAttribute ?? type.ownName.map { type.schema.identity[$0].attribute }
      ?? (type.attributes["name"] != nil ? "name" : nil)
    guard let attribute else {
      return reporter.error(
        "'\(type.schema.plural)' must be a list: its elements have no name", code: "kind", at: entry.keyPosition)
    }
    guard entry.value.isNull || entry.value.entries != nil else {
      return reporter.error(
        "'\(entry.key)' must be a map, found \(entry.value.kindName)", code: "kind", at: entry.value.position)
    }
    let body = entry.value.entries ?? []
    if let given = body.first(where: { $0.key == attribute }) {
      return reporter.error(
        "'\(attribute)' is given by the key '\(entry.key)' already", code: "duplicate-key", at: given.keyPosition)
    }
    let name = Node(entry.isTemplate ? .template(entry.key) : .text(entry.key), at: entry.keyPosition)
    let first = Node.Entry(key: attribute, keyPosition: entry.keyPosition, value: name, isTemplate: false)
    element(type, Node(.map([first] + body), at: entry.keyPosition), scope, into: &elements)
  }

  // MARK: - Elements

  private func element(_ type: TypeIndex.Entry, _ node: Node, _ scope: Scope, into elements: inout [Element]) {
    switch node.content {
    case .map:
      if node.find("for_each") != nil {
        forEach(type, node, scope, into: &elements)
      } else {
        append(evaluated(type, node, scope, ""), into: &elements)
      }
    case .text(let text) where !node.isSecret: append(named(type, text, node, scope), into: &elements)
    case .template:
      switch evaluator.value(of: node, in: scope) {
      case .some(.string(let text)): append(named(type, text, node, scope), into: &elements)
      case .some(let value) where value.find("$secret") == nil && !value.fields.isEmpty:
        append(evaluated(type, Node(value: value, at: node.position), scope, ""), into: &elements)
      case .some(let value):
        reporter.error("expected a map or a name, found \(value.kindName)", code: "kind", at: node.position)
      case nil: break
      }
    case .scalar(let value, let written) where value != .null:
      append(named(type, written, node, scope), into: &elements)
    default:
      reporter.error("expected a map or a name, found \(node.kindName)", code: "kind", at: node.position)
    }
  }

  private func append(_ element: Element?, into elements: inout [Element]) {
    guard let element else { return }
    count += 1
    if count <= Self.maximumResources { return elements.append(element) }
    reporter.error(
      "the configuration stands for more than \(Self.maximumResources) resources", code: "limit",
      at: element.origin.position)
  }

  private func named(_ type: TypeIndex.Entry, _ text: String, _ node: Node, _ scope: Scope) -> Element? {
    let first = text.split(separator: " ").first.map { $0.uppercased() } ?? ""
    if ["CREATE", "GRANT", "ALTER"].contains(first), text.contains(" ") {
      reporter.error(
        "SQL text as a resource is not supported", detail: "write its attributes as a map", code: "unsupported",
        at: node.position)
      return nil
    }
    var element = Element(origin: Origin(node: node, position: node.position), scope: scope)
    element.text = text
    if let own = type.ownName {
      element.fields = [.init(type.schema.identity[own].attribute, .string(text))]
    } else if !type.schema.expands {
      reporter.error("expected a map, found text", code: "kind", at: node.position)
      return nil
    }
    addDefaults(type, scope, to: &element)
    return element
  }

  private func forEach(_ type: TypeIndex.Entry, _ node: Node, _ scope: Scope, into elements: inout [Element]) {
    var rest = node.entries ?? []
    guard let at = rest.firstIndex(where: { $0.key == "for_each" }) else { return }
    let entry = rest.remove(at: at)
    var condition: Node?
    if type.attributes["where"] == nil, let at = rest.firstIndex(where: { $0.key == "where" }) {
      condition = rest.remove(at: at).value
    }
    guard let items = evaluator.bare(entry.value, in: scope) else { return }
    let body = Node(.map(rest), at: node.position, endLine: node.endLine)
    var index = 0
    func one(_ key: Value, _ value: Value) -> Bool {
      var scope = scope
      scope.each = Scope.Each(value: value, key: key, index: index)
      index += 1
      if let condition {
        guard let passes = evaluator.bare(condition, in: scope) else { return false }
        guard case .bool(true) = truth(passes, condition.position) else { return true }
      }
      let shown = key.string ?? String(index - 1)
      append(evaluated(type, body, scope, "for_each[\(shown)]"), into: &elements)
      return count <= Self.maximumResources
    }
    switch items {
    case .list(let values):
      elements.reserveCapacity(elements.count + min(values.count, Self.maximumResources))
      for (position, value) in values.enumerated() where !one(.int(Int64(position)), value) { return }
    case .object(let fields) where !items.isSecret:
      for field in fields where !one(.string(field.key), field.value) { return }
    default:
      reporter.error(
        "for_each takes a list or a map, found \(items.kindName)",
        detail: items.isNull ? "use | default([], true)" : "",
        code: "for-each", at: entry.value.position)
    }
  }

  private func truth(_ value: Value, _ position: SourcePosition) -> Value {
    do throws(ExpressionError) {
      return .bool(try Evaluator(Scope(variables: Variables())).isTrue(value, 0))
    } catch {
      reporter.error(error.message, code: "expression", at: position)
      return .bool(false)
    }
  }

  private func evaluated(_ type: TypeIndex.Entry, _ node: Node, _ scope: Scope, _ note: String) -> Element? {
    var element = Element(origin: Origin(node: node, position: node.position), scope: scope)
    element.note = note
    guard let entries = node.entries else { return nil }
    element.fields.reserveCapacity(entries.count)
    let isRaw = type.schema.expands || type.pinned != nil
    for entry in entries {
      if let attribute = type.attributes[entry.key] {
        let schema = type.schema.attributes[attribute]
        if let value = evaluator.value(of: entry.value, as: schema.kind, in: scope) {
          element.fields.append(.init(entry.key, value))
        } else {
          element.failed.insert(schema.name)
        }
      } else if MetaReader.isMeta(entry.key, type) {
        meta.read(entry, type, scope, into: &element.meta)
      } else if type.nested[entry.key] != nil, !type.schema.expands {
        element.nested.append(entry)
      } else if entry.isTemplate {
        reporter.error("a key of a resource cannot be an expression", code: "expression", at: entry.keyPosition)
        element.failed.insert(entry.key)
      } else if entry.key == "requires" {
        reporter.error(
          "'requires' is not supported", detail: "write depends_on: [TYPE.NAME]", code: "unsupported",
          at: entry.keyPosition)
      } else if entry.key == "where" {
        reporter.error("'where' stands beside for_each only", code: "unknown-key", at: entry.keyPosition)
      } else if isRaw {
        if let value = evaluator.value(of: entry.value, in: scope) {
          element.fields.append(.init(entry.key, value))
        } else {
          element.failed.insert(entry.key)
        }
      } else {
        reporter.unknown(
          "unknown key '\(entry.key)' under '\(type.schema.plural)'", entry.key, of: type.keys, code: "unknown-key",
          at: entry.keyPosition)
        element.failed.insert(entry.key)
      }
    }
    addDefaults(type, scope, to: &element)
    return element
  }

  /// Adds what `defaults:` in snowmaker.yaml gives the type and the element does not say.
  private func addDefaults(_ type: TypeIndex.Entry, _ scope: Scope, to element: inout Element) {
    for entry in type.defaults {
      guard let attribute = type.attributes[entry.key] else { continue }
      let schema = type.schema.attributes[attribute]
      if element.failed.contains(schema.name) || element.fields.contains(where: { schema.answers(to: $0.key) }) {
        continue
      }
      if let value = evaluator.value(of: entry.value, as: schema.kind, in: scope) {
        element.fields.append(.init(schema.name, value))
      } else {
        element.failed.insert(schema.name)
      }
    }
  }

  /// Takes in what EXPAND made.
  func add(_ declaration: Declaration, sequence: Int) { declarations.append((sequence, declaration)) }

  /// All declarations in the order of the configuration.
  var ordered: [Declaration] {
    guard !pending.isEmpty else { return declarations.map(\.declaration) }
    return declarations.enumerated().sorted {
      ($0.element.sequence, $0.offset) < ($1.element.sequence, $1.offset)
    }.map(\.element.declaration)
  }
}
