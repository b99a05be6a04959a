import SnowmakerModel

/// The operators, filters, tests and methods of templates.
enum TemplateFunctions {
  /// As it is written out.
  static func text(_ value: Value) -> String {
    switch value {
    case .null, .unknown: return "None"
    case .bool(let flag): return flag ? "True" : "False"
    case .int(let number): return String(number)
    case .double(let number): return String(number)
    case .string(let text): return text
    case .list(let items): return "[" + items.map(quoted).joined(separator: ", ") + "]"
    case .object(let fields):
      return "{" + fields.map { "'\($0.key)': " + quoted($0.value) }.joined(separator: ", ") + "}"
    }
  }

  private static func quoted(_ value: Value) -> String {
    if case .string(let text) = value { return "'\(text)'" }
    return text(value)
  }

  static func isTrue(_ value: Value?) -> Bool {
    switch value {
    case nil, .null?, .unknown?: false
    case .bool(let flag)?: flag
    case .int(let number)?: number != 0
    case .double(let number)?: number != 0
    case .string(let text)?: !text.isEmpty
    case .list(let items)?: !items.isEmpty
    case .object(let fields)?: !fields.isEmpty
    }
  }

  /// What a loop goes through: elements of lists, keys of maps, characters of texts.
  static func elements(_ value: Value, _ renderer: TemplateRenderer) throws(TemplateFailure) -> [Value] {
    switch value {
    case .list(let items): return items
    case .object(let fields): return fields.map { .string($0.key) }
    case .string(let text): return text.map { .string(String($0)) }
    default: throw renderer.failure("\(value.kindName) cannot be gone through")
    }
  }

  private static func number(_ value: Value) -> Double? {
    switch value {
    case .int(let number): Double(number)
    case .double(let number): number
    case .bool(let flag): flag ? 1 : 0
    default: nil
    }
  }

  static func equal(_ left: Value, _ right: Value) -> Bool {
    if let first = number(left), let second = number(right) { return first == second }
    return left == right
  }

  private static func precedes(
    _ left: Value, _ right: Value, _ renderer: TemplateRenderer
  ) throws(TemplateFailure) -> Bool {
    if let first = number(left), let second = number(right) { return first < second }
    if let first = left.string, let second = right.string { return first < second }
    throw renderer.failure("\(left.kindName) and \(right.kindName) have no order")
  }

  static func binary(
    _ symbol: String, _ left: Value, _ right: Value, _ renderer: TemplateRenderer
  ) throws(TemplateFailure) -> Value {
    switch symbol {
    case "==": return .bool(equal(left, right))
    case "!=": return .bool(!equal(left, right))
    case "<": return .bool(try precedes(left, right, renderer))
    case ">": return .bool(try precedes(right, left, renderer))
    case "<=": return .bool(try !precedes(right, left, renderer))
    case ">=": return .bool(try !precedes(left, right, renderer))
    case "~": return .string(text(left) + text(right))
    case "in": return .bool(try contains(right, left, renderer))
    default: return try arithmetic(symbol, left, right, renderer)
    }
  }

  private static func contains(
    _ container: Value, _ value: Value, _ renderer: TemplateRenderer
  ) throws(TemplateFailure) -> Bool {
    if case .string(let whole) = container { return text(value).isEmpty || whole.contains(text(value)) }
    return try elements(container, renderer).contains { equal($0, value) }
  }

