/// Which secondary roles a session has.
public enum SecondaryRoles: String, Sendable {
  /// All roles of the user count together.
  case all = "ALL"
  /// The current role alone counts.
  case none = "NONE"
}

extension ConnectionParameters {
  /// The secondary roles that the connection asks for. Throws a `ConnectionProblem` when it is neither ALL nor NONE.
  func secondaryRoles() throws(ConnectionProblem) -> SecondaryRoles? {
    guard let text = value(.secondaryRoles) else { return nil }
    if let roles = SecondaryRoles(rawValue: text.uppercased()) { return roles }
    throw problem(.secondaryRoles, "secondary_roles is \"\(text)\"", "use ALL or NONE")
  }
}

extension ConnectionParameters {
  /// What the connection says about changing roles; nil when it does not. Throws when that is neither true nor false.
  func roleBinding() throws(ConnectionProblem) -> RoleBinding? {
    switch value(.singleRole)?.lowercased() {
    case nil: return nil
    case "true": return .single
    case "false": return .free
    case .some(let other): throw problem(.singleRole, "single_role is \"\(other)\"", "use true or false")
    }
  }
}

extension ConnectionParameters {
  /// Whether the connection wants the SQL API. Throws when the setting is neither `session` nor `sql-api`.
  func usesSQLAPI() throws(ConnectionProblem) -> Bool {
    switch value(.transport)?.lowercased() {
    case nil, "session": return false
    case "sql-api": return true
    case .some(let other): throw problem(.transport, "transport is \"\(other)\"", "use session or sql-api")
    }
  }
}

/// How sessions are opened and how they behave.
public struct SessionOptions: Sendable {
  /// The client's name as the account sees it. A name of Snowflake's own drivers would bring Arrow results.
  public var application: String
  /// The client's version.
  public var applicationVersion: String
  /// Secondary roles at login; nil leaves the user's default.
  public var secondaryRoles: SecondaryRoles?
  /// Marks every statement in the query history.
  public var queryTag: String?
  /// Further session parameters; they win over the client's own.
  public var parameters: [String: String]
  /// When a session that is not used is kept alive by a heartbeat; nil lets it rest.
  public var heartbeat: Duration?
  /// Repetition of logins.
  public var loginRetry: RetryPolicy
  /// Repetition of statements.
  public var statementRetry: RetryPolicy
  /// Time limits of each HTTP request.
  public var timeouts: HTTPTimeouts
  /// How many chunks of a large result are fetched side by side.
  public var chunkParallelism: Int
  /// How many bytes of chunks, uncompressed, may wait for their reader; one chunk may always.
  public var chunkMemory: Int
  /// How the revocation of certificates is checked.
  public var revocation: RevocationCheck
  /// What the user is told and asked for while logging in.
  public var interaction: LoginInteraction
  /// Where MFA, SSO and OAuth tokens are kept between runs; nil for the folder that Snowflake's drivers share.
  public var credentialFolder: String?
  /// Called when the account answers "too many requests".
  var onThrottle: (@Sendable () -> Void)?
  /// Whether sessions may change their role, when that is known already.
  var roleBinding: RoleBinding?

  /// The options that suit an account; everything can be changed afterwards.
  public init(
    application: String = "snowmaker", applicationVersion: String = "0.1.0", secondaryRoles: SecondaryRoles? = nil,
    queryTag: String? = nil, parameters: [String: String] = [:]
  ) {
    self.application = application
    self.applicationVersion = applicationVersion
    self.secondaryRoles = secondaryRoles
    self.queryTag = queryTag
    self.parameters = parameters
    heartbeat = nil
    loginRetry = RetryPolicy(deadline: .seconds(60))
    statementRetry = RetryPolicy()
    timeouts = HTTPTimeouts(idle: .seconds(90))
    chunkParallelism = 4
    chunkMemory = 64 << 20
    revocation = .none
    interaction = LoginInteraction()
  }

  /// How times are written. These are the parameters that the SQL API takes too (its reference, "parameters").
  var outputParameters: [String: String] {
    [
      "TIMEZONE": "UTC",
      "TIMESTAMP_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM",
      "TIMESTAMP_NTZ_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3",
      "TIMESTAMP_LTZ_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM",
      "TIMESTAMP_TZ_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM",
    ]
  }

  /// The session parameters of the login. They are set whatever the account's defaults are, because readers of results
  /// rely on them.
  var sessionParameters: [JSONValue.Member] {
    var members: [String: JSONValue] = [
      "QUOTED_IDENTIFIERS_IGNORE_CASE": .bool(false),
      "CLIENT_SESSION_KEEP_ALIVE": .bool(heartbeat != nil),
      "CLIENT_TELEMETRY_ENABLED": .bool(false),
      // The account decides by the client's name which of these it looks at.
      "PYTHON_CONNECTOR_QUERY_RESULT_FORMAT": .string("JSON"),
      "GO_QUERY_RESULT_FORMAT": .string("JSON"),
      "JDBC_QUERY_RESULT_FORMAT": .string("JSON"),
      "ODBC_QUERY_RESULT_FORMAT": .string("JSON"),
      "C_API_QUERY_RESULT_FORMAT": .string("JSON"),
    ]
    for (name, value) in outputParameters { members[name] = .string(value) }
    if let queryTag { members["QUERY_TAG"] = .string(queryTag) }
    for (name, value) in parameters { members[name.uppercased()] = .string(value) }
    return members.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, $0.value) }
  }
}

/// How one statement is sent.
public struct StatementOptions: Sendable {
  /// Session parameters for this statement alone, such as `STATEMENT_TIMEOUT_IN_SECONDS`.
  public var parameters: [String: String]
  /// The id that makes a repetition of the statement harmless; nil for a new one. Give one to be able to ask later
  /// what became of a statement.
  public var requestID: String?
  /// The values of the statement's question marks, in order.
  public var bindings: [Binding]
  /// How many statements the text holds, 0 for any number; nil for one.
  public var statementCount: Int?
  /// Called whenever the account says that the statement is still running, with the statement's id.
  public var onProgress: (@Sendable (_ queryID: String) -> Void)?

  /// Options for a statement.
  public init(
    parameters: [String: String] = [:], requestID: String? = nil, bindings: [Binding] = [],
    statementCount: Int? = nil, onProgress: (@Sendable (_ queryID: String) -> Void)? = nil
  ) {
    self.parameters = parameters
    self.requestID = requestID
    self.bindings = bindings
    self.statementCount = statementCount
    self.onProgress = onProgress
  }
}
