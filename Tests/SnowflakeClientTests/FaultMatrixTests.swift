import Testing

@testable import SnowflakeClient

/// Every fault at every kind of request. Whatever happens, the account has executed each statement exactly once, which
/// is what its log says, and the caller has the result.
@Suite struct FaultMatrixTests {
  enum Operation: String, CaseIterable, Sendable {
    case login, query, poll, chunk, renewal, heartbeat, abort
    /// A statement and the question for its result, over the SQL API.
    case apiStatement, apiPoll

    /// The requests that the fault is for.
    var path: String {
      switch self {
      case .login: ScriptedServer.loginPath
      case .query: ScriptedServer.queryPath
      case .poll: "/queries/0"
      case .chunk: "/chunks/"
      case .renewal: ScriptedServer.renewPath
      case .heartbeat: "/session/heartbeat"
      case .abort: "/queries/v1/abort-request"
      case .apiStatement: "/api/v2/statements"
      case .apiPoll: "/api/v2/statements/"
      }
    }

    var isAPI: Bool { self == .apiStatement || self == .apiPoll }

    /// Faults that mean nothing here: the SQL API and a login have no session, and a session that is gone takes its
    /// running statements with it.
    func applies(_ fault: Fault) -> Bool {
      switch (self, fault) {
      case (.login, .sessionExpired), (.login, .sessionGone), (.abort, .sessionGone): false
      case (_, .sessionExpired), (_, .sessionGone): !isAPI
      default: true
      }
    }
  }

  private static func options(_ fault: Fault) -> SessionOptions {
    var options = ScriptedServer.quick
    if fault == .hang { options.timeouts = HTTPTimeouts(firstByte: .seconds(1), idle: .seconds(30)) }
    return options
  }

