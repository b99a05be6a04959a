import CSQLite

// Unsafe pointers of SQLite live in this file only.

/// What SQLite says went wrong.
struct SQLiteError: Error, Sendable {
  /// The extended result code.
  var code: Int32
  var message: String

  /// The code without its extension.
  var primary: Int32 { code & 0xff }
}

/// A value in a database.
enum SQLiteValue: Sendable {
  case null
  case int(Int64)
  case text(String)
  case blob([UInt8])

  /// The text, or NULL.
  static func text(_ text: String?) -> SQLiteValue { if let text { .text(text) } else { .null } }
  /// The number, or NULL.
  static func int(_ number: Int?) -> SQLiteValue { if let number { .int(Int64(number)) } else { .null } }
}

/// A connection to one database file. Not safe for use from several threads at once.
final class SQLiteConnection {
  private let handle: OpaquePointer
  private var prepared: [String: OpaquePointer] = [:]

  /// Opens the file; `flags` are SQLite's. Throws when it cannot be opened.
  init(path: String, flags: Int32) throws(SQLiteError) {
    var handle: OpaquePointer?
    let code = sqlite3_open_v2(path, &handle, flags | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOMUTEX, nil)
    guard code == SQLITE_OK, let handle else {
      let message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
      sqlite3_close_v2(handle)
      throw SQLiteError(code: code, message: message)
    }
    self.handle = handle
    sqlite3_busy_timeout(handle, 5_000)
  }

  deinit {
    for statement in prepared.values { sqlite3_finalize(statement) }
    sqlite3_close_v2(handle)
  }

  /// Runs statements that bring no rows.
  func execute(_ sql: String) throws(SQLiteError) {
    try check(sqlite3_exec(handle, sql, nil, nil, nil))
  }

  /// Runs one statement; it is kept prepared for the next time.
  func run(_ sql: String, _ values: [SQLiteValue] = []) throws(SQLiteError) {
    try query(sql, values) { _ in }
  }

  /// Runs one query and calls `body` for each row.
  func query(_ sql: String, _ values: [SQLiteValue] = [], _ body: (Row) -> Void) throws(SQLiteError) {
    let statement = try prepare(sql)
    defer {
      sqlite3_reset(statement)
      sqlite3_clear_bindings(statement)
    }
    for (index, value) in values.enumerated() { try check(bind(value, statement, Int32(index + 1))) }
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW: body(Row(statement: statement))
      case SQLITE_DONE: return
      case let code: throw failure(code)
      }
    }
  }

  /// The number in the only column of the only row.
  func number(_ sql: String, _ values: [SQLiteValue] = []) throws(SQLiteError) -> Int64? {
    var number: Int64?
    try query(sql, values) { number = $0.int(0) }
    return number
  }

  /// How many rows the last statement changed.
  var changes: Int { Int(sqlite3_changes(handle)) }

  /// A row, valid only inside the closure it is given to.
  struct Row {
    fileprivate let statement: OpaquePointer

    func int(_ column: Int32) -> Int64? {
      sqlite3_column_type(statement, column) == SQLITE_NULL ? nil : sqlite3_column_int64(statement, column)
    }

    func text(_ column: Int32) -> String? {
      guard let bytes = sqlite3_column_text(statement, column) else { return nil }
      let count = Int(sqlite3_column_bytes(statement, column))
      return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    func blob(_ column: Int32) -> [UInt8]? {
      guard let bytes = sqlite3_column_blob(statement, column) else { return nil }
      return [UInt8](UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, column))))
    }
  }

  private func prepare(_ sql: String) throws(SQLiteError) -> OpaquePointer {
    if let statement = prepared[sql] { return statement }
    var statement: OpaquePointer?
    try check(sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil))
    guard let statement else { throw SQLiteError(code: SQLITE_MISUSE, message: "an empty statement") }
    prepared[sql] = statement
    return statement
  }

  private func bind(_ value: SQLiteValue, _ statement: OpaquePointer, _ index: Int32) -> Int32 {
    // SQLITE_TRANSIENT: SQLite copies the bytes before the call returns.
    let copy = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    switch value {
    case .null: return sqlite3_bind_null(statement, index)
    case .int(let number): return sqlite3_bind_int64(statement, index, number)
    case .text(let text): return sqlite3_bind_text(statement, index, text, Int32(text.utf8.count), copy)
    case .blob(let bytes): return sqlite3_bind_blob(statement, index, bytes, Int32(bytes.count), copy)
    }
  }

  private func check(_ code: Int32) throws(SQLiteError) {
    if code != SQLITE_OK { throw failure(code) }
  }

  private func failure(_ code: Int32) -> SQLiteError {
    SQLiteError(code: code, message: String(cString: sqlite3_errmsg(handle)))
  }
}
