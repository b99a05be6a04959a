import Glibc

/// The input that is being tried, in a file that outlives a crash of this process.
final class Recorder {
  private let size = 1 << 20
  private let memory: UnsafeMutableRawPointer

  /// Opens the file anew. Throws `FuzzFailure` when it cannot be mapped.
  init(path: String) throws(FuzzFailure) {
    let file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0, ftruncate(file, size) == 0,
      let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), memory != MAP_FAILED
    else { throw FuzzFailure(description: "cannot map \(path): \(String(cString: strerror(errno)))") }
    close(file)
    self.memory = memory
  }

  deinit { munmap(memory, size) }

  /// Notes input `index`: its number, its length, and as many of its bytes as fit.
  func note(_ index: Int, _ bytes: [UInt8]) {
    let kept = min(bytes.count, size - 16)
    memory.storeBytes(of: UInt64(index), as: UInt64.self)
    memory.storeBytes(of: UInt64(kept), toByteOffset: 8, as: UInt64.self)
    bytes.withUnsafeBytes { source in
      if let base = source.baseAddress { memcpy(memory + 16, base, kept) }
    }
  }

  /// What the file of a process that ended says: the number of its last input, and the input.
  static func last(in path: String) -> (index: Int, bytes: [UInt8])? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var head: [UInt64] = [0, 0]
    guard fread(&head, 8, 2, file) == 2 else { return nil }
    var bytes = [UInt8](repeating: 0, count: min(Int(clamping: head[1]), 1 << 20))
    let count = fread(&bytes, 1, bytes.count, file)
    return (Int(clamping: head[0]), Array(bytes.prefix(count)))
  }
}

/// Why the fuzzer itself cannot go on.
struct FuzzFailure: Error, CustomStringConvertible {
  var description: String
}

/// Prints a line at once.
func say(_ text: String) {
  let line = Array((text + "\n").utf8)
  _ = line.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
}