  /// The faults are tried side by side, each with a network of its own, because most of the time is waiting.
  @Test(arguments: Operation.allCases)
  func aStatementRunsExactlyOnce(_ operation: Operation) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for fault in Fault.allCases where operation.applies(fault) {
        group.addTask { try await cell(operation, fault) }
      }
      try await group.waitForAll()
    }
  }

  private func cell(_ operation: Operation, _ fault: Fault) async throws {
    let account = try EmulatedAccount.shared.get()
    let network = try FaultyPath(to: account.port)
    defer { network.stop() }
    let marker = "M_\(operation)_\(fault)_"
    let rule = FaultyPath.Rule(fault: fault, path: operation.path)
    if operation == .login { network.set(rule) }
    let parameters =
      operation.isAPI ? account.apiParameters(port: network.port) : account.parameters(port: network.port)
    let clock = ContinuousClock()
    let start = clock.now
    let session = try await Session.open(parameters, options: Self.options(fault), transport: HTTPTransport())
    try await run(operation, fault, rule, marker, session, network, account)
    #expect(network.faults.contains(fault), "\(marker): the fault did not happen")
    if fault == .tooManyRequestsRetryAfter { #expect(start.duration(to: clock.now) >= .seconds(1)) }
    await session.close()
  }

  private func run(
    _ operation: Operation, _ fault: Fault, _ rule: FaultyPath.Rule, _ marker: String, _ session: Session,
    _ network: FaultyPath, _ account: EmulatedAccount
  ) async throws {
    let create = "CREATE ROLE \(marker)"
    switch operation {
    case .login: _ = try await session.execute(create)
    case .query, .apiStatement:
      network.set(.init(fault: fault, path: operation.path, containing: marker))
      _ = try await session.execute(create)
    case .poll, .apiPoll:
      let id = try await session.submit(create)
      network.set(rule)
      _ = try await session.result(of: id)
    case .chunk:
      network.set(rule)
      let sql = "SHOW ROLES LIKE 'LISTED\\\\_%' -- \(marker)"
      let result = try await session.execute(sql)
      #expect(result.rowCount == EmulatedAccount.roles, "\(marker)")
      let names = (0..<result.rowCount).compactMap { result[$0, "name"] }
      #expect(names == (0..<EmulatedAccount.roles).map { "LISTED_\($0)" }.sorted())
    case .renewal:
      network.set(.init(fault: .sessionExpired, path: ScriptedServer.queryPath, containing: marker), rule)
      _ = try await session.execute(create)
    case .heartbeat:
      network.set(rule)
      try await session.sendHeartbeat()
      _ = try await session.execute(create)
    case .abort:
      network.set(rule)
      try await cancelled("CREATE ROLE SLOW_\(marker)", session, network)
      // The account says so when the statement's thread has noticed.
      for _ in 0..<500 where account.executions(marker).isEmpty { try await Task.sleep(for: .milliseconds(10)) }
      #expect(account.executions(marker) == ["000604"], "\(marker)")
      return
    }
    #expect(account.executions(marker) == [nil], "\(marker)")
  }

  /// Runs a statement and cancels it when it has begun.
  private func cancelled(_ sql: String, _ session: Session, _ network: FaultyPath) async throws {
    let task = Task { () -> ClientError? in
      do throws(ClientError) {
        _ = try await session.execute(sql)
        return nil
      } catch { return error }
    }
    while !network.received.contains(where: { $0.sql == sql }) { try await Task.sleep(for: .milliseconds(5)) }
    try await Task.sleep(for: .milliseconds(50))
    task.cancel()
    #expect(await task.value == .cancelled)
  }

  // MARK: - What no repetition cures

  /// Nobody listens: the error comes at once, says that nothing ran, and the session goes on when somebody does.
  @Test(arguments: [Operation.query, .chunk, .renewal, .heartbeat, .apiStatement])
  func aRefusedConnectionIsAnErrorThatLeavesTheSessionWhole(_ operation: Operation) async throws {
    let account = try EmulatedAccount.shared.get()
    let network = try FaultyPath(to: account.port)
    let port = network.port
    let marker = "REFUSED_\(operation)"
    let parameters = operation.isAPI ? account.apiParameters(port: port) : account.parameters(port: port)
    let session = try await Session.open(parameters, options: ScriptedServer.quick, transport: HTTPTransport())
    let stream = operation == .chunk ? try await session.stream("SHOW ROLES -- \(marker)") : nil
    network.stop()
    await network.untilClosed()
    let error = await #expect(throws: ClientError.self) {
      if let stream { for try await _ in stream {} }
      if operation == .heartbeat { try await session.sendHeartbeat() }
      _ = try await session.execute("CREATE ROLE \(marker)")
    }
    guard case .transport(.refused, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(error?.mayHaveRun == false)
    let again = try FaultyPath(to: account.port, port: port)
    defer { again.stop() }
    if operation == .renewal { again.set(.init(fault: .sessionExpired, path: ScriptedServer.queryPath)) }
    _ = try await session.execute("CREATE ROLE \(marker)")
    #expect(account.executions("CREATE ROLE \(marker)") == [nil])
  }

  @Test func aLoginThatNobodyListensToFailsAtOnce() async throws {
    let account = try EmulatedAccount.shared.get()
    let network = try FaultyPath(to: account.port)
    network.stop()
    await network.untilClosed()
    let error = await #expect(throws: ClientError.self) {
      try await Session.open(account.parameters(port: network.port), transport: HTTPTransport())
    }
    guard case .transport(.refused, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  /// The answer is lost, and before the statement can be sent again the session is gone: sending it with a new session
  /// would run it twice, because a new session does not know the request's id.
  @Test(arguments: [Fault.sessionExpired, .sessionGone])
  func aStatementIsNotSentWithANewSessionWhenItMayHaveRun(_ end: Fault) async throws {
    let account = try EmulatedAccount.shared.get()
    let network = try FaultyPath(to: account.port)
    defer { network.stop() }
    let marker = "TWICE_\(end)"
    let session = try await Session.open(
      account.parameters(port: network.port), options: ScriptedServer.quick, transport: HTTPTransport())
    network.set(
      .init(fault: .lostAnswer, path: ScriptedServer.queryPath, containing: marker),
      .init(fault: end, path: ScriptedServer.queryPath, containing: marker),
      // The master token is of no use either: the client has to log in again.
      .init(fault: .sessionGone, path: ScriptedServer.renewPath))
    let error = await #expect(throws: ClientError.self) { try await session.execute("CREATE ROLE \(marker)") }
    guard case .unanswered? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(account.executions(marker) == [nil])
    // The session serves the next statement.
    _ = try await session.execute("CREATE ROLE NEXT_\(end)")
    #expect(account.executions("NEXT_\(end)") == [nil])
  }

  @Test(arguments: [Fault.unavailable, .tooManyRequests, .reset, .lostAnswer])
  func aFaultThatDoesNotEndIsAnErrorThatSaysWhatIsKnown(_ fault: Fault) async throws {
    let account = try EmulatedAccount.shared.get()
    let network = try FaultyPath(to: account.port)
    defer { network.stop() }
    let marker = "EVER_\(fault)"
    var options = ScriptedServer.quick
    options.statementRetry.attempts = 3
    let session = try await Session.open(
      account.parameters(port: network.port), options: options, transport: HTTPTransport())
    network.set(.init(fault: fault, path: ScriptedServer.queryPath, containing: marker, times: 1000))
    let error = await #expect(throws: ClientError.self) { try await session.execute("CREATE ROLE \(marker)") }
    // "Too many requests" is said by whoever has not looked at the statement; anything else leaves it open.
    #expect(error?.mayHaveRun == (fault != .tooManyRequests))
    #expect(network.faults.count == 3)
    #expect(account.executions(marker) == (fault == .lostAnswer ? [nil] : []))
  }

  /// What may take long is sent without waiting and has a handle; what is brief is waited for and has none yet.
  @Test(arguments: [
    ("CREATE ROLE SLOW_API_CANCEL", "API_CANCEL"), ("SHOW ROLES LIKE 'SLOW_API_SHOW'", "API_SHOW"),
    ("DESC USER SLOW_API_DESC", "API_DESC"),
  ])
  func cancellingOverTheSQLAPIStopsTheStatementOnTheAccount(_ sql: String, _ marker: String) async throws {
    let account = try EmulatedAccount.shared.get()
    let network = try FaultyPath(to: account.port)
    defer { network.stop() }
    let session = try await Session.open(
      account.apiParameters(port: network.port), options: ScriptedServer.quick, transport: HTTPTransport())
    try await cancelled(sql, session, network)
    for _ in 0..<500 where account.executions(marker).isEmpty { try await Task.sleep(for: .milliseconds(10)) }
    #expect(account.executions(marker) == ["000604"])
  }

  @Test func twentyStatementsRunOnceEachWhileTheirSessionExpires() async throws {
    let account = try EmulatedAccount.shared.get()
    let network = try FaultyPath(to: account.port)
    defer { network.stop() }
    let session = try await Session.open(
      account.parameters(port: network.port), options: ScriptedServer.quick, transport: HTTPTransport())
    account.emulator.server.expireSessions()
    await withTaskGroup(of: Bool.self) { group in
      for index in 0..<20 {
        group.addTask { (try? await session.execute("CREATE ROLE EXPIRE_\(index)_X")) != nil }
      }
      for await worked in group { #expect(worked) }
    }
    #expect(network.received.filter { $0.path == ScriptedServer.renewPath }.count == 1)
    #expect(await session.upkeep.renewals == 1)
    for index in 0..<20 { #expect(account.executions("EXPIRE_\(index)_X") == [nil]) }
  }
}
