import SnowmakerModel

/// Parses tokens by Jinja's precedence: `if`, `or`, `and`, `not`, comparisons, `+ -`, `~`, `* / // %`, `**`, signs,
/// then filters and tests.
struct ExpressionParser {
  private let tokens: [ExpressionToken]
  private var at = 0
  private var nesting = 0

  private init(_ tokens: [ExpressionToken]) { self.tokens = tokens }

  /// The expression that `tokens` are. Throws when they are none.
  static func parse(_ tokens: [ExpressionToken]) throws(ExpressionError) -> Expression {
    var parser = ExpressionParser(tokens)
    if case .end = parser.current.kind { throw .syntax("the expression is empty", parser.current.offset) }
    let expression = try parser.expression()
    guard case .end = parser.current.kind else {
      throw .syntax("unexpected \(parser.current.shown)", parser.current.offset)
    }
    return expression
  }

  // MARK: - Tokens

  private var current: ExpressionToken { tokens[min(at, tokens.count - 1)] }

  private func isSymbol(_ symbol: String) -> Bool { current.kind == .symbol(symbol) }
  private func isName(_ name: String) -> Bool { current.kind == .name(name) }

  private mutating func take(_ symbol: String) -> Bool {
    guard isSymbol(symbol) else { return false }
    at += 1
    return true
  }

  private mutating func takeName(_ name: String) -> Bool {
    guard isName(name) else { return false }
    at += 1
    return true
  }

  private mutating func expect(_ symbol: String) throws(ExpressionError) {
    guard take(symbol) else { throw .syntax("expected '\(symbol)', found \(current.shown)", current.offset) }
  }

  private mutating func name() throws(ExpressionError) -> String {
    guard case .name(let name) = current.kind else {
      throw .syntax("expected a name, found \(current.shown)", current.offset)
    }
    at += 1
    return name
  }

  private func make(_ kind: Expression.Kind, _ offset: Int, over children: [Expression]) throws(ExpressionError)
    -> Expression
  {
    let depth = (children.map(\.depth).max() ?? 0) + 1
    guard depth <= Expression.maximumDepth else {
      throw ExpressionError(cause: .limit, message: "the expression is nested too deeply", offset: offset)
    }
    return Expression(kind: kind, offset: offset, depth: depth)
  }

  // MARK: - Precedence

  private mutating func expression() throws(ExpressionError) -> Expression {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting <= Expression.maximumDepth / 2 else {
      throw ExpressionError(cause: .limit, message: "the expression is nested too deeply", offset: current.offset)
    }
    var result = try or()
    while isName("if") {
      let offset = current.offset
      at += 1
      let condition = try or()
      let otherwise = takeName("else") ? try expression() : nil
      result = try make(
        .conditional(then: result, condition: condition, otherwise: otherwise), offset,
        over: [result, condition] + (otherwise.map { [$0] } ?? []))
    }
    return result
  }

  private mutating func or() throws(ExpressionError) -> Expression {
    var left = try and()
    while isName("or") {
      let offset = current.offset
      at += 1
      let right = try and()
      left = try make(.or(left, right), offset, over: [left, right])
    }
    return left
  }

  private mutating func and() throws(ExpressionError) -> Expression {
    var left = try not()
    while isName("and") {
      let offset = current.offset
      at += 1
      let right = try not()
      left = try make(.and(left, right), offset, over: [left, right])
    }
    return left
  }

  private mutating func not() throws(ExpressionError) -> Expression {
    var offsets: [Int] = []
    while isName("not") {
      offsets.append(current.offset)
      at += 1
    }
    var result = try comparison()
    for offset in offsets.reversed() { result = try make(.not(result), offset, over: [result]) }
    return result
  }

  private mutating func comparison() throws(ExpressionError) -> Expression {
    let first = try sum()
    var rest: [(operation: Expression.ComparisonOperator, operand: Expression)] = []
    let offset = current.offset
    while let comparison = comparisonOperator() {
      rest.append((comparison, try sum()))
    }
    if rest.isEmpty { return first }
    return try make(.comparison(first, rest), offset, over: [first] + rest.map(\.operand))
  }

  private mutating func comparisonOperator() -> Expression.ComparisonOperator? {
    if case .symbol(let symbol) = current.kind, let known = Expression.ComparisonOperator(rawValue: symbol) {
      at += 1
      return known
    }
    if takeName("in") { return .isIn }
    if isName("not"), at + 1 < tokens.count, tokens[at + 1].kind == .name("in") {
      at += 2
      return .isNotIn
    }
    return nil
  }

