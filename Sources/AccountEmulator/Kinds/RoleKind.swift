import AccountModel
import SnowmakerModel

extension BuiltInKinds {
  static let roleSchema: TypeSchema = {
    var schema = TypeSchema("role", plural: "roles", sqlName: "ROLE", identity: [.name], attributes: [comment])
    schema.emulation = Emulation(
      showColumns: facts(
        "created_on name is_default is_current is_inherited assigned_to_users granted_to_roles granted_roles owner")
        + [EmulatedColumn("comment", .attribute("comment"))])
    return schema
  }()

  static let databaseRoleSchema: TypeSchema = {
    var schema = TypeSchema(
      "database_role", plural: "database_roles", sqlName: "DATABASE ROLE", identity: [.database, .name],
      attributes: [comment])
    schema.emulation = Emulation(
      showColumns: facts(
        "created_on name is_default is_current is_inherited granted_to_roles granted_to_database_roles "
          + "granted_database_roles owner") + [EmulatedColumn("comment", .attribute("comment"))]
        + facts("owner_role_type"))
    return schema
  }()
}

/// Roles of the account.
struct RoleBehavior: KindBehavior {
  var numericFacts: Set<String> { ["assigned_to_users", "granted_to_roles", "granted_roles"] }

  func fact(_ name: String, of object: StoredObject, in run: StatementRun) -> String?? {
    let role = RoleReference.account(object.name)
    switch name {
    case "is_default":
      return run.world.object("USER", run.context.user)?.text("default_role")?.uppercased() == object.name ? "Y" : "N"
    case "is_current": return run.session.current.role == object.name ? "Y" : "N"
    case "is_inherited": return run.role != role && run.account.rolesHeld(by: run.role).contains(role) ? "Y" : "N"
    case "assigned_to_users": return String(run.account.users(having: role).count)
    case "granted_to_roles": return String(run.account.roles(having: role).count)
    case "granted_roles": return String(run.account.roles(grantedTo: role).count)
    default: return nil
    }
  }

  func willDrop(_ object: StoredObject, restrict: Bool, in run: StatementRun) throws(StatementFailure) {
    if Account.isSystemRole(.account(object.name)) { throw run.denied(RoleReference.account(object.name).securable) }
  }
}

/// Roles of a database; each may use its database.
struct DatabaseRoleBehavior: KindBehavior {
  var numericFacts: Set<String> { ["granted_to_roles", "granted_to_database_roles", "granted_database_roles"] }

  func fact(_ name: String, of object: StoredObject, in run: StatementRun) -> String?? {
    let role = RoleReference.database(object.name)
    switch name {
    case "is_inherited": return run.held.contains(role) ? "Y" : "N"
    case "granted_to_roles": return String(run.account.roles(having: role).count { $0.kind == .account })
    case "granted_to_database_roles": return String(run.account.roles(having: role).count { $0.kind == .database })
    case "granted_database_roles": return String(run.account.roles(grantedTo: role).count)
    default: return nil
    }
  }

  func created(_ object: StoredObject, in run: StatementRun) {
    guard let database = RoleReference.database(object.name).securable.container else { return }
    run.world.grant(
      PrivilegeGrant(
        privilege: "USAGE", on: database, to: .database(object.name), grantedBy: run.account.owner(of: database),
        createdOn: object.createdOn))
  }
}
