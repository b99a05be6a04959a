import Glibc

/// The two tokens of a session.
struct SessionTokens: Sendable, Equatable {
  let session: Secret
  let master: Secret
}

/// What a login gives.
struct LoginAnswer: Sendable {
  let tokens: SessionTokens
  let sessionID: String?
  let serverVersion: String?
  let role: String?
  let database: String?
  let schema: String?
  let warehouse: String?
  /// Whether the user had to act, and would have to for another login.
  let isInteractive: Bool
}

/// Logs in.
struct Login: Sendable {
  let endpoint: Endpoint
  let authenticator: any Authenticator
  let options: SessionOptions
  let role: String?
  let database: String?
  let schema: String?
  let warehouse: String?

  private var operation: String { "logging in to \(endpoint.host)" }

  /// Logs in: gets what the way to log in needs, sends the login until it is answered, and takes the further steps that
  /// the account asks for. Throws `.loginFailed` when the account refuses, and what the network does.
  func perform(over transport: HTTPTransport) async throws(ClientError) -> LoginAnswer {
    let cache = options.credentialFolder.map { CredentialCache(folder: $0) } ?? CredentialCache()
    let context = LoginContext(
      endpoint: endpoint, options: options, role: role, transport: transport, cache: cache)
    for _ in 0..<3 {
      let prepared = try await authenticator.prepare(context)
      let (envelope, clockOffset, wasApproved) = try await steps(prepared, transport)
      if envelope["success"] == .bool(true), let data = envelope["data"] {
        prepared.accepted(data, context)
        return try read(
          data, isInteractive: (prepared.isInteractive || wasApproved) && !prepared.hasKept(context))
      }
      guard prepared.refused(envelope["code"]?.text ?? "", context) else {
        throw refusal(envelope, clockOffset)
      }
    }
    throw .badAnswer("the account keeps refusing what it gave before", operation: operation)
  }

  /// Sends the login, and again as long as the account answers with a next step that can be taken.
  private func steps(
    _ prepared: any Authenticator, _ transport: HTTPTransport
  ) async throws(ClientError) -> (JSONValue, clockOffset: Int?, wasApproved: Bool) {
    let requestID = RequestID.make()
    var further: [JSONValue.Member] = []
    var inFlight: JSONValue?
    for step in 0..<3 {
      let (members, context) = (further, inFlight)
      var response: HTTPResponse
      do throws(ExchangeFailure) {
        response = try await transport.exchange(operation, policy: options.loginRetry) {
          (attempt) throws(ClientError) in
          try request(attempt, requestID, prepared, members, context)
        }.response
      } catch {
        throw error.error
      }
      guard response.status == 200 else {
        throw .http(
          status: response.status, operation: operation, host: endpoint.host, hint: httpHint(response.status))
      }
      let envelope = try readEnvelope(&response.body, operation: operation)
      let next = envelope["data"]?["nextAction"]?.text ?? ""
      guard envelope["success"] != .bool(true), step < 2, let flight = envelope["data"]?["inFlightCtx"],
        flight != .null,
        ["EXT_AUTHN_DUO_ALL", "EXT_AUTHN_DUO_PUSH_N_PASSCODE", "EXT_AUTHN_SUCCESS"].contains(next)
      else { return (envelope, response.clockOffset, step > 0) }
      if next != "EXT_AUTHN_SUCCESS" {
        options.interaction.tell("Approve the login of \(authenticator.user) on your second factor.")
        further = [.init("EXT_AUTHN_DUO_METHOD", .string("push"))]
      }
      inFlight = flight
    }
    throw .badAnswer("the account asks for ever more steps", operation: operation)
  }

  private func read(_ data: JSONValue, isInteractive: Bool) throws(ClientError) -> LoginAnswer {
    guard let token = data["token"]?.text, !token.isEmpty else {
      throw .badAnswer("the answer to the login holds no token", operation: operation)
    }
    let info = data["sessionInfo"]
    return LoginAnswer(
      tokens: SessionTokens(session: Secret(token), master: Secret(data["masterToken"]?.text ?? "")),
      sessionID: data["sessionId"]?.text, serverVersion: data["serverVersion"]?.text,
      role: info?["roleName"]?.text, database: info?["databaseName"]?.text, schema: info?["schemaName"]?.text,
      warehouse: info?["warehouseName"]?.text, isInteractive: isInteractive)
  }

  private func request(
    _ attempt: Attempt, _ requestID: String, _ prepared: any Authenticator, _ further: [JSONValue.Member],
    _ inFlight: JSONValue?
  ) throws(ClientError) -> HTTPRequest {
    var query = QueryString()
    query.add("requestId", requestID)
    query.add("request_guid", RequestID.make())
    if attempt.number > 0 { query.add("retryCount", String(attempt.number)) }
    query.add("databaseName", database)
    query.add("schemaName", schema)
    query.add("warehouse", warehouse)
    query.add("roleName", role)
    var members: [JSONValue.Member] = [
      .init("CLIENT_APP_ID", .string(options.application)),
      .init("CLIENT_APP_VERSION", .string(options.applicationVersion)),
      .init("ACCOUNT_NAME", .string(endpoint.account)),
      .init("LOGIN_NAME", .string(authenticator.user)),
      .init(
        "CLIENT_ENVIRONMENT",
        .object([.init("APPLICATION", .string(options.application)), .init("OS", .string("Linux"))])),
      .init("SESSION_PARAMETERS", .object(options.sessionParameters + prepared.sessionParameters)),
    ]
    if let secondary = options.secondaryRoles { members.append(.init("SECONDARY_ROLES", .string(secondary.rawValue))) }
    members.append(contentsOf: try prepared.members(account: endpoint.account))
    members.append(contentsOf: further)
    var timeouts = options.timeouts
    timeouts.total = min(timeouts.total, max(.seconds(1), options.loginRetry.deadline))
    if inFlight != nil {
      // This one is answered when the user has approved.
      timeouts.total = options.interaction.patience
      timeouts.firstByte = options.interaction.patience
    }
    var body: [JSONValue.Member] = [.init("data", .object(members))]
    if let inFlight { body.append(.init("inFlightCtx", inFlight)) }
    return HTTPRequest(
      method: .post, url: endpoint.base + "/session/v1/login-request" + query.text,
      headers: options.headers(token: nil), body: JSONValue.object(body).encoded, timeouts: timeouts,
      revocation: options.revocation)
  }

