import EmulatedTypes
import SnowmakerModel
import Testing

@testable import AccountEmulator

/// An emulated account with a session of its first user, for tests.
final class TestAccount {
  let engine: AccountEngine
  let session: EngineSession

  init(storage: EmulatorStorage? = nil, types: [TypeSchema] = TestTypes.all, role: String? = nil) throws {
    engine = try AccountEngine(storage: storage ?? EmulatorStorage(), types: types, password: "secret")
    session = try engine.login(
      LoginRequest(account: "x", user: "SNOWMAKER", credential: .password("secret"), role: role, secondaryRoles: "NONE")
    )
  }

  /// Runs a statement and answers its result.
  @discardableResult
  func run(_ sql: String, in other: EngineSession? = nil) throws -> StatementResult {
    try engine.execute(
      sql, bindings: [:], describeOnly: false, queryID: "01", parameters: [:], in: other ?? session)
  }

  /// Runs statements, one per line.
  func runAll(_ script: String) throws {
    for line in script.split(separator: "\n") {
      do { try run(String(line)) } catch {
        Issue.record("\(line): \(error)")
        throw error
      }
    }
  }

  /// The rows of a SHOW as dictionaries.
  func rows(_ sql: String, in other: EngineSession? = nil) throws -> [[String: String?]] {
    let result = try run(sql, in: other)
    return result.rows.map { row in
      #expect(row.count == result.columns.count)
      return Dictionary(zip(result.columns.map(\.name), row)) { first, _ in first }
    }
  }

  /// The values of one column.
  func column(_ name: String, _ sql: String, in other: EngineSession? = nil) throws -> [String?] {
    try rows(sql, in: other).map { $0[name] ?? nil }
  }

  /// The failure a statement ends with.
  func failure(_ sql: String, in other: EngineSession? = nil) -> StatementFailure? {
    do {
      try run(sql, in: other)
      return nil
    } catch let failure as StatementFailure { return failure } catch { return nil }
  }

  /// A new user's session that stands on a role.
  func login(_ user: String, _ role: String? = nil) throws -> EngineSession {
    try engine.login(
      LoginRequest(account: "x", user: user, credential: .password("pw"), role: role, secondaryRoles: "NONE"))
  }
}
