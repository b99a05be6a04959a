public import SnowmakerModel

/// Why a plugin does not answer a request. Each case is one status of the boundary.
public enum PluginFailure: Error, Hashable, Sendable {
  /// The request was understood and the answer is no, for these reasons.
  case failed([Diagnostic])
  /// The plugin does not know the method.
  case unsupported
  /// The request could not be read.
  case malformed(String)
  /// The host told the plugin to stop.
  case cancelled
  /// The plugin found a bug of its own and must not be called again.
  case panic(String)

  /// A failure for one reason.
  public static func failed(_ diagnostic: Diagnostic) -> PluginFailure { .failed([diagnostic]) }

  /// A request whose document is not what it should be.
  public static func malformed(_ error: DocumentError) -> PluginFailure { .malformed(error.description) }

  /// What the reply says beside the status; none when the status says it all.
  var diagnostics: [Diagnostic] {
    switch self {
    case .failed(let diagnostics): diagnostics
    case .malformed(let problem): [.error("the request could not be read: \(problem)", code: "malformed-request")]
    case .panic(let problem): [.error("bug in the plugin: \(problem)", code: "plugin-panic")]
    case .unsupported, .cancelled: []
    }
  }
}
