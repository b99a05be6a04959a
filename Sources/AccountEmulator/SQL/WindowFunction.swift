import SnowmakerModel

/// `f(…) OVER (PARTITION BY … ORDER BY … frame)`: a value made of other rows of the result than its own.
struct WindowFunction {
  var function: Function
  var partition: [Expression] = []
  var order: [OrderKey] = []
  var frame = Frame.standard

  /// What is computed over the rows.
  enum Function {
    /// ROW_NUMBER, RANK, DENSE_RANK, PERCENT_RANK, CUME_DIST.
    case rank(String)
    /// NTILE(n).
    case tile(Expression)
    /// LAG and LEAD: the value, how many rows away, and what stands in where there is no such row.
    case neighbour(Expression, isNext: Bool, distance: Expression?, otherwise: Expression?)
    /// FIRST_VALUE, LAST_VALUE and NTH_VALUE: the value, and which (from 1; nil: the last).
    case value(Expression, place: Expression?)
    /// COUNT(*) or an aggregate.
    case aggregate(Expression)
  }

  /// Which rows of the partition count.
  enum Frame {
    /// The whole partition without an order, otherwise all up to the last row that is equal to this one.
    case standard
    case whole
    /// ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW.
    case rowsToHere
    /// ROWS BETWEEN n PRECEDING AND m FOLLOWING; nil: unbounded; PRECEDING is negative.
    case rows(from: Int?, to: Int?)
  }

  static let ranks: Set<String> = ["ROW_NUMBER", "RANK", "DENSE_RANK", "PERCENT_RANK", "CUME_DIST"]
  static let values: Set<String> = ["FIRST_VALUE", "LAST_VALUE", "NTH_VALUE"]

  /// Every expression in it.
  var parts: [Expression] {
    var parts = partition + order.map(\.expression)
    switch function {
    case .rank: break
    case .tile(let count): parts.append(count)
    case .neighbour(let value, _, let distance, let otherwise):
      parts += [value] + [distance, otherwise].compactMap(\.self)
    case .value(let value, let place): parts += [value] + [place].compactMap(\.self)
    case .aggregate(let aggregate): parts.append(aggregate)
    }
    return parts
  }
}
