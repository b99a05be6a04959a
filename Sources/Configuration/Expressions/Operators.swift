import Glibc
import SnowmakerModel

extension Evaluator {
  /// Python's truth: empty, zero, false and none are false.
  func isTrue(_ value: Value, _ offset: Int) throws(ExpressionError) -> Bool {
    switch try plain(value, offset) {
    case .null: false
    case .unknown: throw .evaluation("the value is not known yet", offset)
    case .bool(let flag): flag
    case .int(let number): number != 0
    case .double(let number): number != 0
    case .string(let text): !text.isEmpty
    case .list(let elements): !elements.isEmpty
    case .object(let fields): !fields.isEmpty
    }
  }

  /// A value inside a text.
  func text(_ value: Value, _ offset: Int) throws(ExpressionError) -> String {
    switch try plain(value, offset) {
    case .string(let text): return text
    case .int(let number): return String(number)
    case .double(let number): return String(number)
    case .bool(let flag): return flag ? "True" : "False"
    case .null:
      throw .evaluation(
        "the value is none, which is no text", offset, detail: "give a text for that case: | default('', true)")
    case .list:
      throw .evaluation("a list cannot stand in a text", offset, detail: "use | join(', ') or | tojson")
    case .object:
      throw .evaluation("a map cannot stand in a text", offset, detail: "use one of its keys or | tojson")
    case .unknown: throw .evaluation("the value is not known yet", offset)
    }
  }

  func negated(_ value: Value, _ offset: Int) throws(ExpressionError) -> Value {
    switch value {
    case .int(let number) where number != .min: return .int(-number)
    case .double(let number): return .double(-number)
    default: throw .evaluation("'-' needs a number, found \(value.kindName)", offset)
    }
  }

  mutating func binary(
    _ operation: Expression.BinaryOperator, _ leftValue: Value, _ rightValue: Value, _ offset: Int
  ) throws(ExpressionError) -> Value {
    let left = try plain(leftValue, offset)
    let right = try plain(rightValue, offset)
    switch (operation, left, right) {
    case (.concatenate, _, _):
      let result = try text(left, offset) + (try text(right, offset))
      try checkSize(result.utf8.count, offset)
      return .string(result)
    case (.add, .string(let a), .string(let b)):
      try checkSize(a.utf8.count + b.utf8.count, offset)
      return .string(a + b)
    case (.add, .list(let a), .list(let b)):
      try charge(a.count + b.count, offset)
      return .list(a + b)
    case (.multiply, .string(let text), .int(let count)), (.multiply, .int(let count), .string(let text)):
      let count = Int(clamping: max(0, count))
      let (bytes, overflow) = text.utf8.count.multipliedReportingOverflow(by: count)
      try checkSize(overflow ? .max : bytes, offset)
      return .string(bytes == 0 ? "" : String(repeating: text, count: count))
    case (.multiply, .list(let list), .int(let count)), (.multiply, .int(let count), .list(let list)):
      let count = Int(clamping: max(0, count))
      let (total, overflow) = list.count.multipliedReportingOverflow(by: count)
      try charge(overflow ? Self.maximumSteps : total, offset)
      if total == 0 { return .list([]) }
      return .list(Array(repeatElement(list, count: count).joined()))
    case (.remainder, .string, _):
      throw .evaluation("texts are not formatted with '%'", offset, detail: "use '{}'.format(x) or ~")
    case (_, .int(let a), .int(let b)): return try integers(operation, a, b, offset)
    default: break
    }
    guard let a = Self.number(left), let b = Self.number(right) else {
      var detail = ""
      if case .add = operation, left.string != nil || right.string != nil { detail = "use ~ to join texts" }
      throw .evaluation(
        "'\(operation.rawValue)' does not take \(left.kindName) and \(right.kindName)", offset, detail: detail)
    }
    return try floats(operation, a, b, offset)
  }

  static func number(_ value: Value) -> Double? {
    switch value {
    case .int(let number): Double(number)
    case .double(let number): number
    default: nil
    }
  }

  private func integers(_ operation: Expression.BinaryOperator, _ a: Int64, _ b: Int64, _ offset: Int)
    throws(ExpressionError) -> Value
  {
    func checked(_ result: (partialValue: Int64, overflow: Bool)) throws(ExpressionError) -> Value {
      if result.overflow { throw .evaluation("the result is too large", offset) }
      return .int(result.partialValue)
    }
    switch operation {
    case .add: return try checked(a.addingReportingOverflow(b))
    case .subtract: return try checked(a.subtractingReportingOverflow(b))
    case .multiply: return try checked(a.multipliedReportingOverflow(by: b))
    case .floorDivide, .remainder:
      guard b != 0 else { throw .evaluation("division by zero", offset) }
      if b == -1 {
        return operation == .remainder ? .int(0) : try checked((0 as Int64).subtractingReportingOverflow(a))
      }
      let remainder = a % b
      let adjusts = remainder != 0 && (remainder < 0) != (b < 0)
      return .int(operation == .remainder ? remainder + (adjusts ? b : 0) : a / b - (adjusts ? 1 : 0))
    case .power where b >= 0:
      var result: (partialValue: Int64, overflow: Bool) = (1, false)
      if a == 0 || a == 1 || a == -1 { return .int(b == 0 ? 1 : (a == -1 && b % 2 == 0 ? 1 : a)) }
      for _ in 0..<min(b, 64) {
        result = result.partialValue.multipliedReportingOverflow(by: a)
        if result.overflow { break }
      }
      return try checked(result)
    default: return try floats(operation, Double(a), Double(b), offset)
    }
  }

