import Glibc
import SnowmakerModel

/// What an isolated plugin prints to standard output and standard error: passed on line by line, up to a limit for each
/// call, so that a plugin that prints without end neither stops nor fills the terminal.
struct PrintedOutput {
  /// Bytes passed on for one call.
  let limit: Int
  private let sink: (String) -> Void
  private var line: [UInt8] = []
  private var passed = 0
  private var dropped = 0

  /// A longer line is cut in two.
  private static let longestLine = 4096

  init(limit: Int, sink: @escaping (String) -> Void) {
    self.limit = limit
    self.sink = sink
  }

  /// Takes what was read.
  mutating func take(_ bytes: UnsafeRawBufferPointer) {
    let room = max(0, limit - passed)
    dropped += max(0, bytes.count - room)
    passed += min(room, bytes.count)
    for byte in bytes.prefix(room) {
      if byte == 0x0a || line.count >= Self.longestLine { endLine() }
      if byte != 0x0a { line.append(byte) }
    }
  }

  /// A call has ended: the last line is passed on, and the next call may print again.
  mutating func endCall() {
    if !line.isEmpty { endLine() }
    if dropped > 0 { sink("(\(counted(dropped, "byte")) more, not shown)") }
    passed = 0
    dropped = 0
  }

  private mutating func endLine() {
    sink(String(decoding: line, as: UTF8.self))
    line.removeAll(keepingCapacity: true)
  }
}
