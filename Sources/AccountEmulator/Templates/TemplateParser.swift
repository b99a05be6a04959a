import SnowmakerModel

/// Reads a template: text with `{{ expressions }}`, `{% statements %}` and `{# comments #}` in the language of Jinja, as
/// far as definition files use it. Everything else of that language is refused by name.
struct TemplateParser {
  private let pieces: [TemplatePiece]
  private var at = 0
  private var depth = 0

  /// The parts of a template. Throws where it cannot be read.
  static func nodes(_ source: String) throws(TemplateFailure) -> [TemplateNode] {
    var parser = TemplateParser(pieces: try TemplatePiece.pieces(source))
    let (nodes, end) = try parser.body(until: [])
    if let end { throw TemplateFailure(message: "unexpected '\(end.word)'", line: end.line) }
    return nodes
  }

  private init(pieces: [TemplatePiece]) { self.pieces = pieces }

  /// The word that ended a body, with what follows it.
  private struct End {
    var word: String
    var reader: TemplateExpressionReader
    var line: Int
  }

  /// Reads up to a statement that begins with one of the words.
  private mutating func body(until words: Set<String>) throws(TemplateFailure) -> ([TemplateNode], End?) {
    depth += 1
    defer { depth -= 1 }
    var nodes: [TemplateNode] = []
    while at < pieces.count {
      let piece = pieces[at]
      guard depth < 64 else { throw TemplateFailure(message: "too many nested statements", line: piece.line) }
      at += 1
      switch piece.kind {
      case .text: nodes.append(.text(piece.text))
      case .output:
        var reader = try TemplateExpressionReader(piece.text, line: piece.line)
        nodes.append(.output(try reader.expression(), line: piece.line))
        try reader.expectEnd()
      case .statement:
        var reader = try TemplateExpressionReader(piece.text, line: piece.line)
        let word = try reader.name()
        if words.contains(word) { return (nodes, End(word: word, reader: reader, line: piece.line)) }
        nodes.append(try statement(word, &reader, piece.line))
      }
    }
    return (nodes, nil)
  }

  private mutating func statement(
    _ word: String, _ reader: inout TemplateExpressionReader, _ line: Int
  ) throws(TemplateFailure) -> TemplateNode {
    switch word {
    case "for": return try loop(&reader, line)
    case "if": return try branches(&reader, line)
    case "set":
      let name = try reader.name()
      if reader.accept("=") {
        let value = try reader.expression()
        try reader.expectEnd()
        return .set(name, value, line: line)
      }
      try reader.expectEnd()
      return .capture(name, try closed(by: "endset", line), line: line)
    case "macro":
      let name = try reader.name()
      var parameters: [(name: String, otherwise: TemplateExpression?)] = []
      try reader.expect("(")
      while !reader.accept(")") {
        let parameter = try reader.name()
        parameters.append((parameter, reader.accept("=") ? try reader.expression() : nil))
        if reader.accept(",") { continue }
        try reader.expect(")")
        break
      }
      try reader.expectEnd()
      return .macro(TemplateMacro(name: name, parameters: parameters, body: try closed(by: "endmacro", line)))
    case "else", "elif", "endfor", "endif", "endset", "endmacro":
      throw TemplateFailure(message: "unexpected '\(word)'", line: line)
    default:
      throw TemplateFailure(message: "'{% \(word) %}' is not supported by the account emulator", line: line)
    }
  }

  private mutating func closed(by word: String, _ line: Int) throws(TemplateFailure) -> [TemplateNode] {
    let (nodes, end) = try body(until: [word])
    guard end != nil else { throw TemplateFailure(message: "'{% \(word) %}' is missing", line: line) }
    return nodes
  }

  private mutating func loop(
    _ reader: inout TemplateExpressionReader, _ line: Int
  ) throws(TemplateFailure) -> TemplateNode {
    var targets = [try reader.name()]
    while reader.accept(",") { targets.append(try reader.name()) }
    guard reader.acceptWord("in") else { throw reader.unexpected() }
    let elements = try reader.expression(allowsCondition: false)
    let condition = reader.acceptWord("if") ? try reader.expression() : nil
    if reader.acceptWord("recursive") { throw reader.failure("recursive loops are not supported") }
    try reader.expectEnd()
    let (nodes, end) = try body(until: ["else", "endfor"])
    guard let end else { throw TemplateFailure(message: "'{% endfor %}' is missing", line: line) }
    let otherwise = end.word == "else" ? try closed(by: "endfor", line) : []
    return .loop(
      TemplateLoop(
        targets: targets, elements: elements, condition: condition, body: nodes, otherwise: otherwise), line: line)
  }

  private mutating func branches(
    _ reader: inout TemplateExpressionReader, _ line: Int
  ) throws(TemplateFailure) -> TemplateNode {
    var branches: [(condition: TemplateExpression, body: [TemplateNode])] = []
    var condition = try reader.expression()
    try reader.expectEnd()
    while true {
      let (nodes, end) = try body(until: ["elif", "else", "endif"])
      branches.append((condition, nodes))
      guard var end else { throw TemplateFailure(message: "'{% endif %}' is missing", line: line) }
      switch end.word {
      case "elif":
        condition = try end.reader.expression()
        try end.reader.expectEnd()
      case "else": return .branches(branches, otherwise: try closed(by: "endif", line), line: line)
      default: return .branches(branches, otherwise: [], line: line)
      }
    }
  }
}
