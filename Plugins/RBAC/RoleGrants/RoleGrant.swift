import SnowmakerSDK

/// A role granted to a role, a database role, a user or a share; a role of an application, to roles and applications.
///
/// Roles granted to roles are read from the SHOW GRANTS TO that privilege grants use too. Roles granted to users are read
/// with SHOW GRANTS OF ROLE or SHOW GRANTS TO USER, whichever takes fewer statements.
struct RoleGrant: ObjectType {
  let schema: TypeSchema = {
    let roleType = AttributeSchema(
      "role_type", .enumeration(RoleGrantForms.roleTypes),
      doc: "Whether it is a role of the account, of a database or of an application."
    ).required().forcesReplacement().defaults(to: "ROLE")
    let role = AttributeSchema("role", .objectReference(typeAttribute: "role_type"), doc: "The role that is granted.")
      .required().forcesReplacement().edge(.uses, onTargetDrop: .absorbed)
    let granteeType = AttributeSchema(
      "to_type", .enumeration(Grantees.types + ["APPLICATION ROLE"]), doc: "The grantee's type."
    ).required().forcesReplacement().defaults(to: "ROLE")
    let identity: [AttributeSchema] = [roleType, role, granteeType, .grantee]
    var schema = TypeSchema(
      "role_grant", plural: "role_grants", identity: identity.map { IdentityPart($0.name) },
      doc: """
        Roles for roles and users: `role` or `roles` (`database_role`, `database_roles`, `application_role`, \
        `application_roles`) to `to_role`, `to_roles`, `to_user`, `to_users`, `to_database_role`, `to_database_roles`, \
        `to_application`, `to_application_role` …, lists on either side; or `roles:` under a user.
        """, attributes: identity)
    schema.forms = [.plural("role_grants"), .nested(parent: "user", key: "roles", fills: "to")]
    schema.expands = true
    schema.mergesDuplicates = true
    schema.examples = [Examples.roleGrant]
    return schema
  }()

  func expand(_ written: WrittenResource, context: RequestContext) -> Expansion { RoleGrantForms.expand(written) }

  // MARK: - Reading

  func read(_ request: ReadRequest) throws(Diagnostic) -> ReadReply {
    let sources = Self.sources(request.wanted.map(\.identity), byRole: request.wantsAll)
    let reading = GrantReading(
      query: Self.query, subject: { $0.type == Self.ofRole ? SQLObject("ROLE", $0.name) : $0 },
      ofEveryRole: { [SQLObject("ROLE", $0), SQLObject(Self.ofRole, $0)] })
    return reading.read(request, grantees: sources) { answers in
      let names = Set(request.wanted.map(\.identity))
      var reply = ReadReply()
      var seen: Set<[String]> = []
      for (source, result) in answers.results {
        for identity in Self.identities(of: result, source) {
          guard request.wantsAll || names.contains(identity), seen.insert(identity).inserted else { continue }
          var observation = Observation(identity: identity)
          if !names.contains(identity), identity[0] == "ROLE", SystemRoles.names.contains(identity[1]),
            SystemRoles.names.contains(identity[3])
          {
            observation.foreign = "part of the hierarchy of system-defined roles"
          }
          reply.observed.append(observation)
        }
      }
      for (source, result) in answers.results where result.failure != nil || result.isCut {
        reply.miss(
          request.wanted.map(\.identity).filter { Self.isShown($0, by: source, asked: sources) }, seen: seen, result)
      }
      return reply.complete(for: request, schema)
    }
  }

  /// Whose grants to ask for: the grantees that are roles; for users, the roles granted to them (type `OF ROLE`) or the
  /// users, whichever are fewer.
  private static func sources(_ identities: [[String]], byRole: Bool) -> [SQLObject] {
    var sources: [SQLObject] = []
    var seen: Set<SQLObject> = []
    func add(_ object: SQLObject) { if seen.insert(object).inserted { sources.append(object) } }
    var users: Set<String> = []
    var roles: Set<String> = []
    for identity in identities {
      if identity[2] == "USER" {
        users.insert(identity[3])
        roles.insert(identity[1])
      } else {
        add(SQLObject(identity[2], identity[3]))
      }
    }
    if users.count < roles.count, !byRole {
      for user in users.sorted() { add(SQLObject("USER", user)) }
    } else {
      for role in roles.sorted() { add(SQLObject(ofRole, role)) }
    }
    return sources
  }

