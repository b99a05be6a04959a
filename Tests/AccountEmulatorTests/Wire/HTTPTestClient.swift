import Glibc
import SnowmakerModel

@testable import AccountEmulator

/// One keep-alive connection to a server on loopback.
final class HTTPTestClient {
  struct Response {
    var status: Int
    var headers: [String: String]
    var body: [UInt8]

    /// The body as JSON, expanded when it is compressed.
    var json: Value {
      get throws {
        try JSON.decode(headers["content-encoding"] == "gzip" ? WireGzip.expand(body, limit: 1 << 30) : body)
      }
    }
  }

  enum Failure: Error, Equatable {
    case cannotConnect
    /// The connection ended after so many bytes of the answer.
    case closed(received: Int)
  }

  private var socket: Int32 = -1
  let port: UInt16

  init(port: UInt16) { self.port = port }

  deinit { disconnect() }

  func disconnect() {
    if socket >= 0 { close(socket) }
    socket = -1
  }

  func send(_ method: String, _ path: String, headers: [String: String] = [:], body: [UInt8] = []) throws -> Response {
    try connect()
    var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nContent-Length: \(body.count)\r\n"
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    write(Array((head + "\r\n").utf8) + body)
    return try read()
  }

  private func connect() throws {
    if socket >= 0 { return }
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else {
      disconnect()
      throw Failure.cannotConnect
    }
  }

  private func write(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if sent <= 0 { return }
      rest = rest.dropFirst(sent)
    }
  }

  private func read() throws -> Response {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    var headEnd: Int?
    var status = 0
    var headers: [String: String] = [:]
    while true {
      if headEnd == nil, let end = Self.endOfHead(bytes) {
        headEnd = end
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
        status = Int(lines[0].split(separator: " ")[1]) ?? 0
        for line in lines.dropFirst() {
          guard let colon = line.firstIndex(of: ":") else { continue }
          headers[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
        }
      }
      if let headEnd, bytes.count >= headEnd + (Int(headers["content-length"] ?? "") ?? .max - headEnd) {
        if headers["connection"]?.lowercased() == "close" { disconnect() }
        return Response(status: status, headers: headers, body: Array(bytes[headEnd...]))
      }
      let count = recv(socket, &buffer, buffer.count, 0)
      if count <= 0 {
        disconnect()
        throw Failure.closed(received: bytes.count)
      }
      bytes += buffer[..<count]
    }
  }

  private static func endOfHead(_ bytes: [UInt8]) -> Int? {
    guard bytes.count >= 4 else { return nil }
    for at in 0...(bytes.count - 4) where bytes[at] == 13 && bytes[at + 1] == 10 && bytes[at + 2] == 13 {
      return at + 4
    }
    return nil
  }
}

/// A server with a fake engine and one client that speaks the session protocol.
final class WireFixture {
  let engine = FakeEngine()
  let server: EmulatorServer
  let client: HTTPTestClient
  var token = ""
  var master = ""

  init(_ options: EmulatorServer.Options = .init(), log: EmulatorLog = EmulatorLog(), controlPort: UInt16? = nil) throws
  {
    server = EmulatorServer(engine: engine, options: options, log: log)
    try server.start(controlPort: controlPort)
    client = HTTPTestClient(port: server.port)
  }

  deinit { server.stop() }

  /// A fixture that has logged in.
  static func loggedIn(_ options: EmulatorServer.Options = .init(), log: EmulatorLog = EmulatorLog()) throws
    -> WireFixture
  {
    let fixture = try WireFixture(options, log: log)
    let answer = try fixture.login()
    fixture.token = answer["data"]["token"].string ?? ""
    fixture.master = answer["data"]["masterToken"].string ?? ""
    return fixture
  }

  func login(_ data: Value = ["LOGIN_NAME": "tester", "PASSWORD": "secret"], query: String = "") throws -> Value {
    try client.send("POST", "/session/v1/login-request\(query)", body: JSON.encode(["data": data])).json
  }

  func post(
    _ path: String, _ body: Value, token: String? = nil, headers: [String: String] = [:],
    client: HTTPTestClient? = nil
  ) throws -> HTTPTestClient.Response {
    var headers = headers
    headers["Authorization"] = "Snowflake Token=\"\(token ?? self.token)\""
    return try (client ?? self.client).send("POST", path, headers: headers, body: JSON.encode(body))
  }

  func get(_ path: String) throws -> Value {
    try client.send("GET", path, headers: ["Authorization": "Snowflake Token=\"\(token)\""]).json
  }

  /// Runs a statement; `more` adds fields to the body.
  func query(
    _ sql: String, requestID: String? = nil, more: [Value.Field] = [], client: HTTPTestClient? = nil
  ) throws -> Value {
    let id = requestID ?? WireRandom.queryID()
    let body = Value.object([Value.Field("sqlText", .string(sql))] + more)
    return try post("/queries/v1/query-request?requestId=\(id)", body, client: client).json
  }
}
