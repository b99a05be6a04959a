import AccountModel
import SnowmakerModel

/// A value that an expression came to.
struct Evaluated {
  var text: String?
  var type = ResultColumn.ResultType.text

  static let null = Evaluated(text: nil)
  static func boolean(_ flag: Bool) -> Evaluated { Evaluated(text: flag ? "1" : "0", type: .boolean) }

  var isTrue: Bool { text.map { type == .boolean ? $0 == "1" : $0.uppercased() == "TRUE" } ?? false }

  /// As a member of an array.
  var document: Value {
    guard let text else { return .null }
    switch type {
    case .boolean: return .bool(text == "1")
    case .fixed: return Int64(text).map { .int($0) } ?? Double(text).map { .double($0) } ?? .string(text)
    case .real: return Double(text).map { .double($0) } ?? .string(text)
    case .object, .array, .variant: return SemiStructured.parse(text) ?? .string(text)
    default: return .string(text)
    }
  }

  var isMoment: Bool {
    switch type {
    case .timestamp_ltz, .timestamp_ntz, .timestamp_tz, .date: true
    default: false
    }
  }

  /// -1, 0 or 1; nil when either is NULL. Numbers by value, times by when they are, everything else as text.
  func compared(to other: Evaluated) -> Int? {
    guard let left = text, let right = other.text else { return nil }
    if type == .boolean || other.type == .boolean { return isTrue == other.isTrue ? 0 : isTrue ? 1 : -1 }
    if isMoment || other.isMoment, let first = Moments.seconds(self), let second = Moments.seconds(other) {
      return first == second ? 0 : first < second ? -1 : 1
    }
    if type != .text || other.type != .text, let first = Double(left), let second = Double(right) {
      return first == second ? 0 : first < second ? -1 : 1
    }
    return left == right ? 0 : left < right ? -1 : 1
  }
}

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
    guard openExpressions < 500 else {
      throw .unsupported("names of the SELECT list that stand for one another so often")
    }
    openExpressions += 1
  }

  /// What has no expression in it, and the aggregates.
  private func plain(_ expression: Expression, _ row: QueryRow?) throws(StatementFailure) -> Evaluated {
    switch expression {
    case .boolean(let flag): return .boolean(flag)
    case .string(let text): return Evaluated(text: text)
    case .number(let text):
      let isWhole = text.allSatisfy { $0.isNumber || $0 == "-" }
      return Evaluated(text: text, type: isWhole ? .fixed : .real)
    case .variable(let name):
      // $1: a column by its place.
      if let position = Int(name), let row, (1...max(1, row.cells.count)).contains(position), !row.cells.isEmpty {
        return Evaluated(text: row.cells[position - 1], type: row.table.columns[position - 1].type)
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
      return Evaluated(text: row.cells[index], type: row.table.columns[index].type)
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
      case .cast(_, let type): value = try value.cast(to: type)
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
      let type = table.columns.first?.type ?? .text
      return try isOne(evaluate(left, row), of: table.rows.map { Evaluated(text: $0.first ?? nil, type: type) })
    case .exists(let query): return .boolean(try !rows(of: query, around: row).rows.isEmpty)
    case .scalar(let query):
      let table = try rows(of: query, around: row)
      guard table.columns.count == 1, table.rows.count <= 1 else {
        throw StatementFailure(
          code: "090150", sqlState: "22000", message: "Single-row subquery returns more than one row.")
      }
      return Evaluated(text: table.rows.first?.first ?? nil, type: table.columns[0].type)
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
      if value.map({ $0.compared(to: when) == 0 }) ?? when.isTrue { return try evaluate(item.then, row) }
    }
    guard let otherwise else { return .null }
    return try evaluate(otherwise, row)
  }

  /// A column of the row at hand, or of a query around it.
  private func column(_ parts: [Identifier], _ row: QueryRow?) throws(StatementFailure) -> Evaluated {
    for candidate in [row].compactMap(\.self) + (row?.outer ?? scope.outer).reversed() {
      if let index = try candidate.table.index(of: parts) {
        return Evaluated(
          text: index < candidate.cells.count ? candidate.cells[index] : nil, type: candidate.table.columns[index].type)
      }
    }
    // `SELECT a AS b, b || 'x' … WHERE b = 1`: not while the item itself is worked out.
    if parts.count == 1, let item = scope.aliases[parts[0].name] {
      scope.aliases[parts[0].name] = nil
      defer { scope.aliases[parts[0].name] = item }
      return try evaluate(item, row)
    }
    throw .invalidIdentifier(parts.map(\.sql).joined(separator: "."))
  }

  /// NULL in the list makes an answer of "no" unknown.
  private func isOne(_ value: Evaluated, of items: [Evaluated]) -> Evaluated {
    guard value.text != nil else { return .null }
    if items.contains(where: { value.compared(to: $0) == 0 }) { return .boolean(true) }
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
      guard let first = left.asText.text, let second = right.asText.text else { return .null }
      return Evaluated(text: first + second)
    case "+", "-", "*", "/", "%": return try Arithmetic.apply(symbol, left, right)
    default:
      guard let order = left.compared(to: right) else { return .null }
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

  private static let misplacedWindow = StatementFailure(
    code: "002303", sqlState: "42601",
    message: "SQL compilation error:\nWindow function may appear only in the SELECT, QUALIFY and ORDER BY clauses.")

  private static let takeUnits: Set<String> = [
    "DATEADD", "TIMEADD", "TIMESTAMPADD", "DATEDIFF", "TIMEDIFF", "TIMESTAMPDIFF",
  ]

  private func call(
    _ name: String, _ arguments: [Expression], _ row: QueryRow?
  ) throws(StatementFailure) -> Evaluated {
    if let row, let number = RowGenerator.value(name, arguments, row) { return number }
    var values: [Evaluated] = []
    for (index, argument) in arguments.enumerated() {
      if index == 0, Self.takeUnits.contains(name), case .column(let parts) = argument, parts.count == 1 {
        values.append(Evaluated(text: parts[0].name))
      } else {
        values.append(try evaluate(argument, row))
      }
    }
    if let value = try Functions.call(name, values) { return value }
    if let value = try contextFunction(name, values.map(\.text)) { return value }
    if let value = try systemFunction(name, values) { return value }
    throw StatementFailure(
      code: "002140", sqlState: "42601", message: "SQL compilation error:\nUnknown function \(name)")
  }
}
