import AccountEmulator
import Glibc
public import SnowflakeClient
public import SnowmakerModel

/// A way to an account: lanes for reading and for writing, and the embedded emulator when that is the account.
public final class AccountConnection: Sendable {
  /// The connection that is always there: an emulator that runs as long as the command.
  public static let emulatorName = "emulator"

  /// Lanes for reading; all roles of the user count, unless a role was named for reading: then that one alone.
  public let reading: LanePool
  /// Lanes for writing; the role alone counts. Those for reading where the login bears no second session.
  public let writing: LanePool
  /// What the account said at login.
  public let facts: LoginFacts
  /// The settings that the lanes log in with, for opening a further session.
  public let parameters: ConnectionParameters
  /// What names the account in ledgers and plans.
  public let account: String
  /// The role that reads, canonical; nil for the login's, with all roles of the user beside it.
  public let readRole: String?
  private let emulator: AccountEmulator?

  private init(
    _ reading: LanePool, _ writing: LanePool, _ facts: LoginFacts, _ parameters: ConnectionParameters, account: String,
    readRole: String?, emulator: AccountEmulator?
  ) {
    self.readRole = readRole
    self.parameters = parameters
    self.reading = reading
    self.writing = writing
    self.facts = facts
    self.account = account
    self.emulator = emulator
  }

  /// How to connect.
  public struct Options: Sendable {
    /// A connection's name; nil for the default one, `emulator` for the embedded one.
    public var name: String?
    /// Values that count before what the connection says.
    public var overrides: [ConnectionKey: String]
    /// Where the embedded emulator keeps its data.
    public var stateFolder: String
    /// What the embedded emulator plays beside its own kinds.
    public var types: [TypeSchema]
    /// The most sessions to open for each of reading and writing.
    public var lanes: Int
    /// Said to the account with every statement.
    public var queryTag: String?
    /// The role that reads, canonical: what it does not see is not seen, whatever else the user may do. Nil for the
    /// login's role, with all roles of the user beside it.
    public var readRole: String?

    /// Connects as the configuration files say.
    public init(
      name: String? = nil, overrides: [ConnectionKey: String] = [:], stateFolder: String = ".snowmaker",
      types: [TypeSchema] = [], lanes: Int = 8, queryTag: String? = nil, readRole: String? = nil
    ) {
      self.readRole = readRole
      self.name = name
      self.overrides = overrides
      self.stateFolder = stateFolder
      self.types = types
      self.lanes = lanes
      self.queryTag = queryTag
    }
  }

  /// Connects and logs in. Throws when the connection is not known, the account cannot be reached or refuses the
  /// login, or the emulator cannot start.
  public static func open(_ options: Options) async throws(Diagnostic) -> AccountConnection {
    if options.name == emulatorName { return try await openEmulator(options) }
    let parameters: ConnectionParameters
    do throws(ConnectionProblem) {
      parameters = try ConnectionResolver(readingEnvironmentFile: true).resolve(
        name: options.name, overrides: options.overrides)
    } catch {
      throw .error(
        error.message,
        detail: [
          error.hint, "To try snowmaker without an account: --connection \(emulatorName).",
        ].compactMap(\.self).joined(separator: "\n"), code: "connection",
        position: error.file.map { SourcePosition(file: $0, line: error.line ?? 1, column: 1) })
    }
    return try await logIn(parameters, options, emulator: nil)
  }

  private static func openEmulator(_ options: Options) async throws(Diagnostic) -> AccountConnection {
    try makeFolder(options.stateFolder)
    let user = "SNOWMAKER"
    let password = randomPassword()
    let emulator: AccountEmulator
    do {
      let configuration = EmulatorConfiguration(file: "\(options.stateFolder)/emulator.db", password: password)
      emulator = try AccountEmulator(configuration: configuration, types: options.types)
      try emulator.start()
    } catch {
      throw .error("the account emulator cannot start: \(error)", code: "emulator")
    }
    var parameters = ConnectionParameters(
      name: emulatorName,
      [
        .account: "snowmaker-emulator", .user: user, .password: password, .host: "127.0.0.1",
        .port: String(emulator.port), .connectionProtocol: "http", .role: "ACCOUNTADMIN",
      ])
    for (key, value) in options.overrides where key == .role {
      parameters.set(key, value, from: ConnectionOrigin.override("--role"))
    }
    return try await logIn(parameters, options, emulator: emulator)
  }

  private static func logIn(
    _ parameters: ConnectionParameters, _ options: Options, emulator: AccountEmulator?
  ) async throws(Diagnostic) -> AccountConnection {
    var session = SessionOptions()
    session.queryTag = options.queryTag
    let reading = LanePool(
      parameters: parameters, maxLanes: options.lanes, mode: options.readRole == nil ? .reading : .readingAlone,
      options: session)
    do throws(ClientError) {
      let facts = try await reading.connect()
      // What was found out need not be asked again.
      var parameters = parameters
      parameters.set(.singleRole, facts.isSingleRole ? "true" : "false", from: ConnectionOrigin.override("the login"))
      // One browser, one passcode is asked for: where another login would ask again, the lane that reads writes too.
      let writing =
        facts.isInteractive
        ? reading : LanePool(parameters: parameters, maxLanes: options.lanes, mode: .writing, options: session)
      return AccountConnection(
        reading, writing, facts, parameters, account: emulator == nil ? facts.account.uppercased() : "EMULATOR",
        readRole: options.readRole, emulator: emulator)
    } catch {
      emulator?.stop()
      throw .error(String(describing: error), code: "connection")
    }
  }

  /// Logs out and stops the embedded emulator.
  public func close() async {
    await reading.close()
    await writing.close()
    emulator?.stop()
  }

  // MARK: - Small things

  static func makeFolder(_ path: String) throws(Diagnostic) {
    guard mkdir(path, 0o700) != 0, errno != EEXIST else { return }
    throw .error("the folder '\(path)' cannot be made: \(String(cString: strerror(errno)))", code: "state-folder")
  }

  /// A password for an emulator of one's own.
  public static func randomPassword() -> String {
    var generator = SystemRandomNumberGenerator()
    let letters = Array("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789")
    return String((0..<32).map { _ in letters[Int.random(in: letters.indices, using: &generator)] })
  }
}
