import SnowmakerModel

extension WireService {
  /// POST /session/v1/login-request
  func login(_ request: HTTPRequest, body: Value) -> HTTPReply {
    let start = WireClock.monotonic()
    let data = body["data"]
    var wanted = loginRequest(data, arguments: request.arguments)
    for session in sessions.sweep() { engine.close(session.engine) }
    let session: EngineSession
    do throws(LoginFailure) {
      try checkPasscode(data, &wanted)
      session = try authenticate(wanted)
      if let refusal = missingDefault(wanted, in: session.current) {
        engine.close(session)
        throw refusal
      }
    } catch {
      logLogin(.login, wanted.user, session: nil, code: error.code, request: request, start: start)
      return WireEnvelope.failure(
        code: error.code, message: error.message,
        data: [
          "nextAction": "RETRY_LOGIN", "authnMethod": .string(wanted.credential.methodName), "signInOptions": [:],
        ])
    }
    let (_, tokens) = sessions.open(session)
    let state = session.current
    logLogin(.login, state.user, session: session, code: nil, request: request, start: start)
    return WireEnvelope.success(capacity: 4096) { writer in
      writer.object { writer in
        writer.field("masterToken", tokens.master)
        writer.field("token", tokens.session)
        writer.field("validityInSeconds", options.sessionValidity.wireSeconds)
        writer.field("masterValidityInSeconds", options.masterValidity.wireSeconds)
        writer.field("displayUserName", state.user)
        writer.field("serverVersion", options.serverVersion)
        writer.field("firstLogin", false)
        writer.null("remMeToken")
        writer.field("remMeValidityInSeconds", 0)
        writer.field("healthCheckInterval", 45)
        writer.null("newClientForUpgrade")
        writer.field("sessionId", session.id)
        WireParameters.write(state.parameters, to: &writer)
        writer.objectField("sessionInfo") { writer in
          writer.field("databaseName", state.database)
          writer.field("schemaName", state.schema)
          writer.field("warehouseName", state.warehouse)
          writer.field("roleName", state.role)
        }
        writer.null("idToken")
        writer.field("idTokenValidityInSeconds", 0)
        writer.null("responseData")
        let mfaToken = mfaToken(data, wanted)
        writer.field("mfaToken", mfaToken)
        writer.field("mfaTokenValidityInSeconds", mfaToken == nil ? 0 : 14400)
      }
    }
  }

  /// POST /session/token-request
  func renew(_ request: HTTPRequest, body: Value) -> HTTPReply {
    let start = WireClock.monotonic()
    do {
      let (session, tokens) = try sessions.renew(
        master: Self.token(request.authorization), old: body["oldSessionToken"].string)
      logLogin(
        .renewal, session.engine.current.user, session: session.engine, code: nil, request: request, start: start)
      return WireEnvelope.success { writer in
        writer.object { writer in
          writer.field("sessionToken", tokens.session)
          writer.field("validityInSecondsST", options.sessionValidity.wireSeconds)
          writer.field("masterToken", tokens.master)
          writer.field("validityInSecondsMT", options.masterValidity.wireSeconds)
          writer.field("sessionId", session.engine.id)
        }
      }
    } catch {
      logLogin(.renewal, "", session: nil, code: error.code, request: request, start: start)
      return WireEnvelope.failure(error)
    }
  }

  /// POST /session/heartbeat
  func heartbeat(_ request: HTTPRequest) -> HTTPReply {
    do {
      _ = try session(request)
      return WireEnvelope.empty()
    } catch {
      return WireEnvelope.failure(error)
    }
  }

  /// POST /session?delete=true
  func logout(_ request: HTTPRequest) -> HTTPReply {
    guard request.arguments["delete"]?.lowercased() == "true" else { return heartbeat(request) }
    let start = WireClock.monotonic()
    do {
      let session = try session(request)
      if sessions.close(session) { engine.close(session.engine) }
      logLogin(
        .logout, session.engine.current.user, session: session.engine, code: nil, request: request, start: start)
      return WireEnvelope.empty()
    } catch {
      return WireEnvelope.failure(error)
    }
  }

  /// POST /session/authenticator-request: the account has no identity provider.
  func refuseAuthenticator(_ body: Value) -> HTTPReply {
    WireEnvelope.failure(
      code: "390190",
      message: "There was an error related to the SAML Identity Provider account parameter. "
        + "The emulator has no identity provider: log in with a password or a key pair.")
  }

