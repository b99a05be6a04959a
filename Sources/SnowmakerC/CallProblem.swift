import CSnowmakerEmbed
import SnowmakerModel

/// Why a call did not work, and what its status is.
struct CallProblem: Error {
  var status: snowmaker_status
  var diagnostics: [Diagnostic]

  /// It did not work.
  static func failed(_ diagnostics: [Diagnostic]) -> CallProblem {
    CallProblem(status: SNOWMAKER_FAILED, diagnostics: diagnostics)
  }

  /// It was stopped.
  static func cancelled(_ diagnostics: [Diagnostic]) -> CallProblem {
    CallProblem(status: SNOWMAKER_CANCELLED, diagnostics: diagnostics)
  }

  /// The call itself was wrong.
  static func invalid(_ summary: String, detail: String = "") -> CallProblem {
    CallProblem(status: SNOWMAKER_INVALID, diagnostics: [.error(summary, detail: detail, code: "invalid-call")])
  }

  /// The object of a handle. Throws when there is none.
  static func require<T: AnyObject & Sendable>(
    _ handle: OpaquePointer?, _ name: String, _ type: T.Type = T.self
  ) throws(CallProblem) -> T {
    if let object = HandleTable.object(handle, type) { return object }
    throw .invalid(
      handle == nil ? "the \(name) is NULL" : "the \(name) is no live handle: it was released, or is of another kind")
  }
}
