/// The class a statement is counted under: its leading keywords without the names, such as `SHOW GRANTS TO ROLE`,
/// `DESC USER`, `CREATE`.
public enum StatementClass {
  /// The class of a statement.
  public static func of(_ sql: String) -> String {
    let words = leadingWords(sql)
    guard let first = words.first else { return "" }
    switch first {
    case "SHOW": return show(words)
    case "DESC", "DESCRIBE": return join(["DESC"] + words.dropFirst().prefix(upTo(words, ["USER"], 1)))
    case "CREATE", "ALTER", "DROP":
      let noise: Set<String> = ["OR", "REPLACE", "TRANSIENT", "TEMPORARY", "SECURE"]
      return join([first] + words.dropFirst().filter { !noise.contains($0) }.prefix(1))
    case "GRANT", "REVOKE", "SELECT", "WITH", "CALL", "EXECUTE", "INSERT", "UPDATE", "DELETE", "MERGE": return first
    case "USE": return join(words.prefix(2))
    default: return join(words.prefix(1))
    }
  }

  /// `SHOW …` up to its scope: what is shown, then a preposition and the kind of thing it is followed by.
  private static func show(_ words: [String]) -> String {
    var out: [String] = []
    var index = 0
    while index < words.count {
      let word = words[index]
      if ["LIKE", "STARTS", "LIMIT", "HISTORY"].contains(word) { break }
      out.append(word)
      if ["TO", "OF", "ON", "IN", "FOR"].contains(word) {
        if index + 1 < words.count { out.append(words[index + 1]) }
        if index + 2 < words.count, words[index + 1] == "DATABASE", words[index + 2] == "ROLE" { out.append("ROLE") }
        break
      }
      index += 1
    }
    return join(out)
  }

  private static func upTo(_ words: [String], _ known: Set<String>, _ usual: Int) -> Int {
    // Kinds of two words: NETWORK POLICY, FILE FORMAT, DATABASE ROLE …
    let second: Set<String> = [
      "POLICY", "RULE", "FORMAT", "ROLE", "INTEGRATION", "TABLE", "VIEW", "MONITOR", "GROUP", "REPOSITORY", "POOL",
    ]
    return words.count > 2 && !known.contains(words[1]) && second.contains(words[2]) ? 2 : usual
  }

  private static func join(_ words: some Sequence<String>) -> String { words.joined(separator: " ") }

  /// The first words in upper case, up to the first character that belongs to no keyword; at most 12.
  private static func leadingWords(_ sql: String) -> [String] {
    var words: [String] = []
    var word: [UInt8] = []
    for byte in sql.utf8 {
      let upper = byte >= 0x61 && byte <= 0x7A ? byte - 32 : byte
      if upper >= 0x41 && upper <= 0x5A || (upper == 0x5F && !word.isEmpty) {
        word.append(upper)
        continue
      }
      let isSpace = byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
      if !word.isEmpty {
        words.append(String(decoding: word, as: UTF8.self))
        word.removeAll()
      }
      if !isSpace || words.count == 12 { return words }
    }
    if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
    return words
  }
}
