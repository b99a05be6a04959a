import Glibc

/// Ctrl-C, SIGTERM and the loss of the terminal (SIGHUP, unless `nohup` has it ignored) while statements run: the first
/// asks to stop cleanly, the second ends the process at once.
struct Interrupts: Sendable {
  init() {
    interruptCount = 0
    for number in [SIGINT, SIGTERM, SIGHUP] where number != SIGHUP || !Self.isIgnored(number) {
      signal(number) { _ in
        interruptCount += 1
        if interruptCount > 1 { _exit(130) }
      }
    }
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var now = sigaction()
    guard sigaction(number, nil, &now) == 0 else { return false }
    return unsafeBitCast(now.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// Whether the user asked to stop.
  var wasInterrupted: Bool { interruptCount > 0 }
}

/// Written by the signal handler only, read anywhere; a torn read is impossible for a word.
nonisolated(unsafe) private var interruptCount: Int32 = 0
