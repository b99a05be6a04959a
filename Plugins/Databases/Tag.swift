import SnowmakerSDK

/// `CREATE TAG` and its relatives. What a tag is set on says so itself, under `tags`.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/create-tag>,
/// <https://docs.snowflake.com/en/sql-reference/sql/alter-tag>.
struct Tag: ObjectType {
  let schema = Self.makeSchema()

  private static func makeSchema() -> TypeSchema {
    var schema = TypeSchema(
      "tag", plural: "tags", sqlName: "TAG", identity: [.database, .schema, .name],
      doc: "A tag: a name that objects carry with a value, under `tags` of each object.",
      attributes: [
        .databaseName, .schemaName, .objectName, .owner, .comment,
        AttributeSchema(
          "allowed_values", .list(.text), property: "ALLOWED_VALUES", column: "allowed_values",
          doc: "The values it may have, in the order that counts when they conflict; without it any."
        ).rendered(.listed),
        AttributeSchema(
          "propagate", .enumeration(["NONE", "ON_DEPENDENCY", "ON_DATA_MOVEMENT", "ON_DEPENDENCY_AND_DATA_MOVEMENT"]),
          property: "PROPAGATE", column: "propagate",
          doc: "Whether it spreads to what depends on, or is filled from, "
            + "a tagged object."
        ).defaults(to: "NONE").edition(.enterprise),
        AttributeSchema(
          "on_conflict", .text, property: "ON_CONFLICT", column: "on_conflict",
          doc: "The value where several spread to one object; `ALLOWED_VALUES_SEQUENCE` takes the first allowed one."
        ).blankIsNull().bareWords("ALLOWED_VALUES_SEQUENCE"),
      ])
    schema.reads = [
      ReadGroup(
        "show", "SHOW TAGS IN ACCOUNT", per: .account, shape: .rows,
        keyColumns: ["database_name", "schema_name", "name"], costClass: "SHOW TAGS")
    ]
    schema.createPrivilege = "CREATE TAG"
    schema.privileges = ["APPLY", "READ"]
    schema.emulation = Emulation(showColumns: [
      EmulatedColumn("created_on", .fact("created_on")),
      EmulatedColumn("name", .fact("name")),
      EmulatedColumn("database_name", .fact("database_name")),
      EmulatedColumn("schema_name", .fact("schema_name")),
      EmulatedColumn("owner", .fact("owner")),
      EmulatedColumn("comment", .attribute("comment")),
      EmulatedColumn("allowed_values", .fact("allowed_values")),
      EmulatedColumn("owner_role_type", .fact("owner_role_type")),
      EmulatedColumn("propagate", .fact("propagate")),
      EmulatedColumn("on_conflict", .fact("on_conflict")),
    ])
    return schema
  }

  func plan(_ item: PlanItem, request: PlanRequest) throws(Diagnostic) -> Change {
    var change = try SchemaPlanner(schema).plan(item)
    if change.action == .drop || change.action == .replace {
      change.losses.append("its values on every object that carries it")
    }
    return change
  }
}
