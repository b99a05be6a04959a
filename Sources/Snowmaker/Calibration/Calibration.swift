public import AccountEmulator
import Glibc
public import SnowflakeClient
public import SnowmakerModel
import Synchronization

/// Compares an account with the emulator, statement by statement.
///
/// Everything it creates has names that begin with `names.prefix`; it is dropped at the end, also after a failure or when
/// it is cancelled.
public struct Calibration: Sendable {
  /// How far it is.
  public struct Progress: Sendable {
    /// Statements done and to do.
    public var done, total: Int
    /// What they are about.
    public var section: String
  }

  private let account: Side
  private let emulator: Side
  private let server: AccountEmulator
  /// What names the run's objects begin with.
  public let prefix: String
  /// The account's host.
  public let host: String

  /// One of the two that are asked.
  private struct Side: Sendable {
    let session: Session
    let names: CalibrationNames
    let normaliser: CalibrationNormaliser
    let role: String
  }

  // MARK: Opening

  /// Logs in to the account and starts a fresh emulator beside it, which plays `types`. Nothing is created yet.
  ///
  /// Throws when the connection is not one of the session protocol, when a login is refused, and when the emulator
  /// cannot start.
  public static func open(
    _ parameters: ConnectionParameters, types: [TypeSchema], queryTag: String
  ) async throws(Diagnostic) -> Calibration {
    guard parameters.value(.transport)?.lowercased() != "sql-api" else {
      throw .error(
        "calibrate needs sessions, and this connection uses the SQL API", detail: "Use transport = \"session\".",
        code: "connection")
    }
    let prefix = newPrefix()
    let session = try await logIn(parameters, queryTag)
    let role = await session.role ?? ""
    do {
      guard !role.isEmpty else {
        throw Diagnostic.error("the login has no role", detail: "Name one with --role.", code: "connection")
      }
      let account = try await side(session, prefix)
      let (server, local) = try start(types, role: account.role)
      do throws(Diagnostic) {
        let emulator = try await side(try await logIn(local, queryTag), prefix)
        return Calibration(
          account: account, emulator: emulator, server: server, prefix: prefix, host: session.endpoint.host)
      } catch {
        server.stop()
        throw error
      }
    } catch {
      await session.close()
      throw error as? Diagnostic ?? .error(String(describing: error), code: "calibrate")
    }
  }

  private init(account: Side, emulator: Side, server: AccountEmulator, prefix: String, host: String) {
    self.account = account
    self.emulator = emulator
    self.server = server
    self.prefix = prefix
    self.host = host
  }

  private static func newPrefix() -> String {
    var generator = SystemRandomNumberGenerator()
    let digits = String(generator.next() as UInt32, radix: 16, uppercase: true)
    return CalibrationCorpus.prefixStart + String(repeating: "0", count: 8 - digits.count) + digits
  }

  private static func logIn(
    _ parameters: ConnectionParameters, _ queryTag: String
  ) async throws(Diagnostic) -> Session {
    var options = SessionOptions()
    options.queryTag = queryTag
    options.secondaryRoles = SecondaryRoles.none
    do throws(ClientError) { return try await Session.open(parameters, options: options) } catch {
      throw .error(String(describing: error), code: "connection")
    }
  }

