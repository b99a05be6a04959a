import Glibc

/// The little that connections need of the file system.
enum FileSystem {
  /// What `stat` says that matters here.
  struct Status {
    let isFolder: Bool
    let permissions: UInt32
    let owner: UInt32
    let size: Int
  }

  static func status(_ path: String) -> Status? {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    return Status(
      isFolder: info.st_mode & S_IFMT == S_IFDIR, permissions: info.st_mode & 0o777, owner: info.st_uid,
      size: Int(info.st_size))
  }

  /// The whole file. Throws the system's reason; files above 4 MiB and folders are refused.
  static func read(_ path: String) throws(ConnectionProblem) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw ConnectionProblem(String(cString: strerror(errno)), file: path) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = piece.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw ConnectionProblem(String(cString: strerror(errno)), file: path) }
      if count == 0 { return bytes }
      bytes.append(contentsOf: piece[..<count])
      if bytes.count > 4 << 20 { throw ConnectionProblem("the file is larger than 4 MiB", file: path) }
    }
  }

  /// Writes a whole file with mode 0600: to a new file beside it first, which then takes its place. Throws the system's
  /// reason.
  static func write(_ content: [UInt8], to path: String) throws(ConnectionProblem) {
    let temporary = "\(path).\(getpid()).new"
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw ConnectionProblem("it cannot be written: \(String(cString: strerror(errno)))", file: path)
    }
    var sent = 0
    var isWritten = true
    while sent < content.count {
      let count = content.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress.map { $0 + sent }, content.count - sent)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        isWritten = false
        break
      }
      sent += count
    }
    isWritten = isWritten && fsync(descriptor) == 0
    isWritten = close(descriptor) == 0 && isWritten
    guard isWritten, rename(temporary, path) == 0 else {
      let reason = String(cString: strerror(errno))
      unlink(temporary)
      throw ConnectionProblem("it cannot be written: \(reason)", file: path)
    }
  }

  /// What is wrong with who may read or write a file that holds secrets; nil when nothing is.
  static func permissionWarning(_ path: String) -> String? {
    guard let status = status(path) else { return nil }
    let others = status.permissions & 0o077
    if others != 0 {
      let what = others & 0o022 != 0 ? "others can change it" : "others can read it"
      return "\(path): \(what) (mode 0\(String(status.permissions, radix: 8))); run: chmod 0600 '\(path)'"
    }
    if status.owner != geteuid() && status.owner != 0 { return "\(path): it belongs to another user" }
    return nil
  }
}
