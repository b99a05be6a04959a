import AccountModel
import CSQLite
import Glibc
import SnowmakerModel
import Synchronization

/// Why an account could not be opened or stored.
public struct EmulatorStorageFailure: Error, Sendable, Equatable, CustomStringConvertible {
  /// What happened and what to do about it.
  public var description: String
}

/// Where an emulated account lives: an SQLite file, or memory.
///
/// A file belongs to one emulator at a time. Every statement is one transaction, so that the account survives a kill at any
/// point.
public final class EmulatorStorage: Sendable {
  let database: Mutex<SQLiteDatabase>
  /// The file; nil in memory.
  public let path: String?

  /// An account in memory, gone with the process. Throws when SQLite has no memory left.
  public init() throws(EmulatorStorageFailure) {
    path = nil
    let database = try SQLiteDatabase(path: ":memory:")
    try database.run(Self.layout)
    self.database = Mutex(database)
  }

  /// The account in a file, which is created when it is missing.
  ///
  /// Throws when another emulator has it open, when it is no emulator's file or of a newer version, and when it cannot
  /// be written.
  public init(path: String) throws(EmulatorStorageFailure) {
    self.path = path
    let database = try SQLiteDatabase(path: path)
    do throws(EmulatorStorageFailure) {
      try database.run("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")
      try database.run("BEGIN EXCLUSIVE; COMMIT;")
    } catch {
      if database.isBusy {
        throw EmulatorStorageFailure(
          description: "\(path) is in use by another account emulator; stop that one, or choose another file")
      }
      throw EmulatorStorageFailure(description: "cannot open \(path) as an emulated account: \(error.description)")
    }
    let version = try database.integer("PRAGMA user_version")
    if version > Self.version {
      throw EmulatorStorageFailure(
        description: "\(path) was written by a newer snowmaker (format \(version), this one knows \(Self.version))")
    }
    if version == 0 {
      guard try database.integer("SELECT count(*) FROM sqlite_master") == 0 else {
        throw EmulatorStorageFailure(description: "\(path) is an SQLite file, but no account emulator's")
      }
      try database.run(Self.layout)
    } else if version == 1 {
      // All of it or nothing: a kill in the middle leaves format 1.
      try database.run("BEGIN;" + Self.inheritedLayout + Self.pastLayout + "PRAGMA user_version=3; COMMIT;")
    } else if version == 2 {
      try database.run("BEGIN;" + Self.pastLayout + "PRAGMA user_version=3; COMMIT;")
    }
    self.database = Mutex(database)
  }

  private static let version = 3
  /// What version 2 added.
  private static let inheritedLayout = """
    CREATE TABLE inherited_grant (on_type TEXT, on_name TEXT, object_type TEXT, role_kind TEXT, role TEXT, privilege TEXT,
      granted_by_kind TEXT, granted_by TEXT, created_on INTEGER NOT NULL,
      PRIMARY KEY (on_name, on_type, object_type, role_kind, role, privilege)) WITHOUT ROWID;

    """
  /// What version 3 added.
  private static let pastLayout = """
    CREATE TABLE past (id INTEGER PRIMARY KEY, what TEXT NOT NULL, kind TEXT, name TEXT, created_on INTEGER NOT NULL,
      document BLOB NOT NULL);
    CREATE INDEX past_name ON past (name, kind);

    """
  private static let layout = """
    BEGIN;
    CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE object (kind TEXT, name TEXT, created_on INTEGER NOT NULL, owner_kind TEXT, owner TEXT,
      attributes BLOB NOT NULL, notes BLOB NOT NULL, PRIMARY KEY (kind, name)) WITHOUT ROWID;
    CREATE INDEX object_name ON object (name);
    CREATE INDEX object_owner ON object (owner, owner_kind);
    CREATE TABLE role_grant (role_kind TEXT, role TEXT, grantee_kind TEXT, grantee TEXT, granted_by_kind TEXT,
      granted_by TEXT, created_on INTEGER NOT NULL, PRIMARY KEY (grantee_kind, grantee, role_kind, role)) WITHOUT ROWID;
    CREATE INDEX role_grant_role ON role_grant (role, role_kind);
    CREATE TABLE privilege_grant (on_type TEXT, on_name TEXT, role_kind TEXT, role TEXT, privilege TEXT,
      granted_by_kind TEXT, granted_by TEXT, grant_option INTEGER NOT NULL, created_on INTEGER NOT NULL,
      PRIMARY KEY (on_name, on_type, role_kind, role, privilege, granted_by_kind, granted_by)) WITHOUT ROWID;
    CREATE INDEX privilege_grant_role ON privilege_grant (role, role_kind);
    CREATE TABLE future_grant (on_type TEXT, on_name TEXT, object_type TEXT, role_kind TEXT, role TEXT, privilege TEXT,
      granted_by_kind TEXT, granted_by TEXT, grant_option INTEGER NOT NULL, created_on INTEGER NOT NULL,
      PRIMARY KEY (on_name, on_type, object_type, role_kind, role, privilege)) WITHOUT ROWID;
    CREATE INDEX future_grant_role ON future_grant (role, role_kind);
    CREATE TABLE managed_schema (name TEXT PRIMARY KEY) WITHOUT ROWID;

    """ + inheritedLayout + pastLayout + """
      PRAGMA user_version=3;
      COMMIT;
      """