  private static func arithmetic(
    _ symbol: String, _ left: Value, _ right: Value, _ renderer: TemplateRenderer
  ) throws(TemplateFailure) -> Value {
    if symbol == "+", let first = left.string, let second = right.string { return .string(first + second) }
    if symbol == "+", case .list(let first) = left, case .list(let second) = right { return .list(first + second) }
    guard let a = number(left), let b = number(right) else {
      throw renderer.failure("'\(symbol)' of \(left.kindName) and \(right.kindName)")
    }
    if b == 0, ["/", "//", "%"].contains(symbol) { throw renderer.failure("division by zero") }
    if case .int(let first) = left, case .int(let second) = right, symbol != "/" {
      let quotient = (a / b).rounded(.down)
      let result: (partialValue: Int64, overflow: Bool) =
        switch symbol {
        case "+": first.addingReportingOverflow(second)
        case "-": first.subtractingReportingOverflow(second)
        case "*": first.multipliedReportingOverflow(by: second)
        case "//": (Int64(exactly: quotient) ?? 0, Int64(exactly: quotient) == nil)
        default: (first % second, false)
        }
      if result.overflow { throw renderer.failure("a number is too large") }
      let isNegative = symbol == "%" && result.partialValue != 0 && (result.partialValue < 0) != (second < 0)
      return .int(isNegative ? result.partialValue + second : result.partialValue)
    }
    switch symbol {
    case "+": return .double(a + b)
    case "-": return .double(a - b)
    case "*": return .double(a * b)
    case "/": return .double(a / b)
    case "//": return .double((a / b).rounded(.down))
    default: return .double(a - (a / b).rounded(.down) * b)
    }
  }

  static func range(_ arguments: [Value], _ renderer: TemplateRenderer) throws(TemplateFailure) -> Value {
    let numbers = arguments.compactMap(\.int)
    guard numbers.count == arguments.count, (1...3).contains(numbers.count), numbers.count < 3 || numbers[2] != 0 else {
      throw renderer.failure("range takes one to three whole numbers")
    }
    let (from, to) = numbers.count == 1 ? (0, numbers[0]) : (numbers[0], numbers[1])
    let step = numbers.count > 2 ? numbers[2] : 1
    guard abs(Double(to) - Double(from)) / abs(Double(step)) < 100_000 else {
      throw renderer.failure("the range is too large")
    }
    return .list(stride(from: from, to: to, by: Int64.Stride(step)).map { .int($0) })
  }

  /// A method of a text, a list or a map.
  static func method(
    _ name: String, of value: Value, _ arguments: [Value], _ renderer: TemplateRenderer
  ) throws(TemplateFailure) -> Value? {
    switch (value, name) {
    case (.object(let fields), "items"): return .list(fields.map { .list([.string($0.key), $0.value]) })
    case (.object(let fields), "keys"): return .list(fields.map { .string($0.key) })
    case (.object(let fields), "values"): return .list(fields.map(\.value))
    case (.object(let fields), "get"):
      return fields.first { $0.key == arguments.first.map(text) }?.value ?? arguments.dropFirst().first ?? .null
    case (.string(let whole), "startswith"): return .bool(whole.hasPrefix(arguments.first.map(text) ?? ""))
    case (.string(let whole), "endswith"): return .bool(whole.hasSuffix(arguments.first.map(text) ?? ""))
    case (.string(let whole), "split"):
      guard let separator = arguments.first.map(text), !separator.isEmpty else {
        return .list(whole.split(whereSeparator: \.isWhitespace).map { .string(String($0)) })
      }
      return .list(whole.split(separator: separator, omittingEmptySubsequences: false).map { .string(String($0)) })
    case (.string, "strip"): return try filter("trim", value, [], [:], renderer)
    case (.string, "upper"), (.string, "lower"), (.string, "title"), (.string, "capitalize"), (.string, "replace"):
      return try filter(name, value, arguments, [:], renderer)
    default: throw renderer.failure("\(value.kindName) has no method '\(name)'")
    }
  }

  static func test(
    _ name: String, _ value: Value?, _ arguments: [Value], _ renderer: TemplateRenderer
  ) throws(TemplateFailure) -> Bool {
    switch name {
    case "defined": return value != nil
    case "undefined": return value == nil
    default: break
    }
    guard let value else { throw renderer.failure("a value is undefined") }
    switch name {
    case "none": return value.isNull
    case "string": return value.string != nil
    case "number": return value.bool == nil && number(value) != nil
    case "boolean": return value.bool != nil
    case "true": return value == .bool(true)
    case "false": return value == .bool(false)
    case "mapping": if case .object = value { return true } else { return false }
    case "iterable", "sequence": return (try? elements(value, renderer)) != nil
    case "odd": return (value.int ?? 0) % 2 != 0
    case "even": return value.int.map { $0 % 2 == 0 } ?? false
    case "divisibleby":
      guard let by = arguments.first?.int, by != 0 else { throw renderer.failure("division by zero") }
      return value.int.map { $0 % by == 0 } ?? false
    case "eq", "equalto", "sameas": return arguments.first.map { equal(value, $0) } ?? false
    case "ne": return arguments.first.map { !equal(value, $0) } ?? false
    case "in":
      return try arguments.first.map { (list) throws(TemplateFailure) in try contains(list, value, renderer) } ?? false
    default: throw renderer.failure("the test '\(name)' is not supported by the account emulator")
    }
  }

