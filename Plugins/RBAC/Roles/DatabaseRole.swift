import SnowmakerSDK

/// A role that lives in a database.
struct DatabaseRole: ObjectType {
  let schema: TypeSchema = {
    var schema = TypeSchema(
      "database_role", plural: "database_roles", sqlName: "DATABASE ROLE", identity: [.database, .name],
      doc: "A role of one database, for privileges on that database and on what is in it.",
      attributes: [
        .databaseName, .objectName, .comment, .owner, .transferOwnedTo, .unreadTags,
      ])
    schema.forms = [
      .plural("database_roles"), .nested(parent: "database", key: "database_roles", fills: "database"),
    ]
    schema.createPrivilege = "CREATE DATABASE ROLE"
    schema.reads = [
      ReadGroup(
        "show", GrantReading.Lists.databaseRoles(of: "{name}"), per: .database, shape: .rows,
        costClass: "SHOW DATABASE ROLES")
    ]
    schema.emulation = Emulation(showColumns: [
      EmulatedColumn("created_on", .fact("created_on")), EmulatedColumn("name", .fact("name")),
      EmulatedColumn("is_default", .constant("N")), EmulatedColumn("is_current", .constant("N")),
      EmulatedColumn("is_inherited", .constant("N")), EmulatedColumn("granted_to_roles", .constant("0")),
      EmulatedColumn("granted_to_database_roles", .constant("0")),
      EmulatedColumn("granted_database_roles", .constant("0")), EmulatedColumn("owner", .fact("owner")),
      EmulatedColumn("comment", .attribute("comment")), EmulatedColumn("owner_role_type", .fact("owner_role_type")),
    ])
    return schema
  }()

  func read(_ request: ReadRequest) throws(Diagnostic) -> ReadReply {
    try OwnedObjects.read(request, type: "DATABASE ROLE") { request in list(request) }
  }

  /// SHOW DATABASE ROLES names no database in its rows: which one they are of is known from the statement.
  private func list(_ request: ReadRequest) -> ReadReply {
    if request.round == 0 {
      var databases: [String] = []
      for wanted in request.wanted where !databases.contains(wanted.identity[0]) {
        databases.append(wanted.identity[0])
      }
      return ReadReply(
        queries: databases.map {
          ReadQuery(GrantReading.Lists.databaseRoles(of: $0), costClass: "SHOW DATABASE ROLES")
        }, state: .list(databases.map(Value.string)))
    }
    let names = Set(request.wanted.map(\.identity))
    var reply = ReadReply()
    for (database, result) in zip(request.state.strings, request.results) {
      let mine = names.filter { $0[0] == database }
      if let failure = result.failure {
        // A database that does not exist has no roles.
        if !failure.isMissingOrForbidden { reply.miss(mine.sorted { $0[1] < $1[1] }, result) }
        continue
      }
      let rows = RowSet(result)
      var seen: Set<[String]> = []
      for row in rows.rows.indices {
        guard let name = rows.text(row, "name") else { continue }
        let identity = [database, Identifier(exact: name).sql]
        seen.insert(identity)
        guard request.wantsAll || names.contains(identity) else { continue }
        let owner = rows.text(row, "owner").flatMap { $0.isEmpty ? nil : Identifier(exact: $0).sql }
        var attributes: [Value.Field] = []
        if rows.index(of: "comment") != nil {
          attributes.append(.init("comment", AttributeSchema.comment.observed(rows.text(row, "comment"))))
        }
        if let owner { attributes.append(.init("owner", .string(owner))) }
        reply.observed.append(
          Observation(
            identity: identity, attributes: .object(attributes), owner: owner,
            ownerType: rows.text(row, "owner_role_type"), createdOn: rows.text(row, "created_on"),
            foreign: owner == nil ? "managed by Snowflake or imported from a share" : nil))
      }
      if result.isCut { reply.miss(mine.sorted { $0[1] < $1[1] }, seen: seen, result) }
    }
    return reply
  }

  func plan(_ item: PlanItem, request: PlanRequest) throws(Diagnostic) -> Change {
    var change = try SchemaPlanner(schema).plan(item)
    let role = SQLObject("DATABASE ROLE", item.identity.joined(separator: "."))
    if item.declared == nil {
      OwnedObjects.complete(&change, of: role, item)
    } else {
      OwnedObjects.handOver(&change, of: role, item)
    }
    return change
  }
}
