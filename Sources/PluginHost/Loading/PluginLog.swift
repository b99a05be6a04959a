import Glibc

/// A line that a plugin wrote to the host's log.
public struct PluginLogLine: Hashable, Sendable, CustomStringConvertible {
  /// How much a line matters.
  public enum Level: String, Hashable, Sendable {
    case debug, info, warning, error
    /// A line that an isolated plugin printed instead of logging it.
    case output
  }

  /// The plugin that wrote it.
  public let plugin: String
  /// How much it matters.
  public let level: Level
  /// What it says.
  public let message: String

  /// The line as the host prints it.
  public var description: String {
    level == .output ? "plugin '\(plugin)' prints: \(message)" : "plugin '\(plugin)': \(level.rawValue): \(message)"
  }
}

/// Where plugins' lines go; called on any thread.
public typealias PluginLogSink = @Sendable (PluginLogLine) -> Void

/// Ready-made sinks.
public enum PluginLog {
  /// Writes warnings, errors and what plugins print to standard error, one line each, the latter dimmed on a terminal;
  /// drops the rest. Control characters are left out, so that no plugin can play with the terminal.
  public static let standardError: PluginLogSink = { line in
    guard line.level == .warning || line.level == .error || line.level == .output else { return }
    var text = "snowmaker: "
    for scalar in line.description.unicodeScalars where scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value) {
      text.unicodeScalars.append(scalar)
    }
    if line.level == .output, isColoured { text = "\u{1b}[2m\(text)\u{1b}[0m" }
    text += "\n"
    // Nothing can be done when standard error cannot be written.
    _ = text.utf8.withContiguousStorageIfAvailable { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  private static let isColoured =
    isatty(STDERR_FILENO) == 1 && getenv("NO_COLOR") == nil && getenv("TERM").map { strcmp($0, "dumb") != 0 } ?? false
}
