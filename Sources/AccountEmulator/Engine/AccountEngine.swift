import AccountModel
import SnowmakerModel
import Synchronization

/// The account behind the wire: executes statements on an account in memory and writes every change through to storage.
///
/// Statements run one after the other under one lock, whichever session they come from.
public final class AccountEngine: StatementEngine {
  private let world: Mutex<State>
  private let registry: KindRegistry
  let showLimit: ShowLimit
  let showRows: Int

  /// The rows that SHOW answers at most.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/show>.
  public static let standardShowRows = 10_000

  /// What SHOW does beyond the rows that it answers at most.
  public enum ShowLimit: Sendable {
    /// It answers the first ones.
    case cut
    /// It fails with 090153.
    case fail
  }

  private struct State {
    let world: World
    /// Set when storage failed: memory and file differ, and nothing more is executed.
    var broken: String?
  }

  /// The account in `storage`, founded with `settings` when the storage is empty.
  ///
  /// - Parameters:
  ///   - types: what the loaded plugins describe; their objects can be created, altered and shown.
  ///   - user: the first user's exact name; it has ACCOUNTADMIN.
  ///   - password: the first user's password, set at every start; nil leaves it as it is.
  ///   - showRows: the rows that SHOW answers at most.
  /// Throws `EmulatorStorageFailure` when the storage cannot be read or written.
  public init(
    storage: EmulatorStorage, types: [TypeSchema], settings: AccountSettings = AccountSettings(),
    user: String = "SNOWMAKER", password: String? = nil, showLimit: ShowLimit = .cut,
    showRows: Int = standardShowRows
  ) throws(EmulatorStorageFailure) {
    registry = KindRegistry(types: types)
    self.showLimit = showLimit
    self.showRows = showRows
    let world = try World(storage: storage, registry: registry, settings: settings)
    let user = Identifier(exact: user).sql
    if !world.exists("USER", user) {
      var object = StoredObject(kind: "USER", name: user, createdOn: world.now())
      object.attributes = ["login_name": .string(user), "default_role": "ACCOUNTADMIN"]
      world.create(object, owner: .accountAdmin)
      world.grantRole(.accountAdmin, toUser: user, by: nil)
    }
    if let password, var object = world.object("USER", user) {
      object.notes["password"] = .string(try PasswordHash.make(password))
      world.put(object)
    }
    try world.commit()
    self.world = Mutex(State(world: world, broken: nil))
  }

  /// Checks a login and opens a session. Throws `LoginFailure` with Snowflake's code.
  public func login(_ request: LoginRequest) throws(LoginFailure) -> EngineSession {
    try world.withLock { (state) throws(LoginFailure) in
      if let broken = state.broken { throw LoginFailure(code: "390400", message: broken) }
      return try LoginDesk(world: state.world).login(request)
    }
  }

  /// Runs one statement in a session. Throws `StatementFailure` with Snowflake's code.
  public func execute(
    _ sql: String, bindings: [String: StatementBinding], describeOnly: Bool, queryID: String,
    parameters: [String: String], in session: EngineSession
  ) throws(StatementFailure) -> StatementResult {
    try world.withLock { (state) throws(StatementFailure) in
      if let broken = state.broken { throw .broken(broken) }
      let before = session.current
      var entry = StatementHistory.Entry(
        queryID: queryID, text: sql, user: before.user, role: before.role, session: session.id,
        warehouse: before.warehouse, tag: parameters["QUERY_TAG"] ?? before.parameters["QUERY_TAG"] ?? "",
        start: state.world.now(), end: 0)
      do throws(StatementFailure) {
        let result = try run(sql, bindings, describeOnly, queryID, parameters, session, &state)
        entry.end = state.world.now()
        if !describeOnly { note(entry, &state) }
        return result
      } catch {
        entry.end = state.world.now()
        entry.error = (error.code, error.message)
        if !describeOnly { note(entry, &state) }
        throw error
      }
    }
  }

  private func note(_ entry: StatementHistory.Entry, _ state: inout State) {
    guard state.world.history.note(entry) else { return }
    do throws(EmulatorStorageFailure) { try state.world.commitHistory() } catch { state.broken = error.description }
  }

  private func run(
    _ sql: String, _ bindings: [String: StatementBinding], _ describeOnly: Bool, _ queryID: String,
    _ parameters: [String: String], _ session: EngineSession, _ state: inout State
  ) throws(StatementFailure) -> StatementResult {
    let world = state.world
    let variables = world.sessions[session.id]?.variables ?? [:]
    var parser = try Parser(sql, registry: registry, substitutes: .init(bindings: bindings, variables: variables))
    let statement = try parser.statement()
    let run = StatementRun(world: world, session: session, queryID: queryID, bindings: bindings)
    run.showLimit = showLimit
    run.maximumRows = showRows
    run.isDescribeOnly = describeOnly
    run.parameters = parameters
    if describeOnly, !statement.isQuestion { return StatementRun.status("").withoutRows }
    if !statement.isAboutContainer { world.enter(session.id) }
    defer { world.leave() }
    let result = try run.execute(statement)
    world.leave()
    do throws(EmulatorStorageFailure) { try world.commit() } catch {
      state.broken = error.description
      throw .broken(error.description)
    }
    world.sessions[session.id]?.remember(result, as: queryID)
    if let failure = run.failureAfterwards { throw failure }
    return describeOnly ? result.withoutRows : result
  }

