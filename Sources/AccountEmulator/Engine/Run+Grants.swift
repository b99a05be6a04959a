import AccountModel
import SnowmakerModel

extension StatementRun {
  // MARK: Privileges

  func privileges(_ statement: PrivilegeStatement) throws(StatementFailure) -> StatementResult {
    let grantee = try roleReference(statement.grantee)
    if statement.isInherited { return try inherited(statement, grantee) }
    if grantee.kind == .share { return try shareGrant(statement, grantee) }
    try requireGrantable(statement.isGrant ? statement.privileges : [], to: grantee)
    switch statement.target {
    case .future(let type, let scope): return try future(statement, type, scope, grantee)
    case .account:
      try change(statement, [.account], names: statement.privileges, grantee)
    case .object(let type, let name):
      let object = try securable(type, name)
      try requireSameDatabase(object, grantee)
      try requireImportedRule(statement.privileges, on: object)
      let known = type == GrantTarget.tableOrView ? object.type : type
      try change(statement, [object], names: try checked(statement.privileges, on: known), grantee)
    case .all(let type, let scope):
      let objects = try self.objects(of: type, in: scope)
      try change(statement, objects, names: try checked(statement.privileges, on: type), grantee, skipsDenied: true)
      return Self.status("Statement executed successfully. \(objects.count) objects affected.")
    }
    return Self.done
  }

  /// What creates something is granted to roles only: who creates it owns it, and users own nothing.
  ///
  /// Source: the privileges on <https://docs.snowflake.com/en/sql-reference/sql/grant-privilege-user>; code and text are
  /// assumed.
  private func requireGrantable(_ privileges: [String], to grantee: RoleReference) throws(StatementFailure) {
    guard grantee.kind == .user, let refused = privileges.first(where: { $0.hasPrefix("CREATE ") }) else { return }
    throw .invalidGrant("Privilege '\(refused)' cannot be granted to a user.")
  }

  private func change(
    _ statement: PrivilegeStatement, _ objects: [Securable], names: [String], _ grantee: RoleReference,
    skipsDenied: Bool = false
  ) throws(StatementFailure) {
    var grants: [PrivilegeGrant] = []
    var revokes: [PrivilegeGrant] = []
    var denied: [String] = []
    for object in objects {
      let all = names.isEmpty
      for privilege in try all ? allPrivileges(on: object) : names {
        if all, grantee.kind == .user, privilege.hasPrefix("CREATE ") { continue }
        let delegates = privilege == "MANAGE GRANTS" && object != .account
        guard delegates ? canDelegate(on: object) : account.canGrant(held, privilege, on: object) else {
          if !all, !skipsDenied { throw self.denied(object) }
          if !denied.contains(privilege) { denied.append(privilege) }
          continue
        }
        if statement.isGrant {
          grants.append(
            PrivilegeGrant(
              privilege: privilege == "IMPORTED PRIVILEGES" ? "USAGE" : privilege, on: object, to: grantee,
              withGrantOption: statement.withGrantOption,
              grantedBy: account.grantor(held, privilege, on: object), createdOn: world.now()))
        } else {
          revokes += try self.revokes(
            privilege == "IMPORTED PRIVILEGES" ? "USAGE" : privilege, on: object, from: grantee, statement)
        }
      }
    }
    if !denied.isEmpty, grants.isEmpty, revokes.isEmpty, let object = objects.first { throw self.denied(object) }
    try requireStageOrder(granting: grants, revoking: statement.grantOptionOnly ? [] : revokes)
    for grant in grants { world.grant(grant) }
    for grant in revokes { world.revoke(grant, optionOnly: statement.grantOptionOnly && grant.to == grantee) }
    if !denied.isEmpty {
      failureAfterwards = .partialGrant(
        "privileges [\(denied.joined(separator: ", "))] not \(statement.isGrant ? "granted" : "revoked").")
    }
  }

