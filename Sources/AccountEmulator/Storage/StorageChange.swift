import AccountModel
import SnowmakerModel

/// One change of the account as it is written down.
enum StorageChange: Sendable {
  case setting(String, String)
  case put(StoredObject, owner: RoleReference?)
  case owner(kind: String, name: String, RoleReference?)
  /// Removes an object with everything in it, its grants, and what database roles in it hold.
  case removeTree(kind: String, name: String)
  /// Gives an object and everything in it a new name.
  case renameTree(kind: String, from: String, to: String)
  case dropRole(RoleReference, heir: RoleReference?)
  case renameRole(RoleReference, RoleReference)
  case dropUser(String)
  case renameUser(String, String)
  case grantRole(RoleReference, toUser: String?, toRole: RoleReference?, by: RoleReference?, at: Int64)
  case revokeRole(RoleReference, fromUser: String?, fromRole: RoleReference?)
  case grant(PrivilegeGrant)
  case revoke(PrivilegeGrant)
  case grantFuture(FutureGrant)
  case revokeFuture(FutureGrant)
  case grantInherited(InheritedGrant)
  case revokeInherited(InheritedGrant)
  case managed(String, Bool)
  /// Something that is over: for views and functions that tell it.
  case past(Past, Value)
  /// What was dropped is there again.
  case returned(kind: String, name: String, createdOn: Int64)

  /// What is told of the past.
  enum Past: String, Sendable { case departed, statement }

