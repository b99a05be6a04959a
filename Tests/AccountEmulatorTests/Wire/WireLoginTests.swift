import SnowmakerModel
import Testing

@testable import AccountEmulator

@Suite("Logins and tokens on the wire")
struct WireLoginTests {
  @Test("A login answers both tokens, the session and what it stands on")
  func success() throws {
    let fixture = try WireFixture()
    let answer = try fixture.login(query: "?roleName=sysadmin&warehouse=wh&databaseName=db&schemaName=")
    #expect(answer["success"] == true)
    #expect(answer["code"] == .null)
    let data = answer["data"]
    #expect(data["token"].string?.isEmpty == false)
    #expect(data["masterToken"].string?.isEmpty == false)
    #expect(data["token"] != data["masterToken"])
    #expect(data["sessionId"] == 1001)
    #expect(
      data["sessionInfo"] == ["databaseName": "DB", "schemaName": nil, "warehouseName": "WH", "roleName": "SYSADMIN"])
    #expect(data["parameters"].list.contains(["name": "AUTOCOMMIT", "value": true]))
    #expect(data["validityInSeconds"] == 3600)
  }

  @Test("A wrong password is refused with HTTP 200 and 390100")
  func wrongPassword() throws {
    let fixture = try WireFixture()
    let body: Value = ["data": ["LOGIN_NAME": "tester", "PASSWORD": "guess"]]
    let response = try fixture.post("/session/v1/login-request", body)
    #expect(response.status == 200)
    #expect(try response.json["success"] == false)
    #expect(try response.json["code"] == "390100")
    #expect(try response.json["data"]["nextAction"] == "RETRY_LOGIN")
    #expect(fixture.server.openSessions == 0)
  }

  @Test(
    "A method that is not offered is refused with its own code",
    arguments: [
      ("OAUTH", "390303"), ("PROGRAMMATIC_ACCESS_TOKEN", "394400"), ("ID_TOKEN", "390195"),
      ("EXTERNALBROWSER", "390190"), ("https://acme.okta.com", "390139"), ("WORKLOAD_IDENTITY", "390139"),
    ])
  func otherMethods(authenticator: String, code: String) throws {
    var options = EmulatorServer.Options()
    options.loginMethods = [.password, .keyPair]
    let fixture = try WireFixture(options)
    let answer = try fixture.login(["LOGIN_NAME": "t", "AUTHENTICATOR": .string(authenticator), "TOKEN": "x"])
    #expect(answer["success"] == false)
    #expect(answer["code"] == .string(code))
  }

  @Test("What the client sends reaches the engine: credential, context, secondary roles, parameters")
  func request() throws {
    var options = EmulatorServer.Options()
    options.loginMethods = Set(EmulatorServer.LoginMethod.allCases)
    let fixture = try WireFixture(options)
    let more: [Value.Field] = [
      .init("LOGIN_NAME", "tester"), .init("ACCOUNT_NAME", "acme"), .init("SECONDARY_ROLES", "NONE"),
      .init("TOKEN", "t"),
      .init("SESSION_PARAMETERS", ["query_tag": "q", "CLIENT_PREFETCH_THREADS": 4, "AUTOCOMMIT": false]),
    ]
    for method in ["SNOWFLAKE_JWT", "PROGRAMMATIC_ACCESS_TOKEN"] {
      let data = Value.object([.init("AUTHENTICATOR", .string(method))] + more)
      #expect(try fixture.login(data, query: "?roleName=%22my%20role%22&schemaName=s")["success"] == true)
    }
    let logins = fixture.engine.logins
    guard case .keyPairJWT("t") = logins[0].credential, case .accessToken("t") = logins[1].credential else {
      Issue.record("\(logins.map(\.credential))")
      return
    }
    #expect(logins[0].user == "tester")
    #expect(logins[0].account == "acme")
    #expect(logins[0].role == "\"my role\"")
    #expect(logins[0].schema == "s")
    #expect(logins[0].warehouse == nil)
    #expect(logins[0].secondaryRoles == "NONE")
    #expect(logins[0].sessionParameters == ["QUERY_TAG": "q", "CLIENT_PREFETCH_THREADS": "4", "AUTOCOMMIT": "false"])
  }

  @Test("An OAuth token that was not issued here is refused and never reaches the engine")
  func unknownOAuthToken() throws {
    let fixture = try WireFixture()
    let answer = try fixture.login(["LOGIN_NAME": "t", "AUTHENTICATOR": "OAUTH", "TOKEN": "x"])
    #expect(answer["code"] == "390303")
    #expect(fixture.engine.logins.isEmpty)
  }

  @Test("A default object that does not exist is refused only when the client asks for it")
  func validateDefaults() throws {
    let fixture = try WireFixture()
    #expect(try fixture.login(query: "?warehouse=nowhere")["success"] == true)
    let strict: Value = [
      "LOGIN_NAME": "t", "PASSWORD": "secret", "SESSION_PARAMETERS": ["CLIENT_VALIDATE_DEFAULT_PARAMETERS": true],
    ]
    #expect(try fixture.login(strict, query: "?warehouse=nowhere")["code"] == "390201")
    #expect(fixture.engine.closed == [1002])
  }

  @Test("An unknown or missing token is 390104, also the client's \"None\"")
  func unknownToken() throws {
    let fixture = try WireFixture.loggedIn()
    for token in ["nonsense", "None", ""] {
      let answer = try fixture.post("/queries/v1/query-request", ["sqlText": "select 1"], token: token).json
      #expect(answer["code"] == "390104")
    }
    #expect(fixture.engine.seen.isEmpty)
  }

  @Test("An expired session token is 390112 and renewal gives new tokens for the same session")
  func renewal() throws {
    let fixture = try WireFixture.loggedIn()
    _ = try fixture.query("use role analyst")
    fixture.server.advanceTime(by: .seconds(3601))
    #expect(try fixture.query("select 1")["code"] == "390112")
    let body: Value = ["oldSessionToken": .string(fixture.token), "requestType": "RENEW"]
    let renewed = try fixture.post("/session/token-request?requestId=r", body, token: fixture.master).json
    #expect(renewed["success"] == true)
    #expect(renewed["data"]["sessionId"] == 1001)
    fixture.token = renewed["data"]["sessionToken"].string ?? ""
    #expect(renewed["data"]["masterToken"].string != fixture.master)
    let answer = try fixture.query("select 1")
    #expect(answer["success"] == true)
    #expect(answer["data"]["finalRoleName"] == "ANALYST")
  }

  @Test("Renewal is refused with 390113, 390114 or 390115 by what is wrong with the master token")
  func renewalRefusals() throws {
    let fixture = try WireFixture.loggedIn()
    func renew(_ token: String) throws -> Value {
      try fixture.post("/session/token-request", ["requestType": "RENEW"], token: token).json["code"]
    }
    #expect(try renew("nonsense") == "390113")
    #expect(try renew(fixture.token) == "390115")
    fixture.server.advanceTime(by: .seconds(14401))
    #expect(try renew(fixture.master) == "390114")
  }

  @Test("After logout the session is gone (390111) and the engine has closed it")
  func logout() throws {
    let fixture = try WireFixture.loggedIn()
    #expect(try fixture.post("/session/heartbeat", .null).json["success"] == true)
    #expect(try fixture.post("/session?delete=true", [:]).json["success"] == true)
    #expect(try fixture.query("select 1")["code"] == "390111")
    #expect(fixture.engine.closed == [1001])
  }

  @Test("A session whose master token expired is closed when the next one logs in")
  func sweep() throws {
    let fixture = try WireFixture.loggedIn()
    fixture.server.advanceTime(by: .seconds(14401))
    _ = try fixture.login()
    #expect(fixture.engine.closed == [1001])
    #expect(try fixture.query("select 1")["code"] == "390111")
  }
}
