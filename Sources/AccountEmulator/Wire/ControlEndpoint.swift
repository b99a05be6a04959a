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
