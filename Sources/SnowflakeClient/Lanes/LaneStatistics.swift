/// What a pool of lanes has done.
public struct LaneStatistics: Sendable, Equatable {
  /// Statements by class, `USE ROLE` between them not counted.
  public var statements: [String: Int] = [:]
  /// How often a lane was sent to another role.
  public var roleSwitches = 0
  /// Logins.
  public var logins = 0
  /// HTTP requests of statements and role switches; logins not counted.
  public var roundTrips = 0
  /// How often a request had to be sent again.
  public var retries = 0
  /// How often the account said "too many requests".
  public var throttled = 0
  /// Statements that failed.
  public var failures = 0
  /// Lanes open now.
  public var lanes = 0
  /// The time of all statements added up; side by side they take less.
  public var statementTime = Duration.zero
  /// From the first statement's start to the last one's end.
  public var wallTime = Duration.zero
  /// Why no further lane could be opened, if that happened; the pool then works with those it has.
  public var growthProblem: ClientError?

  /// All statements.
  public var statementCount: Int { statements.values.reduce(0, +) }
}
