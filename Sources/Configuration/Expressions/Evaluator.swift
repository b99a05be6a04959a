import SnowmakerModel

/// Evaluates expressions. The work one evaluation may do is bounded.
struct Evaluator {
  let scope: Scope
  private var budget = Evaluator.maximumSteps

  /// Steps of one evaluation: nodes visited and list elements made.
  static let maximumSteps = 2_000_000
  /// Bytes of a text that an expression may make.
  static let maximumBytes = 1 << 20

  init(_ scope: Scope) { self.scope = scope }

  /// The value of a template: text, or for a single expression whatever it yields.
  mutating func evaluate(_ template: Template) throws(ExpressionError) -> Value {
    budget = Self.maximumSteps
    switch template {
    case .whole(let expression): return try evaluate(expression)
    case .parts(let parts):
      var text = ""
      for part in parts {
        switch part {
        case .text(let literal): text += literal
        case .expression(let expression): text += try self.text(try evaluate(expression), expression.offset)
        }
        try checkSize(text.utf8.count, 0)
      }
      return .string(text)
    }
  }

  /// The value of an expression that stands alone (`for_each`, `where`).
  mutating func evaluateBare(_ expression: Expression) throws(ExpressionError) -> Value {
    budget = Self.maximumSteps
    return try evaluate(expression)
  }

  mutating func charge(_ steps: Int, _ offset: Int) throws(ExpressionError) {
    budget -= steps
    if budget < 0 {
      throw ExpressionError(
        cause: .limit, message: "the expression takes more than \(Self.maximumSteps) steps", offset: offset)
    }
  }

  func checkSize(_ bytes: Int, _ offset: Int) throws(ExpressionError) {
    if bytes > Self.maximumBytes {
      throw ExpressionError(
        cause: .limit, message: "the expression makes a text of more than \(Self.maximumBytes) bytes", offset: offset)
    }
  }

  // MARK: - Expressions

  mutating func evaluate(_ expression: Expression) throws(ExpressionError) -> Value {
    try charge(1, expression.offset)
    let offset = expression.offset
    switch expression.kind {
    case .literal(let value): return value
    case .name(let name): return try named(name, offset)
    case .list(let elements):
      var result: [Value] = []
      for element in elements { result.append(try evaluate(element)) }
      return .list(result)
    case .dictionary(let entries):
      var fields: [Value.Field] = []
      for entry in entries {
        let key = try text(try evaluate(entry.key), entry.key.offset)
        guard key != "$secret" else { throw .evaluation("the key '$secret' is reserved", entry.key.offset) }
        let value = try evaluate(entry.value)
        if let before = fields.firstIndex(where: { $0.key == key }) {
          fields[before].value = value
        } else {
          fields.append(.init(key, value))
        }
      }
      return .object(fields)
    case .not(let operand): return .bool(!(try isTrue(try evaluate(operand), offset)))
    case .negative(let operand): return try negated(try evaluate(operand), offset)
    case .binary(let operation, let left, let right):
      return try binary(operation, try evaluate(left), try evaluate(right), offset)
    case .and(let left, let right):
      let value = try evaluate(left)
      return try isTrue(value, left.offset) ? try evaluate(right) : value
    case .or(let left, let right):
      let value = try evaluate(left)
      return try isTrue(value, left.offset) ? value : try evaluate(right)
    case .comparison(let first, let rest):
      var left = try evaluate(first)
      for (operation, operand) in rest {
        let right = try evaluate(operand)
        if !(try compare(operation, left, right, offset)) { return .bool(false) }
        left = right
      }
      return .bool(true)
    case .conditional(let then, let condition, let otherwise):
      if try isTrue(try evaluate(condition), condition.offset) { return try evaluate(then) }
      guard let otherwise else {
        throw .undefined("the condition is false and there is no 'else'", offset, detail: "add: else none")
      }
      return try evaluate(otherwise)
    case .attribute(let base, let name): return try attribute(base, name, offset)
    case .element(let base, let key): return try element(base, key, offset)
    case .slice(let base, let from, let to, let step): return try slice(base, from, to, step, offset)
    case .method(let base, let name, let arguments):
      if name == "get", case .attribute(let root, let variable) = base.kind, case .name("var") = root.kind,
        case .object = scope.variables.value(of: variable) ?? .null
      {
        return try get(variable, arguments, offset)
      }
      let value = try plain(try evaluate(base), base.offset)
      return try method(name, of: value, try values(arguments), offset)
    case .function(let name, let arguments): return try function(name, try values(arguments), offset)
    case .provided(let provider, let name, let nameOffset, let arguments):
      return try provided(provider, name, nameOffset, arguments, offset)
    case .filter(let base, let name, let arguments): return try filter(base, name, arguments, offset)
    case .test(let base, let name, let arguments, let isNegated):
      return .bool(try test(base, name, arguments, offset) != isNegated)
    }
  }

