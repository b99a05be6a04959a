import Glibc

@testable import SnowflakeClient

/// One request as the server got it.
struct Received: Sendable {
  let method: String
  let path: String
  /// The path with its query, as it came.
  let target: String
  let query: [String: String]
  let headers: [String: String]
  let body: [UInt8]
  /// The order of arrival, from 0.
  let index: Int

  var json: JSONValue {
    var bytes = body
    if headers["content-encoding"] == "gzip" { bytes = Gzip.decompress(bytes, limit: 1 << 20) ?? [] }
    return (try? JSONReader.read(&bytes) { (reader) throws(JSONError) in try reader.value() }) ?? .null
  }

  /// The statement of a request of either protocol.
  var sql: String? { json["sqlText"]?.text ?? json["statement"]?.text }
  /// A request that asks for nothing in particular.
  static let probe = Received(
    method: "GET", path: "/", target: "/", query: [:], headers: ["host": "127.0.0.1"], body: [], index: 0)

  var token: String? { headers["authorization"] }
}

/// What the server does with a request.
enum Reply: Sendable {
  case json(String)
  case status(Int, headers: [String: String] = [:], body: [UInt8] = [])
  /// Announces the whole body, sends a part, closes.
  case cut(String, after: Int)
  /// Closes without an answer.
  case hangUp
  /// Resets the connection without an answer.
  case reset
  /// A whole answer with its header, as it is; then closes.
  case raw([UInt8])
  /// The beginning of an answer as it is; then closes or resets.
  case partRaw([UInt8], thenReset: Bool)
  /// Waits, then replies.
  indirect case later(milliseconds: Int, Reply)
}

/// A small HTTP server on loopback whose answers a test writes. One thread per connection; it lives as long as the
/// test holds it.
final class ScriptedServer: Sendable {
  private struct State {
    var received: [Received] = []
    var connections = 0
  }

  let port: Int
  private let listener: Int32
  private let state = Locked(State())
  private let script: @Sendable (Received) -> Reply

  /// `port` 0 is a free one.
  init(port wanted: Int = 0, _ script: @escaping @Sendable (Received) -> Reply) throws {
    self.script = script
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.listener = listener
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = UInt16(wanted).bigEndian
    var yes: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(listener, generic, size) == 0 && listen(listener, 64) == 0 && getsockname(listener, generic, &size) == 0
      }
    }
    struct NoSocket: Error {}
    guard bound else { throw NoSocket() }
    port = Int(UInt16(bigEndian: address.sin_port))
    spawn { server in server.acceptLoop() }
  }

  /// Stops accepting; must be called at the end of a test.
  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  var received: [Received] { state.withLock { $0.received } }
  var connections: Int { state.withLock { $0.connections } }
  func received(_ path: String) -> [Received] { received.filter { $0.path == path } }

  private func spawn(_ work: @escaping @Sendable (ScriptedServer) -> Void) {
    final class Box: Sendable {
      let run: @Sendable () -> Void
      init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
    let box = Unmanaged.passRetained(Box { work(self) })
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().run() }
        return nil
      }, box.toOpaque())
    pthread_detach(thread)
  }

  private func acceptLoop() {
    while true {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { break }
      state.withLock { $0.connections += 1 }
      spawn { server in
        server.serve(connection)
        close(connection)
      }
    }
    close(listener)
  }

  private func serve(_ connection: Int32) {
    var one: Int32 = 1
    setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
    var buffer: [UInt8] = []
    while let request = readRequest(connection, &buffer) {
      guard send(script(request), connection) else { return }
    }
  }

  private func readRequest(_ connection: Int32, _ buffer: inout [UInt8]) -> Received? {
    let mark = Array("\r\n\r\n".utf8)
    while buffer.count < 4 || buffer.firstRange(of: mark) == nil { guard fill(connection, &buffer) else { return nil } }
    guard let end = buffer.firstRange(of: mark) else { return nil }
    let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      headers[parts[0].lowercased()] = parts.count > 1 ? String(trimmingSpace(parts[1])) : ""
    }
    let length = Int(headers["content-length"] ?? "0") ?? 0
    while buffer.count < end.upperBound + length { guard fill(connection, &buffer) else { return nil } }
    let body = Array(buffer[end.upperBound..<end.upperBound + length])
    buffer.removeFirst(end.upperBound + length)
    let words = lines[0].split(separator: " ")
    let target = words[1].split(separator: "?", maxSplits: 1)
    var query: [String: String] = [:]
    for pair in target.count > 1 ? target[1].split(separator: "&") : [] {
      let parts = pair.split(separator: "=", maxSplits: 1)
      query[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
    }
    return state.withLock { state in
      let request = Received(
        method: String(words[0]), path: String(target[0]), target: String(words[1]), query: query,
        headers: headers, body: body, index: state.received.count)
      state.received.append(request)
      return request
    }
  }

  private func fill(_ connection: Int32, _ buffer: inout [UInt8]) -> Bool {
    var piece = [UInt8](repeating: 0, count: 65536)
    let count = recv(connection, &piece, piece.count, 0)
    guard count > 0 else { return false }
    buffer.append(contentsOf: piece[..<count])
    return true
  }

  private func send(_ reply: Reply, _ connection: Int32) -> Bool {
    switch reply {
    case .json(let text):
      return send(.status(200, headers: ["Content-Type": "application/json"], body: Array(text.utf8)), connection)
    case .status(let code, let headers, let body):
      var head = "HTTP/1.1 \(code) X\r\nContent-Length: \(body.count)\r\n"
      for (name, value) in headers { head += "\(name): \(value)\r\n" }
      return write(Array((head + "\r\n").utf8) + body, connection)
    case .cut(let text, let after):
      let body = Array(text.utf8)
      let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n"
      _ = write(Array(head.utf8) + body.prefix(after), connection)
      return false
    case .hangUp: return false
    case .reset:
      resetOnClose(connection)
      return false
    case .raw(let bytes):
      _ = write(bytes, connection)
      return false
    case .partRaw(let bytes, let thenReset):
      _ = write(bytes, connection)
      if thenReset {
        // What was written is on its way before the reset drops what is left.
        usleep(20_000)
        resetOnClose(connection)
      }
      return false
    case .later(let milliseconds, let reply):
      usleep(UInt32(milliseconds) * 1000)
      return send(reply, connection)
    }
  }

  private func resetOnClose(_ connection: Int32) {
    var at = linger(l_onoff: 1, l_linger: 0)
    setsockopt(connection, SOL_SOCKET, SO_LINGER, &at, socklen_t(MemoryLayout<linger>.size))
  }

  private func write(_ bytes: [UInt8], _ connection: Int32) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(connection, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }
}
