public import SnowmakerModel

/// A function that a plugin offers to configuration. Thread-safe.
public struct PluginFunction: Sendable {
  /// What it is.
  public let schema: FunctionSchema
  /// The plugin that has it.
  public let plugin: String
  private let route: Route

  private enum Route: Sendable {
    case typed(TypedFunction)
    case message(PluginPeer)
  }

  init(_ schema: FunctionSchema, _ typed: TypedFunction?, _ peer: PluginPeer) {
    self.schema = schema
    plugin = peer.file.name
    route = typed.map(Route.typed) ?? .message(peer)
  }

  /// Whether it is called through libffi, without documents.
  public var isTyped: Bool { if case .typed = route { true } else { false } }

  /// Calls the function on the calling thread. An unknown value anywhere in the arguments makes the result unknown,
  /// without a call. Throws what is wrong with which argument, or why there is no result.
  public func call(_ arguments: [Value]) throws(FunctionCallError) -> Value {
    // The usual case first: exactly what the function takes, nothing unknown in it, and no document to be made.
    if case .typed(let function) = route, let room = function.room(for: arguments) {
      return try function.call(arguments, room: room)
    }
    if arguments.contains(where: Self.hasUnknown) { return .unknown }
    let arguments = try FunctionArguments.checked(arguments, for: schema)
    switch route {
    case .typed(let function): return try function.call(arguments)
    case .message(let peer): return try ask(peer, arguments)
    }
  }

  private func ask(_ peer: PluginPeer, _ arguments: [Value]) throws(FunctionCallError) -> Value {
    let answer: Value
    do throws(PluginError) {
      answer = try peer.call(.function, ["name": .string(schema.name), "arguments": .list(arguments)])
    } catch {
      if case .failed(let diagnostics) = error.reason { throw FunctionCallError(diagnostics, of: schema) }
      throw FunctionCallError(error.description)
    }
    guard let result = answer.find("result") else { throw FunctionCallError("the plugin's answer has no 'result'") }
    guard let result = FunctionArguments.result(result, as: schema.result) else {
      throw FunctionCallError("the plugin answered a \(result.kindName), and the function yields \(schema.result)")
    }
    return result
  }

  private static func hasUnknown(_ value: Value) -> Bool {
    switch value {
    case .unknown: true
    case .list(let elements): elements.contains(where: hasUnknown)
    case .object(let fields): fields.contains { hasUnknown($0.value) }
    default: false
    }
  }
}
