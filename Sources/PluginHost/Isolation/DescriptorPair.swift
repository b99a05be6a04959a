import CSandbox
import Glibc

/// A connection to a child: the host's end does not block, and no end is inherited by other children. Both are high
/// numbers, so that they can be moved to low ones in the child without getting in each other's way.
struct DescriptorPair {
  let host: Int32
  let child: Int32

  /// Both ways. Throws when the system has no more.
  static func socket() throws(PluginError.Reason) -> DescriptorPair {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw failure() }
    // Room for a batch, so that neither side waits for the other in the middle of one.
    var size: Int32 = 1 << 20
    for end in ends {
      setsockopt(end, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
      setsockopt(end, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
    return try DescriptorPair(host: ends[0], child: ends[1])
  }

  /// From the child to the host. Throws when the system has no more.
  static func pipe() throws(PluginError.Reason) -> DescriptorPair {
    var ends: [Int32] = [-1, -1]
    guard csandbox_pipe(&ends) == 0 else { throw failure() }
    return try DescriptorPair(host: ends[0], child: ends[1])
  }

  func closeBoth() {
    close(host)
    close(child)
  }

  private init(host: Int32, child: Int32) throws(PluginError.Reason) {
    self.host = host
    self.child = fcntl(child, F_DUPFD_CLOEXEC, 10)
    close(child)
    guard self.child >= 0, fcntl(host, F_SETFL, O_NONBLOCK) == 0 else {
      let failure = Self.failure()
      close(host)
      if self.child >= 0 { close(self.child) }
      throw failure
    }
  }

  private static func failure() -> PluginError.Reason {
    .notStarted("no connection to a child process: \(String(cString: strerror(errno)))")
  }
}
