public import SnowmakerModel

/// The functions that providers offer to expressions, and how to call them.
public struct ProvidedFunctions: Sendable {
  /// Why a call has no result.
  public struct Failure: Error, Sendable {
    /// What is wrong, without the function's name.
    public var message: String
    /// What to do about it; may be empty.
    public var detail: String
    /// The argument it is about, from 0; nil when it is about none.
    public var argument: Int?

    /// A failure about an argument or about the call.
    public init(_ message: String, detail: String = "", argument: Int? = nil) {
      self.message = message
      self.detail = detail
      self.argument = argument
    }
  }

  /// The functions of one provider.
  public struct Provider: Sendable {
    /// Its name as expressions write it.
    public var name: String
    /// What it offers, by name.
    public var functions: [String: FunctionSchema]

    /// A provider and its functions.
    public init(_ name: String, _ functions: [FunctionSchema]) {
      self.name = name
      self.functions = Dictionary(functions.map { ($0.name, $0) }) { first, _ in first }
    }
  }

  /// By name.
  let providers: [String: Provider]
  /// Calls a function that is in `providers`.
  let call: @Sendable (_ provider: String, _ name: String, _ arguments: [Value]) -> Result<Value, Failure>

  /// These functions.
  public init(
    _ providers: [Provider],
    call: @escaping @Sendable (_ provider: String, _ name: String, _ arguments: [Value]) -> Result<Value, Failure>
  ) {
    self.providers = Dictionary(providers.map { ($0.name, $0) }) { first, _ in first }
    self.call = call
  }

  /// No functions.
  public static let none = ProvidedFunctions([]) { _, _, _ in .failure(Failure("there are no functions")) }
}

extension Evaluator {
  /// The result of `provider::name(arguments)`.
  mutating func provided(
    _ provider: String, _ name: String, _ nameOffset: Int, _ arguments: Expression.Arguments, _ offset: Int
  ) throws(ExpressionError) -> Value {
    let providers = scope.functions.providers
    guard let known = providers[provider] else {
      let names = providers.keys.sorted()
      throw .evaluation(
        "there is no provider '\(provider)' with functions", offset,
        detail: Spelling.closest(to: provider, in: names).map { "did you mean '\($0)'?" }
          ?? (names.isEmpty ? "no loaded plugin has any" : "known are \(names.joined(separator: ", "))"))
    }
    guard let schema = known.functions[name] else {
      let names = known.functions.keys.sorted()
      throw .evaluation(
        "'\(provider)' has no function '\(name)'", nameOffset,
        detail: Spelling.closest(to: name, in: names).map { "did you mean '\($0)'?" }
          ?? "known are \(names.joined(separator: ", "))")
    }
    let (values, offsets) = try placed(arguments, schema, "\(provider)::\(name)", offset)
    switch scope.functions.call(provider, name, values) {
    case .success(let value): return value
    case .failure(let failure):
      let at = failure.argument.flatMap { $0 < offsets.count ? offsets[$0] : nil } ?? offset
      throw .evaluation("\(provider)::\(name): \(failure.message)", at, detail: failure.detail)
    }
  }

  /// The arguments in the order of the parameters, and where each was written; null for one that was left out.
  private mutating func placed(
    _ arguments: Expression.Arguments, _ schema: FunctionSchema, _ function: String, _ offset: Int
  ) throws(ExpressionError) -> (values: [Value], offsets: [Int]) {
    var values: [Value] = []
    var offsets: [Int] = []
    for argument in arguments.positional {
      values.append(try evaluate(argument))
      offsets.append(argument.offset)
    }
    guard !arguments.named.isEmpty else { return (values, offsets) }
    var isGiven = values.map { _ in true }
    while values.count < schema.parameters.count {
      values.append(.null)
      offsets.append(offset)
      isGiven.append(false)
    }
    for (name, argument) in arguments.named {
      guard let index = schema.parameters.firstIndex(where: { $0.name == name }) else {
        let names = schema.parameters.map(\.name)
        throw .evaluation(
          "\(function) has no parameter '\(name)'", argument.offset,
          detail: Spelling.closest(to: name, in: names).map { "did you mean '\($0)'?" } ?? "it is \(schema.heading)")
      }
      guard !isGiven[index] else {
        throw .evaluation("\(function): '\(name)' is given twice", argument.offset)
      }
      values[index] = try evaluate(argument)
      offsets[index] = argument.offset
      isGiven[index] = true
    }
    if let missing = schema.parameters.indices.first(where: { !isGiven[$0] && !schema.parameters[$0].kind.isNullable })
    {
      throw .evaluation(
        "\(function): '\(schema.parameters[missing].name)' is missing", offset, detail: "it is \(schema.heading)")
    }
    return (values, offsets)
  }

  /// That a provider has the function which was called without one.
  func providedHint(_ name: String) -> String? {
    let provider = scope.functions.providers.values.filter { $0.functions[name] != nil }.map(\.name).min()
    return provider.map { "did you mean '\($0)::\(name)'?" }
  }
}
