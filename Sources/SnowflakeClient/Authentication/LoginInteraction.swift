import Glibc

/// What a login asks of the user: a page to be opened in a browser, and things to be told.
public struct LoginInteraction: Sendable {
  /// Opens an address in the user's browser; false when that is not possible.
  public var openBrowser: @Sendable (_ url: String) -> Bool
  /// Tells the user something: where to look, what to approve.
  public var tell: @Sendable (_ text: String) -> Void
  /// How long the user may take.
  public var patience: Duration

  /// By default the browser is what `$BROWSER` names or `xdg-open` finds, and the user is told on standard error.
  public init(
    openBrowser: @escaping @Sendable (_ url: String) -> Bool = { Browser.open($0) },
    tell: @escaping @Sendable (_ text: String) -> Void = { Browser.tell($0) }, patience: Duration = .seconds(180)
  ) {
    self.openBrowser = openBrowser
    self.tell = tell
    self.patience = patience
  }
}

/// The user's browser.
public enum Browser {
  /// Opens an address. False when it is none of the web's or no browser can be started.
  public static func open(_ url: String) -> Bool {
    guard url.hasPrefix("https://") || url.hasPrefix("http://"), url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { return false }
    let chosen = getenv("BROWSER").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } ?? "xdg-open"
    guard let program = strdup(chosen), let address = strdup(url) else { return false }
    defer {
      free(program)
      free(address)
    }
    var arguments: [UnsafeMutablePointer<CChar>?] = [program, address, nil]
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor in Int32(0)...2 {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    var child = pid_t()
    guard posix_spawnp(&child, chosen, &actions, nil, &arguments, environ) == 0 else { return false }
    // xdg-open ends at once, other browsers may stay; the system takes care of them when this process ends.
    usleep(200_000)
    var status: Int32 = 0
    return waitpid(child, &status, WNOHANG) == 0 || status == 0
  }

  /// Writes a line on standard error.
  public static func tell(_ text: String) {
    let line = Array((text + "\n").utf8)
    // Nobody is left to tell when this fails.
    _ = write(2, line, line.count)
  }
}
