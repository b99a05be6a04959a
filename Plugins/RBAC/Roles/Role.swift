import SnowmakerSDK

/// An account role.
struct Role: ObjectType {
  let schema: TypeSchema = {
    var schema = TypeSchema(
      "role", plural: "roles", sqlName: "ROLE", identity: [.name],
      doc: "A role of the account: what privileges are granted to, and what users and other roles are given.",
      attributes: [
        .objectName, .comment, .owner, .transferOwnedTo, .tags,
      ])
    schema.reads = [
      ReadGroup("show", GrantReading.Lists.roles, per: .account, shape: .rows, costClass: GrantReading.Lists.roles),
      .tags(of: "ROLE"),
    ]
    schema.createPrivilege = "CREATE ROLE"
    schema.emulation = Emulation(showColumns: [
      EmulatedColumn("created_on", .fact("created_on")), EmulatedColumn("name", .fact("name")),
      EmulatedColumn("is_default", .constant("N")), EmulatedColumn("is_current", .constant("N")),
      EmulatedColumn("is_inherited", .constant("N")), EmulatedColumn("assigned_to_users", .constant("0")),
      EmulatedColumn("granted_to_roles", .constant("0")), EmulatedColumn("granted_roles", .constant("0")),
      EmulatedColumn("owner", .fact("owner")), EmulatedColumn("comment", .attribute("comment")),
    ])
    return schema
  }()

  func observe(_ observation: inout Observation, group: ReadGroup, rows: RowSet) -> Bool {
    let name = observation.identity[0]
    observation.foreign =
      SystemRoles.names.contains(name)
      ? "defined by Snowflake" : SystemRoles.foreignness(owner: observation.owner)
    return true
  }

  func read(_ request: ReadRequest) throws(Diagnostic) -> ReadReply {
    try OwnedObjects.read(request, type: "ROLE") { request throws(Diagnostic) in try SchemaReader(self).read(request) }
  }

  func plan(_ item: PlanItem, request: PlanRequest) throws(Diagnostic) -> Change {
    var change = try SchemaPlanner(schema).plan(item)
    let role = SQLObject("ROLE", item.identity[0])
    if item.declared == nil {
      OwnedObjects.complete(&change, of: role, item)
    } else {
      OwnedObjects.handOver(&change, of: role, item)
    }
    return change
  }
}
