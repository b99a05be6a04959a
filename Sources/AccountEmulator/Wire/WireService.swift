import Glibc
import SnowmakerModel
import Synchronization

/// Answers every request of the session protocol. Its endpoints are in extensions, one file per group.
final class WireService: Sendable {
  let engine: any StatementEngine
  let options: EmulatorServer.Options
  let log: EmulatorLog
  let clock = WireClock()
  let sessions: WireSessions
  let queries = WireQueries()
  let access: WireAccess
  let stages: WireStages
  /// Statements of the SQL API by user and request id.
  let apiRequests = Mutex<[String: String]>([:])
  let threads = WireThreads()
  let faults: Mutex<FaultPlan>
  /// What clients must show to fetch parts of results.
  let chunkSecret = WireRandom.hex(bytes: 16)
  let inFlight = Atomic<Int>(0)
  /// Whether the server is stopping: ends every wait that has no statement behind it.
  let stopping = WireMonitor(false)

  init(engine: any StatementEngine, options: EmulatorServer.Options, log: EmulatorLog) {
    self.engine = engine
    self.options = options
    self.log = log
    faults = Mutex(options.faults)
    access = WireAccess(clock: clock)
    let stages = WireStages(folder: options.stageFolder)
    self.stages = stages
    engine.useStages(
      StageAccess(read: { stages.contents(of: $0) }, write: { stages.write($2, to: $1, on: $0) }))
    sessions = WireSessions(
      clock: clock, sessionValidity: options.sessionValidity, masterValidity: options.masterValidity)
  }

  /// Wakes whatever waits: no request is held back from here on.
  func beginStop() {
    stopping.update { $0 = true }
    for query in queries.running { _ = query.cancel() }
  }

  /// Waits for the statements that run and closes the sessions.
  func endStop() {
    threads.stop()
    for session in sessions.all where sessions.close(session) { engine.close(session.engine) }
    stages.removeTemporary()
  }

  /// Waits so long, or until the server stops.
  func pause(_ duration: Duration) {
    guard duration > .zero else { return }
    _ = stopping.wait(until: WireClock.monotonic() + duration.wireNanoseconds) { $0 ? true : nil }
  }

  /// Answers one request. Never fails: whatever is asked, the answer is an envelope.
  func answer(_ request: HTTPRequest) -> HTTPReply {
    log.count(path: Self.countedPath(request.path))
    pause(faults.withLock { $0.requestLatency })
    if stopping.withLock({ $0 }) {
      return WireEnvelope.failure(code: "390400", message: "The emulator is stopping.", status: 503)
    }
    let body: Value
    do {
      body = try decode(request)
    } catch {
      return WireEnvelope.failure(code: "390400", message: "Bad request: \(error.reason).")
    }
    let fault = faults.withLock { $0.take(path: request.path, sql: body["sqlText"].string ?? body["statement"].string) }
    if let fault, let reply = before(fault) {
      logFault(fault, request, body)
      return reply
    }
    var reply = route(request, body: body, fault: fault)
    switch fault {
    case .truncate: reply.delivery = .truncated
    case .loseAnswer: reply.delivery = .reset
    case .kill(.beforeAnswering): Self.die()
    case .kill(.whileAnswering): reply.delivery = .killing
    default: break
    }
    return reply
  }

  /// Ends the process as a failing machine would: nothing is tidied up.
  private static func die() {
    kill(getpid(), SIGKILL)
    while true { _ = Glibc.pause() }
  }

  /// Notes a request that a fault was answered to instead of being carried out.
  private func logFault(_ fault: FaultPlan.Kind, _ request: HTTPRequest, _ body: Value) {
    let session = (try? self.session(request))?.engine
    let state = session?.current
    log.append(
      .init(
        number: 0, kind: .fault, time: clock.epochMilliseconds, session: session?.id ?? 0, user: state?.user ?? "",
        role: state?.role, sql: body["sqlText"].string ?? body["statement"].string ?? request.path,
        requestID: request.arguments["requestId"] ?? request.arguments["request_id"], queryID: nil, code: nil, rows: 0,
        microseconds: 0, inFlight: inFlight.load(ordering: .relaxed), fault: fault.name))
  }

  /// What a fault answers instead of doing anything; nil when the request goes on.
  private func before(_ fault: FaultPlan.Kind) -> HTTPReply? {
    switch fault {
    case .status(let status):
      WireEnvelope.failure(
        code: "000\(status)", message: "Injected HTTP status \(status).", status: UInt32(clamping: max(200, status)))
    case .reset: HTTPReply(body: [], delivery: .reset)
    case .hang(let duration): hang(duration)
    case .expireSession: WireEnvelope.failure(.expired)
    case .endSession: WireEnvelope.failure(.ended)
    case .kill(.beforeRunning): dead()
    case .kill, .truncate, .loseAnswer, .fail, .inProgress, .latency, .rewrite: nil
    }
  }

