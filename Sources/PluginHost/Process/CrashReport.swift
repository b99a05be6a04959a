import CHostSupport

/// Says which plugin was at work when the process dies.
public enum CrashReport {
  /// Installs handlers for the signals of a crash. They write one line that names the plugin, its file and what it was
  /// doing to standard error, and let the signal take its course. Also reports a plugin that calls `exit`.
  ///
  /// For the command line, once, at start; a program that embeds snowmaker decides for itself.
  public static func install() { chost_crash_install() }
}
