import Glibc
import Synchronization
import Testing

/// Somebody at a terminal: types what a command asks for, and reads what it shows there.
final class Typist: Sendable {
  /// The terminal that a command is given.
  let terminal: String
  private let keyboard: Int32
  private let seen = Mutex<[UInt8]>([])

  init() throws {
    // posix_openpt and its relatives are hidden from Swift; these are Linux's TIOCSPTLCK and TIOCGPTN.
    keyboard = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
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

  /// Everything that was written to the terminal so far, with CR LF for a line's end as terminals get it.
  var screen: String {
    seen.withLock { seen in
      var piece = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = read(keyboard, &piece, piece.count)
        guard count > 0 else { break }
        seen += piece[..<count]
      }
      return String(decoding: seen, as: UTF8.self)
    }
  }

  /// Waits until the terminal shows `text`. A terminal that nobody reads stops the command when it is full.
  func sees(_ text: String) async throws {
    for _ in 0..<3000 {
      if screen.contains(text) { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    throw RunningTool.Failure(description: "'\(text)' was not shown: \(screen)")
  }

  /// How the terminal is set: echo, line editing, what keys do.
  func settings() throws -> [UInt8] {
    var settings = termios()
    try #require(tcgetattr(keyboard, &settings) == 0)
    return withUnsafeBytes(of: settings) { Array($0) }
  }
}
