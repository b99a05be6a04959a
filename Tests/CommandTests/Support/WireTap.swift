import Glibc
import Synchronization

/// A listener between a command and an emulator that passes every byte on and keeps what the emulator answers, so that a
/// test knows the tokens that were given.
final class WireTap: Sendable {
  let port: UInt16
  private let listener: Int32
  private let answers = Mutex<[UInt8]>([])

  init(to target: UInt16) throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = Self.loopback(0)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = listener
    let isListening = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && listen(descriptor, 64) == 0 && getsockname(descriptor, $0, &size) == 0
      }
    }
    guard isListening else { throw RunningTool.Failure(description: "no port for a wire tap") }
    port = UInt16(bigEndian: address.sin_port)
    Self.spawn { [weak self] in
      while true {
        let client = accept(descriptor, nil, nil)
        guard client >= 0 else { break }
        self?.serve(client, target)
      }
      close(descriptor)
    }
  }

  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  /// Every value that was given under one of these names in an answer.
  func values(_ names: String...) -> Set<String> {
    let text = String(decoding: answers.withLock { $0 }, as: UTF8.self)
    var found: Set<String> = []
    for name in names {
      for range in text.ranges(of: "\"\(name)\":\"") {
        found.insert(String(text[range.upperBound...].prefix { $0 != "\"" }))
      }
    }
    return found
  }

  private func serve(_ client: Int32, _ target: UInt16) {
    let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = Self.loopback(target)
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard connected else {
      close(client)
      close(server)
      return
    }
    let left = Countdown(2)
    let end: @Sendable () -> Void = {
      shutdown(client, Int32(SHUT_RDWR))
      shutdown(server, Int32(SHUT_RDWR))
      guard left.countDown() == 0 else { return }
      close(client)
      close(server)
    }
    Self.spawn {
      Self.pump(client, server) { _ in }
      end()
    }
    Self.spawn { [weak self] in
      Self.pump(server, client) { bytes in self?.answers.withLock { $0 += bytes } }
      end()
    }
  }

  private final class Countdown: Sendable {
    private let value: Mutex<Int>
    init(_ start: Int) { value = Mutex(start) }
    func countDown() -> Int {
      value.withLock {
        $0 -= 1
        return $0
      }
    }
  }

  private static func pump(_ from: Int32, _ to: Int32, _ note: (ArraySlice<UInt8>) -> Void) {
    var piece = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = recv(from, &piece, piece.count, 0)
      guard count > 0 else { return }
      note(piece[..<count])
      var sent = 0
      while sent < count {
        let more = piece.withUnsafeBytes {
          send(to, $0.baseAddress.map { $0 + sent }, count - sent, Int32(MSG_NOSIGNAL))
        }
        guard more > 0 else { return }
        sent += more
      }
    }
  }

  private static func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
  }

  private static func spawn(_ work: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
      let run: @Sendable () -> Void
      init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().run() }
        return nil
      }, Unmanaged.passRetained(Box(work)).toOpaque())
    pthread_detach(thread)
  }
}
