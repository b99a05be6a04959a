import SnowmakerSDK

/// A type with an attribute of every sort, for the tests of what follows from a schema.
struct Sample: ObjectType {
  let schema: TypeSchema = {
    var schema = TypeSchema(
      "sample", plural: "samples", sqlName: "SAMPLE THING", identity: [.database, .name],
      attributes: [
        .databaseName, .objectName, .owner, .comment,
        AttributeSchema("size", .enumeration(["XSMALL", "SMALL"]), property: "SIZE", column: "size")
          .defaults(to: "XSMALL"),
        AttributeSchema("idle", .integer(minimum: 0), property: "IDLE", column: "idle")
          .defaults(to: 600).unset(.set(600)),
        AttributeSchema("suspended", .boolean, property: "SUSPENDED").createOnly(),
        AttributeSchema("kind", .text, property: "KIND", column: "kind").forcesReplacement(),
        AttributeSchema("fixed", .text, property: "FIXED", column: "fixed").immutable(),
        AttributeSchema("password", .text, property: "PASSWORD").sensitive(),
        AttributeSchema("level", .integer(), property: "LEVEL").read(by: "parameters"),
        AttributeSchema("secretive", .integer(), property: "SECRETIVE"),
        AttributeSchema("rule", .reference(["rule"]), property: "ACCESS RULE").attached(), .tags,
        AttributeSchema("hosts", .set(.text), property: "HOSTS", column: "hosts").defaults(to: []),
        AttributeSchema("body", .sql, property: "AS", column: "body").forcesReplacement(),
      ])
    schema.reads = [
      ReadGroup(
        "show", "SHOW SAMPLE THINGS IN ACCOUNT", per: .account, shape: .rows, keyColumns: ["database_name", "name"],
        costClass: "SHOW SAMPLE THINGS"),
      ReadGroup("parameters", "SHOW PARAMETERS IN SAMPLE THING {name}", per: .object, shape: .parameters),
      .tags(of: "SAMPLE"),
    ]
    return schema
  }()
}
