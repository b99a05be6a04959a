/// What shall go wrong, and how slow the account is: for trying how a client takes it.
public struct FaultPlan: Sendable, Equatable {
  /// What happens to one request.
  public enum Kind: Sendable, Equatable {
    /// This HTTP status is answered; the statement is not run.
    case status(Int)
    /// The connection is reset; the statement is not run.
    case reset
    /// The statement runs; its answer is cut in the middle and the connection closed.
    case truncate
    /// The statement runs; the connection is reset instead of an answer.
    case loseAnswer
    /// Nothing is answered for so long, then the connection is reset; the statement is not run.
    case hang(Duration)
    /// The session token has expired (390112): the client is to renew it. The statement is not run.
    case expireSession
    /// The session is gone (390111): the client is to log in again. The statement is not run.
    case endSession
    /// The statement fails so; it is not run.
    case fail(StatementFailure)
    /// The statement is answered "in progress" so many times before its result is given.
    case inProgress(polls: Int)
    /// The statement takes so much longer.
    case latency(Duration)
    /// The process that runs the emulator is killed (SIGKILL), as by a failing machine.
    case kill(KillMoment)
    /// The statement runs; its answer is another than the account's.
    case rewrite(AnswerChange)

    /// The name that plans and logs call it by.
    public var name: String {
      switch self {
      case .status: "status"
      case .reset: "reset"
      case .truncate: "truncate"
      case .loseAnswer: "lose_answer"
      case .hang: "hang"
      case .expireSession: "expire_session"
      case .endSession: "end_session"
      case .fail: "fail"
      case .inProgress: "in_progress"
      case .latency: "latency"
      case .kill: "kill"
      case .rewrite: "rewrite"
      }
    }
  }

  /// When a process is killed.
  public enum KillMoment: String, Sendable, CaseIterable {
    /// The request has come; the statement is not run.
    case beforeRunning = "before"
    /// The statement has run and is stored; it is not answered.
    case beforeAnswering = "after"
    /// The statement has run and is stored; half of its answer has gone out.
    case whileAnswering = "during"
  }

  /// A fault and the requests it befalls.
  public struct Fault: Sendable, Equatable {
    /// What happens.
    public var kind: Kind
    /// The requests it is for: those to this path and everything beneath it; `/` is every request.
    public var path: String
    /// Only statements that contain this text, in any case; nil: all.
    public var containing: String?
    /// How many matching requests pass before it begins.
    public var skip: Int
    /// How often it happens.
    public var times: Int

    /// A fault that befalls the next statement that contains `containing`, unless said otherwise.
    public init(
      _ kind: Kind, containing: String? = nil, path: String = "/queries/v1/query-request", skip: Int = 0, times: Int = 1
    ) {
      self.kind = kind
      self.containing = containing
      self.path = path
      self.skip = skip
      self.times = times
    }
  }

  /// Added to every request.
  public var requestLatency: Duration
  /// Added to every statement.
  public var statementLatency: Duration
  /// Faults; the first that matches a request befalls it.
  public var faults: [Fault]

  /// A plan; by default nothing goes wrong and nothing is slow.
  public init(requestLatency: Duration = .zero, statementLatency: Duration = .zero, faults: [Fault] = []) {
    self.requestLatency = requestLatency
    self.statementLatency = statementLatency
    self.faults = faults
  }
}

extension FaultPlan {
  private static func covers(_ prefix: String, _ path: String) -> Bool {
    prefix == "/" || path == prefix || path.hasPrefix(prefix + "/")
  }

  /// The fault for a request, counted down; nil when none befalls it.
  mutating func take(path: String, sql: String?) -> Kind? {
    if faults.isEmpty { return nil }
    let folded = sql?.lowercased()
    for index in faults.indices {
      let fault = faults[index]
      guard fault.times > 0, Self.covers(fault.path, path) else { continue }
      if let text = fault.containing?.lowercased() {
        guard let folded, folded.wireContains(text) else { continue }
      }
      if fault.skip > 0 {
        faults[index].skip -= 1
        continue
      }
      faults[index].times -= 1
      if faults[index].times == 0 { faults.remove(at: index) }
      return fault.kind
    }
    return nil
  }
}

extension String {
  /// Whether the text occurs in this one, byte by byte.
  func wireContains(_ text: String) -> Bool {
    let hay = Array(utf8)
    let needle = Array(text.utf8)
    guard let first = needle.first else { return true }
    guard hay.count >= needle.count else { return false }
    for start in 0...(hay.count - needle.count) where hay[start] == first {
      if hay[start..<(start + needle.count)].elementsEqual(needle) { return true }
    }
    return false
  }
}
