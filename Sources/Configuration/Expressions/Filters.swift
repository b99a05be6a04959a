import SnowmakerModel

/// Jinja's filters and tests, as far as configurations use them.
extension Evaluator {
  static let filterNames = [
    "abs", "capitalize", "count", "d", "default", "dictsort", "first", "float", "int", "items", "join", "last",
    "length",
    "list", "lower", "map", "max", "min", "reject", "rejectattr", "replace", "reverse", "round", "select", "selectattr",
    "sort", "string", "sum", "title", "tojson", "trim", "unique", "upper",
  ]
  static let testNames = [
    "boolean", "defined", "divisibleby", "eq", "equalto", "even", "false", "float", "ge", "gt", "in", "integer",
    "iterable", "le", "lower", "lt", "mapping", "ne", "none", "number", "odd", "sequence", "string", "true",
    "undefined",
    "upper",
  ]

  mutating func filter(_ base: Expression, _ name: String, _ arguments: Expression.Arguments, _ offset: Int)
    throws(ExpressionError) -> Value
  {
    if name == "default" || name == "d" { return try defaulted(base, arguments, offset) }
    let value = try plain(try evaluate(base), base.offset)
    return try apply(name, to: value, try values(arguments), offset)
  }

  /// `x | default(y)`: y when x does not exist; with `true` as second argument also when x is empty or none.
  private mutating func defaulted(_ base: Expression, _ arguments: Expression.Arguments, _ offset: Int)
    throws(ExpressionError) -> Value
  {
    let values = try values(arguments)
    let fallback = values.value(0, "default_value") ?? ""
    do throws(ExpressionError) {
      let value = try evaluate(base)
      if value.isSecret { return value }
      if let flag = values.value(1, "boolean"), try isTrue(flag, offset), !(try isTrue(value, offset)) {
        return fallback
      }
      return value
    } catch {
      if error.cause == .undefined, error.detail != Self.alreadyReported { return fallback }
      throw error
    }
  }

  private mutating func apply(_ name: String, to value: Value, _ arguments: Values, _ offset: Int)
    throws(ExpressionError) -> Value
  {
    switch name {
    case "upper", "lower", "title", "capitalize":
      return try method(name, of: .string(try text(value, offset)), arguments, offset)
    case "trim": return try method("strip", of: .string(try text(value, offset)), arguments, offset)
    case "replace": return try method("replace", of: .string(try text(value, offset)), arguments, offset)
    case "string": return .string(try text(value, offset))
    case "int", "float": return try converted(name, value, arguments, offset)
    case "abs":
      if case .int(let number) = value, number != .min {
        return .int(number.magnitude > 0 ? Int64(number.magnitude) : 0)
      }
      if case .double(let number) = value { return .double(number.magnitude) }
      throw .evaluation("abs needs a number, found \(value.kindName)", offset)
    case "round":
      guard let number = Self.number(value) else {
        throw .evaluation("round needs a number, found \(value.kindName)", offset)
      }
      guard case .int(let digits) = arguments.value(0, "precision") ?? .int(0), (0...15).contains(digits) else {
        throw .evaluation("round takes a precision of 0 to 15", offset)
      }
      var scale = 1.0
      for _ in 0..<digits { scale *= 10 }
      let rounded = (number * scale).rounded(.toNearestOrEven) / scale
      return .double(rounded.isFinite ? rounded : number)
    case "length", "count":
      switch value {
      case .string(let text): return .int(Int64(text.unicodeScalars.count))
      case .list(let list): return .int(Int64(list.count))
      case .object(let fields): return .int(Int64(fields.count))
      default: throw .evaluation("a \(value.kindName) has no length", offset)
      }
    case "tojson":
      let json = JSON.string(value)
      try checkSize(json.utf8.count, offset)
      return .string(json)
    case "items": return try method("items", of: value, arguments, offset)
    case "dictsort":
      guard case .object(let fields) = value else { throw .evaluation("dictsort needs a map", offset) }
      try charge(fields.count * 8, offset)
      return .list(fields.sorted { $0.key < $1.key }.map { .list([.string($0.key), $0.value]) })
    case "join":
      let separator = try arguments.value(0, "d").map { value throws(ExpressionError) in try text(value, offset) } ?? ""
      var elements = try self.elements(value, name, offset)
      if let attribute = arguments.value(1, "attribute") { elements = try pluck(elements, attribute, offset) }
      return .string(try joined(elements, by: separator, offset))
    default: return try listFilter(name, value, arguments, offset)
    }
  }

