import CSQLite
import Glibc

/// A value bound to a statement.
enum SQLiteValue {
  case null
  case integer(Int64)
  case text(String)
  case blob([UInt8])

  static func optional(_ text: String?) -> SQLiteValue { text.map { .text($0) } ?? .null }
}

/// A connection to SQLite with its prepared statements; used by one thread at a time (the storage's mutex).
final class SQLiteDatabase {
  private var handle: OpaquePointer?
  private var prepared: [String: OpaquePointer] = [:]

  /// Opens the file, or makes it for its owner alone: it holds digests of passwords and tokens.
  init(path: String) throws(EmulatorStorageFailure) {
    // SQLite gives the files beside it the same mode. What is wrong with the path SQLite says below.
    if path != ":memory:" {
      let made = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      if made >= 0 { close(made) }
    }
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    guard sqlite3_open_v2(path, &handle, flags, nil) == SQLITE_OK else {
      let reason = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
      sqlite3_close_v2(handle)
      throw EmulatorStorageFailure(description: "cannot open \(path): \(reason)")
    }
  }

  deinit {
    for statement in prepared.values { sqlite3_finalize(statement) }
    sqlite3_close_v2(handle)
  }

  /// Whether the last failure was another connection's lock.
  var isBusy: Bool {
    let code = sqlite3_errcode(handle)
    return code == SQLITE_BUSY || code == SQLITE_LOCKED
  }

  private var failure: EmulatorStorageFailure {
    EmulatorStorageFailure(description: "SQLite: \(String(cString: sqlite3_errmsg(handle)))")
  }

  /// Runs statements without values.
  func run(_ sql: String) throws(EmulatorStorageFailure) {
    guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw failure }
  }

  /// The one number a query answers.
  func integer(_ sql: String) throws(EmulatorStorageFailure) -> Int64 {
    var result: Int64 = 0
    try query(sql, []) { result = $0.integer(0) }
    return result
  }

  /// Runs a statement with values.
  func execute(_ sql: String, _ values: [SQLiteValue]) throws(EmulatorStorageFailure) {
    try query(sql, values) { _ in }
  }

  /// Runs a query and hands over each row.
  func query(_ sql: String, _ values: [SQLiteValue], row: (SQLiteRow) -> Void) throws(EmulatorStorageFailure) {
    let statement = try prepare(sql)
    defer {
      sqlite3_reset(statement)
      sqlite3_clear_bindings(statement)
    }
    for (index, value) in values.enumerated() {
      guard bind(value, to: statement, at: Int32(index + 1)) == SQLITE_OK else { throw failure }
    }
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW: row(SQLiteRow(statement: statement))
      case SQLITE_DONE: return
      default: throw failure
      }
    }
  }

  private func prepare(_ sql: String) throws(EmulatorStorageFailure) -> OpaquePointer {
    if let statement = prepared[sql] { return statement }
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK, let statement else { throw failure }
    prepared[sql] = statement
    return statement
  }

  private func bind(_ value: SQLiteValue, to statement: OpaquePointer, at index: Int32) -> Int32 {
    // SQLITE_TRANSIENT: SQLite copies the bytes before the call returns.
    let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    switch value {
    case .null: return sqlite3_bind_null(statement, index)
    case .integer(let number): return sqlite3_bind_int64(statement, index, number)
    case .text(let text): return sqlite3_bind_text(statement, index, text, Int32(text.utf8.count), transient)
    case .blob(let bytes): return sqlite3_bind_blob(statement, index, bytes, Int32(bytes.count), transient)
    }
  }
}

/// A row while it is current.
struct SQLiteRow {
  fileprivate let statement: OpaquePointer

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
  func text(_ column: Int32) -> String? {
    guard let bytes = sqlite3_column_text(statement, column) else { return nil }
    let count = Int(sqlite3_column_bytes(statement, column))
    return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  }
  func blob(_ column: Int32) -> [UInt8] {
    guard let bytes = sqlite3_column_blob(statement, column) else { return [] }
    return Array(UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, column))))
  }
}
