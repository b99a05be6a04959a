import AccountModel
import SnowmakerModel

/// GRANT and REVOKE INHERITED: one grant on the account, a database or a schema that reaches everything of a type in it.
///
/// Source: <https://docs.snowflake.com/en/user-guide/inherited-grants-using>. An account has to opt in to the preview
/// (FEATURE_RBAC_INHERITED_GRANTS); here it counts as opted in as soon as it is used.
extension StatementRun {
  func inherited(
    _ statement: PrivilegeStatement, _ grantee: RoleReference
  ) throws(StatementFailure) -> StatementResult {
    guard case .all(let type, let scope) = statement.target else { throw .invalidGrant("INHERITED takes ON ALL.") }
    guard grantee.kind == .account || grantee.kind == .database else {
      throw .invalidGrant("Inherited grants cannot be given to a \(grantee.typeName.lowercased()).")
    }
    let container = try containers(scope) ?? .account
    try requireSameDatabase(container, grantee)
    try requireLevel(type, in: container)
    guard account.managesGrants(held, on: container) else { throw denied(container) }
    let all = (registry.privileges(on: type) ?? []).filter { !Self.notInAll.contains($0) }
    for name in statement.privileges.isEmpty ? all : try checked(statement.privileges, on: type) {
      let grant = InheritedGrant(
        privilege: name, objectType: type, scope: container, to: grantee, grantedBy: role, createdOn: world.now())
      if statement.isGrant { world.grantInherited(grant) } else { world.revokeInherited(grant) }
    }
    return Self.done
  }

  /// A type must lie deeper than the scope: no warehouses in a database, no schemas in a schema.
  private func requireLevel(_ type: String, in container: Securable) throws(StatementFailure) {
    let fits =
      switch level(of: type) {
      case .account: container == .account
      case .database: container.type != "SCHEMA"
      case .schema: true
      }
    guard fits else {
      throw .invalidGrant("Object type '\(type)' does not lie in a \(container.type.lowercased()).")
    }
  }

  /// Whether SHOW GRANTS tells what is inherited: the account opted in, or there is an inherited grant.
  var tellsInherited: Bool {
    accountParameter("FEATURE_RBAC_INHERITED_GRANTS")?.uppercased() == "ENABLED" || !account.inheritedGrants.isEmpty
  }

  /// MANAGE GRANTS on a database or schema is given by who has it on the account, or on that container with grant option.
  ///
  /// Source: <https://docs.snowflake.com/en/user-guide/container-manage-grants-using>.
  func canDelegate(on container: Securable) -> Bool {
    if account.managesGrants(held) { return true }
    var scope: Securable? = container
    while let current = scope {
      let given = account.grants(on: current)
      if given.contains(where: { $0.privilege == "MANAGE GRANTS" && $0.withGrantOption && held.contains($0.to) }) {
        return true
      }
      scope = current.container
    }
    return false
  }
}
