import SnowmakerModel

/// Turns nodes into values: evaluates their expressions and makes secret references of `!secret`.
final class NodeEvaluator {
  private let reporter: Reporter
  private var templates: [String: Result<Template, ExpressionError>] = [:]
  private var expressions: [String: Result<Expression, ExpressionError>] = [:]

  /// Deeper values are refused, because the plugin boundary refuses them.
  static let maximumDepth = 48

  init(_ reporter: Reporter) { self.reporter = reporter }

  /// The value of `node`, nil after an error that has been reported. Where `kind` is some text, numbers keep their spelling
  /// (`3.10` stays `3.10`).
  func value(of node: Node, as kind: AttributeKind? = nil, in scope: Scope, depth: Int = 0) -> Value? {
    guard depth < Self.maximumDepth else {
      reporter.error("nested too deeply", code: "too-deep", at: node.position)
      return nil
    }
    switch node.content {
    case .scalar(let value, let written):
      if case .null = value { return .null }
      if kind?.keepsSpelling ?? false { return .string(written) }
      return Self.tamed(value)
    case .text(let text): return node.isSecret ? secret(text, node) : .string(text)
    case .template(let text):
      guard let value = evaluate(text, at: node, in: scope) else { return nil }
      if !node.isSecret { return value }
      guard case .string(let text) = value else {
        reporter.error("a secret's place must be text, found \(value.kindName)", code: "secret", at: node.position)
        return nil
      }
      return secret(text, node)
    case .list(let elements):
      let elementKind = kind?.elementKind
      var result: [Value] = []
      result.reserveCapacity(elements.count)
      var isWhole = true
      for element in elements {
        if let value = value(of: element, as: elementKind, in: scope, depth: depth + 1) {
          result.append(value)
        } else {
          isWhole = false
        }
      }
      if isWhole { return .list(result) }
      return nil  // not in a ternary: there nil would mean the value null
    case .map(let entries):
      var fields: [Value.Field] = []
      fields.reserveCapacity(entries.count)
      var isWhole = true
      for entry in entries {
        let kind = kind?.valueKind(of: entry.key)
        guard let key = key(of: entry, in: scope),
          let value = value(of: entry.value, as: kind, in: scope, depth: depth + 1)
        else {
          isWhole = false
          continue
        }
        fields.append(.init(key, value))
      }
      if isWhole { return .object(fields) }
      return nil
    }
  }

  private func key(of entry: Node.Entry, in scope: Scope) -> String? {
    if entry.key == "$secret" {
      reporter.error(
        "the key '$secret' is reserved", detail: "write !secret env:NAME", code: "secret", at: entry.keyPosition)
      return nil
    }
    guard entry.isTemplate else { return entry.key }
    let node = Node(.template(entry.key), at: entry.keyPosition, endLine: entry.keyPosition.line)
    guard let value = evaluate(entry.key, at: node, in: scope) else { return nil }
    guard case .string(let key) = value else {
      reporter.error("a key must be text, found \(value.kindName)", code: "yaml-key", at: entry.keyPosition)
      return nil
    }
    return key
  }

  /// The value of the expression in `text` that stands without braces, as in `for_each: var.x`.
  func bare(_ node: Node, in scope: Scope) -> Value? {
    guard case .text(let text) = node.content else { return value(of: node, in: scope) }
    do throws(ExpressionError) {
      let expression: Expression
      if let known = expressions[text] {
        expression = try known.get()
      } else {
        let parsed = Self.parse(text)
        expressions[text] = parsed
        expression = try parsed.get()
      }
      var evaluator = Evaluator(scope)
      return Self.tamed(try evaluator.evaluateBare(expression))
    } catch {
      report(error, in: text, at: node)
      return nil
    }
  }

  private static func parse(_ text: String) -> Result<Expression, ExpressionError> {
    var lexer = ExpressionLexer(Array(text.utf8), from: 0)
    do throws(ExpressionError) {
      return .success(try ExpressionParser.parse(try lexer.tokens(isTemplate: false)))
    } catch {
      return .failure(error)
    }
  }