  /// What a REVOKE takes: the grant, and with CASCADE what others received through its grant option.
  private func revokes(
    _ privilege: String, on object: Securable, from role: RoleReference, _ statement: PrivilegeStatement
  ) throws(StatementFailure) -> [PrivilegeGrant] {
    let everyGrantor = account.owns(held, object) || account.managesGrants(held)
    let matching = account.grants(on: object).filter { grant in
      grant.to == role && grant.privilege == privilege
        && (everyGrantor || grant.grantedBy.map(held.contains) ?? false)
    }
    var result = matching
    var open = matching.filter(\.withGrantOption).map(\.to)
    var seen: Set<RoleReference> = [role]
    while let grantor = open.popLast() {
      let dependent = account.grants(givenBy: grantor, privilege, on: object)
      if let first = dependent.first, !statement.cascade {
        throw .dependent(
          "Dependent grant of privilege '\(privilege)' on securable '\(object.name)' to role '\(first.to.name)' exists. "
            + "It must be revoked first, or use CASCADE.")
      }
      result += dependent
      for grant in dependent where seen.insert(grant.to).inserted { open.append(grant.to) }
    }
    return result
  }

  /// The privileges of a statement. Throws 003042 for one that does not exist on the type.
  func checked(_ names: [String], on type: String) throws(StatementFailure) -> [String] {
    guard let known = registry.privileges(on: type) else { return names }
    for name in names where !known.contains(name) {
      throw .invalidGrant("Invalid privilege '\(name)' for object type '\(type)'.")
    }
    return names
  }

  private func allPrivileges(on object: Securable) throws(StatementFailure) -> [String] {
    if object == .account { return GlobalPrivileges.all }
    return (registry.privileges(on: object.type) ?? []).filter { !Self.notInAll.contains($0) }
  }

  /// What ALL PRIVILEGES leaves out.
  static let notInAll: Set<String> = ["IMPORTED PRIVILEGES", "MANAGE GRANTS", "OWNERSHIP", "REFERENCE_USAGE"]

  /// The object a grant names. Throws 002003 when it is not there or not to be seen.
  func securable(_ type: String, _ name: ObjectName) throws(StatementFailure) -> Securable {
    if let kind = registry.kind(type) {
      return Securable(type: type, name: try find(kind, name, for: "GRANT").name)
    }
    if type == GrantTarget.tableOrView, let table = registry.kind("TABLE") {
      for kind in registry.sharingNames(with: table) {
        let full = try resolve(name, level: .schema, for: "GRANT")
        if world.exists(kind.sqlName, full) { return try securable(kind.sqlName, name) }
      }
      return try securable("TABLE", name)
    }
    // `INTEGRATION` stands for all kinds of integrations.
    for kind in registry.all where kind.sqlName.hasSuffix(" " + type) {
      if let object = try? find(kind, name, for: "GRANT") { return Securable(type: kind.sqlName, name: object.name) }
    }
    throw .missing(type.prefix(1) + type.dropFirst().lowercased(), name.sql)
  }

  func requireSameDatabase(_ object: Securable, _ grantee: RoleReference) throws(StatementFailure) {
    guard grantee.kind == .database else { return }
    var database = object
    while let container = database.container { database = container }
    guard database.type == "DATABASE", database == grantee.securable.container else {
      throw .invalidGrant("Database role '\(grantee.name)' can only hold privileges in its own database.")
    }
  }

  /// The objects of a type in a scope.
  func objects(of type: String, in scope: Scope) throws(StatementFailure) -> [Securable] {
    let containers = try self.containers(scope)
    guard let kind = registry.kind(type) else { return [] }
    guard let containers else { throw .unsupported("grants on all objects IN ACCOUNT") }
    var names: [String] = []
    if containers.type == "SCHEMA" {
      names = world.objects(kind.sqlName, in: containers.name).map(\.name)
    } else if kind.level == .database {
      names = world.objects(kind.sqlName, in: containers.name).map(\.name)
    } else {
      for schema in world.objects("SCHEMA", in: containers.name) where schema.plainName != "INFORMATION_SCHEMA" {
        names += world.objects(kind.sqlName, in: schema.name).map(\.name)
      }
    }
    return names.sorted().filter { !$0.hasSuffix(".INFORMATION_SCHEMA") }.map { Securable(type: type, name: $0) }
  }

  /// The database or schema of a scope; nil for the account.
  func containers(_ scope: Scope) throws(StatementFailure) -> Securable? {
    switch scope {
    case .account: return nil
    case .database(let name): return .database(try grantDatabase(name))
    case .schema(let name): return .schema(try grantSchema(name))
    case .unnamed(let name): return .schema(try grantSchema(name))
    }
  }

  private func grantDatabase(_ name: ObjectName?) throws(StatementFailure) -> String {
    do throws(StatementFailure) { return try database(name) } catch {
      throw error.code == "002043" ? .missing("Database", name?.sql ?? "") : error
    }
  }

