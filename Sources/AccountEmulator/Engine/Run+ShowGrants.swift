import AccountModel
import SnowmakerModel

extension StatementRun {
  private static let privilegeColumns = columns(
    "created_on", "privilege", "granted_on", "name", "granted_to", "grantee_name", "grant_option", "granted_by")
  private static let inheritedColumns = columns(
    "is_inherited", "inherited_from", "inherited_from_database", "inherited_from_schema")
  private static let shareColumns = columns("created_on", "share", "granted_to", "grantee_name", "granted_by")
  private static let roleColumns = columns("created_on", "role", "granted_to", "grantee_name", "granted_by")
  private static let userColumns = columns(
    "created_on", "privilege", "granted_on", "name", "role", "granted_to", "grantee_name", "grant_option", "granted_by")
  private static let futureColumns = columns(
    "created_on", "privilege", "grant_on", "name", "grant_to", "grantee_name", "grant_option")

  private static func columns(_ names: String...) -> [ResultColumn] {
    names.map { ResultColumn(name: $0, type: $0 == "created_on" ? .timestamp_ltz : .text) }
  }

  func showGrants(_ question: GrantsQuestion) throws(StatementFailure) -> StatementResult {
    switch question {
    case .own: return userGrants(context.user)
    case .toRole(.user(let name)): return userGrants(try requireUser(name))
    case .toRole(let grantee):
      let role = try roleReference(grantee)
      return privilegeResult(grants(to: role), inherited: account.inheritedGrants(to: role).map(inheritedRow))
    case .throughRoles(.user(let name)):
      let user = try requireUser(name)
      let direct = account.roles(grantedToUser: user)
      let rows = direct.map { role, grant -> [String?] in
        [
          Self.timestamp(grant.createdOn), "USAGE", Self.underscored(role.securable.type), grantName(role.securable),
          "USER", shown(user), "false", grantor(grant.grantedBy),
        ]
      }
      var roles: Set<RoleReference> = [.everyone]
      for role in direct.keys { roles.formUnion(account.rolesHeld(by: role)) }
      return hierarchy(of: roles, rows + account.grants(to: RoleReference(kind: .user, name: user)).map(row))
    case .throughRoles(let grantee): return hierarchy(of: account.rolesHeld(by: try roleReference(grantee)), [])
    case .futureThroughRoles(let grantee):
      return futureResult(account.rolesHeld(by: try roleReference(grantee)).flatMap { account.futureGrants(to: $0) })
    case .ofRole(.share(let name)): return accounts(of: try roleReference(.share(name)))
    case .ofRole(let grantee): return holders(of: try roleReference(grantee))
    case .onAccount: return privilegeResult(account.grants(on: .account).map(row))
    case .on(let type, let name):
      let object = try securable(type, name)
      return privilegeResult(
        grants(on: object),
        inherited: account.inheritedGrants(on: object).map { inheritedRow($0, on: object) })
    case .inheritedTo(let grantee):
      return privilegeResult([], inherited: account.inheritedGrants(to: try roleReference(grantee)).map(inheritedRow))
    case .inheritedIn(let scope):
      let container: Securable
      switch scope {
      case .account: container = .account
      case .database(let name): container = .database(try database(name))
      case .schema(let name): container = .schema(try schema(name))
      case .unnamed(let name): container = .schema(try schema(name))
      }
      return privilegeResult([], inherited: account.inheritedGrants(in: container).map(inheritedRow))
    case .futureTo(let grantee): return futureResult(account.futureGrants(to: try roleReference(grantee)))
    case .futureIn(let scope):
      switch scope {
      case .database(let name): return futureResult(account.futureGrants(in: .database(try database(name))))
      case .schema(let name): return futureResult(account.futureGrants(in: .schema(try schema(name))))
      case .unnamed(let name): return futureResult(account.futureGrants(in: .schema(try schema(name))))
      case .account: throw .unsupported("SHOW FUTURE GRANTS IN ACCOUNT")
      }
    }
  }

  /// INCLUDE HIERARCHY: what each of the roles holds, under its own name.
  ///
  /// Source: <https://docs.snowflake.com/en/release-notes/2026/other/2026-11-16-show-grants-include-hierarchy>; the
  /// columns for users are assumed.
  private func hierarchy(of roles: Set<RoleReference>, _ rows: [[String?]]) -> StatementResult {
    privilegeResult(
      rows + roles.flatMap(grants(to:)), inherited: roles.flatMap { account.inheritedGrants(to: $0).map(inheritedRow) })
  }

  // MARK: Rows

  private func row(_ grant: PrivilegeGrant) -> [String?] {
    [
      Self.timestamp(grant.createdOn), grant.privilege, Self.underscored(grant.on.type), grantName(grant.on),
      grantedTo(grant.to), granteeName(grant.to), grant.withGrantOption ? "true" : "false", grantor(grant.grantedBy),
    ]
  }

  /// An inherited grant with what it comes from; of an object when one is given, else of the type in its scope.
  private func inheritedRow(_ grant: InheritedGrant) -> [String?] { inheritedRow(grant, on: nil) }

  private func inheritedRow(_ grant: InheritedGrant, on object: Securable?) -> [String?] {
    let scope = grant.scope == .account ? world.settings.name : grant.scope.name
    let parts =
      grant.scope == .account ? [] : ((try? QualifiedName(parsing: grant.scope.name))?.parts ?? []).map(\.name)
    let type = Self.underscored(grant.objectType)
    return [
      Self.timestamp(grant.createdOn), grant.privilege, type, object?.name ?? "\(scope).<\(type)>",
      grantedTo(grant.to), granteeName(grant.to), "false", grantor(grant.grantedBy), "true", grant.scope.type,
      parts.first, parts.count > 1 ? parts[1] : nil,
    ]
  }