  private func dead() -> HTTPReply {
    Self.die()
    return HTTPReply(body: [], delivery: .reset)
  }

  private func hang(_ duration: Duration) -> HTTPReply {
    pause(duration)
    return HTTPReply(body: [], delivery: .reset)
  }

  private func route(_ request: HTTPRequest, body: Value, fault: FaultPlan.Kind?) -> HTTPReply {
    let parts = request.path.split(separator: "/").map(String.init)
    switch (parts.first, parts.count) {
    case ("api", 3...) where parts[1] == "v2" && parts[2] == "statements":
      return statements(request, body: body, rest: Array(parts[3...]), fault: fault)
    case ("api", 3...) where parts[1] == "v2": return resource(request, body: body, rest: Array(parts[2...]))
    case ("oauth", 2) where parts[1] == "token-request" && request.method == "POST": return oauthToken(request)
    case ("stage-files", 3...): return stages.serve(request, parts: Array(parts[1...]))
    default: break
    }
    switch (request.method, parts.count) {
    case ("POST", _):
      switch request.path {
      case "/queries/v1/query-request": return submit(request, body: body, fault: fault)
      case "/queries/v1/abort-request": return abort(request, body: body)
      case "/session/v1/login-request": return login(request, body: body)
      case "/session/token-request": return renew(request, body: body)
      case "/session/heartbeat": return heartbeat(request)
      case "/session/authenticator-request": return refuseAuthenticator(body)
      case "/session": return logout(request)
      case "/telemetry/send", "/telemetry/send/sessionless":
        return WireEnvelope.success { $0.string("Log Received") }
      default: return notFound(request)
      }
    case ("GET", 3) where parts[0] == "queries" && parts[2] == "result": return result(request, queryID: parts[1])
    case ("GET", 3) where parts[0] == "monitoring" && parts[1] == "queries":
      return monitoring(request, queryID: parts[2])
    case ("GET", 3) where parts[0] == "chunks": return chunk(request, queryID: parts[1], number: parts[2])
    case ("GET", 1) where parts[0] == "session": return heartbeat(request)
    default: return notFound(request)
    }
  }

  /// 404 also for a wrong method: some drivers repeat a request for ever on 405.
  private func notFound(_ request: HTTPRequest) -> HTTPReply {
    WireEnvelope.failure(
      code: "390404", message: "The emulator has no \(request.method) \(request.path.prefix(200)).", status: 404)
  }

  /// The session of a request's token.
  func session(_ request: HTTPRequest) throws(WireSessions.Refusal) -> WireSession {
    try sessions.session(token: Self.token(request.authorization))
  }

  /// The token of `Snowflake Token="…"`.
  static func token(_ header: String?) -> String? {
    guard let header, header.hasPrefix("Snowflake Token=\""), header.hasSuffix("\"") else { return nil }
    let token = header.dropFirst("Snowflake Token=\"".count).dropLast()
    return token.isEmpty || token == "None" ? nil : String(token)
  }

  /// Why the body of a request cannot be read.
  private struct BadRequest: Error {
    var reason: String
  }

  private func decode(_ request: HTTPRequest) throws(BadRequest) -> Value {
    var bytes = request.body
    if request.path.hasPrefix("/stage-files/") { return .null }
    switch request.contentEncoding?.lowercased() {
    case nil, "", "identity": break
    case "gzip", "deflate":
      if bytes.isEmpty { break }
      do {
        bytes = try WireGzip.expand(bytes, limit: options.bodyLimit)
      } catch {
        throw BadRequest(reason: "the compressed body is \(error)")
      }
    case .some(let other): throw BadRequest(reason: "unknown Content-Encoding '\(other)'")
    }
    // Telemetry is not looked at, and nobody else sends what is not JSON.
    let takesOther = ["/telemetry/", "/oauth/", "/stage-files/"].contains { request.path.hasPrefix($0) }
    if bytes.isEmpty || takesOther { return .null }
    do {
      return try JSON.decode(bytes)
    } catch {
      throw BadRequest(reason: "the body is no JSON: \(error)")
    }
  }

  /// The path without ids, so that counts stay few.
  private static func countedPath(_ path: String) -> String {
    if path.hasPrefix("/monitoring/queries/") { return "/monitoring/queries" }
    if path.hasPrefix("/queries/") && path.hasSuffix("/result") { return "/queries/result" }
    if path.hasPrefix("/chunks/") { return "/chunks" }
    if path.hasPrefix("/stage-files/") { return "/stage-files" }
    if path.hasPrefix("/api/v2/statements/") { return "/api/v2/statements" }
    return path.utf8.count > 100 ? "other" : path
  }
}
