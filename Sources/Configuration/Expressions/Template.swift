import SnowmakerModel

/// A text with expressions in it, parsed.
enum Template: Sendable {
  /// The whole text is one expression, which keeps its type.
  case whole(Expression)
  case parts([Part])

  enum Part: Sendable {
    case text(String)
    case expression(Expression)
  }

  /// Whether `text` holds an expression or a statement.
  static func isTemplate(_ text: String) -> Bool {
    var previous: UInt8 = 0
    for byte in text.utf8 {
      if previous == UInt8(ascii: "{"), byte == UInt8(ascii: "{") || byte == UInt8(ascii: "%") { return true }
      previous = byte
    }
    return false
  }

  /// Parses `text`. Throws at what is no expression and at Jinja statements, which are not supported.
  init(parsing text: String) throws(ExpressionError) {
    let bytes = Array(text.utf8)
    var parts: [Part] = []
    var at = 0
    var start = 0
    var stripsNext = false
    func literal(to end: Int, strip: Bool) -> Part? {
      var slice = bytes[start..<end]
      if stripsNext { slice = slice.drop { $0 == 0x20 || (0x09...0x0d).contains($0) } }
      if strip { while let last = slice.last, last == 0x20 || (0x09...0x0d).contains(last) { slice.removeLast() } }
      return slice.isEmpty ? nil : .text(String(decoding: slice, as: UTF8.self))
    }
    while at + 1 < bytes.count {
      guard bytes[at] == UInt8(ascii: "{") else {
        at += 1
        continue
      }
      switch bytes[at + 1] {
      case UInt8(ascii: "{"):
        var inner = at + 2
        let strips = inner < bytes.count && bytes[inner] == UInt8(ascii: "-")
        if strips { inner += 1 }
        if let part = literal(to: at, strip: strips) { parts.append(part) }
        var lexer = ExpressionLexer(bytes, from: inner)
        parts.append(.expression(try ExpressionParser.parse(try lexer.tokens(isTemplate: true))))
        stripsNext = lexer.endedWithDash
        at = lexer.at
        start = at
      case UInt8(ascii: "%"):
        guard Self.closes(bytes, from: at + 2) else {
          at += 2
          continue
        }
        throw Self.statement(bytes, at)
      case UInt8(ascii: "#"):
        guard let end = Self.commentEnd(bytes, from: at + 2) else {
          at += 2
          continue
        }
        if let part = literal(to: at, strip: false) { parts.append(part) }
        stripsNext = false
        at = end
        start = end
      default: at += 1
      }
    }
    if let part = literal(to: bytes.count, strip: false) { parts.append(part) }
    if parts.count == 1, case .expression(let expression) = parts[0] {
      self = .whole(expression)
    } else {
      self = .parts(parts)
    }
  }

  private static func closes(_ bytes: [UInt8], from start: Int) -> Bool {
    var index = start
    while index + 1 < bytes.count {
      if bytes[index] == UInt8(ascii: "%"), bytes[index + 1] == UInt8(ascii: "}") { return true }
      index += 1
    }
    return false
  }

  private static func commentEnd(_ bytes: [UInt8], from start: Int) -> Int? {
    var index = start
    while index + 1 < bytes.count {
      if bytes[index] == UInt8(ascii: "#"), bytes[index + 1] == UInt8(ascii: "}") { return index + 2 }
      index += 1
    }
    return nil
  }

  private static func statement(_ bytes: [UInt8], _ at: Int) -> ExpressionError {
    let rest = bytes[(at + 2)...].drop { $0 == 0x20 || $0 == UInt8(ascii: "-") }
    let word = String(decoding: rest.prefix { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7a }, as: UTF8.self)
    let hint =
      switch word {
      case "if", "elif", "else", "endif": "write {{ a if condition else b }}"
      case "for", "endfor": "write for_each: on the resource"
      case "set": "declare a variable under vars:"
      default: "only expressions in {{ … }} are"
      }
    return .syntax("the statement '{% \(word) … %}' is not supported", at, detail: hint)
  }
}
