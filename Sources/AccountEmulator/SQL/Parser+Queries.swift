import SnowmakerModel

extension Parser {
  /// A query, from WITH, SELECT or a parenthesis on.
  mutating func query() throws(StatementFailure) -> SelectQuery {
    let outside = try enter(.queries)
    defer { leave(to: outside) }
    var named: [(name: Identifier, columns: [Identifier], query: SelectQuery)] = []
    if accept("WITH") {
      if isWord("RECURSIVE"), peek().kind == .word { throw .unsupported("WITH RECURSIVE") }
      repeat {
        let name = try identifier()
        let columns = try columnNames()
        try expect("AS")
        try expectSymbol("(")
        named.append((name, columns, try query()))
        try expectSymbol(")")
      } while acceptSymbol(",")
    }
    var query = SelectQuery(named: named, body: try combined())
    if accept("ORDER BY") { query.order = try orderKeys() }
    if accept("LIMIT") {
      query.limit = accept("NULL") ? nil : try count()
    } else if accept("FETCH") {
      if !accept("FIRST") { _ = accept("NEXT") }
      query.limit = try count()
      if !accept("ROWS") { _ = accept("ROW") }
      _ = accept("ONLY")
    }
    if accept("OFFSET") { query.offset = try count() }
    return query
  }

  /// A whole number, also bound.
  private mutating func count() throws(StatementFailure) -> Int {
    if current.kind == .number { return try integer() }
    let start = current.start
    guard let value = Int(try text()) else { throw .syntax("a number is expected", at: start, in: bytes) }
    return value
  }

  mutating func orderKeys() throws(StatementFailure) -> [OrderKey] {
    var keys: [OrderKey] = []
    repeat {
      var key = OrderKey(expression: try condition())
      key.descending = accept("DESC")
      if !key.descending { _ = accept("ASC") }
      if accept("NULLS FIRST") { key.nullsFirst = true } else if accept("NULLS LAST") { key.nullsFirst = false }
      keys.append(key)
    } while acceptSymbol(",")
    return keys
  }

  private mutating func combined() throws(StatementFailure) -> QueryBody {
    var left = try intersected()
    while true {
      if accept("UNION") {
        let all = accept("ALL")
        if !all { _ = accept("DISTINCT") }
        left = .combined(.union, all: all, try link(left, weight: 2), try intersected())
      } else if accept("EXCEPT") || accept("MINUS") {
        left = .combined(.except, all: false, try link(left, weight: 2), try intersected())
      } else {
        return left
      }
    }
  }

  private mutating func intersected() throws(StatementFailure) -> QueryBody {
    var left = try branch()
    while accept("INTERSECT") { left = .combined(.intersect, all: false, try link(left, weight: 2), try branch()) }
    return left
  }

  private mutating func branch() throws(StatementFailure) -> QueryBody {
    guard acceptSymbol("(") else { return .select(try core()) }
    let inner = try query()
    try expectSymbol(")")
    return .query(inner)
  }

  private mutating func core() throws(StatementFailure) -> SelectCore {
    try expect("SELECT")
    var core = SelectCore()
    core.isDistinct = accept("DISTINCT")
    if !core.isDistinct { _ = accept("ALL") }
    if isWord("TOP"), peek().kind == .number { throw .unsupported("SELECT TOP (LIMIT says the same)") }
    // A comma after the last item is allowed.
    repeat { core.items.append(try queryItem()) } while acceptSymbol(",") && !isWord("FROM")
    if accept("FROM") {
      core.source = try joined()
      while acceptSymbol(",") {
        guard let left = core.source else { break }
        core.source = .join(try link(left, weight: 2), .cross, try joined(), on: nil, using: [])
      }
    }
    if accept("WHERE") { core.condition = try condition() }
    if accept("GROUP BY") {
      if accept("ALL") {
        core.groupsAll = true
      } else {
        for words in ["ROLLUP", "CUBE", "GROUPING SETS"] where areWords(words) {
          throw .unsupported("GROUP BY \(words)")
        }
        repeat { core.groups.append(try condition()) } while acceptSymbol(",")
      }
    }
    if accept("HAVING") { core.having = try condition() }
    if accept("QUALIFY") {
      let start = current.start
      let condition = try condition()
      // An alias of the list may stand for the window function.
      let selectsWindow = core.items.contains { item in
        if case .expression(let expression, _) = item { expression.hasWindow } else { false }
      }
      guard condition.hasWindow || selectsWindow else {
        throw .syntax("QUALIFY requires a window function", at: start, in: bytes)
      }
      core.qualify = condition
    }
    for word in ["WINDOW", "CONNECT", "START", "SAMPLE", "PIVOT", "UNPIVOT"] where isWord(word) {
      throw .unsupported("SELECT with \(word)")
    }
    return core
  }

