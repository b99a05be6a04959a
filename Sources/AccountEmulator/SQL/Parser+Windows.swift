import SnowmakerModel

extension Parser {
  /// Whether OVER comes next.
  var isOver: Bool { isWord("OVER") && (isSymbol("(", ahead: 1) || peek().kind == .word) }

  /// The rest of a window function, from `IGNORE NULLS` or OVER on.
  mutating func window(
    _ name: String, _ arguments: [Expression], _ aggregate: Expression?
  ) throws(StatementFailure) -> Expression {
    let start = current.start
    if isWord("IGNORE") { throw .unsupported("\(name)(…) IGNORE NULLS OVER (…)") }
    _ = accept("RESPECT NULLS")
    try expect("OVER")
    if !isSymbol("(") { throw .unsupported("OVER \(current.text): named windows") }
    try expectSymbol("(")
    var window = WindowFunction(function: try function(name, arguments, aggregate, at: start))
    if accept("PARTITION BY") {
      repeat { window.partition.append(try condition()) } while acceptSymbol(",")
    }
    if accept("ORDER BY") { window.order = try orderKeys() }
    if isWord("ROWS") || isWord("RANGE") || isWord("GROUPS") { window.frame = try frame() }
    try expectSymbol(")")
    if case .rank(let rank) = window.function, window.order.isEmpty {
      throw StatementFailure(
        code: "002303", sqlState: "42601",
        message: "SQL compilation error:\nWindow function type [\(rank)] requires ORDER BY in window specification")
    }
    guard !window.parts.contains(where: \.hasWindow) else {
      throw StatementFailure(
        code: "002303", sqlState: "42601",
        message: "SQL compilation error:\nWindow function [\(name)] may not be nested inside another window function.")
    }
    return .window(window)
  }

  private func function(
    _ name: String, _ arguments: [Expression], _ aggregate: Expression?, at start: Int
  ) throws(StatementFailure) -> WindowFunction.Function {
    func require(_ count: ClosedRange<Int>) throws(StatementFailure) {
      if count.contains(arguments.count) { return }
      throw .syntax("invalid number of arguments for function [\(name)]", at: start, in: bytes)
    }
    if let aggregate {
      if case .aggregate(_, _, _, let within) = aggregate, !within.isEmpty {
        throw .unsupported("\(name)(…) WITHIN GROUP (…) OVER (…)")
      }
      return .aggregate(aggregate)
    }
    switch name {
    case _ where WindowFunction.ranks.contains(name):
      try require(0...0)
      return .rank(name)
    case "NTILE":
      try require(1...1)
      return .tile(arguments[0])
    case "LAG", "LEAD":
      try require(1...3)
      return .neighbour(
        arguments[0], isNext: name == "LEAD", distance: arguments.count > 1 ? arguments[1] : nil,
        otherwise: arguments.count > 2 ? arguments[2] : nil)
    case "FIRST_VALUE":
      try require(1...1)
      return .value(arguments[0], place: .number("1"))
    case "LAST_VALUE":
      try require(1...1)
      return .value(arguments[0], place: nil)
    case "NTH_VALUE":
      try require(2...2)
      return .value(arguments[0], place: arguments[1])
    default: throw .unsupported("\(name)(…) OVER (…)")
    }
  }

  private mutating func frame() throws(StatementFailure) -> WindowFunction.Frame {
    let unit = current.upper
    let words = wordsAhead(limit: 8)
    advance()
    func refused() -> StatementFailure { .unsupported("the window frame \(words)") }
    guard accept("BETWEEN") else {
      guard accept("UNBOUNDED PRECEDING") else { throw refused() }
      return unit == "ROWS" ? .rowsToHere : .standard
    }
    func bound(_ parser: inout Parser) throws(StatementFailure) -> Int? {
      if parser.accept("UNBOUNDED PRECEDING") || parser.accept("UNBOUNDED FOLLOWING") { return nil }
      if parser.accept("CURRENT ROW") { return 0 }
      let count = try parser.integer()
      if parser.accept("PRECEDING") { return -count }
      try parser.expect("FOLLOWING")
      return count
    }
    let startsUnbounded = areWords("UNBOUNDED PRECEDING")
    let from = try bound(&self)
    try expect("AND")
    let endsUnbounded = areWords("UNBOUNDED FOLLOWING")
    let to = try bound(&self)
    guard startsUnbounded || from != nil, endsUnbounded || to != nil else { throw refused() }
    if from == nil, to == nil { return .whole }
    if unit == "ROWS" { return .rows(from: from, to: to) }
    guard unit == "RANGE", from == nil, to == 0 else { throw refused() }
    return .standard
  }
}
