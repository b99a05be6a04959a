import Glibc
import SnowmakerModel
import Synchronization

/// What the emulator was asked: every statement and login, in memory (the latest so many) and, if wanted, in a file.
///
/// Texts that follow a word such as PASSWORD or SECRET are masked before anything is kept.
public final class EmulatorLog: Sendable {
  /// One statement or login.
  public struct Entry: Sendable, Equatable {
    /// What kind of request it was.
    public enum Kind: String, Sendable {
      case login, logout, renewal, statement
      /// A request that a fault was answered to; the statement was not run.
      case fault
    }

    /// Counted from 1.
    public var number: Int
    /// What kind of request it was.
    public var kind: Kind
    /// When it came: milliseconds since 1970.
    public var time: Int64
    /// The session, 0 when there is none.
    public var session: Int64
    /// The user.
    public var user: String
    /// The role before the statement ran.
    public var role: String?
    /// The statement, with secrets masked.
    public var sql: String
    /// The client's request id.
    public var requestID: String?
    /// The query's id.
    public var queryID: String?
    /// Snowflake's code when it failed, nil when it succeeded.
    public var code: String?
    /// The number of rows answered.
    public var rows: Int
    /// How long it took, in microseconds, injected latency included.
    public var microseconds: Int64
    /// How many statements were running, this one included, when it came.
    public var inFlight: Int
    /// The fault that befell the request, nil when none did.
    public var fault: String?
  }

  /// Why a log file cannot be written.
  public struct Failure: Error, Sendable, CustomStringConvertible {
    /// The file.
    public var path: String
    /// The system's reason.
    public var reason: String
    /// What happened, where.
    public var description: String { "cannot write the emulator's log \(path): \(reason)" }
  }

  private struct Storage: Sendable {
    var entries: [Entry] = []
    var first = 0
    var number = 0
    var requests: [String: Int] = [:]
    var repeated = 0
    var file: Int32 = -1
    var fileFailure: String?
  }

  private let storage = Mutex(Storage())
  private let capacity: Int

  /// A log of the latest `capacity` entries, in memory only.
  public init(capacity: Int = 100_000) { self.capacity = max(1, capacity) }

  /// A log that is also appended to a file, one JSON object per line. Throws `Failure` when it cannot be opened.
  public convenience init(capacity: Int = 100_000, path: String) throws(Failure) {
    self.init(capacity: capacity)
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Failure(path: path, reason: String(cString: strerror(errno))) }
    storage.withLock { $0.file = file }
  }

  deinit {
    storage.withLock { if $0.file >= 0 { _ = close($0.file) } }
  }

  /// The entries kept, oldest first.
  public var entries: [Entry] {
    storage.withLock { Array($0.entries[$0.first...]) + Array($0.entries[..<$0.first]) }
  }

  /// The statements kept, oldest first.
  public var statements: [Entry] { entries.filter { $0.kind == .statement } }

  /// How many requests came for each path ("/queries/v1/query-request").
  public var requests: [String: Int] { storage.withLock { $0.requests } }

  /// How many statements were answered from their request id, without running again.
  public var repeated: Int { storage.withLock { $0.repeated } }

  /// Why the file is no longer written; nil when all is well.
  public var fileFailure: String? { storage.withLock { $0.fileFailure } }

  /// Forgets what was kept and starts the counts anew (the file stays).
  public func reset() {
    storage.withLock {
      $0.entries = []
      $0.first = 0
      $0.number = 0
      $0.requests = [:]
      $0.repeated = 0
    }
  }

  func count(path: String) {
    storage.withLock { storage in
      // Whoever asks for ever new paths fills no memory.
      let isKnown = storage.requests.count < 100 || storage.requests[path] != nil
      storage.requests[isKnown ? path : "other", default: 0] += 1
    }
  }

  func countRepeated() { storage.withLock { $0.repeated += 1 } }

  func append(_ entry: Entry) {
    var entry = entry
    entry.sql = SecretMask.mask(entry.sql)
    storage.withLock { storage in
      storage.number += 1
      entry.number = storage.number
      if storage.entries.count < capacity {
        storage.entries.append(entry)
      } else {
        storage.entries[storage.first] = entry
        storage.first = (storage.first + 1) % capacity
      }
      if storage.file >= 0 && storage.fileFailure == nil {
        storage.fileFailure = Self.write(JSON.encode(entry.value) + [0x0a], to: storage.file)
      }
    }
  }

  private static func write(_ line: [UInt8], to file: Int32) -> String? {
    var rest = line[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if written < 0 {
        if errno == EINTR { continue }
        return String(cString: strerror(errno))
      }
      rest = rest.dropFirst(written)
    }
    return nil
  }
}

