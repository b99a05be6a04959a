/// Statements that are about statements, which the wire knows and the engine does not.
enum WireStatement: Equatable {
  /// `SELECT * FROM TABLE(RESULT_SCAN('<query id>'))`: what drivers send to fetch an asynchronous result.
  case resultScan(String)
  /// `SELECT SYSTEM$CANCEL_QUERY('<query id>')`
  case cancelQuery(String)
  /// `SELECT` or `CALL SYSTEM$WAIT(n [, unit])`, and the text it answers.
  case wait(Duration, String)

  /// The statement of a text, nil when it is any other.
  static func recognise(_ sql: String) -> WireStatement? {
    guard sql.utf8.count < 300, sql.utf8.contains(UInt8(ascii: "(")) else { return nil }
    let text = String(sql.lowercased().filter { !$0.isWhitespace && $0 != ";" })
    if let id = quoted(text, after: "select*fromtable(result_scan(", before: "))") { return .resultScan(id) }
    if let id = quoted(text, after: "selectsystem$cancel_query(", before: ")") { return .cancelQuery(id) }
    for prefix in ["selectsystem$wait(", "callsystem$wait("] {
      if let arguments = middle(text, after: prefix, before: ")") { return wait(arguments) }
    }
    return nil
  }

  private static func wait(_ arguments: String) -> WireStatement? {
    let parts = arguments.split(separator: ",", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let amount = Int(parts[0]), (0...1_000_000).contains(amount) else {
      return nil
    }
    let unit = parts.count == 2 ? parts[1].filter { $0 != "'" } : "seconds"
    switch unit {
    case "milliseconds": return .wait(.milliseconds(amount), "waited \(amount) milliseconds")
    case "seconds": return .wait(.seconds(amount), "waited \(amount) seconds")
    case "minutes": return .wait(.seconds(amount * 60), "waited \(amount) minutes")
    default: return nil
    }
  }

  private static func middle(_ text: String, after prefix: String, before suffix: String) -> String? {
    guard text.hasPrefix(prefix), text.hasSuffix(suffix), text.utf8.count >= prefix.utf8.count + suffix.utf8.count
    else { return nil }
    return String(text.dropFirst(prefix.count).dropLast(suffix.count))
  }

  private static func quoted(_ text: String, after prefix: String, before suffix: String) -> String? {
    guard let inner = middle(text, after: prefix, before: suffix), inner.utf8.count > 2, inner.hasPrefix("'"),
      inner.hasSuffix("'")
    else { return nil }
    let id = inner.dropFirst().dropLast()
    return id.contains("'") ? nil : String(id)
  }
}
