import SnowmakerModel

/// SELECT … FROM one source.
struct SelectQuery {
  var items: [QueryItem] = []
  var isDistinct = false
  var source: QuerySource?
  var condition: Expression?
  var order: [(expression: Expression, descending: Bool)] = []
  var limit: Int?
  var offset = 0
}

/// One item of a SELECT list.
enum QueryItem {
  /// `*`
  case all
  case expression(Expression, name: String)
}

/// Where a SELECT reads.
indirect enum QuerySource {
  /// A view of INFORMATION_SCHEMA or ACCOUNT_USAGE, as its name is written.
  case view(ObjectName)
  /// `TABLE(RESULT_SCAN(…))`
  case resultScan(Expression)
  /// Any other table function: its name and its arguments by name (by number without one).
  case function(String, [String: Expression])
  /// `$1`: the statement that many places back in a flow (`->>`).
  case flow(Int)
  case query(SelectQuery)
}

extension Expression {
  /// What aggregates a whole result into one row.
  var isAggregate: Bool {
    switch self {
    case .countAll: true
    case .call(let name, let arguments):
      ["COUNT", "MIN", "MAX"].contains(name) && arguments.count == 1
    default: false
    }
  }
}

extension Parser {
  /// SELECT …, with or without FROM.
  mutating func selectStatement() throws(StatementFailure) -> Statement {
    let query = try selectQuery(depth: 0)
    guard query.source == nil else { return .query(query) }
    var items: [SelectItem] = []
    for item in query.items {
      guard case .expression(let expression, let name) = item else {
        throw .unsupported("SELECT * without a table the emulator has")
      }
      items.append(SelectItem(expression: expression, name: name))
    }
    return .select(items)
  }

  private mutating func selectQuery(depth: Int) throws(StatementFailure) -> SelectQuery {
    guard depth < 16 else { throw .syntax("too many nested queries", at: current.start, in: bytes) }
    try expect("SELECT")
    var query = SelectQuery()
    query.isDistinct = accept("DISTINCT")
    if !query.isDistinct { _ = accept("ALL") }
    repeat { query.items.append(try queryItem()) } while acceptSymbol(",")
    guard accept("FROM") else { return query }
    query.source = try querySource(depth)
    try skipAlias()
    for word in ["JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "NATURAL", "LATERAL"] where isWord(word) {
      throw .unsupported("SELECT with \(word)")
    }
    if isSymbol(",") { throw .unsupported("SELECT from several tables") }
    if accept("WHERE") { query.condition = try condition() }
    for word in ["GROUP", "HAVING", "QUALIFY", "UNION", "INTERSECT", "EXCEPT", "MINUS", "FETCH"] where isWord(word) {
      throw .unsupported("SELECT with \(wordsAhead(limit: 2))")
    }
    if accept("ORDER BY") {
      repeat {
        let expression = try condition()
        let descending = accept("DESC")
        if !descending { _ = accept("ASC") }
        if accept("NULLS") { advance() }
        query.order.append((expression, descending))
      } while acceptSymbol(",")
    }
    if accept("LIMIT") { query.limit = accept("NULL") ? nil : try integer() }
    if accept("OFFSET") { query.offset = try integer() }
    return query
  }

  private mutating func queryItem() throws(StatementFailure) -> QueryItem {
    if acceptSymbol("*") { return .all }
    let start = current.start
    let expression = try condition()
    let written = source(start, tokens[at - 1].end)
    // Any word can be an alias after AS, reserved ones too.
    if accept("AS") { return .expression(expression, name: try identifier(first: false).name) }
    if current.kind == .quoted || (current.kind == .word && !Self.afterItems.contains(current.upper)) {
      return .expression(expression, name: try identifier().name)
    }
    if case .column(let parts) = expression, let last = parts.last { return .expression(expression, name: last.name) }
    return .expression(expression, name: written.uppercased())
  }

  private static let afterItems: Set<String> = ["FROM", "WHERE", "ORDER", "LIMIT", "OFFSET", "GROUP", "UNION"]

  private mutating func skipAlias() throws(StatementFailure) {
    if accept("AS") {
      _ = try identifier()
    } else if current.kind == .quoted
      || (current.kind == .word && Identifier(exact: current.upper).isPlain
        && !Self.clauseWords.contains(current.upper))
    {
      _ = try identifier()
    }
  }

