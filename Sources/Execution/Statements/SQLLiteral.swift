/// The one place where a value becomes a SQL text literal.
public enum SQLLiteral {
  /// The text in single quotes, as Snowflake reads it back: quotes doubled, backslashes (which start an escape inside
  /// single quotes) doubled too.
  public static func quote(_ text: String) -> String {
    var result = "'"
    result.reserveCapacity(text.utf8.count + 2)
    for scalar in text.unicodeScalars {
      if scalar == "'" || scalar == "\\" { result.unicodeScalars.append(scalar) }
      result.unicodeScalars.append(scalar)
    }
    return result + "'"
  }
}
