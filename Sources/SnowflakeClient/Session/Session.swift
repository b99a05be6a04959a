/// A login to an account: statements go through it and share its role.
///
/// Several statements may be under way at once. An expired session is renewed once for all of them, without the callers
/// noticing; when the account has forgotten the session, it is opened anew with the role it had.
public actor Session {
  /// The host, the port and the account.
  public nonisolated let endpoint: Endpoint
  /// The login name.
  public nonisolated let user: String
  /// What the connection warned about.
  public nonisolated let warnings: [String]

  let transport: HTTPTransport
  let options: SessionOptions
  private let authenticator: any Authenticator
  /// Set when statements go by way of the SQL API, without a login.
  let api: SQLAPI?

  /// The session's role, as far as the account told.
  public internal(set) var role: String?
  /// The session's database, as far as the account told.
  public internal(set) var database: String?
  /// The session's schema, as far as the account told.
  public internal(set) var schema: String?
  /// The session's warehouse, as far as the account told.
  public internal(set) var warehouse: String?
  /// The account's id of the session.
  public private(set) var sessionID: String?
  /// The account's version.
  public private(set) var serverVersion: String?
  /// Whether the session may change its role.
  private(set) var roleBinding: RoleBinding
  /// Whether the session is known to be bound to its role: what it logged in with bears neither USE ROLE nor secondary
  /// roles.
  public var isSingleRole: Bool { roleBinding == .single }
  /// How many times this session logged in and renewed its token.
  public private(set) var upkeep = (logins: 0, renewals: 0)

  /// The secondary roles that the session was given after its login; a later login gives them again.
  private var secondaryRoles: SecondaryRoles?

  var sequence = 0
  private var tokens: SessionTokens?
  private var renewal: Task<ClientError?, Never>?
  private var heartbeat: Task<Void, Never>?

  private init(
    endpoint: Endpoint, authenticator: any Authenticator, parameters: ConnectionParameters, options: SessionOptions,
    transport: HTTPTransport, isAPI: Bool
  ) {
    self.endpoint = endpoint
    self.authenticator = authenticator
    self.options = options
    self.transport = transport
    user = authenticator.user
    api =
      isAPI
      ? SQLAPI(endpoint: endpoint, options: options, transport: transport, authenticator: authenticator) : nil
    warnings = parameters.warnings
    role = parameters.value(.role)
    roleBinding = options.roleBinding ?? authenticator.roleBinding(role: parameters.value(.role))
    database = parameters.value(.database)
    schema = parameters.value(.schema)
    warehouse = parameters.value(.warehouse)
  }

  deinit { heartbeat?.cancel() }

  /// Logs in. Throws `.connection` when settings are missing or wrong, `.loginFailed` when the account refuses, and
  /// `.transport` or `.http` when it cannot be reached.
  public static func open(
    _ parameters: ConnectionParameters, options: SessionOptions = SessionOptions(),
    transport: HTTPTransport = .shared
  ) async throws(ClientError) -> Session {
    let endpoint: Endpoint
    let authenticator: any Authenticator
    var options = options
    let isAPI: Bool
    do throws(ConnectionProblem) {
      isAPI = try parameters.usesSQLAPI()
      endpoint = try parameters.endpoint()
      authenticator = try parameters.authenticator()
      if isAPI { try SQLAPI.check(authenticator) }
      if let limit = try parameters.seconds(.loginTimeout) { options.loginRetry.deadline = limit }
      if let limit = try parameters.seconds(.networkTimeout) { options.statementRetry.deadline = limit }
      if options.revocation == .none { options.revocation = try parameters.revocationCheck() }
      if options.secondaryRoles == nil { options.secondaryRoles = try parameters.secondaryRoles() }
      if options.roleBinding == nil { options.roleBinding = try parameters.roleBinding() }
    } catch {
      throw .connection(error)
    }
    if options.heartbeat == nil, parameters.value(.keepAlive)?.lowercased() == "true" {
      options.heartbeat = .seconds(900)
    }
    let session = Session(
      endpoint: endpoint, authenticator: authenticator, parameters: parameters, options: options, transport: transport,
      isAPI: isAPI)
    if isAPI {
      try await session.tryAPI()
      if options.secondaryRoles != nil { try await session.learnRoleBinding() }
      return session
    }
    if let error = await session.login() { throw error }
    do throws(ClientError) {
      // It only matters to who sets roles.
      if options.secondaryRoles != nil { try await session.learnRoleBinding() }
    } catch {
      await session.close()
      throw error
    }
    await session.startHeartbeat()
    return session
  }

  /// Whether logging in asked something of the user (a browser, a second factor) that another login would ask again.
  public private(set) var isInteractive = false

  // MARK: - Tokens

  /// The token to send. Throws when the session is closed.
  func token() throws(ClientError) -> Secret {
    guard let tokens else { throw .connection(ConnectionProblem("the session with \(endpoint.host) is closed")) }
    return tokens.session
  }

  /// Replaces the token `used`, which the account called expired (or, with `isGone`, unknown). Of many callers one does
  /// it, the others wait for it.
  func renew(_ used: Secret, isGone: Bool) async throws(ClientError) {
    guard try token() == used else { return }
    let task: Task<ClientError?, Never>
    if let renewal {
      task = renewal
    } else {
      task = Task { await self.replaceTokens(isGone: isGone) }
      renewal = task
    }
    if let error = await task.value { throw error }
  }

  private func replaceTokens(isGone: Bool) async -> ClientError? {
    defer { renewal = nil }
    if !isGone {
      do throws(ClientError) {
        if try await renewWithMasterToken() { return nil }
      } catch {
        return error
      }
    }
    return await login()
  }

  /// Asks for new tokens. False when the account wants a whole login.
  private func renewWithMasterToken() async throws(ClientError) -> Bool {
    guard let tokens, !tokens.master.reveal().isEmpty else { return false }
    let operation = "renewing the session with \(endpoint.host)"
    let requestID = RequestID.make()
    let (endpoint, options) = (endpoint, options)
    let body = JSONValue.object([
      .init("oldSessionToken", .string(tokens.session.reveal())), .init("requestType", .string("RENEW")),
    ]).encoded
    var response = try await answer(operation, policy: options.loginRetry) { _ in
      var query = QueryString()
      query.add("requestId", requestID)
      query.add("request_guid", RequestID.make())
      return HTTPRequest(
        method: .post, url: endpoint.base + "/session/token-request" + query.text,
        headers: options.headers(token: tokens.master), body: body, timeouts: options.timeouts,
        revocation: options.revocation)
    }
    if response.status == 401 { return false }
    guard response.status == 200 else {
      throw .http(status: response.status, operation: operation, host: endpoint.host, hint: httpHint(response.status))
    }
    let envelope = try readEnvelope(&response.body, operation: operation)
    guard envelope["success"] == .bool(true) else {
      let code = envelope["code"]?.text ?? ""
      if SessionCodes.needLogin.contains(code) || SessionCodes.expired.contains(code) { return false }
      throw .loginFailed(
        LoginFailure(
          code: envelope["code"]?.text, message: envelope["message"]?.text ?? "the session cannot be renewed",
          user: user, host: endpoint.host, hint: nil))
    }
    guard let data = envelope["data"], let session = data["sessionToken"]?.text, !session.isEmpty else {
      throw .badAnswer("the answer holds no session token", operation: operation)
    }
    let master = data["masterToken"]?.text.map { Secret($0) } ?? tokens.master
    self.tokens = SessionTokens(session: Secret(session), master: master)
    upkeep.renewals += 1
    return true
  }

  private func login() async -> ClientError? {
    // The first login sends names as the user wrote them, a later one what the account reported, which is exact.
    let spell: (String?) -> String? = upkeep.logins == 0 ? { $0 } : { $0.map(Self.spelling) }
    var options = options
    // What may be bound to one role is not asked for others.
    options.secondaryRoles = roleBinding == .free ? secondaryRoles ?? options.secondaryRoles : nil
    let login = Login(
      endpoint: endpoint, authenticator: authenticator, options: options, role: spell(role),
      database: spell(database), schema: spell(schema), warehouse: spell(warehouse))
    do throws(ClientError) {
      let answer = try await login.perform(over: transport)
      tokens = answer.tokens
      sessionID = answer.sessionID
      serverVersion = answer.serverVersion
      role = answer.role ?? role
      database = answer.database
      schema = answer.schema
      warehouse = answer.warehouse
      isInteractive = answer.isInteractive
      upkeep.logins += 1
      return nil
    } catch {
      return error
    }
  }

  /// An exact name as a login must write it: the account makes unquoted names upper case.
  private static func spelling(_ reported: String) -> String {
    let name = RoleName(reported: reported)
    let isPlain = name.text.utf8.enumerated().allSatisfy { index, byte in
      byte >= 0x41 && byte <= 0x5A || byte == 0x5F || (index > 0 && (byte >= 0x30 && byte <= 0x39 || byte == 0x24))
    }
    return isPlain ? name.text : name.quoted
  }

  /// An answer whatever its status, without the details of its attempts.
  func answer(
    _ operation: String, policy: RetryPolicy, build: @Sendable (Attempt) throws(ClientError) -> HTTPRequest
  ) async throws(ClientError) -> HTTPResponse {
    do throws(ExchangeFailure) {
      return try await transport.exchange(operation, policy: policy, build: build).response
    } catch {
      throw error.error
    }
  }

  // MARK: - Upkeep

  private func startHeartbeat() {
    guard let period = options.heartbeat else { return }
    heartbeat = Task { [weak self] in
      while !Task.isCancelled {
        do { try await Task.sleep(for: period) } catch { return }
        guard let self else { return }
        // A heartbeat that fails is no error: the next statement will say what is wrong.
        try? await self.sendHeartbeat()
      }
    }
  }

  /// Tells the account that the session is in use, renewing its token when that has expired. Throws what the network or
  /// the account says.
  public func sendHeartbeat() async throws(ClientError) {
    let operation = "keeping the session with \(endpoint.host) alive"
    if api != nil { return }
    for _ in 0..<2 {
      let token = try token()
      var response = try await post("/session/heartbeat", operation, token, body: [], policy: options.loginRetry)
      if response.status == 401 {
        try await renew(token, isGone: false)
        continue
      }
      guard response.status == 200 else {
        throw .http(status: response.status, operation: operation, host: endpoint.host, hint: httpHint(response.status))
      }
      let envelope = try readEnvelope(&response.body, operation: operation)
      if envelope["success"] == .bool(true) { return }
      let code = envelope["code"]?.text ?? ""
      guard SessionCodes.expired.contains(code) || SessionCodes.needLogin.contains(code) else {
        throw .badAnswer("the account answered \(code)", operation: operation)
      }
      try await renew(token, isGone: SessionCodes.needLogin.contains(code))
    }
  }

  /// Asks the account whether the session may change its role, where only it can tell, by a USE ROLE that changes
  /// nothing: a restricted session refuses that too. Then sets the secondary roles that the login left out.
  func learnRoleBinding() async throws(ClientError) {
    guard roleBinding == .unknown else { return }
    if let api {
      roleBinding = try await api.bindsToOneRole(place) ? .single : .free
      return
    }
    if let role {
      do throws(ClientError) {
        _ = try await use(role: role)
      } catch {
        guard error.sqlFailure?.code == RoleBinding.refusal else { throw error }
        roleBinding = .single
        return
      }
    }
    roleBinding = .free
    if let secondary = options.secondaryRoles { _ = try await use(secondaryRoles: secondary) }
  }

  /// Goes on as another role; `role` is an exact name. Throws what `execute` throws.
  public func use(role: String) async throws(ClientError) -> StatementCost {
    if api != nil {
      self.role = role
      return StatementCost()
    }
    return try await execute("USE ROLE \(RoleName(reported: role).quoted)").cost
  }

  /// Goes on with other secondary roles. Throws what `execute` throws.
  public func use(secondaryRoles: SecondaryRoles) async throws(ClientError) -> StatementCost {
    let cost = try await execute("USE SECONDARY ROLES \(secondaryRoles.rawValue)").cost
    self.secondaryRoles = secondaryRoles
    return cost
  }

  /// The names in quotes come back in upper case where QUOTED_IDENTIFIERS_IGNORE_CASE is set (documentation; not seen).
  static let apiGreeting = "SELECT CURRENT_ROLE() AS \"r\", CURRENT_VERSION() AS \"v\""

  /// The first statement stands for the login that the SQL API does not have.
  private func tryAPI() async throws(ClientError) {
    role = role.map { RoleName(sql: $0).text }
    database = database.map { RoleName(sql: $0).text }
    schema = schema.map { RoleName(sql: $0).text }
    warehouse = warehouse.map { RoleName(sql: $0).text }
    let answer = try await execute(Self.apiGreeting)
    if answer.rowCount == 1, answer.columns.count == 2 {
      role = answer[0, 0] ?? role
      serverVersion = answer[0, 1]
      // The SQL API does not let a statement set this parameter; with it, names in quotes would mean others.
      if answer.columns[0].name == "R" {
        throw .connection(
          ConnectionProblem(
            "QUOTED_IDENTIFIERS_IGNORE_CASE is TRUE for this user, and the SQL API cannot change that",
            hint: "ALTER USER … SET QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE, or transport = \"session\""))
      }
    }
    upkeep.logins += 1
  }

  /// Logs out; the account's opinion of that does not matter. The session cannot be used afterwards.
  public func close() async {
    heartbeat?.cancel()
    heartbeat = nil
    guard let tokens else { return }
    self.tokens = nil
    let (endpoint, options, transport) = (endpoint, options, transport)
    // Its own task, so that a cancelled caller still logs out.
    await Task {
      _ = try? await transport.send(
        HTTPRequest(
          method: .post, url: endpoint.base + "/session?delete=true&requestId=\(RequestID.make())",
          headers: options.headers(token: tokens.session), body: Array("{}".utf8), timeouts: .brief))
    }.value
  }

  /// Posts to a path with only a request id.
  func post(
    _ path: String, _ operation: String, _ token: Secret, body: [UInt8], policy: RetryPolicy
  ) async throws(ClientError) -> HTTPResponse {
    let (endpoint, options) = (endpoint, options)
    let requestID = RequestID.make()
    return try await answer(operation, policy: policy) { _ in
      HTTPRequest(
        method: .post, url: "\(endpoint.base)\(path)?requestId=\(requestID)", headers: options.headers(token: token),
        body: body, timeouts: options.timeouts, revocation: options.revocation)
    }
  }
}

extension HTTPTimeouts {
  /// For farewells.
  static let brief = HTTPTimeouts(connect: .seconds(3), idle: .seconds(5), total: .seconds(5))
}

/// Codes about the session itself.
enum SessionCodes {
  /// The session token has expired: renew it.
  static let expired: Set<String> = ["390112"]
  /// The session or the master token is unknown or expired: log in again.
  static let needLogin: Set<String> = ["390104", "390110", "390111", "390113", "390114", "390115"]
}