extension EmulatorLog.Entry {
  /// The entry as a document.
  public var value: Value {
    [
      "number": .int(Int64(number)), "kind": .string(kind.rawValue), "time": .int(time), "session": .int(session),
      "user": .string(user), "role": role.map(Value.string) ?? .null, "sql": .string(sql),
      "request_id": requestID.map(Value.string) ?? .null, "query_id": queryID.map(Value.string) ?? .null,
      "code": code.map(Value.string) ?? .null, "rows": .int(Int64(rows)), "microseconds": .int(microseconds),
      "in_flight": .int(Int64(inFlight)), "fault": fault.map(Value.string) ?? .null,
    ]
  }
}

/// Masks secrets in SQL before it is kept anywhere.
enum SecretMask {
  private static let words: Set<String> = [
    "PASSWORD", "SECRET_STRING", "OAUTH_CLIENT_SECRET", "OAUTH_REFRESH_TOKEN", "AWS_SECRET_KEY", "AWS_KEY_ID",
    "AWS_TOKEN", "AZURE_SAS_TOKEN", "MASTER_KEY", "TOKEN", "PRIVATE_KEY", "OAUTH_ACCESS_TOKEN", "API_KEY",
    "OAUTH_CLIENT_RSA_PRIVATE_KEY", "PASSPHRASE", "SECRET",
  ]

  /// Of EXECUTE DCM PROJECT: its texts may be secrets.
  private static let environment = "ENVIRONMENT"

  /// The text with `'…'` and `$$…$$` after such a word and `=`, and after `ENVIRONMENT (`, replaced by `cover`.
  static func mask(_ sql: String, cover: String = "'***'") -> String {
    guard sql.utf8.contains(where: { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: "{") }) else { return sql }
    var out: [UInt8] = []
    var changed = false
    let bytes = Array(sql.utf8)
    var at = 0
    var word: [UInt8] = []
    var armed = false
    while at < bytes.count {
      let byte = bytes[at]
      if isWordByte(byte) {
        let start = at
        while at < bytes.count, isWordByte(bytes[at]) { at += 1 }
        word = Array(bytes[start..<at])
        armed = false
        out += word
        continue
      }
      if byte == UInt8(ascii: "=") {
        armed = words.contains(String(decoding: word, as: UTF8.self).uppercased())
      } else if byte == UInt8(ascii: "("), word.count == environment.count,
        String(decoding: word, as: UTF8.self).uppercased() == environment
      {
        armed = true
      } else if byte == UInt8(ascii: "'") || (byte == UInt8(ascii: "$") && bytes[at...].starts(with: "$$".utf8)) {
        let end = literalEnd(bytes, at)
        if armed {
          out += Array(cover.utf8)
          changed = true
        } else {
          out += bytes[at..<end]
        }
        at = end
        armed = false
        word = []
        continue
      } else if byte > 0x20 {
        armed = false
        word = []
      }
      out.append(byte)
      at += 1
    }
    return changed ? String(decoding: out, as: UTF8.self) : sql
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// The offset after the literal that begins at `start`.
  private static func literalEnd(_ bytes: [UInt8], _ start: Int) -> Int {
    if bytes[start] == UInt8(ascii: "$") {
      var at = start + 2
      while at < bytes.count, !bytes[at...].starts(with: "$$".utf8) { at += 1 }
      return min(at + 2, bytes.count)
    }
    var at = start + 1
    while at < bytes.count {
      if bytes[at] == UInt8(ascii: "\\") {
        at += 2
      } else if bytes[at] == UInt8(ascii: "'") {
        if at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "'") { at += 2 } else { return at + 1 }
      } else {
        at += 1
      }
    }
    return bytes.count
  }
}
