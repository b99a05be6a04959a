/// The one place where a text becomes an SQL text literal.
public enum SQLLiteral {
  /// The text in single quotes, as Snowflake reads it back: quotes and backslashes (which start an escape sequence)
  /// doubled, line ends and tabs as escape sequences, so that a statement stays on one line and no editor or log
  /// changes its line ends. Other control characters are escape sequences too (`\u001b`): nothing in a statement that is
  /// shown controls a terminal.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/data-types-text#escape-sequences-in-single-quoted-string-constants>.
  public static func quote(_ text: String) -> String {
    var bytes: [UInt8] = [UInt8(ascii: "'")]
    bytes.reserveCapacity(text.utf8.count + 2)
    var isAfterC2 = false
    for byte in text.utf8 {
      // U+0080 to U+009F are control characters too; in UTF-8 C2 and the byte.
      if isAfterC2, byte < 0xa0 {
        bytes.removeLast()
        bytes += escape(byte)
        isAfterC2 = false
        continue
      }
      isAfterC2 = byte == 0xc2
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\\"): bytes += [byte, byte]
      case UInt8(ascii: "\n"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
      case UInt8(ascii: "\r"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
      case UInt8(ascii: "\t"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
      case 0..<0x20, 0x7f: bytes += escape(byte)
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "'"))
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func escape(_ code: UInt8) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    return Array("\\u00".utf8) + [digits[Int(code >> 4)], digits[Int(code & 15)]]
  }
}
