import SnowmakerSDK

/// A role that lives in a database.
struct DatabaseRole: ObjectType {
  let schema: TypeSchema = {
    var schema = TypeSchema(
      "database_role", plural: "database_roles", sqlName: "DATABASE ROLE", identity: [.database, .name],
      doc: "A role of one database, for privileges on that database and on what is in it.",
      attributes: [
        .databaseName, .objectName, .comment, .owner, .transferOwnedTo, .tags,
      ])
    schema.forms = [
      .plural("database_roles"), .nested(parent: "database", key: "database_roles", fills: "database"),
    ]
    schema.createPrivilege = "CREATE DATABASE ROLE"
    schema.reads = [
      ReadGroup(
        "show", GrantReading.Lists.databaseRoles(of: "{name}"), per: .database, shape: .rows,
        keyColumns: ["", "name"], costClass: "SHOW DATABASE ROLES"),
      .tags(of: "DATABASE ROLE"),
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
    try OwnedObjects.read(request, type: "DATABASE ROLE") { request throws(Diagnostic) in
      try SchemaReader(self).read(request)
    }
  }

  func observe(_ observation: inout Observation, group: ReadGroup, rows: RowSet) -> Bool {
    if observation.owner == nil { observation.foreign = "managed by Snowflake or imported from a share" }
    return true
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
