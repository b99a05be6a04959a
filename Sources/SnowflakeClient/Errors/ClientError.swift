/// Everything that can go wrong between a statement and its result. The description is written for users and never
/// holds a secret.
public indirect enum ClientError: Error, Sendable, Equatable {
  /// No connection could be made up from files, variables and options.
  case connection(ConnectionProblem)
  /// The network failed; `operation` says what was being done.
  case transport(TransportError, operation: String)
  /// The server answered with an HTTP status that is no answer.
  case http(status: Int, operation: String, host: String, hint: String?)
  /// The account refused the login.
  case loginFailed(LoginFailure)
  /// The account refused or failed the statement.
  case sql(SQLFailure)
  /// The answer is not what Snowflake's protocol has.
  case badAnswer(String, operation: String)
  /// The rows came in a form that this client does not read.
  case unsupportedResult(format: String, queryID: String?)
  /// The task was cancelled.
  case cancelled
  /// A statement was sent and no answer says whether it ran; the cause tells why.
  case unanswered(cause: ClientError, requestID: String)

  /// Whether the statement may have taken effect although it failed: only the account can tell.
  public var mayHaveRun: Bool {
    switch self {
    case .unanswered: true
    case .cancelled: true
    case .badAnswer, .unsupportedResult: true
    case .connection, .transport, .http, .loginFailed, .sql: false
    }
  }

  /// The account's failure of a statement, if that is what this is.
  public var sqlFailure: SQLFailure? {
    if case .sql(let failure) = self { return failure }
    return nil
  }
}

/// Why the account refused a login.
public struct LoginFailure: Error, Sendable, Equatable {
  /// Snowflake's code, such as `390100`; nil when it gave none.
  public var code: String?
  /// Snowflake's message.
  public var message: String
  /// The login name.
  public var user: String
  /// The host that refused.
  public var host: String
  /// What to do about it.
  public var hint: String?

  /// A failure from its parts.
  public init(code: String?, message: String, user: String, host: String, hint: String?) {
    self.code = code
    self.message = message
    self.user = user
    self.host = host
    self.hint = hint
  }
}

/// Why a statement failed, in the account's words.
public struct SQLFailure: Error, Sendable, Equatable {
  /// Snowflake's code with its leading zeros, such as `002003`.
  public var code: String
  /// The five characters of SQLSTATE.
  public var sqlState: String?
  /// Snowflake's message.
  public var message: String
  /// The statement's id in the query history.
  public var queryID: String?
  /// The line in the statement, from 1.
  public var line: Int?
  /// The position in that line, from 0.
  public var position: Int?

  /// A failure from its parts.
  public init(
    code: String, sqlState: String? = nil, message: String, queryID: String? = nil, line: Int? = nil,
    position: Int? = nil
  ) {
    self.code = code
    self.sqlState = sqlState
    self.message = message
    self.queryID = queryID
    self.line = line
    self.position = position
  }

  /// Whether the object does not exist, or the role may not see it: Snowflake does not tell which.
  public var isNotFoundOrNotAuthorized: Bool { code == "002003" || code == "002043" }
  /// Whether the object exists already.
  public var isAlreadyExists: Bool { code == "002002" }
  /// Whether the role lacks a privilege.
  public var isInsufficientPrivileges: Bool { code == "003001" }
}

/// Why no connection could be made up.
public struct ConnectionProblem: Error, Sendable, Equatable {
  /// What is wrong.
  public var message: String
  /// The file it concerns.
  public var file: String?
  /// The line in that file, from 1.
  public var line: Int?
  /// What to do about it.
  public var hint: String?

  /// A problem from its parts.
  public init(_ message: String, file: String? = nil, line: Int? = nil, hint: String? = nil) {
    self.message = message
    self.file = file
    self.line = line
    self.hint = hint
  }
}