  private func evaluate(_ text: String, at node: Node, in scope: Scope) -> Value? {
    do throws(ExpressionError) {
      let template: Template
      if let known = templates[text] {
        template = try known.get()
      } else {
        let parsed: Result<Template, ExpressionError>
        do throws(ExpressionError) { parsed = .success(try Template(parsing: text)) } catch { parsed = .failure(error) }
        templates[text] = parsed
        template = try parsed.get()
      }
      var evaluator = Evaluator(scope)
      let value = Self.tamed(try evaluator.evaluate(template))
      guard Self.depth(value) < Self.maximumDepth else {
        throw ExpressionError(cause: .limit, message: "the value is nested too deeply", offset: 0)
      }
      return value
    } catch {
      report(error, in: text, at: node)
      return nil
    }
  }

  private static func depth(_ value: Value) -> Int {
    switch value {
    case .list(let elements): 1 + (elements.lazy.map(depth).max() ?? 0)
    case .object(let fields): 1 + (fields.lazy.map { depth($0.value) }.max() ?? 0)
    default: 0
    }
  }

  /// A number too large for a whole one becomes text, which every consumer can take.
  private static func tamed(_ value: Value) -> Value {
    if case .double(let number) = value, abs(number) >= 0x1p62 { return .string(String(number)) }
    return value
  }

  /// The secret reference that `!secret text` stands for.
  private func secret(_ text: String, _ node: Node) -> Value? {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[1].isEmpty else {
      reporter.error(
        "'!secret' takes env:NAME or file:PATH", detail: "the secret itself does not belong here", code: "secret",
        at: node.position)
      return nil
    }
    switch parts[0] {
    case "env": return .secret("env:" + parts[1])
    case "file":
      let path = parts[1].hasPrefix("/") ? parts[1] : FilePaths.join(FilePaths.folder(of: node.position.file), parts[1])
      return .secret("file:" + path)
    default:
      reporter.unknown(
        "'\(parts[0]):' is no place for secrets", parts[0], of: ["env", "file"], code: "secret", at: node.position)
      return nil
    }
  }

  // MARK: - Errors

  func report(_ error: ExpressionError, in text: String, at node: Node) {
    if error.detail == Evaluator.alreadyReported { return }
    reporter.error(
      error.message, detail: error.detail, code: error.cause == .undefined ? "undefined" : "expression",
      at: position(of: error.offset, in: text, at: node))
  }

  /// Where a byte of the scalar's text stands in the file, as exactly as can be found out.
  private func position(of offset: Int, in text: String, at node: Node) -> SourcePosition {
    guard let source = reporter.sources[node.position.file] else { return node.position }
    let bytes = Array(text.utf8)
    let offset = min(max(0, offset), bytes.count)
    var start = offset
    if Template.isTemplate(text) {
      while start > 0, !(bytes[(start - 1)...].starts(with: [UInt8(ascii: "{"), UInt8(ascii: "{")])) { start -= 1 }
      start = max(0, start - 1)
    } else {
      start = 0
    }
    var end = start
    while end < bytes.count, bytes[end] != 0x0a, end < offset + 24 || end < start + 2 { end += 1 }
    guard offset <= end, end > start else { return node.position }
    let snippet = String(decoding: bytes[start..<end], as: UTF8.self)
    guard snippet.utf8.count == end - start else { return node.position }
    let occurrence = Text.split(String(decoding: bytes[..<start], as: UTF8.self), at: snippet).count - 1
    return source.position(
      of: offset - start, in: snippet[...], occurrence: occurrence, from: node.position, endLine: node.endLine)
  }
}

extension AttributeKind {
  /// Whether numbers and truth values are to be taken as they are spelt.
  fileprivate var keepsSpelling: Bool {
    switch self {
    case .text, .enumeration, .identifier, .name, .reference, .objectReference, .number, .sql: true
    case .list(let kind), .set(let kind): kind.keepsSpelling  // a single value is a list of one
    default: false
    }
  }

  fileprivate var elementKind: AttributeKind? {
    switch self {
    case .list(let kind), .set(let kind): kind
    default: nil
    }
  }

  fileprivate func valueKind(of key: String) -> AttributeKind? {
    switch self {
    case .map(let kind, _): kind
    case .record(let attributes): attributes.first { $0.answers(to: key) }?.kind
    default: nil
    }
  }
}
