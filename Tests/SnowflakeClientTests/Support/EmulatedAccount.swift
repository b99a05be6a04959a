import AccountEmulator
import Testing

@testable import SnowflakeClient

/// An account emulator in this process, with some roles; statements whose text contains SLOW take twenty seconds.
final class EmulatedAccount: Sendable {
  /// One for all tests that name their statements uniquely.
  static let shared = Result { try EmulatedAccount() }

  static let password = "emulated-pw"
  static let roles = 40

  let emulator: AccountEmulator
  let log: EmulatorLog
  /// A programmatic access token of the first user.
  let token: String

  var port: Int { Int(emulator.port) }

  init() throws {
    var configuration = EmulatorConfiguration(password: Self.password)
    configuration.server.chunkRows = 10
    configuration.server.faults = FaultPlan(
      faults: [FaultPlan.Fault(.latency(.seconds(20)), containing: "slow", times: 100_000)]
        + [FaultPlan.Fault(.latency(.seconds(20)), containing: "slow", path: "/api/v2/statements", times: 100_000)])
    log = configuration.log
    emulator = try AccountEmulator(configuration: configuration, types: [])
    let roles = (0..<Self.roles).map { "CREATE ROLE LISTED_\($0);" }.joined()
    let results = try emulator.run(
      script: roles + "ALTER USER SNOWMAKER ADD PROGRAMMATIC ACCESS TOKEN MATRIX", as: "SNOWMAKER")
    token = try #require(results.last?.rows.first?.last ?? nil)
    try emulator.start()
  }

  /// A connection to the account by way of a port.
  func parameters(port: Int) -> ConnectionParameters {
    ConnectionParameters([
      .account: "emulator", .host: "127.0.0.1", .port: String(port), .connectionProtocol: "http", .user: "SNOWMAKER",
      .password: Self.password, .role: "ACCOUNTADMIN",
    ])
  }

  /// The same by way of the SQL API.
  func apiParameters(port: Int) -> ConnectionParameters {
    var parameters = parameters(port: port)
    for (key, value) in [
      ConnectionKey.transport: "sql-api", .authenticator: "programmatic_access_token", .token: token,
    ] { parameters.set(key, value, from: .override("test")) }
    return parameters
  }

  /// How the account executed the statements whose text contains `marker`: nil for success, or the code of the failure.
  func executions(_ marker: String) -> [String?] {
    log.statements.filter { $0.sql.contains(marker) }.map(\.code)
  }
}
