import SnowmakerModel

extension FaultPlan {
  /// Why a document is no fault plan.
  public struct DocumentFailure: Error, Sendable, CustomStringConvertible {
    /// What is wrong with it.
    public var description: String
  }

  /// The plan of a document: `{"request_latency_ms", "statement_latency_ms", "faults": [{"kind", …}]}`.
  ///
  /// Throws `DocumentFailure` for what is no plan; docs/emulator.md tells what is.
  public init(document: Value) throws(DocumentFailure) {
    self.init()
    guard case .object(let fields) = document else { throw .init(description: "a fault plan is a JSON object") }
    for field in fields {
      switch field.key {
      case "request_latency_ms": requestLatency = try Self.milliseconds(field)
      case "statement_latency_ms": statementLatency = try Self.milliseconds(field)
      case "faults":
        for entry in field.value.list { faults.append(try Fault(document: entry)) }
      default: throw .init(description: "a fault plan has no '\(field.key)'")
      }
    }
  }

  /// The plan as a document.
  var document: Value {
    [
      "request_latency_ms": .int(requestLatency.wireNanoseconds / 1_000_000),
      "statement_latency_ms": .int(statementLatency.wireNanoseconds / 1_000_000),
      "faults": .list(faults.map(\.document)),
    ]
  }

  fileprivate static func milliseconds(_ field: Value.Field) throws(DocumentFailure) -> Duration {
    guard let number = field.value.int, (0...86_400_000).contains(number) else {
      throw .init(description: "\(field.key) must be a whole number from 0 to 86,400,000")
    }
    return .milliseconds(number)
  }
}

extension FaultPlan.Fault {
  /// The fault of a document.
  init(document: Value) throws(FaultPlan.DocumentFailure) {
    guard let name = document["kind"].string else { throw .init(description: "a fault needs a kind") }
    func number(_ key: String, from least: Int64 = 0) throws(FaultPlan.DocumentFailure) -> Int? {
      guard let value = document.find(key) else { return nil }
      guard let number = value.int, (least...86_400_000).contains(number) else {
        throw .init(description: "\(key) must be a whole number from \(least) to 86,400,000")
      }
      return Int(number)
    }
    let known: Set = [
      "kind", "path", "containing", "skip", "times", "status", "milliseconds", "polls", "code", "sql_state", "message",
      "when", "column", "rename", "drop", "type", "from", "value",
    ]
    if let stranger = document.fields.first(where: { !known.contains($0.key) }) {
      throw .init(description: "a fault has no '\(stranger.key)'")
    }
    let milliseconds = Duration.milliseconds(try number("milliseconds") ?? 60_000)
    let kind: FaultPlan.Kind
    switch name {
    case "status": kind = .status(try number("status", from: 200) ?? 503)
    case "reset": kind = .reset
    case "truncate": kind = .truncate
    case "lose_answer": kind = .loseAnswer
    case "hang": kind = .hang(milliseconds)
    case "expire_session": kind = .expireSession
    case "end_session": kind = .endSession
    case "in_progress": kind = .inProgress(polls: try number("polls") ?? 1)
    case "latency": kind = .latency(milliseconds)
    case "fail":
      kind = .fail(
        StatementFailure(
          code: document["code"].string ?? "000603", sqlState: document["sql_state"].string ?? "XX000",
          message: document["message"].string ?? "SQL execution internal error: injected by the fault plan."))
    case "kill":
      guard let moment = FaultPlan.KillMoment(rawValue: document["when"].string ?? "after") else {
        throw .init(description: "when is 'before', 'after' or 'during'")
      }
      kind = .kill(moment)
    case "rewrite": kind = .rewrite(try AnswerChange(document: document))
    default:
      throw .init(
        description: "no fault is called '\(name)': status, reset, truncate, lose_answer, hang, expire_session, "
          + "end_session, in_progress, latency, fail, kill, rewrite")
    }
    self.init(
      kind, containing: document["containing"].string, path: document["path"].string ?? "/queries/v1/query-request",
      skip: try number("skip") ?? 0, times: try number("times", from: 1) ?? 1)
  }

  /// The fault as a document.
  var document: Value {
    var fields: [Value.Field] = [.init("kind", .string(kind.name))]
    func add(_ key: String, _ value: Value) { fields.append(Value.Field(key, value)) }
    switch kind {
    case .status(let status): add("status", .int(Int64(status)))
    case .reset, .truncate, .loseAnswer, .expireSession, .endSession: break
    case .hang(let duration), .latency(let duration):
      add("milliseconds", .int(duration.wireNanoseconds / 1_000_000))
    case .inProgress(let polls): add("polls", .int(Int64(polls)))
    case .kill(let moment): add("when", .string(moment.rawValue))
    case .rewrite(let change): fields += change.fields
    case .fail(let failure):
      add("code", .string(failure.code))
      add("sql_state", .string(failure.sqlState))
      add("message", .string(failure.message))
    }
    add("path", .string(path))
    if let containing { add("containing", .string(containing)) }
    add("skip", .int(Int64(skip)))
    add("times", .int(Int64(times)))
    return .object(fields)
  }
}

extension AnswerChange {
  /// The change that a fault's document describes. Throws when it changes nothing.
  init(document: Value) throws(FaultPlan.DocumentFailure) {
    self.init(column: document["column"].string)
    renamed = document["rename"].string
    isDropped = document["drop"].bool ?? false
    if let name = document["type"].string {
      guard let known = ResultColumn.ResultType(rawValue: name) else {
        throw .init(description: "no column has the type '\(name)'")
      }
      type = known
    }
    from = document["from"].string
    value = document["value"].string
    code = document["code"].string
    sqlState = document["sql_state"].string
    message = document["message"].string
    let changesColumn = renamed != nil || isDropped || type != nil || value != nil
    guard changesColumn == (column != nil), changesColumn || code != nil || sqlState != nil || message != nil else {
      throw .init(
        description: "rewrite needs a column and one of rename, drop, type and value, or one of code, sql_state and "
          + "message")
    }
  }

  /// The change as entries of a fault's document.
  var fields: [Value.Field] {
    let texts = [
      ("column", column), ("rename", renamed), ("type", type?.rawValue), ("from", from), ("value", value),
      ("code", code), ("sql_state", sqlState), ("message", message),
    ]
    var fields = texts.compactMap { key, text in text.map { Value.Field(key, .string($0)) } }
    if isDropped { fields.append(.init("drop", true)) }
    return fields
  }
}
