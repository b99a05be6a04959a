/// What an account says when a user logs in.
public struct LoginFacts: Sendable, Equatable {
  /// The host.
  public let host: String
  /// The account's name as the login used it.
  public let account: String
  /// The login name.
  public let user: String
  /// The role of the login, exact.
  public let role: String?
  /// The login is bound to that role: what it logged in with bears neither another role nor secondary roles.
  public let isSingleRole: Bool
  /// The user had to act for the login (a browser, a second factor) and would have to for another one: whoever wants to ask
  /// once only uses this pool for everything.
  public let isInteractive: Bool
  /// The account's version.
  public let serverVersion: String?
  /// What the connection warned about, such as files that others can read.
  public let warnings: [String]
}

/// Runs statements over several sessions ("lanes") of one login.
///
/// Lanes are opened when there is more work than idle lanes, up to a limit. A lane that is already on the wanted role is
/// preferred, and a lane that becomes free prefers waiting work of its role, so that `USE ROLE` is rare. The first login
/// is made alone: a wrong password is tried once, not once per lane.
public actor LanePool {
  /// What the lanes are for.
  public enum Mode: Sendable {
    /// Reading: all roles of the user count (SECONDARY_ROLES = ALL).
    case reading
    /// Reading that is to see no more than one role does (SECONDARY_ROLES = NONE).
    case readingAlone
    /// Writing: the role printed is the authority used (SECONDARY_ROLES = NONE).
    case writing

    var secondaryRoles: SecondaryRoles { self == .reading ? .all : .none }
  }

  private struct Lane {
    let session: Session
    /// The role the session is on.
    var role: RoleName?
    /// The role it logged in with.
    let home: RoleName?
    /// The secondary roles the session is on.
    var secondaryRoles: SecondaryRoles?
  }

  private struct Waiter {
    let id: UInt64
    let role: RoleName?
    /// How often work of other roles was preferred.
    var passedOver = 0
    let continuation: CheckedContinuation<Outcome, Never>
  }

  private enum Outcome: Sendable {
    case lane(Int)
    case mayOpen
    case failed(ClientError)
  }

  /// How often waiting work may be passed over in favour of work that needs no change of role.
  private static let patience = 32

  private let parameters: ConnectionParameters
  private var options: SessionOptions
  private let transport: HTTPTransport
  private var maxLanes: Int
  /// How many statements the account bears side by side, as far as it has shown.
  private let throttle: Throttle
  private var busy = 0

  private var lanes: [Int: Lane] = [:]
  private var idle: [Int] = []
  private var nextLane = 0
  private var opening = 0
  private var waiters: [Waiter] = []
  private var nextWaiter: UInt64 = 0
  private var isClosed = false
  private var counters = LaneStatistics()
  private var firstStart: ContinuousClock.Instant?

  /// A pool without lanes; the first statement opens one. `maxLanes` below 1 counts as 1.
  public init(
    parameters: ConnectionParameters, maxLanes: Int, mode: Mode, options: SessionOptions = SessionOptions(),
    transport: HTTPTransport = .shared
  ) {
    self.parameters = parameters
    self.maxLanes = max(1, maxLanes)
    throttle = Throttle(max(1, maxLanes))
    self.transport = transport
    var options = options
    options.secondaryRoles = mode.secondaryRoles
    // A plan may take longer than a session lives unused.
    if options.heartbeat == nil { options.heartbeat = .seconds(900) }
    let throttle = throttle
    options.onThrottle = { throttle.refuse() }
    self.options = options
  }

  /// What the pool has done so far.
  public var statistics: LaneStatistics {
    var statistics = counters
    statistics.lanes = lanes.count
    statistics.throttled = throttle.refusals
    return statistics
  }

  /// Runs a statement as a role. `role` is an identifier as SQL has it (quoted where needed); nil is the role of the
  /// login. `mode` is what the statement is for, when that is something else than what the lanes are for: its secondary
  /// roles are set. Throws what opening a lane, `USE ROLE` and the statement throw.
  public func run(
    _ sql: String, role: String? = nil, options statement: StatementOptions = StatementOptions(), mode: Mode? = nil
  ) async throws(ClientError) -> QueryResult {
    let wanted = role.map { RoleName(sql: $0) }
    let index = try await acquire(wanted)
    defer { release(index) }
    if Task.isCancelled { throw .cancelled }
    try await prepare(index, for: wanted, mode)
    return try await execute(sql, on: index, statement)
  }

  /// Runs a statement as a role and gives its rows as they arrive. The lane serves others as soon as the account has
  /// answered; reading the rows needs it no longer, save to replace addresses that have expired. The pool must stay open
  /// until the rows are read. Throws what `run` throws; the rows' iterator throws what fetching throws.
  public func stream(
    _ sql: String, role: String? = nil, options statement: StatementOptions = StatementOptions()
  ) async throws(ClientError) -> ResultStream {
    let wanted = role.map { RoleName(sql: $0) }
    let index = try await acquire(wanted)
    defer { release(index) }
    if Task.isCancelled { throw .cancelled }
    try await prepare(index, for: wanted, nil)
    return try await counted(sql, on: index) { (session) throws(ClientError) in
      let stream = try await session.stream(sql, options: statement)
      return (stream, stream.cost, stream.details.finalRole)
    }
  }

  /// What the account said at login. Opens the first lane if there is none. Throws what the login throws.
  public func connect() async throws(ClientError) -> LoginFacts {
    let index = try await acquire(nil)
    defer { release(index) }
    guard let lane = lanes[index] else { throw Self.closed }
    return LoginFacts(
      host: lane.session.endpoint.host, account: lane.session.endpoint.account, user: lane.session.user,
      role: lane.home?.text, isSingleRole: isSingleRole, isInteractive: await lane.session.isInteractive,
      serverVersion: await lane.session.serverVersion,
      warnings: lane.session.warnings)
  }

  /// Logs all lanes out. Statements under way end with an error; the pool cannot be used afterwards.
  public func close() async {
    isClosed = true
    let sessions = lanes.values.map(\.session)
    lanes.removeAll()
    idle.removeAll()
    for waiter in waiters { waiter.continuation.resume(returning: .failed(Self.closed)) }
    waiters.removeAll()
    await withTaskGroup(of: Void.self) { group in
      for session in sessions { group.addTask { await session.close() } }
    }
  }

  // MARK: - Statements

  private func prepare(_ index: Int, for role: RoleName?, _ mode: Mode?) async throws(ClientError) {
    // The secondary roles first: until then more may count than the role that is set next.
    try await switchSecondaryRoles(of: index, to: mode?.secondaryRoles ?? options.secondaryRoles)
    try await switchRole(of: index, to: role)
  }

  private func switchSecondaryRoles(of index: Int, to wanted: SecondaryRoles?) async throws(ClientError) {
    guard let lane = lanes[index] else { throw Self.closed }
    guard let wanted, lane.secondaryRoles != wanted, !isSingleRole else { return }
    counters.roleSwitches += 1
    // After an unclear outcome the next statement must set them again.
    lanes[index]?.secondaryRoles = nil
    do throws(ClientError) {
      count(try await lane.session.use(secondaryRoles: wanted))
    } catch {
      counters.failures += 1
      throw error
    }
    lanes[index]?.secondaryRoles = wanted
  }

  private func switchRole(of index: Int, to wanted: RoleName?) async throws(ClientError) {
    guard let lane = lanes[index] else { throw Self.closed }
    guard let target = wanted ?? lane.home, lane.role != target else { return }
    if isSingleRole {
      if target == lane.home { return }
      throw Self.bound(to: lane.home, not: target)
    }
    counters.roleSwitches += 1
    do throws(ClientError) {
      count(try await lane.session.use(role: target.text))
      lanes[index]?.role = target
    } catch {
      counters.failures += 1
      // After an unclear outcome the lane's role is unknown, and the next statement must set it.
      if error.mayHaveRun { lanes[index]?.role = nil }
      guard error.sqlFailure?.code == RoleBinding.refusal else { throw error }
      options.roleBinding = .single
      throw Self.bound(to: lane.home, not: target)
    }
  }

  /// The login bears one role and no other. Found out at the first login at the latest where that can tell.
  private var isSingleRole: Bool { options.roleBinding == .single }

  private static func bound(to home: RoleName?, not wanted: RoleName) -> ClientError {
    .connection(
      ConnectionProblem(
        "this login is restricted to the role \(home?.text ?? "it logged in with"), and the statement is to run as "
          + "\(wanted.text); it was not sent",
        hint: "connect with a token that is restricted to \(wanted.text), or to no role"))
  }

  private func execute(
    _ sql: String, on index: Int, _ statement: StatementOptions
  ) async throws(ClientError) -> QueryResult {
    try await counted(sql, on: index) { (session) throws(ClientError) in
      let result = try await session.execute(sql, options: statement)
      return (result, result.cost, result.finalRole)
    }
  }

  /// Does a statement's work on a lane and counts it. `work` also gives what it cost and the role it ended with.
  private func counted<Outcome: Sendable>(
    _ sql: String, on index: Int,
    _ work: @Sendable (Session) async throws(ClientError) -> (outcome: Outcome, cost: StatementCost, role: String?)
  ) async throws(ClientError) -> Outcome {
    guard let lane = lanes[index] else { throw Self.closed }
    counters.statements[StatementClass.of(sql), default: 0] += 1
    let clock = ContinuousClock()
    let start = clock.now
    let first = firstStart ?? start
    firstStart = first
    defer {
      let end = clock.now
      counters.statementTime += start.duration(to: end)
      counters.wallTime = first.duration(to: end)
    }
    do throws(ClientError) {
      let (outcome, cost, role) = try await work(lane.session)
      count(cost)
      throttle.work()
      // The statement itself may have changed the role.
      if let role { lanes[index]?.role = RoleName(reported: role) }
      return outcome
    } catch {
      counters.failures += 1
      counters.roundTrips += 1
      throw error
    }
  }

  private func count(_ cost: StatementCost) {
    counters.roundTrips += cost.roundTrips
    counters.retries += cost.retries
  }

  // MARK: - Lanes

  private static let closed = ClientError.connection(ConnectionProblem("the connection is closed"))

  private func acquire(_ wanted: RoleName?) async throws(ClientError) -> Int {
    if Task.isCancelled { throw .cancelled }
    if isClosed { throw Self.closed }
    if busy < throttle.limit, let index = takeIdle(wanted) { return index }
    if mayOpen {
      opening += 1
      return try await open(wanted)
    }
    switch await wait(wanted) {
    case .lane(let index): return index
    case .mayOpen: return try await open(wanted)
    case .failed(let error): throw error
    }
  }

  /// Before the first login has worked there is no second one.
  private var mayOpen: Bool { lanes.isEmpty ? opening == 0 : lanes.count + opening < min(maxLanes, throttle.limit) }

  private func takeIdle(_ wanted: RoleName?) -> Int? {
    guard !idle.isEmpty else { return nil }
    let place = idle.lastIndex { index in lanes[index].map { $0.role == wanted ?? $0.home } ?? false }
    busy += 1
    return idle.remove(at: place ?? 0)
  }

  /// Opens a lane that is counted in `opening` already.
  private func open(_ wanted: RoleName?) async throws(ClientError) -> Int {
    counters.logins += 1
    do throws(ClientError) {
      let session = try await Session.open(parameters, options: options, transport: transport)
      opening -= 1
      if isClosed {
        await session.close()
        throw Self.closed
      }
      // Further lanes log in with the same, and need not ask again.
      options.roleBinding = await session.roleBinding
      let role = await session.role.map { RoleName(reported: $0) }
      let index = nextLane
      nextLane += 1
      // One prompt is enough for a run.
      if await session.isInteractive { maxLanes = 1 }
      lanes[index] = Lane(session: session, role: role, home: role, secondaryRoles: options.secondaryRoles)
      busy += 1
      wakeToOpen()
      return index
    } catch {
      if isClosed { throw error }
      return try await growthFailed(error, wanted)
    }
  }

  /// The first login's failure is everybody's; a later one only means that there will be no more lanes.
  private func growthFailed(_ error: ClientError, _ wanted: RoleName?) async throws(ClientError) -> Int {
    opening -= 1
    if lanes.isEmpty {
      if error == .cancelled {
        wakeToOpen()
      } else {
        for waiter in waiters { waiter.continuation.resume(returning: .failed(error)) }
        waiters.removeAll()
      }
      throw error
    }
    if error == .cancelled { throw error }
    maxLanes = lanes.count
    counters.growthProblem = error
    if let index = takeIdle(wanted) { return index }
    switch await wait(wanted) {
    case .lane(let index): return index
    case .mayOpen:
      opening -= 1
      throw error
    case .failed(let other): throw other
    }
  }

  /// Lets waiting work open as many lanes as there may be.
  private func wakeToOpen() {
    var room = lanes.isEmpty ? (opening == 0 ? 1 : 0) : min(maxLanes, throttle.limit) - lanes.count - opening
    while room > 0, !waiters.isEmpty {
      opening += 1
      room -= 1
      waiters.removeFirst().continuation.resume(returning: .mayOpen)
    }
  }

  private func release(_ index: Int) {
    busy -= 1
    guard lanes[index] != nil else { return }
    idle.append(index)
    while busy < throttle.limit, !waiters.isEmpty, let index = idle.popLast() { hand(index) }
    wakeToOpen()
  }

  /// Gives a lane to the waiting work that suits it best.
  private func hand(_ index: Int) {
    guard let lane = lanes[index], !waiters.isEmpty else {
      idle.append(index)
      return
    }
    var place = 0
    if waiters[0].passedOver < Self.patience {
      place = waiters.firstIndex { ($0.role ?? lane.home) == lane.role } ?? 0
      for skipped in 0..<place { waiters[skipped].passedOver += 1 }
    }
    busy += 1
    waiters.remove(at: place).continuation.resume(returning: .lane(index))
  }

  private func wait(_ wanted: RoleName?) async -> Outcome {
    let id = nextWaiter
    nextWaiter += 1
    // Nothing else of this actor runs before the waiter is in the list, so its cancellation cannot come too early.
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if Task.isCancelled {
          continuation.resume(returning: .failed(.cancelled))
        } else {
          waiters.append(Waiter(id: id, role: wanted, continuation: continuation))
        }
      }
    } onCancel: {
      Task { await self.cancelWaiter(id) }
    }
  }

  private func cancelWaiter(_ id: UInt64) {
    guard let place = waiters.firstIndex(where: { $0.id == id }) else { return }
    waiters.remove(at: place).continuation.resume(returning: .failed(.cancelled))
  }
}
