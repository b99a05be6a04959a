import AccountEmulator
import EmulatedTypes
import Glibc
import SnowmakerModel

/// Statements against an engine. Nothing may crash or be answered irregularly, and at the end of each batch the account
/// as it was stored must be the account as it is in memory.
struct SQLTarget: FuzzTarget {
  static let batchSize = 5_000

  private let mutation = TextMutation(SQLCorpus.statements, extra: SQLCorpus.words)
  private var account: FuzzAccount?
  private(set) var accepted = 0
  private var count = 0

  mutating func begin(batch: Int) throws {
    account = try FuzzAccount()
  }

  mutating func tryOne(_ numbers: inout Numbers, note: ([UInt8]) -> Void) -> String? {
    guard let account else { return "the batch was not begun" }
    let bytes = mutation.next(&numbers)
    note(bytes)
    let sql = String(decoding: bytes, as: UTF8.self)
    count += 1
    if count % 64 == 0 { account.standUp() }
    let parts = try? account.engine.split(sql)
    if let parts, parts.contains(where: \.isEmpty) { return "split gives an empty statement" }
    do throws(StatementFailure) {
      let result = try account.engine.execute(
        sql, bindings: ["1": StatementBinding(type: "TEXT", values: ["D"])], describeOnly: numbers.oneIn(16),
        queryID: String(count), parameters: [:], in: account.session)
      accepted += 1
      return FuzzAccount.problem(of: result)
    } catch {
      return FuzzAccount.problem(of: error, in: sql)
    }
  }

  mutating func end() -> String? {
    defer { account = nil }
    return account?.differenceFromStorage()
  }
}

/// An account to work on, with one session.
final class FuzzAccount {
  let engine: AccountEngine
  let session: EngineSession

  init() throws {
    engine = try AccountEngine(storage: EmulatorStorage(), types: TestTypes.all)
    session = try Self.session(of: engine)
    for sql in SQLCorpus.foundation { try run(sql) }
  }

  private static func session(of engine: AccountEngine) throws -> EngineSession {
    try engine.login(LoginRequest(account: "", user: "SNOWMAKER", credential: .vouched, role: "ACCOUNTADMIN"))
  }

  private func run(_ sql: String) throws(StatementFailure) {
    _ = try engine.execute(sql, bindings: [:], describeOnly: false, queryID: "0", parameters: [:], in: session)
  }

  /// Gives the session back the role that may do everything, and the account what statements name.
  func standUp() {
    session.update { $0.role = "ACCOUNTADMIN" }
    // Most of it is still there, and refused.
    for sql in SQLCorpus.foundation { try? run(sql) }
  }

  /// What is irregular about a result.
  static func problem(of result: StatementResult) -> String? {
    if result.columns.isEmpty { return "a result without columns" }
    if result.columns.contains(where: { $0.name.isEmpty }) { return "a column without a name" }
    if result.rows.contains(where: { $0.count != result.columns.count }) { return "a ragged result" }
    return nil
  }

  /// What is irregular about a failure.
  static func problem(of failure: StatementFailure, in sql: String) -> String? {
    guard failure.code.utf8.count == 6, failure.code.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return "the code '\(failure.code)'"
    }
    if failure.sqlState.utf8.count != 5 { return "the SQL state '\(failure.sqlState)'" }
    if failure.message.isEmpty { return "a failure without a message" }
    if failure.code == "000603" { return "an internal error: \(failure.message)" }
    let lines = sql.utf8.count { $0 == 0x0a } + 1
    if let line = failure.line, !(1...lines).contains(line) { return "line \(line) of \(lines)" }
    if let position = failure.position, !(0...sql.utf8.count).contains(position) { return "position \(position)" }
    return nil
  }

  private static let questions = [
    "SHOW DATABASES", "SHOW SCHEMAS IN ACCOUNT", "SHOW TABLES IN ACCOUNT", "SHOW VIEWS IN ACCOUNT", "SHOW ROLES",
    "SHOW USERS", "SHOW WAREHOUSES", "SHOW STAGES IN ACCOUNT", "SHOW TASKS IN ACCOUNT", "SHOW TAGS IN ACCOUNT",
    "SHOW FUNCTIONS IN ACCOUNT", "SHOW NETWORK POLICIES", "SHOW PARAMETERS IN ACCOUNT", "SHOW GRANTS TO ROLE R",
    "SHOW GRANTS OF ROLE R", "SHOW GRANTS TO ROLE SYSADMIN", "SHOW GRANTS TO ROLE ACCOUNTADMIN",
    "SHOW GRANTS ON ACCOUNT",
    "SHOW GRANTS TO USER ANN", "SHOW FUTURE GRANTS IN SCHEMA D.S", "SHOW FUTURE GRANTS IN DATABASE D",
    "SHOW GRANTS ON DATABASE D", "SHOW GRANTS ON SCHEMA D.S", "SHOW GRANTS ON TABLE D.S.T", "DESCRIBE TABLE D.S.T",
    "DESCRIBE USER ANN", "SHOW PARAMETERS IN DATABASE D", "SELECT GET_DDL('DATABASE', 'D')",
  ]

  /// Opens a copy of what was stored and asks both the same.
  func differenceFromStorage() -> String? {
    let file = "/tmp/snowmaker-fuzz-\(getpid()).db"
    defer { for suffix in ["", "-wal", "-shm"] { unlink(file + suffix) } }
    do {
      try engine.snapshot(to: file)
      let other = try AccountEngine(storage: EmulatorStorage(path: file), types: TestTypes.all)
      // Both in a session that has just begun.
      let sessions = (try Self.session(of: engine), try Self.session(of: other))
      for sql in Self.questions {
        let mine = Self.answer(sql, engine, sessions.0)
        let stored = Self.answer(sql, other, sessions.1)
        if mine != stored { return "\(sql) answers \(mine) in memory and \(stored) from the file" }
      }
      return nil
    } catch {
      return "\(error)"
    }
  }

  /// Rows in an order of their own: SHOW sorts by names, and of equal names either may come first.
  private static func answer(_ sql: String, _ engine: AccountEngine, _ session: EngineSession) -> [String] {
    do throws(StatementFailure) {
      return try engine.execute(sql, bindings: [:], describeOnly: false, queryID: "0", parameters: [:], in: session)
        .rows
        .map { row in row.map { $0 ?? "NULL" }.joined(separator: "|") }.sorted()
    } catch {
      return ["\(error.code) \(error.message)"]
    }
  }
}
