import SnowmakerCore
import SnowmakerModel

/// Keeps track of a read: who waits for which queries, and what has been seen. It runs nothing itself.
struct ReadBoard: Sendable {
  /// Something to be done beside the board.
  enum Work: Sendable {
    /// Ask the provider.
    case ask(ReadRequest)
    /// Send the statement.
    case send(ReadQuery)
  }

  /// A type that waits for answers.
  private struct Waiting: Sendable {
    var request: ReadRequest
    var reply: ReadReply
    var missing: Int
  }

  private enum QueryState: Sendable {
    /// Types that wait for it; one may stand here several times.
    case sent(waiters: [String])
    case answered(ReadResult)
  }

  /// Everything seen so far.
  private(set) var observations = Observations()
  private var waiting: [String: Waiting] = [:]
  private var queries: [String: QueryState] = [:]
  private let blindness: String?
  /// Types that SQL does not reach: what roles see plays no part.
  private let applied: Set<String>
  /// The rows that the account answers at most, where a query is not satisfied with fewer.
  private let rowLimit: Int

  /// - Parameter known: answers that are there already, by statement.
  init(
    blindness: String?, applied: Set<String> = [], rowLimit: Int = ReadSettings.standardRowLimit,
    known: [String: ReadResult] = [:]
  ) {
    self.blindness = blindness
    self.applied = applied
    self.rowLimit = rowLimit
    queries = known.mapValues(QueryState.answered)
  }

  /// The answers to the statements that are meant, by statement.
  func answers(where isMeant: (String) -> Bool) -> [String: ReadResult] {
    queries.compactMapValues { state in
      if case .answered(let result) = state, isMeant(result.sql) { result } else { nil }
    }
  }

  /// The first question to a type's provider.
  func begin(_ request: ReadRequest) -> Work { .ask(request) }

  /// Takes a provider's answer: more queries, or what it saw. Throws when it asks for too many rounds.
  mutating func take(_ reply: ReadReply, for request: ReadRequest) throws(Diagnostic) -> [Work] {
    guard !reply.queries.isEmpty else {
      finish(reply, type: request.type)
      return []
    }
    guard !applied.contains(request.type) else {
      throw .error(
        "the type \(request.type) is not reached by SQL, and its plugin asks for '\(reply.queries[0].sql)'",
        detail: "This is a mistake of the plugin; report it to its author.", code: "plugin-fault")
    }
    guard request.round + 1 < ReadRequest.maximumRounds else {
      throw .error(
        "reading \(request.type) does not end: its plugin still asks for '\(reply.queries[0].sql)' after "
          + "\(ReadRequest.maximumRounds) rounds",
        detail: "This is a mistake of the plugin; report it to its author.", code: "endless-read")
    }
    var work: [Work] = []
    var missing = 0
    for query in reply.queries {
      switch queries[query.sql] {
      case .answered: continue
      case .sent(let waiters): queries[query.sql] = .sent(waiters: waiters + [request.type])
      case nil:
        queries[query.sql] = .sent(waiters: [request.type])
        observations.cost.statements[query.costClass, default: 0] += 1
        work.append(.send(query))
      }
      missing += 1
    }
    waiting[request.type] = Waiting(request: request, reply: reply, missing: missing)
    if missing == 0, let next = nextRound(of: request.type) { work.append(next) }
    return work
  }

  /// Takes an answer of the account. Throws when there was none: the connection failed.
  mutating func take(
    _ answer: Result<StatementAnswer, StatementError>, for query: ReadQuery
  ) throws(Diagnostic) -> [Work] {
    let result = try result(of: query, answer)
    guard case .sent(let waiters)? = queries[query.sql] else { return [] }
    queries[query.sql] = .answered(result)
    var work: [Work] = []
    for type in waiters {
      waiting[type]?.missing -= 1
      if waiting[type]?.missing == 0, let next = nextRound(of: type) { work.append(next) }
    }
    return work
  }

  private mutating func result(
    of query: ReadQuery, _ answer: Result<StatementAnswer, StatementError>
  ) throws(Diagnostic) -> ReadResult {
    switch answer {
    case .success(let answer):
      observations.cost.roundTrips += answer.roundTrips
      return ReadResult(
        sql: query.sql, columns: answer.columns, rows: answer.rows,
        isCut: query.rowLimit.map { answer.rows.count >= min($0, rowLimit) } ?? false)
    case .failure(let error) where error.kind == .failed:
      observations.cost.roundTrips += 1
      return ReadResult(
        sql: query.sql, failure: .init(code: error.code, message: error.message),
        isCut: error.code == Self.tooManyRows)
    case .failure(let error) where error.kind == .cancelled:
      throw .error("reading the account was stopped", code: "cancelled")
    case .failure(let error):
      throw .error(
        "the account cannot be read: \(error)", detail: "The statement was: \(query.sql)", code: "connection-failed")
    }
  }

  /// The account may refuse an answer that is too long instead of cutting it.
  private static let tooManyRows = "090153"

  private mutating func nextRound(of type: String) -> Work? {
    guard let done = waiting.removeValue(forKey: type) else { return nil }
    var request = done.request
    request.round += 1
    request.state = done.reply.state
    request.results = done.reply.queries.compactMap { query in
      guard case .answered(var result)? = queries[query.sql] else { return nil }
      // Another type may have asked for the same rows without minding how many there are.
      if let limit = query.rowLimit, result.rows.count >= min(limit, rowLimit) { result.isCut = true }
      return result
    }
    return .ask(request)
  }

  private mutating func finish(_ reply: ReadReply, type: String) {
    for observation in reply.observed { observations.byAddress[Address(type, observation.identity)] = observation }
    for unseen in reply.unseen { observations.unseen[Address(type, unseen.identity)] = unseen.reason }
    if let reason = reply.partial ?? (applied.contains(type) ? nil : blindness) { observations.partial[type] = reason }
  }
}
