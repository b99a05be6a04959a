import Glibc
public import SnowmakerModel
import Synchronization

/// The right to apply to one ledger. It ends with `release()`, when the last reference goes, or when the process dies.
///
/// The lock is the kernel's (on a file beside the state file), so that a killed process never leaves one behind; the
/// row in the state file only says who holds it.
public final class ApplyLock: Sendable {
  /// Who holds, or held, a ledger.
  public struct Holder: Hashable, Sendable {
    /// The process.
    public var pid: Int
    /// The machine.
    public var host: String
    /// Since when.
    public var started: Timestamp
    /// What for, e.g. `apply`.
    public var purpose: String
  }

  /// Who held the lock before and died without giving it back; nil in the ordinary case.
  public let abandonedBy: Holder?
  private let ledger: LocalLedger
  private let file: Mutex<Int32>

  fileprivate init(ledger: LocalLedger, file: Int32, abandonedBy: Holder?) {
    self.ledger = ledger
    self.file = Mutex(file)
    self.abandonedBy = abandonedBy
  }

  deinit { release() }

  /// Gives the lock back; a second call does nothing.
  public func release() {
    file.withLock { file in
      guard file >= 0 else { return }
      // When the row stays, the next holder reports an abandoned lock, nothing worse.
      try? ledger.forgetHolder()
      close(file)
      file = -1
    }
  }
}

extension LocalLedger {
  /// Linux's F_OFD_SETLK (its macro does not reach Swift): the lock belongs to the open file, not to the process, so
  /// that two applies inside one process exclude each other too.
  private static let setOpenFileLock: Int32 = 37

  /// Takes the ledger for applying. Throws when another process (or another apply of this one) holds it, naming it.
  public func lock(purpose: String = "apply") throws(Diagnostic) -> ApplyLock {
    let scope = scope
    let id = try store.write { connection in try Self.make(scope, connection) }
    let path = store.path + ".lock"
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw .error(
        "the lock file \(path) cannot be opened: \(FileError(errno).reason)",
        detail: "Check the rights of the folder.", code: "state-unwritable")
    }
    // One byte of the file per ledger, so that other targets can be applied meanwhile.
    var region = flock()
    region.l_type = Int16(F_WRLCK)
    region.l_whence = Int16(SEEK_SET)
    region.l_start = off_t(id)
    region.l_len = 1
    guard fcntl(file, Self.setOpenFileLock, &region) == 0 else {
      let number = errno
      close(file)
      throw number == EAGAIN || number == EACCES
        ? try busy(id)
        : Diagnostic.error(
          "the ledger cannot be locked with \(path): \(FileError(number).reason)",
          detail: "The file system must support locks.", code: "state-unusable")
    }
    do throws(Diagnostic) {
      let abandoned = try holder(id)
      try writeHolder(id, purpose: purpose)
      return ApplyLock(ledger: self, file: file, abandonedBy: abandoned)
    } catch {
      close(file)
      throw error
    }
  }

  private func busy(_ id: Int64) throws(Diagnostic) -> Diagnostic {
    let holder = try holder(id)
    let who = holder.map { "process \($0.pid) on \($0.host), \($0.purpose) since \($0.started)" } ?? "unknown process"
    return .error(
      "another snowmaker is at work on \(scope) (\(who))", detail: "Wait for it to finish and run again.",
      code: "ledger-locked")
  }

  private func holder(_ id: Int64) throws(Diagnostic) -> ApplyLock.Holder? {
    try store.read { connection in
      var holder: ApplyLock.Holder?
      try connection.query("SELECT pid, host, started, purpose FROM holder WHERE scope = ?", [.int(id)]) {
        holder = ApplyLock.Holder(
          pid: Int($0.int(0) ?? 0), host: $0.text(1) ?? "", started: Timestamp(milliseconds: $0.int(2) ?? 0),
          purpose: $0.text(3) ?? "")
      }
      return holder
    }
  }

  private func writeHolder(_ id: Int64, purpose: String) throws(Diagnostic) {
    try store.write { connection in
      try connection.run(
        "INSERT OR REPLACE INTO holder (scope, pid, host, started, purpose) VALUES (?, ?, ?, ?, ?)",
        [
          .int(id), .int(Int64(getpid())), .text(Machine.name), .int(Timestamp.now.milliseconds), .text(purpose),
        ])
    }
  }

  fileprivate func forgetHolder() throws(Diagnostic) {
    let scope = scope
    try store.write { connection in
      guard let id = try Self.find(scope, connection) else { return }
      try connection.run("DELETE FROM holder WHERE scope = ?", [.int(id)])
    }
  }
}

/// The machine this runs on.
enum Machine {
  /// Tells machines, and containers on one machine, apart: the kernel's boot and the namespace of its processes.
  static var id: String {
    let boot = (try? Files.read("/proc/sys/kernel/random/boot_id", limit: 128)) ?? []
    var space = [CChar](repeating: 0, count: 64)
    let length = readlink("/proc/self/ns/pid", &space, space.count - 1)
    let name = space.prefix(max(0, length)).map { UInt8(bitPattern: $0) }
    return String(decoding: boot.filter { $0 > 32 } + [UInt8(ascii: "/")] + name, as: UTF8.self)
  }

  /// Its host name.
  static var name: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
