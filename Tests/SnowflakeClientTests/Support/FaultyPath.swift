import Glibc

@testable import SnowflakeClient

/// What happens to one request on its way to the account and back.
enum Fault: String, CaseIterable, Sendable {
  case latency
  case tooManyRequests
  case tooManyRequestsRetryAfter
  case unavailable
  case requestTimeout
  /// The connection is reset; the account never sees the request.
  case reset
  /// The account answers; half of the answer arrives, and the connection is reset.
  case truncated
  /// The account answers; the header and half of the body arrive, and the connection is closed in good order.
  case closedMidAnswer
  /// The account answers, and nothing of it arrives.
  case lostAnswer
  /// Nothing is answered for longer than the client waits; the account never sees the request.
  case hang
  /// The session's token is called expired; the account never sees the request.
  case sessionExpired
  /// The session is called unknown; the account never sees the request.
  case sessionGone
}

/// The network between a client and an account: passes requests on, and lets one kind of fault happen to those that a
/// test chooses.
final class FaultyPath: Sendable {
  struct Rule: Sendable {
    let fault: Fault
    let path: String
    var containing: String?
    /// How often it happens.
    var times = 1
  }

  private let rules = Locked<[Rule]>([])
  private let struck = Locked<[Fault]>([])
  private let relay: ScriptedServer

  var port: Int { relay.port }
  /// The requests that came, in order.
  var received: [Received] { relay.received }
  /// The faults that happened, in order.
  var faults: [Fault] { struck.withLock { $0 } }

  /// `port` 0 is a free one.
  init(to account: Int, port: Int = 0) throws {
    let rules = rules
    let struck = struck
    relay = try ScriptedServer(port: port) { request in
      let fault = rules.withLock { rules -> Fault? in
        let found = rules.firstIndex { rule in
          rule.times > 0 && request.path.hasPrefix(rule.path)
            && (rule.containing.map { (request.sql ?? "").contains($0) } ?? true)
        }
        guard let found else { return nil }
        rules[found].times -= 1
        return rules[found].fault
      }
      guard let fault else { return Self.pass(request, account) }
      struck.withLock { $0.append(fault) }
      return Self.apply(fault, request, account)
    }
  }

  func stop() { relay.stop() }

  /// Waits until nobody listens any more.
  func untilClosed() async {
    while case .raw = Self.pass(Received.probe, port) { await Task.yield() }
  }

  /// From now on, this happens.
  func set(_ rules: Rule...) { self.rules.withLock { $0 = rules } }

  private static func apply(_ fault: Fault, _ request: Received, _ account: Int) -> Reply {
    switch fault {
    case .latency: .later(milliseconds: 60, pass(request, account))
    case .tooManyRequests: .status(429)
    case .tooManyRequestsRetryAfter: .status(429, headers: ["Retry-After": "1"])
    case .unavailable: .status(503)
    case .requestTimeout: .status(408)
    case .reset: .reset
    case .truncated: half(pass(request, account), thenReset: true)
    case .closedMidAnswer: half(pass(request, account), thenReset: false)
    case .lostAnswer:
      if case .raw = pass(request, account) { .reset } else { .hangUp }
    case .hang: .later(milliseconds: 1500, .hangUp)
    // An address of a part that has expired is forbidden.
    case .sessionExpired where request.isPart, .sessionGone where request.isPart: .status(403)
    case .sessionExpired: Answers.refusal("390112", "expired")
    case .sessionGone: Answers.refusal("390111", "gone")
    }
  }

  private static func half(_ reply: Reply, thenReset: Bool) -> Reply {
    guard case .raw(let bytes) = reply else { return reply }
    let head = bytes.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound ?? 0
    return .partRaw(Array(bytes.prefix(head + (bytes.count - head) / 2)), thenReset: thenReset)
  }

  /// Passes a request on and gives the answer's bytes.
  private static func pass(_ request: Received, _ account: Int) -> Reply {
    let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(connection) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(account).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard connected else { return .hangUp }
    var text = "\(request.method) \(request.target) HTTP/1.1\r\nConnection: close\r\n"
    for (name, value) in request.headers where !["connection", "content-length"].contains(name) {
      text += "\(name): \(value)\r\n"
    }
    let bytes = Array((text + "Content-Length: \(request.body.count)\r\n\r\n").utf8) + request.body
    guard send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return .hangUp }
    var answer: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = recv(connection, &piece, piece.count, 0)
      if count <= 0 { break }
      answer.append(contentsOf: piece[..<count])
    }
    return .raw(answer)
  }
}

extension Received {
  /// Whether a part of a result is asked for.
  fileprivate var isPart: Bool { path.hasPrefix("/chunks/") }
}