  private func loginRequest(_ data: Value, arguments: [String: String]) -> LoginRequest {
    func argument(_ name: String) -> String? { arguments[name].flatMap { $0.isEmpty ? nil : $0 } }
    var parameters: [String: String] = [:]
    for field in data["SESSION_PARAMETERS"].fields {
      parameters[field.key.uppercased()] = field.value.wireText
    }
    return LoginRequest(
      account: data["ACCOUNT_NAME"].string ?? "", user: data["LOGIN_NAME"].string ?? "",
      credential: credential(data), role: argument("roleName"), warehouse: argument("warehouse"),
      database: argument("databaseName"), schema: argument("schemaName"),
      secondaryRoles: data["SECONDARY_ROLES"].string, sessionParameters: parameters)
  }

  private func credential(_ data: Value) -> LoginRequest.Credential {
    let token = data["TOKEN"].string ?? ""
    let authenticator = data["AUTHENTICATOR"].string ?? "SNOWFLAKE"
    switch authenticator.uppercased() {
    case "", "SNOWFLAKE", "USERNAME_PASSWORD_MFA": return .password(data["PASSWORD"].string ?? "")
    case "SNOWFLAKE_JWT": return .keyPairJWT(token)
    case "OAUTH": return .oauth(token)
    case "PROGRAMMATIC_ACCESS_TOKEN": return .accessToken(token)
    default: return .other(authenticator)
    }
  }

  /// Why a method of login is not taken, before anything is checked; nil when it is.
  func refusal(_ credential: LoginRequest.Credential) -> LoginFailure? {
    switch credential {
    case .password:
      options.loginMethods.contains(.password)
        ? nil : LoginFailure(code: "390100", message: "Incorrect username or password was specified.")
    case .keyPairJWT:
      options.loginMethods.contains(.keyPair)
        ? nil : LoginFailure(code: "390144", message: "JWT token is invalid.")
    case .oauth:
      options.loginMethods.contains(.oauth)
        ? nil : LoginFailure(code: "390303", message: "Invalid OAuth access token.")
    case .accessToken:
      options.loginMethods.contains(.accessToken)
        ? nil : LoginFailure(code: "394400", message: "Programmatic access token is invalid.")
    case .vouched: nil
    case .other(let name):
      switch name.uppercased() {
      case "ID_TOKEN":
        LoginFailure(code: "390195", message: "The provided ID Token is invalid.")
      case "EXTERNALBROWSER":
        LoginFailure(
          code: "390190",
          message: "There was an error related to the SAML Identity Provider account parameter.")
      default:
        LoginFailure(code: "390139", message: "The authenticator '\(name.prefix(100))' is not accepted.")
      }
    }
  }

  /// The refusal for clients that want their default objects checked at login.
  private func missingDefault(_ wanted: LoginRequest, in state: EngineSession.State) -> LoginFailure? {
    guard wanted.sessionParameters["CLIENT_VALIDATE_DEFAULT_PARAMETERS"]?.lowercased() == "true" else { return nil }
    let missing = [
      ("database", wanted.database, state.database), ("schema", wanted.schema, state.schema),
      ("warehouse", wanted.warehouse, state.warehouse),
    ].first { $0.1 != nil && $0.2 == nil }
    guard let missing, let name = missing.1 else { return nil }
    return LoginFailure(
      code: "390201", message: "The requested \(missing.0) '\(name)' does not exist or is not authorized.")
  }

  private func logLogin(
    _ kind: EmulatorLog.Entry.Kind, _ user: String, session: EngineSession?, code: String?, request: HTTPRequest,
    start: Int64
  ) {
    log.append(
      .init(
        number: 0, kind: kind, time: clock.epochMilliseconds, session: session?.id ?? 0, user: user,
        role: session?.current.role, sql: "",
        requestID: request.arguments["requestId"] ?? request.arguments["request_id"], queryID: nil, code: code, rows: 0,
        microseconds: (WireClock.monotonic() - start) / 1000, inFlight: 0))
  }
}

extension LoginRequest.Credential {
  /// The method's name in answers.
  fileprivate var methodName: String {
    switch self {
    case .password: "USERNAME_PASSWORD"
    case .keyPairJWT: "KEYPAIR"
    case .oauth: "OAUTH"
    case .accessToken: "PROGRAMMATIC_ACCESS_TOKEN"
    case .vouched: "OAUTH"
    case .other(let name): name
    }
  }
}

extension Value {
  /// The text of a scalar as session parameters and bindings carry it; nil for null.
  var wireText: String? {
    switch self {
    case .null, .unknown: nil
    case .string(let text): text
    case .int(let number): String(number)
    case .double(let number): number.description
    case .bool(let flag): flag ? "true" : "false"
    case .list, .object: String(decoding: JSON.encode(self), as: UTF8.self)
    }
  }
}
