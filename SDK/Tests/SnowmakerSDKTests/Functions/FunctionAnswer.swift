import SnowmakerModel

@testable import SnowmakerSDK

/// What a plugin with one function answers to FUNCTION.
enum FunctionAnswer {
  static func of(_ function: Function, _ arguments: [Value]) throws(PluginFailure) -> Value {
    try FunctionExports([function]).answer(["name": .string(function.schema.name), "arguments": .list(arguments)])
  }
}
