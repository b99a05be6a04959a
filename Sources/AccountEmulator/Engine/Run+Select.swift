import AccountModel
import SnowmakerModel

extension StatementRun {
  /// What an expression comes to, on a row when there is one. Throws 000904 for a column that is not there.
  func evaluate(_ expression: Expression, _ row: QueryRow? = nil) throws(StatementFailure) -> Evaluated {
    try enterExpression()
    defer { openExpressions -= 1 }
    // Each case is a function of its own: the stack that one level takes is the greatest of theirs, not their sum.
    switch expression {
    case .binary, .cast: return try chain(expression, row)
    case .call(let name, let arguments): return try call(name, arguments, row)
    case .column(let parts): return try column(parts, row)
    case .not(let inner):
      let value = try evaluate(inner, row)
      return value.text == nil ? .null : .boolean(!value.isTrue)
    case .isNull(let inner): return .boolean(try evaluate(inner, row).text == nil)
    case .isOneOf, .isIn, .exists, .scalar, .like: return try test(expression, row)
    case .either(let operand, let cases, let otherwise): return try either(operand, cases, otherwise, row)
    default: return try plain(expression, row)
    }
  }

  /// Counts one more expression around the one that is looked at. The parser bounds how they are nested; names of the
  /// SELECT list that stand for one another can have more.
  func enterExpression() throws(StatementFailure) {
    guard openExpressions < 500 else { throw Self.tooManyNames }
    openExpressions += 1
  }

  /// Runs `body` while a name of the SELECT list stands for its item: not within the item itself, and not without
  /// end, for names that stand twice for names before them double the work each time.
  func throughName<Result>(
    _ name: String, _ body: (Expression) throws(StatementFailure) -> Result
  ) throws(StatementFailure) -> Result? {
    guard let item = scope.aliases[name] else { return nil }
    if openNames == 0 { usesOfNames = 0 }
    usesOfNames += 1
    guard usesOfNames <= 10_000 else { throw Self.tooManyNames }
    openNames += 1
    scope.aliases[name] = nil
    defer {
      scope.aliases[name] = item
      openNames -= 1
    }
    return try body(item)
  }

  private static let tooManyNames = StatementFailure.unsupported(
    "names of the SELECT list that stand for one another so often")

  /// What has no expression in it, and the aggregates.
  private func plain(_ expression: Expression, _ row: QueryRow?) throws(StatementFailure) -> Evaluated {
    switch expression {
    case .boolean(let flag): return .boolean(flag)
    case .string(let text): return Evaluated(text: text)
    case .number(let text):
      // With an exponent, or with more than 38 digits, it is a floating-point number.
      let isDecimal = text.utf8.allSatisfy { Ascii.isDigit($0) || $0 == Ascii.dot || $0 == Ascii.dash }
      if isDecimal, let number = FixedNumber(text) { return .number(number) }
      return Evaluated(text: Double(text).map(Arithmetic.text) ?? text, type: .real)
    case .variable(let name):
      // $1: a column by its place.
      if let position = Int(name), let row, (1...max(1, row.cells.count)).contains(position), !row.cells.isEmpty {
        return Evaluated(row.cells[position - 1], of: row.table.columns[position - 1])
      }
      guard let value = context.variables[name] else {
        throw StatementFailure(
          code: "002211", sqlState: "02000",
          message: "SQL compilation error: error line 1 at position 0\nSession variable '$\(name)' does not exist")
      }
      return Evaluated(text: value, type: context.variableTypes[name] ?? .text)
    case .placeholder(let key): return Evaluated(text: bindings[key]?.values.first ?? nil)
    case .position(let index):
      guard let row, index < row.cells.count else { return .null }
      return Evaluated(row.cells[index], of: row.table.columns[index])
    case .windowValue(let place):
      guard let values = row?.windows, place < values.count else { throw Self.misplacedWindow }
      return values[place]
    case .window: throw Self.misplacedWindow
    case .countAll:
      guard let group = row?.group else { return try aggregate("COUNT", distinct: false, [], [], nil) }
      return Evaluated(text: String(group.count), type: .fixed)
    case .aggregate(let name, let distinct, let arguments, let within):
      return try aggregate(name, distinct: distinct, arguments, within, row)
    default: return .null
    }
  }

  /// Operators and casts, of which each has those before it on its left: from the leftmost on, in a loop.
  private func chain(_ expression: Expression, _ row: QueryRow?) throws(StatementFailure) -> Evaluated {
    var links: [Expression] = []
    var leftmost = expression
    descending: while true {
      switch leftmost {
      case .binary(_, let left, _), .cast(let left, _):
        links.append(leftmost)
        leftmost = left
      default: break descending
      }
    }
    var value = try evaluate(leftmost, row)
    for link in links.reversed() {
      switch link {
      case .binary(let symbol, _, let right): value = try binary(symbol, value, evaluate(right, row))
      case .cast(_, let type): value = try value.cast(to: type, values)
      default: break
      }
    }
    return value
  }

  /// IN, EXISTS and LIKE, and the one value of a query.
  private func test(_ expression: Expression, _ row: QueryRow?) throws(StatementFailure) -> Evaluated {
    switch expression {
    case .isOneOf(let left, let items):
      var values: [Evaluated] = []
      for item in items { values.append(try evaluate(item, row)) }
      return try isOne(evaluate(left, row), of: values)
    case .isIn(let left, let query):
      let table = try rows(of: query, around: row)
      let column = table.columns.first ?? ResultColumn(name: "")
      return try isOne(evaluate(left, row), of: table.rows.map { Evaluated($0.first ?? nil, of: column) })
    case .exists(let query): return .boolean(try !rows(of: query, around: row).rows.isEmpty)
    case .scalar(let query):
      let table = try rows(of: query, around: row)
      guard table.columns.count == 1, table.rows.count <= 1 else {
        throw StatementFailure(
          code: "090150", sqlState: "22000", message: "Single-row subquery returns more than one row.")
      }
      return Evaluated(table.rows.first?.first ?? nil, of: table.columns[0])
    case .like(let left, let pattern, let ignoresCase):
      guard let text = try evaluate(left, row).text, let pattern = try evaluate(pattern, row).text else { return .null }
      return .boolean(Like.matches(text, pattern, ignoresCase: ignoresCase))
    default: return .null
    }
  }

