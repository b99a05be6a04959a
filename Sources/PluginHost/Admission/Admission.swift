import CSnowmaker
import Glibc
import SnowmakerModel

/// Decides from a plugin's file alone, without running any of its code, whether it may be loaded.
struct Admission {
  /// Whether files that others could change are admitted.
  var allowsInsecure = false
  /// What decides whether the file is the one that is meant.
  var trust = PluginTrust.none

  /// A file that may be loaded.
  struct Ticket {
    let file: PluginFile
    /// The file with all symbolic links resolved.
    let resolvedPath: String
    let identity: FileIdentity
    /// What was let pass because insecure files are allowed.
    let tolerated: PluginRefusal?
    /// The file's SHA-256, when it was needed.
    var sha256: String?
    /// Who signed it, when that is somebody who is trusted.
    var signer: TrustFile.Key?
  }

  /// Checks the file. Throws why it may not be loaded.
  func admit(_ file: PluginFile) throws(PluginRefusal) -> Ticket {
    try admit(file, hashing: trust.needsDigest(file))
  }

  /// Checks the file and computes its digest from the same open file. Throws why it may not be loaded.
  func admitWithDigest(_ file: PluginFile) throws(PluginRefusal) -> (Ticket, String) {
    let ticket = try admit(file, hashing: true)
    guard let sha256 = ticket.sha256 else { throw PluginRefusal(file, .changed) }
    return (ticket, sha256)
  }

  private func admit(_ file: PluginFile, hashing: Bool) throws(PluginRefusal) -> Ticket {
    do throws(PluginRefusal.Reason) {
      guard file.hasLegalName else { throw .badName }
      let opened = try OpenFile(resolving: file.path)
      guard opened.isRegular else { throw .notAFile }
      var tolerated: PluginRefusal?
      if let insecurity = FileTrust(origin: file.origin).insecurity(of: opened) {
        let refusal = PluginRefusal(file, .insecure(insecurity))
        guard allowsInsecure else { throw refusal.reason }
        tolerated = refusal
      }
      try checkNote(ELF(opened.source))
      var ticket = Ticket(
        file: file, resolvedPath: opened.path, identity: opened.identity, tolerated: tolerated)
      if hashing {
        let sha256 = try PluginDigest.sha256(of: opened)
        ticket.sha256 = sha256
        ticket.signer = try trust.check(file, sha256: sha256)
      }
      return ticket
    } catch {
      throw PluginRefusal(file, error)
    }
  }

  private func checkNote(_ library: ELF) throws(PluginRefusal.Reason) {
    guard let note = library.note else { throw .noNote }
    guard note.abi == LoadedPlugin.abi else { throw .wrongABI(note.abi) }
    let sharesRuntime = library.needed.contains { $0.hasPrefix("libswiftCore.so") }
    guard !sharesRuntime || note.swiftRuntime == SwiftRuntime.number else { throw .wrongSwift(note.swiftRuntime) }
  }
}

/// Which file a path leads to, and in which state: equal before and after means that nobody replaced or changed it.
struct FileIdentity: Hashable, Sendable {
  let device: UInt
  let inode: UInt
  let size: Int
  let changedSeconds: Int
  let changedNanoseconds: Int

  init(_ status: stat) {
    device = UInt(status.st_dev)
    inode = UInt(status.st_ino)
    size = Int(status.st_size)
    changedSeconds = Int(status.st_ctim.tv_sec)
    changedNanoseconds = Int(status.st_ctim.tv_nsec)
  }

  /// The identity of what is at `path` now, nil when there is nothing.
  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }
}

/// A plugin's file, opened for reading once; closed when it goes.
final class OpenFile {
  let path: String
  let status: stat
  private let descriptor: Int32

  /// Opens what `path` leads to. Throws when it cannot be opened.
  init(resolving path: String) throws(PluginRefusal.Reason) {
    guard let resolved = realpath(path, nil) else { throw .unreadable(Self.lastError()) }
    self.path = String(cString: resolved)
    free(resolved)
    // The path has no links left, so a link that appears now was put there by someone else. Never waits on a pipe.
    descriptor = open(self.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { throw .unreadable(Self.lastError()) }
    var status = stat()
    let result = fstat(descriptor, &status)
    self.status = status
    if result != 0 { throw .unreadable(Self.lastError()) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  var isRegular: Bool { status.st_mode & S_IFMT == S_IFREG }
  var identity: FileIdentity { FileIdentity(status) }
  var folder: String { path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "." }

  /// The file's bytes, for `ELF`.
  var source: ELF.Source {
    ELF.Source(size: UInt64(status.st_size)) { (offset, count) throws(PluginRefusal.Reason) in
      let bytes = try self.read(at: Int(offset), count)
      guard bytes.count == count else { throw .changed }
      return bytes
    }
  }

  /// Up to `count` bytes at `offset`; fewer only at the end of the file.
  func read(at offset: Int, _ count: Int) throws(PluginRefusal.Reason) -> [UInt8] {
    var failure: String?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = pread(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, offset + filled)
        if got < 0, errno == EINTR { continue }
        if got < 0 { failure = Self.lastError() }
        guard got > 0 else { return }
        filled += got
      }
    }
    if let failure { throw .unreadable(failure) }
    return bytes
  }

  private static func lastError() -> String { String(cString: strerror(errno)) }
}