  private func grantSchema(_ name: ObjectName?) throws(StatementFailure) -> String {
    do throws(StatementFailure) { return try schema(name) } catch {
      throw error.code == "002043" ? .missing("Schema", name?.sql ?? "") : error
    }
  }

  // MARK: Future grants

  private func future(
    _ statement: PrivilegeStatement, _ type: String, _ scope: Scope, _ grantee: RoleReference
  ) throws(StatementFailure) -> StatementResult {
    guard let container = try containers(scope) else { throw .unsupported("future grants IN ACCOUNT") }
    if type == "SCHEMA", container.type == "SCHEMA" {
      throw .invalidGrant("Future grants on SCHEMAS need a database.")
    }
    try requireSameDatabase(container, grantee)
    let names = statement.privileges.isEmpty ? registry.privileges(on: type) ?? [] : statement.privileges
    if grantee.kind == .user { throw .unsupported("future grants for users") }
    for name in try checked(names.filter { $0 != "OWNERSHIP" }, on: type) + names.filter({ $0 == "OWNERSHIP" }) {
      try requireFutureAuthority(container)
      let grant = FutureGrant(
        privilege: name, objectType: type, scope: container, to: grantee, withGrantOption: statement.withGrantOption,
        grantedBy: role, createdOn: world.now())
      if statement.isGrant { world.grantFuture(grant) } else { world.revokeFuture(grant) }
    }
    return Self.done
  }

  /// MANAGE GRANTS, or in a schema with managed access its owner.
  private func requireFutureAuthority(_ container: Securable) throws(StatementFailure) {
    if account.managesGrants(held, on: container) { return }
    let managed = container.type == "SCHEMA" && account.hasManagedAccess(schema: container.name)
    if managed, account.owns(held, container) { return }
    throw denied(container)
  }

  func revokeFutureOwnership(_ statement: PrivilegeStatement) throws(StatementFailure) -> StatementResult {
    guard case .future = statement.target else {
      throw .invalidGrant("OWNERSHIP cannot be revoked; transfer it with GRANT OWNERSHIP.")
    }
    return try privileges(statement)
  }

  // MARK: Ownership

  func transfer(
    _ target: GrantTarget, _ grantee: Grantee, _ current: CurrentGrants
  ) throws(StatementFailure) -> StatementResult {
    let heir = try roleReference(grantee)
    guard heir.kind == .account || heir.kind == .database else {
      throw .invalidGrant("A \(heir.typeName.lowercased()) cannot own anything.")
    }
    switch target {
    case .account: throw .invalidGrant("The account has no owner to transfer.")
    case .future:
      return try privileges(
        PrivilegeStatement(isGrant: true, privileges: ["OWNERSHIP"], target: target, grantee: grantee))
    case .object(let type, let name):
      let object = try securable(type, name)
      try requireSameDatabase(object, heir)
      try requireTransfer(object, current, heir)
      hand(object, to: heir, current)
      return Self.done
    case .all(let type, let scope):
      if type == "PIPE" { throw .invalidGrant("Bulk grants of ownership on pipes are not allowed.") }
      let objects = try objects(of: type, in: scope)
      for object in objects { try requireTransfer(object, current, heir) }
      for object in objects { hand(object, to: heir, current) }
      return Self.status("Statement executed successfully. \(objects.count) objects affected.")
    }
  }

  private func requireTransfer(
    _ object: Securable, _ current: CurrentGrants, _ heir: RoleReference
  ) throws(StatementFailure) {
    let managed = object.container.map { $0.type == "SCHEMA" && account.hasManagedAccess(schema: $0.name) } ?? false
    // In a schema with managed access its owner decides, not the object's.
    let mayOwn = managed ? object.container.map { account.owns(held, $0) } ?? false : account.owns(held, object)
    guard mayOwn || account.managesGrants(held, on: object) else { throw denied(object) }
    if isImported(object), object.type != "DATABASE" { throw denied(object) }
    try requirePaused(object, heir)
    if object.type == "ROLE", Account.isSystemRole(.account(object.name)) { throw denied(object) }
    if let owner = account.owner(of: object), owner == heir { return }
    if current == .refuse, let grant = account.grants(on: object).min(by: { $0.to < $1.to }) {
      throw StatementFailure(
        code: "003036", sqlState: "42501",
        message:
          "SQL execution error:\nDependent grant of privilege '\(grant.privilege)' on securable '\(object.name)' "
          + "to role '\(grant.to.name)' exists. It must be revoked first. More than one dependent grant may exist: use "
          + "'SHOW GRANTS' command to view them. To revoke all dependent grants while transferring object ownership, use "
          + "convenience command 'GRANT OWNERSHIP ON <target_objects> TO <target_role> REVOKE CURRENT GRANTS'.")
    }
  }

