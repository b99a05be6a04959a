import Synchronization

/// What runs statements for the wire.
///
/// The wire calls from many threads at once, also for the same session (a client may have several requests in flight
/// with one token); the engine serialises what must be serial. Calls are synchronous and may block.
public protocol StatementEngine: Sendable {
  /// Checks a login and opens a session. Throws `LoginFailure` with Snowflake's code.
  func login(_ request: LoginRequest) throws(LoginFailure) -> EngineSession

  /// Runs one statement in a session.
  ///
  /// - Parameters:
  ///   - bindings: values by placeholder number ("1", "2", …) or name.
  ///   - describeOnly: compile only: the columns of the answer, no rows and no effect.
  ///   - queryID: the id under which clients will find this statement again.
  ///   - parameters: session parameters set for this statement only, names as the client wrote them.
  /// Throws `StatementFailure` with Snowflake's code, SQL state and text.
  func execute(
    _ sql: String, bindings: [String: StatementBinding], describeOnly: Bool, queryID: String,
    parameters: [String: String], in session: EngineSession
  ) throws(StatementFailure) -> StatementResult

  /// Splits a multi-statement text into its statements. Throws `StatementFailure` when it cannot be tokenised.
  func split(_ sql: String) throws(StatementFailure) -> [String]

  /// Ends a session: it logged out or expired. No statement of it follows.
  func close(_ session: EngineSession)

  /// The stage that a statement about files names, for reading or writing. Throws `StatementFailure` when it is not
  /// there or not to be used so.
  func locate(_ stage: StageReference, writes: Bool, in session: EngineSession) throws(StatementFailure) -> LocatedStage

  /// Is given, once, what reads the files of a stage with their paths in it and what writes one, for statements that do.
  func useStages(_ access: StageAccess)
}

extension StatementEngine {
  /// An engine whose statements read no files.
  public func useStages(_ access: StageAccess) {}

  /// An engine without stages refuses every one.
  public func locate(
    _ stage: StageReference, writes: Bool, in session: EngineSession
  ) throws(StatementFailure) -> LocatedStage {
    throw StatementFailure(
      code: "000002", sqlState: "0A000", message: "Unsupported feature 'files on stages'.")
  }
}

/// A stage as statements about files name it.
public enum StageReference: Sendable, Equatable {
  /// `@~`: the user's own.
  case user
  /// `@[db.schema.]%table`: a table's, by the parts of its name, exact.
  case table([String])
  /// `@[db.schema.]stage`, by the parts of its name, exact.
  case named([String])
}

/// Where the files of a stage are.
public struct LocatedStage: Sendable, Equatable {
  /// Differs for every stage; two of the same name, one after the other, are told apart.
  public var key: String
  /// What LIST puts before the names of files; empty for a user's stage and a table's.
  public var shownPrefix: String

  /// A stage.
  public init(key: String, shownPrefix: String) {
    self.key = key
    self.shownPrefix = shownPrefix
  }
}

/// The files on stages, for statements that read or write them.
public struct StageAccess: Sendable {
  /// The files of a stage with their paths in it.
  public var read: @Sendable (LocatedStage) -> [(path: String, content: [UInt8])]
  /// Writes a file of a stage, replacing one of the same path; false when it cannot be written.
  public var write: @Sendable (_ stage: LocatedStage, _ path: String, _ content: [UInt8]) -> Bool

  /// Files that are read and written so; without `write` none can be written.
  public init(
    read: @escaping @Sendable (LocatedStage) -> [(path: String, content: [UInt8])],
    write: @escaping @Sendable (LocatedStage, String, [UInt8]) -> Bool = { _, _, _ in false }
  ) {
    self.read = read
    self.write = write
  }
}

/// What a client sends to log in.
public struct LoginRequest: Sendable {
  /// How the user proves who he is.
  public enum Credential: Sendable {
    /// A password.
    case password(String)
    /// A JWT signed with the user's private key.
    case keyPairJWT(String)
    /// An OAuth access token.
    case oauth(String)
    /// A programmatic access token.
    case accessToken(String)
    /// Nothing more to prove: what was sent has been checked already, `user` is who it is.
    case vouched
    /// Any other authenticator, by its name (`EXTERNALBROWSER`, `ID_TOKEN` …).
    case other(String)
  }

  /// The account named by the client, as it was sent.
  public var account: String
  /// The login name, as it was sent; empty when only the credential names the user.
  public var user: String
  /// The proof of identity.
  public var credential: Credential
  /// What the session shall start with: names as the client wrote them, nil when not asked for.
  public var role, warehouse, database, schema: String?
  /// `ALL` or `NONE`, nil when not asked for.
  public var secondaryRoles: String?
  /// Session parameters to start with, values as text.
  public var sessionParameters: [String: String]

  /// A login; everything but the account, the user and the credential is optional.
  public init(
    account: String, user: String, credential: Credential, role: String? = nil, warehouse: String? = nil,
    database: String? = nil, schema: String? = nil, secondaryRoles: String? = nil,
    sessionParameters: [String: String] = [:]
  ) {
    self.account = account
    self.user = user
    self.credential = credential
    self.role = role
    self.warehouse = warehouse
    self.database = database
    self.schema = schema
    self.secondaryRoles = secondaryRoles
    self.sessionParameters = sessionParameters
  }
}

