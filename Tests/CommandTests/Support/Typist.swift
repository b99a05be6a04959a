import Glibc
import Testing

/// Somebody at a terminal: types what a command asks for.
final class Typist: Sendable {
  /// The terminal that a command is given as its input.
  let terminal: String
  private let keyboard: Int32

  init() throws {
    // posix_openpt and its relatives are hidden from Swift; these are Linux's TIOCSPTLCK and TIOCGPTN.
    keyboard = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var lock: Int32 = 0
    var number: Int32 = 0
    guard keyboard >= 0, ioctl(keyboard, 0x4004_5431, &lock) == 0, ioctl(keyboard, 0x8004_5430, &number) == 0 else {
      throw RunningTool.Failure(description: "no terminal can be made: \(String(cString: strerror(errno)))")
    }
    terminal = "/dev/pts/\(number)"
  }

  deinit { close(keyboard) }

  /// Types a line once the command has asked the question on standard error.
  func answer(_ line: String, to question: String, of tool: RunningTool) async throws {
    for _ in 0..<3000 {
      if Files.read(tool.errorFile)?.contains(question) == true {
        let text = Array((line + "\n").utf8)
        try #require(write(keyboard, text, text.count) == text.count)
        return
      }
      try await Task.sleep(for: .milliseconds(10))
    }
    throw RunningTool.Failure(description: "'\(question)' was not asked: \(Files.read(tool.errorFile) ?? "")")
  }
}
