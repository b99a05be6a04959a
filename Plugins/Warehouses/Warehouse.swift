import SnowmakerSDK

/// `CREATE WAREHOUSE` and its relatives.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/create-warehouse>.
struct Warehouse: ObjectType {
  let schema = Self.makeSchema()

  private static let sizes = [
    "XSMALL", "SMALL", "MEDIUM", "LARGE", "XLARGE", "XXLARGE", "XXXLARGE", "X4LARGE", "X5LARGE", "X6LARGE",
  ]
  /// The spellings of the documentation beside those of the grammar.
  private static let sizeAliases = [
    "2XLARGE": "XXLARGE", "3XLARGE": "XXXLARGE", "4XLARGE": "X4LARGE",
    "5XLARGE": "X5LARGE", "6XLARGE": "X6LARGE",
  ]
  private static let sizeEcho = [
    "XSMALL": "X-Small", "SMALL": "Small", "MEDIUM": "Medium", "LARGE": "Large", "XLARGE": "X-Large",
    "XXLARGE": "2X-Large", "XXXLARGE": "3X-Large", "X4LARGE": "4X-Large", "X5LARGE": "5X-Large",
    "X6LARGE": "6X-Large",
  ]

  private static func makeSchema() -> TypeSchema {
    var schema = TypeSchema(
      "warehouse", plural: "warehouses", sqlName: "WAREHOUSE", identity: [.name],
      doc: "A virtual warehouse: the compute that queries run on, and what it costs.",
      attributes: [
        .objectName, .owner, .comment,
        AttributeSchema(
          "warehouse_type", .enumeration(["STANDARD", "SNOWPARK-OPTIMIZED", "ADAPTIVE", "INTERACTIVE"]),
          property: "WAREHOUSE_TYPE", column: "type", doc: "What it is built for."
        ).defaults(to: "STANDARD").unset(.set("STANDARD")).rendered(.quoted),
        AttributeSchema(
          "tables", .set(.reference(["table"])), property: "TABLES", column: "tables",
          doc: "The tables that an interactive warehouse keeps ready."
        ).rendered(.grouped).defaults(to: []),
        AttributeSchema(
          "warehouse_size", .enumeration(sizes, aliases: sizeAliases), property: "WAREHOUSE_SIZE", column: "size",
          doc: "The size of each cluster; every step doubles the credits per hour."
        ).defaults(to: "XSMALL").unset(.set("XSMALL")).alias("size"),
        AttributeSchema(
          "wait_for_completion", .boolean,
          doc: "Whether a change of the size waits until the new compute is there."
        ).createOnly(),
        AttributeSchema(
          "min_cluster_count", .integer(minimum: 1, maximum: 300), property: "MIN_CLUSTER_COUNT",
          column: "min_cluster_count", doc: "The clusters that always run."
        ).defaults(to: 1),
        AttributeSchema(
          "max_cluster_count", .integer(minimum: 1, maximum: 300), property: "MAX_CLUSTER_COUNT",
          column: "max_cluster_count", doc: "The most clusters it scales out to; more than 1 is multi-cluster."
        ).defaults(to: 1),
        AttributeSchema(
          "scaling_policy", .enumeration(["STANDARD", "ECONOMY"]), property: "SCALING_POLICY",
          column: "scaling_policy", doc: "When it starts and stops clusters."
        ).defaults(to: "STANDARD"),
        AttributeSchema(
          "auto_suspend", .integer(minimum: 0), property: "AUTO_SUSPEND", column: "auto_suspend",
          doc: "Seconds of idleness before it suspends; 0 never suspends. Null goes back to 600 by SET: UNSET would "
            + "yield 0, which never suspends."
        ).defaults(to: 600).unset(.set(600)),
        AttributeSchema(
          "auto_resume", .boolean, property: "AUTO_RESUME", column: "auto_resume",
          doc: "Whether a query wakes it up."
        ).defaults(to: true).unset(.set(true)),
        AttributeSchema(
          "initially_suspended", .boolean, property: "INITIALLY_SUSPENDED",
          doc: "Whether it starts suspended. Matters at creation only."
        ).createOnly(),
        AttributeSchema(
          "resource_monitor", .reference(["resource_monitor"]), property: "RESOURCE_MONITOR",
          column: "resource_monitor",
          doc: "The resource monitor that watches its credits."),
        AttributeSchema(
          "enable_query_acceleration", .boolean, property: "ENABLE_QUERY_ACCELERATION",
          column: "enable_query_acceleration", doc: "Whether the query acceleration service may help out."
        ).defaults(to: false).edition(.enterprise),
        AttributeSchema(
          "query_acceleration_max_scale_factor", .integer(minimum: 0, maximum: 100),
          property: "QUERY_ACCELERATION_MAX_SCALE_FACTOR", column: "query_acceleration_max_scale_factor",
          doc: "How many times its own size query acceleration may lease; 0 is without limit."
        ).defaults(to: 8).edition(.enterprise),
        AttributeSchema(
          "resource_constraint",
          .enumeration(["MEMORY_1X", "MEMORY_1X_x86", "MEMORY_16X", "MEMORY_16X_x86", "MEMORY_64X", "MEMORY_64X_x86"]),
          property: "RESOURCE_CONSTRAINT", column: "resource_constraint",
          doc: "Memory and processor of a Snowpark-optimized warehouse."
        ).rendered(.quoted),
        AttributeSchema(
          "generation", .enumeration(["1", "2"]), property: "GENERATION", column: "generation",
          doc: "The generation of a standard warehouse."
        ).rendered(.quoted),
        AttributeSchema(
          "max_query_performance_level", .enumeration(Array(sizes.prefix(8)), aliases: sizeAliases),
          property: "MAX_QUERY_PERFORMANCE_LEVEL", column: "max_query_performance_level",
          doc: "The largest size an adaptive warehouse gives one query."
        ).rendered(.quoted),
        AttributeSchema(
          "query_throughput_multiplier", .integer(minimum: 0), property: "QUERY_THROUGHPUT_MULTIPLIER",
          column: "query_throughput_multiplier", doc: "How far an adaptive warehouse scales for concurrency."),
        .tags,
        AttributeSchema(
          "max_concurrency_level", .integer(minimum: 1), property: "MAX_CONCURRENCY_LEVEL",
          doc: "How many statements one cluster runs at a time."
        ).read(by: "parameters"),
        AttributeSchema(
          "statement_queued_timeout_in_seconds", .integer(minimum: 0),
          property: "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS",
          doc: "How long a statement may wait in the queue; 0 for ever."
        ).read(by: "parameters"),
        AttributeSchema(
          "statement_timeout_in_seconds", .integer(minimum: 0, maximum: 604_800),
          property: "STATEMENT_TIMEOUT_IN_SECONDS", doc: "How long a statement may run."
        ).read(by: "parameters"),
        AttributeSchema(
          "fallback_warehouse", .reference(["warehouse"]), property: "FALLBACK_WAREHOUSE",
          doc: "The warehouse that takes over what an interactive warehouse cannot serve."
        ).read(by: "parameters"),
      ])
    schema.reads = [
      ReadGroup("show", "SHOW WAREHOUSES", per: .account, shape: .rows),
      ReadGroup(
        "parameters", "SHOW PARAMETERS IN WAREHOUSE {name}", per: .object, shape: .parameters,
        costClass: "SHOW PARAMETERS IN WAREHOUSE"),
      .tags(of: "WAREHOUSE"),
    ]
    schema.validates = true
    schema.privileges = ["APPLYBUDGET", "MODIFY", "MONITOR", "OPERATE", "USAGE"]
    schema.createPrivilege = "CREATE WAREHOUSE"
    schema.emulation = Emulation(
      showColumns: [
        EmulatedColumn("name", .fact("name")),
        EmulatedColumn("state", .constant("SUSPENDED")),
        EmulatedColumn("type", .attribute("warehouse_type")),
        EmulatedColumn("size", .attribute("warehouse_size"), echo: sizeEcho),
        EmulatedColumn("min_cluster_count", .attribute("min_cluster_count")),
        EmulatedColumn("max_cluster_count", .attribute("max_cluster_count")),
        EmulatedColumn("started_clusters", .constant("0")),
        EmulatedColumn("running", .constant("0")),
        EmulatedColumn("queued", .constant("0")),
        EmulatedColumn("is_default", .constant("N")),
        EmulatedColumn("is_current", .constant("N")),
        EmulatedColumn("auto_suspend", .attribute("auto_suspend")),
        EmulatedColumn("auto_resume", .attribute("auto_resume")),
        EmulatedColumn("available", .constant("")),
        EmulatedColumn("provisioning", .constant("")),
        EmulatedColumn("quiescing", .constant("")),
        EmulatedColumn("other", .constant("")),
        EmulatedColumn("created_on", .fact("created_on")),
        EmulatedColumn("resumed_on", .fact("created_on")),
        EmulatedColumn("updated_on", .fact("created_on")),
        EmulatedColumn("owner", .fact("owner")),
        EmulatedColumn("comment", .attribute("comment")),
        EmulatedColumn("enable_query_acceleration", .attribute("enable_query_acceleration")),
        EmulatedColumn("query_acceleration_max_scale_factor", .attribute("query_acceleration_max_scale_factor")),
        EmulatedColumn("resource_monitor", .attribute("resource_monitor"), echo: ["": "null"]),
        EmulatedColumn("actives", .constant("0")),
        EmulatedColumn("pendings", .constant("0")),
        EmulatedColumn("failed", .constant("0")),
        EmulatedColumn("suspended", .constant("0")),
        EmulatedColumn("uuid", .fact("id")),
        EmulatedColumn("scaling_policy", .attribute("scaling_policy")),
        EmulatedColumn("owner_role_type", .fact("owner_role_type")),
        EmulatedColumn("resource_constraint", .attribute("resource_constraint")),
        EmulatedColumn("generation", .attribute("generation")),
        EmulatedColumn("max_query_performance_level", .attribute("max_query_performance_level")),
        EmulatedColumn("query_throughput_multiplier", .attribute("query_throughput_multiplier")),
        EmulatedColumn("tables", .attribute("tables")),
      ],
      extraProperties: ["WAIT_FOR_COMPLETION"],
      modifiers: [.init("INTERACTIVE", sets: "warehouse_type", to: "INTERACTIVE")],
      parameters: [
        "MAX_CONCURRENCY_LEVEL": "8", "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS": "0",
        "STATEMENT_TIMEOUT_IN_SECONDS": "172800", "FALLBACK_WAREHOUSE": "",
      ])
    return schema
  }

