import CMicroHTTPD
import Glibc
import Synchronization

/// The proxy that leads unmodified clients to the TLS listener: they dial Snowflake's host names through HTTPS_PROXY.
final class FrontDoor: Sendable {
  /// The port it listens on.
  let port: UInt16
  private let handle: Mutex<UInt?>

  /// Listens on 127.0.0.1 (`port` 0: a free one) and passes everything to `target`.
  init(port: UInt16, target: UInt16) throws(EmulatorServer.Failure) {
    var number: Int32 = 0
    guard let door = cmhd_front_door_start(port, target, &number) else {
      throw .cannotListen(port: port, reason: String(cString: strerror(number)))
    }
    self.port = cmhd_front_door_port(door)
    handle = Mutex(UInt(bitPattern: door))
  }

  /// Closes every connection.
  func stop() {
    let taken = handle.withLock { handle -> UInt? in
      defer { handle = nil }
      return handle
    }
    if let taken { cmhd_front_door_stop(OpaquePointer(bitPattern: taken)) }
  }

  deinit { stop() }
}
