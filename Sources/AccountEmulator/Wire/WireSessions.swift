import Glibc
import Synchronization

/// A session as the wire knows it.
final class WireSession: Sendable {
  let engine: EngineSession

  init(engine: EngineSession) { self.engine = engine }
}

/// The tokens of all sessions and when they end.
final class WireSessions: Sendable {
  /// What a token is good for.
  enum TokenKind: Sendable { case session, master }

  /// A pair of new tokens.
  struct Tokens: Sendable {
    var session: String
    var master: String
  }

  /// Why a token is refused.
  struct Refusal: Error, Equatable {
    var code: String
    var message: String

    static let invalid = Refusal(code: "390104", message: "Invalid session token.")
    static let ended = Refusal(
      code: "390111", message: "Session no longer exists.  New login required to access the service.")
    static let expired = Refusal(code: "390112", message: "Session token has expired.  Renew it with the master token.")
    static let masterNotFound = Refusal(code: "390113", message: "Master token not found.  The user must log in again.")
    static let masterExpired = Refusal(
      code: "390114", message: "Authentication token has expired.  The user must authenticate again.")
    static let masterInvalid = Refusal(code: "390115", message: "Master token is invalid.  The user must log in again.")
  }

  private struct Token: Sendable {
    var kind: TokenKind
    var session: Int64
    var expires: Int64
  }

  private struct Table: Sendable {
    var tokens: [String: Token] = [:]
    var sessions: [Int64: WireSession] = [:]
    /// Tokens of sessions that ended, to tell "gone" from "never was"; the latest so many.
    var ended: Set<String> = []
    var endedOrder: [String] = []
  }

  private let table = Mutex(Table())
  private let clock: WireClock
  private let sessionValidity: Int64
  private let masterValidity: Int64

  init(clock: WireClock, sessionValidity: Duration, masterValidity: Duration) {
    self.clock = clock
    self.sessionValidity = sessionValidity.wireNanoseconds
    self.masterValidity = masterValidity.wireNanoseconds
  }

  /// Every session that is open.
  var all: [WireSession] { table.withLock { Array($0.sessions.values) } }

  /// Takes in a session and gives it its tokens.
  func open(_ engine: EngineSession) -> (session: WireSession, tokens: Tokens) {
    let session = WireSession(engine: engine)
    let tokens = Tokens(session: Self.token("ses"), master: Self.token("mst"))
    table.withLock {
      $0.sessions[engine.id] = session
      issue(tokens, for: engine.id, in: &$0)
    }
    return (session, tokens)
  }

  /// The session of a session token.
  func session(token: String?) throws(Refusal) -> WireSession {
    let now = clock.now
    let found = table.withLock { table -> Result<WireSession, Refusal> in
      guard let token else { return .failure(.invalid) }
      guard let entry = table.tokens[token], entry.kind == .session else {
        return .failure(table.ended.contains(token) ? .ended : .invalid)
      }
      guard let session = table.sessions[entry.session] else { return .failure(.ended) }
      return entry.expires > now ? .success(session) : .failure(.expired)
    }
    return try found.get()
  }

  /// New tokens for the session of a master token. The old ones stay good until they expire: requests are under way.
  func renew(master: String?, old: String?) throws(Refusal) -> (session: WireSession, tokens: Tokens) {
    let now = clock.now
    let fresh = Tokens(session: Self.token("ses"), master: Self.token("mst"))
    let renewed = table.withLock { table -> Result<WireSession, Refusal> in
      guard let master, let entry = table.tokens[master] else {
        return .failure(master.map(table.ended.contains) == true ? .ended : .masterNotFound)
      }
      guard entry.kind == .master else { return .failure(.masterInvalid) }
      guard entry.expires > now else { return .failure(.masterExpired) }
      guard let session = table.sessions[entry.session] else { return .failure(.ended) }
      if let old, let other = table.tokens[old], other.session != entry.session { return .failure(.masterInvalid) }
      issue(fresh, for: entry.session, in: &table)
      return .success(session)
    }
    return (try renewed.get(), fresh)
  }

  /// Ends a session: its tokens answer "session no longer exists" from now on. False when it had ended already.
  func close(_ session: WireSession) -> Bool {
    table.withLock { Self.close(session.engine.id, in: &$0) }
  }

  /// Makes the session tokens (and the master tokens too) of one session, or of all, expire now.
  func expire(session id: Int64? = nil, masterToo: Bool = false) {
    let now = clock.now
    table.withLock { table in
      for (text, token) in table.tokens where id == nil || token.session == id {
        if token.kind == .session || masterToo { table.tokens[text]?.expires = min(token.expires, now) }
      }
    }
  }

  /// Closes the sessions whose master tokens have all expired, and gives them.
  func sweep() -> [WireSession] {
    let now = clock.now
    return table.withLock { table in
      var alive: Set<Int64> = []
      for token in table.tokens.values where token.expires > now { alive.insert(token.session) }
      let dead = table.sessions.values.filter { !alive.contains($0.engine.id) }
      // Their tokens stay for a while in `ended`, so that a late client hears what happened.
      for session in dead { _ = Self.close(session.engine.id, in: &table) }
      return dead
    }
  }

  private func issue(_ tokens: Tokens, for session: Int64, in table: inout Table) {
    let now = clock.now
    // Those long expired are forgotten, so that renewals do not pile up.
    let old = table.tokens.filter { $0.value.session == session && $0.value.expires + masterValidity < now }
    for text in old.keys { table.tokens[text] = nil }
    table.tokens[tokens.session] = Token(kind: .session, session: session, expires: now + sessionValidity)
    table.tokens[tokens.master] = Token(kind: .master, session: session, expires: now + masterValidity)
  }

  private static func close(_ id: Int64, in table: inout Table) -> Bool {
    guard table.sessions.removeValue(forKey: id) != nil else { return false }
    for (text, token) in table.tokens where token.session == id {
      table.tokens[text] = nil
      table.ended.insert(text)
      table.endedOrder.append(text)
    }
    let excess = table.endedOrder.count - 10_000
    if excess > 0 {
      for text in table.endedOrder.prefix(excess) { table.ended.remove(text) }
      table.endedOrder.removeFirst(excess)
    }
    return true
  }

  private static func token(_ prefix: String) -> String { prefix + "-" + WireRandom.hex(bytes: 24) }
}

/// Random identifiers.
enum WireRandom {
  private static let digits = Array("0123456789abcdef".utf8)

  /// Random bytes of the operating system, in lower-case hexadecimal.
  static func hex(bytes count: Int) -> String {
    String(decoding: hexBytes(count), as: UTF8.self)
  }

  /// A query id: a UUID that begins with `01`, as Snowflake's do.
  static func queryID() -> String {
    var out = Array("01".utf8)
    out.reserveCapacity(36)
    for (index, digit) in hexBytes(15).enumerated() {
      if index == 6 || index == 10 || index == 14 || index == 18 { out.append(UInt8(ascii: "-")) }
      out.append(digit)
    }
    return String(decoding: out, as: UTF8.self)
  }

  private static func hexBytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    var out: [UInt8] = []
    out.reserveCapacity(count * 2)
    while out.count < count * 2 {
      var word = generator.next()
      for _ in 0..<8 where out.count < count * 2 {
        out.append(digits[Int(word >> 4 & 15)])
        out.append(digits[Int(word & 15)])
        word >>= 8
      }
    }
    return out
  }
}
