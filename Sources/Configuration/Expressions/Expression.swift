import SnowmakerModel

/// A parsed expression. Offsets count bytes from the beginning of the text it was written in.
struct Expression: Sendable {
  indirect enum Kind: Sendable {
    case literal(Value)
    case name(String)
    case list([Expression])
    case dictionary([(key: Expression, value: Expression)])
    case not(Expression)
    case negative(Expression)
    case binary(BinaryOperator, Expression, Expression)
    case and(Expression, Expression)
    case or(Expression, Expression)
    /// `a < b <= c`
    case comparison(Expression, [(operation: ComparisonOperator, operand: Expression)])
    case conditional(then: Expression, condition: Expression, otherwise: Expression?)
    case attribute(Expression, String)
    case element(Expression, Expression)
    case slice(Expression, from: Expression?, to: Expression?, step: Expression?)
    case method(Expression, String, Arguments)
    case function(String, Arguments)
    /// `provider::name(…)`
    case provided(provider: String, name: String, nameOffset: Int, Arguments)
    case filter(Expression, String, Arguments)
    case test(Expression, String, Arguments, isNegated: Bool)
  }

  struct Arguments: Sendable {
    var positional: [Expression] = []
    var named: [(name: String, value: Expression)] = []
  }

  enum BinaryOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "//"
    case remainder = "%"
    case power = "**"
    case concatenate = "~"
  }

  enum ComparisonOperator: String, Sendable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case isIn = "in"
    case isNotIn = "not in"
  }

  var kind: Kind
  var offset: Int
  /// How deep the tree below is; bounded, because evaluation recurses.
  var depth: Int

  static let maximumDepth = 100
}

/// Why an expression cannot be parsed or evaluated.
struct ExpressionError: Error, Equatable {
  enum Cause: Equatable {
    case syntax
    /// Something that does not exist was asked for; `default` and `is defined` catch it.
    case undefined
    case evaluation
    case limit
  }

  var cause: Cause
  var message: String
  /// Bytes from the beginning of the text.
  var offset: Int
  /// What to do about it; may be empty.
  var detail = ""

  static func syntax(_ message: String, _ offset: Int, detail: String = "") -> Self {
    Self(cause: .syntax, message: message, offset: offset, detail: detail)
  }
  static func evaluation(_ message: String, _ offset: Int, detail: String = "") -> Self {
    Self(cause: .evaluation, message: message, offset: offset, detail: detail)
  }
  static func undefined(_ message: String, _ offset: Int, detail: String = "") -> Self {
    Self(cause: .undefined, message: message, offset: offset, detail: detail)
  }
}
