import CYAML
import SnowmakerModel

/// Turns a YAML file into nodes, by libyaml's events.
///
/// The unsafe pointers here are libyaml's: an event's text is copied before the event is deleted, and the parser never
/// outlives the bytes it reads.
struct YAMLReader {
  /// How deep lists and maps may nest.
  static let maximumDepth = 64
  /// How many values aliases may stand for, all together.
  static let maximumAliasedNodes = 1_000_000

  /// A node, how many values it holds, and how deep it goes.
  private struct Built {
    var node: Node
    var size = 1
    var height = 1

    /// Counts a child in.
    mutating func add(_ child: Built) {
      size = min(size + child.size, 1 << 40)
      height = max(height, child.height + 1)
    }
  }

  private let source: SourceText
  private var anchors: [String: Built] = [:]
  private var openAnchors: Set<String> = []
  private var aliased = 0
  private var diagnostics: [Diagnostic] = []

  private init(_ source: SourceText) { self.source = source }

  /// The document of `source` and what is wrong with it; no node for an empty file or one that is not YAML.
  static func read(_ source: SourceText) -> (node: Node?, diagnostics: [Diagnostic]) {
    var reader = YAMLReader(source)
    do throws(Diagnostic) {
      let node = try reader.document()
      return (node, reader.diagnostics)
    } catch {
      return (nil, reader.diagnostics + [error])
    }
  }

  /// The value in `text` that was given on the command line or in the environment. Throws when it is not YAML.
  static func value(of text: String, named file: String) throws(Diagnostic) -> Node {
    let result = read(SourceText(file: file, bytes: Array(text.utf8)))
    if let error = result.diagnostics.first { throw error }
    return result.node ?? Node(.scalar(.null, written: ""), at: SourcePosition(file: file, line: 1, column: 1))
  }

