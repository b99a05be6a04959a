public import PluginHost
public import SnowmakerModel

/// What happens during an apply, as it happens.
public enum ApplyEvent: Sendable {
  /// The statement of this step is about to be sent.
  case started(step: Int)
  /// The plugin that does this step says how far it is: one line, in which secrets are covered.
  case working(step: Int, OperationProgress)
  /// It worked.
  case finished(step: Int, queryID: String?, seconds: Double)
  /// It did not work, or no answer came.
  case failed(step: Int, StatementError)
  /// The last statement of the resource worked, and the ledger knows.
  case settled(Address)
  /// Nothing new is started from here on; what runs is finished.
  case stopping
}

/// How an apply ended: every step of the plan is in exactly one of the three lists.
public struct ApplyOutcome: Sendable {
  /// The run's id in the journal.
  public var runID: String
  /// Steps that worked, by place in the plan.
  public var done: [Int]
  /// Steps that did not, in the order in which they failed.
  public var failed: [FailedStep]
  /// Steps that were not started, by place in the plan.
  public var notStarted: [Int]
  /// Whether the user stopped it.
  public var wasCancelled: Bool
  /// What kept the journal from being written; the run was stopped because of it.
  public var journalProblem: Diagnostic?

  /// An outcome from its parts.
  public init(
    runID: String, done: [Int] = [], failed: [FailedStep] = [], notStarted: [Int] = [], wasCancelled: Bool = false,
    journalProblem: Diagnostic? = nil
  ) {
    self.runID = runID
    self.done = done
    self.failed = failed
    self.notStarted = notStarted
    self.wasCancelled = wasCancelled
    self.journalProblem = journalProblem
  }

  /// Whether everything was done and is on record.
  public var isComplete: Bool { failed.isEmpty && notStarted.isEmpty && journalProblem == nil }

  /// Whether the user stopped it and nothing else went wrong: what failed did so because it was asked to stop.
  public var isOnlyCancelled: Bool { wasCancelled && failed.allSatisfy { $0.error.kind == .cancelled } }

  /// A step that did not work.
  public struct FailedStep: Sendable {
    /// Its place in the plan.
    public var step: Int
    /// The resource it is for.
    public var address: Address
    /// The role it ran as.
    public var role: String
    /// The SQL with slots.
    public var sql: String
    /// The account's or the client's error. When its kind is `unanswered`, only the account knows whether it had its
    /// effect: the next plan looks.
    public var error: StatementError

    /// A failed step from its parts.
    public init(step: Int, address: Address, role: String, sql: String, error: StatementError) {
      self.step = step
      self.address = address
      self.role = role
      self.sql = sql
      self.error = error
    }
  }
}
