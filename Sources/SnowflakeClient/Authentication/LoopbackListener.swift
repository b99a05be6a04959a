import Glibc

/// Waits on this machine's loopback for the browser to come back with the outcome of a login.
final class LoopbackListener: Sendable {
  /// What the browser brought.
  struct Arrival: Sendable {
    let path: String
    let values: [String: String]
  }

  let port: Int
  private let listener: Int32

  /// Listens on `port`, or on a free one. Throws the system's reason.
  init(port wanted: Int = 0) throws(ConnectionProblem) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var one: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, 4)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = UInt16(clamping: wanted).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(listener, generic, size) == 0 && listen(listener, 8) == 0 && getsockname(listener, generic, &size) == 0
      }
    }
    guard listener >= 0, isBound else {
      let reason = String(cString: strerror(errno))
      if listener >= 0 { close(listener) }
      throw ConnectionProblem("this machine's loopback cannot be listened on for the browser: \(reason)")
    }
    self.listener = listener
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  deinit { close(listener) }

  /// The first request that `accept` takes; others are answered with 404. Nil when the time is over or the task is
  /// cancelled.
  func wait(_ limit: Duration, accept isWanted: @Sendable (Arrival) -> Bool) async -> Arrival? {
    let clock = ContinuousClock()
    let end = clock.now + limit
    while clock.now < end, !Task.isCancelled {
      var entry = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
      if poll(&entry, 1, 0) > 0 {
        let connection = accept(listener, nil, nil)
        if connection >= 0 {
          _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
          defer { close(connection) }
          if let arrival = Self.serve(connection, isWanted) { return arrival }
        }
        continue
      }
      do { try await clock.sleep(for: .milliseconds(50)) } catch { return nil }
    }
    return nil
  }

  private static func serve(_ connection: Int32, _ isWanted: (Arrival) -> Bool) -> Arrival? {
    var limit = timeval(tv_sec: 2, tv_usec: 0)
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    guard let (head, body) = read(connection) else { return nil }
    let words = head.prefix { $0 != "\r" && $0 != "\n" }.split(separator: " ")
    guard words.count >= 2 else { return nil }
    if words[0] == "OPTIONS" {
      reply(
        connection, "200 OK", "",
        extra: "Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: GET, POST\r\n"
          + "Access-Control-Allow-Headers: Content-Type\r\n")
      return nil
    }
    let target = words[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var values = FormText.decode(target.count > 1 ? String(target[1]) : "")
    if words[0] == "POST" {
      var bytes = Array(body.utf8)
      if body.hasPrefix("{"),
        let value = try? JSONReader.read(&bytes, { (reader) throws(JSONError) in try reader.value() }),
        case .object(let members) = value
      {
        for member in members { values[member.key] = member.value.text }
      } else {
        values.merge(FormText.decode(body)) { first, _ in first }
      }
    }
    let arrival = Arrival(path: String(target[0]), values: values)
    guard isWanted(arrival) else {
      reply(connection, "404 Not Found", "")
      return nil
    }
    reply(
      connection, "200 OK",
      "<!DOCTYPE html><title>snowmaker</title><p>The login has reached snowmaker. You may close this page.</p>",
      extra: "Access-Control-Allow-Origin: *\r\n")
    return arrival
  }

  private static func read(_ connection: Int32) -> (head: String, body: String)? {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 16 << 10)
    let mark = Array("\r\n\r\n".utf8)
    while bytes.count < 256 << 10 {
      if let end = bytes.firstRange(of: mark) {
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
        let field = head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
        let length = field.flatMap { Int(trimmingSpace($0.dropFirst(15))) } ?? 0
        if bytes.count - end.upperBound >= length {
          return (head, String(decoding: bytes[end.upperBound...], as: UTF8.self))
        }
      }
      let count = recv(connection, &piece, piece.count, 0)
      guard count > 0 else { return nil }
      bytes.append(contentsOf: piece[..<count])
    }
    return nil
  }

  private static func reply(_ connection: Int32, _ status: String, _ body: String, extra: String = "") {
    let text = Array(
      ("HTTP/1.1 \(status)\r\nContent-Type: text/html\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n"
        + extra + "\r\n" + body).utf8)
    // A browser that has gone needs no answer.
    _ = send(connection, text, text.count, Int32(MSG_NOSIGNAL))
  }
}

/// `application/x-www-form-urlencoded`.
enum FormText {
  static func decode(_ text: String) -> [String: String] {
    var values: [String: String] = [:]
    for pair in text.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      values[plain(parts[0])] = parts.count > 1 ? plain(parts[1]) : ""
    }
    return values
  }

  static func encode(_ values: [(String, String)]) -> String {
    var query = QueryString()
    for (name, value) in values { query.add(name, value) }
    return String(query.text.dropFirst())
  }

  private static func plain(_ text: Substring) -> String {
    var out: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        out.append(value)
        rest = rest.dropFirst(2)
      } else {
        out.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
