/// Cuts a text of SQL into its statements.
public enum SQLText {
  /// A statement and where it begins in the text that it was cut from.
  public struct Statement: Sendable, Equatable {
    /// The statement without its semicolon.
    public let text: String
    /// The line in which it begins, from 1.
    public let line: Int
    /// The place in that line, from 1, in characters.
    public let column: Int

    /// A statement that begins at this place, both counted from 1.
    public init(text: String, line: Int = 1, column: Int = 1) {
      self.text = text
      self.line = line
      self.column = column
    }

    /// The place in the whole text of what the account calls a line (from 1) and a position in it (from 0) of the
    /// statement.
    public func place(line: Int, position: Int) -> (line: Int, column: Int) {
      line <= 1 ? (self.line, column + position) : (self.line + line - 1, position + 1)
    }
  }

  /// The statements of a text without their semicolons, empty ones and those of comments alone left out.
  ///
  /// Strings, quoted names, `$$` bodies and comments are left whole, and so is a block of Snowflake Scripting (`DECLARE`
  /// or `BEGIN` up to its `END`).
  public static func statements(_ text: String) -> [String] { located(text).map(\.text) }

  /// The statements of a text, as `statements` gives them, and where each begins.
  public static func located(_ text: String) -> [Statement] {
    var splitter = Splitter(Array(text.utf8))
    return splitter.run()
  }
}

private struct Splitter {
  private let bytes: [UInt8]
  private var position = 0
  private var start = 0
  private var words: [String] = []
  /// How many blocks are open; counted in scripting statements only.
  private var depth = 0
  private var hasContent = false
  private var found: [SQLText.Statement] = []
  /// How many lines end before `counted`, and where the last of them does.
  private var lines = 0
  private var lineStart = 0
  private var counted = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func run() -> [SQLText.Statement] {
    while position < bytes.count { step() }
    end()
    return found
  }

  private mutating func step() {
    let byte = bytes[position]
    let following = position + 1 < bytes.count ? bytes[position + 1] : 0
    switch byte {
    case UInt8(ascii: "'"): quoted(byte, hasBackslashes: true)
    case UInt8(ascii: "\""): quoted(byte, hasBackslashes: false)
    case UInt8(ascii: "$") where following == byte: dollars()
    case UInt8(ascii: "-") where following == byte, UInt8(ascii: "/") where following == byte: line()
    case UInt8(ascii: "/") where following == UInt8(ascii: "*"): comment()
    case UInt8(ascii: ";"):
      let isTransaction = words.count == 1 && words[0] == "BEGIN"
      if depth == 0 || isTransaction { end() } else { words.append(";") }
      position += 1
      if depth == 0 { start = position }
    case _ where Self.isWord(byte): word()
    default:
      if byte > 0x20 { hasContent = true }
      position += 1
    }
  }

  private mutating func end() {
    if hasContent {
      let cut = bytes[start..<min(position, bytes.count)]
      let text = trimmingSpace(Substring(String(decoding: cut, as: UTF8.self)))
      if !text.isEmpty { found.append(located(String(text), at: cut.firstIndex { $0 > 0x20 } ?? start)) }
    }
    hasContent = false
    words.removeAll()
    depth = 0
    start = position + 1
  }

  private mutating func located(_ text: String, at begin: Int) -> SQLText.Statement {
    while counted < begin {
      counted += 1
      guard bytes[counted - 1] == 0x0A else { continue }
      lines += 1
      lineStart = counted
    }
    let column = String(decoding: bytes[lineStart..<begin], as: UTF8.self).count + 1
    return SQLText.Statement(text: text, line: lines + 1, column: column)
  }

  private mutating func quoted(_ mark: UInt8, hasBackslashes: Bool) {
    hasContent = true
    position += 1
    while position < bytes.count {
      if hasBackslashes, bytes[position] == UInt8(ascii: "\\") {
        position += 2
        continue
      }
      position += 1
      // A doubled mark closes and opens again, which is the same as going on.
      if bytes[position - 1] == mark { return }
    }
    position = bytes.count
  }

  private mutating func dollars() {
    hasContent = true
    position += 2
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "$"), position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "$") {
        position += 2
        return
      }
      position += 1
    }
  }

  private mutating func line() {
    while position < bytes.count, bytes[position] != 0x0A { position += 1 }
  }

  private mutating func comment() {
    position += 2
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "*"), position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "/") {
        position += 2
        return
      }
      position += 1
    }
  }

  private mutating func word() {
    hasContent = true
    let first = position
    while position < bytes.count, Self.isWord(bytes[position]) { position += 1 }
    let text = String(decoding: bytes[first..<position], as: UTF8.self).uppercased()
    defer { words.append(text) }
    if words.isEmpty {
      if text == "DECLARE" || text == "BEGIN" { depth = 1 }
      return
    }
    guard depth > 0 else { return }
    let previous = words[words.count - 1]
    // BEGIN TRANSACTION, BEGIN WORK and BEGIN NAME x begin no block.
    if words == ["BEGIN"], ["TRANSACTION", "WORK", "NAME"].contains(text) {
      depth = 0
      return
    }
    if words[0] == "DECLARE", text == "BEGIN", depth == 1, !words.contains("BEGIN") { return }
    switch text {
    case "BEGIN", "CASE": if previous != "END" { depth += 1 }
    case "IF": if previous != "END", previous == ";" || Self.opensAfter.contains(previous) { depth += 1 }
    case "LOOP", "FOR", "WHILE", "REPEAT":
      if previous == ";" || Self.opensAfter.contains(previous) { depth += 1 }
    case "END": depth = max(0, depth - 1)
    default: break
    }
  }

  /// What stands before a statement inside a block.
  private static let opensAfter: Set<String> = ["BEGIN", "THEN", "ELSE", "DO", "LOOP", "REPEAT"]

  private static func isWord(_ byte: UInt8) -> Bool {
    byte >= 0x80 || byte == 0x5F || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) && byte >= 0x41
  }
}