  /// Arguments, evaluated.
  struct Values {
    var positional: [Value] = []
    var named: [(name: String, value: Value)] = []

    /// The argument at a place or with a name.
    func value(_ index: Int, _ name: String = "") -> Value? {
      if index < positional.count { return positional[index] }
      return name.isEmpty ? nil : named.first { $0.name == name }?.value
    }
  }

  mutating func values(_ arguments: Expression.Arguments) throws(ExpressionError) -> Values {
    var values = Values()
    for argument in arguments.positional { values.positional.append(try evaluate(argument)) }
    for (name, value) in arguments.named { values.named.append((name, try evaluate(value))) }
    return values
  }

  // MARK: - Names

  private func named(_ name: String, _ offset: Int) throws(ExpressionError) -> Value {
    switch name {
    case "each":
      guard let each = scope.each else {
        throw .undefined("'each' exists only in a resource with for_each", offset)
      }
      return .object([
        .init("value", each.value), .init("key", each.key), .init("index", .int(Int64(each.index))),
      ])
    case "parent":
      guard let parent = scope.parent else {
        throw .undefined("'parent' exists only in a nested resource", offset)
      }
      return parent
    case "var":
      return .object(scope.variables.names.map { .init($0, scope.variables.value(of: $0) ?? .null) })
    default: break
    }
    if let constant = scope.constants.first(where: { $0.name == name }) { return constant.value }
    if scope.variables.value(of: name) != nil {
      throw .undefined("there is no '\(name)'", offset, detail: "did you mean 'var.\(name)'?")
    }
    throw .undefined(
      "there is no '\(name)'", offset,
      detail: Spelling.closest(to: name, in: scope.names).map { "did you mean '\($0)'?" }
        ?? "known are \(scope.names.joined(separator: ", "))")
  }

  private mutating func attribute(_ base: Expression, _ name: String, _ offset: Int) throws(ExpressionError) -> Value {
    // The paths that nearly all expressions take, without building an object.
    if case .name(let root) = base.kind {
      if root == "var" { return try variable(name, offset) }
      if root == "each", let each = scope.each {
        switch name {
        case "value": return each.value
        case "key": return each.key
        case "index": return .int(Int64(each.index))
        default: throw .undefined("'each' has value, key and index, not '\(name)'", offset)
        }
      }
    }
    if case .attribute(let root, let variable) = base.kind, case .name("var") = root.kind,
      let found = scope.variables.lookUp(name, in: variable)
    {
      return found
    }
    return try member(name, of: try plain(try evaluate(base), base.offset), offset)
  }

  private func variable(_ name: String, _ offset: Int) throws(ExpressionError) -> Value {
    if let value = scope.variables.value(of: name) { return value }
    if scope.variables.withoutValue.contains(name) {
      throw .undefined("the variable '\(name)' has no value", offset, detail: Self.alreadyReported)
    }
    throw .undefined(
      "there is no variable '\(name)'", offset,
      detail: Spelling.closest(to: name, in: scope.variables.names).map { "did you mean 'var.\($0)'?" }
        ?? "declare it under vars:")
  }

  /// Marks an error that follows from one that has been reported.
  static let alreadyReported = "already reported"

  private func member(_ name: String, of value: Value, _ offset: Int) throws(ExpressionError) -> Value {
    guard case .object(let fields) = value else {
      if case .null = value { throw .undefined("none has no '\(name)'", offset) }
      throw .undefined("a \(value.kindName) has no '\(name)'", offset, detail: methodHint(name, value))
    }
    if let field = fields.first(where: { $0.key == name }) { return field.value }
    let near = Spelling.closest(to: name, in: fields.prefix(200).map(\.key))
    throw .undefined(
      "there is no '\(name)' here", offset,
      detail: near.map { "did you mean '\($0)'?" } ?? methodHint(name, value))
  }

  private func methodHint(_ name: String, _ value: Value) -> String {
    Self.methods(of: value).contains(name) ? "call it: \(name)()" : ""
  }

  // MARK: - Elements

