import Glibc
import SnowmakerModel

/// The bytes of one file, and where its lines begin.
final class SourceText: Sendable {
  let file: String
  let bytes: [UInt8]

  /// Configuration files larger than this are refused.
  static let maximumBytes = 16 << 20

  init(file: String, bytes: [UInt8]) {
    self.file = file
    self.bytes = bytes
  }

  /// Reads a file. Throws a diagnostic when it cannot be read or is too large.
  static func read(_ path: String) throws(Diagnostic) -> SourceText {
    let top = SourcePosition(file: path, line: 1, column: 1)
    func failure(_ code: Int32) -> Diagnostic {
      .error("cannot read '\(path)': \(String(cString: strerror(code)))", code: "unreadable-file", position: top)
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .error("'\(path)' is not a file", code: "unreadable-file", position: top)
    }
    guard status.st_size <= maximumBytes else {
      throw .error(
        "'\(path)' has \(status.st_size) bytes, the limit is \(maximumBytes)", detail: "split it into several files",
        code: "file-too-large", position: top)
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: max(4096, Int(status.st_size) + 1))
    while bytes.count <= maximumBytes {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw failure(errno)
      }
      if count == 0 { break }
      bytes.append(contentsOf: chunk[..<count])
    }
    return SourceText(file: path, bytes: bytes)
  }

  /// The position of a byte.
  func position(ofByte offset: Int) -> SourcePosition {
    var line = 1
    var lineStart = 0
    for index in 0..<min(offset, bytes.count) where bytes[index] == 0x0a {
      line += 1
      lineStart = index + 1
    }
    let column = bytes[lineStart..<max(lineStart, min(offset, bytes.count))].count { $0 & 0xc0 != 0x80 } + 1
    return SourcePosition(file: file, line: line, column: column)
  }

  /// The first byte that is not UTF-8, nil when all are.
  var firstInvalidByte: Int? {
    if String(validating: bytes, as: UTF8.self) != nil { return nil }
    var low = 0
    var offset = 0
    // Walks the scalars; only ever runs for a file that is refused.
    while offset < bytes.count {
      let length = Self.sequenceLength(bytes[offset])
      low = offset
      guard length > 0, offset + length <= bytes.count,
        String(validating: bytes[offset..<(offset + length)], as: UTF8.self) != nil
      else { return low }
      offset += length
    }
    return low
  }

  private static func sequenceLength(_ byte: UInt8) -> Int {
    switch byte {
    case 0x00...0x7f: 1
    case 0xc2...0xdf: 2
    case 0xe0...0xef: 3
    case 0xf0...0xf4: 4
    default: 0
    }
  }

  /// The line's bytes, without its end; lines count from one.
  func line(_ number: Int) -> ArraySlice<UInt8> {
    let start = lineStart(number)
    let end = bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
    return bytes[start..<end]
  }

  private func lineStart(_ number: Int) -> Int {
    var line = 1
    var index = 0
    while line < number, index < bytes.count {
      if bytes[index] == 0x0a { line += 1 }
      index += 1
    }
    return index
  }

  /// Where `offset` (in bytes) of the expression `text` stands: it is looked for between the scalar's first and last line,
  /// `occurrence` times. The scalar's own position when it is written with escapes or folded.
  func position(of offset: Int, in text: Substring, occurrence: Int, from start: SourcePosition, endLine: Int)
    -> SourcePosition
  {
    let needle = Array(text.utf8)
    guard !needle.isEmpty else { return start }
    var at = lineStart(start.line)
    var columns = start.column - 1
    while columns > 0, at < bytes.count {
      at += max(1, Self.sequenceLength(bytes[at]))
      columns -= 1
    }
    let end = min(bytes.count, lineStart(max(endLine, start.line) + 1))
    var left = occurrence
    while at + needle.count <= end {
      if bytes[at] == needle[0], bytes[at..<(at + needle.count)].elementsEqual(needle) {
        if left == 0 { return position(ofByte: at + offset) }
        left -= 1
        at += needle.count
      } else {
        at += 1
      }
    }
    return start
  }
}