  /// A fresh emulator whose user may take on a role of that name, with the privileges that the corpus needs.
  private static func start(
    _ types: [TypeSchema], role: String
  ) throws(Diagnostic) -> (AccountEmulator, ConnectionParameters) {
    let password = AccountConnection.randomPassword()
    let server: AccountEmulator
    do {
      server = try AccountEmulator(configuration: EmulatorConfiguration(password: password), types: types)
      let name = Identifier(exact: role).sql
      let systemRoles: Set = ["ACCOUNTADMIN", "SECURITYADMIN", "USERADMIN", "SYSADMIN", "PUBLIC", "ORGADMIN"]
      if !systemRoles.contains(role) {
        try server.run(
          script: """
            CREATE ROLE \(name);
            GRANT CREATE DATABASE, CREATE ROLE, CREATE WAREHOUSE ON ACCOUNT TO ROLE \(name);
            GRANT ROLE \(name) TO ROLE SYSADMIN;
            """, as: "SNOWMAKER")
      }
      try server.run(script: "GRANT ROLE \(name) TO USER SNOWMAKER", as: "SNOWMAKER")
      try server.start()
    } catch {
      throw .error("the account emulator cannot start: \(error)", code: "emulator")
    }
    let parameters = ConnectionParameters(
      name: AccountConnection.emulatorName,
      [
        .account: "snowmaker-emulator", .user: "SNOWMAKER", .password: password, .host: "127.0.0.1",
        .port: String(server.port), .connectionProtocol: "http", .role: Identifier(exact: role).sql,
      ])
    return (server, parameters)
  }

  /// Asks who and where a session is.
  private static func side(_ session: Session, _ prefix: String) async throws(Diagnostic) -> Side {
    let questions = [
      ("account", "CURRENT_ACCOUNT()"), ("account name", "CURRENT_ACCOUNT_NAME()"),
      ("organization", "CURRENT_ORGANIZATION_NAME()"), ("region", "CURRENT_REGION()"), ("user", "CURRENT_USER()"),
      ("role", "CURRENT_ROLE()"), ("version", "CURRENT_VERSION()"), ("session", "CURRENT_SESSION()"),
    ]
    var facts: [String: String] = [:]
    for (name, function) in questions {
      do throws(ClientError) {
        let result = try await session.execute("SELECT \(function)")
        if result.rowCount == 1, let text = result[0, 0] { facts[name] = text }
      } catch {
        // What an account does not tell about itself cannot be taken out of its answers either.
        guard error.sqlFailure != nil else { throw .error(String(describing: error), code: "calibrate") }
      }
    }
    guard let role = facts["role"], let user = facts["user"] else {
      throw .error("the account does not say who is logged in", code: "calibrate")
    }
    return Side(
      session: session,
      names: CalibrationNames(prefix: prefix, role: Identifier(exact: role).sql, user: Identifier(exact: user).sql),
      normaliser: CalibrationNormaliser(prefix: prefix, facts: facts), role: role)
  }

  // MARK: Running

  /// What the user is asked to agree to.
  public var intention: String {
    """
    This runs \(CalibrationCorpus.statements.count) statements as role \(account.role) on \(host).
    It creates databases, roles and warehouses whose names begin with \(prefix), and drops them at the end, also when it \
    fails or is stopped with Ctrl-C. Warehouses are X-Small, suspended and never resumed: no warehouse time is used. \
    Nothing else is changed or read. One of the roles is granted to the user \(account.names.user) while it runs.
    The role needs CREATE DATABASE, CREATE ROLE and CREATE WAREHOUSE on the account.

    """
  }

  /// Runs the corpus on both and compares the answers. Always tidies up; what could not be dropped is in the report.
  ///
  /// Cancelling the task ends it after the statement that runs.
  public func run(progress: @escaping @Sendable (Progress) -> Void) async -> CalibrationReport {
    var report = CalibrationReport(account: host, role: account.role, prefix: prefix)
    let statements = CalibrationCorpus.statements
    var unanswered = 0
    for statement in statements {
      if Task.isCancelled {
        report.ended = "it was stopped"
        break
      }
      progress(Progress(done: statement.number - 1, total: statements.count, section: statement.section))
      let emulated = await Self.ask(statement, emulator)
      let real = await Self.ask(statement, account)
      if Task.isCancelled { continue }
      report.statementCount += 1
      let differences = CalibrationDifference.between(real, emulated)
      if !differences.isEmpty { report.entries.append(.init(statement: statement, differences: differences)) }
      if let missing = Self.missingPrivilege(statement, real, emulated) {
        report.ended = "role \(account.role) may not run: \(missing)"
        break
      }
      if case .unknown(let why) = real {
        unanswered += 1; report.ended = unanswered > 2 ? why : nil
      } else {
        unanswered = 0
      }
      if report.ended != nil { break }
    }
    if report.ended == nil, Task.isCancelled { report.ended = "it was stopped" }
    // A task of its own: this one may be cancelled and could send nothing.
    report.leftovers = await Task { await Self.cleanUp(account.session, prefix: prefix, role: account.names.role) }
      .value
    return report
  }

