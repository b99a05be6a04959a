import CSQLite
import Glibc
public import SnowmakerModel
import Synchronization

/// The project's own memory: one SQLite file with the ledgers and the journal. Safe to use from several tasks.
///
/// Every write is on the disk when the call returns (WAL, synchronous=FULL).
public final class StateStore: Sendable {
  /// Where a project keeps it unless told otherwise.
  public static let defaultPath = ".snowmaker/state.db"

  /// Whether the file may be changed.
  public enum Access: Sendable {
    case readWrite
    /// The file is left as it is; where there is none, the store is empty and forgets.
    case readOnly
  }

  /// The file.
  public let path: String
  private let connection: Mutex<SQLiteConnection>

  private init(path: String, connection: sending SQLiteConnection) {
    self.path = path
    self.connection = Mutex(connection)
  }

  /// Opens the file, making it and its folder when there is none, and brings an older one up to date.
  ///
  /// Throws when it cannot be opened or written, is damaged, is no state file, or was written by a newer snowmaker.
  public static func open(path: String = defaultPath, access: Access = .readWrite) throws(Diagnostic) -> StateStore {
    do {
      switch access {
      case .readWrite: return StateStore(path: path, connection: try openForWriting(path))
      case .readOnly:
        guard Glibc.access(path, F_OK) == 0 else {
          let connection = try SQLiteConnection(path: ":memory:", flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
          try StateSchema.migrate(connection, path: path)
          return StateStore(path: path, connection: connection)
        }
        let connection = try SQLiteConnection(path: path, flags: SQLITE_OPEN_READONLY)
        try StateSchema.check(connection, path: path)
        return StateStore(path: path, connection: connection)
      }
    } catch {
      throw StateProblem.diagnostic(error, path: path)
    }
  }

  /// Reads. Throws a diagnostic for what SQLite reports.
  func read<Result: Sendable>(_ body: (SQLiteConnection) throws -> Result) throws(Diagnostic) -> Result {
    do {
      return try connection.withLock { try body($0) }
    } catch {
      throw StateProblem.diagnostic(error, path: path)
    }
  }

  /// Reads and writes in one transaction, which is on the disk when the call returns; nothing is changed when `body`
  /// throws.
  func write<Result: Sendable>(_ body: (SQLiteConnection) throws -> Result) throws(Diagnostic) -> Result {
    do {
      return try connection.withLock { connection in
        try connection.execute("BEGIN IMMEDIATE")
        do {
          let result = try body(connection)
          try connection.execute("COMMIT")
          return result
        } catch {
          // The first error is the one that matters; a rollback that fails as well leaves the transaction to die
          // with the connection.
          try? connection.execute("ROLLBACK")
          throw error
        }
      }
    } catch {
      throw StateProblem.diagnostic(error, path: path)
    }
  }

  private static func openForWriting(_ path: String) throws -> sending SQLiteConnection {
    do throws(FileError) { try Files.makeFolder(Files.parent(of: path)) } catch {
      throw Diagnostic.error(
        "the folder \(Files.parent(of: path)) for snowmaker's state cannot be made: \(error.reason)",
        detail: "Make it, or name another place for the state file.", code: "state-unwritable")
    }
    // The file is made here, not by SQLite, so that nobody else can read it from its first moment.
    let file = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw Diagnostic.error(
        "the state file \(path) cannot be opened for writing: \(FileError(errno).reason)",
        detail: "snowmaker writes there what it manages, before and after every statement. Check the rights of the "
          + "file and its folder.", code: "state-unwritable")
    }
    Glibc.close(file)
    let connection = try SQLiteConnection(path: path, flags: SQLITE_OPEN_READWRITE)
    try StateSchema.check(connection, path: path)
    try StateSchema.useWriteAheadLog(connection)
    try connection.execute("PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON")
    try StateSchema.migrate(connection, path: path)
    return connection
  }
}

/// Turns what SQLite reports into what a user can act on.
enum StateProblem {
  static func diagnostic(_ error: any Error, path: String) -> Diagnostic {
    if let diagnostic = error as? Diagnostic { return diagnostic }
    guard let error = error as? SQLiteError else {
      return .error("the state file \(path) cannot be used: \(error)", code: "state-unusable")
    }
    switch error.primary {
    case SQLITE_CORRUPT, SQLITE_NOTADB:
      return damaged(path, error.message)
    case SQLITE_READONLY, SQLITE_PERM:
      return .error(
        "the state file \(path) cannot be written (\(error.message))",
        detail: "Check the rights of the file and its folder.", code: "state-unwritable")
    case SQLITE_BUSY, SQLITE_LOCKED:
      return .error(
        "the state file \(path) is in use by another process", detail: "Wait for it to finish and run again.",
        code: "state-busy")
    case SQLITE_FULL:
      return .error(
        "the disk is full: the state file \(path) cannot be written", detail: "Make room and run again.",
        code: "state-unwritable")
    case SQLITE_CANTOPEN:
      return .error(
        "the state file \(path) cannot be opened (\(error.message))", detail: "Check the path and its rights.",
        code: "state-unusable")
    default:
      return .error("the state file \(path) cannot be used: \(error.message)", code: "state-unusable")
    }
  }

  static func damaged(_ path: String, _ reason: String) -> Diagnostic {
    .error(
      "the state file \(path) is damaged or is no state file (\(reason))",
      detail: "Restore it from a backup, or move it away and start with an empty one: no object is lost by that, but "
        + "what was created before will be adopted again instead of being known as snowmaker's own.",
      code: "state-damaged")
  }
}
