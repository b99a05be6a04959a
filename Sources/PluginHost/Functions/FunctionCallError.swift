/// Why a function has no result.
public struct FunctionCallError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, without the function's name.
  public let message: String
  /// What to do about it; may be empty.
  public let detail: String
  /// The argument it is about, from 0; nil when it is about none.
  public let argument: Int?

  /// An error about the argument, or about the call.
  public init(_ message: String, detail: String = "", argument: Int? = nil) {
    self.message = message
    self.detail = detail
    self.argument = argument
  }

  /// The sentence for the user.
  public var description: String { detail.isEmpty ? message : "\(message) (\(detail))" }
}
