import SnowmakerModel

extension Parser {
  /// An expression with operators, OR binding weakest.
  mutating func condition() throws(StatementFailure) -> Expression {
    let outside = try enter(.conditions)
    defer { leave(to: outside) }
    var left = try conjunction()
    while accept("OR") { left = .binary("OR", try link(left), try conjunction()) }
    return left
  }

  private mutating func conjunction() throws(StatementFailure) -> Expression {
    var left = try negation()
    while accept("AND") { left = .binary("AND", try link(left), try negation()) }
    return left
  }

  private mutating func negation() throws(StatementFailure) -> Expression {
    guard accept("NOT") else { return try comparison() }
    let outside = try enter(.conditions)
    defer { leave(to: outside) }
    return .not(try negation())
  }

  private mutating func comparison() throws(StatementFailure) -> Expression {
    let left = try operand()
    for symbol in ["=", "<>", "!=", "<=", ">=", "<", ">"] where acceptSymbol(symbol) {
      return .binary(symbol == "!=" ? "<>" : symbol, left, try operand())
    }
    if accept("IS") {
      let negated = accept("NOT")
      for (word, value) in [("TRUE", true), ("FALSE", false)] where accept(word) {
        let test = Expression.binary("=", left, .boolean(value))
        return negated ? .not(test) : test
      }
      try expect("NULL")
      return negated ? .not(.isNull(left)) : .isNull(left)
    }
    let negated = accept("NOT")
    guard let test = try predicate(left) else {
      if negated { throw unexpected() }
      return left
    }
    return negated ? .not(test) : test
  }

  /// LIKE, ILIKE, RLIKE, BETWEEN and IN after their left side; nil when none comes next.
  private mutating func predicate(_ left: Expression) throws(StatementFailure) -> Expression? {
    for (word, ignoresCase) in [("LIKE", false), ("ILIKE", true)] where accept(word) {
      let isAny = accept("ANY")
      if isAny || isWord("ALL") {
        let all = !isAny && accept("ALL")
        try expectSymbol("(")
        var test: Expression?
        repeat {
          let one = Expression.like(left, try operand(), ignoresCase: ignoresCase)
          if let before = test {
            test = .binary(all ? "AND" : "OR", try link(before), one)
          } else {
            test = one
          }
        } while acceptSymbol(",")
        try expectSymbol(")")
        return test
      }
      let test = Expression.like(left, try operand(), ignoresCase: ignoresCase)
      if accept("ESCAPE") { _ = try text() }
      return test
    }
    if accept("BETWEEN") {
      let low = try operand()
      try expect("AND")
      return .binary("AND", .binary(">=", left, low), .binary("<=", left, try operand()))
    }
    guard accept("IN") else { return nil }
    try expectSymbol("(")
    if isWord("SELECT") || isWord("WITH") {
      let inner = try query()
      try expectSymbol(")")
      return .isIn(left, inner)
    }
    var items: [Expression] = []
    repeat { items.append(try condition()) } while acceptSymbol(",")
    try expectSymbol(")")
    return .isOneOf(left, items)
  }

  /// A value with `+`, `-` and `||`.
  private mutating func operand() throws(StatementFailure) -> Expression {
    var left = try product()
    while true {
      if acceptSymbol("||") {
        left = .binary("||", try link(left), try product())
      } else if acceptSymbol("+") {
        left = .binary("+", try link(left), try product())
      } else if acceptSymbol("-") {
        left = .binary("-", try link(left), try product())
      } else {
        return left
      }
    }
  }

  private mutating func product() throws(StatementFailure) -> Expression {
    var left = try converted()
    while true {
      if acceptSymbol("*") {
        left = .binary("*", try link(left), try converted())
      } else if acceptSymbol("/") {
        left = .binary("/", try link(left), try converted())
      } else if acceptSymbol("%") {
        left = .binary("%", try link(left), try converted())
      } else {
        return left
      }
    }
  }

  private mutating func converted() throws(StatementFailure) -> Expression {
    var left = try primary()
    while acceptSymbol("::") { left = .cast(try link(left, weight: 8), try typeName()) }
    return left
  }

  private mutating func typeName() throws(StatementFailure) -> String {
    guard current.kind == .word else { throw unexpected() }
    var type = current.upper
    let start = current.start
    advance()
    for word in ["PRECISION", "VARYING"] where accept(word) { type += " " + word }
    if isSymbol("(") {
      let open = current.start
      try skipParentheses()
      type += source(open, tokens[at - 1].end)
    }
    do throws(StatementFailure) { _ = try DataTypes.canonical(type) } catch {
      throw .syntax("unsupported data type '\(source(start, tokens[at - 1].end))'", at: start, in: bytes)
    }
    return type
  }

