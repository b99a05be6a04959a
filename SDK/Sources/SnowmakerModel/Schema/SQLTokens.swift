/// Compares SQL texts by their tokens: white space, comments, case of bare words and a closing `;` do not matter.
public enum SQLTokens {
  /// Whether two SQL texts consist of the same tokens.
  public static func equal(_ left: String, _ right: String) -> Bool { left == right || tokens(left) == tokens(right) }

  /// The tokens: words in upper case, quoted text exact, punctuation one character each.
  public static func tokens(_ sql: String) -> [String] {
    let bytes = Array(sql.utf8)
    var tokens: [String] = []
    var at = 0
    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    while at < bytes.count {
      let byte = bytes[at]
      let next = at + 1 < bytes.count ? bytes[at + 1] : 0
      if byte == 0x20 || (0x09...0x0d).contains(byte) {
        at += 1
      } else if byte == UInt8(ascii: "-"), next == UInt8(ascii: "-") {
        while at < bytes.count, bytes[at] != 0x0a { at += 1 }
      } else if byte == UInt8(ascii: "/"), next == UInt8(ascii: "*") {
        at += 2
        while at < bytes.count,
          !(bytes[at] == UInt8(ascii: "*") && at + 1 < bytes.count && bytes[at + 1] == UInt8(ascii: "/"))
        { at += 1 }
        at = min(at + 2, bytes.count)
      } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        let start = at
        at += 1
        while at < bytes.count, bytes[at] != byte {
          at += bytes[at] == UInt8(ascii: "\\") && byte == UInt8(ascii: "'") ? 2 : 1
        }
        at = min(at + 1, bytes.count)
        tokens.append(text(start..<at))
      } else if isWord(byte) {
        let start = at
        while at < bytes.count, isWord(bytes[at]) { at += 1 }
        tokens.append(text(start..<at).uppercased())
      } else {
        tokens.append(text(at..<(at + 1)))
        at += 1
      }
    }
    while tokens.last == ";" { tokens.removeLast() }
    return tokens
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    byte >= 0x80 || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$")
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }
}
