import Testing

@testable import SnowflakeClient

/// An account whose sessions remember their role.
private final class RoleAccount: Sendable {
  private struct State {
    var sessions = 0
    var roles: [String: String] = [:]
    /// Statements with the role they ran as.
    var log: [(sql: String, role: String)] = []
    var inFlight: [String: Int] = [:]
    var overlaps = 0
  }
  private let state = Locked(State())
  let loginLimit: Int

  init(loginLimit: Int = 1000) { self.loginLimit = loginLimit }

  func reply(_ request: Received) -> Reply {
    let token = request.token ?? ""
    switch request.path {
    case ScriptedServer.loginPath:
      return state.withLock { state in
        if state.sessions >= loginLimit { return Answers.refusal("390505", "too many") }
        state.sessions += 1
        state.roles["Snowflake Token=\"s\(state.sessions)\""] = "HOME"
        return Answers.login(token: "s\(state.sessions)", role: "HOME")
      }
    case "/session": return .json("{\"success\":true}")
    default:
      let sql = request.sql ?? ""
      return state.withLock { state in
        if sql.hasPrefix("USE ROLE ") {
          let role = RoleName(sql: String(sql.dropFirst(9))).text
          if role == "DENIED" { return Answers.refusal("003001", "not granted") }
          state.roles[token] = role
        } else {
          state.log.append((sql, state.roles[token] ?? "?"))
        }
        return .later(milliseconds: 5, Answers.rows(role: state.roles[token] ?? "?"))
      }
    }
  }

  var log: [(sql: String, role: String)] { state.withLock { $0.log } }
  var sessions: Int { state.withLock { $0.sessions } }
}

@Suite struct LaneTests {
  private func pool(
    _ server: ScriptedServer, _ lanes: Int, _ mode: LanePool.Mode = .reading
  ) -> LanePool {
    LanePool(parameters: server.parameters, maxLanes: lanes, mode: mode, options: ScriptedServer.quick)
  }