  private mutating func element(_ base: Expression, _ key: Expression, _ offset: Int) throws(ExpressionError) -> Value {
    let key = try evaluate(key)
    if case .name("var") = base.kind, case .string(let name) = key { return try variable(name, offset) }
    if case .attribute(let root, let variable) = base.kind, case .name("var") = root.kind, case .string(let name) = key,
      let found = scope.variables.lookUp(name, in: variable)
    {
      return found
    }
    let value = try plain(try evaluate(base), base.offset)
    switch (value, key) {
    case (.object, .string(let name)): return try member(name, of: value, offset)
    case (.object, .int(let number)): return try member(String(number), of: value, offset)
    case (.list(let elements), .int(let index)):
      guard let found = Self.index(index, in: elements.count) else {
        throw .undefined("the list has \(elements.count) element(s), there is no [\(index)]", offset)
      }
      return elements[found]
    case (.string(let text), .int(let index)):
      let scalars = Array(text.unicodeScalars)
      guard let found = Self.index(index, in: scalars.count) else {
        throw .undefined("the text has \(scalars.count) character(s), there is no [\(index)]", offset)
      }
      return .string(String(Character(scalars[found])))
    case (.list, _), (.string, _): throw .evaluation("an index must be a number, found \(key.kindName)", offset)
    case (.null, _): throw .undefined("none has no elements", offset)
    default: throw .evaluation("a \(value.kindName) has no elements", offset)
    }
  }

  private static func index(_ index: Int64, in count: Int) -> Int? {
    let found = index < 0 ? index + Int64(count) : index
    return found >= 0 && found < Int64(count) ? Int(found) : nil
  }

  private mutating func slice(
    _ base: Expression, _ from: Expression?, _ to: Expression?, _ step: Expression?, _ offset: Int
  ) throws(ExpressionError) -> Value {
    let value = try plain(try evaluate(base), base.offset)
    let from = try bound(from)
    let to = try bound(to)
    let step = try bound(step) ?? 1
    guard step != 0 else { throw .evaluation("the step of a slice must not be 0", offset) }
    func pick<T>(_ items: [T]) -> [T] {
      let count = Int64(items.count)
      func clamp(_ bound: Int64?, _ missing: Int64, _ low: Int64, _ high: Int64) -> Int64 {
        guard let bound else { return missing }
        return min(max(bound < 0 ? (bound < -count ? -1 : bound + count) : bound, low), high)
      }
      var result: [T] = []
      if step > 0 {
        var index = clamp(from, 0, 0, count)
        let end = clamp(to, count, 0, count)
        while index < end {
          result.append(items[Int(index)])
          let (next, overflow) = index.addingReportingOverflow(step)
          if overflow { break }
          index = next
        }
      } else {
        var index = clamp(from, count - 1, -1, count - 1)
        let end = clamp(to, -1, -1, count - 1)
        while index > end {
          result.append(items[Int(index)])
          let (next, overflow) = index.addingReportingOverflow(step)
          if overflow { break }
          index = next
        }
      }
      return result
    }
    switch value {
    case .list(let elements):
      try charge(elements.count, offset)
      return .list(pick(elements))
    case .string(let text):
      try charge(text.utf8.count / 8, offset)
      var view = String.UnicodeScalarView()
      view.append(contentsOf: pick(Array(text.unicodeScalars)))
      return .string(String(view))
    default: throw .evaluation("a \(value.kindName) cannot be sliced", offset)
    }
  }

  private mutating func bound(_ expression: Expression?) throws(ExpressionError) -> Int64? {
    guard let expression else { return nil }
    switch try evaluate(expression) {
    case .int(let number): return number
    case .null: return nil
    case let other: throw .evaluation("a slice takes whole numbers, found \(other.kindName)", expression.offset)
    }
  }

  private mutating func get(_ variable: String, _ arguments: Expression.Arguments, _ offset: Int)
    throws(ExpressionError) -> Value
  {
    let values = try values(arguments)
    guard let key = values.value(0) else { throw .evaluation("get() takes a key", offset) }
    return scope.variables.lookUp(try text(key, offset), in: variable) ?? values.value(1, "default") ?? .null
  }

  // MARK: - Secrets

  /// The value, unless it is a secret: those can only be handed on whole.
  func plain(_ value: Value, _ offset: Int) throws(ExpressionError) -> Value {
    if value.isSecret {
      throw .evaluation(
        "a secret cannot be used inside an expression", offset,
        detail: "it can only be the whole value of a sensitive attribute")
    }
    return value
  }
}
