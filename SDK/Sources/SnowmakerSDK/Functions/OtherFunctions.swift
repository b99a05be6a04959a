import CSnowmaker
public import SnowmakerModel

/// The functions of other plugins, for checks.
public enum OtherFunctions {
  /// The result of `name`, written as in configuration: `functions::credits_per_hour`. Only while the plugin answers CHECK,
  /// and on the thread it was asked on.
  ///
  /// Throws why there is no result: no such function, a wrong argument, or a call at another time.
  public static func call(_ name: String, _ arguments: [Value]) throws(FunctionFailure) -> Value {
    let answer = HostLog.ask(.function, ["name": .string(name), "arguments": .list(arguments)])
    switch answer {
    case .success(let document): return document["result"]
    case .failure(.failed(let diagnostics)):
      let first = diagnostics.first
      throw FunctionFailure(first?.summary ?? "\(name) failed", detail: first?.detail ?? "")
    case .failure: throw FunctionFailure("\(name) can only be called while CHECK is answered")
    }
  }
}
