import CSnowmaker
import SnowmakerSDK

/// Functions for configuration, without any type.
struct GreetingsPlugin: Plugin {
  static let name = "greetings"
  static let version = "1.0.0"
  let functions = [
    Function(
      "greet", doc: "Greets, so many times.", parameters: ["name": "Who.", "times": "How often."],
      examples: [.init("Ann", 2, yields: "Hello, Ann! Hello, Ann!")]
    ) { (name: String, times: Int64?) throws -> String in
      guard (times ?? 1) > 0 else { throw FunctionFailure("at least once", of: "times") }
      return Array(repeating: "Hello, \(name)!", count: Int(times ?? 1)).joined(separator: " ")
    }
  ]
}

/// The host's way in.
@c(snowmaker_greetings_entry)
public func entry(_ host: UnsafePointer<snowmaker_peer_v1>?) -> UnsafePointer<snowmaker_peer_v1>? {
  GreetingsPlugin.open(host)
}