  private func either(
    _ operand: Expression?, _ cases: [(when: Expression, then: Expression)], _ otherwise: Expression?, _ row: QueryRow?
  ) throws(StatementFailure) -> Evaluated {
    let value = try operand.map { (operand) throws(StatementFailure) in try evaluate(operand, row) }
    for item in cases {
      let when = try evaluate(item.when, row)
      let isMet =
        try value.map { (value) throws(StatementFailure) in
          let (left, right) = try coerced(value, when)
          return left.compared(to: right) == 0
        } ?? when.isTrue
      if isMet { return try evaluate(item.then, row) }
    }
    guard let otherwise else { return .null }
    return try evaluate(otherwise, row)
  }

  /// A column of the row at hand, or of a query around it.
  private func column(_ parts: [Identifier], _ row: QueryRow?) throws(StatementFailure) -> Evaluated {
    for candidate in [row].compactMap(\.self) + (row?.outer ?? scope.outer).reversed() {
      if let index = try candidate.table.index(of: parts) {
        return Evaluated(
          index < candidate.cells.count ? candidate.cells[index] : nil, of: candidate.table.columns[index])
      }
    }
    // `SELECT a AS b, b || 'x' … WHERE b = 1`: not while the item itself is worked out.
    if parts.count == 1 {
      let value = try throughName(parts[0].name) { (item) throws(StatementFailure) in try evaluate(item, row) }
      if let value { return value }
    }
    throw .invalidIdentifier(parts.map(\.sql).joined(separator: "."))
  }

  /// NULL in the list makes an answer of "no" unknown.
  private func isOne(_ value: Evaluated, of items: [Evaluated]) throws(StatementFailure) -> Evaluated {
    guard value.text != nil else { return .null }
    for item in items {
      let (left, right) = try coerced(value, item)
      if left.compared(to: right) == 0 { return .boolean(true) }
    }
    return items.contains { $0.text == nil } ? .null : .boolean(false)
  }

  private func binary(_ symbol: String, _ left: Evaluated, _ right: Evaluated) throws(StatementFailure) -> Evaluated {
    switch symbol {
    case "AND":
      if left.text == nil || right.text == nil {
        return left.text != nil && !left.isTrue || right.text != nil && !right.isTrue ? .boolean(false) : .null
      }
      return .boolean(left.isTrue && right.isTrue)
    case "OR":
      if left.isTrue || right.isTrue { return .boolean(true) }
      return left.text == nil || right.text == nil ? .null : .boolean(false)
    case "||":
      guard let first = try left.asText(values).text, let second = try right.asText(values).text else { return .null }
      return Evaluated(text: first + second)
    case "+", "-", "*", "/", "%": return try Arithmetic.apply(symbol, left, right)
    default:
      let (first, second) = try coerced(left, right)
      guard let order = first.compared(to: second) else { return .null }
      switch symbol {
      case "=": return .boolean(order == 0)
      case "<>": return .boolean(order != 0)
      case "<": return .boolean(order < 0)
      case "<=": return .boolean(order <= 0)
      case ">": return .boolean(order > 0)
      default: return .boolean(order >= 0)
      }
    }
  }

  /// Two values as they are compared: a text with a date or time is read as such, a date or a clock without a place
  /// becomes the other's type. Throws for a text that says no time.
  func coerced(_ left: Evaluated, _ right: Evaluated) throws(StatementFailure) -> (Evaluated, Evaluated) {
    guard left.type != right.type, left.isMoment || right.isMoment || left.type == .time || right.type == .time else {
      return (left, right)
    }
    /// The more a type says, the higher.
    func rank(_ value: Evaluated) -> Int {
      switch value.type {
      case .time, .date: 1
      case .timestamp_ntz: 2
      case .timestamp_ltz, .timestamp_tz: 3
      default: 0
      }
    }
    if rank(left) == rank(right) { return (left, right) }
    if rank(left) < rank(right) {
      return (try left.cast(to: ResultColumn(name: "", type: right.type), values), right)
    }
    return (left, try right.cast(to: ResultColumn(name: "", type: left.type), values))
  }

  private static let misplacedWindow = StatementFailure(
    code: "002303", sqlState: "42601",
    message: "SQL compilation error:\nWindow function may appear only in the SELECT, QUALIFY and ORDER BY clauses.")

  private func call(
    _ name: String, _ arguments: [Expression], _ row: QueryRow?
  ) throws(StatementFailure) -> Evaluated {
    if let row, let number = RowGenerator.value(name, arguments, row) { return number }
    var given: [Evaluated] = []
    for (index, argument) in arguments.enumerated() {
      if index == 0, MomentFunctions.takeUnits.contains(name), case .column(let parts) = argument, parts.count == 1,
        MomentPart.isPart(parts[0].name)
      {
        given.append(Evaluated(text: parts[0].name))
      } else {
        given.append(try evaluate(argument, row))
      }
    }
    if let value = try Functions.call(name, given, values) { return value }
    if let value = try contextFunction(name, given.map(\.text)) { return value }
    if let value = try systemFunction(name, given) { return value }
    throw StatementFailure(
      code: "002140", sqlState: "42601", message: "SQL compilation error:\nUnknown function \(name)")
  }
}