  private func floats(_ operation: Expression.BinaryOperator, _ a: Double, _ b: Double, _ offset: Int)
    throws(ExpressionError) -> Value
  {
    let result: Double
    switch operation {
    case .add: result = a + b
    case .subtract: result = a - b
    case .multiply: result = a * b
    case .divide, .floorDivide, .remainder:
      guard b != 0 else { throw .evaluation("division by zero", offset) }
      switch operation {
      case .divide: result = a / b
      case .floorDivide: result = (a / b).rounded(.down)
      default: result = a - b * (a / b).rounded(.down)
      }
    case .power: result = pow(a, b)
    case .concatenate: result = .nan
    }
    guard result.isFinite else { throw .evaluation("the result is no number that can be used", offset) }
    return .double(result)
  }

  // MARK: - Comparing

  mutating func compare(
    _ operation: Expression.ComparisonOperator, _ leftValue: Value, _ rightValue: Value, _ offset: Int
  ) throws(ExpressionError) -> Bool {
    let left = try plain(leftValue, offset)
    let right = try plain(rightValue, offset)
    switch operation {
    case .equal: return Self.equal(left, right)
    case .notEqual: return !Self.equal(left, right)
    case .isIn: return try contains(right, left, offset)
    case .isNotIn: return !(try contains(right, left, offset))
    case .less: return try order(left, right, offset) < 0
    case .lessOrEqual: return try order(left, right, offset) <= 0
    case .greater: return try order(left, right, offset) > 0
    case .greaterOrEqual: return try order(left, right, offset) >= 0
    }
  }

  static func equal(_ left: Value, _ right: Value) -> Bool {
    switch (left, right) {
    case (.int(let a), .double(let b)), (.double(let b), .int(let a)): return Double(a) == b
    case (.list(let a), .list(let b)): return a.count == b.count && zip(a, b).allSatisfy { equal($0, $1) }
    case (.object(let a), .object(let b)):
      guard a.count == b.count else { return false }
      return a.allSatisfy { field in right.find(field.key).map { equal(field.value, $0) } ?? false }
    default: return left == right
    }
  }

  private mutating func contains(_ container: Value, _ item: Value, _ offset: Int) throws(ExpressionError) -> Bool {
    switch (container, item) {
    case (.list(let elements), _):
      try charge(elements.count, offset)
      return elements.contains { Self.equal($0, item) }
    case (.object(let fields), .string(let key)):
      try charge(fields.count, offset)
      return fields.contains { $0.key == key }
    case (.string(let text), .string(let part)): return part.isEmpty || Text.find(part, in: text) != nil
    default: throw .evaluation("'in' does not take \(item.kindName) in \(container.kindName)", offset)
    }
  }

  /// Below, equal or above zero, as `left` comes before, with or after `right`.
  func order(_ left: Value, _ right: Value, _ offset: Int) throws(ExpressionError) -> Int {
    switch (left, right) {
    case (.int(let a), .int(let b)): return a < b ? -1 : (a == b ? 0 : 1)
    case (.string(let a), .string(let b)):
      if a == b { return 0 }
      return a.unicodeScalars.lexicographicallyPrecedes(b.unicodeScalars) ? -1 : 1
    case (.bool(let a), .bool(let b)): return a == b ? 0 : (b ? -1 : 1)
    case (.list(let a), .list(let b)):
      for (x, y) in zip(a, b) {
        let order = try order(x, y, offset)
        if order != 0 { return order }
      }
      return a.count - b.count
    default:
      guard let a = Self.number(left), let b = Self.number(right) else {
        throw .evaluation("\(left.kindName) and \(right.kindName) cannot be ordered", offset)
      }
      return a < b ? -1 : (a == b ? 0 : 1)
    }
  }

  /// `values` in order, equal ones as they were. Throws when two cannot be compared.
  mutating func sorted(_ values: [Value], by key: (Value) throws -> Value, descending: Bool, _ offset: Int)
    throws(ExpressionError) -> [Value]
  {
    try charge(values.count * 8, offset)
    do {
      let keyed = try values.enumerated().map { (index: $0.offset, key: try key($0.element), value: $0.element) }
      let order = self
      return try keyed.sorted { a, b in
        let result = try order.order(a.key, b.key, offset)
        return result == 0 ? a.index < b.index : (descending ? result > 0 : result < 0)
      }.map(\.value)
    } catch let error as ExpressionError {
      throw error
    } catch {
      throw .evaluation("cannot be sorted", offset)
    }
  }
}
