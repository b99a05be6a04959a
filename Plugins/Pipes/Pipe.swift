import SnowmakerSDK

/// `CREATE PIPE` and its relatives.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/create-pipe>.
struct Pipe: ObjectType {
  let schema = Self.makeSchema()

  private static func makeSchema() -> TypeSchema {
    var schema = TypeSchema(
      "pipe", plural: "pipes", sqlName: "PIPE", identity: [.database, .schema, .name],
      doc:
        "A pipe: a COPY INTO that runs when files arrive in a stage. Its statement cannot be changed in place; a new "
        + "pipe forgets which files were loaded.",
      attributes: [
        .databaseName, .schemaName, .objectName, .owner, .comment,
        .unreadTags,
        AttributeSchema(
          "auto_ingest", .boolean, property: "AUTO_INGEST", column: "notification_channel",
          doc: "Whether the cloud's event notifications start it."
        ).forcesReplacement().defaults(to: false),
        AttributeSchema(
          "error_integration", .identifier, property: "ERROR_INTEGRATION", column: "error_integration",
          doc: "The notification integration that hears of errors."),
        AttributeSchema(
          "aws_sns_topic", .text, property: "AWS_SNS_TOPIC",
          doc: "The SNS topic that carries the bucket's notifications. The account does not show it."
        ).forcesReplacement(),
        AttributeSchema(
          "integration", .text, property: "INTEGRATION", column: "integration",
          doc: "The notification integration that carries the container's notifications (Azure, Google)."
        ).forcesReplacement().blankIsNull(),
        AttributeSchema(
          "pipe_execution_paused", .boolean, property: "PIPE_EXECUTION_PAUSED",
          doc: "Whether it is paused, to hand it over or to hold loading back."
        ).read(by: "parameters").defaults(to: false).setAfterCreation(),
        AttributeSchema(
          "copy_statement", .sql, property: "AS", column: "definition", doc: "The COPY INTO statement."
        ).required().forcesReplacement().alias("as", "as_", "definition"),
        AttributeSchema(
          "uses_stages", .set(.reference(["stage"])),
          doc: "The stages that the statement loads from; found in it, so that they exist before the pipe."
        ).createOnly().edge(.uses),
      ])
    schema.forms = [.plural("pipes"), .nested(parent: "schema", key: "pipes", fills: "schema")]
    schema.expands = true
    schema.reads = [
      ReadGroup(
        "show", "SHOW PIPES IN ACCOUNT", per: .account, shape: .rows,
        keyColumns: ["database_name", "schema_name", "name"], costClass: "SHOW PIPES"),
      ReadGroup(
        "parameters", "SHOW PARAMETERS IN PIPE {name}", per: .object, shape: .parameters,
        costClass: "SHOW PARAMETERS IN PIPE"),
    ]
    schema.createPrivilege = "CREATE PIPE"
    schema.privileges = ["APPLYBUDGET", "MONITOR", "OPERATE"]
    schema.emulation = Emulation(
      showColumns: columns + [EmulatedColumn("is_snowflake_managed", .constant("N"))], describeShape: .row,
      describeColumns: columns, parameters: ["PIPE_EXECUTION_PAUSED": "false"])
    return schema
  }

  private static let columns: [EmulatedColumn] = [
    EmulatedColumn("created_on", .fact("created_on")),
    EmulatedColumn("name", .fact("name")),
    EmulatedColumn("database_name", .fact("database_name")),
    EmulatedColumn("schema_name", .fact("schema_name")),
    EmulatedColumn("definition", .attribute("copy_statement")),
    EmulatedColumn("owner", .fact("owner")),
    EmulatedColumn(
      "notification_channel", .attribute("auto_ingest"),
      echo: ["true": "arn:aws:sqs:us-west-2:000000000000:sf-snowpipe-emulator", "false": ""]),
    EmulatedColumn("comment", .attribute("comment")),
    EmulatedColumn("integration", .attribute("integration")),
    EmulatedColumn("pattern", .constant(nil)),
    EmulatedColumn("error_integration", .attribute("error_integration")),
    EmulatedColumn("owner_role_type", .fact("owner_role_type")),
    EmulatedColumn("invalid_reason", .constant(nil)),
  ]

  func expand(_ written: WrittenResource, context: RequestContext) -> Expansion {
    var fields = written.fields
    if let parent = written.parent, !fields.contains(where: { $0.key == "schema" }) {
      fields.append(.init("schema", .string(parent.identity.last ?? "")))
      if parent.identity.count > 1 { fields.append(.init("database", .string(parent.identity[0]))) }
    }
    let attribute = schema.attribute("copy_statement")
    let copy = fields.first { attribute?.answers(to: $0.key) ?? false }?.value.string ?? ""
    if let scope = Self.scope(of: Value.object(fields)), !fields.contains(where: { $0.key == "uses_stages" }) {
      let stages = Self.stages(in: copy, scope: scope)
      if !stages.isEmpty { fields.append(.init("uses_stages", .list(stages.map(Value.string)))) }
    }
    return Expansion(resources: [ExpandedResource(type: schema.type, attributes: .object(fields))])
  }

  /// The database and schema that the pipe is in, as written; nil when they cannot be told.
  private static func scope(of value: Value) -> [Identifier]? {
    var parts: [Identifier] = []
    for key in ["database", "schema", "name"] {
      guard let text = value[key].string, let name = try? QualifiedName(parsing: text) else { continue }
      if name.parts.count > 1 { parts = [] }
      parts += name.parts
      if key == "name" { parts.removeLast() }
    }
    return parts.count == 2 ? parts : nil
  }

  /// The named stages after `@` in a COPY statement, fully qualified. Table and user stages (`@%t`, `@~`) are none.
  static func stages(in copy: String, scope: [Identifier]) -> [String] {
    var stages: [String] = []
    let tokens = SQLTokens.tokens(copy)
    var index = tokens.startIndex
    while index < tokens.endIndex {
      defer { index += 1 }
      guard tokens[index] == "@", index + 1 < tokens.endIndex else { continue }
      var parts: [Identifier] = []
      var next = index + 1
      while next < tokens.endIndex, let part = try? Identifier(parsing: tokens[next]) {
        parts.append(part)
        guard next + 1 < tokens.endIndex, tokens[next + 1] == "." else { break }
        next += 2
      }
      guard !parts.isEmpty, parts.count <= 3 else { continue }
      stages.append(QualifiedName(Array(scope.prefix(3 - parts.count)) + parts).sql)
    }
    return stages
  }

  func observe(_ observation: inout Observation, group: ReadGroup, rows: RowSet) -> Bool {
    guard group.name == "show" else { return true }
    let channel = rows.text(0, "notification_channel") ?? ""
    let fields = observation.attributes.fields.filter { $0.key != "auto_ingest" }
    observation.attributes = .object(fields + [.init("auto_ingest", .bool(!channel.isEmpty && channel != "null"))])
    if rows.text(0, "is_snowflake_managed") == "Y" { observation.foreign = "managed by Snowflake" }
    return true
  }

  func plan(_ item: PlanItem, request: PlanRequest) throws(Diagnostic) -> Change {
    var change = try SchemaPlanner(schema).plan(item)
    if change.action == .replace || change.action == .drop {
      change.losses.append("the load history: files that were loaded in the last 14 days may be loaded again")
      change.risk = .irreversible
    }
    return change
  }
}
