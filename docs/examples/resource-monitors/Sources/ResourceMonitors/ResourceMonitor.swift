import SnowmakerSDK

/// `CREATE RESOURCE MONITOR` without its triggers.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/create-resource-monitor>.
struct ResourceMonitor: ObjectType {
  let schema = Self.makeSchema()

  private static func makeSchema() -> TypeSchema {
    var schema = TypeSchema(
      "resource_monitor", plural: "resource_monitors", sqlName: "RESOURCE MONITOR", identity: [.name],
      doc: "A limit on the credits that warehouses use.",
      attributes: [
        .objectName,
        AttributeSchema(
          "credit_quota", .integer(minimum: 1), property: "CREDIT_QUOTA", column: "credit_quota",
          doc: "The credits per period."
        ).unset(.set(.null)),
        AttributeSchema(
          "frequency", .enumeration(["MONTHLY", "DAILY", "WEEKLY", "YEARLY", "NEVER"]), property: "FREQUENCY",
          column: "frequency", doc: "When the used credits go back to 0."
        ).defaults(to: "MONTHLY").unset(.set("MONTHLY")),
      ])
    schema.reads = [ReadGroup("show", "SHOW RESOURCE MONITORS", per: .account, shape: .rows)]
    schema.privileges = ["MODIFY", "MONITOR"]
    schema.emulation = Emulation(showColumns: [
      EmulatedColumn("name", .fact("name")),
      EmulatedColumn("credit_quota", .attribute("credit_quota")),
      EmulatedColumn("frequency", .attribute("frequency")),
      EmulatedColumn("created_on", .fact("created_on")),
      EmulatedColumn("owner", .fact("owner")),
    ])
    return schema
  }
}
