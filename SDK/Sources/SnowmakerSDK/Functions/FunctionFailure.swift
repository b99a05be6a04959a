import SnowmakerModel

/// Why a function has no result: the sentence goes to the user, with the place of the argument it is about.
public struct FunctionFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public var message: String
  /// What to do about it; may be empty.
  public var detail: String
  /// The name of the parameter it is about; nil when it is about none.
  public var parameter: String?

  /// A failure that is about the argument for `parameter`, or about none.
  public init(_ message: String, detail: String = "", of parameter: String? = nil) {
    self.message = message
    self.detail = detail
    self.parameter = parameter
  }

  /// The sentence.
  public var description: String { detail.isEmpty ? message : "\(message) (\(detail))" }

  /// The failure as the reply of a call holds it.
  var diagnostic: Diagnostic { .error(message, detail: detail, path: parameter.map { [$0] } ?? [], code: "function") }
}