  private mutating func queryItem() throws(StatementFailure) -> QueryItem {
    if acceptSymbol("*") { return .all(of: nil, except: try excluded()) }
    if current.kind == .word || current.kind == .quoted, isSymbol(".", ahead: 1), isSymbol("*", ahead: 2) {
      let table = try identifier()
      advance()
      advance()
      return .all(of: table, except: try excluded())
    }
    let start = current.start
    let expression = try condition()
    let written = source(start, tokens[at - 1].end)
    // Any word can be an alias after AS, reserved ones too.
    if accept("AS") { return .expression(expression, name: try identifier(first: false).name) }
    if current.kind == .quoted
      || (current.kind == .word && Identifier(exact: current.upper).isPlain
        && !Self.clauseWords.contains(current.upper))
    {
      return .expression(expression, name: try identifier().name)
    }
    if case .column(let parts) = expression, let last = parts.last { return .expression(expression, name: last.name) }
    return .expression(expression, name: written.uppercased())
  }

  private mutating func excluded() throws(StatementFailure) -> [Identifier] {
    for word in ["ILIKE", "REPLACE", "RENAME"] where isWord(word) { throw .unsupported("SELECT * \(word)") }
    guard accept("EXCLUDE") else { return [] }
    guard acceptSymbol("(") else { return [try identifier()] }
    var names = [try identifier()]
    while acceptSymbol(",") { names.append(try identifier()) }
    try expectSymbol(")")
    return names
  }

  private static let clauseWords: Set<String> = [
    "FROM", "WHERE", "ORDER", "LIMIT", "OFFSET", "GROUP", "HAVING", "QUALIFY", "UNION", "INTERSECT", "EXCEPT", "MINUS",
    "FETCH", "JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "NATURAL", "LATERAL", "ASOF", "ON", "USING", "WINDOW",
    "CONNECT", "START", "SAMPLE", "PIVOT", "UNPIVOT",
  ]

  // MARK: FROM

  private mutating func joined() throws(StatementFailure) -> QuerySource {
    var left = try source()
    while true {
      for word in ["NATURAL", "LATERAL", "ASOF"] where isWord(word) { throw .unsupported("SELECT with \(word)") }
      let kind: JoinKind
      if accept("CROSS JOIN") {
        left = .join(try link(left, weight: 2), .cross, try source(), on: nil, using: [])
        continue
      } else if accept("JOIN") || accept("INNER JOIN") {
        kind = .inner
      } else if accept("LEFT JOIN") || accept("LEFT OUTER JOIN") {
        kind = .left
      } else if accept("RIGHT JOIN") || accept("RIGHT OUTER JOIN") {
        kind = .right
      } else if accept("FULL JOIN") || accept("FULL OUTER JOIN") {
        kind = .full
      } else {
        return left
      }
      let right = try source()
      if accept("USING") {
        left = .join(try link(left, weight: 2), kind, right, on: nil, using: try columnNames())
      } else if accept("ON") {
        left = .join(try link(left, weight: 2), kind, right, on: try condition(), using: [])
      } else {
        guard kind == .inner else { throw unexpected() }
        left = .join(try link(left, weight: 2), .cross, right, on: nil, using: [])
      }
    }
  }

  /// `(a, b)`; nothing without a parenthesis.
  private mutating func columnNames() throws(StatementFailure) -> [Identifier] {
    guard acceptSymbol("(") else { return [] }
    var names = [try identifier()]
    while acceptSymbol(",") { names.append(try identifier()) }
    try expectSymbol(")")
    return names
  }

  private mutating func source() throws(StatementFailure) -> QuerySource {
    let plain = try plainSource()
    let hasWord = accept("AS")
    let isName =
      current.kind == .quoted
      || (current.kind == .word && Identifier(exact: current.upper).isPlain
        && !Self.clauseWords.contains(current.upper))
    guard hasWord || isName else { return plain }
    let alias = try identifier()
    return .named(plain, as: alias, columns: try columnNames())
  }

  private mutating func plainSource() throws(StatementFailure) -> QuerySource {
    if current.kind == .variable, let back = Int(current.text) {
      advance()
      return .flow(back)
    }
    if acceptSymbol("(") {
      let result: QuerySource
      if accept("VALUES") {
        result = .values(try valueRows())
      } else if isWord("SELECT") || isWord("WITH") {
        result = .query(try query())
      } else {
        let outside = try enter(.queries)
        defer { leave(to: outside) }
        result = try joined()
      }
      try expectSymbol(")")
      return result
    }
    if accept("VALUES") { return .values(try valueRows()) }
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

  private mutating func valueRows() throws(StatementFailure) -> [[Expression]] {
    var rows: [[Expression]] = []
    repeat {
      try expectSymbol("(")
      var row: [Expression] = []
      repeat { row.append(try condition()) } while acceptSymbol(",")
      try expectSymbol(")")
      if let first = rows.first, first.count != row.count { throw unexpected() }
      rows.append(row)
    } while acceptSymbol(",")
    return rows
  }
}