  static func filter(
    _ name: String, _ value: Value, _ arguments: [Value], _ named: [String: Value], _ renderer: TemplateRenderer
  ) throws(TemplateFailure) -> Value {
    let whole = text(value)
    switch name {
    case "upper": return .string(whole.uppercased())
    case "lower": return .string(whole.lowercased())
    case "capitalize": return .string(whole.prefix(1).uppercased() + whole.dropFirst().lowercased())
    case "title":
      var isStart = true
      return .string(
        String(
          whole.flatMap { character in
            defer { isStart = !(character.isLetter || character.isNumber || character == "'") }
            return isStart ? character.uppercased() : character.lowercased()
          }))
    case "trim":
      var rest = whole[...]
      while rest.first?.isWhitespace == true { rest = rest.dropFirst() }
      while rest.last?.isWhitespace == true { rest = rest.dropLast() }
      return .string(String(rest))
    case "string": return .string(whole)
    case "replace":
      guard arguments.count >= 2 else { throw renderer.failure("replace takes two texts") }
      return .string(whole.replacing(text(arguments[0]), with: text(arguments[1])))
    case "int":
      if let number = number(value) { return Int64(exactly: number.rounded(.towardZero)).map { .int($0) } ?? .int(0) }
      return Int64(whole).map { .int($0) } ?? arguments.first ?? .int(0)
    case "float": return number(value).map { .double($0) } ?? Double(whole).map { .double($0) } ?? .double(0)
    case "abs":
      guard let amount = number(value) else { throw renderer.failure("abs of \(value.kindName)") }
      return amount < 0 ? try binary("-", .int(0), value, renderer) : value
    case "tojson": return .string(JSON.string(value))
    case "length", "count": return .int(Int64(try elements(value, renderer).count))
    case "list": return .list(try elements(value, renderer))
    case "items": return .list(value.fields.map { .list([.string($0.key), $0.value]) })
    case "dictsort":
      return .list(value.fields.sorted { $0.key < $1.key }.map { .list([.string($0.key), $0.value]) })
    case "join":
      let separator = (arguments.first ?? named["d"]).map(text) ?? ""
      return .string(try elements(value, renderer).map(text).joined(separator: separator))
    case "first", "last":
      let items = try elements(value, renderer)
      guard let one = name == "first" ? items.first : items.last else { throw renderer.failure("\(name) of nothing") }
      return one
    case "reverse": return .list(try elements(value, renderer).reversed())
    case "unique":
      var kept: [Value] = []
      for item in try elements(value, renderer) where !kept.contains(where: { equal($0, item) }) { kept.append(item) }
      return .list(kept)
    case "sort": return .list(try sorted(try elements(value, renderer), renderer))
    case "min", "max":
      let items = try sorted(try elements(value, renderer), renderer)
      guard let one = name == "min" ? items.first : items.last else { throw renderer.failure("\(name) of nothing") }
      return one
    case "sum":
      var total = Value.int(0)
      for item in try elements(value, renderer) { total = try binary("+", total, item, renderer) }
      return total
    case "map":
      guard let attribute = named["attribute"].map(text) else {
        throw renderer.failure("map without attribute= is not supported by the account emulator")
      }
      return .list(try elements(value, renderer).map { $0[attribute] })
    default: throw renderer.failure("the filter '\(name)' is not supported by the account emulator")
    }
  }

  private static func sorted(_ items: [Value], _ renderer: TemplateRenderer) throws(TemplateFailure) -> [Value] {
    var result: [Value] = []
    for item in items {
      var place = result.count
      while place > 0, try precedes(item, result[place - 1], renderer) { place -= 1 }
      result.insert(item, at: place)
    }
    return result
  }
}
