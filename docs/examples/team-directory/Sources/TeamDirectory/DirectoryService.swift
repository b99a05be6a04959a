import Glibc
import SnowmakerSDK

/// The directory, on this machine: HTTP/1.1 with a connection per request, JSON both ways.
struct DirectoryService {
  let port: UInt16

  /// Sends a request and gives the answer's body. Throws when the directory cannot be reached or says no.
  func call(_ method: String, _ path: String, _ body: Value? = nil) throws(Diagnostic) -> Value {
    let content = body.map { JSON.encode($0) } ?? []
    let head =
      "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n"
      + "Content-Length: \(content.count)\r\n\r\n"
    let answer = try exchange(Array(head.utf8) + content, for: "\(method) \(path)")
    let text = String(decoding: answer, as: UTF8.self)
    guard let end = text.firstRange(of: "\r\n\r\n"), let status = text.split(separator: " ").dropFirst().first else {
      throw .error("\(method) \(path): the directory does not speak HTTP", code: "directory")
    }
    guard status.hasPrefix("2") else {
      throw .error("\(method) \(path): the directory says \(status)", code: "directory")
    }
    let document = Array(text[end.upperBound...].utf8)
    do throws(JSON.Failure) { return document.isEmpty ? .null : try JSON.decode(document) } catch {
      throw .error("\(method) \(path): the answer is no JSON: \(error)", code: "directory")
    }
  }

  private func exchange(_ request: [UInt8], for what: String) throws(Diagnostic) -> [UInt8] {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Self.failure(what) }
    defer { close(descriptor) }
    var patience = timeval(tv_sec: 10, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw Self.failure(what) }
    var sent = 0
    while sent < request.count {
      let count = request.withUnsafeBytes {
        send(descriptor, $0.baseAddress.map { $0 + sent }, request.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Self.failure(what) }
      sent += count
    }
    var answer: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(descriptor, &piece, piece.count, 0)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Self.failure(what) }
      if count == 0 { return answer }
      answer += piece[..<count]
    }
  }

  private static func failure(_ what: String) -> Diagnostic {
    .error("\(what): the directory cannot be reached: \(String(cString: strerror(errno)))", code: "directory")
  }
}
