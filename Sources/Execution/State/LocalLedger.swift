public import SnowmakerCore
public import SnowmakerModel

/// Whose ledger: entries of one account, project and target know nothing of others.
public struct LedgerScope: Hashable, Sendable, CustomStringConvertible {
  /// Organisation and account, or host, as the session reports it.
  public var account: String
  /// The project's name.
  public var project: String
  /// The target (environment) of the project.
  public var target: String

  /// A scope from its parts.
  public init(account: String, project: String, target: String) {
    self.account = account
    self.project = project
    self.target = target
  }

  /// The scope that a plan is bound to.
  public init(_ binding: PlanBinding) {
    self.init(account: binding.account, project: binding.project, target: binding.target)
  }

  /// For messages.
  public var description: String { "project \(project), target \(target) on \(account)" }
}

/// What snowmaker manages in one account for one project and target, kept in the state file. For a ledger that is kept in
/// the account it is the working copy.
public struct LocalLedger: Sendable {
  /// Whose ledger it is.
  public let scope: LedgerScope
  let store: StateStore
  let keys: DigestKeys?

  /// The ledger of `scope` in `store`. Its digests have the state file's own key unless other ones are given.
  public init(_ store: StateStore, scope: LedgerScope, keys: DigestKeys? = nil) {
    self.store = store
    self.scope = scope
    self.keys = keys
  }

  /// Everything in the ledger. Throws when the state file cannot be read or an entry in it makes no sense.
  public func snapshot() throws(Diagnostic) -> LedgerSnapshot {
    let scope = scope
    let path = store.path
    return try store.read { connection in
      guard let id = try Self.find(scope, connection) else { return LedgerSnapshot() }
      var entries: [Address: LedgerEntry] = [:]
      var problem: String?
      try connection.query(
        "SELECT type, identity, origin, created_on, declared, digests, position, prevents_destroy FROM entry WHERE scope = ?",
        [.int(id)]
      ) { row in
        guard problem == nil else { return }
        do throws(DocumentError) {
          let entry = try LedgerEntry(row: row)
          entries[entry.address] = entry
        } catch { problem = error.description }
      }
      if let problem { throw StateProblem.damaged(path, problem) }
      let generation = try connection.number("SELECT generation FROM scope WHERE id = ?", [.int(id)]) ?? 0
      return LedgerSnapshot(generation: Int(generation), entries: entries)
    }
  }

  /// How many applies the ledger has seen; 0 for one that does not exist yet. Throws when the file cannot be read.
  public func generation() throws(Diagnostic) -> Int {
    let scope = scope
    return try store.read { connection in
      guard let id = try Self.find(scope, connection) else { return 0 }
      return Int(try connection.number("SELECT generation FROM scope WHERE id = ?", [.int(id)]) ?? 0)
    }
  }

  /// Makes the changes, all or none. Throws when the state file cannot be written.
  public func apply(_ changes: [(Address, LedgerChange)]) throws(Diagnostic) {
    let scope = scope
    try store.write { connection in
      let id = try Self.make(scope, connection)
      try Self.apply(changes, scope: id, connection)
    }
  }

  /// Makes the ledger what it is elsewhere. Throws when the state file cannot be written.
  public func replace(with snapshot: LedgerSnapshot, revision: Int) throws(Diagnostic) {
    let scope = scope
    let entries = snapshot.entries.values.sorted { $0.address < $1.address }
    try store.write { connection in
      let id = try Self.make(scope, connection)
      try connection.run("DELETE FROM entry WHERE scope = ?", [.int(id)])
      try connection.run(
        "UPDATE scope SET generation = ?, revision = ? WHERE id = ?",
        [.int(Int64(snapshot.generation)), .int(Int64(revision)), .int(id)])
      try Self.apply(entries.map { ($0.address, .put($0)) }, scope: id, connection)
    }
  }

  /// The revision of a shared ledger that this working copy is based on; 0 for none. Throws when the file cannot be read.
  public func revision() throws(Diagnostic) -> Int {
    let scope = scope
    return try store.read { connection in
      Int(
        try connection.number(
          "SELECT revision FROM scope WHERE account = ? AND project = ? AND target = ?",
          [.text(scope.account), .text(scope.project), .text(scope.target)]) ?? 0)
    }
  }

  /// Remembers the revision that this working copy was saved as. Throws when the state file cannot be written.
  public func setRevision(_ revision: Int) throws(Diagnostic) {
    let scope = scope
    try store.write { connection in
      let id = try Self.make(scope, connection)
      try connection.run("UPDATE scope SET revision = ? WHERE id = ?", [.int(Int64(revision)), .int(id)])
    }
  }