  private mutating func listFilter(_ name: String, _ value: Value, _ arguments: Values, _ offset: Int)
    throws(ExpressionError) -> Value
  {
    guard Self.filterNames.contains(name) else {
      throw .evaluation(
        "there is no filter '\(name)'", offset,
        detail: Spelling.closest(to: name, in: Self.filterNames).map { "did you mean '\($0)'?" }
          ?? "there are \(Self.filterNames.joined(separator: ", "))")
    }
    if name == "reverse", case .string(let text) = value { return .string(String(text.reversed())) }
    let list = try elements(value, name, offset)
    try charge(list.count, offset)
    switch name {
    case "list": return .list(list)
    case "reverse": return .list(list.reversed())
    case "first":
      guard let first = list.first else { throw .undefined("there is no first element: the list is empty", offset) }
      return first
    case "last":
      guard let last = list.last else { throw .undefined("there is no last element: the list is empty", offset) }
      return last
    case "sum":
      var values = list
      if let attribute = arguments.value(0, "attribute") { values = try pluck(values, attribute, offset) }
      var total: Value = .int(0)
      for value in values { total = try binary(.add, total, value, offset) }
      return total
    case "unique":
      var seen: Set<Value> = []
      return .list(list.filter { seen.insert($0.string.map { .string($0.lowercased()) } ?? $0).inserted })
    case "sort", "min", "max":
      var isDescending = false
      if let flag = arguments.value(name == "sort" ? 0 : .max, "reverse") { isDescending = try isTrue(flag, offset) }
      var isCaseSensitive = false
      if let flag = arguments.value(name == "sort" ? 1 : 0, "case_sensitive") {
        isCaseSensitive = try isTrue(flag, offset)
      }
      let path = arguments.value(name == "sort" ? 2 : 1, "attribute")
      let reader = self
      let ordered = try sorted(
        list,
        by: { element in
          let key = try path.map { try reader.follow($0, in: element, offset) } ?? element
          return isCaseSensitive ? key : (key.string.map { .string($0.lowercased()) } ?? key)
        }, descending: isDescending, offset)
      if name == "sort" { return .list(ordered) }
      guard let end = name == "min" ? ordered.first : ordered.last else {
        throw .undefined("\(name) of an empty list", offset)
      }
      return end
    case "map": return .list(try mapped(list, arguments, offset))
    default: return .list(try selected(name, list, arguments, offset))
    }
  }

  /// `map(attribute='a.b', default=x)` or `map('upper')`.
  private mutating func mapped(_ list: [Value], _ arguments: Values, _ offset: Int) throws(ExpressionError) -> [Value] {
    if let attribute = arguments.named.first(where: { $0.name == "attribute" })?.value {
      return try pluck(list, attribute, offset, arguments.named.first { $0.name == "default" }?.value)
    }
    guard case .string(let filter) = arguments.value(0) ?? .null else {
      throw .evaluation("map takes attribute='…' or a filter's name", offset)
    }
    var rest = arguments
    rest.positional.removeFirst()
    var result: [Value] = []
    for element in list { result.append(try apply(filter, to: try plain(element, offset), rest, offset)) }
    return result
  }

  /// `select('test', …)`, `selectattr('attribute', 'test', …)` and their opposites.
  private mutating func selected(_ name: String, _ list: [Value], _ arguments: Values, _ offset: Int)
    throws(ExpressionError) -> [Value]
  {
    var rest = arguments.positional
    var attribute: Value?
    if name.hasSuffix("attr") {
      guard !rest.isEmpty else { throw .evaluation("\(name) takes an attribute's name", offset) }
      attribute = rest.removeFirst()
    }
    let test = rest.isEmpty ? nil : rest.removeFirst().string
    let keeps = name.hasPrefix("select")
    var result: [Value] = []
    for element in list {
      var value: Value? = element
      if let attribute {
        do throws(ExpressionError) { value = try follow(attribute, in: element, offset) } catch {
          guard error.cause == .undefined else { throw error }
          value = nil
        }
      }
      let passes: Bool
      switch (value, test) {
      case (let value?, nil): passes = try isTrue(value, offset)
      case (nil, nil), (nil, "defined"): passes = false
      case (nil, "undefined"): passes = true
      case (nil, _): passes = false
      case (let value?, let test?): passes = try check(test, value, rest, offset)
      }
      if passes == keeps { result.append(element) }
    }
    return result
  }

  private mutating func pluck(_ list: [Value], _ attribute: Value, _ offset: Int, _ fallback: Value? = nil)
    throws(ExpressionError) -> [Value]
  {
    try charge(list.count, offset)
    var result: [Value] = []
    for element in list {
      do throws(ExpressionError) { result.append(try follow(attribute, in: element, offset)) } catch {
        guard let fallback, error.cause == .undefined else { throw error }
        result.append(fallback)
      }
    }
    return result
  }