/// Why a login is refused: Snowflake's code ("390100") and text.
public struct LoginFailure: Error, Sendable, Equatable {
  /// Snowflake's code, six digits.
  public var code: String
  /// Snowflake's text.
  public var message: String

  /// A refusal.
  public init(code: String, message: String) {
    self.code = code
    self.message = message
  }
}

/// Why a statement failed: Snowflake's code ("002003"), SQL state ("02000") and text.
public struct StatementFailure: Error, Sendable, Equatable {
  /// Snowflake's code, six digits.
  public var code: String
  /// The SQL state, five characters.
  public var sqlState: String
  /// Snowflake's text, with "SQL compilation error:\n" and the like.
  public var message: String
  /// Where in the statement, counted from 1; nil when it is not about a place.
  public var line: Int?
  /// The column in `line`, counted from 0 as Snowflake does.
  public var position: Int?

  /// A failure.
  public init(code: String, sqlState: String, message: String, line: Int? = nil, position: Int? = nil) {
    self.code = code
    self.sqlState = sqlState
    self.message = message
    self.line = line
    self.position = position
  }
}

/// One bound value, or one column of values (array binding).
public struct StatementBinding: Sendable, Equatable {
  /// The type as the client named it, in capitals: `FIXED`, `TEXT`, `REAL`, `BOOLEAN`, `ANY`, `TIMESTAMP_NTZ` …
  public var type: String
  /// The values in wire form; one value unless `isArray`.
  public var values: [String?]
  /// Whether the client bound a list (INSERT … VALUES over many rows).
  public var isArray: Bool

  /// A binding.
  public init(type: String, values: [String?], isArray: Bool = false) {
    self.type = type
    self.values = values
    self.isArray = isArray
  }
}

/// What a statement answered. Cells are in wire form: booleans "1"/"0", dates as days since 1970, timestamps as
/// seconds since 1970 with the column's scale ("1717000000.123000000"), binary as hex, variants as JSON text.
public struct StatementResult: Sendable, Equatable {
  /// The columns, in order.
  public var columns: [ResultColumn]
  /// The rows, each with one cell per column; nil is NULL.
  public var rows: [[String?]]
  /// Snowflake's number for the kind of statement (SELECT 0x1000, DML 0x3000, SHOW 0x4400, DDL 0x6000 …).
  public var statementTypeID: Int
  /// Whether the one row holds counts of changed rows.
  public var isDML: Bool = false

  /// A result.
  public init(columns: [ResultColumn], rows: [[String?]], statementTypeID: Int, isDML: Bool = false) {
    self.columns = columns
    self.rows = rows
    self.statementTypeID = statementTypeID
    self.isDML = isDML
  }
}

/// A column of a result.
public struct ResultColumn: Sendable, Equatable {
  /// Snowflake's wire types.
  public enum ResultType: String, Sendable {
    case text, fixed, real, boolean, date, time, timestamp_ltz, timestamp_ntz, timestamp_tz, variant, object, array
    case binary
  }

  /// The column's name.
  public var name: String
  /// Its wire type.
  public var type: ResultType
  /// Whether it may hold NULL.
  public var nullable: Bool
  /// Characters (text) or bytes (binary); nil: the type's maximum.
  public var length: Int?
  /// Digits; nil: the type's usual (38 for fixed).
  public var precision: Int?
  /// Digits after the point, or of the fraction of a second; nil: the type's usual (0 for fixed, 9 for times).
  public var scale: Int?

  /// A column; text that may be NULL unless said otherwise.
  public init(
    name: String, type: ResultType = .text, nullable: Bool = true, length: Int? = nil, precision: Int? = nil,
    scale: Int? = nil
  ) {
    self.name = name
    self.type = type
    self.nullable = nullable
    self.length = length
    self.precision = precision
    self.scale = scale
  }
}

/// One session of the account: what the wire needs to answer. The engine keeps more by `id`.
public final class EngineSession: Sendable {
  /// What a session stands on now. Names are resolved (upper-case unless quoted), nil when there is none.
  public struct State: Sendable, Equatable {
    /// The user's name.
    public var user: String
    /// The current role.
    public var role: String?
    /// The current database.
    public var database: String?
    /// The current schema.
    public var schema: String?
    /// The current warehouse.
    public var warehouse: String?
    /// Session parameters that differ from the defaults (names in capitals, values as text): what login and
    /// ALTER SESSION set. The wire reports them to the client and obeys MULTI_STATEMENT_COUNT and
    /// STATEMENT_TIMEOUT_IN_SECONDS.
    public var parameters: [String: String]

    /// A state.
    public init(
      user: String, role: String? = nil, database: String? = nil, schema: String? = nil, warehouse: String? = nil,
      parameters: [String: String] = [:]
    ) {
      self.user = user
      self.role = role
      self.database = database
      self.schema = schema
      self.warehouse = warehouse
      self.parameters = parameters
    }
  }

  /// The session's number (CURRENT_SESSION()).
  public let id: Int64
  private let state: Mutex<State>

  /// A session that stands on `current`.
  public init(id: Int64, current: State) {
    self.id = id
    state = Mutex(current)
  }

  /// A consistent copy of what the session stands on now; set by the engine only.
  public var current: State {
    get { state.withLock { $0 } }
    set { state.withLock { $0 = newValue } }
  }

  /// Changes what the session stands on, in one step.
  public func update<T: Sendable>(_ change: (inout State) -> T) -> T {
    state.withLock { change(&$0) }
  }
}
