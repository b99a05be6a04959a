import Glibc
import Testing

@testable import SnowflakeClient

/// A user who follows an address by way of a browser that visits `visit` of it.
private func browser(_ visit: @escaping @Sendable (String) -> String) -> LoginInteraction {
  LoginInteraction(
    openBrowser: { url in
      Task { _ = try? await HTTPTransport.shared.send(HTTPRequest(url: visit(url))) }
      return true
    }, tell: { _ in }, patience: .seconds(10))
}

private func folder() throws -> String {
  var template = Array("/tmp/snowmaker-auth-XXXXXX".utf8CString)
  let made = mkdtemp(&template)
  return String(cString: try #require(made))
}

private func value(_ name: String, in url: String) -> String {
  FormText.decode(String(url.split(separator: "?").last ?? ""))[name] ?? ""
}

private func server(_ other: @escaping @Sendable (Received) -> Reply) throws -> ScriptedServer {
  try ScriptedServer { request in
    switch request.path {
    case ScriptedServer.loginPath: Answers.login()
    case "/session": .json("{\"success\":true}")
    default: other(request)
    }
  }
}

@Suite struct AuthenticationTests {
  @Test func theProvidersPageBringsATokenThatLogsIn() async throws {
    let server = try server { _ in
      .json(
        "{\"data\":{\"tokenUrl\":null,\"ssoUrl\":\"https://idp.example/sso\",\"proofKey\":\"pk\"},\"success\":true}")
    }
    defer { server.stop() }
    var parameters = server.parameters
    parameters.set(.authenticator, "externalbrowser", from: .override("test"))
    parameters.set(.disableConsoleLogin, "true", from: .override("test"))
    var options = ScriptedServer.quick
    options.credentialFolder = try folder()
    // Parameters given as "disable_console_login" mean the provider's page.
    options.interaction = browser { _ in
      let port = server.received("/session/authenticator-request").last?.json["data"]?["BROWSER_MODE_REDIRECT_PORT"]?
        .text
      return "http://127.0.0.1:\(port ?? "1")/?token=to%2Bken"
    }
    _ = try await Session.open(parameters, options: options)
    let data = try #require(server.received(ScriptedServer.loginPath).first?.json["data"])
    #expect(data["AUTHENTICATOR"] == .string("EXTERNALBROWSER"))
    #expect(data["TOKEN"] == .string("to+ken"))
    #expect(data["PROOF_KEY"] == .string("pk"))
  }

  @Test func theConsolesPageBringsATokenAndTheIDTokenServesTheNextLogin() async throws {
    let logins = Counter()
    let server = try ScriptedServer { request in
      switch request.path {
      case ScriptedServer.loginPath:
        switch logins.next() {
        case 0: .json("{\"data\":{\"token\":\"t\",\"masterToken\":\"m\",\"idToken\":\"kept\"},\"success\":true}")
        case 1: Answers.login()
        case 2: Answers.refusal("390195", "id token invalid")
        default: Answers.login()
        }
      default: .json("{\"success\":true}")
      }
    }
    defer { server.stop() }
    var parameters = server.parameters
    parameters.set(.authenticator, "externalbrowser", from: .override("test"))
    parameters.set(.disableConsoleLogin, "false", from: .override("test"))
    var options = ScriptedServer.quick
    options.credentialFolder = try folder()
    let opened = Counter()
    options.interaction = browser { url in
      _ = opened.next()
      return "http://127.0.0.1:\(value("browser_mode_redirect_port", in: url))/?token=tok"
    }
    for _ in 0..<3 { _ = try await Session.open(parameters, options: options) }
    let sent = server.received(ScriptedServer.loginPath).compactMap { $0.json["data"]?["AUTHENTICATOR"]?.text }
    #expect(sent == ["EXTERNALBROWSER", "ID_TOKEN", "ID_TOKEN", "EXTERNALBROWSER"])
    #expect(opened.next() == 2)
    #expect(server.received("/session/authenticator-request").isEmpty)
  }

  @Test func aBrowserThatNeverComesBackIsAnErrorInTime() async throws {
    let server = try server { _ in .status(404) }
    defer { server.stop() }
    var parameters = server.parameters
    parameters.set(.authenticator, "externalbrowser", from: .override("test"))
    parameters.set(.disableConsoleLogin, "false", from: .override("test"))
    var options = ScriptedServer.quick
    options.credentialFolder = try folder()
    options.interaction = LoginInteraction(openBrowser: { _ in false }, tell: { _ in }, patience: .milliseconds(200))
    let error = await #expect(throws: ClientError.self) { try await Session.open(parameters, options: options) }
    #expect(error?.description.contains("in time") == true)
  }

  @Test func clientCredentialsAreExchangedForATokenThatLogsIn() async throws {
    let server = try server { _ in .json("{\"access_token\":\"at-1\",\"token_type\":\"Bearer\"}") }
    defer { server.stop() }
    var parameters = server.parameters
    for (key, value) in [
      ConnectionKey.authenticator: "oauth_client_credentials", .oauthClientID: "id", .oauthClientSecret: "se:cret",
      .role: "DEPLOYER",
    ] { parameters.set(key, value, from: .override("test")) }
    _ = try await Session.open(parameters, options: ScriptedServer.quick)
    let request = try #require(server.received("/oauth/token-request").first)
    #expect(request.token == "Basic \(Base64.encode(Array("id:se:cret".utf8)))")
    let form = FormText.decode(String(decoding: request.body, as: UTF8.self))
    #expect(form == ["grant_type": "client_credentials", "scope": "session:role:DEPLOYER"])
    let data = try #require(server.received(ScriptedServer.loginPath).first?.json["data"])
    #expect(data["AUTHENTICATOR"] == .string("OAUTH"))
    #expect(data["TOKEN"] == .string("at-1"))
  }

  @Test func aRefusedClientIsReportedWithoutItsSecret() async throws {
    let server = try server { _ in
      .status(400, body: Array("{\"error\":\"invalid_client\",\"error_description\":\"no\"}".utf8))
    }
    defer { server.stop() }
    var parameters = server.parameters
    for (key, value) in [
      ConnectionKey.authenticator: "oauth_client_credentials", .oauthClientID: "id", .oauthClientSecret: "canary",
    ] { parameters.set(key, value, from: .override("test")) }
    let error = await #expect(throws: ClientError.self) {
      try await Session.open(parameters, options: ScriptedServer.quick)
    }
    #expect(error?.description.contains("oauth_client_secret") == true)
    #expect(error?.description.contains("canary") == false)
  }

  @Test func theAuthorizationCodeIsProvenByPKCEAndItsTokenIsRefreshed() async throws {
    let tokens = Counter()
    let logins = Counter()
    let server = try ScriptedServer { request in
      switch request.path {
      case ScriptedServer.loginPath:
        // The second login's kept token has expired.
        logins.next() == 1 ? Answers.refusal("390318", "expired") : Answers.login()
      case "/oauth/token-request":
        .json("{\"access_token\":\"at-\(tokens.next())\",\"refresh_token\":\"rt\"}")
      default: .json("{\"success\":true}")
      }
    }
    defer { server.stop() }
    var parameters = server.parameters
    for (key, value) in [
      ConnectionKey.authenticator: "oauth_authorization_code", .oauthClientID: "id", .oauthClientSecret: "s",
    ] { parameters.set(key, value, from: .override("test")) }
    var options = ScriptedServer.quick
    options.credentialFolder = try folder()
    let challenge = Locked("")
    options.interaction = browser { url in
      challenge.withLock { $0 = value("code_challenge", in: url) }
      return value("redirect_uri", in: url) + "/?code=the-code&state=" + value("state", in: url)
    }
    for _ in 0..<2 { _ = try await Session.open(parameters, options: options) }
    let forms = server.received("/oauth/token-request").map {
      FormText.decode(String(decoding: $0.body, as: UTF8.self))
    }
    #expect(forms.map { $0["grant_type"] } == ["authorization_code", "refresh_token"])
    #expect(forms[0]["code"] == "the-code")
    let verifier = try #require(forms[0]["code_verifier"])
    #expect(verifier.count >= 43)
    #expect(!challenge.withLock { $0 }.isEmpty && challenge.withLock { $0 } != verifier)
    #expect(forms[1]["refresh_token"] == "rt")
    let sent = server.received(ScriptedServer.loginPath).compactMap { $0.json["data"]?["TOKEN"]?.text }
    #expect(sent == ["at-0", "at-0", "at-1"])
  }

  @Test func aRedirectWithAnotherStateIsNotTaken() async throws {
    let server = try server { _ in .json("{}") }
    defer { server.stop() }
    var parameters = server.parameters
    for (key, value) in [
      ConnectionKey.authenticator: "oauth_authorization_code", .oauthClientID: "id",
      .storeTemporaryCredential: "false",
    ] { parameters.set(key, value, from: .override("test")) }
    var options = ScriptedServer.quick
    options.interaction = browser { url in value("redirect_uri", in: url) + "/?code=stolen&state=x" }
    options.interaction.patience = .milliseconds(400)
    await #expect(throws: ClientError.self) { try await Session.open(parameters, options: options) }
    #expect(server.received("/oauth/token-request").isEmpty)
  }

  @Test func oktaGetsThePasswordAndItsFormGoesToTheAccount() async throws {
    let base = Locked("")
    let server = try server { request in
      let base = base.withLock { $0 }
      switch request.path {
      case "/session/authenticator-request":
        return .json("{\"data\":{\"tokenUrl\":\"\(base)/api/token\",\"ssoUrl\":\"\(base)/sso\"},\"success\":true}")
      case "/api/token": return .json("{\"sessionToken\":\"once\"}")
      default: return .status(200, body: Array("<form action=\"\(base)/fed/login\"><input></form>".utf8))
      }
    }
    defer { server.stop() }
    base.withLock { $0 = "http://127.0.0.1:\(server.port)" }
    var parameters = server.parameters
    parameters.set(.authenticator, "http://127.0.0.1:\(server.port)", from: .override("test"))
    _ = try await Session.open(parameters, options: ScriptedServer.quick)
    #expect(server.received("/sso").first?.query["onetimetoken"] == "once")
    let data = try #require(server.received(ScriptedServer.loginPath).first?.json["data"])
    #expect(data["RAW_SAML_RESPONSE"]?.text?.hasPrefix("<form") == true)
    #expect(data["PASSWORD"] == nil)
  }

  @Test func oktaIsNotGivenThePasswordWhenTheAccountNamesAnotherProvider() async throws {
    let server = try server { _ in
      .json(
        "{\"data\":{\"tokenUrl\":\"https://evil.example/t\",\"ssoUrl\":\"https://evil.example/s\"},\"success\":true}")
    }
    defer { server.stop() }
    var parameters = server.parameters
    parameters.set(.authenticator, "http://127.0.0.1:\(server.port)", from: .override("test"))
    let error = await #expect(throws: ClientError.self) {
      try await Session.open(parameters, options: ScriptedServer.quick)
    }
    #expect(error?.description.contains("identity provider") == true)
    #expect(server.received.count == 1)
  }

  @Test func anIdentityTokenIsReadAnewFromItsFileForEveryLogin() async throws {
    let server = try server { _ in .json("{}") }
    defer { server.stop() }
    let path = try folder() + "/token"
    var parameters = server.parameters
    parameters.set(.authenticator, "WORKLOAD_IDENTITY", from: .override("test"))
    parameters.set(.tokenFile, path, from: .override("test"))
    for token in ["jwt-1", "jwt-2"] {
      try FileSystem.write(Array("\(token)\n".utf8), to: path)
      _ = try await Session.open(parameters, options: ScriptedServer.quick)
    }
    let sent = server.received(ScriptedServer.loginPath).compactMap { $0.json["data"] }
    #expect(sent.map { $0["TOKEN"] } == [.string("jwt-1"), .string("jwt-2")])
    #expect(sent[0]["PROVIDER"] == .string("OIDC"))
    parameters.set(.workloadIdentityProvider, "AWS", from: .override("test"))
    await #expect(throws: ClientError.self) { try await Session.open(parameters, options: ScriptedServer.quick) }
    parameters.set(.workloadIdentityProvider, "OIDC", from: .override("test"))
    parameters.set(.host, "evil.example", from: .override("test"))
    await #expect(throws: ClientError.self) { try await Session.open(parameters, options: ScriptedServer.quick) }
  }

  @Test func aSecondFactorByPushIsWaitedFor() async throws {
    let count = Counter()
    let server = try ScriptedServer { request in
      guard request.path == ScriptedServer.loginPath else { return .json("{\"success\":true}") }
      return count.next() == 0
        ? .json(
          "{\"data\":{\"nextAction\":\"EXT_AUTHN_DUO_ALL\",\"inFlightCtx\":\"ctx-1\"},\"code\":\"390120\",\"success\":false}"
        )
        : Answers.login()
    }
    defer { server.stop() }
    var options = ScriptedServer.quick
    options.interaction = LoginInteraction(openBrowser: { _ in false }, tell: { _ in })
    _ = try await server.session(options)
    let second = try #require(server.received(ScriptedServer.loginPath).last)
    #expect(second.json["inFlightCtx"] == .string("ctx-1"))
    #expect(second.json["data"]?["EXT_AUTHN_DUO_METHOD"] == .string("push"))
  }

  @Test func anMFATokenIsKeptInTheDriversFileAndThrownAwayWhenRefused() async throws {
    let count = Counter()
    let server = try ScriptedServer { request in
      guard request.path == ScriptedServer.loginPath else { return .json("{\"success\":true}") }
      switch count.next() {
      case 0: return .json("{\"data\":{\"token\":\"t\",\"masterToken\":\"m\",\"mfaToken\":\"mfa-1\"},\"success\":true}")
      case 2: return Answers.refusal("390127", "mfa token invalid")
      default: return Answers.login()
      }
    }
    defer { server.stop() }
    var parameters = server.parameters
    parameters.set(.authenticator, "username_password_mfa", from: .override("test"))
    var options = ScriptedServer.quick
    options.credentialFolder = try folder()
    for _ in 0..<2 { _ = try await Session.open(parameters, options: options) }
    let file = try #require(options.credentialFolder) + "/credential_cache_v1.json"
    #expect(FileSystem.status(file)?.permissions == 0o600)
    let text = String(decoding: try FileSystem.read(file), as: UTF8.self)
    // printf 127.0.0.1:TESTER:MFA_TOKEN | sha256sum
    let key = try #require(CredentialCache.key(.mfa, "127.0.0.1", "tester"))
    #expect(text == "{\"tokens\":{\"\(key)\":\"mfa-1\"}}")
    _ = try await Session.open(parameters, options: options)
    let sent = server.received(ScriptedServer.loginPath).compactMap { $0.json["data"] }
    #expect(sent.map { $0["TOKEN"]?.text } == [nil, "mfa-1", "mfa-1", nil])
    #expect(sent[0]["SESSION_PARAMETERS"]?["CLIENT_REQUEST_MFA_TOKEN"] == .bool(true))
  }
}