  func apply(to database: SQLiteDatabase) throws(EmulatorStorageFailure) {
    switch self {
    case .setting(let name, let value):
      try database.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", [.text(name), .text(value)])
    case .put(let object, let owner):
      try database.execute(
        "INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
          .text(object.kind), .text(object.name), .integer(object.createdOn), .optional(owner?.kind.rawValue),
          .optional(owner?.name), .blob(Self.encode(object.attributes)), .blob(Self.encode(object.notes)),
        ])
    case .owner(let kind, let name, let role):
      try database.execute(
        "UPDATE object SET owner_kind = ?, owner = ? WHERE kind = ? AND name = ?",
        [.optional(role?.kind.rawValue), .optional(role?.name), .text(kind), .text(name)])
    case .removeTree(let kind, let name): try removeTree(kind, name, database)
    case .renameTree(let kind, let from, let to): try renameTree(kind, from, to, database)
    case .dropRole(let role, let heir):
      let key: [SQLiteValue] = [.text(role.name), .text(role.kind.rawValue)]
      try database.execute(
        "UPDATE object SET owner = ?, owner_kind = ? WHERE owner = ? AND owner_kind = ?",
        [.optional(heir?.name), .optional(heir?.kind.rawValue)] + key)
      for table in ["privilege_grant", "future_grant", "inherited_grant", "role_grant"] {
        try database.execute("DELETE FROM \(table) WHERE role = ? AND role_kind = ?", key)
      }
      try database.execute("DELETE FROM role_grant WHERE grantee = ? AND grantee_kind = ?", key)
    case .renameRole(let old, let new):
      let key: [SQLiteValue] = [.text(new.name), .text(old.name), .text(old.kind.rawValue)]
      try database.execute("UPDATE object SET owner = ? WHERE owner = ? AND owner_kind = ?", key)
      for table in ["privilege_grant", "future_grant", "inherited_grant", "role_grant"] {
        try database.execute("UPDATE \(table) SET role = ? WHERE role = ? AND role_kind = ?", key)
      }
      try database.execute("UPDATE role_grant SET grantee = ? WHERE grantee = ? AND grantee_kind = ?", key)
    case .dropUser(let name):
      try database.execute("DELETE FROM role_grant WHERE grantee_kind = 'user' AND grantee = ?", [.text(name)])
      // What the user held itself.
      for table in ["privilege_grant", "future_grant"] {
        try database.execute(
          "DELETE FROM \(table) WHERE role = ? AND role_kind = ?",
          [.text(name), .text(RoleReference.user(name).kind.rawValue)])
      }
    case .renameUser(let old, let new):
      try database.execute(
        "UPDATE role_grant SET grantee = ? WHERE grantee_kind = 'user' AND grantee = ?", [.text(new), .text(old)])
      for table in ["privilege_grant", "future_grant"] {
        try database.execute(
          "UPDATE \(table) SET role = ? WHERE role = ? AND role_kind = ?",
          [.text(new), .text(old), .text(RoleReference.user(old).kind.rawValue)])
      }
    case .grantRole(let role, let user, let parent, let grantor, let time):
      try database.execute(
        "INSERT OR REPLACE INTO role_grant VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
          .text(role.kind.rawValue), .text(role.name), .text(user == nil ? parent?.kind.rawValue ?? "" : "user"),
          .text(user ?? parent?.name ?? ""), .optional(grantor?.kind.rawValue), .optional(grantor?.name),
          .integer(time),
        ])
    case .revokeRole(let role, let user, let parent):
      try database.execute(
        "DELETE FROM role_grant WHERE role_kind = ? AND role = ? AND grantee_kind = ? AND grantee = ?",
        [
          .text(role.kind.rawValue), .text(role.name), .text(user == nil ? parent?.kind.rawValue ?? "" : "user"),
          .text(user ?? parent?.name ?? ""),
        ])
    case .grant(let grant):
      try database.execute(
        "INSERT OR REPLACE INTO privilege_grant VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        key(grant) + [.integer(grant.withGrantOption ? 1 : 0), .integer(grant.createdOn)])
    case .revoke(let grant):
      try database.execute(
        "DELETE FROM privilege_grant WHERE on_type = ? AND on_name = ? AND role_kind = ? AND role = ? "
          + "AND privilege = ? AND granted_by_kind = ? AND granted_by = ?", key(grant))
    case .grantFuture(let grant):
      try database.execute(
        "INSERT OR REPLACE INTO future_grant VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        key(grant) + [
          .optional(grant.grantedBy?.kind.rawValue), .optional(grant.grantedBy?.name),
          .integer(grant.withGrantOption ? 1 : 0), .integer(grant.createdOn),
        ])
    case .revokeFuture(let grant):
      try database.execute(
        "DELETE FROM future_grant WHERE on_type = ? AND on_name = ? AND object_type = ? AND role_kind = ? AND role = ? "
          + "AND privilege = ?", key(grant))
    case .grantInherited(let grant):
      try database.execute(
        "INSERT OR IGNORE INTO inherited_grant VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        key(grant) + [
          .optional(grant.grantedBy?.kind.rawValue), .optional(grant.grantedBy?.name), .integer(grant.createdOn),
        ])
    case .revokeInherited(let grant):
      try database.execute(
        "DELETE FROM inherited_grant WHERE on_type = ? AND on_name = ? AND object_type = ? AND role_kind = ? "
          + "AND role = ? AND privilege = ?", key(grant))
    case .past(let what, let document):
      try database.execute(
        "INSERT INTO past (what, kind, name, created_on, document) VALUES (?, ?, ?, ?, ?)",
        [
          .text(what.rawValue), .optional(document["kind"].string), .optional(document["name"].string),
          .integer(document["created_on"].int ?? 0), .blob(CBOR.encode(document)),
        ])
    case .returned(let kind, let name, let time):
      try database.execute(
        "DELETE FROM past WHERE what = 'departed' AND kind = ? AND name = ? AND created_on = ?",
        [.text(kind), .text(name), .integer(time)])
    case .managed(let name, let managed):
      try database.execute(
        managed ? "INSERT OR REPLACE INTO managed_schema VALUES (?)" : "DELETE FROM managed_schema WHERE name = ?",
        [.text(name)])
    }
  }

  private func key(_ grant: PrivilegeGrant) -> [SQLiteValue] {
    [
      .text(grant.on.type), .text(grant.on.name), .text(grant.to.kind.rawValue), .text(grant.to.name),
      .text(grant.privilege), .text(grant.grantedBy?.kind.rawValue ?? ""), .text(grant.grantedBy?.name ?? ""),
    ]
  }

  private func key(_ grant: FutureGrant) -> [SQLiteValue] {
    [
      .text(grant.scope.type), .text(grant.scope.name), .text(grant.objectType), .text(grant.to.kind.rawValue),
      .text(grant.to.name), .text(grant.privilege),
    ]
  }

  private func key(_ grant: InheritedGrant) -> [SQLiteValue] {
    [
      .text(grant.scope.type), .text(grant.scope.name), .text(grant.objectType), .text(grant.to.kind.rawValue),
      .text(grant.to.name), .text(grant.privilege),
    ]
  }

  /// The names beneath `name` are those from `name.` up to, not including, `name/` (the character after the dot).
  private func removeTree(_ kind: String, _ name: String, _ database: SQLiteDatabase) throws(EmulatorStorageFailure) {
    let inside: [SQLiteValue] = [.text(name + "."), .text(name + "/")]
    try database.execute("DELETE FROM object WHERE kind = ? AND name = ?", [.text(kind), .text(name)])
    for table in ["privilege_grant", "future_grant", "inherited_grant"] {
      try database.execute("DELETE FROM \(table) WHERE on_type = ? AND on_name = ?", [.text(kind), .text(name)])
    }
    guard kind == "DATABASE" || kind == "SCHEMA" else { return }
    try database.execute("DELETE FROM object WHERE name >= ? AND name < ?", inside)
    for table in ["privilege_grant", "future_grant", "inherited_grant"] {
      try database.execute("DELETE FROM \(table) WHERE on_name >= ? AND on_name < ?", inside)
      try database.execute("DELETE FROM \(table) WHERE role >= ? AND role < ? AND role_kind = 'database'", inside)
    }
    try database.execute("DELETE FROM role_grant WHERE role >= ? AND role < ? AND role_kind = 'database'", inside)
    try database.execute(
      "DELETE FROM role_grant WHERE grantee >= ? AND grantee < ? AND grantee_kind = 'database'", inside)
    try database.execute("DELETE FROM managed_schema WHERE name = ? OR name >= ? AND name < ?", [.text(name)] + inside)
  }

  private func renameTree(
    _ kind: String, _ from: String, _ to: String, _ database: SQLiteDatabase
  ) throws(EmulatorStorageFailure) {
    let key: [SQLiteValue] = [.text(to), .text(kind), .text(from)]
    try database.execute("UPDATE object SET name = ? WHERE kind = ? AND name = ?", key)
    for table in ["privilege_grant", "future_grant", "inherited_grant"] {
      try database.execute("UPDATE \(table) SET on_name = ? WHERE on_type = ? AND on_name = ?", key)
    }
    try database.execute("UPDATE managed_schema SET name = ? WHERE name = ?", [.text(to), .text(from)])
    guard kind == "DATABASE" || kind == "SCHEMA" else { return }
    let cut = SQLiteValue.integer(Int64(from.unicodeScalars.count + 1))
    let inside: [SQLiteValue] = [.text(from + "."), .text(from + "/")]
    func move(_ table: String, _ column: String, _ also: String = "") throws(EmulatorStorageFailure) {
      try database.execute(
        "UPDATE \(table) SET \(column) = ? || substr(\(column), ?) WHERE \(column) >= ? AND \(column) < ? \(also)",
        [.text(to), cut] + inside)
    }
    try move("object", "name")
    try move("object", "owner", "AND owner_kind = 'database'")
    for table in ["privilege_grant", "future_grant", "inherited_grant"] {
      try move(table, "on_name")
      try move(table, "role", "AND role_kind = 'database'")
    }
    try move("role_grant", "role", "AND role_kind = 'database'")
    try move("role_grant", "grantee", "AND grantee_kind = 'database'")
    try move("managed_schema", "name")
  }

  private static func encode(_ fields: [String: Value]) -> [UInt8] {
    CBOR.encode(.object(fields.sorted { $0.key < $1.key }.map { Value.Field($0.key, $0.value) }))
  }
}
