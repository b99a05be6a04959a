import SnowmakerSDK

/// `CREATE SCHEMA` and its relatives.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/create-schema>.
struct Schema: ObjectType {
  let schema = Self.makeSchema()

  private static func makeSchema() -> TypeSchema {
    var schema = TypeSchema(
      "schema", plural: "schemas", sqlName: "SCHEMA", identity: [.database, .name],
      doc: "A schema of a database, on its own or nested under `schemas:` of the database.",
      attributes: [
        .databaseName, .objectName, .owner, .comment,
        AttributeSchema(
          "transient", .boolean, column: "options",
          doc: "Whether its tables have no Fail-safe. It cannot be changed later: that takes a new schema."
        ).forcesReplacement().defaults(to: false),
        AttributeSchema(
          "managed_access", .boolean, column: "options",
          doc: "Whether only the schema's owner (or MANAGE GRANTS) grants privileges on what is in it."
        ).defaults(to: false),
        ContainerParameters.parameter(
          "pipe_execution_paused", .boolean, "Whether the pipes in it are paused, to hand them over."),
      ] + ContainerSource.clone(of: "schema") + ContainerParameters.attributes + [.tags])
    schema.validates = true
    schema.forms = [.plural("schemas"), .nested(parent: "database", key: "schemas", fills: "database")]
    schema.reads = [
      ReadGroup(
        "show", "SHOW SCHEMAS IN ACCOUNT", per: .account, shape: .rows, keyColumns: ["database_name", "name"],
        costClass: "SHOW SCHEMAS"),
      ReadGroup(
        "parameters", "SHOW PARAMETERS IN SCHEMA {name}", per: .object, shape: .parameters,
        costClass: "SHOW PARAMETERS IN SCHEMA"),
      .tags(of: "SCHEMA"),
    ]
    schema.createPrivilege = "CREATE SCHEMA"
    schema.privileges = ["APPLYBUDGET", "MODIFY", "MONITOR", "USAGE"] + createPrivileges
    var parameters = ContainerParameters.defaults
    parameters["PIPE_EXECUTION_PAUSED"] = "false"
    schema.emulation = Emulation(
      showColumns: [
        EmulatedColumn("created_on", .fact("created_on")),
        EmulatedColumn("name", .fact("name")),
        EmulatedColumn("is_default", .constant("N")),
        EmulatedColumn("is_current", .constant("N")),
        EmulatedColumn("database_name", .fact("database_name")),
        EmulatedColumn("owner", .fact("owner")),
        EmulatedColumn("comment", .attribute("comment")),
        EmulatedColumn("options", .fact("options")),
        EmulatedColumn("retention_time", .attribute("data_retention_time_in_days")),
        EmulatedColumn("owner_role_type", .fact("owner_role_type")),
      ],
      modifiers: [
        .init("TRANSIENT", sets: "transient", to: true),
        .init("WITH MANAGED ACCESS", sets: "managed_access", to: true),
      ], parameters: parameters)
    return schema
  }

  /// The CREATE privileges that can be granted on a schema.
  ///
  /// Source: <https://docs.snowflake.com/en/user-guide/security-access-control-privileges#schema-privileges>.
  private static let createPrivileges = [
    "AGGREGATION POLICY", "ALERT", "AUTHENTICATION POLICY", "CORTEX SEARCH SERVICE", "DATA METRIC FUNCTION", "DATASET",
    "DYNAMIC TABLE", "EVENT TABLE", "EXTERNAL TABLE", "FILE FORMAT", "FUNCTION", "GIT REPOSITORY", "HYBRID TABLE",
    "ICEBERG TABLE", "IMAGE REPOSITORY", "JOIN POLICY", "MASKING POLICY", "MATERIALIZED VIEW", "MODEL", "NETWORK RULE",
    "NOTEBOOK", "PACKAGES POLICY", "PASSWORD POLICY", "PIPE", "PRIVACY POLICY", "PROCEDURE", "PROJECTION POLICY",
    "ROW ACCESS POLICY", "SECRET", "SEMANTIC VIEW", "SEQUENCE", "SERVICE", "SESSION POLICY", "STAGE", "STREAM",
    "STREAMLIT", "TABLE", "TAG", "TASK", "TEMPORARY TABLE", "VIEW",
  ].map { "CREATE \($0)" }

