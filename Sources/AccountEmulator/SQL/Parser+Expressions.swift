import SnowmakerModel

extension Parser {
  /// An expression with operators, OR binding weakest.
  mutating func condition(depth: Int = 0) throws(StatementFailure) -> Expression {
    guard openConditions < 64 else { throw .syntax("too many nested conditions", at: current.start, in: bytes) }
    openConditions += 1
    defer { openConditions -= 1 }
    var left = try conjunction(depth)
    while accept("OR") { left = .binary("OR", left, try conjunction(depth)) }
    return left
  }

  private mutating func conjunction(_ depth: Int) throws(StatementFailure) -> Expression {
    var left = try negation(depth)
    while accept("AND") { left = .binary("AND", left, try negation(depth)) }
    return left
  }

  private mutating func negation(_ depth: Int) throws(StatementFailure) -> Expression {
    guard depth < 64 else { throw .syntax("too many nested conditions", at: current.start, in: bytes) }
    if accept("NOT") {
      openConditions += 1
      defer { openConditions -= 1 }
      guard openConditions < 64 else { throw .syntax("too many nested conditions", at: current.start, in: bytes) }
      return .not(try negation(depth + 1))
    }
    return try comparison(depth + 1)
  }

  private mutating func comparison(_ depth: Int) throws(StatementFailure) -> Expression {
    let left = try operand(depth)
    for symbol in ["=", "<>", "!=", "<=", ">=", "<", ">"] where acceptSymbol(symbol) {
      return .binary(symbol == "!=" ? "<>" : symbol, left, try operand(depth))
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
    guard let test = try predicate(left, depth) else {
      if negated { throw unexpected() }
      return left
    }
    return negated ? .not(test) : test
  }

  /// LIKE, ILIKE, RLIKE, BETWEEN and IN after their left side; nil when none comes next.
  private mutating func predicate(_ left: Expression, _ depth: Int) throws(StatementFailure) -> Expression? {
    for (word, ignoresCase) in [("LIKE", false), ("ILIKE", true)] where accept(word) {
      let isAny = accept("ANY")
      if isAny || isWord("ALL") {
        let all = !isAny && accept("ALL")
        try expectSymbol("(")
        var test: Expression?
        repeat {
          let one = Expression.like(left, try operand(depth), ignoresCase: ignoresCase)
          test = test.map { .binary(all ? "AND" : "OR", $0, one) } ?? one
        } while acceptSymbol(",")
        try expectSymbol(")")
        return test
      }
      let test = Expression.like(left, try operand(depth), ignoresCase: ignoresCase)
      if accept("ESCAPE") { _ = try text() }
      return test
    }
    if accept("BETWEEN") {
      let low = try operand(depth)
      try expect("AND")
      return .binary("AND", .binary(">=", left, low), .binary("<=", left, try operand(depth)))
    }
    guard accept("IN") else { return nil }
    try expectSymbol("(")
    if isWord("SELECT") || isWord("WITH") {
      let inner = try query(depth: depth / 4 + 1)
      try expectSymbol(")")
      return .isIn(left, inner)
    }
    var items: [Expression] = []
    repeat { items.append(try operand(depth)) } while acceptSymbol(",")
    try expectSymbol(")")
    return .isOneOf(left, items)
  }

  /// A value with `+`, `-` and `||`.
  private mutating func operand(_ depth: Int) throws(StatementFailure) -> Expression {
    var left = try product(depth)
    while true {
      if acceptSymbol("||") {
        left = .binary("||", left, try product(depth))
      } else if acceptSymbol("+") {
        left = .binary("+", left, try product(depth))
      } else if acceptSymbol("-") {
        left = .binary("-", left, try product(depth))
      } else {
        return left
      }
    }
  }

  private mutating func product(_ depth: Int) throws(StatementFailure) -> Expression {
    var left = try converted(depth)
    while true {
      if acceptSymbol("*") {
        left = .binary("*", left, try converted(depth))
      } else if acceptSymbol("/") {
        left = .binary("/", left, try converted(depth))
      } else if acceptSymbol("%") {
        left = .binary("%", left, try converted(depth))
      } else {
        return left
      }
    }
  }

  private mutating func converted(_ depth: Int) throws(StatementFailure) -> Expression {
    var left = try primary(depth)
    while acceptSymbol("::") { left = .cast(left, try typeName()) }
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

  private mutating func primary(_ depth: Int) throws(StatementFailure) -> Expression {
    guard depth < 64 else { throw .syntax("too many nested parentheses", at: current.start, in: bytes) }
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
      let inner = try primary(depth + 1)
      return sign.isEmpty ? inner : .binary("-", .number("0"), inner)
    case .symbol where token.text == "(":
      advance()
      if isWord("SELECT") || isWord("WITH") {
        let inner = try query(depth: depth / 4 + 1)
        try expectSymbol(")")
        return .scalar(inner)
      }
      let inner = try condition(depth: depth + 1)
      try expectSymbol(")")
      return inner
    case .symbol where token.text == "{": return try objectConstant(depth)
    case .symbol where token.text == "[": return try arrayConstant(depth)
    case .word: return try wordExpression(depth)
    default: throw unexpected()
    }
  }

  private mutating func wordExpression(_ depth: Int) throws(StatementFailure) -> Expression {
    let word = current.upper
    switch word {
    case "NULL":
      advance()
      return .null
    case "TRUE", "FALSE":
      advance()
      return .boolean(word == "TRUE")
    case "CASE": return try either(depth)
    case "INTERVAL" where peek().kind == .string: throw .unsupported("INTERVAL (DATEADD says the same)")
    default: break
    }
    guard isSymbol("(", ahead: 1) else {
      if ["CURRENT_USER", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIMESTAMP"].contains(word) {
        advance()
        return .call(word, [])
      }
      return .column(try name(1...4).parts)
    }
    advance()
    advance()
    if word == "COUNT", acceptSymbol("*") {
      try expectSymbol(")")
      return isOver ? try window(word, [], .countAll, depth: depth) : .countAll
    }
    if word == "CAST" || word == "TRY_CAST" {
      let inner = try condition(depth: depth + 1)
      try expect("AS")
      let type = try typeName()
      try expectSymbol(")")
      return word == "CAST" ? .cast(inner, type) : .call("TRY_CAST", [inner, .string(type)])
    }
    if word == "EXISTS" {
      let inner = try query(depth: depth / 4 + 1)
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
        arguments.append(try condition(depth: depth + 1))
      } while acceptSymbol(",")
    }
    try expectSymbol(")")
    guard isAggregate, !arguments.isEmpty else {
      if isOver || areWords("IGNORE NULLS OVER") || areWords("RESPECT NULLS OVER") {
        return try window(word, arguments, nil, depth: depth)
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
    return isOver ? try window(word, arguments, aggregate, depth: depth) : aggregate
  }

  private mutating func either(_ depth: Int) throws(StatementFailure) -> Expression {
    try expect("CASE")
    let operand = isWord("WHEN") ? nil : try condition(depth: depth + 1)
    var cases: [(when: Expression, then: Expression)] = []
    while accept("WHEN") {
      let when = try condition(depth: depth + 1)
      try expect("THEN")
      cases.append((when, try condition(depth: depth + 1)))
    }
    guard !cases.isEmpty else { throw unexpected() }
    let otherwise = accept("ELSE") ? try condition(depth: depth + 1) : nil
    try expect("END")
    return .either(operand, cases, otherwise: otherwise)
  }
}
