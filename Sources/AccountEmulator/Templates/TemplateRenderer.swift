import SnowmakerModel

/// Renders templates with values and macros.
struct TemplateRenderer {
  /// What names stand for.
  var values: [String: Value]
  /// The macros that every template may call.
  var macros: [String: TemplateMacro] = [:]
  /// What `_snow.env_var(name)` and `_snow.env_secret(name)` answer, by the name of the function.
  var environment: [String: [String: String]] = [:]
  /// Names of the loops and macros around, the nearest last.
  private var scopes: [[String: Value]] = []
  private var steps = 0
  private var depth = 0
  private var line = 1

  /// What a rendering may take: so that no template keeps the account from everybody else.
  private static let maximumSteps = 1_000_000
  private static let maximumBytes = 16 << 20

  init(values: [String: Value]) { self.values = values }

  /// Takes the macros of a file. Throws where it cannot be read.
  mutating func define(_ source: String) throws(TemplateFailure) {
    for case .macro(let macro) in try TemplateParser.nodes(source) { macros[macro.name] = macro }
  }

  /// The text of a template; what it sets and defines is its own. Throws for a name that stands for nothing.
  func render(_ source: String) throws(TemplateFailure) -> String {
    var copy = self
    var text = ""
    copy.scopes = [[:]]
    do throws(TemplateFailure) { try copy.render(try TemplateParser.nodes(source), into: &text) } catch {
      throw TemplateFailure(message: error.message, line: max(error.line, 1))
    }
    return text
  }

  func failure(_ message: String) -> TemplateFailure { TemplateFailure(message: message, line: line) }

  private mutating func render(_ nodes: [TemplateNode], into text: inout String) throws(TemplateFailure) {
    for node in nodes {
      steps += 1
      guard steps < Self.maximumSteps, text.utf8.count < Self.maximumBytes else {
        throw failure("the template makes too much text")
      }
      switch node {
      case .text(let plain): text += plain
      case .output(let expression, let place):
        line = place
        // A macro's own lines are not this template's.
        let value = try evaluate(expression)
        line = place
        guard let value else { throw failure("\(Self.written(expression)) is undefined") }
        text += TemplateFunctions.text(value)
      case .set(let name, let expression, let place):
        line = place
        set(name, to: try require(expression))
      case .capture(let name, let body, let place):
        line = place
        var captured = ""
        try render(body, into: &captured)
        set(name, to: .string(captured))
      case .macro(let macro): macros[macro.name] = macro
      case .branches(let branches, let otherwise, let place):
        line = place
        var chosen = otherwise
        for branch in branches where TemplateFunctions.isTrue(try evaluate(branch.condition)) {
          chosen = branch.body
          break
        }
        try render(chosen, into: &text)
      case .loop(let loop, let place):
        line = place
        try run(loop, into: &text)
      }
    }
  }

  private mutating func set(_ name: String, to value: Value) { scopes[scopes.count - 1][name] = value }

  private mutating func run(_ loop: TemplateLoop, into text: inout String) throws(TemplateFailure) {
    var bindings: [[String: Value]] = []
    for element in try TemplateFunctions.elements(try require(loop.elements), self) {
      var names: [String: Value] = [:]
      if loop.targets.count == 1 {
        names[loop.targets[0]] = element
      } else {
        guard element.list.count == loop.targets.count else {
          throw failure("\(loop.targets.count) names are wanted for \(element.list.count) values")
        }
        for (name, value) in zip(loop.targets, element.list) { names[name] = value }
      }
      if let condition = loop.condition {
        scopes.append(names)
        defer { scopes.removeLast() }
        guard TemplateFunctions.isTrue(try evaluate(condition)) else { continue }
      }
      bindings.append(names)
    }
    if bindings.isEmpty { return try render(loop.otherwise, into: &text) }
    let count = bindings.count
    for (index, names) in bindings.enumerated() {
      var scope = names
      scope["loop"] = [
        "index": .int(Int64(index + 1)), "index0": .int(Int64(index)), "first": .bool(index == 0),
        "last": .bool(index == count - 1), "length": .int(Int64(count)), "revindex": .int(Int64(count - index)),
        "revindex0": .int(Int64(count - index - 1)),
      ]
      scopes.append(scope)
      defer { scopes.removeLast() }
      try render(loop.body, into: &text)
    }
  }

  // MARK: Expressions

  /// The value of an expression. Throws when there is none.
  mutating func require(_ expression: TemplateExpression) throws(TemplateFailure) -> Value {
    guard let value = try evaluate(expression) else { throw failure("\(Self.written(expression)) is undefined") }
    return value
  }