  private mutating func primary() throws(StatementFailure) -> Expression {
    guard !nesting.isFull else { throw .syntax("too many nested parentheses", at: current.start, in: bytes) }
    let token = current
    switch token.kind {
    case .string:
      advance()
      return .string(token.text)
    case .number:
      advance()
      return .number(token.text)
    case .variable:
      advance()
      return .variable(token.text)
    case .placeholder: return try boundValue()
    case .quoted: return .column(try name(1...4).parts)
    case .symbol where token.text == "-" || token.text == "+":
      advance()
      let sign = token.text == "-" ? "-" : ""
      if current.kind == .number {
        let number = current.text
        advance()
        return .number(sign + number)
      }
      let outside = try enter(.conditions)
      defer { leave(to: outside) }
      let inner = try primary()
      return sign.isEmpty ? inner : .binary("-", .number("0"), inner)
    case .symbol where token.text == "(":
      advance()
      if isWord("SELECT") || isWord("WITH") {
        let inner = try query()
        try expectSymbol(")")
        return .scalar(inner)
      }
      let inner = try condition()
      try expectSymbol(")")
      return inner
    case .symbol where token.text == "{": return try objectConstant()
    case .symbol where token.text == "[": return try arrayConstant()
    case .word: return try wordExpression()
    default: throw unexpected()
    }
  }

  private mutating func wordExpression() throws(StatementFailure) -> Expression {
    let word = current.upper
    switch word {
    case "NULL":
      advance()
      return .null
    case "TRUE", "FALSE":
      advance()
      return .boolean(word == "TRUE")
    case "CASE": return try either()
    case "INTERVAL" where peek().kind == .string: throw .unsupported("INTERVAL (DATEADD says the same)")
    default: break
    }
    if let constant = typedConstant() { return constant }
    guard isSymbol("(", ahead: 1) else {
      if Self.callsWithoutParentheses.contains(word) {
        advance()
        return .call(word, [])
      }
      return .column(try name(1...4).parts)
    }
    advance()
    advance()
    if word == "COUNT", acceptSymbol("*") {
      try expectSymbol(")")
      return isOver ? try window(word, [], .countAll) : .countAll
    }
    if word == "CAST" || word == "TRY_CAST" {
      let inner = try condition()
      try expect("AS")
      let type = try typeName()
      try expectSymbol(")")
      return word == "CAST" ? .cast(inner, type) : .call("TRY_CAST", [inner, .string(type)])
    }
    if word == "EXTRACT", peek().upper == "FROM", current.kind == .word || current.kind == .string {
      let part = current.text
      advance()
      advance()
      let inner = try condition()
      try expectSymbol(")")
      return .call("DATE_PART", [.string(part), inner])
    }
    if word == "EXISTS" {
      let inner = try query()
      try expectSymbol(")")
      return .exists(inner)
    }
    let isAggregate = Expression.aggregates.contains(word)
    let isDistinct = isAggregate && accept("DISTINCT")
    var arguments: [Expression] = []
    if !isSymbol(")") {
      repeat {
        // f(name => value): by position is enough for the functions there are.
        if current.kind == .word, isSymbol("=>", ahead: 1) {
          advance()
          advance()
        }
        arguments.append(try condition())
      } while acceptSymbol(",")
    }
    try expectSymbol(")")
    guard isAggregate, !arguments.isEmpty else {
      if isOver || areWords("IGNORE NULLS OVER") || areWords("RESPECT NULLS OVER") {
        return try window(word, arguments, nil)
      }
      return .call(word, arguments)
    }
    var within: [OrderKey] = []
    if accept("WITHIN GROUP") {
      try expectSymbol("(")
      try expect("ORDER BY")
      within = try orderKeys()
      try expectSymbol(")")
    }
    let aggregate = Expression.aggregate(word, distinct: isDistinct, arguments, within: within)
    return isOver ? try window(word, arguments, aggregate) : aggregate
  }

  private mutating func either() throws(StatementFailure) -> Expression {
    try expect("CASE")
    let operand = isWord("WHEN") ? nil : try condition()
    var cases: [(when: Expression, then: Expression)] = []
    while accept("WHEN") {
      let when = try condition()
      try expect("THEN")
      cases.append((when, try condition()))
    }
    guard !cases.isEmpty else { throw unexpected() }
    let otherwise = accept("ELSE") ? try condition() : nil
    try expect("END")
    return .either(operand, cases, otherwise: otherwise)
  }
}