  private typealias Level = (inout ExpressionParser) throws(ExpressionError) -> Expression

  private mutating func binary(_ symbols: [String], _ next: Level) throws(ExpressionError) -> Expression {
    var left = try next(&self)
    while case .symbol(let symbol) = current.kind, symbols.contains(symbol),
      let known = Expression.BinaryOperator(rawValue: symbol)
    {
      let offset = current.offset
      at += 1
      let right = try next(&self)
      left = try make(.binary(known, left, right), offset, over: [left, right])
    }
    return left
  }

  private mutating func sum() throws(ExpressionError) -> Expression {
    try binary(["+", "-"]) { parser throws(ExpressionError) in try parser.concatenation() }
  }
  private mutating func concatenation() throws(ExpressionError) -> Expression {
    try binary(["~"]) { parser throws(ExpressionError) in try parser.product() }
  }
  private mutating func product() throws(ExpressionError) -> Expression {
    try binary(["*", "/", "//", "%"]) { parser throws(ExpressionError) in try parser.power() }
  }
  private mutating func power() throws(ExpressionError) -> Expression {
    try binary(["**"]) { parser throws(ExpressionError) in try parser.unary() }
  }

  private mutating func unary() throws(ExpressionError) -> Expression {
    var signs: [(offset: Int, isMinus: Bool)] = []
    while isSymbol("-") || isSymbol("+") {
      signs.append((current.offset, isSymbol("-")))
      at += 1
    }
    var result = try postfix(try primary())
    for sign in signs.reversed() where sign.isMinus {
      result = try make(.negative(result), sign.offset, over: [result])
    }
    return try filters(result)
  }

  // MARK: - Operands

  private mutating func primary() throws(ExpressionError) -> Expression {
    let token = current
    func literal(_ value: Value) -> Expression { Expression(kind: .literal(value), offset: token.offset, depth: 1) }
    switch token.kind {
    case .string(var text):
      at += 1
      while case .string(let more) = current.kind {  // texts side by side are one text
        text += more
        at += 1
      }
      return literal(.string(text))
    case .integer(let number):
      at += 1
      return literal(.int(number))
    case .float(let number):
      at += 1
      return literal(.double(number))
    case .name(let name):
      at += 1
      switch name {
      case "true", "True": return literal(.bool(true))
      case "false", "False": return literal(.bool(false))
      case "none", "None", "null": return literal(.null)
      case "and", "or", "not", "if", "else", "in", "is", "for":
        throw .syntax("unexpected '\(name)'", token.offset)
      default: break
      }
      if isSymbol("(") {
        let arguments = try arguments()
        return try make(.function(name, arguments), token.offset, over: arguments.all)
      }
      if let function = takeProvided(after: token) {
        let arguments = try arguments()
        return try make(
          .provided(provider: name, name: function.name, nameOffset: function.offset, arguments), token.offset,
          over: arguments.all)
      }
      return Expression(kind: .name(name), offset: token.offset, depth: 1)
    case .symbol("("): return try parenthesized()
    case .symbol("["):
      at += 1
      let elements = try list(until: "]")
      return try make(.list(elements), token.offset, over: elements)
    case .symbol("{"): return try dictionary()
    default: throw .syntax("expected a value, found \(token.shown)", token.offset)
    }
  }

  /// Takes `::name` when it follows the provider's name without a space and its arguments follow it; `list[a::b]`
  /// remains a slice.
  private mutating func takeProvided(after provider: ExpressionToken) -> (name: String, offset: Int)? {
    guard case .name(let word) = provider.kind, at + 3 < tokens.count else { return nil }
    let end = provider.offset + word.utf8.count
    guard tokens[at] == ExpressionToken(kind: .symbol(":"), offset: end),
      tokens[at + 1] == ExpressionToken(kind: .symbol(":"), offset: end + 1),
      case .name(let name) = tokens[at + 2].kind,
      tokens[at + 2].offset == end + 2, tokens[at + 3].kind == .symbol("(")
    else { return nil }
    at += 3
    return (name, end + 2)
  }

  private mutating func parenthesized() throws(ExpressionError) -> Expression {
    let offset = current.offset
    at += 1
    if take(")") { return Expression(kind: .list([]), offset: offset, depth: 1) }
    let first = try expression()
    if take(")") { return first }
    try expect(",")
    let elements = [first] + (try list(until: ")"))  // a tuple is a list here
    return try make(.list(elements), offset, over: elements)
  }