  @Test func everyStatementRunsAsItsRoleAndLanesStayUnderTheLimit() async throws {
    let account = RoleAccount()
    let server = try ScriptedServer { account.reply($0) }
    defer { server.stop() }
    let pool = pool(server, 4)
    let roles = ["A", "\"b\"", "\"c\"\"d\"", nil]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<80 {
        group.addTask { _ = try await pool.run("SELECT \(index)", role: roles[index % 4]) }
      }
      try await group.waitForAll()
    }
    let exact = ["A", "b", "c\"d", "HOME"]
    #expect(account.log.count == 80)
    for entry in account.log {
      let index = try #require(Int(entry.sql.dropFirst(7)))
      #expect(entry.role == exact[index % 4])
    }
    #expect(account.sessions <= 4)
    let statistics = await pool.statistics
    #expect(statistics.statementCount == 80)
    #expect(statistics.statements == ["SELECT": 80])
    // Work is batched by role: far fewer switches than a lane that takes whatever comes.
    #expect(statistics.roleSwitches <= 16)
    #expect(statistics.roundTrips == 80 + statistics.roleSwitches)
    await pool.close()
  }

  @Test func oneLaneSwitchesOnlyWhenTheRoleChanges() async throws {
    let account = RoleAccount()
    let server = try ScriptedServer { account.reply($0) }
    defer { server.stop() }
    let pool = pool(server, 1, .writing)
    for role in ["A", "a", "\"A\"", "B", "HOME", nil] { _ = try await pool.run("SELECT 1", role: role) }
    #expect(await pool.statistics.roleSwitches == 3)
    let login = try #require(server.received.first?.json["data"])
    #expect(login["SECONDARY_ROLES"] == .string("NONE"))
  }

  @Test func aStreamsLaneServesOthersWhileItsRowsAreRead() async throws {
    let emulated = try EmulatedAccount.shared.get()
    let pool = LanePool(
      parameters: emulated.parameters(port: emulated.port), maxLanes: 1, mode: .reading, options: ScriptedServer.quick)
    let stream = try await pool.stream("SHOW ROLES LIKE 'LISTED\\\\_%'", role: "SECURITYADMIN")
    var rows = 0
    for try await batch in stream {
      rows += batch.rowCount
      #expect(try await pool.run("SELECT CURRENT_ROLE()", role: "SYSADMIN")[0, 0] == "SYSADMIN")
    }
    #expect(rows == EmulatedAccount.roles)
    #expect(await pool.statistics.lanes == 1)
    #expect(await pool.statistics.statements["SHOW ROLES"] == 1)
    await pool.close()
  }

  /// Whoever has approved a login on a telephone is not asked again, and what a statement is for is told the one lane.
  @Test func aLoginThatTheUserApprovedIsTheOnlyOne() async throws {
    let logins = Counter()
    let gone = Counter()
    let server = try ScriptedServer { request in
      switch request.path {
      case ScriptedServer.loginPath:
        if request.json["inFlightCtx"] != nil { return Answers.login(token: "s\(logins.next())") }
        return .json(
          """
          {"data":{"nextAction":"EXT_AUTHN_DUO_ALL","inFlightCtx":"flight"},"code":"390120","message":"approve",
          "success":false}
          """)
      case "/session": return .json("{\"success\":true}")
      default:
        // Once, the session is gone when a statement comes that is to run with one role.
        if request.sql == "WRITE 2", gone.next() == 0 { return Answers.refusal("390111", "gone") }
        return .later(milliseconds: 5, Answers.rows())
      }
    }
    defer { server.stop() }
    var options = ScriptedServer.quick
    options.interaction = LoginInteraction(openBrowser: { _ in false }, tell: { _ in })
    let pool = LanePool(parameters: server.parameters, maxLanes: 8, mode: .reading, options: options)
    #expect(try await pool.connect().isInteractive)
    await withTaskGroup(of: Void.self) { group in
      for index in 0..<20 { group.addTask { _ = try? await pool.run("READ \(index)") } }
    }
    for index in 0..<3 { _ = try await pool.run("WRITE \(index)", mode: .writing) }
    _ = try await pool.run("READ AGAIN")
    let sent = server.received.compactMap(\.sql).filter { !$0.hasPrefix("READ ") || $0 == "READ AGAIN" }
    #expect(
      sent == [
        "USE SECONDARY ROLES NONE", "WRITE 0", "WRITE 1", "WRITE 2", "WRITE 2", "USE SECONDARY ROLES ALL", "READ AGAIN",
      ])
    // The login after the session was gone: as the statement wants it.
    let roles = server.received(ScriptedServer.loginPath).filter { $0.json["inFlightCtx"] != nil }
      .map { $0.json["data"]?["SECONDARY_ROLES"]?.text }
    #expect(roles == ["ALL", "NONE"])
    #expect(await pool.statistics.lanes == 1)
  }

  @Test func aWrongPasswordIsTriedOnceHoweverManyWait() async throws {
    let server = try ScriptedServer { _ in .later(milliseconds: 50, Answers.wrongPassword) }
    defer { server.stop() }
    let pool = pool(server, 8)
    await withTaskGroup(of: ClientError?.self) { group in
      for _ in 0..<20 {
        group.addTask {
          do throws(ClientError) {
            _ = try await pool.run("SELECT 1")
            return nil
          } catch { return error }
        }
      }
      for await error in group {
        guard case .loginFailed = error else {
          Issue.record("\(String(describing: error))")
          continue
        }
      }
    }
    #expect(server.received.count == 1)
  }

  @Test func whenNoFurtherLoginIsAllowedTheOpenLanesDoTheWork() async throws {
    let account = RoleAccount(loginLimit: 2)
    let server = try ScriptedServer { account.reply($0) }
    defer { server.stop() }
    let pool = pool(server, 8)
    _ = try await pool.run("SELECT 0")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 1..<30 { group.addTask { _ = try await pool.run("SELECT \(index)") } }
      try await group.waitForAll()
    }
    #expect(account.log.count == 30)
    let statistics = await pool.statistics
    #expect(statistics.lanes == 2)
    #expect(statistics.growthProblem != nil)
  }

  @Test func aRoleThatIsNotGrantedFailsItsStatementOnly() async throws {
    let account = RoleAccount()
    let server = try ScriptedServer { account.reply($0) }
    defer { server.stop() }
    let pool = pool(server, 1)
    let error = await #expect(throws: ClientError.self) { try await pool.run("SELECT 1", role: "DENIED") }
    #expect(error?.sqlFailure?.code == "003001")
    _ = try await pool.run("SELECT 2", role: "A")
    #expect(account.log.map(\.role) == ["A"])
  }

  @Test func waitingWorkCanBeCancelled() async throws {
    let account = RoleAccount()
    let server = try ScriptedServer { request in
      request.sql == "SLOW" ? .later(milliseconds: 400, Answers.rows(role: "HOME")) : account.reply(request)
    }
    defer { server.stop() }
    let pool = pool(server, 1)
    _ = try await pool.connect()
    let slow = Task { try? await pool.run("SLOW") }
    while server.received(ScriptedServer.queryPath).isEmpty { try await Task.sleep(for: .milliseconds(2)) }
    let waiting = Task { () -> ClientError? in
      do throws(ClientError) {
        _ = try await pool.run("SELECT 1")
        return nil
      } catch { return error }
    }
    try await Task.sleep(for: .milliseconds(30))
    waiting.cancel()
    #expect(await waiting.value == .cancelled)
    #expect(await slow.value != nil)
    #expect(account.log.isEmpty)
  }

  @Test func aClosedPoolRefusesWorkAndLogsOut() async throws {
    let account = RoleAccount()
    let server = try ScriptedServer { account.reply($0) }
    defer { server.stop() }
    let pool = pool(server, 2)
    #expect(try await pool.connect().role == "HOME")
    await pool.close()
    #expect(server.received("/session").count == 1)
    await #expect(throws: ClientError.self) { try await pool.run("SELECT 1") }
  }

  @Test(arguments: [
    ("show warehouses in account", "SHOW WAREHOUSES IN ACCOUNT"),
    ("SHOW GRANTS TO ROLE \"X Y\"", "SHOW GRANTS TO ROLE"),
    ("SHOW FUTURE GRANTS TO DATABASE ROLE A.B", "SHOW FUTURE GRANTS TO DATABASE ROLE"),
    ("SHOW PARAMETERS IN WAREHOUSE W", "SHOW PARAMETERS IN WAREHOUSE"),
    ("SHOW ROLES LIKE 'x'", "SHOW ROLES"), ("SHOW TERSE SCHEMAS IN DATABASE D", "SHOW TERSE SCHEMAS IN DATABASE"),
    ("DESC USER BOB", "DESC USER"), ("DESCRIBE NETWORK POLICY P", "DESC NETWORK POLICY"), ("SELECT 1", "SELECT"),
    ("CREATE OR REPLACE ROLE X", "CREATE ROLE"), ("GRANT USAGE ON DATABASE D TO ROLE R", "GRANT"),
    ("USE ROLE X", "USE ROLE"), ("", ""),
  ])
  func statementsAreCountedByTheirLeadingKeywords(_ sql: String, _ expected: String) {
    #expect(StatementClass.of(sql) == expected)
  }
}
