import Glibc

/// Why a file operation failed.
struct FileError: Error, Sendable {
  /// The system's error number; 0 when the reason is not the system's.
  var number: Int32
  var reason: String

  init(_ number: Int32) {
    self.number = number
    reason = String(cString: strerror(number))
  }

  init(reason: String) {
    number = 0
    self.reason = reason
  }
}

/// The few file operations that Execution needs.
enum Files {
  /// The whole file. Throws when it cannot be read, is no plain file, or is larger than `limit` bytes.
  static func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
    // Not blocking: opening a FIFO that nobody writes to must not hang.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw FileError(errno) }
    defer { close(file) }
    var info = stat()
    guard fstat(file, &info) == 0 else { throw FileError(errno) }
    guard info.st_mode & S_IFMT == S_IFREG else { throw FileError(reason: "it is not a plain file") }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(Int(info.st_size), limit) + 1)
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(file, &chunk, chunk.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError(errno)
      }
      if count == 0 { return bytes }
      bytes.append(contentsOf: chunk[..<count])
      guard bytes.count <= limit else { throw FileError(reason: "it is larger than \(limit) bytes") }
    }
  }

  /// Writes a file that only its owner can read, whole or not at all, and safe from a power cut on return.
  static func replace(_ path: String, with bytes: [UInt8]) throws(FileError) {
    let temporary = "\(path).\(getpid()).part"
    unlink(temporary)
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw FileError(errno) }
    do throws(FileError) {
      try write(bytes, to: file)
      guard fchmod(file, 0o600) == 0, fsync(file) == 0 else { throw FileError(errno) }
    } catch {
      close(file)
      unlink(temporary)
      throw error
    }
    close(file)
    guard rename(temporary, path) == 0 else {
      let error = FileError(errno)
      unlink(temporary)
      throw error
    }
    let directory = open(parent(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { return }
    fsync(directory)
    close(directory)
  }

  /// Makes the folder and those above it, readable by their owner only. Throws when it cannot.
  static func makeFolder(_ path: String) throws(FileError) {
    if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
    guard errno == ENOENT, parent(of: path) != path else { throw FileError(errno) }
    try makeFolder(parent(of: path))
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw FileError(errno) }
  }

  /// The folder that holds `path`.
  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func write(_ bytes: [UInt8], to file: Int32) throws(FileError) {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress.map { $0 + offset }, bytes.count - offset) }
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError(errno)
      }
      offset += count
    }
  }
}