  /// A digest that only holders of this state file can compute: equal values have equal digests, and the digest gives
  /// nothing of the value away. Throws when libcrypto or the state file cannot be used.
  public func digest(_ value: Value) throws(Diagnostic) -> String {
    try Self.digest(value, key: try key(for: value))
  }

  /// The digest of the value with its secrets looked up, so that a secret that was changed where it lives is seen.
  /// Throws as `digest(_:)` does, and when a secret is missing.
  public func digest(_ value: Value, secrets: SecretResolver) throws(Diagnostic) -> String {
    try Self.digest(try secrets.resolve(value), key: try key(for: value))
  }
}

// MARK: - Inside a transaction

extension LocalLedger {
  /// The scope's row, nil when there is none yet.
  static func find(_ scope: LedgerScope, _ connection: SQLiteConnection) throws(SQLiteError) -> Int64? {
    try connection.number(
      "SELECT id FROM scope WHERE account = ? AND project = ? AND target = ?",
      [.text(scope.account), .text(scope.project), .text(scope.target)])
  }

  /// The scope's row, made when there is none yet.
  static func make(_ scope: LedgerScope, _ connection: SQLiteConnection) throws -> Int64 {
    if let id = try find(scope, connection) { return id }
    try connection.run(
      "INSERT INTO scope (account, project, target) VALUES (?, ?, ?)",
      [.text(scope.account), .text(scope.project), .text(scope.target)])
    guard let id = try find(scope, connection) else {
      throw SQLiteError(code: 11, message: "a row that was just written is not there")
    }
    return id
  }

  static func apply(
    _ changes: [(Address, LedgerChange)], scope: Int64, _ connection: SQLiteConnection
  ) throws(SQLiteError) {
    for (address, change) in changes {
      switch change {
      case .none: break
      case .put(let entry): try put(entry, scope, connection)
      case .remove: try remove(address, scope, connection)
      case .move(let old, let entry):
        try remove(old, scope, connection)
        try put(entry, scope, connection)
      }
    }
  }

  private static func remove(
    _ address: Address, _ scope: Int64, _ connection: SQLiteConnection
  ) throws(SQLiteError) {
    try connection.run(
      "DELETE FROM entry WHERE scope = ? AND type = ? AND identity = ?",
      [.int(scope), .text(address.type), .text(address.identityText)])
  }

  private static func put(_ entry: LedgerEntry, _ scope: Int64, _ connection: SQLiteConnection) throws(SQLiteError) {
    try connection.run(
      """
      INSERT OR REPLACE INTO entry
        (scope, type, identity, origin, created_on, declared, digests, position, prevents_destroy)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        .int(scope), .text(entry.address.type), .text(entry.address.identityText), .text(entry.origin.rawValue),
        .text(entry.createdOn), .text(entry.declaredText), .text(entry.digestsText),
        .text(entry.position.map { StateText.write($0.document) }), .int(entry.preventsDestroy ? 1 : 0),
      ])
  }
}

extension LocalLedger {
  /// The digests as the planner wants them: secrets looked up, no errors. A secret that cannot be had has a digest that
  /// equals no other, so that its attribute counts as changed (and apply then says what is missing).
  ///
  /// Throws when libcrypto or the state file cannot be used.
  public func digester(secrets: SecretResolver) throws(Diagnostic) -> @Sendable (Value) -> String {
    let own = try digestKey()
    let keys = keys
    _ = try Crypto.hmac([], key: own)
    return { value in
      do throws(Diagnostic) {
        return try Self.digest(try secrets.resolve(value), key: keys?.key(for: value) ?? own)
      } catch {
        return "unresolved:\(error.summary)"
      }
    }
  }

  private func key(for value: Value) throws(Diagnostic) -> [UInt8] {
    if let keys { return keys.key(for: value) }
    return try digestKey()
  }

  func digestKey() throws(Diagnostic) -> [UInt8] {
    let key = try store.read { connection in
      var key: [UInt8]?
      try connection.query("SELECT key FROM digest_key WHERE id = 1") { key = $0.blob(0) }
      return key
    }
    guard let key, key.count >= 16 else { throw StateProblem.damaged(store.path, "it has no key for digests") }
    return key
  }

  static func digest(_ value: Value, key: [UInt8]) throws(Diagnostic) -> String {
    "hmac-sha256:" + (try Crypto.hmac(CBOR.encode(value.sortedByKey), key: key))
  }
}
