import SnowmakerModel

/// The statements of the last while, for the table functions QUERY_HISTORY and its relatives. They are written down with
/// the next change, when their session ends, or a hundred at once.
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
  static let kept = 10_000
  /// How many of the latest are not written down yet.
  private var waiting = 0

  /// Takes what is to be written down.
  mutating func takeWaiting() -> [StorageChange] {
    defer { waiting = 0 }
    return entries.suffix(waiting).map { .past(.statement, $0.document) }
  }

  /// Adds a statement that has just ended. Answers whether it is time to write down those that wait.
  mutating func note(_ entry: Entry) -> Bool {
    add(entry)
    waiting += 1
    return waiting >= 100
  }

  mutating func add(_ entry: Entry) {
    entries.append(entry)
    // Now and then, many at once: taking one away from the front moves all the others.
    if entries.count > 2 * Self.kept { entries.removeFirst(entries.count - Self.kept) }
  }

  /// The next session's number after those of the entries.
  var nextSession: Int64 { (entries.map(\.session).max() ?? 0) + 1 }

  static let columns = [
    "QUERY_ID", "QUERY_TEXT", "SESSION_ID", "USER_NAME", "ROLE_NAME", "WAREHOUSE_NAME", "QUERY_TAG",
    "EXECUTION_STATUS", "ERROR_CODE", "ERROR_MESSAGE", "START_TIME", "END_TIME", "TOTAL_ELAPSED_TIME",
  ]

  /// The newest first. Passwords are covered in the text as the real account does.
  func table(limit: Int, where isShown: (Entry) -> Bool) -> VirtualTable {
    var table = VirtualTable(columns: Self.columns.map { ResultColumn(name: $0) }, rows: rows(limit, isShown))
    for index in [2, 12] { table.columns[index].type = .fixed }
    for index in [10, 11] { table.columns[index].type = .timestamp_ltz }
    return table
  }

  private func rows(_ limit: Int, _ isShown: (Entry) -> Bool) -> [[String?]] {
    entries.reversed().lazy.filter(isShown).prefix(limit).map { entry in
      [
        entry.queryID, Self.covered(entry.text), String(entry.session), entry.user, entry.role, entry.warehouse,
        entry.tag, entry.error == nil ? "SUCCESS" : "FAILED_WITH_ERROR", entry.error?.code, entry.error?.message,
        StatementRun.timestamp(entry.start), StatementRun.timestamp(entry.end), String(entry.end - entry.start),
      ]
    }
  }

  /// The text with passwords and other secrets covered.
  static func covered(_ text: String) -> String { SecretMask.mask(text, cover: "'********'") }
}

extension StatementHistory.Entry {
  /// As it is stored: secrets are covered.
  var document: Value {
    var fields: [Value.Field] = [
      .init("id", .string(queryID)), .init("text", .string(StatementHistory.covered(text))),
      .init("user", .string(user)), .init("session", .int(session)), .init("tag", .string(tag)),
      .init("created_on", .int(start)), .init("end", .int(end)),
    ]
    if let role { fields.append(.init("role", .string(role))) }
    if let warehouse { fields.append(.init("warehouse", .string(warehouse))) }
    if let error { fields.append(.init("error", ["code": .string(error.code), "message": .string(error.message)])) }
    return .object(fields)
  }

  init(_ document: Value) {
    queryID = document["id"].string ?? ""
    text = document["text"].string ?? ""
    user = document["user"].string ?? ""
    role = document["role"].string
    session = document["session"].int ?? 0
    warehouse = document["warehouse"].string
    tag = document["tag"].string ?? ""
    let failure = document["error"]
    error = failure["code"].string.map { ($0, failure["message"].string ?? "") }
    start = document["created_on"].int ?? 0
    end = document["end"].int ?? 0
  }
}
