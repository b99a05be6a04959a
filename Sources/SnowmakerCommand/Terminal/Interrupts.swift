import Glibc

/// Ctrl-C and SIGTERM while statements run: the first asks to stop cleanly, the second ends the process at once.
struct Interrupts: Sendable {
  init() {
    interruptCount = 0
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in
        interruptCount += 1
        if interruptCount > 1 { _exit(130) }
      }
    }
  }

  /// Whether the user asked to stop.
  var wasInterrupted: Bool { interruptCount > 0 }
}

/// Written by the signal handler only, read anywhere; a torn read is impossible for a word.
nonisolated(unsafe) private var interruptCount: Int32 = 0