  /// Asks something of the account as a session sees it; nothing may be changed.
  func withRun<T: Sendable>(
    _ session: EngineSession, _ body: (StatementRun) throws(StatementFailure) -> T
  ) throws(StatementFailure) -> T {
    try world.withLock { (state) throws(StatementFailure) in
      if let broken = state.broken { throw .broken(broken) }
      state.world.enter(session.id)
      defer { state.world.leave() }
      return try body(StatementRun(world: state.world, session: session, queryID: "", bindings: [:]))
    }
  }

  /// Takes what reads the files of stages, for statements that do.
  public func useStages(_ access: StageAccess) {
    world.withLock { $0.world.stages = access }
  }

  /// How far the views of ACCOUNT_USAGE are behind, in milliseconds; 0 at first (the real ones lag up to two hours).
  public var accountUsageLag: Int64 {
    get { world.withLock { $0.world.accountUsageLag } }
    set { world.withLock { $0.world.accountUsageLag = max(0, newValue) } }
  }

  /// Runs a script of statements, separated by semicolons, as ACCOUNTADMIN in a session of its own: for filling an
  /// account. Answers how many statements ran. What ran before a failure stays.
  ///
  /// Throws `StatementFailure` of the first statement that fails, its text led by the statement's number.
  @discardableResult
  public func runScript(_ sql: String) throws(StatementFailure) -> Int {
    let statements = try split(sql)
    do throws(AccountEmulator.ScriptFailure) { return try run(statements, as: nil) } catch {
      var failure = error.failure
      failure.message = "statement \(error.number): \(failure.message)"
      throw failure
    }
  }

  /// Runs statements as ACCOUNTADMIN in a session of `user`'s (nil: the first user by name) and stores what they change
  /// in lots of 1,000, which is much faster than each by itself. Answers how many ran.
  ///
  /// Throws at the first that fails; those before it have taken effect.
  func run(_ statements: [String], as user: String?) throws(AccountEmulator.ScriptFailure) -> Int {
    try world.withLock { (state) throws(AccountEmulator.ScriptFailure) in
      if let broken = state.broken { throw .init(number: 1, failure: .broken(broken)) }
      let world = state.world
      let user = user ?? world.objects("USER").map(\.name).min() ?? ""
      let session = EngineSession(
        id: world.openSession(SessionContext(user: user)),
        current: .init(user: user, role: RoleReference.accountAdmin.name))
      defer {
        world.sessions[session.id] = nil
        world.temporary.end(session.id)
      }
      for (index, text) in statements.enumerated() {
        var failure: StatementFailure?
        do throws(StatementFailure) {
          let variables = world.sessions[session.id]?.variables ?? [:]
          var parser = try Parser(text, registry: registry, substitutes: .init(variables: variables))
          let run = StatementRun(world: world, session: session, queryID: "", bindings: [:])
          let statement = try parser.statement()
          if !statement.isAboutContainer { world.enter(session.id) }
          defer { world.leave() }
          _ = try run.execute(statement)
          failure = run.failureAfterwards
        } catch {
          failure = error
        }
        if failure != nil || index % 1000 == 999 || index == statements.count - 1 {
          do throws(EmulatorStorageFailure) { try world.commit() } catch {
            state.broken = error.description
            throw .init(number: index + 1, failure: .broken(error.description))
          }
        }
        if let failure { throw .init(number: index + 1, failure: failure) }
      }
      return statements.count
    }
  }

  /// Writes a copy of the account as it is now to a new file, which `EmulatorStorage.restore` and `--data` take.
  ///
  /// Throws `EmulatorStorageFailure` when the file exists or cannot be written.
  public func snapshot(to path: String) throws(EmulatorStorageFailure) {
    try world.withLock { (state) throws(EmulatorStorageFailure) in try state.world.storage.snapshot(to: path) }
  }

  /// Splits a text at its semicolons. Throws 001003 when it cannot be tokenised.
  public func split(_ sql: String) throws(StatementFailure) -> [String] {
    let bytes = Array(sql.utf8)
    return try StatementTexts.ranges(bytes).map { String(decoding: bytes[$0], as: UTF8.self) }
  }

  /// Ends a session.
  public func close(_ session: EngineSession) {
    world.withLock { state in
      state.world.sessions[session.id] = nil
      state.world.temporary.end(session.id)
      do throws(EmulatorStorageFailure) { try state.world.commitHistory() } catch {
        state.broken = state.broken ?? error.description
      }
    }
  }
}

extension StatementResult {
  var withoutRows: StatementResult {
    var copy = self
    copy.rows = []
    return copy
  }
}

extension Statement {
  /// Whether it only answers and changes nothing.
  var isQuestion: Bool {
    switch self {
    case .show, .showObjects, .showParameters, .showVariables, .showGrants, .showTransactions, .showColumns,
      .showIntegrations, .showDeployments, .showKeys, .showAccounts, .showOrganizationAccounts, .showRegions, .describe,
      .query:
      true
    case .showIndexes: true
    case .flow(let steps): steps.allSatisfy(\.isQuestion)
    default: false
    }
  }
}