  /// The accounts a share was given to.
  private func accounts(of share: RoleReference) -> StatementResult {
    let object = world.object("SHARE", share.name)
    let rows = (object?.attributes["accounts"]?.strings ?? []).map { name -> [String?] in
      [
        Self.timestamp(object?.createdOn ?? 0), shown(share.name), "ACCOUNT", name,
        grantor(account.owner(of: share.securable)),
      ]
    }
    return Self.sorted(Self.shareColumns, rows, by: [3])
  }

  private func ownership(_ object: Securable, _ owner: RoleReference) -> [String?] {
    let created = world.object(object.type, object.name)?.createdOn ?? 0
    return row(
      PrivilegeGrant(
        privilege: "OWNERSHIP", on: object, to: owner, withGrantOption: true, grantedBy: owner, createdOn: created))
  }

  private func grants(to role: RoleReference) -> [[String?]] {
    account.grants(to: role).map(row) + account.objects(ownedBy: role).map { ownership($0, role) }
      + account.roles(grantedTo: role).map { child, grant in
        row(
          PrivilegeGrant(
            privilege: "USAGE", on: child.securable, to: role, grantedBy: grant.grantedBy, createdOn: grant.createdOn))
      }
  }

  private func grants(on object: Securable) -> [[String?]] {
    var rows = account.grants(on: object).map(row)
    if let owner = account.owner(of: object) { rows.append(ownership(object, owner)) }
    if object.type == "ROLE" || object.type == "DATABASE ROLE" {
      let role = RoleReference(kind: object.type == "ROLE" ? .account : .database, name: object.name)
      for parent in account.roles(having: role) {
        guard let grant = account.roles(grantedTo: parent)[role] else { continue }
        rows.append(
          row(
            PrivilegeGrant(
              privilege: "USAGE", on: object, to: parent, grantedBy: grant.grantedBy, createdOn: grant.createdOn)))
      }
    }
    return rows
  }

  /// The roles of a user, and the privileges that it was given itself.
  ///
  /// Source: <https://docs.snowflake.com/en/release-notes/bcr-bundles/2025_01/bcr-1803>; what stands in the new columns of
  /// a role, and in the column `role` of a privilege, is assumed.
  private func userGrants(_ user: String) -> StatementResult {
    let roles = account.roles(grantedToUser: user).map { role, grant -> [String?] in
      [
        Self.timestamp(grant.createdOn), "USAGE", "ROLE", granteeName(role), granteeName(role), "USER", shown(user),
        "false", grantor(grant.grantedBy),
      ]
    }
    let privileges = account.grants(to: .user(user)).map { grant -> [String?] in
      var cells = row(grant)
      cells.insert(nil, at: 4)
      return cells
    }
    return Self.sorted(Self.userColumns, roles + privileges, by: [2, 3, 1, 4])
  }

  private func holders(of role: RoleReference) -> StatementResult {
    var rows: [[String?]] = []
    for parent in account.roles(having: role) {
      guard let grant = account.roles(grantedTo: parent)[role] else { continue }
      rows.append([
        Self.timestamp(grant.createdOn), granteeName(role), grantedTo(parent), granteeName(parent),
        grantor(grant.grantedBy),
      ])
    }
    for user in account.users(having: role) {
      guard let grant = account.roles(grantedToUser: user)[role] else { continue }
      rows.append([
        Self.timestamp(grant.createdOn), granteeName(role), "USER", shown(user), grantor(grant.grantedBy),
      ])
    }
    return Self.sorted(Self.roleColumns, rows, by: [2, 3])
  }

  /// What is inherited is told, in four columns more, once the account uses inherited grants.
  private func privilegeResult(_ rows: [[String?]], inherited: [[String?]] = []) -> StatementResult {
    guard tellsInherited else { return Self.sorted(Self.privilegeColumns, rows, by: [2, 3, 1, 4, 5]) }
    return Self.sorted(
      Self.privilegeColumns + Self.inheritedColumns, rows.map { $0 + ["false", nil, nil, nil] } + inherited,
      by: [2, 3, 1, 4, 5])
  }

  private func futureResult(_ grants: [FutureGrant]) -> StatementResult {
    let rows = grants.map { grant -> [String?] in
      [
        Self.timestamp(grant.createdOn), grant.privilege, Self.underscored(grant.objectType),
        "\(grant.scope.name).<\(Self.underscored(grant.objectType))>", grantedTo(grant.to), granteeName(grant.to),
        grant.withGrantOption ? "true" : "false",
      ]
    }
    return Self.sorted(Self.futureColumns, rows, by: [3, 1, 4, 5])
  }

  private static func sorted(_ columns: [ResultColumn], _ rows: [[String?]], by keys: [Int]) -> StatementResult {
    let ordered = rows.sorted { left, right in
      for key in keys where left[key] != right[key] { return left[key] ?? "" < right[key] ?? "" }
      return false
    }
    return StatementResult(columns: columns, rows: ordered, statementTypeID: 0x4400)
  }

  // MARK: Spelling

  private static func underscored(_ type: String) -> String {
    String(type.map { $0 == " " ? "_" : $0 })
  }
  private func grantName(_ object: Securable) -> String { object == .account ? world.settings.name : object.name }
  private func grantedTo(_ role: RoleReference) -> String { Self.underscored(role.typeName) }
  /// Account roles by their plain name, database roles by their full one.
  private func granteeName(_ role: RoleReference) -> String {
    role.kind == .database ? role.name : shown(role.name)
  }
  /// Nothing for the system, and for roles that are gone.
  private func grantor(_ role: RoleReference?) -> String {
    guard let role, account.exists(role) else { return "" }
    return granteeName(role)
  }
}