  /// Copies everything into a new file. Throws when the file exists or cannot be written.
  func copy(to path: String) throws(EmulatorStorageFailure) {
    if access(path, F_OK) == 0 {
      throw EmulatorStorageFailure(description: "\(path) exists already; name a file that does not")
    }
    try database.withLock { (database) throws(EmulatorStorageFailure) in
      try database.run(
        "VACUUM INTO '" + path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'")
    }
  }

  /// Stores what one statement did, all of it or nothing.
  func commit(_ changes: [StorageChange]) throws(EmulatorStorageFailure) {
    guard !changes.isEmpty else { return }
    try database.withLock { (database) throws(EmulatorStorageFailure) in
      try database.run("BEGIN IMMEDIATE")
      do throws(EmulatorStorageFailure) {
        for change in changes { try change.apply(to: database) }
        try database.run("COMMIT")
      } catch {
        try? database.run("ROLLBACK")  // the first failure is the one to tell
        throw error
      }
    }
  }

  /// Writes a copy of everything to a new file. Throws when the file exists or cannot be written.
  public func snapshot(to path: String) throws(EmulatorStorageFailure) {
    guard access(path, F_OK) != 0 else {
      throw EmulatorStorageFailure(description: "\(path) exists; a snapshot needs a new file")
    }
    try database.withLock { (database) throws(EmulatorStorageFailure) in
      try database.execute("VACUUM INTO ?", [.text(path)])
    }
  }

  /// Makes the account in the file `path` what a snapshot says; the file is created, or replaced with all it held.
  ///
  /// Throws when the snapshot is no emulator's file, when `path` is in use by an emulator or is another program's file,
  /// and when it cannot be written.
  public static func restore(_ snapshot: String, to path: String) throws(EmulatorStorageFailure) {
    guard access(snapshot, R_OK) == 0 else {
      throw EmulatorStorageFailure(description: "cannot read the snapshot \(snapshot)")
    }
    let source = try EmulatorStorage(path: snapshot)
    guard try source.setting("name") != nil else {
      throw EmulatorStorageFailure(description: "\(snapshot) holds no account")
    }
    // Opening takes the lock, so that no emulator's file is taken from under it.
    let replaced = access(path, F_OK) == 0 ? try EmulatorStorage(path: path) : nil
    let fresh = "\(path).restoring.\(getpid())"
    unlink(fresh)
    try source.snapshot(to: fresh)
    for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
    guard rename(fresh, path) == 0 else {
      let reason = String(cString: strerror(errno))
      unlink(fresh)
      throw EmulatorStorageFailure(description: "cannot write \(path): \(reason)")
    }
    withExtendedLifetime(replaced) {}
  }

  /// A setting of the account.
  func setting(_ name: String) throws(EmulatorStorageFailure) -> String? {
    try database.withLock { (database) throws(EmulatorStorageFailure) in
      var value: String?
      try database.query("SELECT value FROM setting WHERE name = ?", [.text(name)]) { value = $0.text(0) }
      return value
    }
  }

  /// Reads everything.
  func load() throws(EmulatorStorageFailure) -> StoredAccount {
    try database.withLock { (database) throws(EmulatorStorageFailure) in
      var result = StoredAccount()
      var failure: EmulatorStorageFailure?
      try database.query("SELECT kind, name, created_on, owner_kind, owner, attributes, notes FROM object", []) { row in
        guard let kind = row.text(0), let name = row.text(1) else { return }
        do {
          let stored = StoredObject(
            kind: kind, name: name, createdOn: row.integer(2), attributes: try Self.decode(row.blob(5)),
            notes: try Self.decode(row.blob(6)))
          result.objects.append((stored, Self.role(row.text(3), row.text(4))))
        } catch {
          failure = EmulatorStorageFailure(description: "the stored \(kind) \(name) cannot be read: \(error)")
        }
      }
      if let failure { throw failure }
      try database.query(
        "SELECT role_kind, role, grantee_kind, grantee, granted_by_kind, granted_by, created_on FROM role_grant", []
      ) { row in
        guard let role = Self.role(row.text(0), row.text(1)), let kind = row.text(2), let grantee = row.text(3) else {
          return
        }
        result.roleGrants.append(
          StoredRoleGrant(
            role: role, toUser: kind == "user" ? grantee : nil, toRole: Self.role(kind, grantee),
            grantedBy: Self.role(row.text(4), row.text(5)), createdOn: row.integer(6)))
      }
      try database.query(
        "SELECT on_type, on_name, role_kind, role, privilege, granted_by_kind, granted_by, grant_option, created_on "
          + "FROM privilege_grant", []
      ) { row in
        guard let type = row.text(0), let name = row.text(1), let role = Self.role(row.text(2), row.text(3)),
          let held = row.text(4)
        else { return }
        result.grants.append(
          PrivilegeGrant(
            privilege: held, on: Securable(type: type, name: name), to: role, withGrantOption: row.integer(7) != 0,
            grantedBy: Self.role(row.text(5), row.text(6)), createdOn: row.integer(8)))
      }
      try database.query(
        "SELECT on_type, on_name, object_type, role_kind, role, privilege, granted_by_kind, granted_by, grant_option, "
          + "created_on FROM future_grant", []
      ) { row in
        guard let type = row.text(0), let name = row.text(1), let objectType = row.text(2),
          let role = Self.role(row.text(3), row.text(4)), let held = row.text(5)
        else { return }
        result.futureGrants.append(
          FutureGrant(
            privilege: held, objectType: objectType, scope: Securable(type: type, name: name), to: role,
            withGrantOption: row.integer(8) != 0, grantedBy: Self.role(row.text(6), row.text(7)),
            createdOn: row.integer(9)))
      }
      try database.query(
        "SELECT on_type, on_name, object_type, role_kind, role, privilege, granted_by_kind, granted_by, created_on "
          + "FROM inherited_grant", []
      ) { row in
        guard let type = row.text(0), let name = row.text(1), let objectType = row.text(2),
          let role = Self.role(row.text(3), row.text(4)), let held = row.text(5)
        else { return }
        result.inheritedGrants.append(
          InheritedGrant(
            privilege: held, objectType: objectType, scope: Securable(type: type, name: name), to: role,
            grantedBy: Self.role(row.text(6), row.text(7)), createdOn: row.integer(8)))
      }
      try database.query("SELECT name FROM managed_schema", []) {
        if let name = $0.text(0) { result.managedSchemas.append(name) }
      }
      // What is too old to be told is forgotten here.
      for (what, kept) in [("departed", 3 * Departed.kept), ("statement", StatementHistory.kept)] {
        try database.execute(
          "DELETE FROM past WHERE what = ? AND id <= (SELECT id FROM past WHERE what = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
          [.text(what), .text(what), .integer(Int64(kept))])
      }
      try database.query("SELECT what, document FROM past ORDER BY id", []) { row in
        do {
          let document = try CBOR.decode(row.blob(1))
          if row.text(0) == "statement" { result.statements.append(document) } else { result.departed.append(document) }
        } catch {
          failure = EmulatorStorageFailure(description: "the stored past cannot be read: \(error)")
        }
      }
      if let failure { throw failure }
      return result
    }
  }

  private static func role(_ kind: String?, _ name: String?) -> RoleReference? {
    guard let kind = kind.flatMap(RoleKind.init), let name, !name.isEmpty else { return nil }
    return RoleReference(kind: kind, name: name)
  }

  private static func decode(_ bytes: [UInt8]) throws(CBOR.Failure) -> [String: Value] {
    var result: [String: Value] = [:]
    for field in try CBOR.decode(bytes).fields { result[field.key] = field.value }
    return result
  }
}

/// Everything that is stored of an account.
struct StoredAccount: Sendable {
  var objects: [(StoredObject, RoleReference?)] = []
  var roleGrants: [StoredRoleGrant] = []
  var grants: [PrivilegeGrant] = []
  var futureGrants: [FutureGrant] = []
  var inheritedGrants: [InheritedGrant] = []
  var managedSchemas: [String] = []
  /// What was dropped and revoked, the oldest first.
  var departed: [Value] = []
  /// What was run, the oldest first.
  var statements: [Value] = []
}

/// A role given to a user or a role, as stored.
struct StoredRoleGrant: Sendable {
  var role: RoleReference
  var toUser: String?
  var toRole: RoleReference?
  var grantedBy: RoleReference?
  var createdOn: Int64
}