  func validate(_ resource: DeclaredResource, context: RequestContext) -> [Diagnostic] {
    var diagnostics = misplaced(resource.attributes)
    if let minimum = resource.attributes["min_cluster_count"].int,
      let maximum = resource.attributes["max_cluster_count"].int, minimum > maximum
    {
      diagnostics.append(
        .error(
          "min_cluster_count (\(minimum)) is larger than max_cluster_count (\(maximum))", path: ["min_cluster_count"],
          code: "invalid-combination"))
    }
    return diagnostics
  }

  /// The errors of attributes that warehouses of the declared type do not have.
  private func misplaced(_ attributes: Value) -> [Diagnostic] {
    guard let type = attributes["warehouse_type"].string, let foreign = Self.notApplicable[type] else { return [] }
    return foreign.filter { !attributes[$0].isNull }.map { name in
      .error(
        "a warehouse of type \(type) has no \(name)", detail: "Remove it, or change warehouse_type.", path: [name],
        code: "not-applicable")
    }
  }

  /// Source: the variants of <https://docs.snowflake.com/en/sql-reference/sql/create-warehouse>.
  private static let notApplicable: [String: [String]] = [
    "STANDARD": ["tables", "fallback_warehouse", "max_query_performance_level", "query_throughput_multiplier"],
    "SNOWPARK-OPTIMIZED": [
      "tables", "fallback_warehouse", "max_query_performance_level", "query_throughput_multiplier", "generation",
    ],
    "ADAPTIVE": [
      "tables", "fallback_warehouse", "warehouse_size", "min_cluster_count", "max_cluster_count", "scaling_policy",
      "auto_suspend", "auto_resume", "initially_suspended", "enable_query_acceleration",
      "query_acceleration_max_scale_factor", "resource_constraint", "generation", "max_concurrency_level",
    ],
    "INTERACTIVE": [
      "scaling_policy", "enable_query_acceleration", "query_acceleration_max_scale_factor", "resource_constraint",
      "generation", "max_query_performance_level", "query_throughput_multiplier",
    ],
  ]

  func plan(_ item: PlanItem, request: PlanRequest) throws(Diagnostic) -> Change {
    let planner = SchemaPlanner(schema)
    var change = try planner.plan(InteractiveTables.settled(item))
    InteractiveTables.complete(&change, item, of: planner.object(item.identity))
    let resizes = change.attributes.contains { $0.name == "warehouse_size" }
    if resizes, change.action != .create, change.action != .replace,
      item.declared?["wait_for_completion"].bool == true
    {
      let head = "ALTER \(planner.object(item.identity).description) SET "
      let setting = change.statements.firstIndex { statement in
        let sql = statement.sql.description
        return sql.hasPrefix(head) && !sql.hasPrefix(head + "TAG ")
      }
      if let setting { change.statements[setting].sql.append(" WAIT_FOR_COMPLETION = TRUE") }
    }
    return change
  }
}
