import Glibc
import Testing

/// `snowmaker emulator` in a process of its own: an account that outlives the commands that use it.
final class ServedEmulator: Sendable {
  let process: RunningTool
  let port: UInt16
  let control: UInt16
  static let password = "correct-horse-battery-7"

  /// Starts one with further options, and makes it the connection `served` (and the default one) of the workplace.
  init(for place: Workplace, _ options: String...) async throws {
    place.set("EMULATOR_PASSWORD", Self.password)
    process = try place.start(["emulator", "--password-env", "EMULATOR_PASSWORD", "--control-port", "0"] + options)
    try await process.wait(for: "Stop it with Ctrl-C")
    let output = process.output
    self.port = try Self.port(in: output, after: "listens on http://127.0.0.1:")
    control = try Self.port(in: output, after: "Control: http://127.0.0.1:")
    try connect(place, port: self.port, password: Self.password)
  }

  deinit {
    process.end(SIGKILL)
    var status: Int32 = 0
    waitpid(process.pid, &status, 0)
  }

  /// The number that follows a text of the greeting.
  static func port(in output: String, after text: String) throws -> UInt16 {
    let rest = try #require(output.firstRange(of: text), Comment(rawValue: output)).upperBound
    return try #require(UInt16(output[rest...].prefix { $0.isNumber }))
  }

  /// Sets the fault plan.
  func faults(_ json: String) throws { _ = try Self.request(control, "PUT", "/faults", json) }

  /// The statements it has run, as the control endpoint tells.
  func log() throws -> String { try Self.request(control, "GET", "/log", "") }

  static func request(_ port: UInt16, _ method: String, _ path: String, _ body: String) throws -> String {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(connected == 0)
    let text =
      "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
      + body
    _ = Array(text.utf8).withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, 0) }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count <= 0 { break }
      answer += buffer[..<count]
    }
    let reply = String(decoding: answer, as: UTF8.self)
    try #require(reply.hasPrefix("HTTP/1.1 200"), Comment(rawValue: reply))
    return reply
  }
}

/// Writes a connections.toml with a connection `served`.
func connect(_ place: Workplace, port: UInt16, user: String = "SNOWMAKER", password: String) throws {
  let home = place.root + "/home/.snowflake"
  mkdir(home, 0o700)
  let file = home + "/connections.toml"
  try Files.write(
    """
    [served]
    account = "testaccount"
    user = "\(user)"
    password = "\(password)"
    host = "127.0.0.1"
    port = "\(port)"
    protocol = "http"
    """, to: file)
  chmod(file, 0o600)
}
