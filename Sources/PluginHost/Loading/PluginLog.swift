import Glibc

/// A line that a plugin wrote to the host's log.
public struct PluginLogLine: Hashable, Sendable, CustomStringConvertible {
  /// How much a line matters.
  public enum Level: String, Hashable, Sendable {
    case debug, info, warning, error
  }

  /// The plugin that wrote it.
  public let plugin: String
  /// How much it matters.
  public let level: Level
  /// What it says.
  public let message: String

  /// The line as the host prints it.
  public var description: String { "plugin '\(plugin)': \(level.rawValue): \(message)" }
}

/// Where plugins' lines go; called on any thread.
public typealias PluginLogSink = @Sendable (PluginLogLine) -> Void

/// Ready-made sinks.
public enum PluginLog {
  /// Writes warnings and errors to standard error, one line each; drops the rest.
  public static let standardError: PluginLogSink = { line in
    guard line.level == .warning || line.level == .error else { return }
    let text = "snowmaker: \(line.description.filter { !$0.isNewline })\n"
    // Nothing can be done when standard error cannot be written.
    _ = text.utf8.withContiguousStorageIfAvailable { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
