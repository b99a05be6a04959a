import CHostSupport

/// Says which plugin was at work when the process dies.
public enum CrashReport {
  /// Installs handlers for the signals of a crash. They write one line that names the plugin, its file and what it was
  /// doing to standard error, and let the signal take its course. Also reports a plugin that calls `exit`.
  ///
  /// For the command line, once, at start; a program that embeds snowmaker decides for itself.
  ///
  /// - Parameter advice: what the line ends with, about how the plugin can be kept from taking the program along.
  public static func install(advice: StaticString = "") {
    // A literal's bytes end with a zero and live until the process ends.
    chost_crash_install(UnsafeRawPointer(advice.utf8Start).assumingMemoryBound(to: CChar.self))
  }
}
