import SnowmakerModel

/// Constants of semi-structured types: `{'key': value}` and `[value, value]`, which say what OBJECT_CONSTRUCT and
/// ARRAY_CONSTRUCT do.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/data-types-semistructured> (OBJECT constants, ARRAY constants).
extension Parser {
  static let callsWithoutParentheses: Set<String> = [
    "CURRENT_USER", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP", "SYSTIMESTAMP",
  ]

  /// `X'0A'`, `DATE '2026-11-21'`, `TIME '…'`, `TIMESTAMP '…'`; nil when none comes next.
  mutating func typedConstant() -> Expression? {
    let (word, text) = (current, peek())
    guard word.kind == .word, text.kind == .string else { return nil }
    switch word.upper {
    case "X" where text.start == word.end:
      advance()
      advance()
      return .call("TO_BINARY", [.string(text.text), .string("HEX")])
    case "DATE", "TIME", "TIMESTAMP", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ":
      advance()
      advance()
      return .cast(.string(text.text), word.upper)
    default: return nil
    }
  }

  mutating func objectConstant() throws(StatementFailure) -> Expression {
    try expectSymbol("{")
    if isSymbol("*") { throw .unsupported("{*}") }
    var arguments: [Expression] = []
    if acceptSymbol("}") { return .call("OBJECT_CONSTRUCT", []) }
    repeat {
      guard current.kind == .string else { throw unexpected() }
      arguments.append(.string(current.text))
      advance()
      try colon()
      arguments.append(try condition())
    } while acceptSymbol(",")
    try expectSymbol("}")
    return .call("OBJECT_CONSTRUCT", arguments)
  }

  /// The colon after a key. `:name` and `:1` are read as placeholders; here what follows the colon is a value.
  private mutating func colon() throws(StatementFailure) {
    let token = current
    guard token.kind == .placeholder, !token.text.isEmpty else { return try expectSymbol(":") }
    let isNumber = token.text.utf8.allSatisfy(Ascii.isDigit)
    guard isNumber || token.text.utf8.first.map(Ascii.isDigit) != true else { throw unexpected() }
    var value = Token(
      kind: isNumber ? .number : .word, text: token.text, upper: token.text.uppercased(), start: token.start + 1,
      end: token.end)
    // `:1.5` came as `:1` and `.5`.
    let next = peek()
    if isNumber, next.kind == .number, next.start == token.end, next.text.hasPrefix(".") {
      value.text += next.text
      value.end = next.end
      advance()
    }
    reread(as: value)
  }

  mutating func arrayConstant() throws(StatementFailure) -> Expression {
    try expectSymbol("[")
    var items: [Expression] = []
    if acceptSymbol("]") { return .call("ARRAY_CONSTRUCT", []) }
    repeat { items.append(try condition()) } while acceptSymbol(",")
    try expectSymbol("]")
    return .call("ARRAY_CONSTRUCT", items)
  }
}