  func validate(_ resource: DeclaredResource, context: RequestContext) -> [Diagnostic] {
    ContainerSource.validate(resource.attributes)
  }

  func observe(_ observation: inout Observation, group: ReadGroup, rows: RowSet) -> Bool {
    guard group.name == "show" else { return true }
    Options.read(&observation, rows)
    if rows.text(0, "name") == "INFORMATION_SCHEMA" { observation.foreign = "kept by Snowflake in every database" }
    // What is in SNOWFLAKE and in imported databases belongs to no role of this account.
    if let owner = rows.text(0, "owner"), owner.isEmpty { observation.foreign = "owned by no role of this account" }
    return true
  }

  func plan(_ item: PlanItem, request: PlanRequest) throws(Diagnostic) -> Change {
    let planner = SchemaPlanner(schema)
    // Managed access is a word of its own, in CREATE after the name, in ALTER an action.
    var item = item
    let before = item.observed?.attributes["managed_access"] ?? .null
    let declared = item.declared?.find("managed_access")
    if let declared, var observed = item.observed {
      observed.attributes = .object(
        observed.attributes.fields.map { $0.key == "managed_access" ? .init($0.key, declared) : $0 })
      item.observed = observed
    }
    let object = planner.object(item.identity)
    if item.observed == nil, let values = item.declared, ContainerSource.name(in: values) != nil {
      // CREATE … CLONE does not take managed access.
      let rest = values.fields.filter { $0.key != "managed_access" }
      var change = try ContainerSource.create(item, declared: .object(rest), planner)
      guard declared?.bool == true else { return change }
      let enabling = Statement(
        SQLText("ALTER \(object.description) ENABLE MANAGED ACCESS"), authorities: [.ownership(object)])
      let transfer = change.statements.firstIndex { $0.sql.description.hasPrefix("GRANT OWNERSHIP") }
      change.statements.insert(enabling, at: transfer ?? change.statements.count)
      change.attributes.append(AttributeChange("managed_access", before: .null, after: true))
      return change
    }
    var change = try planner.plan(item)
    ContainerLosses.add(to: &change, of: object, item.observed)
    if change.action == .create || change.action == .replace {
      guard declared?.bool == true else { return change }
      for index in change.statements.indices {
        guard let text = change.statements[index].sql.segments.first, case .text(let sql) = text,
          sql.hasPrefix("CREATE ")
        else { continue }
        change.statements[index].sql = withManagedAccess(sql, object: object)
      }
      return change
    }
    guard let declared, item.observed != nil, (before.bool ?? false) != (declared.bool ?? false) else { return change }
    func statement(_ enabled: Bool) -> SQLText {
      SQLText("ALTER \(object.description) \(enabled ? "ENABLE" : "DISABLE") MANAGED ACCESS")
    }
    let altering = Statement(
      statement(declared.bool ?? false), authorities: [.ownership(object)], undo: statement(before.bool ?? false))
    // Only the owner may, so before the schema is given away.
    let transfer = change.statements.firstIndex { $0.sql.description.hasPrefix("GRANT OWNERSHIP") }
    change.statements.insert(altering, at: transfer ?? change.statements.count)
    change.attributes.append(AttributeChange("managed_access", before: before, after: declared))
    if change.action == .none { change.action = .update }
    return change
  }

  /// `CREATE SCHEMA x WITH MANAGED ACCESS …`: the words stand behind the name.
  private func withManagedAccess(_ sql: String, object: SQLObject) -> SQLText {
    let plain = sql.replacing("CREATE WITH MANAGED ACCESS ", with: "CREATE ")
      .replacing("TRANSIENT WITH MANAGED ACCESS ", with: "TRANSIENT ")
    guard let range = plain.firstRange(of: object.description) else { return SQLText(plain) }
    return SQLText(plain[..<range.upperBound] + " WITH MANAGED ACCESS" + plain[range.upperBound...])
  }
}
