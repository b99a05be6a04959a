import SnowmakerModel

/// The emulator's control endpoint, on a port of its own: faults, log and expiry for tests that drive it from outside.
///
///     GET    /faults            the plan that is left        PUT /faults          a new plan
///     GET    /log[?since=N]     entries after number N       DELETE /log          forget them
///     GET    /stats             counts
///     POST   /sessions/expire   {"master": true|false}
///     POST   /time/advance      {"seconds": N}
struct ControlEndpoint: Sendable {
  let service: WireService

  /// Answers one request.
  func answer(_ request: HTTPRequest) -> HTTPReply {
    let body: Value
    do {
      body = request.body.isEmpty ? .null : try JSON.decode(request.body)
    } catch {
      return reply(400, ["error": .string("the body is no JSON: \(error)")])
    }
    switch (request.method, request.path) {
    case ("GET", "/faults"): return reply(200, service.faults.withLock { $0.document })
    case ("PUT", "/faults"):
      do {
        let plan = try FaultPlan(document: body)
        service.faults.withLock { $0 = plan }
        return reply(200, plan.document)
      } catch {
        return reply(400, ["error": .string(error.description)])
      }
    case ("GET", "/log"):
      let since = request.arguments["since"].flatMap { Int($0) } ?? 0
      return reply(200, .list(service.log.entries.filter { $0.number > since }.map(\.value)))
    case ("DELETE", "/log"):
      service.log.reset()
      return reply(200, .null)
    case ("GET", "/stats"): return reply(200, stats())
    case ("POST", "/sessions/expire"):
      service.sessions.expire(masterToo: body["master"].bool ?? false)
      return reply(200, .null)
    case ("POST", "/time/advance"):
      guard let seconds = body["seconds"].int, (0...1_000_000_000).contains(seconds) else {
        return reply(400, ["error": "seconds must be a whole number from 0 to 1,000,000,000"])
      }
      service.clock.advance(by: .seconds(seconds))
      return reply(200, .null)
    default:
      return reply(404, ["error": .string("no \(request.method) \(request.path.prefix(100)) here")])
    }
  }

  private func stats() -> Value {
    let requests = service.log.requests.sorted { $0.key < $1.key }
    let statements = service.log.statements
    return [
      "requests": .object(requests.map { Value.Field($0.key, .int(Int64($0.value))) }),
      "statements": .int(Int64(statements.count)),
      "failed": .int(Int64(statements.count { $0.code != nil })),
      "repeated": .int(Int64(service.log.repeated)),
      "max_in_flight": .int(Int64(statements.map(\.inFlight).max() ?? 0)),
      "sessions": .int(Int64(service.sessions.all.count)),
    ]
  }

  private func reply(_ status: UInt32, _ value: Value) -> HTTPReply {
    HTTPReply(status: status, body: JSON.encode(value))
  }
}

extension FaultPlan {
  /// Why a document is no fault plan.
  struct DocumentFailure: Error, CustomStringConvertible {
    var description: String
  }

  /// The plan of a document: `{"request_latency_ms", "statement_latency_ms", "faults": [{"kind", …}]}`.
  init(document: Value) throws(DocumentFailure) {
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
    default:
      throw .init(
        description: "no fault is called '\(name)': status, reset, truncate, lose_answer, hang, expire_session, "
          + "end_session, in_progress, latency, fail")
    }
    self.init(
      kind, containing: document["containing"].string, path: document["path"].string ?? "/queries/v1/query-request",
      skip: try number("skip") ?? 0, times: try number("times", from: 1) ?? 1)
  }

  /// The fault as a document.
  var document: Value {
    var fields: [Value.Field] = []
    func add(_ key: String, _ value: Value) { fields.append(Value.Field(key, value)) }
    switch kind {
    case .status(let status):
      add("kind", "status")
      add("status", .int(Int64(status)))
    case .reset: add("kind", "reset")
    case .truncate: add("kind", "truncate")
    case .loseAnswer: add("kind", "lose_answer")
    case .hang(let duration):
      add("kind", "hang")
      add("milliseconds", .int(duration.wireNanoseconds / 1_000_000))
    case .expireSession: add("kind", "expire_session")
    case .endSession: add("kind", "end_session")
    case .inProgress(let polls):
      add("kind", "in_progress")
      add("polls", .int(Int64(polls)))
    case .latency(let duration):
      add("kind", "latency")
      add("milliseconds", .int(duration.wireNanoseconds / 1_000_000))
    case .fail(let failure):
      add("kind", "fail")
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