  private mutating func document() throws(Diagnostic) -> Node? {
    if let bad = source.firstInvalidByte {
      let isUTF16 = source.bytes.starts(with: [0xff, 0xfe]) || source.bytes.starts(with: [0xfe, 0xff])
      throw .error(
        isUTF16 ? "the file is UTF-16" : "the file is not UTF-8 text", detail: "save it as UTF-8", code: "encoding",
        position: source.position(ofByte: bad))
    }
    guard source.bytes.count <= SourceText.maximumBytes else {
      throw .error("too long: the limit is \(SourceText.maximumBytes) bytes", code: "file-too-large", position: top)
    }
    var parser = yaml_parser_t()
    guard yaml_parser_initialize(&parser) == 1 else {
      throw .error("out of memory while reading YAML", position: top)
    }
    defer { yaml_parser_delete(&parser) }
    let result: Result<Node?, Diagnostic> = source.bytes.withUnsafeBufferPointer { bytes in
      yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
      yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
      do throws(Diagnostic) { return .success(try stream(&parser)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  private var top: SourcePosition { SourcePosition(file: source.file, line: 1, column: 1) }

  private func position(_ mark: yaml_mark_t) -> SourcePosition {
    SourcePosition(file: source.file, line: mark.line + 1, column: mark.column + 1)
  }

  private mutating func stream(_ parser: inout yaml_parser_t) throws(Diagnostic) -> Node? {
    var root: Node?
    while true {
      var event = try next(&parser)
      defer { yaml_event_delete(&event) }
      switch event.type {
      case YAML_STREAM_END_EVENT: return root
      case YAML_DOCUMENT_START_EVENT:
        if root != nil {
          throw .error(
            "a file holds one YAML document, this is the start of a second one",
            detail: "remove the '---' or move what follows to a file of its own", code: "yaml",
            position: position(event.start_mark))
        }
      case YAML_STREAM_START_EVENT, YAML_DOCUMENT_END_EVENT: break
      default: root = try node(event, &parser, depth: 0).node
      }
    }
  }

  private func next(_ parser: inout yaml_parser_t) throws(Diagnostic) -> yaml_event_t {
    var event = yaml_event_t()
    guard yaml_parser_parse(&parser, &event) == 1 else { throw failure(parser) }
    return event
  }

  /// libyaml's complaint as a diagnostic.
  private func failure(_ parser: yaml_parser_t) -> Diagnostic {
    let problem = parser.problem.map { String(cString: $0) } ?? "the file cannot be read"
    if parser.error == YAML_READER_ERROR {
      return .error(
        "not YAML: \(problem)", code: "yaml", position: source.position(ofByte: parser.problem_offset))
    }
    let at = position(parser.problem_mark)
    let line = source.line(at.line)
    let indentation = line.prefix { $0 == 0x20 || $0 == 0x09 }
    if let tab = indentation.firstIndex(of: 0x09) {
      return .error(
        "a tab is used for indentation", detail: "YAML takes only spaces there", code: "yaml-tab",
        position: SourcePosition(file: source.file, line: at.line, column: tab - line.startIndex + 1))
    }
    var detail = parser.context.map { String(cString: $0) } ?? ""
    if !detail.isEmpty, parser.context_mark.line != parser.problem_mark.line {
      detail += " that starts in line \(parser.context_mark.line + 1)"
    }
    return .error("not YAML: \(problem)", detail: detail, code: "yaml", position: at)
  }

  // MARK: - Nodes

  private mutating func node(_ event: yaml_event_t, _ parser: inout yaml_parser_t, depth: Int) throws(Diagnostic)
    -> Built
  {
    let at = position(event.start_mark)
    guard depth < Self.maximumDepth else {
      throw .error("nested more than \(Self.maximumDepth) levels deep", code: "too-deep", position: at)
    }
    switch event.type {
    case YAML_ALIAS_EVENT: return try alias(text(event.data.alias.anchor), at, depth: depth)
    case YAML_SCALAR_EVENT:
      let scalar = scalar(event, at)
      let built = Built(node: scalar)
      remember(event.data.scalar.anchor, built)
      return built
    case YAML_SEQUENCE_START_EVENT:
      let anchor = open(event.data.sequence_start.anchor)
      refuseTag(event.data.sequence_start.tag, known: "tag:yaml.org,2002:seq", at)
      let list = try list(at, &parser, depth: depth)
      close(anchor, list)
      return list
    case YAML_MAPPING_START_EVENT:
      let anchor = open(event.data.mapping_start.anchor)
      refuseTag(event.data.mapping_start.tag, known: "tag:yaml.org,2002:map", at)
      let map = try map(at, &parser, depth: depth)
      close(anchor, map)
      return map
    default: throw .error("not YAML: unexpected structure", code: "yaml", position: at)
    }
  }

  private mutating func list(_ at: SourcePosition, _ parser: inout yaml_parser_t, depth: Int) throws(Diagnostic)
    -> Built
  {
    var elements: [Node] = []
    var built = Built(node: Node(.list([]), at: at))
    while true {
      var event = try next(&parser)
      defer { yaml_event_delete(&event) }
      if event.type == YAML_SEQUENCE_END_EVENT {
        built.node = Node(.list(elements), at: at, endLine: position(event.end_mark).line)
        return built
      }
      let element = try node(event, &parser, depth: depth + 1)
      elements.append(element.node)
      built.add(element)
    }
  }

  private mutating func map(_ at: SourcePosition, _ parser: inout yaml_parser_t, depth: Int) throws(Diagnostic)
    -> Built
  {
    var builder = MapBuilder()
    var built = Built(node: Node(.map([]), at: at))
    while true {
      var event = try next(&parser)
      defer { yaml_event_delete(&event) }
      if event.type == YAML_MAPPING_END_EVENT {
        diagnostics += builder.diagnostics
        built.node = Node(.map(builder.finish()), at: at, endLine: position(event.end_mark).line)
        return built
      }
      let keyPosition = position(event.start_mark)
      let isPlain = event.type == YAML_SCALAR_EVENT && event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE
      let key = try node(event, &parser, depth: depth + 1).node
      var valueEvent = try next(&parser)
      defer { yaml_event_delete(&valueEvent) }
      let value = try node(valueEvent, &parser, depth: depth + 1)
      built.add(value)
      let name: String
      switch key.content {
      case .text(let text), .template(let text), .scalar(_, written: let text): name = text
      default:
        diagnostics.append(
          .error(
            "a key must be text, found a \(key.kindName)",
            detail: key.entries == nil ? "" : "an expression needs quotes around it: \"{{ … }}\"", code: "yaml-key",
            position: keyPosition))
        continue
      }
      if isPlain, name == "<<" {
        builder.merge(value.node, at: keyPosition)
      } else {
        builder.add(
          Node.Entry(key: name, keyPosition: keyPosition, value: value.node, isTemplate: key.isTemplate))
      }
    }
  }

  private mutating func scalar(_ event: yaml_event_t, _ at: SourcePosition) -> Node {
    let data = event.data.scalar
    let text = String(decoding: UnsafeBufferPointer(start: data.value, count: data.length), as: UTF8.self)
    let end = event.end_mark.line + (event.end_mark.column > 0 ? 1 : 0)
    func made(_ content: Node.Content, isSecret: Bool = false) -> Node {
      Node(content, at: at, endLine: end, isSecret: isSecret)
    }
    let asText: Node.Content = Template.isTemplate(text) ? .template(text) : .text(text)
    if let tag = data.tag.map({ String(cString: $0) }), tag != "!" {
      switch tag {
      case "!secret": return made(asText, isSecret: true)
      case "tag:yaml.org,2002:str": return made(asText)
      case "tag:yaml.org,2002:null" where CoreSchema.isNull(text): return made(.scalar(.null, written: text))
      case "tag:yaml.org,2002:bool":
        if let flag = CoreSchema.boolean(text) { return made(.scalar(.bool(flag), written: text)) }
      case "tag:yaml.org,2002:int":
        if let number = CoreSchema.integer(text) { return made(.scalar(.int(number), written: text)) }
      case "tag:yaml.org,2002:float":
        if case .some(.int(let number)) = CoreSchema.number(text) {
          return made(.scalar(.double(Double(number)), written: text))
        }
        if let number = CoreSchema.number(text) { return checked(made(.scalar(number, written: text))) }
      default:
        refuse(tag, at)
        return made(asText)
      }
      diagnostics.append(
        .error("'\(text)' is no \(tag.split(separator: ":").last ?? "value")", code: "yaml-tag", position: at))
      return made(asText)
    }
    guard data.style == YAML_PLAIN_SCALAR_STYLE, let value = CoreSchema.resolve(text) else { return made(asText) }
    return checked(made(.scalar(value, written: text)))
  }

  /// Infinity and "not a number" mean nothing in a configuration.
  private mutating func checked(_ node: Node) -> Node {
    if case .scalar(.double(let number), let written) = node.content, !number.isFinite {
      diagnostics.append(
        .error(
          "'\(written)' is no number that can be used", detail: "put it in quotes if it is meant as text",
          code: "yaml-number", position: node.position))
      return Node(.text(written), at: node.position)
    }
    return node
  }

  private mutating func refuseTag(_ tag: UnsafeMutablePointer<yaml_char_t>?, known: String, _ at: SourcePosition) {
    guard let tag = tag.map({ String(cString: $0) }), tag != known, tag != "!" else { return }
    refuse(tag, at)
  }

  private mutating func refuse(_ tag: String, _ at: SourcePosition) {
    let shown = tag.hasPrefix("tag:yaml.org,2002:") ? "!!" + tag.dropFirst(18) : tag
    let isSecret = tag == "!secret"
    diagnostics.append(
      .error(
        isSecret ? "'!secret' stands before text" : "the tag '\(shown)' is not known",
        detail: isSecret
          ? "write !secret env:NAME or !secret file:PATH"
          : Spelling.closest(to: shown, in: ["!secret"]).map { "did you mean '\($0)'?" } ?? "the only tag is !secret",
        code: "yaml-tag", position: at))
  }

  // MARK: - Anchors

  private func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String {
    pointer.map { String(cString: $0) } ?? ""
  }

  private mutating func remember(_ anchor: UnsafeMutablePointer<yaml_char_t>?, _ node: Built) {
    if anchor != nil { anchors[text(anchor)] = node }
  }

  private mutating func open(_ anchor: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    guard anchor != nil else { return nil }
    let name = text(anchor)
    openAnchors.insert(name)
    return name
  }

  private mutating func close(_ anchor: String?, _ node: Built) {
    guard let anchor else { return }
    openAnchors.remove(anchor)
    anchors[anchor] = node
  }

  private mutating func alias(_ name: String, _ at: SourcePosition, depth: Int) throws(Diagnostic) -> Built {
    if openAnchors.contains(name) {
      throw .error("'*\(name)' stands inside the value it refers to", code: "yaml-alias", position: at)
    }
    guard let target = anchors[name] else {
      let near = Spelling.closest(to: name, in: anchors.keys.sorted())
      throw .error(
        "there is no anchor '&\(name)' before this", detail: near.map { "did you mean '*\($0)'?" } ?? "",
        code: "yaml-alias", position: at)
    }
    guard depth + target.height <= Self.maximumDepth else {
      throw .error("nested more than \(Self.maximumDepth) levels deep", code: "too-deep", position: at)
    }
    aliased += target.size
    guard aliased <= Self.maximumAliasedNodes else {
      throw .error(
        "aliases stand for more than \(Self.maximumAliasedNodes) values", detail: "'*\(name)' is one too many",
        code: "yaml-alias", position: at)
    }
    return target
  }
}

/// Collects the keys of a map: duplicates are errors, merge keys give what is not written.
private struct MapBuilder {
  private var entries: [Node.Entry] = []
  private var index: [String: Int] = [:]
  private var merged: [Node] = []
  var diagnostics: [Diagnostic] = []

  mutating func add(_ entry: Node.Entry) {
    // Small maps are scanned, which is faster than hashing.
    let before =
      entries.count < 8 ? entries.firstIndex { $0.key == entry.key } : indexed(entry.key)
    if let before {
      diagnostics.append(
        .error(
          "the key '\(entry.key)' is given twice",
          detail: "it is first given in line \(entries[before].keyPosition.line)", code: "duplicate-key",
          position: entry.keyPosition))
      return
    }
    if !index.isEmpty { index[entry.key] = entries.count }
    entries.append(entry)
  }

  private mutating func indexed(_ key: String) -> Int? {
    if index.isEmpty {
      for (position, entry) in entries.enumerated() { index[entry.key] = position }
    }
    return index[key]
  }

  mutating func merge(_ node: Node, at position: SourcePosition) {
    switch node.content {
    case .map: merged.append(node)
    case .list(let nodes) where nodes.allSatisfy({ $0.entries != nil }): merged += nodes
    default:
      diagnostics.append(
        .error(
          "'<<' takes a map or a list of maps, found a \(node.kindName)", code: "yaml-merge", position: position))
    }
  }

  mutating func finish() -> [Node.Entry] {
    guard !merged.isEmpty else { return entries }
    var seen = Set(entries.map(\.key))
    for node in merged {
      for entry in node.entries ?? [] where seen.insert(entry.key).inserted { entries.append(entry) }
    }
    return entries
  }
}
