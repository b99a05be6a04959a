import Glibc

/// Loads a plugin in a child process first, so that one that crashes or exits while it is loaded and described is refused
/// instead of taking the program along.
///
/// Only for programs that can start themselves for it: they call `answer` first thing, and `enable` before they load
/// plugins. Plugins beside the executable are not probed; they come with it.
public enum PluginProbe {
  private static let argument = "--probe-plugin"
  /// How the child says that it survived, whatever the plugin is worth otherwise. A plugin that exits by itself is
  /// unlikely to use this status.
  private static let survived: Int32 = 42

  /// Written once at start, before there are threads.
  nonisolated(unsafe) private static var isEnabled = false

  /// Plugins from outside the executable's folder are probed from here on. Call before there are threads.
  public static func enable() { isEnabled = true }

  /// When the program was started to probe: probes and ends the process. Otherwise does nothing.
  public static func answer(_ arguments: [String]) {
    guard arguments.count == 3, arguments[1] == argument else { return }
    if let file = PluginFile(path: arguments[2], origin: .option) {
      _ = try? PluginLoader(admission: Admission(allowsInsecure: true), sink: { _ in }).load(file)
    }
    _exit(survived)
  }

  /// Why the file must not be loaded into this process; nil when it may be.
  static func verdict(on file: PluginFile, path: String, seconds: Int) -> PluginRefusal.Reason? {
    guard isEnabled, file.origin != .bundled, let child = start(path) else { return nil }
    var status: Int32 = 0
    for _ in 0..<(seconds * 1000) {
      let done = waitpid(child, &status, WNOHANG)
      if done == child { return reason(status) }
      if done < 0, errno != EINTR { return nil }
      usleep(1000)
    }
    kill(child, SIGKILL)
    waitpid(child, &status, 0)
    return .silent(seconds: seconds)
  }

  private static func reason(_ status: Int32) -> PluginRefusal.Reason? {
    let signal = status & 0x7f
    if signal != 0 { return .crashed("killed by signal \(signal) (\(String(cString: strsignal(signal))))") }
    let code = (status >> 8) & 0xff
    return code == survived ? nil : .crashed("it ended the process with status \(code)")
  }

  private static func start(_ path: String) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor in 0...2 as ClosedRange<Int32> {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    var arguments = cStrings(["snowmaker", argument, path])
    var environment = cStrings([
      "SWIFT_BACKTRACE=enable=no", "PATH=/usr/bin:/bin", "LD_LIBRARY_PATH=\(variable("LD_LIBRARY_PATH"))",
    ])
    defer { for text in arguments + environment { free(text) } }
    var child: pid_t = 0
    guard posix_spawn(&child, "/proc/self/exe", &actions, nil, &arguments, &environment) == 0 else { return nil }
    return child
  }

  /// Copies for the child, closed by a nil.
  private static func cStrings(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
    var pointers: [UnsafeMutablePointer<CChar>?] = []
    for text in texts { pointers.append(strdup(text)) }
    pointers.append(nil)
    return pointers
  }

  private static func variable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
}