  /// A pipe changes hands only while it is paused.
  ///
  /// Source: <https://docs.snowflake.com/en/user-guide/data-load-snowpipe-manage>; the code is assumed.
  private func requirePaused(_ object: Securable, _ heir: RoleReference) throws(StatementFailure) {
    guard object.type == "PIPE", account.owner(of: object) != heir, let kind = registry.kind("PIPE"),
      let pipe = world.object("PIPE", object.name)
    else { return }
    guard effectiveParameter("PIPE_EXECUTION_PAUSED", of: pipe, kind).value.lowercased() == "true" else {
      throw StatementFailure(
        code: "003036", sqlState: "42501",
        message: "SQL execution error:\nOwnership of pipe '\(shown(object.name))' can only be transferred while it is "
          + "paused: ALTER PIPE … SET PIPE_EXECUTION_PAUSED = TRUE.")
    }
  }

  private func hand(_ object: Securable, to heir: RoleReference, _ current: CurrentGrants) {
    let before = account.owner(of: object)
    guard before != heir else { return }
    for grant in account.grants(on: object) {
      switch current {
      case .revoke: world.revoke(grant)
      case .copy where grant.grantedBy == before:
        // Copied grants come from the new owner.
        world.revoke(grant)
        var copy = grant
        copy.grantedBy = heir
        world.grant(copy)
      case .copy, .refuse: break
      }
    }
    world.setOwner(heir, of: object)
    // Tasks stop when they change hands; pipes then need SYSTEM$PIPE_FORCE_RESUME.
    guard object.type == "TASK" || object.type == "PIPE", var changed = world.object(object.type, object.name) else {
      return
    }
    if object.type == "TASK" { changed.notes["state"] = "SUSPENDED" } else { changed.notes["transferred"] = true }
    world.put(changed)
  }

  // MARK: Role grants

  func grantRoles(_ roles: [Grantee], to grantee: Grantee) throws(StatementFailure) -> StatementResult {
    let references = try self.references(roles)
    switch grantee {
    case .user(let name):
      let user = try requireUser(name)
      for role in references where role.kind == .database {
        throw .invalidGrant("Database role '\(role.name)' cannot be granted to a user.")
      }
      for role in references { world.grantRole(role, toUser: user, by: self.role) }
    default:
      let parent = try roleReference(grantee)
      for role in references {
        if parent.kind == .share {
          guard role.kind == .database else { throw .invalidGrant("Only database roles can be granted to a share.") }
        }
        if parent.kind == .database {
          guard role.kind == .database, role.securable.container == parent.securable.container else {
            throw .invalidGrant("Only database roles of the same database can be granted to '\(parent.name)'.")
          }
        }
        if account.wouldCycle(role, toRole: parent) {
          throw .invalidGrant(
            "Role '\(shown(role.name))' cannot be granted to role '\(shown(parent.name))': this would close a circle.")
        }
        world.grantRole(role, toRole: parent, by: self.role)
      }
    }
    return Self.done
  }

  func revokeRoles(_ roles: [Grantee], from grantee: Grantee) throws(StatementFailure) -> StatementResult {
    let references = try self.references(roles)
    if case .user(let name) = grantee {
      let user = try requireUser(name)
      for role in references { world.revokeRole(role, fromUser: user, fromRole: nil) }
    } else {
      let parent = try roleReference(grantee)
      for role in references {
        if Account.isSystemRole(role), Account.isSystemRole(parent), role != .everyone { throw denied(role.securable) }
        world.revokeRole(role, fromUser: nil, fromRole: parent)
      }
    }
    return Self.done
  }

  /// The roles that are to be granted or revoked. Throws unless all exist and the session may grant them.
  private func references(_ roles: [Grantee]) throws(StatementFailure) -> [RoleReference] {
    var references: [RoleReference] = []
    for grantee in roles {
      let role = try roleReference(grantee)
      guard account.canGrantRole(role, as: held) else { throw denied(role.securable) }
      references.append(role)
    }
    return references
  }
}
