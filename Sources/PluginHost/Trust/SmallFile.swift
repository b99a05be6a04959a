import Glibc

/// Reading and replacing files of some kilobytes.
enum SmallFile {
  /// More is refused: nothing that is read this way is larger.
  static let largest = 1 << 24

  /// The bytes of the file; nil when opening it fails with `missing`.
  static func read(_ path: String, orNil missing: Int32? = nil) throws(LockFile.Failure) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == missing { return nil }
      throw failure("\(path) cannot be read")
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let got = Glibc.read(descriptor, &piece, piece.count)
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw failure("\(path) cannot be read") }
      if got == 0 { return bytes }
      bytes += piece[..<got]
      guard bytes.count <= largest else { throw LockFile.Failure(description: "\(path) is too large") }
    }
  }

  /// Writes a new file beside the old one and puts it in its place.
  static func replace(_ path: String, with bytes: [UInt8], mode: mode_t) throws(LockFile.Failure) {
    let temporary = "\(path).\(getpid()).new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw failure("\(temporary) cannot be written") }
    var written = 0
    while written < bytes.count {
      let got = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { break }
      written += got
    }
    let isSafe = written == bytes.count && fsync(descriptor) == 0
    guard close(descriptor) == 0, isSafe, rename(temporary, path) == 0 else {
      let failure = failure("\(path) cannot be written")
      unlink(temporary)
      throw failure
    }
  }

  private static func failure(_ what: String) -> LockFile.Failure {
    LockFile.Failure(description: "\(what): \(String(cString: strerror(errno)))")
  }
}
