import Glibc
import SnowmakerModel

/// The tables of the state file, and how older files become newer ones.
enum StateSchema {
  /// "SNWM": tells a state file from other SQLite files.
  static let applicationID: Int64 = 0x534e_574d

  /// Each element takes a file one version up. Never change one that was released; add another.
  private static let migrations: [String] = [
    """
    CREATE TABLE digest_key (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      key BLOB NOT NULL
    ) STRICT;
    CREATE TABLE scope (
      id INTEGER PRIMARY KEY,
      account TEXT NOT NULL,
      project TEXT NOT NULL,
      target TEXT NOT NULL,
      generation INTEGER NOT NULL DEFAULT 0,
      UNIQUE (account, project, target)
    ) STRICT;
    CREATE TABLE holder (
      scope INTEGER PRIMARY KEY REFERENCES scope(id),
      pid INTEGER NOT NULL,
      host TEXT NOT NULL,
      started INTEGER NOT NULL,
      purpose TEXT NOT NULL
    ) STRICT;
    CREATE TABLE entry (
      scope INTEGER NOT NULL REFERENCES scope(id),
      type TEXT NOT NULL,
      identity TEXT NOT NULL,
      origin TEXT NOT NULL,
      created_on TEXT,
      declared TEXT NOT NULL,
      digests TEXT NOT NULL,
      position TEXT,
      PRIMARY KEY (scope, type, identity)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE run (
      id TEXT PRIMARY KEY,
      sequence INTEGER NOT NULL UNIQUE,
      scope INTEGER NOT NULL REFERENCES scope(id),
      plan_digest TEXT NOT NULL,
      pid INTEGER NOT NULL,
      host TEXT NOT NULL,
      started INTEGER NOT NULL,
      finished INTEGER,
      outcome TEXT
    ) STRICT;
    CREATE INDEX run_of_scope ON run (scope, sequence);
    CREATE TABLE statement (
      run TEXT NOT NULL REFERENCES run(id),
      step INTEGER NOT NULL,
      type TEXT NOT NULL,
      identity TEXT NOT NULL,
      role TEXT NOT NULL,
      sql TEXT NOT NULL,
      risk TEXT NOT NULL,
      creates INTEGER NOT NULL,
      state TEXT NOT NULL,
      query_id TEXT,
      code TEXT,
      message TEXT,
      sent INTEGER,
      finished INTEGER,
      PRIMARY KEY (run, step)
    ) STRICT, WITHOUT ROWID;
    """,
    // The revision of a shared ledger that the entries are a working copy of.
    "ALTER TABLE scope ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;",
    "ALTER TABLE entry ADD COLUMN prevents_destroy INTEGER NOT NULL DEFAULT 0;",
  ]

  /// The version this snowmaker writes.
  static var version: Int64 { Int64(migrations.count) }

  /// Throws when the file is not one that this snowmaker can use.
  static func check(_ connection: SQLiteConnection, path: String) throws {
    let id = try connection.number("PRAGMA application_id") ?? 0
    let found = try connection.number("PRAGMA user_version") ?? 0
    let tables = try connection.number("SELECT count(*) FROM sqlite_schema") ?? 0
    if id == 0, found == 0, tables == 0 { return }  // a new file
    guard id == applicationID else {
      throw Diagnostic.error(
        "\(path) is a SQLite file, but not snowmaker's", detail: "Name another place for the state file.",
        code: "state-foreign")
    }
    guard found <= version else {
      throw Diagnostic.error(
        "the state file \(path) was written by a newer snowmaker (version \(found), this one knows \(version))",
        detail: "Use that snowmaker, or a later one.", code: "state-newer")
    }
  }

  /// Turns the write-ahead log on. SQLite does not wait for other connections here, so this does.
  static func useWriteAheadLog(_ connection: SQLiteConnection) throws {
    var attempts = 0
    while true {
      do {
        try connection.execute("PRAGMA journal_mode=WAL")
        return
      } catch {
        attempts += 1
        guard error.primary == 5, attempts < 100 else { throw error }
        usleep(20_000)
      }
    }
  }

  /// Brings the file to this version, whole or not at all.
  static func migrate(_ connection: SQLiteConnection, path: String) throws {
    guard try connection.number("PRAGMA user_version") ?? 0 < version else { return }
    try connection.execute("BEGIN IMMEDIATE")
    do {
      // Another process may have been here in between.
      try check(connection, path: path)
      let found = Int(try connection.number("PRAGMA user_version") ?? 0)
      for migration in migrations[found...] { try connection.execute(migration) }
      try connection.execute("PRAGMA application_id=\(applicationID); PRAGMA user_version=\(version)")
      if found == 0 {
        try connection.run("INSERT INTO digest_key (id, key) VALUES (1, ?)", [.blob(try Crypto.random(32))])
      }
      try connection.execute("COMMIT")
    } catch {
      // The first error is the one that matters.
      try? connection.execute("ROLLBACK")
      throw error
    }
  }
}
