import SnowmakerModel

/// Why a template cannot be rendered.
struct TemplateFailure: Error {
  var message: String
  /// From 1.
  var line: Int
}

/// An expression of a template.
indirect enum TemplateExpression {
  case literal(Value)
  case name(String)
  case list([TemplateExpression])
  case map([(key: TemplateExpression, value: TemplateExpression)])
  /// `a.b`
  case attribute(TemplateExpression, String)
  /// `a[b]`
  case item(TemplateExpression, TemplateExpression)
  case call(TemplateExpression, TemplateArguments)
  /// `a | f(b)`
  case filter(TemplateExpression, String, TemplateArguments)
  /// `a is t(b)`
  case test(TemplateExpression, String, [TemplateExpression])
  case not(TemplateExpression)
  case negative(TemplateExpression)
  case binary(String, TemplateExpression, TemplateExpression)
  /// `a if c else b`
  case conditional(TemplateExpression, condition: TemplateExpression, otherwise: TemplateExpression?)
}

/// The arguments of a call or a filter.
struct TemplateArguments {
  var positional: [TemplateExpression] = []
  var named: [(name: String, value: TemplateExpression)] = []
}

/// A part of a template.
indirect enum TemplateNode {
  case text(String)
  case output(TemplateExpression, line: Int)
  case loop(TemplateLoop, line: Int)
  case branches([(condition: TemplateExpression, body: [TemplateNode])], otherwise: [TemplateNode], line: Int)
  case set(String, TemplateExpression, line: Int)
  /// `{% set x %}…{% endset %}`
  case capture(String, [TemplateNode], line: Int)
  case macro(TemplateMacro)
}

/// `{% for … %}`
struct TemplateLoop {
  /// Several take the parts of each element.
  var targets: [String]
  var elements: TemplateExpression
  var condition: TemplateExpression?
  var body: [TemplateNode]
  /// For no element.
  var otherwise: [TemplateNode]
}

/// `{% macro … %}`
struct TemplateMacro {
  var name: String
  var parameters: [(name: String, otherwise: TemplateExpression?)]
  var body: [TemplateNode]
}

/// A piece of a template's text.
struct TemplatePiece {
  enum Kind { case text, output, statement }

  var kind: Kind
  var text: String
  var line: Int

  /// Cuts a text at `{{ }}`, `{% %}` and `{# #}`; `-` at a delimiter takes the blanks beside it away. Throws for one
  /// that is not closed.
  static func pieces(_ source: String) throws(TemplateFailure) -> [TemplatePiece] {
    let bytes = Array(source.utf8)
    var pieces: [TemplatePiece] = []
    var at = 0
    var start = 0
    var line = 1
    var trims = false
    func text(_ from: Int, _ to: Int) -> String { String(decoding: bytes[from..<max(from, to)], as: UTF8.self) }
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
    func add(to end: Int, trimsEnd: Bool) {
      var (from, to) = (start, end)
      if trims { while from < to, isBlank(bytes[from]) { from += 1 } }
      if trimsEnd { while to > from, isBlank(bytes[to - 1]) { to -= 1 } }
      if to > from { pieces.append(TemplatePiece(kind: .text, text: text(from, to), line: line)) }
    }
    /// Where these two bytes come next, outside of literals.
    func find(_ first: UInt8, from: Int, literals: Bool) -> Int? {
      var at = from
      var quote: UInt8?
      while at + 1 < bytes.count {
        if let open = quote {
          if bytes[at] == Ascii.backslash { at += 1 } else if bytes[at] == open { quote = nil }
        } else if literals, bytes[at] == Ascii.quote || bytes[at] == Ascii.doubleQuote {
          quote = bytes[at]
        } else if bytes[at] == first, bytes[at + 1] == UInt8(ascii: "}") {
          return at
        }
        at += 1
      }
      return nil
    }
    var isRaw = false
    while at + 1 < bytes.count {
      if bytes[at] == 0x0a { line += 1 }
      guard bytes[at] == UInt8(ascii: "{"),
        [UInt8(ascii: "{"), UInt8(ascii: "%"), UInt8(ascii: "#")].contains(bytes[at + 1])
      else {
        at += 1
        continue
      }
      let mark = bytes[at + 1]
      let closing = mark == UInt8(ascii: "{") ? UInt8(ascii: "}") : mark
      guard let end = find(closing, from: at + 2, literals: mark != UInt8(ascii: "#")) else {
        throw TemplateFailure(
          message: "'{\(mark == UInt8(ascii: "{") ? "{" : text(at + 1, at + 2))' is not closed", line: line)
      }
      var (from, to) = (at + 2, end)
      let trimsBefore = from < to && bytes[from] == Ascii.dash
      let trimsAfter = to > from && bytes[to - 1] == Ascii.dash
      if trimsBefore || bytes[from] == UInt8(ascii: "+") { from += 1 }
      if trimsAfter { to -= 1 }
      let inner = text(from, to)
      let word = inner.split(whereSeparator: \.isWhitespace).first.map(String.init)
      if isRaw, mark != UInt8(ascii: "%") || word != "endraw" {
        at += 2
        continue
      }
      add(to: at, trimsEnd: trimsBefore)
      switch mark {
      case UInt8(ascii: "{"): pieces.append(TemplatePiece(kind: .output, text: inner, line: line))
      case UInt8(ascii: "%") where word == "raw": isRaw = true
      case UInt8(ascii: "%") where word == "endraw": isRaw = false
      case UInt8(ascii: "%"): pieces.append(TemplatePiece(kind: .statement, text: inner, line: line))
      default: break
      }
      line += bytes[at..<end + 2].count { $0 == 0x0a }
      trims = trimsAfter
      at = end + 2
      start = at
    }
    if isRaw { throw TemplateFailure(message: "'{% raw %}' is not closed", line: line) }
    add(to: bytes.count, trimsEnd: false)
    return pieces
  }
}
