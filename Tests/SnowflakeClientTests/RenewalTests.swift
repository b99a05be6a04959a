import Testing

@testable import SnowflakeClient

@Suite struct RenewalTests {
  @Test func twentyStatementsThatFindTheTokenExpiredRenewItOnce() async throws {
    let server = try ScriptedServer { request in
      switch request.path {
      case ScriptedServer.loginPath: return Answers.login(token: "old")
      case ScriptedServer.renewPath: return .later(milliseconds: 30, Answers.renewed(token: "new"))
      default:
        return request.token == "Snowflake Token=\"new\"" ? Answers.rows() : Answers.refusal("390112", "expired")
      }
    }
    defer { server.stop() }
    let session = try await server.session()
    await withTaskGroup(of: Bool.self) { group in
      for index in 0..<20 {
        group.addTask { (try? await session.execute("SELECT \(index)")) != nil }
      }
      for await worked in group { #expect(worked) }
    }
    let renewals = server.received(ScriptedServer.renewPath)
    #expect(renewals.count == 1)
    #expect(renewals[0].token == "Snowflake Token=\"mst-1\"")
    #expect(renewals[0].json["oldSessionToken"] == .string("old"))
    #expect(renewals[0].json["requestType"] == .string("RENEW"))
    #expect(server.received(ScriptedServer.loginPath).count == 1)
    let byID = Dictionary(grouping: server.received(ScriptedServer.queryPath)) { $0.sql ?? "" }
    #expect(byID.values.allSatisfy { Set($0.map { $0.query["requestId"] ?? "" }).count == 1 })
  }

  @Test(arguments: [("X", "X"), ("my role", "%22my%20role%22"), ("q\"q", "%22q%22%22q%22")])
  func anExpiredMasterTokenMeansANewLoginWithTheSameRole(_ role: String, _ sent: String) async throws {
    let logins = Counter()
    let server = try ScriptedServer { request in
      switch request.path {
      case ScriptedServer.loginPath: return Answers.login(token: logins.next() == 0 ? "old" : "new")
      case ScriptedServer.renewPath: return Answers.refusal("390114", "master token expired")
      default:
        if request.sql == "USE" { return Answers.rows(role: role) }
        return request.token == "Snowflake Token=\"new\"" ? Answers.rows() : Answers.refusal("390112")
      }
    }
    defer { server.stop() }
    let session = try await server.session()
    _ = try await session.execute("USE")
    _ = try await session.execute("SELECT 1")
    let second = server.received(ScriptedServer.loginPath)
    #expect(second.count == 2)
    #expect(second.last?.query["roleName"] == sent)
  }

  @Test func aStatementThatMayHaveRunIsNotSentWithANewSession() async throws {
    let count = Counter()
    let server = try ScriptedServer.account { _ in
      switch count.next() {
      case 0: Answers.rows()
      // On a kept connection, where libcurl would repeat the request by itself if it were let.
      case 1: .hangUp
      default: Answers.refusal("390111", "session gone")
      }
    }
    defer { server.stop() }
    let session = try await Session.open(server.parameters, options: ScriptedServer.quick, transport: HTTPTransport())
    _ = try await session.execute("SELECT 1")
    let error = await #expect(throws: ClientError.self) { try await session.execute("CREATE ROLE X") }
    #expect(error?.mayHaveRun == true)
    #expect(server.received(ScriptedServer.loginPath).count == 1)
    let sent = server.received(ScriptedServer.queryPath).filter { $0.sql == "CREATE ROLE X" }
    #expect(sent.map { $0.query["retryCount"] } == [nil, "1"])
  }

  @Test func aStatementThatTheAccountRefusedForLackOfASessionIsSentWithANewOne() async throws {
    let logins = Counter()
    let server = try ScriptedServer { request in
      if request.path == ScriptedServer.loginPath { return Answers.login(token: logins.next() == 0 ? "old" : "new") }
      return request.token == "Snowflake Token=\"new\"" ? Answers.rows() : Answers.refusal("390111", "session gone")
    }
    defer { server.stop() }
    let session = try await server.session()
    _ = try await session.execute("CREATE ROLE X")
    #expect(await session.upkeep.logins == 2)
  }

  @Test func aSessionThatIsAlwaysExpiredEndsInAnError() async throws {
    let server = try ScriptedServer { request in
      switch request.path {
      case ScriptedServer.loginPath: Answers.login()
      case ScriptedServer.renewPath: Answers.renewed(token: "t\(request.index)")
      default: Answers.refusal("390112")
      }
    }
    defer { server.stop() }
    let session = try await server.session()
    let error = await #expect(throws: ClientError.self) { try await session.execute("SELECT 1") }
    #expect(error?.description.contains("expired") == true)
  }

  @Test func aHeartbeatRenewsAnExpiredToken() async throws {
    let server = try ScriptedServer { request in
      switch request.path {
      case ScriptedServer.loginPath: Answers.login(token: "old")
      case ScriptedServer.renewPath: Answers.renewed(token: "new")
      default:
        request.token == "Snowflake Token=\"new\""
          ? .json("{\"success\":true,\"data\":null}") : Answers.refusal("390112")
      }
    }
    defer { server.stop() }
    let session = try await server.session()
    try await session.sendHeartbeat()
    #expect(server.received("/session/heartbeat").count == 2)
    #expect(await session.upkeep.renewals == 1)
  }
}