  /// The value of an expression; nil when it is undefined.
  mutating func evaluate(_ expression: TemplateExpression) throws(TemplateFailure) -> Value? {
    switch expression {
    case .literal(let value): return value
    case .name(let name):
      for scope in scopes.reversed() { if let value = scope[name] { return value } }
      return values[name]
    case .list(let items):
      var list: [Value] = []
      for item in items { list.append(try require(item)) }
      return .list(list)
    case .map(let entries):
      var fields: [Value.Field] = []
      for (key, value) in entries { fields.append(.init(TemplateFunctions.text(try require(key)), try require(value))) }
      return .object(fields)
    case .attribute(let inner, let name):
      let value = try require(inner)
      return value.fields.first { $0.key == name }?.value
    case .item(let inner, let item):
      let value = try require(inner)
      let key = try require(item)
      if case .list(let list) = value, let index = key.int {
        let place = index < 0 ? Int64(list.count) + index : index
        return (0..<Int64(list.count)).contains(place) ? list[Int(place)] : nil
      }
      return value.fields.first { $0.key == TemplateFunctions.text(key) }?.value
    case .call(let callee, let arguments): return try call(callee, arguments)
    case .filter(let inner, let name, let arguments):
      let (positional, named) = try evaluated(arguments)
      if name == "default" || name == "d" {
        let value = try evaluate(inner)
        let whenFalse = TemplateFunctions.isTrue(positional.dropFirst().first ?? named["boolean"])
        if let value, !whenFalse || TemplateFunctions.isTrue(value) { return value }
        return positional.first ?? named["default_value"] ?? .string("")
      }
      return try TemplateFunctions.filter(name, try require(inner), positional, named, self)
    case .test(let inner, let name, let given):
      var arguments: [Value] = []
      for argument in given { arguments.append(try require(argument)) }
      return .bool(try TemplateFunctions.test(name, try evaluate(inner), arguments, self))
    case .not(let inner): return .bool(!TemplateFunctions.isTrue(try evaluate(inner)))
    case .negative(let inner): return try TemplateFunctions.binary("-", .int(0), try require(inner), self)
    case .binary("and", let left, let right):
      let value = try evaluate(left)
      return TemplateFunctions.isTrue(value) ? try evaluate(right) : value
    case .binary("or", let left, let right):
      let value = try evaluate(left)
      return TemplateFunctions.isTrue(value) ? value : try evaluate(right)
    case .binary(let symbol, let left, let right):
      return try TemplateFunctions.binary(symbol, try require(left), try require(right), self)
    case .conditional(let value, let condition, let otherwise):
      if TemplateFunctions.isTrue(try evaluate(condition)) { return try evaluate(value) }
      guard let otherwise else { return .string("") }
      return try evaluate(otherwise)
    }
  }

  private mutating func evaluated(
    _ arguments: TemplateArguments
  ) throws(TemplateFailure) -> ([Value], [String: Value]) {
    var positional: [Value] = []
    for argument in arguments.positional { positional.append(try require(argument)) }
    var named: [String: Value] = [:]
    for (name, value) in arguments.named { named[name] = try require(value) }
    return (positional, named)
  }

  private mutating func call(
    _ callee: TemplateExpression, _ arguments: TemplateArguments
  ) throws(TemplateFailure) -> Value? {
    let (positional, named) = try evaluated(arguments)
    switch callee {
    case .name(let name):
      if let macro = macros[name] { return .string(try expand(macro, positional, named)) }
      guard name == "range" else { throw failure("'\(name)' is undefined") }
      return try TemplateFunctions.range(positional, self)
    case .attribute(.name("_snow"), let name) where ["env_var", "env_secret"].contains(name):
      guard positional.count == 1, let wanted = positional[0].string else { throw failure("\(name) takes one name") }
      guard let value = environment[name]?[wanted] else {
        throw failure("\(name)('\(wanted)') is not declared in the manifest, or not given")
      }
      return .string(value)
    case .attribute(let inner, let name):
      return try TemplateFunctions.method(name, of: try require(inner), positional, self)
    default: throw failure("\(Self.written(callee)) cannot be called")
    }
  }

  private mutating func expand(
    _ macro: TemplateMacro, _ positional: [Value], _ named: [String: Value]
  ) throws(TemplateFailure) -> String {
    guard depth < 32 else { throw failure("macros call each other too deeply") }
    guard positional.count <= macro.parameters.count else {
      throw failure("macro '\(macro.name)' takes \(macro.parameters.count) arguments")
    }
    var scope: [String: Value] = [:]
    for (index, parameter) in macro.parameters.enumerated() {
      if index < positional.count {
        scope[parameter.name] = positional[index]
      } else if let value = named[parameter.name] {
        scope[parameter.name] = value
      } else if let otherwise = parameter.otherwise {
        scope[parameter.name] = try require(otherwise)
      }
    }
    for name in named.keys where !macro.parameters.contains(where: { $0.name == name }) {
      throw failure("macro '\(macro.name)' takes no argument '\(name)'")
    }
    // A macro sees its arguments and what the template and the project define, not the loops it is called in.
    let saved = scopes
    scopes = [saved.first ?? [:], scope]
    depth += 1
    defer {
      scopes = saved
      depth -= 1
    }
    var text = ""
    try render(macro.body, into: &text)
    return text
  }

  /// How messages call an expression.
  static func written(_ expression: TemplateExpression) -> String {
    switch expression {
    case .name(let name): "'\(name)'"
    case .attribute(let inner, let name): written(inner).dropLast() + ".\(name)'"
    case .item(let inner, _): written(inner).dropLast() + "[…]'"
    default: "'an expression'"
    }
  }
}
