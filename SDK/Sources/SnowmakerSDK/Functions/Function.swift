public import SnowmakerModel

/// A function that a plugin offers to configuration, as `{{ plugin::name(arguments) }}`.
///
/// A Swift closure with types is enough:
///
/// ```swift
/// Function("greeting", doc: "Greets.", parameters: ["name": "who"]) { (name: String) in "Hello, \(name)" }
/// ```
///
/// One that is called often goes without documents, as a C function:
///
/// ```swift
/// Function(
///   "double", doc: "Twice the number.", parameters: [.init("number", .integer)], result: .integer,
///   calling: { number, reply in FunctionReply.answer(reply) { number * 2 } }
///     as @convention(c) (Int64, FunctionReply.Sink) -> Int32)
/// ```
///
/// Functions are pure and may be called on any thread, several at once.
public struct Function: Sendable {
  /// What it is.
  public let schema: FunctionSchema
  let implementation: Implementation

  enum Implementation: Sendable {
    case closure(@Sendable ([Value]) throws(FunctionFailure) -> Value)
    case address(@convention(c) @Sendable () -> Void)
    /// What is wrong with how it is declared; the plugin does not start then.
    case broken(String)
  }

  /// A function that is a closure; the types of its parameters and its result are the closure's.
  ///
  /// - Parameters:
  ///   - name: the name in configuration: lower-case letters, digits, `_`.
  ///   - doc: what it yields.
  ///   - parameters: a name for each parameter of the closure and what it is.
  ///   - examples: calls and their results, for the documentation.
  ///   - body: yields the result; throws a `FunctionFailure` that says what is wrong with which argument.
  public init<each Parameter: FunctionValue, Result: FunctionValue>(
    _ name: String, doc: String = "", parameters: KeyValuePairs<String, String> = [:],
    examples: [FunctionSchema.Example] = [], body: @escaping @Sendable (repeat each Parameter) throws -> Result
  ) {
    var kinds: [FunctionKind] = []
    repeat kinds.append((each Parameter).functionKind)
    let described = zip(parameters, kinds).map { FunctionSchema.Parameter($0.key, $1, doc: $0.value) }
    schema = FunctionSchema(
      name, doc: doc, parameters: described, result: Result.functionKind, examples: examples)
    guard parameters.count == kinds.count else {
      implementation = .broken(
        "the function '\(name)' names \(parameters.count) parameters and its closure takes \(kinds.count)")
      return
    }
    implementation = .closure { (arguments) throws(FunctionFailure) -> Value in
      var left = arguments[...]
      func next<Argument: FunctionValue>(_: Argument.Type) throws(FunctionFailure) -> Argument {
        guard let value = left.popFirst() else { throw FunctionFailure("takes more arguments") }
        guard let argument = Argument(functionValue: value) else {
          throw FunctionFailure("takes \(Argument.functionKind), not a \(value.kindName)")
        }
        return argument
      }
      do {
        return try body(repeat try next((each Parameter).self)).functionValue
      } catch let failure as FunctionFailure {
        throw failure
      } catch {
        throw FunctionFailure("\(error)")
      }
    }
  }

  /// A function that is a C function of these types, called without documents.
  ///
  /// Its type must be what the parameters say, and is checked when the plugin is opened: `Int64`, `Double`, `UInt8`,
  /// `FunctionText`; an `UnsafePointer` of those (optional) where null may come, and such a pointer and an `Int` for a
  /// list; last a `FunctionReply.Sink`; it returns `Int32`. `FunctionReply.answer` makes the answer.
  public init<Address>(
    _ name: String, doc: String = "", parameters: [FunctionSchema.Parameter] = [], result: FunctionKind,
    examples: [FunctionSchema.Example] = [], calling address: Address
  ) {
    schema = FunctionSchema(name, doc: doc, parameters: parameters, result: result, examples: examples)
    let expected = FunctionConvention.typeName(of: schema.signature)
    let found = _typeName(Address.self, qualified: true)
    guard expected == found, MemoryLayout<Address>.size == MemoryLayout<UnsafeRawPointer>.size else {
      implementation = .broken("the function '\(name)' must be \(expected), and is \(found)")
      return
    }
    // The type was just found to be a C function's; what it takes is the signature's business from here on.
    implementation = .address(unsafeBitCast(address, to: (@convention(c) @Sendable () -> Void).self))
  }

  /// What is wrong with how it is declared, nil when nothing is.
  public var problem: String? { if case .broken(let problem) = implementation { problem } else { nil } }
}
