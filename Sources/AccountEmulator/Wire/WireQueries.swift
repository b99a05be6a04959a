import SnowmakerModel
import Synchronization

/// One statement a client submitted, from its arrival until its result is forgotten.
final class WireQuery: Sendable {
  /// What came out.
  enum Outcome: Sendable {
    case succeeded(WireOutcome)
    case failed(StatementFailure)
    /// Done, but the rows were given up to make room.
    case forgotten
  }

  /// How far it is.
  struct Progress: Sendable {
    var started = false
    var cancelled = false
    var outcome: Outcome?
    var ended: Int64 = 0
    /// How many more times it is to be answered "in progress", done or not.
    var pollsLeft = 0
  }

  let id: String
  let session: WireSession
  let requestID: String?
  let sql: String
  let isAsync: Bool
  /// Milliseconds since 1970.
  let submitted: Int64
  let progress: WireMonitor<Progress>

  init(id: String, session: WireSession, requestID: String?, sql: String, isAsync: Bool, submitted: Int64) {
    self.id = id
    self.session = session
    self.requestID = requestID
    self.sql = sql
    self.isAsync = isAsync
    self.submitted = submitted
    progress = WireMonitor(Progress())
  }

  /// The outcome, nil while it runs.
  var outcome: Outcome? { progress.withLock { $0.outcome } }

  /// Cancels it unless it is being run already; true when that was in time.
  func cancel() -> Bool {
    progress.update { progress in
      guard !progress.started, progress.outcome == nil else { return false }
      progress.cancelled = true
      return true
    }
  }

  /// Ends it.
  func finish(_ outcome: Outcome, at time: Int64) {
    progress.update {
      $0.outcome = outcome
      $0.ended = time
    }
  }
}

/// What a successful statement answers.
struct WireOutcome: Sendable {
  /// A statement of a multi-statement text.
  struct Child: Sendable {
    var id: String
    var statementTypeID: Int
  }

  var result: StatementResult
  /// The session's state right after it.
  var state: EngineSession.State
  /// The statements of a multi-statement text.
  var children: [Child] = []
  var bindCount = 0
  /// What tells the client which files to bring or fetch, for PUT and GET.
  var transfer: Value?
}

/// The statements of the last while: by query id, and by request id so that none runs twice.
final class WireQueries: Sendable {
  private struct Table: Sendable {
    var byID: [String: WireQuery] = [:]
    var byRequest: [String: WireQuery] = [:]
    var order: [WireQuery] = []
    var rows = 0
    var done: [(query: String, rows: Int)] = []
  }

  private let table = Mutex(Table())
  private let queryLimit: Int
  private let rowLimit: Int

  /// Keeps so many statements, and so many result rows among them.
  init(queryLimit: Int = 50_000, rowLimit: Int = 2_000_000) {
    self.queryLimit = queryLimit
    self.rowLimit = rowLimit
  }

  /// The statement submitted before under this request id, or this one, which is taken in.
  func enter(_ query: WireQuery) -> (query: WireQuery, isNew: Bool) {
    table.withLock { table in
      if let key = Self.key(query) {
        if let earlier = table.byRequest[key] { return (earlier, false) }
        table.byRequest[key] = query
      }
      table.byID[query.id] = query
      table.order.append(query)
      forgetOldest(&table)
      return (query, true)
    }
  }

  /// The statement with this query id.
  func find(id: String) -> WireQuery? { table.withLock { $0.byID[id] } }

  /// The statement a session submitted under this request id.
  func find(requestID: String, session: Int64) -> WireQuery? {
    table.withLock { $0.byRequest["\(session)/\(requestID)"] }
  }

  /// Statements that are not done.
  var running: [WireQuery] { table.withLock { $0.order.filter { $0.outcome == nil } } }

  /// Notes that a statement holds so many rows, and gives up the rows of the oldest when there are too many.
  func note(_ query: WireQuery, rows: Int) {
    guard rows > 0 else { return }
    let victims = table.withLock { table -> [WireQuery] in
      table.done.append((query.id, rows))
      table.rows += rows
      var victims: [WireQuery] = []
      while table.rows > rowLimit, table.done.count > 1 {
        let oldest = table.done.removeFirst()
        table.rows -= oldest.rows
        if let victim = table.byID[oldest.query] { victims.append(victim) }
      }
      return victims
    }
    for victim in victims { victim.progress.withLock { $0.outcome = .forgotten } }
  }

  private func forgetOldest(_ table: inout Table) {
    guard table.order.count > queryLimit + queryLimit / 8 else { return }
    let excess = table.order.count - queryLimit
    var kept: [WireQuery] = []
    var gone: Set<String> = []
    for (index, query) in table.order.enumerated() {
      if index >= excess || query.outcome == nil {
        kept.append(query)
      } else {
        gone.insert(query.id)
        table.byID[query.id] = nil
        if let key = Self.key(query) { table.byRequest[key] = nil }
      }
    }
    table.order = kept
    table.done.removeAll { entry in
      guard gone.contains(entry.query) else { return false }
      table.rows -= entry.rows
      return true
    }
  }

  private static func key(_ query: WireQuery) -> String? {
    query.requestID.map { "\(query.session.engine.id)/\($0)" }
  }
}
