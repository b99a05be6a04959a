import CSnowmaker
public import SnowmakerModel

/// The functions of all plugins, for configuration and checks; the results of pure ones are remembered.
///
/// Unchecked: `results` is only touched with `lock` held, the rest never changes.
public final class FunctionLibrary: @unchecked Sendable {
  /// How many results are remembered; when there are more, all are forgotten.
  static let capacity = 16_384

  private struct Key: Hashable {
    let function: Int
    let arguments: [Value]
  }

  private let functions: [PluginFunction]
  private let numbers: [String: [String: Int]]
  private let lock = Lock()
  private var results: [Key: Result<Value, FunctionCallError>] = [:]
  private var calls = 0

  init(_ plugins: [LoadedPlugin]) {
    var functions: [PluginFunction] = []
    var numbers: [String: [String: Int]] = [:]
    for plugin in plugins {
      for function in plugin.functions {
        numbers[Self.provider(plugin.name), default: [:]][function.schema.name] = functions.count
        functions.append(function)
      }
    }
    self.functions = functions
    self.numbers = numbers
  }

  /// A plugin's name as expressions write it: `network_policies` for `network-policies`.
  public static func provider(_ plugin: String) -> String { String(plugin.map { $0 == "-" ? "_" : $0 }) }

  /// The functions by provider, as expressions write that, and in the order in which the plugin describes them.
  public var schemas: [(provider: String, functions: [FunctionSchema])] {
    Dictionary(grouping: functions, by: { Self.provider($0.plugin) })
      .map { ($0.key, $0.value.map(\.schema)) }.sorted { $0.0 < $1.0 }
  }

  /// How many calls went to plugins: not the ones whose result was remembered.
  public var callCount: Int { lock.locked { calls } }

  /// The result of `provider::name(arguments)`; nil when there is no such function. A pure function is called once
  /// for the same arguments.
  public func call(_ provider: String, _ name: String, _ arguments: [Value]) -> Result<Value, FunctionCallError>? {
    guard let number = numbers[provider]?[name] else { return nil }
    let function = functions[number]
    guard function.schema.isPure else { return call(function, arguments) }
    let key = Key(function: number, arguments: arguments)
    if let known = lock.locked({ results[key] }) { return known }
    let result = call(function, arguments)
    lock.locked {
      if results.count >= Self.capacity { results.removeAll(keepingCapacity: true) }
      results[key] = result
    }
    return result
  }

  /// Answers FUNCTION, `{"name": "provider::name", "arguments"}` → `{"result"}`, for a plugin that is being asked for CHECK.
  /// Its own functions it calls itself: the host would wait for a plugin that takes one call at a time.
  func services(for plugin: String) -> HostServices {
    { [self] method, request in
      guard method == PluginMethod.function.rawValue else { return (snowmaker_status(SNOWMAKER_UNSUPPORTED), []) }
      guard let document = try? AnyDocument.decode(request), let text = document["name"].string,
        let separator = text.firstRange(of: "::")
      else { return (snowmaker_status(SNOWMAKER_MALFORMED), []) }
      let provider = String(text[..<separator.lowerBound])
      let name = String(text[separator.upperBound...])
      guard provider != Self.provider(plugin) else {
        return Self.failure(FunctionCallError("\(text) is this plugin's own; call it directly"))
      }
      switch call(provider, name, document["arguments"].list) {
      case nil: return Self.failure(FunctionCallError("no loaded plugin has the function \(text)"))
      case .success(let value): return (snowmaker_status(SNOWMAKER_OK), CBOR.encode(["result": value]))
      case .failure(let error): return Self.failure(error)
      }
    }
  }

  private static func failure(_ error: FunctionCallError) -> (status: snowmaker_status, reply: [UInt8]) {
    let diagnostic = Diagnostic.error(
      error.message, detail: error.detail, path: error.argument.map { ["\($0)"] } ?? [], code: "function")
    return (snowmaker_status(SNOWMAKER_FAILED), CBOR.encode(["diagnostics": [diagnostic.document]]))
  }

  private func call(_ function: PluginFunction, _ arguments: [Value]) -> Result<Value, FunctionCallError> {
    lock.locked { calls += 1 }
    do throws(FunctionCallError) { return .success(try function.call(arguments)) } catch { return .failure(error) }
  }
}