  /// The value at a dotted path, `a.b.0`.
  private func follow(_ path: Value, in element: Value, _ offset: Int) throws(ExpressionError) -> Value {
    var value = element
    for step in try text(path, offset).split(separator: ".").map(String.init) {
      switch value {
      case .object:
        guard let found = value.find(step) else { throw .undefined("an element has no '\(step)'", offset) }
        value = found
      case .list(let list):
        guard let index = Int(step), list.indices.contains(index) else {
          throw .undefined("an element has no '\(step)'", offset)
        }
        value = list[index]
      default: throw .undefined("a \(value.kindName) has no '\(step)'", offset)
      }
    }
    return value
  }

  private func elements(_ value: Value, _ name: String, _ offset: Int) throws(ExpressionError) -> [Value] {
    switch value {
    case .list(let list): return list
    case .object(let fields): return fields.map { .string($0.key) }
    case .string(let text): return text.unicodeScalars.map { .string(String(Character($0))) }
    default: throw .evaluation("\(name) needs a list, found \(value.kindName)", offset)
    }
  }

  private func converted(_ name: String, _ value: Value, _ arguments: Values, _ offset: Int) throws(ExpressionError)
    -> Value
  {
    var number: Value?
    switch value {
    case .int, .double: number = value
    case .bool(let flag): number = .int(flag ? 1 : 0)
    case .string(let text):
      let text = Text.strip(text)
      if let int = Int64(text) {
        number = .int(int)
      } else if let double = Double(text), double.isFinite {
        number = .double(double)
      }
    default: break
    }
    guard let number else {
      if let fallback = arguments.value(0, "default") { return fallback }
      throw .evaluation(
        "\(AttributeKind.show(value)) is no number", offset, detail: "give a value for that case: | \(name)(0)")
    }
    switch (name, number) {
    case ("float", .int(let int)): return .double(Double(int))
    case ("int", .double(let double)):
      guard let int = Int64(exactly: double.rounded(.towardZero)) else {
        throw .evaluation("the number is too large", offset)
      }
      return .int(int)
    default: return number
    }
  }

  // MARK: - Tests

  mutating func test(_ base: Expression, _ name: String, _ arguments: Expression.Arguments, _ offset: Int)
    throws(ExpressionError) -> Bool
  {
    if name == "defined" || name == "undefined" {
      do throws(ExpressionError) { _ = try evaluate(base) } catch {
        guard error.cause == .undefined else { throw error }
        return name == "undefined"
      }
      return name == "defined"
    }
    let value = try evaluate(base)
    if value.isSecret, name == "none" { return false }
    return try check(name, try plain(value, base.offset), try values(arguments).positional, offset)
  }

  private mutating func check(_ name: String, _ value: Value, _ arguments: [Value], _ offset: Int)
    throws(ExpressionError) -> Bool
  {
    func argument() throws(ExpressionError) -> Value {
      guard let first = arguments.first else { throw .evaluation("the test '\(name)' needs a value", offset) }
      return first
    }
    switch name {
    case "none": return value.isNull
    case "string": return value.string != nil
    case "boolean": return value.bool != nil
    case "number": return Self.number(value) != nil
    case "integer": return value.int != nil
    case "float": if case .double = value { return true } else { return false }
    case "mapping": if case .object = value { return true } else { return false }
    case "iterable", "sequence":
      switch value {
      case .list, .string, .object: return true
      default: return false
      }
    case "true": return value == .bool(true)
    case "false": return value == .bool(false)
    case "even", "odd":
      guard case .int(let number) = value else {
        throw .evaluation("the test '\(name)' needs a whole number, found \(value.kindName)", offset)
      }
      return (number % 2 == 0) == (name == "even")
    case "divisibleby":
      guard case .int(let number) = value, case .int(let by) = try argument(), by != 0 else {
        throw .evaluation("divisibleby needs whole numbers, not 0", offset)
      }
      return by == -1 || number % by == 0
    case "upper": return value.string.map { $0 == $0.uppercased() && $0 != $0.lowercased() } ?? false
    case "lower": return value.string.map { $0 == $0.lowercased() && $0 != $0.uppercased() } ?? false
    case "in": return try compare(.isIn, value, try argument(), offset)
    case "eq", "equalto": return try compare(.equal, value, try argument(), offset)
    case "ne": return try compare(.notEqual, value, try argument(), offset)
    case "lt": return try compare(.less, value, try argument(), offset)
    case "le": return try compare(.lessOrEqual, value, try argument(), offset)
    case "gt": return try compare(.greater, value, try argument(), offset)
    case "ge": return try compare(.greaterOrEqual, value, try argument(), offset)
    case "defined": return true
    case "undefined": return false
    default:
      throw .evaluation(
        "there is no test '\(name)'", offset,
        detail: Spelling.closest(to: name, in: Self.testNames).map { "did you mean '\($0)'?" }
          ?? "there are \(Self.testNames.joined(separator: ", "))")
    }
  }
}
