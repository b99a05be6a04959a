import AccountEmulator
import Glibc
import Synchronization

/// The least engine the wire can be tried with: it knows a handful of made-up statements.
final class FakeEngine: StatementEngine {
  struct Seen: Sendable, Equatable {
    var sql: String
    var queryID: String
    var parameters: [String: String]
  }

  private struct State: Sendable {
    var nextSession: Int64 = 1001
    var closed: [Int64] = []
    var seen: [Seen] = []
    var logins: [LoginRequest] = []
  }

  private let state = Mutex(State())

  /// Every statement that reached the engine.
  var seen: [Seen] { state.withLock { $0.seen } }
  /// Every login that was asked for.
  var logins: [LoginRequest] { state.withLock { $0.logins } }
  /// The sessions that were closed.
  var closed: [Int64] { state.withLock { $0.closed } }

  func login(_ request: LoginRequest) throws(LoginFailure) -> EngineSession {
    state.withLock { $0.logins.append(request) }
    if case .password(let password) = request.credential, password != "secret" {
      throw LoginFailure(code: "390100", message: "Incorrect username or password was specified.")
    }
    let id = state.withLock { state -> Int64 in
      defer { state.nextSession += 1 }
      return state.nextSession
    }
    let warehouse = request.warehouse?.uppercased()
    return EngineSession(
      id: id,
      current: .init(
        user: request.user.uppercased(), role: request.role?.uppercased() ?? "ACCOUNTADMIN",
        database: request.database?.uppercased(), schema: request.schema?.uppercased(),
        warehouse: warehouse == "NOWHERE" ? nil : warehouse))
  }

  func execute(
    _ sql: String, bindings: [String: StatementBinding], describeOnly: Bool, queryID: String,
    parameters: [String: String], in session: EngineSession
  ) throws(StatementFailure) -> StatementResult {
    state.withLock { $0.seen.append(Seen(sql: sql, queryID: queryID, parameters: parameters)) }
    var words = sql.split(whereSeparator: { $0.isWhitespace || $0 == ";" }).map(String.init)
    if words.isEmpty { throw StatementFailure(code: "000900", sqlState: "42601", message: "Empty SQL statement.") }
    words[0] = words[0].lowercased()
    switch words[0] {
    case "select" where words.count > 1 && words[1] == "?":
      let keys = bindings.keys.sorted { (Int($0) ?? 0) < (Int($1) ?? 0) }
      return StatementResult(
        columns: keys.map { ResultColumn(name: "\($0):\(bindings[$0]?.type ?? "")") },
        rows: [keys.map { bindings[$0]?.values.first ?? nil }], statementTypeID: 0x1000)
    case "select":
      let name = words.count > 1 ? words[1] : ""
      let isNumber = Int(name) != nil
      return StatementResult(
        columns: [
          ResultColumn(name: name.uppercased(), type: isNumber ? .fixed : .text, precision: isNumber ? 1 : nil)
        ],
        rows: describeOnly ? [] : [[name]], statementTypeID: 0x1000)
    case "types":
      return StatementResult(
        columns: [
          ResultColumn(name: "T", length: 10), ResultColumn(name: "N", type: .fixed, precision: 10, scale: 2),
          ResultColumn(name: "R", type: .real), ResultColumn(name: "B", type: .boolean),
          ResultColumn(name: "D", type: .date), ResultColumn(name: "TS", type: .timestamp_ltz, scale: 3),
          ResultColumn(name: "V", type: .variant), ResultColumn(name: "X", type: .binary),
        ],
        rows: [
          ["é\"\\\n\u{1}❄", "12.50", "1.5", "1", "19724", "1717000000.123", "{\"a\": 1}", "00FF"],
          [nil, nil, nil, nil, nil, nil, nil, nil],
        ], statementTypeID: 0x1000)
    case "rows":
      let count = Int(words[1]) ?? 0
      return StatementResult(
        columns: [ResultColumn(name: "name"), ResultColumn(name: "number", type: .fixed)],
        rows: (0..<count).map { ["OBJECT_NUMBER_\($0)", String($0)] }, statementTypeID: 0x4400)
    case "insert":
      return StatementResult(
        columns: [ResultColumn(name: "number of rows inserted", type: .fixed)], rows: [["3"]], statementTypeID: 0x3100,
        isDML: true)
    case "use":
      session.update { $0.role = words.last?.uppercased() }
      return Self.status("Statement executed successfully.", 0x4300)
    case "alter":
      session.update { $0.parameters["TIMEZONE"] = "UTC" }
      return Self.status("Statement executed successfully.", 0x4100)
    case "create": return Self.status("\(words.last ?? "") successfully created.", 0x6000)
    case "sleep":
      usleep(UInt32(words[1]) ?? 0)
      return Self.status("slept", 0x1000)
    case "wrong":
      throw StatementFailure(
        code: "001003", sqlState: "42000",
        message: "SQL compilation error:\nsyntax error line 1 at position 0 unexpected 'wrong'.", line: 1, position: 0)
    default:
      throw StatementFailure(
        code: "002003", sqlState: "02000",
        message: "SQL compilation error:\nThing '\(words.last ?? "")' does not exist or not authorized.")
    }
  }

  func split(_ sql: String) throws(StatementFailure) -> [String] {
    sql.split(separator: ";").map { String($0.drop(while: \.isWhitespace)) }.filter { !$0.isEmpty }
  }

  func close(_ session: EngineSession) { state.withLock { $0.closed.append(session.id) } }

  private static func status(_ text: String, _ type: Int) -> StatementResult {
    StatementResult(columns: [ResultColumn(name: "status", nullable: false)], rows: [[text]], statementTypeID: type)
  }
}