  private static let ofRole = "OF ROLE"

  private static func query(_ source: SQLObject) -> ReadQuery {
    source.type == ofRole
      ? ReadQuery("SHOW GRANTS OF ROLE \(source.name)", costClass: "SHOW GRANTS OF ROLE")
      : GrantReading.grantsTo(source)
  }

  private static func isShown(_ identity: [String], by source: SQLObject, asked: [SQLObject]) -> Bool {
    switch source.type {
    case ofRole: identity[2] == "USER" && identity[1] == source.name
    default: identity[2] == source.type && identity[3] == source.name
    }
  }

  private static func identities(of result: ReadResult, _ source: SQLObject) -> [[String]] {
    let rows = RowSet(result)
    switch source.type {
    case ofRole:
      return rows.rows.indices.compactMap { row in
        guard rows.text(row, "granted_to")?.uppercased() == "USER", let user = rows.text(row, "grantee_name") else {
          return nil
        }
        return ["ROLE", source.name, "USER", ShownNames.identifier(user)]
      }
    case "USER":
      return rows.rows.indices.compactMap { row in
        // Privileges of the user itself stand among the roles.
        guard let role = rows.text(row, "role") ?? Self.roleName(rows, row), !role.isEmpty else { return nil }
        return ["ROLE", ShownNames.identifier(role), "USER", source.name]
      }
    default:
      return GrantRow.rows(of: result).compactMap { row in
        guard row.privilege == "USAGE", RoleGrantForms.roleTypes.contains(row.onType) else { return nil }
        var name = ShownNames.canonical(row.name, type: row.onType)
        // A database role of the grantee's own database is printed without it.
        if row.onType == "DATABASE ROLE", ShownNames.parts(row.name).count == 1,
          let database = GrantReading.database(of: source.name)
        {
          name = "\(database).\(name)"
        }
        return [row.onType, name, source.type, source.name]
      }
    }
  }

  /// The role of a row that names it as what USAGE is granted on.
  private static func roleName(_ rows: RowSet, _ row: Int) -> String? {
    rows.text(row, "privilege") == "USAGE" && rows.text(row, "granted_on") == "ROLE" ? rows.text(row, "name") : nil
  }

  // MARK: - Planning

  /// Who may grant the role; one of an application, whoever owns the application.
  private static func authorities(_ role: SQLObject) -> [Authority] {
    guard role.type == "APPLICATION ROLE" else { return [.grantingRole(role)] }
    let application = (try? QualifiedName(parsing: role.name))?.container?.sql ?? role.name
    return [.ownership(SQLObject("APPLICATION", application)), .privilege("MANAGE GRANTS", .account)]
  }

  func plan(_ item: PlanItem, request: PlanRequest) throws(Diagnostic) -> Change {
    let role = SQLObject(item.identity[0], item.identity[1])
    let grantee = SQLObject(item.identity[2], item.identity[3])
    let grant = SQLText("GRANT \(role.description) TO \(grantee.description)")
    let revoke = SQLText("REVOKE \(role.description) FROM \(grantee.description)")
    if item.declared == nil {
      return Change(
        .drop,
        statements: [
          Statement(
            revoke, authorities: Self.authorities(role), undo: grant, effects: [.roleRevoked(role, from: grantee)])
        ])
    }
    if item.observed != nil { return Change(.none) }
    return Change(
      .create,
      statements: [
        Statement(grant, authorities: Self.authorities(role), undo: revoke, effects: [.roleGranted(role, to: grantee)])
      ])
  }
}