  private func refusal(_ envelope: JSONValue, _ clockOffset: Int?) -> ClientError {
    let code = envelope["code"]?.text
    let next = envelope["data"]?["nextAction"]?.text ?? ""
    let message = envelope["message"]?.text ?? "the account gave no reason"
    return .loginFailed(
      LoginFailure(
        code: code, message: trimmingDots(message), user: authenticator.user, host: endpoint.host,
        hint: LoginHints.hint(code: code, nextAction: next, role: role, clockOffset: clockOffset)))
  }
}

extension HTTPResponse {
  /// How many seconds this machine's clock is ahead of the server's, which says the time in the field `Date`.
  var clockOffset: Int? { header("date").flatMap { httpDate($0) }.map { time(nil) - $0 } }
}

extension SessionOptions {
  /// The header fields of every request to the account.
  func headers(token: Secret?) -> [(name: String, value: String)] {
    var headers: [(name: String, value: String)] = [
      ("Content-Type", "application/json"), ("Accept", "application/snowflake"),
      ("User-Agent", "\(application)/\(applicationVersion) (Linux)"),
      ("CLIENT_APP_ID", application), ("CLIENT_APP_VERSION", applicationVersion),
    ]
    if let token { headers.append(("Authorization", "Snowflake Token=\"\(token.reveal())\"")) }
    return headers
  }
}

/// What to do about a refused login.
enum LoginHints {
  /// Codes that a token signed here is refused with.
  private static let tokenCodes: Set<String> = ["390144", "394300", "394301", "394302", "394303", "394304"]

  /// `clockOffset`: how many seconds this machine's clock is ahead of the account's, if that is known.
  static func hint(code: String?, nextAction: String, role: String?, clockOffset: Int? = nil) -> String? {
    // A token is good for two minutes, and a little difference is borne.
    if let clockOffset, let code, tokenCodes.contains(code), abs(clockOffset) >= 30 {
      let size = abs(clockOffset)
      let amount = size >= 120 ? "\((size + 30) / 60) minutes" : "\(size) seconds"
      return "the clock of this machine is \(amount) \(clockOffset > 0 ? "fast" : "slow"), and the login token is "
        + "judged by the account's: set the clock"
    }
    if nextAction.hasPrefix("EXT_AUTHN") {
      return "the account asks for a second factor: use key-pair login, a programmatic access token, or passcode"
    }
    if nextAction == "PWD_CHANGE" { return "the account wants a new password: change it in the web interface first" }
    switch code {
    case "390100": return "check user and password; a wrong account gives the same answer"
    case "390144", "394300", "394301", "394304":
      return "the public key of the user is not the one of this private key: compare RSA_PUBLIC_KEY_FP in DESC USER"
    case "394302", "394303": return "the clock of this machine is wrong: the login token is judged by it"
    case "390189": return "grant the role \(role ?? "of the connection") to the user, or choose another"
    case "390201": return "the connection names a database, schema or warehouse that does not exist"
    case "390303", "390318": return "the OAuth token is invalid or has expired: get a new one"
    case "394400": return "the programmatic access token is invalid or has expired"
    case "390505": return "too many logins at once: try again later"
    default: return nil
    }
  }
}

/// Reads a small answer as a tree. Throws `.badAnswer` when it is none.
func readEnvelope(_ body: inout [UInt8], operation: String) throws(ClientError) -> JSONValue {
  do throws(JSONError) {
    return try JSONReader.read(&body) { (reader) throws(JSONError) in try reader.value() }
  } catch {
    throw badAnswer(error, body, operation: operation)
  }
}

/// The error for an answer that is not what it should be. Only the beginning of a web page is shown: anything else may
/// hold tokens.
func badAnswer(_ error: JSONError, _ body: [UInt8], operation: String) -> ClientError {
  if error.isTruncated, body.first == UInt8(ascii: "{") {
    return .badAnswer("the server's answer breaks off after \(body.count) bytes", operation: operation)
  }
  var text = "the server's answer is not the JSON of Snowflake's protocol: \(error.reason) (byte \(error.offset))"
  if body.first == UInt8(ascii: "<") {
    let start = body.prefix(60).map { $0 >= 0x20 && $0 < 0x7F ? Character(Unicode.Scalar($0)) : "·" }
    text += "; it begins with \"\(String(start))\""
  }
  return .badAnswer(text, operation: operation)
}

private func trimmingDots(_ text: String) -> String {
  var text = text[...]
  while text.last == "." { text.removeLast() }
  return String(text)
}
