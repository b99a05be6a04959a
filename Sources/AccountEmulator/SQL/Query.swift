import SnowmakerModel

/// A query: WITH, one SELECT or several put together, ORDER BY and LIMIT.
struct SelectQuery {
  var named: [(name: Identifier, columns: [Identifier], query: SelectQuery)] = []
  var body: QueryBody
  var order: [OrderKey] = []
  var limit: Int?
  var offset = 0
}

/// What a query puts together.
indirect enum QueryBody {
  case select(SelectCore)
  /// UNION, INTERSECT, EXCEPT.
  case combined(SetOperator, all: Bool, QueryBody, QueryBody)
  /// A query in parentheses.
  case query(SelectQuery)
}

enum SetOperator: String { case union = "UNION", intersect = "INTERSECT", except = "EXCEPT" }

/// SELECT … FROM … WHERE … GROUP BY … HAVING.
struct SelectCore {
  var items: [QueryItem] = []
  var isDistinct = false
  /// nil: one row without columns.
  var source: QuerySource?
  var condition: Expression?
  var groups: [Expression] = []
  /// GROUP BY ALL: by every item that is no aggregate.
  var groupsAll = false
  var having: Expression?
  /// QUALIFY: a condition on what window functions come to.
  var qualify: Expression?
}

/// One item of a SELECT list.
enum QueryItem {
  /// `*`, `t.*`, `* EXCLUDE (a, b)`
  case all(of: Identifier?, except: [Identifier])
  case expression(Expression, name: String)
}

/// A key of ORDER BY.
struct OrderKey {
  var expression: Expression
  var descending = false
  /// Without a word NULL counts as the greatest value.
  var nullsFirst: Bool?
}

enum JoinKind { case inner, left, right, full, cross }

/// Where a SELECT reads.
indirect enum QuerySource {
  /// A view of INFORMATION_SCHEMA or ACCOUNT_USAGE, or what WITH named, as its name is written.
  case view(ObjectName)
  /// `TABLE(RESULT_SCAN(…))`
  case resultScan(Expression)
  /// Any other table function: its name and its arguments by name (by number without one).
  case function(String, [String: Expression])
  /// `$1`: the statement that many places back in a flow (`->>`).
  case flow(Int)
  case query(SelectQuery)
  case values([[Expression]])
  case named(QuerySource, as: Identifier, columns: [Identifier])
  case join(QuerySource, JoinKind, QuerySource, on: Expression?, using: [Identifier])
}

extension Expression {
  /// The functions that make one value of many rows.
  static let aggregates: Set<String> = [
    "COUNT", "MIN", "MAX", "SUM", "AVG", "LISTAGG", "ARRAY_AGG", "COUNT_IF", "ANY_VALUE", "BOOLOR_AGG", "BOOLAND_AGG",
  ]

  /// Whether it is false as it is written: `FALSE`, `1 = 0`, either of them with AND.
  var isNever: Bool {
    switch self {
    case .boolean(false): true
    case .binary("=", .number(let left), .number(let right)): Double(left) != Double(right)
    case .binary("AND", let left, let right): left.isNever || right.isNever
    default: false
    }
  }

  /// Whether a value of many rows is in it.
  var hasAggregate: Bool {
    switch self {
    case .countAll, .aggregate: true
    default: parts.contains(where: \.hasAggregate)
    }
  }

  /// Whether a window function is in it.
  var hasWindow: Bool {
    if case .window = self { return true }
    return parts.contains(where: \.hasWindow)
  }

  /// What it is made of; queries in it are not entered.
  var parts: [Expression] {
    switch self {
    case .call(_, let arguments): arguments
    case .binary(_, let left, let right): [left, right]
    case .not(let inner), .isNull(let inner), .cast(let inner, _): [inner]
    case .isOneOf(let left, let items): [left] + items
    case .isIn(let left, _): [left]
    case .like(let left, let pattern, _): [left, pattern]
    case .either(let operand, let cases, let otherwise):
      [operand, otherwise].compactMap(\.self) + cases.flatMap { [$0.when, $0.then] }
    // What an aggregate is over a window of is an aggregate no longer; what it is of, and the window's keys, may be.
    case .window(let window): window.parts.flatMap(\.partsOfAggregate)
    case .null, .boolean, .string, .number, .variable, .placeholder, .column, .countAll, .aggregate, .exists, .scalar,
      .position, .windowValue:
      []
    }
  }

  /// What an aggregate is of; anything else itself.
  private var partsOfAggregate: [Expression] {
    switch self {
    case .aggregate(_, _, let arguments, _): arguments
    case .countAll: []
    default: [self]
    }
  }

  /// The expression with its window functions, listed in `found`, replaced by their values' places.
  func takingWindows(_ found: inout [WindowFunction]) -> Expression {
    guard hasWindow else { return self }
    switch self {
    case .window(let window):
      found.append(window)
      return .windowValue(found.count - 1)
    case .call(let name, let arguments): return .call(name, arguments.map { $0.takingWindows(&found) })
    case .binary(let symbol, let left, let right):
      return .binary(symbol, left.takingWindows(&found), right.takingWindows(&found))
    case .not(let inner): return .not(inner.takingWindows(&found))
    case .isNull(let inner): return .isNull(inner.takingWindows(&found))
    case .cast(let inner, let type): return .cast(inner.takingWindows(&found), type)
    case .isOneOf(let left, let items):
      return .isOneOf(left.takingWindows(&found), items.map { $0.takingWindows(&found) })
    case .isIn(let left, let query): return .isIn(left.takingWindows(&found), query)
    case .like(let left, let pattern, let ignoresCase):
      return .like(left.takingWindows(&found), pattern.takingWindows(&found), ignoresCase: ignoresCase)
    case .either(let operand, let cases, let otherwise):
      return .either(
        operand?.takingWindows(&found),
        cases.map { ($0.when.takingWindows(&found), $0.then.takingWindows(&found)) },
        otherwise: otherwise?.takingWindows(&found))
    case .null, .boolean, .string, .number, .variable, .placeholder, .column, .countAll, .aggregate, .exists, .scalar,
      .position, .windowValue:
      return self
    }
  }
}
