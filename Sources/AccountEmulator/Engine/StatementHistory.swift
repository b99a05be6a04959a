/// The statements of the last while, for the table functions QUERY_HISTORY and its relatives. It is not kept when the
/// emulator ends.
struct StatementHistory {
  /// One statement that ended.
  struct Entry {
    var queryID: String
    var text: String
    var user: String
    var role: String?
    var session: Int64
    var warehouse: String?
    var tag: String
    /// Code and text; nil when it worked.
    var error: (code: String, message: String)?
    /// Milliseconds since 1970.
    var start: Int64
    var end: Int64
  }

  private(set) var entries: [Entry] = []
  private static let kept = 10_000

  mutating func add(_ entry: Entry) {
    entries.append(entry)
    // Now and then, many at once: taking one away from the front moves all the others.
    if entries.count > 2 * Self.kept { entries.removeFirst(entries.count - Self.kept) }
  }

  static let columns = [
    "QUERY_ID", "QUERY_TEXT", "SESSION_ID", "USER_NAME", "ROLE_NAME", "WAREHOUSE_NAME", "QUERY_TAG",
    "EXECUTION_STATUS", "ERROR_CODE", "ERROR_MESSAGE", "START_TIME", "END_TIME", "TOTAL_ELAPSED_TIME",
  ]

  /// Rows, the newest first. Passwords are covered in the text as the real account does.
  func rows(limit: Int, where isShown: (Entry) -> Bool) -> [[String?]] {
    entries.reversed().lazy.filter(isShown).prefix(limit).map { entry in
      [
        entry.queryID, Self.covered(entry.text), String(entry.session), entry.user, entry.role, entry.warehouse,
        entry.tag, entry.error == nil ? "SUCCESS" : "FAILED_WITH_ERROR", entry.error?.code, entry.error?.message,
        String(entry.start / 1000), String(entry.end / 1000), String(entry.end - entry.start),
      ]
    }
  }

  /// The text with the literal after PASSWORD = covered.
  private static func covered(_ text: String) -> String {
    let upper = text.uppercased()
    guard upper.utf8.count == text.utf8.count, let word = upper.firstRange(of: "PASSWORD = '") else { return text }
    let start = text.utf8.index(
      text.utf8.startIndex, offsetBy: upper.utf8.distance(from: upper.startIndex, to: word.upperBound))
    var end = start
    while end < text.utf8.endIndex, text.utf8[end] != UInt8(ascii: "'") { end = text.utf8.index(after: end) }
    return text[..<start] + "********" + text[end...]
  }
}
