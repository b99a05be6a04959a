/// What one side answered to a statement.
public enum CalibrationAnswer: Sendable, Equatable {
  /// It succeeded.
  case rows(Rows)
  /// It failed.
  case failure(Failure)
  /// The client could not tell what the account answered; the text says why.
  case unknown(String)

  /// A result.
  public struct Rows: Sendable, Equatable {
    /// The columns, in order.
    public var columns: [Column]
    /// The rows; nil is NULL.
    public var cells: [[String?]]

    /// A result from its parts.
    public init(columns: [Column], cells: [[String?]]) {
      self.columns = columns
      self.cells = cells
    }
  }

  /// A column.
  public struct Column: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Its wire type (`text`, `fixed`, `timestamp_ltz` …).
    public var type: String

    /// A column from its parts.
    public init(name: String, type: String) {
      self.name = name
      self.type = type
    }
  }

  /// A failure.
  public struct Failure: Sendable, Equatable {
    /// Snowflake's code.
    public var code: String
    /// The SQL state; nil when none was given.
    public var sqlState: String?
    /// Snowflake's text.
    public var message: String

    /// A failure from its parts.
    public init(code: String, sqlState: String?, message: String) {
      self.code = code
      self.sqlState = sqlState
      self.message = message
    }
  }
}
