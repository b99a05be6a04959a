import SnowmakerSDK

/// `CREATE RESOURCE MONITOR` without its triggers.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/create-resource-monitor>.
struct ResourceMonitor: ObjectType {
  let schema: TypeSchema = {
    var schema = TypeSchema(
      "resource_monitor", plural: "resource_monitors", sqlName: "RESOURCE MONITOR", identity: [.name],
      doc: "A limit on the credits that warehouses use.",
      attributes: [
        .objectName,
        AttributeSchema(
          "credit_quota", .integer(minimum: 1), property: "CREDIT_QUOTA", column: "credit_quota",
          doc: "The credits per period."
        ).required().unset(.impossible),
        AttributeSchema(
          "frequency", .enumeration(["MONTHLY", "DAILY", "WEEKLY", "YEARLY", "NEVER"]), property: "FREQUENCY",
          column: "frequency", doc: "When the used credits go back to 0."
        ).defaults(to: "MONTHLY").unset(.set("MONTHLY")),
      ])
    schema.reads = [ReadGroup("show", "SHOW RESOURCE MONITORS", per: .account, shape: .rows)]
    schema.createPrivilege = "CREATE RESOURCE MONITOR"
    schema.privileges = ["MODIFY", "MONITOR"]
    // How the account emulator answers SHOW; what CREATE and ALTER take follows from the attributes.
    schema.emulation = Emulation(showColumns: [
      EmulatedColumn("name", .fact("name")),
      EmulatedColumn("credit_quota", .attribute("credit_quota")),
      EmulatedColumn("frequency", .attribute("frequency")),
      EmulatedColumn("created_on", .fact("created_on")),
      EmulatedColumn("owner", .fact("owner")),
    ])
    schema.examples = [
      TypeExample(
        create: ["resource_monitors": [["name": "MONTHLY", "credit_quota": 100, "frequency": "WEEKLY"]]],
        change: ["resource_monitors": [["name": "MONTHLY", "credit_quota": 200, "frequency": "DAILY"]]])
    ]
    return schema
  }()

  /// The one quirk: CREATE has the word WITH before its properties.
  func plan(_ item: PlanItem, request: PlanRequest) throws(Diagnostic) -> Change {
    let planner = SchemaPlanner(schema)
    var change = try planner.plan(item)
    let head = "CREATE \(planner.object(item.identity).description) "
    if change.action == .create, case .text(let sql)? = change.statements[0].sql.segments.first, sql.hasPrefix(head) {
      change.statements[0].sql = SQLText(head + "WITH " + sql.dropFirst(head.count))
    }
    return change
  }
}
