import CSnowmaker
import Glibc

/// The worker's end of the socket. One thread reads; any may write.
///
/// Unchecked: the descriptor never changes; writing is done with `lock` held; the buffer is only touched by the thread that
/// reads, which is the one that runs the plugin's calls.
final class WorkerChannel: @unchecked Sendable {
  private let descriptor: Int32
  private let lock = Lock()
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
  /// What of the buffer is filled and not yet taken.
  private var filled = 0..<0
  /// The body of the last frame when it did not fit into the buffer.
  private var large = UnsafeMutableRawBufferPointer.allocate(byteCount: 0, alignment: 16)

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit {
    buffer.deallocate()
    large.deallocate()
  }

  // MARK: - Reading

  /// The next frame; nil when the host is gone. The body is valid until the next call.
  func receive() -> (RelayFrame, UnsafeRawBufferPointer)? {
    guard fill(RelayFrame.headerSize),
      let frame = RelayFrame(UnsafeRawBufferPointer(rebasing: buffer[filled]))
    else { return nil }
    filled = (filled.lowerBound + RelayFrame.headerSize)..<filled.upperBound
    guard frame.length <= buffer.count else { return largeBody(of: frame) }
    guard fill(frame.length) else { return nil }
    let body = UnsafeRawBufferPointer(rebasing: buffer[filled.lowerBound..<(filled.lowerBound + frame.length)])
    filled = (filled.lowerBound + frame.length)..<filled.upperBound
    return (frame, body)
  }

  /// Whether there are `count` bytes at the start of what is filled.
  private func fill(_ count: Int) -> Bool {
    if filled.count >= count { return true }
    if let base = buffer.baseAddress, filled.lowerBound > 0 {
      memmove(base, base + filled.lowerBound, filled.count)
      filled = 0..<filled.count
    }
    while filled.count < count {
      let got = Self.read(descriptor, UnsafeMutableRawBufferPointer(rebasing: buffer[filled.upperBound...]))
      guard got > 0 else { return false }
      filled = 0..<(filled.upperBound + got)
    }
    return true
  }

  private func largeBody(of frame: RelayFrame) -> (RelayFrame, UnsafeRawBufferPointer)? {
    large.deallocate()
    large = .allocate(byteCount: frame.length, alignment: 16)
    var count = filled.count
    large.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[filled]))
    filled = 0..<0
    while count < frame.length {
      let got = Self.read(descriptor, UnsafeMutableRawBufferPointer(rebasing: large[count...]))
      guard got > 0 else { return nil }
      count += got
    }
    return (frame, UnsafeRawBufferPointer(large))
  }

  private static func read(_ descriptor: Int32, _ into: UnsafeMutableRawBufferPointer) -> Int {
    while true {
      let got = Glibc.read(descriptor, into.baseAddress, into.count)
      if got < 0, errno == EINTR { continue }
      return got
    }
  }

  // MARK: - Writing

  /// Sends a frame; ends the process when the host is gone.
  func send(_ kind: RelayFrame.Kind, code: Int32 = 0, _ body: UnsafeRawBufferPointer) {
    lock.locked {
      withUnsafeTemporaryAllocation(byteCount: RelayFrame.headerSize, alignment: 8) { header in
        RelayFrame(kind, code: code, length: body.count).write(to: header)
        var parts = [
          iovec(iov_base: header.baseAddress, iov_len: header.count),
          iovec(iov_base: UnsafeMutableRawPointer(mutating: body.baseAddress), iov_len: body.count),
        ]
        var part = 0
        while part < 2 {
          var sent = parts.withUnsafeBufferPointer {
            writev(descriptor, $0.baseAddress.map { $0 + part }, Int32(2 - part))
          }
          if sent < 0 {
            if errno == EINTR { continue }
            _exit(EXIT_FAILURE)
          }
          while part < 2, sent >= parts[part].iov_len {
            sent -= parts[part].iov_len
            part += 1
          }
          guard part < 2 else { return }
          parts[part].iov_base += sent
          parts[part].iov_len -= sent
        }
      }
    }
  }

  /// Sends a frame; ends the process when the host is gone.
  func send(_ kind: RelayFrame.Kind, code: Int32 = 0, _ body: [UInt8]) {
    body.withUnsafeBytes { send(kind, code: code, $0) }
  }

  /// Passes a LOG request on. The host reads it when it gets to it.
  func log(_ request: UnsafeRawBufferPointer) -> snowmaker_status {
    guard request.count <= buffer.count else { return Int32(SNOWMAKER_MALFORMED) }
    send(.log, request)
    return Int32(SNOWMAKER_OK)
  }
}