  /// The statement that shows that the role lacks a privilege without which nothing else makes sense.
  private static func missingPrivilege(
    _ statement: CalibrationStatement, _ real: CalibrationAnswer, _ emulated: CalibrationAnswer
  ) -> String? {
    let starts = ["CREATE DATABASE {p}_DB ", "CREATE WAREHOUSE {p}_WH ", "CREATE ROLE {p}_A "]
    guard starts.contains(where: statement.template.hasPrefix), case .failure(let failure) = real,
      failure.code == "003001", case .rows = emulated
    else { return nil }
    return statement.template
  }

  private static func ask(_ statement: CalibrationStatement, _ side: Side) async -> CalibrationAnswer {
    do throws(ClientError) {
      let result = try await side.session.execute(statement.sql(side.names))
      let rows = CalibrationAnswer.Rows(
        columns: result.columns.map { .init(name: $0.name, type: $0.type.lowercased()) },
        cells: (0..<result.rowCount).map(result.row))
      return side.normaliser.normalise(.rows(rows))
    } catch {
      guard let failure = error.sqlFailure else { return .unknown(String(describing: error)) }
      return side.normaliser.normalise(
        .failure(.init(code: failure.code, sqlState: failure.sqlState, message: failure.message)))
    }
  }

  /// Logs out of both and stops the emulator.
  public func close() async {
    await account.session.close()
    await emulator.session.close()
    server.stop()
  }

  // MARK: Tidying up

  /// Drops what an earlier run left; gives the statements that failed. Throws when `prefix` is not one of calibrate's or
  /// the login fails.
  public static func dropLeftovers(
    of prefix: String, _ parameters: ConnectionParameters, queryTag: String
  ) async throws(Diagnostic) -> [String] {
    let digits = prefix.utf8.dropFirst(CalibrationCorpus.prefixStart.utf8.count)
    guard prefix.hasPrefix(CalibrationCorpus.prefixStart), digits.count == 8,
      digits.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x46).contains($0) })
    else {
      throw .error(
        "'\(prefix)' is not the prefix of a calibration",
        detail: "It is \(CalibrationCorpus.prefixStart) and eight hexadecimal digits, as calibrate printed it.",
        code: "calibrate")
    }
    let session = try await logIn(parameters, queryTag)
    let role = await session.role ?? "PUBLIC"
    let left = await cleanUp(session, prefix: prefix, role: Identifier(exact: role).sql)
    await session.close()
    return left
  }

  /// Drops everything whose name begins with the prefix. Roles first: what they own goes to the role that drops them.
  private static func cleanUp(_ session: Session, prefix: String, role: String) async -> [String] {
    var left: [String] = []
    _ = await run("USE ROLE \(role)", session)
    for kind in ["ROLE", "DATABASE", "WAREHOUSE"] {
      let list = "SHOW \(kind)S LIKE '\(prefix)%'"
      guard let result = await run(list, session), let column = result.index(of: "name") else {
        left.append("\(list) -- and drop what it lists")
        continue
      }
      for row in 0..<result.rowCount {
        // The underscores of the pattern stand for any character.
        guard let name = result[row, column], name.hasPrefix(prefix) else { continue }
        let drop = "DROP \(kind) \(Identifier(exact: name).quoted)"
        if await run(drop, session) == nil { left.append(drop) }
      }
    }
    return left
  }

  private static func run(_ sql: String, _ session: Session) async -> QueryResult? {
    do throws(ClientError) { return try await session.execute(sql) } catch { return nil }
  }
}
