import Glibc

/// This program, started again for one check. What it writes goes to files without names, so that neither side waits for
/// the other, however much that is.
final class CheckProcess {
  /// How it ended.
  enum Ending {
    case exited(Int32)
    case signal(Int32)
    case timedOut
  }

  private let child: pid_t
  private let outputFile: Int32
  private let reportFile: Int32

  /// Starts it; nil, with `errno` set, when that cannot be.
  init?(_ arguments: [String]) {
    outputFile = Self.temporaryFile()
    reportFile = Self.temporaryFile()
    guard outputFile >= 0, reportFile >= 0 else { return nil }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, outputFile, 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, reportFile, 3)
    // Its own group, so that what it starts goes with it.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    posix_spawnattr_setpgroup(&attributes, 0)
    var vector = Self.cStrings(["snowmaker"] + arguments)
    var settings = ["SWIFT_BACKTRACE=enable=no", "PATH=/usr/bin:/bin", "LANG=C.UTF-8"]
    for name in ["LD_LIBRARY_PATH", "TMPDIR"] {
      if let value = getenv(name) { settings.append("\(name)=\(String(cString: value))") }
    }
    var environment = Self.cStrings(settings)
    defer { for text in vector + environment { free(text) } }
    var child: pid_t = 0
    let failure = posix_spawn(&child, "/proc/self/exe", &actions, &attributes, &vector, &environment)
    guard failure == 0 else {
      errno = failure
      return nil
    }
    self.child = child
  }

  deinit {
    close(outputFile)
    close(reportFile)
  }

  /// What it wrote to standard output.
  var output: [UInt8] { Self.contents(of: outputFile) }
  /// What it wrote to descriptor 3.
  var report: [UInt8] { Self.contents(of: reportFile) }

  /// Waits for it; kills it, and all it has started, after these seconds.
  func wait(seconds: Int) -> Ending {
    var status: Int32 = 0
    let deadline = Clock.nanoseconds() + UInt64(seconds) * 1_000_000_000
    var pause: UInt32 = 500
    while Clock.nanoseconds() < deadline {
      let done = waitpid(child, &status, WNOHANG)
      if done == child {
        kill(-child, SIGKILL)
        let signal = status & 0x7f
        return signal == 0 ? .exited((status >> 8) & 0xff) : .signal(signal)
      }
      usleep(pause)
      pause = min(pause * 2, 10_000)
    }
    kill(-child, SIGKILL)
    waitpid(child, &status, 0)
    return .timedOut
  }

  private static func temporaryFile() -> Int32 {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(folder)/snowmaker-verify-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { return -1 }
    unlink(template)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    return descriptor
  }

  private static func contents(of descriptor: Int32) -> [UInt8] {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return [] }
    let size = min(Int(status.st_size), 16 << 20)
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = max(0, pread(descriptor, buffer.baseAddress, size, 0))
    }
  }

  private static func cStrings(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
    texts.map { strdup($0) } + [nil]
  }
}
