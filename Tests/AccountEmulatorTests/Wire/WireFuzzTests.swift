import SnowmakerModel
import Testing

@testable import AccountEmulator

@Suite("Anything may be asked")
struct WireFuzzTests {
  /// The same numbers on every run.
  private struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }

  @Test("Every request, however damaged, is answered with an envelope", arguments: [1, 2, 3, 4] as [UInt64])
  func envelopes(seed: UInt64) throws {
    var options = EmulatorServer.Options()
    options.inProgressAfter = .milliseconds(1)
    let service = WireService(engine: FakeEngine(), options: options, log: EmulatorLog(capacity: 10))
    let (_, tokens) = service.sessions.open(EngineSession(id: 7, current: .init(user: "U")))
    let paths = [
      "/queries/v1/query-request", "/queries/v1/abort-request", "/session/v1/login-request", "/session/token-request",
      "/session/heartbeat", "/session", "/monitoring/queries/x", "/queries/x/result", "/",
    ]
    let bodies: [Value] = [
      [
        "sqlText": "select ?; select 1", "asyncExec": false, "parameters": ["MULTI_STATEMENT_COUNT": 2],
        "bindings": ["1": ["type": "FIXED", "value": "1"], "2": ["type": "TEXT", "value": ["a", nil]]],
      ],
      ["data": ["LOGIN_NAME": "t", "PASSWORD": "secret", "SESSION_PARAMETERS": ["A": 1, "B": [true, nil]]]],
      ["requestId": "1", "oldSessionToken": "x", "requestType": "RENEW"],
    ]
    var numbers = Numbers(state: seed)
    for round in 0..<1500 {
      var body = JSON.encode(bodies[round % bodies.count])
      for _ in 0..<Int.random(in: 0..<4, using: &numbers) {
        let at = Int.random(in: 0..<body.count, using: &numbers)
        switch Int.random(in: 0..<4, using: &numbers) {
        case 0: body[at] = UInt8.random(in: 0...255, using: &numbers)
        case 1: body.removeSubrange(at...)
        case 2: body.insert(contentsOf: body[at...], at: at)
        default: body.remove(at: at)
        }
        if body.isEmpty { body = [0x7b] }
      }
      let encodings: [String?] = [nil, nil, nil, nil, nil, nil, nil, "gzip", "br"]
      let request = HTTPRequest(
        method: round % 7 == 0 ? "GET" : "POST", path: paths[Int.random(in: 0..<paths.count, using: &numbers)],
        authorization: "Snowflake Token=\"\(round % 3 == 0 ? tokens.master : tokens.session)\"",
        contentEncoding: encodings[Int.random(in: 0..<encodings.count, using: &numbers)], acceptsGzip: false,
        arguments: ["requestId": String(Int.random(in: 0..<400, using: &numbers))], body: body)
      let reply = service.answer(request)
      let answer = try JSON.decode(reply.body)
      #expect(answer["success"].bool != nil && answer.find("code") != nil && answer.find("data") != nil)
      #expect([200, 404].contains(reply.status))
    }
    service.beginStop()
    service.endStop()
  }
}
