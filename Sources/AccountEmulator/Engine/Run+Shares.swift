import AccountModel
import SnowmakerModel

/// Privileges of shares, and databases that come from one.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/grant-privilege-share>. The codes of refusals are assumed.
extension StatementRun {
  /// What a share can be given, by type.
  private static let sharable: [String: Set<String>] = [
    "DATABASE": ["USAGE", "REFERENCE_USAGE"], "SCHEMA": ["USAGE"], "FUNCTION": ["USAGE"], "TAG": ["READ"],
    "TABLE": ["SELECT"], "EXTERNAL TABLE": ["SELECT"], "DYNAMIC TABLE": ["SELECT"], "ICEBERG TABLE": ["SELECT"],
    "VIEW": ["SELECT"], "MATERIALIZED VIEW": ["SELECT"], "SEMANTIC VIEW": ["SELECT", "REFERENCES"],
  ]

  func shareGrant(
    _ statement: PrivilegeStatement, _ share: RoleReference
  ) throws(StatementFailure) -> StatementResult {
    try require([], on: share.securable)
    if statement.withGrantOption { throw .invalidGrant("A share takes no grant option.") }
    var objects: [Securable] = []
    switch statement.target {
    case .object(let type, let name): objects = [try securable(type, name)]
    case .all(let type, let scope): objects = try self.objects(of: type, in: scope)
    case .account, .future: throw .invalidGrant("A share takes no privileges on the account and no future grants.")
    }
    for object in objects {
      let names = statement.privileges
      guard let allowed = Self.sharable[object.type], !names.isEmpty, allowed.isSuperset(of: names) else {
        throw .invalidGrant(
          "Privileges [\(names.joined(separator: ", "))] on object type '\(object.type)' cannot be given to a share.")
      }
      for privilege in names {
        guard account.canGrant(held, privilege, on: object) else { throw denied(object) }
        if statement.isGrant { try requireSharable(privilege, object, share) }
      }
    }
    for object in objects {
      for privilege in statement.privileges {
        let grant = PrivilegeGrant(
          privilege: privilege, on: object, to: share, grantedBy: account.grantor(held, privilege, on: object),
          createdOn: world.now())
        if statement.isGrant {
          world.grant(grant)
        } else {
          for old in account.grants(on: object) where old.to == share && old.privilege == privilege {
            world.revoke(old)
          }
        }
      }
    }
    return Self.done
  }

  /// One database per share, containers before what is in them, views only when they are secure.
  private func requireSharable(
    _ privilege: String, _ object: Securable, _ share: RoleReference
  ) throws(StatementFailure) {
    if isImported(object) { throw .invalidGrant("Objects of an imported database cannot be shared again.") }
    let shared = sharedDatabase(of: share)
    if object.type == "DATABASE" {
      if privilege == "USAGE", let shared, shared != object.name {
        throw .invalidGrant(
          "Share '\(shown(share.name))' already has database '\(shown(shared))'; others take REFERENCE_USAGE.")
      }
      return
    }
    var container = object.container
    while let outer = container {
      guard account.grants(on: outer).contains(where: { $0.to == share && $0.privilege == "USAGE" }) else {
        throw .invalidGrant(
          "Share '\(shown(share.name))' does not have USAGE on \(outer.type.lowercased()) '\(shown(outer.name))'.")
      }
      container = outer.container
    }
    if object.type == "VIEW", world.object("VIEW", object.name)?.attributes["is_secure"] != .bool(true),
      world.object("SHARE", share.name)?.attributes["secure_objects_only"] != .bool(false)
    {
      throw .invalidGrant(
        "Non-secure object can only be granted to shares with \"secure_objects_only\" property set to false.")
    }
  }

  /// The database that a share gives USAGE on.
  func sharedDatabase(of share: RoleReference) -> String? {
    account.grants(to: share).first { $0.on.type == "DATABASE" && $0.privilege == "USAGE" }?.on.name
  }

  /// Whether an object is, or lies in, a database that came from a share.
  func isImported(_ object: Securable) -> Bool {
    var outermost = object
    while let container = outermost.container { outermost = container }
    return outermost.type == "DATABASE"
      && world.object("DATABASE", outermost.name)?.notes["kind"] == "IMPORTED DATABASE"
  }

  /// In an imported database there is only IMPORTED PRIVILEGES on the database as a whole, elsewhere never.
  func requireImportedRule(_ privileges: [String], on object: Securable) throws(StatementFailure) {
    let imported = privileges.contains("IMPORTED PRIVILEGES")
    guard isImported(object) else {
      if imported { throw .invalidGrant("IMPORTED PRIVILEGES can only be granted on a database created from a share.") }
      return
    }
    guard imported, privileges.count == 1, object.type == "DATABASE" else {
      throw .invalidGrant(
        "Granting individual privileges on imported database is not allowed. Use 'GRANT IMPORTED PRIVILEGES' instead.")
    }
  }
}
