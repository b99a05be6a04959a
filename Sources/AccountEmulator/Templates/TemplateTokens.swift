import SnowmakerModel

/// A token of an expression in a template.
struct TemplateToken: Equatable {
  enum Kind { case name, string, number, symbol, end }

  var kind: Kind
  var text: String

  private static let symbols = ["**", "//", "==", "!=", "<=", ">="]

  /// The tokens of an expression. Throws for what is none.
  static func tokens(_ text: String, line: Int) throws(TemplateFailure) -> [TemplateToken] {
    var tokens: [TemplateToken] = []
    var rest = Substring(text)
    while let first = rest.first {
      if first.isWhitespace {
        rest = rest.dropFirst()
      } else if first.isLetter || first == "_" {
        let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        tokens.append(TemplateToken(kind: .name, text: String(name)))
        rest = rest.dropFirst(name.count)
      } else if first.isASCII, first.isNumber {
        var number = rest.prefix { $0.isASCII && $0.isNumber || $0 == "_" }
        let after = rest.dropFirst(number.count)
        if after.first == ".", after.dropFirst().first?.isNumber == true {
          number = rest.prefix(number.count + 1 + after.dropFirst().prefix { $0.isASCII && $0.isNumber }.count)
        }
        tokens.append(TemplateToken(kind: .number, text: number.filter { $0 != "_" }))
        rest = rest.dropFirst(number.count)
      } else if first == "'" || first == "\"" {
        var value = ""
        rest = rest.dropFirst()
        while let next = rest.first, next != first {
          rest = rest.dropFirst()
          guard next == "\\", let escaped = rest.first else {
            value.append(next)
            continue
          }
          rest = rest.dropFirst()
          value.append(escaped == "n" ? "\n" : escaped == "t" ? "\t" : escaped)
        }
        guard rest.first == first else { throw TemplateFailure(message: "a text is not closed", line: line) }
        rest = rest.dropFirst()
        tokens.append(TemplateToken(kind: .string, text: value))
      } else if let symbol = symbols.first(where: rest.hasPrefix) {
        tokens.append(TemplateToken(kind: .symbol, text: symbol))
        rest = rest.dropFirst(2)
      } else {
        guard "+-*/%~<>=.,:|()[]{}".contains(first) else {
          throw TemplateFailure(message: "unexpected '\(first)'", line: line)
        }
        tokens.append(TemplateToken(kind: .symbol, text: String(first)))
        rest = rest.dropFirst()
      }
    }
    return tokens + [TemplateToken(kind: .end, text: "")]
  }
}

/// Reads expressions from tokens.
struct TemplateExpressionReader {
  let tokens: [TemplateToken]
  let line: Int
  private var at = 0
  private var depth = 0

  init(_ text: String, line: Int) throws(TemplateFailure) {
    tokens = try TemplateToken.tokens(text, line: line)
    self.line = line
  }

  private var current: TemplateToken { tokens[at] }
  var isAtEnd: Bool { current.kind == .end }

  func failure(_ message: String) -> TemplateFailure { TemplateFailure(message: message, line: line) }
  func unexpected() -> TemplateFailure { failure(isAtEnd ? "unexpected end" : "unexpected '\(current.text)'") }

  mutating func accept(_ symbol: String) -> Bool {
    guard current.kind == .symbol, current.text == symbol else { return false }
    at += 1
    return true
  }
  mutating func acceptWord(_ word: String) -> Bool {
    guard current.kind == .name, current.text == word else { return false }
    at += 1
    return true
  }
  mutating func expect(_ symbol: String) throws(TemplateFailure) {
    guard accept(symbol) else { throw unexpected() }
  }
  mutating func name() throws(TemplateFailure) -> String {
    guard current.kind == .name else { throw unexpected() }
    at += 1
    return tokens[at - 1].text
  }
  func expectEnd() throws(TemplateFailure) { if !isAtEnd { throw unexpected() } }

  /// A whole expression. Without `allowsCondition` an `if` after it is not its own.
  mutating func expression(allowsCondition: Bool = true) throws(TemplateFailure) -> TemplateExpression {
    depth += 1
    defer { depth -= 1 }
    guard depth < 64 else { throw failure("too many nested expressions") }
    let value = try disjunction()
    guard allowsCondition, acceptWord("if") else { return value }
    let condition = try disjunction()
    return .conditional(value, condition: condition, otherwise: acceptWord("else") ? try expression() : nil)
  }

  private mutating func disjunction() throws(TemplateFailure) -> TemplateExpression {
    var left = try conjunction()
    while acceptWord("or") { left = .binary("or", left, try conjunction()) }
    return left
  }

  private mutating func conjunction() throws(TemplateFailure) -> TemplateExpression {
    var left = try negation()
    while acceptWord("and") { left = .binary("and", left, try negation()) }
    return left
  }

  private mutating func negation() throws(TemplateFailure) -> TemplateExpression {
    var count = 0
    while acceptWord("not") { count += 1 }
    let inner = try comparison()
    return count % 2 == 1 ? .not(inner) : count > 0 ? .not(.not(inner)) : inner
  }

