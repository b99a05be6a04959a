/// The one place where a text becomes an SQL text literal.
public enum SQLLiteral {
  /// The text in single quotes, as Snowflake reads it back: quotes and backslashes (which start an escape sequence)
  /// doubled, line ends and tabs as escape sequences, so that a statement stays on one line and no editor or log
  /// changes its line ends.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/data-types-text#escape-sequences-in-single-quoted-string-constants>.
  public static func quote(_ text: String) -> String {
    var bytes: [UInt8] = [UInt8(ascii: "'")]
    bytes.reserveCapacity(text.utf8.count + 2)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\\"): bytes += [byte, byte]
      case UInt8(ascii: "\n"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
      case UInt8(ascii: "\r"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
      case UInt8(ascii: "\t"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "'"))
    return String(decoding: bytes, as: UTF8.self)
  }
}