  private static let clauseWords: Set<String> = [
    "WHERE", "ORDER", "LIMIT", "OFFSET", "GROUP", "HAVING", "QUALIFY", "UNION", "INTERSECT", "EXCEPT", "MINUS", "FETCH",
    "JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "NATURAL", "LATERAL",
  ]

  private mutating func querySource(_ depth: Int) throws(StatementFailure) -> QuerySource {
    if current.kind == .variable, let back = Int(current.text) {
      advance()
      return .flow(back)
    }
    if acceptSymbol("(") {
      let query = try selectQuery(depth: depth + 1)
      try expectSymbol(")")
      guard query.source != nil else { throw .unsupported("SELECT FROM (SELECT …) without FROM") }
      return .query(query)
    }
    guard isWord("TABLE"), isSymbol("(", ahead: 1) else { return .view(try name(1...3)) }
    advance()
    advance()
    let function = try name(1...3)
    try expectSymbol("(")
    var arguments: [String: Expression] = [:]
    var position = 1
    while !isSymbol(")") {
      if current.kind == .word, isSymbol("=>", ahead: 1) {
        let key = current.upper
        advance()
        advance()
        arguments[key] = try condition()
      } else {
        arguments[String(position)] = try condition()
        position += 1
      }
      guard acceptSymbol(",") else { break }
    }
    try expectSymbol(")")
    try expectSymbol(")")
    let called = function.parts[function.parts.count - 1].name
    if called == "RESULT_SCAN", let id = arguments["1"] { return .resultScan(id) }
    return .function(called, arguments)
  }

  // MARK: Conditions

  /// An expression with operators, OR binding weakest.
  mutating func condition(depth: Int = 0) throws(StatementFailure) -> Expression {
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
    if accept("NOT") { return .not(try negation(depth + 1)) }
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
    var test: Expression?
    if accept("LIKE") {
      test = .like(left, try operand(depth), ignoresCase: false)
      if accept("ESCAPE") { _ = try text() }
    } else if accept("ILIKE") {
      test = .like(left, try operand(depth), ignoresCase: true)
      if accept("ESCAPE") { _ = try text() }
    } else if accept("BETWEEN") {
      let low = try operand(depth)
      try expect("AND")
      test = .binary("AND", .binary(">=", left, low), .binary("<=", left, try operand(depth)))
    } else if accept("IN") {
      try expectSymbol("(")
      if isWord("SELECT") { throw .unsupported("IN (SELECT …)") }
      var items: [Expression] = []
      repeat { items.append(try operand(depth)) } while acceptSymbol(",")
      try expectSymbol(")")
      test = .isOneOf(left, items)
    }
    guard let test else {
      if negated { throw unexpected() }
      return left
    }
    return negated ? .not(test) : test
  }

  /// A value, with `||` and `::TYPE`.
  private mutating func operand(_ depth: Int) throws(StatementFailure) -> Expression {
    var left = try primary(depth)
    while true {
      if acceptSymbol("||") {
        left = .binary("||", left, try primary(depth))
      } else if acceptSymbol("::") {
        left = .cast(left, try typeName())
      } else {
        return left
      }
    }
  }

  private mutating func typeName() throws(StatementFailure) -> String {
    guard current.kind == .word else { throw unexpected() }
    let type = current.upper
    advance()
    if acceptSymbol("(") {
      while !isSymbol(")"), current.kind != .end { advance() }
      try expectSymbol(")")
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
    case .symbol where token.text == "-":
      advance()
      guard current.kind == .number else { throw unexpected() }
      let number = current.text
      advance()
      return .number("-" + number)
    case .symbol where token.text == "(":
      advance()
      let inner = try condition(depth: depth + 1)
      try expectSymbol(")")
      return inner
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
    case "CASE": throw .unsupported("CASE")
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
      return .countAll
    }
    if word == "CAST" {
      let inner = try condition(depth: depth + 1)
      try expect("AS")
      let type = try typeName()
      try expectSymbol(")")
      return .cast(inner, type)
    }
    if word == "COUNT", isWord("DISTINCT") { throw .unsupported("COUNT(DISTINCT …)") }
    var arguments: [Expression] = []
    if !isSymbol(")") { repeat { arguments.append(try condition(depth: depth + 1)) } while acceptSymbol(",") }
    try expectSymbol(")")
    return .call(word, arguments)
  }
}