  private mutating func comparison() throws(TemplateFailure) -> TemplateExpression {
    var left = try sum()
    next: while true {
      for symbol in ["==", "!=", "<=", ">=", "<", ">"] where accept(symbol) {
        left = .binary(symbol, left, try sum())
        continue next
      }
      if acceptWord("in") {
        left = .binary("in", left, try sum())
      } else if current.text == "not", tokens[min(at + 1, tokens.count - 1)].text == "in", current.kind == .name {
        at += 2
        left = .not(.binary("in", left, try sum()))
      } else {
        return left
      }
    }
  }

  private mutating func sum() throws(TemplateFailure) -> TemplateExpression {
    var left = try joined()
    while true {
      if accept("+") {
        left = .binary("+", left, try joined())
      } else if accept("-") {
        left = .binary("-", left, try joined())
      } else {
        return left
      }
    }
  }

  private mutating func joined() throws(TemplateFailure) -> TemplateExpression {
    var left = try product()
    while accept("~") { left = .binary("~", left, try product()) }
    return left
  }

  private mutating func product() throws(TemplateFailure) -> TemplateExpression {
    var left = try unary()
    next: while true {
      for symbol in ["*", "//", "/", "%"] where accept(symbol) {
        left = .binary(symbol, left, try unary())
        continue next
      }
      return left
    }
  }

  private mutating func unary() throws(TemplateFailure) -> TemplateExpression {
    depth += 1
    defer { depth -= 1 }
    guard depth < 64 else { throw failure("too many nested expressions") }
    if accept("-") { return .negative(try unary()) }
    _ = accept("+")
    return try postfix(try primary())
  }

  private mutating func postfix(_ start: TemplateExpression) throws(TemplateFailure) -> TemplateExpression {
    var value = start
    while true {
      if accept(".") {
        value = .attribute(value, try name())
      } else if accept("[") {
        let item = try expression()
        if accept(":") { throw failure("slices are not supported by the account emulator") }
        try expect("]")
        value = .item(value, item)
      } else if accept("(") {
        value = .call(value, try arguments())
      } else if accept("|") {
        let name = try name()
        value = .filter(value, name, accept("(") ? try arguments() : TemplateArguments())
      } else if acceptWord("is") {
        let negated = acceptWord("not")
        let name = try name()
        var given: [TemplateExpression] = []
        if accept("(") {
          given = try arguments().positional
        } else if ["divisibleby", "eq", "equalto", "sameas", "ne", "in"].contains(name) {
          given = [try postfix(try primary())]
        }
        let test = TemplateExpression.test(value, name, given)
        value = negated ? .not(test) : test
      } else {
        return value
      }
    }
  }

  /// What stands between parentheses, the opening one being read.
  private mutating func arguments() throws(TemplateFailure) -> TemplateArguments {
    var result = TemplateArguments()
    while !accept(")") {
      if current.kind == .name, tokens[at + 1] == TemplateToken(kind: .symbol, text: "=") {
        let name = current.text
        at += 2
        result.named.append((name, try expression()))
      } else {
        result.positional.append(try expression())
      }
      if accept(",") { continue }
      try expect(")")
      break
    }
    return result
  }

  private mutating func primary() throws(TemplateFailure) -> TemplateExpression {
    let token = current
    at = min(at + 1, tokens.count - 1)
    switch token.kind {
    case .string:
      var text = token.text
      while current.kind == .string {
        text += current.text
        at += 1
      }
      return .literal(.string(text))
    case .number:
      if let whole = Int64(token.text) { return .literal(.int(whole)) }
      guard let number = Double(token.text) else { throw failure("unexpected '\(token.text)'") }
      return .literal(.double(number))
    case .name:
      switch token.text {
      case "true", "True": return .literal(.bool(true))
      case "false", "False": return .literal(.bool(false))
      case "none", "None": return .literal(.null)
      default: return .name(token.text)
      }
    case .symbol where token.text == "(":
      if accept(")") { return .list([]) }
      var items = [try expression()]
      var isList = false
      while accept(",") {
        isList = true
        if current.text == ")", current.kind == .symbol { break }
        items.append(try expression())
      }
      try expect(")")
      return isList ? .list(items) : items[0]
    case .symbol where token.text == "[":
      var items: [TemplateExpression] = []
      while !accept("]") {
        items.append(try expression())
        if accept(",") { continue }
        try expect("]")
        break
      }
      return .list(items)
    case .symbol where token.text == "{":
      var entries: [(key: TemplateExpression, value: TemplateExpression)] = []
      while !accept("}") {
        let key = try expression()
        try expect(":")
        entries.append((key, try expression()))
        if accept(",") { continue }
        try expect("}")
        break
      }
      return .map(entries)
    default:
      at = max(0, at - (token.kind == .end ? 0 : 1))
      throw unexpected()
    }
  }
}
