public import SnowmakerModel

/// What sends SQL to the account. The real one is a pool of sessions; tests bring their own.
public protocol StatementRunner: Sendable {
  /// Runs one statement as `role` (canonical SQL text; nil for whatever role the session has) and returns its answer.
  ///
  /// Throws when the account refused the statement or could not be reached; the error's kind says which.
  func run(_ sql: String, role: String?, purpose: StatementPurpose) async throws(StatementError) -> StatementAnswer

  /// The same, with `tag` at the end of the statement's QUERY_TAG, by which the account's query history finds it again.
  func run(
    _ sql: String, role: String?, purpose: StatementPurpose, tag: String
  ) async throws(StatementError) -> StatementAnswer

  /// Runs a statement that changes the account and whose rows matter, once, with `tag` as its QUERY_TAG. Other writes may be
  /// answered without rows.
  func write(answering sql: String, role: String?, tag: String) async throws(StatementError) -> StatementAnswer
}

extension StatementRunner {
  /// As every write, where all are answered with their rows.
  public func write(
    answering sql: String, role: String?, tag: String
  ) async throws(StatementError) -> StatementAnswer {
    try await run(sql, role: role, purpose: .write, tag: tag)
  }

  /// Runs the statement without the tag, where there is nothing that could take one.
  public func run(
    _ sql: String, role: String?, purpose: StatementPurpose, tag: String
  ) async throws(StatementError) -> StatementAnswer {
    try await run(sql, role: role, purpose: purpose)
  }
}

/// What a statement is sent for.
public enum StatementPurpose: Hashable, Sendable {
  /// It looks only; the text is the class that the read cost counts it under.
  case read(String)
  /// It changes the account. It must run with the authority of its role alone (no secondary roles), and must not be
  /// sent a second time when no answer came.
  case write
}

/// What the account answered to a statement.
public struct StatementAnswer: Hashable, Sendable {
  /// The account's id for the statement, nil when it gave none.
  public var queryID: String?
  /// Lower-case column names.
  public var columns: [String]
  /// One list per row; each value is text or null.
  public var rows: [[Value]]
  /// Requests on the wire, retries and chunks included.
  public var roundTrips: Int

  /// An answer from its parts.
  public init(queryID: String? = nil, columns: [String] = [], rows: [[Value]] = [], roundTrips: Int = 1) {
    self.queryID = queryID
    self.columns = columns
    self.rows = rows
    self.roundTrips = roundTrips
  }
}

/// Why a statement has no answer, and what that says about the account.
public struct StatementError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is known of the statement's effect.
  public enum Kind: String, Hashable, Sendable {
    /// The account refused it: it had no effect.
    case failed
    /// It was sent and no answer came: it may have had its effect.
    case unanswered
    /// It never left: it had no effect.
    case notSent
    /// It was stopped before it was sent, the account said that it was cancelled, or its plugin stopped when told to.
    case cancelled
  }

  /// What is known of the statement's effect.
  public var kind: Kind
  /// The account's error code, e.g. `002003`; empty when the error is not the account's.
  public var code: String
  /// What happened, in the account's or the client's words.
  public var message: String
  /// The SQL state, nil when there is none.
  public var sqlState: String?
  /// The account's id for the statement, nil when it gave none.
  public var queryID: String?

  /// An error from its parts.
  public init(_ kind: Kind, code: String = "", message: String, sqlState: String? = nil, queryID: String? = nil) {
    self.kind = kind
    self.code = code
    self.message = message
    self.sqlState = sqlState
    self.queryID = queryID
  }

  /// The message, with the code before it when there is one.
  public var description: String { code.isEmpty ? message : "\(code): \(message)" }
}
