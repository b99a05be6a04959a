/// What host and plugin ask each other: the methods of `snowmaker_plugin.h`.
public enum PluginMethod: UInt32, Hashable, Sendable, CaseIterable {
  /// The plugin's manifest. The first method called, and the only one a plugin must know.
  case describe = 1
  /// Resources as written → diagnostics.
  case validate = 16
  /// Resources as written → the canonical resources they stand for.
  case expand = 17
  /// What is wanted and results so far → queries wanted next, or observed resources.
  case read = 18
  /// (declared, observed) pairs → changes with statements.
  case plan = 19
  /// A whole plan → diagnostics.
  case check = 20
  /// Configuration of an older schema version → of the current one.
  case upgrade = 21
  /// A function not offered as a typed one.
  case function = 32
  /// Does what was planned, for types that SQL does not reach; the only method that may call back.
  case apply = 48
  /// The last call.
  case shutdown = 63
  /// Plugin to host: a line for the log.
  case log = 64
  /// Plugin to host, during `apply` only: runs a query.
  case query = 65
  /// Plugin to host, during `apply` only: how far it is.
  case progress = 66

  /// The method as messages name it: `DESCRIBE`.
  public var name: String {
    switch self {
    case .describe: "DESCRIBE"
    case .validate: "VALIDATE"
    case .expand: "EXPAND"
    case .read: "READ"
    case .plan: "PLAN"
    case .check: "CHECK"
    case .upgrade: "UPGRADE"
    case .function: "FUNCTION"
    case .apply: "APPLY"
    case .shutdown: "SHUTDOWN"
    case .log: "LOG"
    case .query: "QUERY"
    case .progress: "PROGRESS"
    }
  }

  /// Whether the plugin answers it; the others the host answers.
  public var isForPlugin: Bool { rawValue < Self.log.rawValue }
}