  private mutating func list(until end: String) throws(ExpressionError) -> [Expression] {
    var elements: [Expression] = []
    while !take(end) {
      elements.append(try expression())
      if take(end) { break }
      try expect(",")
    }
    return elements
  }

  private mutating func dictionary() throws(ExpressionError) -> Expression {
    let offset = current.offset
    at += 1
    var entries: [(key: Expression, value: Expression)] = []
    while !take("}") {
      let key = try expression()
      try expect(":")
      entries.append((key, try expression()))
      if take("}") { break }
      try expect(",")
    }
    return try make(.dictionary(entries), offset, over: entries.flatMap { [$0.key, $0.value] })
  }

  private mutating func arguments() throws(ExpressionError) -> Expression.Arguments {
    try expect("(")
    var arguments = Expression.Arguments()
    while !take(")") {
      if case .name(let name) = current.kind, at + 1 < tokens.count, tokens[at + 1].kind == .symbol("=") {
        at += 2
        arguments.named.append((name, try expression()))
      } else {
        guard arguments.named.isEmpty else {
          throw .syntax("an argument without a name stands after one with a name", current.offset)
        }
        arguments.positional.append(try expression())
      }
      if take(")") { break }
      try expect(",")
    }
    return arguments
  }

  private mutating func postfix(_ start: Expression) throws(ExpressionError) -> Expression {
    var base = start
    while true {
      let offset = current.offset
      if take(".") {
        if case .integer(let index) = current.kind {
          at += 1
          let key = Expression(kind: .literal(.int(index)), offset: offset, depth: 1)
          base = try make(.element(base, key), offset, over: [base])
          continue
        }
        let nameOffset = current.offset
        let name = try name()
        if isSymbol("(") {
          let arguments = try arguments()
          base = try make(.method(base, name, arguments), nameOffset, over: [base] + arguments.all)
        } else {
          base = try make(.attribute(base, name), nameOffset, over: [base])
        }
      } else if take("[") {
        base = try bracket(base, offset)
      } else if isSymbol("(") {
        throw .syntax("this cannot be called", offset)
      } else {
        return base
      }
    }
  }

  private mutating func bracket(_ base: Expression, _ offset: Int) throws(ExpressionError) -> Expression {
    var bounds: [Expression?] = [nil]
    while !take("]") {
      if take(":") {
        guard bounds.count < 3 else { throw .syntax("a slice has at most three parts", current.offset) }
        bounds.append(nil)
      } else {
        guard bounds[bounds.count - 1] == nil else {
          throw .syntax("expected ']', found \(current.shown)", current.offset)
        }
        bounds[bounds.count - 1] = try expression()
      }
    }
    if bounds.count == 1 {
      guard let key = bounds[0] else { throw .syntax("expected an index before ']'", offset) }
      return try make(.element(base, key), offset, over: [base, key])
    }
    return try make(
      .slice(base, from: bounds[0], to: bounds[1], step: bounds.count > 2 ? bounds[2] : nil), offset,
      over: [base] + bounds.compactMap { $0 })
  }

  private mutating func filters(_ start: Expression) throws(ExpressionError) -> Expression {
    var base = start
    while true {
      if take("|") {
        let offset = current.offset
        let name = try name()
        let arguments = isSymbol("(") ? try arguments() : Expression.Arguments()
        base = try postfix(try make(.filter(base, name, arguments), offset, over: [base] + arguments.all))
      } else if isName("is") {
        at += 1
        let isNegated = takeName("not")
        let offset = current.offset
        let name = try name()
        var arguments = Expression.Arguments()
        if isSymbol("(") {
          arguments = try self.arguments()
        } else if startsTestArgument {
          arguments.positional = [try postfix(try primary())]
        }
        base = try make(.test(base, name, arguments, isNegated: isNegated), offset, over: [base] + arguments.all)
      } else {
        return base
      }
    }
  }

  /// Whether what follows a test's name is its argument: `is divisibleby 3`.
  private var startsTestArgument: Bool {
    switch current.kind {
    case .string, .integer, .float, .symbol("["), .symbol("{"): true
    case .name(let name): !["and", "or", "not", "if", "else", "in", "is"].contains(name)
    default: false
    }
  }
}

extension Expression.Arguments {
  /// The values, named ones last.
  var all: [Expression] { positional + named.map(\.value) }
}
