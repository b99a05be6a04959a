/// The statements of a text, by where they lie.
enum StatementTexts {
  /// The semicolons of a block (`AS BEGIN … END`, `THEN BEGIN … END`, `MODIFY ACTION BEGIN … END`) are its own; BEGIN at the start of a statement
  /// opens a transaction. Throws when the text cannot be tokenised.
  static func ranges(_ bytes: [UInt8]) throws(StatementFailure) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var start: Int?
    var end = 0
    var depth = 0
    let tokens = try Lexer.tokens(bytes)
    for (index, token) in tokens.enumerated() {
      if token.kind == .end || depth == 0 && token.kind == .symbol && token.text == ";" {
        if let start { result.append(start..<end) }
        start = nil
        continue
      }
      start = start ?? token.start
      end = token.end
      guard token.kind == .word else { continue }
      let before = index > 0 ? tokens[index - 1].upper : ""
      let next = tokens[index + 1]
      switch token.upper {
      // `SELECT 1 AS BEGIN` has no statement after it.
      case "BEGIN"
      where depth > 0 || ["AS", "THEN", "ACTION"].contains(before) && next.kind == .word && next.upper != "FROM":
        depth += 1
      case "CASE" where depth > 0 && before != "END": depth += 1
      case "END" where depth > 0 && !["IF", "LOOP", "FOR", "WHILE", "REPEAT"].contains(next.upper): depth -= 1
      default: break
      }
    }
    return result
  }
}
