import AccountModel
import SnowmakerModel

/// Which accounts may have replicas of databases: kept and shown, and nothing is replicated.
extension StatementRun {
  private static let notes = (replicas: "replicas", successors: "successors")

  /// ALTER DATABASE … ENABLE or DISABLE of REPLICATION or FAILOVER, for account administrators.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/alter-database>; the codes are assumed.
  func change(_ change: ReplicationChange, of database: inout StoredObject) throws(StatementFailure) {
    guard held.contains(.accountAdmin) else { throw denied(.account) }
    guard database.notes["origin"] == nil, database.notes["replica_of"] == nil else {
      throw .dependent("Database '\(database.plainName)' is no primary database.")
    }
    let own = ownAccount
    let names = change.accounts.map { $0.parts.map(\.name).joined(separator: ".") }.filter { $0 != own }
    func list(_ note: String) -> [String] { database.notes[note]?.strings ?? [] }
    // A database stays a primary one when no account may have a replica any more.
    func put(_ note: String, _ accounts: [String]) {
      guard !accounts.isEmpty || note == Self.notes.replicas && database.notes[note] != nil else {
        database.notes[note] = nil
        return
      }
      database.notes[note] = .list(accounts.sorted().map(Value.string))
    }
    let note = change.isFailover ? Self.notes.successors : Self.notes.replicas
    if change.enables {
      if change.isFailover, let missing = names.first(where: { !list(Self.notes.replicas).contains($0) }) {
        throw .dependent("Database '\(database.plainName)' is not enabled for replication to account '\(missing)'.")
      }
      put(note, Array(Set(list(note)).union(names)))
      return
    }
    put(note, change.accounts.isEmpty ? [] : list(note).filter { !names.contains($0) })
    // Who has no replica cannot take over.
    if !change.isFailover {
      let left = list(Self.notes.replicas)
      put(Self.notes.successors, list(Self.notes.successors).filter(left.contains))
    }
  }

  /// SHOW REPLICATION DATABASES: the primary databases and the replicas of this account; it is the only one here.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/show-replication-databases>, of which the order of the
  /// columns is; that this account stands among those that a database is replicated to is in its example.
  func showReplicationDatabases(like: String?, primary wanted: ObjectName?) -> StatementResult {
    let settings = world.settings
    var rows: [[String?]] = []
    for database in world.objects("DATABASE").sorted(by: { $0.name < $1.name }) {
      let name = database.plainName
      let primary = database.notes["replica_of"]?.string
      let isPrimary = database.notes[Self.notes.replicas] != nil
      let replicas = database.notes[Self.notes.replicas]?.strings ?? []
      guard primary != nil || isPrimary, sees(.database(database.name)), like.map({ Like.matches(name, $0) }) ?? true,
        wanted.map({ $0.parts.map(\.name).joined(separator: ".") == primary ?? "\(ownAccount).\(name)" }) ?? true
      else { continue }
      let successors = database.notes[Self.notes.successors]?.strings ?? []
      func accounts(_ others: [String]) -> String? {
        others.isEmpty ? nil : (others + [ownAccount]).sorted().joined(separator: ", ")
      }
      rows.append([
        settings.region, Self.timestamp(database.createdOn), settings.name, name, database.text("comment"),
        primary == nil ? "true" : "false", primary ?? "\(ownAccount).\(name)", accounts(replicas), accounts(successors),
        settings.organization, settings.locator,
      ])
    }
    let columns = [
      "snowflake_region", "created_on", "account_name", "name", "comment", "is_primary", "primary",
      "replication_allowed_to_accounts", "failover_allowed_to_accounts", "organization_name", "account_locator",
    ]
    return StatementResult(
      columns: columns.map { ResultColumn(name: $0, type: $0 == "created_on" ? .timestamp_ltz : .text) }, rows: rows,
      statementTypeID: 0x4400)
  }

  private var ownAccount: String { world.settings.organization + "." + world.settings.name }
}
