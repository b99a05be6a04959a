import Testing

@testable import SnowflakeClient

@Suite struct LoginTests {
  @Test func passwordLoginSendsWhatTheAccountExpects() async throws {
    let server = try ScriptedServer.account { _ in Answers.rows() }
    defer { server.stop() }
    var options = ScriptedServer.quick
    options.secondaryRoles = SecondaryRoles.none
    options.queryTag = "snowmaker/test"
    var parameters = server.parameters
    parameters.set(.role, "my role", from: .override("test"))
    let session = try await Session.open(parameters, options: options)
    #expect(await session.role == "SYSADMIN")
    let request = try #require(server.received.first)
    #expect(request.path == ScriptedServer.loginPath)
    #expect(request.query["roleName"] == "my%20role")
    let data = request.json["data"]
    #expect(data?["LOGIN_NAME"] == .string("tester"))
    #expect(data?["ACCOUNT_NAME"] == .string("myorg-myacct"))
    #expect(data?["PASSWORD"] == .string("s3cret-pw"))
    #expect(data?["SECONDARY_ROLES"] == .string("NONE"))
    #expect(data?["SESSION_PARAMETERS"]?["QUOTED_IDENTIFIERS_IGNORE_CASE"] == .bool(false))
    #expect(data?["SESSION_PARAMETERS"]?["QUERY_TAG"] == .string("snowmaker/test"))
    await session.close()
    #expect(server.received.last?.path == "/session")
    #expect(server.received.last?.token == "Snowflake Token=\"ses-1\"")
  }

  @Test func aWrongPasswordIsReportedWithCodeAndHintAndNotRetried() async throws {
    let server = try ScriptedServer { _ in Answers.wrongPassword }
    defer { server.stop() }
    let error = await #expect(throws: ClientError.self) { try await server.session() }
    guard case .loginFailed(let failure) = error else {
      Issue.record("not a login failure: \(String(describing: error))")
      return
    }
    #expect(failure.code == "390100")
    #expect(failure.hint != nil)
    #expect(error?.description.contains("tester") == true)
    #expect(error?.description.contains("s3cret") == false)
    #expect(server.received.count == 1)
  }

  @Test func theAccountBeingAwayIsRetried() async throws {
    let count = Counter()
    let server = try ScriptedServer { _ in
      count.next() < 2 ? .status(503) : Answers.login()
    }
    defer { server.stop() }
    _ = try await server.session()
    #expect(server.received.count == 3)
  }

  @Test func forbiddenIsNotRetriedAndExplained() async throws {
    let server = try ScriptedServer { _ in .status(403) }
    defer { server.stop() }
    let error = await #expect(throws: ClientError.self) { try await server.session() }
    #expect(server.received.count == 1)
    #expect(error?.description.contains("403") == true)
    #expect(error?.description.contains("account's name") == true)
  }

  @Test func nothingListeningIsReportedAtOnce() async throws {
    let server = try ScriptedServer { _ in .hangUp }
    let parameters = server.parameters
    server.stop()
    let error = await #expect(throws: ClientError.self) { try await Session.open(parameters) }
    let base = try parameters.endpoint().base
    let failure = await #expect(throws: ExchangeFailure.self) {
      try await HTTPTransport.shared.exchange("asking", policy: RetryPolicy()) { _ in HTTPRequest(url: base) }
    }
    #expect(failure?.attempts == 1)
    #expect(failure?.wasAmbiguous == false)
    guard case .transport(.refused(let host, let port, _), _) = error else {
      Issue.record("not a refusal: \(String(describing: error))")
      return
    }
    #expect(host == "127.0.0.1" && port == server.port)
  }

  @Test func garbageInPlaceOfAnAnswerIsNamed() async throws {
    let server = try ScriptedServer { _ in .status(200, body: Array("<html>welcome</html>".utf8)) }
    defer { server.stop() }
    let error = await #expect(throws: ClientError.self) { try await server.session() }
    #expect(error?.description.contains("<html>welcome") == true)
  }

  @Test func keyPairLoginSendsATokenThatThePublicKeyVerifies() async throws {
    let server = try ScriptedServer.account { _ in Answers.rows() }
    defer { server.stop() }
    let pair = try TestKey()
    var parameters = server.parameters
    parameters.set(.privateKey, try pair.pem(passphrase: "open"), from: .override("test"))
    parameters.set(.privateKeyPassphrase, "open", from: .override("test"))
    parameters.set(.authenticator, "SNOWFLAKE_JWT", from: .override("test"))
    _ = try await Session.open(parameters, options: ScriptedServer.quick)
    let data = try #require(server.received.first?.json["data"])
    #expect(data["AUTHENTICATOR"] == .string("SNOWFLAKE_JWT"))
    #expect(data["PASSWORD"] == nil)
    let claims = try pair.verify(try #require(data["TOKEN"]?.text))
    #expect(claims["sub"] == .string("MYORG-MYACCT.TESTER"))
    #expect(claims["iss"]?.text?.hasPrefix("MYORG-MYACCT.TESTER.SHA256:") == true)
  }

  @Test func plainHTTPToAnotherMachineIsRefusedBeforeAnythingIsSent() async throws {
    let parameters = ConnectionParameters([
      .account: "a-b", .host: "example.com", .connectionProtocol: "http", .user: "u", .password: "p",
    ])
    let error = await #expect(throws: ClientError.self) { try await Session.open(parameters) }
    guard case .transport(.badAddress, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func missingSettingsAreNamed() async throws {
    let noUser = ConnectionParameters(name: "dev", [.account: "a-b", .password: "p"])
    let first = await #expect(throws: ClientError.self) { try await Session.open(noUser) }
    #expect(first?.description.contains("connection \"dev\" names no user") == true)
    let noSecret = ConnectionParameters(name: "dev", [.account: "a-b", .user: "u"])
    let second = await #expect(throws: ClientError.self) { try await Session.open(noSecret) }
    #expect(second?.description.contains("neither a password nor a private key") == true)
    let browser = ConnectionParameters([.account: "a-b", .user: "u", .authenticator: "kerberos"])
    let third = await #expect(throws: ClientError.self) { try await Session.open(browser) }
    #expect(third?.description.contains("kerberos") == true)
  }
}
