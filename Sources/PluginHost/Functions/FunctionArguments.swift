import SnowmakerModel

/// Checks what is handed to a function and what comes back, so that nothing of a wrong kind ever crosses the boundary.
enum FunctionArguments {
  /// The arguments as the function takes them: whole numbers for floats turned into those, left out ones null.
  /// Throws which argument is wrong.
  static func checked(_ arguments: [Value], for schema: FunctionSchema) throws(FunctionCallError) -> [Value] {
    let parameters = schema.parameters
    guard arguments.count <= parameters.count, arguments.count >= schema.requiredCount else {
      throw wrongCount(arguments.count, schema)
    }
    var result = arguments
    for index in arguments.indices {
      if isExact(arguments[index], parameters[index].kind) { continue }
      result[index] = try converted(arguments[index], parameters[index], index)
    }
    while result.count < parameters.count { result.append(.null) }
    return result
  }

  /// The result as the function declares it; nil when it is of another kind.
  static func result(_ value: Value, as kind: FunctionKind) -> Value? {
    if isExact(value, kind) { return value }
    if case .int(let number) = value, kind.scalar == .float, kind.shape != .list { return .double(Double(number)) }
    if kind == .list(.float), case .list(let elements) = value {
      let numbers = elements.map { if case .int(let number) = $0 { Value.double(Double(number)) } else { $0 } }
      return isExact(.list(numbers), kind) ? .list(numbers) : nil
    }
    return nil
  }

  /// The bytes that a value takes in a `FunctionFrame` beside its slot; nil when it cannot be handed over as it is.
  static func room(for value: Value, as kind: FunctionKind) -> Int? {
    switch (kind.shape, value) {
    case (.nullable, .null): return 0
    case (.list, .list(let elements)):
      var room = 0
      for element in elements {
        guard let more = self.room(for: element, as: kind.scalar) else { return nil }
        room += FunctionFrame.largestElement + more
      }
      return room
    case (.list, _): return nil
    default: return room(for: value, as: kind.scalar)
    }
  }

  private static func room(for value: Value, as scalar: FunctionKind.Scalar) -> Int? {
    switch (scalar, value) {
    case (.integer, .int), (.boolean, .bool): 0
    case (.float, .double(let number)): number.isFinite ? 0 : nil
    case (.text, .string(let text)): text.utf8.contains(0) ? nil : FunctionFrame.aligned(text.utf8.count)
    default: nil
    }
  }

  private static func isExact(_ value: Value, _ kind: FunctionKind) -> Bool { room(for: value, as: kind) != nil }

  private static func isExact(_ value: Value, _ scalar: FunctionKind.Scalar) -> Bool {
    room(for: value, as: scalar) != nil
  }

  // MARK: - What is not exact

  private static func converted(
    _ value: Value, _ parameter: FunctionSchema.Parameter, _ index: Int
  ) throws(FunctionCallError) -> Value {
    if parameter.kind.shape == .list {
      guard case .list(let elements) = value else { throw wrongKind(value, parameter, index) }
      var result: [Value] = []
      for (at, element) in elements.enumerated() {
        guard let element = try scalar(element, parameter, index, element: at) else {
          throw FunctionCallError(
            "'\(parameter.name)' takes a \(parameter.kind), and its element \(at) is \(shown(element))",
            argument: index)
        }
        result.append(element)
      }
      return .list(result)
    }
    guard let value = try scalar(value, parameter, index, element: nil) else {
      throw wrongKind(value, parameter, index)
    }
    return value
  }

  /// The value as the parameter takes it, nil when it is of another kind.
  private static func scalar(
    _ value: Value, _ parameter: FunctionSchema.Parameter, _ index: Int, element: Int?
  ) throws(FunctionCallError) -> Value? {
    let scalar = parameter.kind.scalar
    if isExact(value, scalar) { return value }
    let subject = element.map { "element \($0) of '\(parameter.name)'" } ?? "'\(parameter.name)'"
    switch (scalar, value) {
    case (.integer, .double(let number)):
      if let whole = Int64(exactly: number) { return .int(whole) }
      throw FunctionCallError("\(subject) takes a whole number of 64 bits, not \(number)", argument: index)
    case (.float, .int(let number)):
      if let exact = Double(exactly: number) { return .double(exact) }
      throw FunctionCallError("\(subject) takes a float, which cannot hold \(number) exactly", argument: index)
    case (.float, .double): throw FunctionCallError("\(subject) takes a finite number", argument: index)
    case (.text, .string): throw FunctionCallError("\(subject) has a NUL character in it", argument: index)
    default: return nil
    }
  }

  private static func wrongKind(_ value: Value, _ parameter: FunctionSchema.Parameter, _ index: Int)
    -> FunctionCallError
  {
    FunctionCallError("'\(parameter.name)' takes \(parameter.kind), not \(shown(value))", argument: index)
  }

  /// What a value is, without its content when that may be secret.
  private static func shown(_ value: Value) -> String {
    switch value {
    case .null: "null"
    case .object where value.isSecret: "a secret, which functions never get"
    case .int, .double, .bool: "\(value.kindName) \(JSON.string(value))"
    case .string(let text) where text.utf8.count <= 40: "the text '\(text)'"
    default: "a \(value.kindName)"
    }
  }

  private static func wrongCount(_ count: Int, _ schema: FunctionSchema) -> FunctionCallError {
    let required = schema.requiredCount
    let most = schema.parameters.count
    let takes = required == most ? "\(most)" : "\(required) to \(most)"
    return FunctionCallError(
      "takes \(takes) argument\(takes == "1" ? "" : "s"), found \(count)", detail: "it is \(schema.heading)",
      argument: count > most ? most : nil)
  }
}
