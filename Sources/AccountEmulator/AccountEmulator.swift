import SnowmakerModel

/// How an emulated account is to be opened.
public struct EmulatorConfiguration: Sendable {
  /// The SQLite file the account lives in, created when it is missing; nil keeps it in memory.
  public var file: String?
  /// What a new account calls itself; an existing one keeps its names.
  public var settings = AccountSettings()
  /// The first user, who has ACCOUNTADMIN.
  public var user = "SNOWMAKER"
  /// The first user's password, set at every start; nil leaves the one it has.
  public var password: String?
  /// What SHOW does beyond 10,000 rows.
  public var showLimit = AccountEngine.ShowLimit.cut
  /// The rows that SHOW answers at most.
  public var showRows = AccountEngine.standardShowRows
  /// How far ACCOUNT_USAGE is behind, in milliseconds.
  public var accountUsageLag: Int64 = 0
  /// Tokens, limits and faults of the wire.
  public var server = EmulatorServer.Options()
  /// What the server notes of every request.
  public var log = EmulatorLog()

  /// An account in memory with the usual settings.
  public init(file: String? = nil, password: String? = nil) {
    self.file = file
    self.password = password
  }
}

/// An account in this process that real clients talk to over HTTP on loopback.
public final class AccountEmulator: Sendable {
  /// The account behind the server.
  public let engine: AccountEngine
  /// The HTTP server.
  public let server: EmulatorServer
  private let storage: EmulatorStorage

  /// Opens the account. `types` are what the loaded plugins describe.
  ///
  /// Throws `EmulatorStorageFailure` when the file is in use by another emulator, is not an emulated account, or cannot
  /// be read or written.
  public init(
    configuration: EmulatorConfiguration = EmulatorConfiguration(), types: [TypeSchema]
  ) throws(EmulatorStorageFailure) {
    if let file = configuration.file {
      storage = try EmulatorStorage(path: file)
    } else {
      storage = try EmulatorStorage()
    }
    engine = try AccountEngine(
      storage: storage, types: types, settings: configuration.settings, user: configuration.user,
      password: configuration.password, showLimit: configuration.showLimit,
      showRows: configuration.showRows)
    engine.accountUsageLag = configuration.accountUsageLag
    server = EmulatorServer(engine: engine, options: configuration.server, log: configuration.log)
  }

  /// Listens on 127.0.0.1; port 0 takes a free one. Throws `EmulatorServer.Failure` when the port cannot be had.
  public func start(port: UInt16 = 0, controlPort: UInt16? = nil) throws(EmulatorServer.Failure) {
    try server.start(port: port, controlPort: controlPort)
  }

  /// Listens on several ports. Throws `EmulatorServer.Failure` when one cannot be had.
  public func start(_ ports: EmulatorServer.Ports) throws(EmulatorServer.Failure) { try server.start(ports) }

  /// Copies the account as it is now into a new file, which another emulator can open. Throws `EmulatorStorageFailure`
  /// when the file exists or cannot be written.
  public func snapshot(to file: String) throws(EmulatorStorageFailure) { try storage.copy(to: file) }

  /// Why a script stopped.
  public struct ScriptFailure: Error, Sendable, CustomStringConvertible {
    /// Which statement, counted from 1.
    public var number: Int
    /// Why it failed.
    public var failure: StatementFailure
    /// What happened, where.
    public var description: String {
      "statement \(number) failed: \(failure.code) (\(failure.sqlState)): \(failure.message)"
    }
  }

  /// Runs statements one after the other as `user` with ACCOUNTADMIN, without a client, and gives their results.
  /// Throws `ScriptFailure` at the first that fails; those before it have taken effect.
  @discardableResult
  public func run(script: String, as user: String) throws(ScriptFailure) -> [StatementResult] {
    var number = 0
    do throws(StatementFailure) {
      let statements = try engine.split(script)
      let session: EngineSession
      do throws(LoginFailure) {
        session = try engine.login(LoginRequest(account: "", user: user, credential: .vouched, role: "ACCOUNTADMIN"))
      } catch { throw StatementFailure(code: error.code, sqlState: "08001", message: error.message) }
      defer { engine.close(session) }
      var results: [StatementResult] = []
      for statement in statements {
        number += 1
        results.append(
          try engine.execute(
            statement, bindings: [:], describeOnly: false, queryID: WireRandom.queryID(), parameters: [:], in: session))
      }
      return results
    } catch { throw ScriptFailure(number: number, failure: error) }
  }

  /// Runs statements as `run(script:as:)` does, without their results, and stores what they change in lots of 1,000: for
  /// filling an account. Answers how many ran. Throws `ScriptFailure` at the first that fails; those before it have
  /// taken effect.
  @discardableResult
  public func load(script: String, as user: String) throws(ScriptFailure) -> Int {
    let statements: [String]
    do throws(StatementFailure) { statements = try engine.split(script) } catch {
      throw ScriptFailure(number: 0, failure: error)
    }
    return try engine.run(statements, as: Identifier(exact: user).sql)
  }

  /// The port it listens on; 0 before `start` and after `stop`.
  public var port: UInt16 { server.port }

  /// Stops listening. What was answered is stored.
  public func stop() { server.stop() }
}
