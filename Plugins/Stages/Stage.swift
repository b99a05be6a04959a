import SnowmakerSDK

/// `CREATE STAGE` and its relatives, internal and external.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/create-stage>.
struct Stage: ObjectType {
  let schema = Self.makeSchema()

  /// Attributes whose values are records read by DESCRIBE STAGE: only the keys that are declared are compared.
  private static let records = ["directory", "file_format"]

  private static func makeSchema() -> TypeSchema {
    var schema = TypeSchema(
      "stage", plural: "stages", sqlName: "STAGE", identity: [.database, .schema, .name],
      doc: "A stage: where files are loaded from and unloaded to. With `url` it is external, without it internal.",
      attributes: [
        .databaseName, .schemaName, .objectName, .owner, AttributeSchema.comment.unset(.set("")),
        AttributeSchema(
          "type", .enumeration(["INTERNAL", "EXTERNAL"]), column: "type",
          doc: "Internal or external; follows from `url` and need not be written."
        ).forcesReplacement(),
        AttributeSchema("url", .text, property: "URL", column: "url", doc: "Where an external stage points.")
          .blankIsNull().unset(.impossible),
        AttributeSchema(
          "storage_integration", .identifier, property: "STORAGE_INTEGRATION", column: "storage_integration",
          doc: "The storage integration that gives access."
        ).unset(.impossible),
        AttributeSchema("endpoint", .text, property: "ENDPOINT", column: "endpoint", doc: "Of S3-compatible storage.")
          .forcesReplacement(),
        AttributeSchema(
          "aws_access_point_arn", .text, property: "AWS_ACCESS_POINT_ARN", doc: "An S3 access point."
        ).unset(.impossible),
        AttributeSchema(
          "use_privatelink_endpoint", .boolean, property: "USE_PRIVATELINK_ENDPOINT",
          doc: "Whether private connectivity is used."
        ).unset(.set(false)),
        AttributeSchema(
          "credentials", .record(credentials), property: "CREDENTIALS",
          doc: "Keys or tokens of the cloud; `!secret` values. The account never shows them."
        ).sensitive().unset(.impossible),
        AttributeSchema(
          "encryption", .record(encryption), property: "ENCRYPTION",
          doc:
            "How files are encrypted. The account does not show it; an internal stage keeps what it was created with."
        ).unset(.impossible),
        AttributeSchema(
          "directory", .record(directory), property: "DIRECTORY", doc: "The directory table, and how it is refreshed."
        ).read(by: "describe").unset(.set(["enable": false])),
        AttributeSchema(
          "file_format", .record(FormatOptions.record), property: "FILE_FORMAT",
          doc: "A file format by name (`format_name`), or its type and options; text is a name."
        ).read(by: "describe").unset(.set(["type": "CSV"])),
        .tags,
      ])
    schema.forms = [.plural("stages"), .nested(parent: "schema", key: "stages", fills: "schema")]
    schema.expands = true
    schema.validates = true
    schema.reads = [
      ReadGroup(
        "show", "SHOW STAGES IN ACCOUNT", per: .account, shape: .rows,
        keyColumns: ["database_name", "schema_name", "name"], costClass: "SHOW STAGES"),
      ReadGroup("describe", "DESCRIBE STAGE {name}", per: .object, shape: .properties, costClass: "DESCRIBE STAGE"),
      .tags(of: "STAGE"),
    ]
    schema.createPrivilege = "CREATE STAGE"
    schema.privileges = ["READ", "USAGE", "WRITE"]
    schema.emulation = Emulation(
      showColumns: [
        EmulatedColumn("created_on", .fact("created_on")),
        EmulatedColumn("name", .fact("name")),
        EmulatedColumn("database_name", .fact("database_name")),
        EmulatedColumn("schema_name", .fact("schema_name")),
        EmulatedColumn("url", .attribute("url")),
        EmulatedColumn("has_credentials", .fact("has:credentials")),
        EmulatedColumn("has_encryption_key", .constant("N")),
        EmulatedColumn("owner", .fact("owner")),
        EmulatedColumn("comment", .attribute("comment")),
        EmulatedColumn("region", .constant(nil)),
        EmulatedColumn("type", .fact("stage_type")),
        EmulatedColumn("cloud", .constant(nil)),
        EmulatedColumn("notification_channel", .constant(nil)),
        EmulatedColumn("storage_integration", .attribute("storage_integration")),
        EmulatedColumn("endpoint", .attribute("endpoint")),
        EmulatedColumn("owner_role_type", .fact("owner_role_type")),
        EmulatedColumn("directory_enabled", .fact("has:directory.enable")),
      ], describeShape: .properties)
    schema.examples = examples
    return schema
  }

  private static let examples = [
    TypeExample(
      base: [
        "databases": [["name": "RAW"]],
        "file_formats": [["name": "RAW.PUBLIC.PIPES", "type": "CSV", "field_delimiter": "|"]],
      ],
      create: [
        "stages": [
          [
            "name": "RAW.PUBLIC.LANDING", "file_format": "RAW.PUBLIC.PIPES", "directory": ["enable": true],
            "encryption": ["type": "SNOWFLAKE_SSE"],
          ]
        ]
      ],
      change: [
        "stages": [
          [
            "name": "RAW.PUBLIC.LANDING", "file_format": ["type": "JSON", "strip_outer_array": true],
            "directory": ["enable": false], "comment": "where files arrive",
          ]
        ]
      ]),
    TypeExample(
      base: ["databases": [["name": "RAW"]]],
      create: [
        "stages": [
          [
            "name": "RAW.PUBLIC.LAKE", "url": "s3://acme-lake/in/",
            "credentials": ["aws_key_id": .secret("env:LAKE_KEY_ID"), "aws_secret_key": .secret("env:LAKE_KEY")],
          ]
        ]
      ],
      change: [
        "stages": [
          [
            "name": "RAW.PUBLIC.LAKE", "url": "s3://acme-lake/all/", "comment": "shared with the vendor",
            "credentials": ["aws_key_id": .secret("env:LAKE_KEY_ID"), "aws_secret_key": .secret("env:LAKE_KEY")],
          ]
        ]
      ]),
  ]

  private static func text(_ name: String, _ doc: String) -> AttributeSchema {
    AttributeSchema(name, .text, property: name.uppercased(), doc: doc)
  }

  private static let credentials = [
    text("aws_key_id", "The AWS key id."), text("aws_secret_key", "The AWS secret key."),
    text("aws_token", "A temporary AWS token."), text("aws_role", "An AWS role."),
    text("azure_sas_token", "A SAS token of Azure."),
  ]

  private static let encryption = [
    AttributeSchema(
      "type",
      .enumeration([
        "SNOWFLAKE_FULL", "SNOWFLAKE_SSE", "AWS_CSE", "AWS_SSE_S3", "AWS_SSE_KMS", "GCS_SSE_KMS", "AZURE_CSE", "NONE",
      ]), property: "TYPE", doc: "The kind of encryption."
    ).rendered(.quoted),
    text("master_key", "The client-side key.").sensitive(), text("kms_key_id", "The KMS key."),
  ]

  private static let directory = [
    AttributeSchema("enable", .boolean, property: "ENABLE", doc: "Whether there is a directory table.").required(),
    AttributeSchema("auto_refresh", .boolean, property: "AUTO_REFRESH", doc: "Whether notifications refresh it."),
    AttributeSchema(
      "refresh_on_create", .boolean, property: "REFRESH_ON_CREATE", doc: "Whether it is refreshed at creation."),
    text("notification_integration", "The notification integration that tells of changes."),
    text("aws_sns_topic", "The SNS topic that tells of changes."),
  ]

  // MARK: - Configuration

  func expand(_ written: WrittenResource, context: RequestContext) -> Expansion {
    var fields = written.fields
    if let parent = written.parent, !fields.contains(where: { $0.key == "schema" }) {
      fields.append(.init("schema", .string(parent.identity.last ?? "")))
      if parent.identity.count > 1 { fields.append(.init("database", .string(parent.identity[0]))) }
    }
    for index in fields.indices where fields[index].key == "file_format" {
      if let name = fields[index].value.string { fields[index].value = ["format_name": .string(name)] }
    }
    return Expansion(resources: [ExpandedResource(type: schema.type, attributes: .object(fields))])
  }

  func validate(_ resource: DeclaredResource, context: RequestContext) -> [Diagnostic] {
    var diagnostics: [Diagnostic] = []
    let attributes = resource.attributes
    let hasURL = attributes["url"].string != nil
    if attributes["type"].string == "EXTERNAL", !hasURL {
      diagnostics.append(.error("an external stage needs a url", path: ["type"], code: "invalid-combination"))
    }
    if attributes["type"].string == "INTERNAL", hasURL {
      diagnostics.append(.error("an internal stage takes no url", path: ["url"], code: "invalid-combination"))
    }
    if !hasURL {
      for name in ["storage_integration", "credentials", "endpoint", "aws_access_point_arn"]
      where !attributes[name].isNull {
        diagnostics.append(
          .error(
            "'\(name)' is for external stages, which have a url", path: [name], code: "invalid-combination"))
      }
    }
    let format = attributes["file_format"]
    diagnostics += FormatOptions.misplaced(
      format.fields.map(\.key), type: format["type"].string, path: ["file_format"])
    return diagnostics
  }

  // MARK: - Reading

  func observe(_ observation: inout Observation, group: ReadGroup, rows: RowSet) -> Bool {
    var fields = observation.attributes.fields
    if group.name == "show" {
      let type = rows.text(0, "type")?.uppercased() ?? ""
      fields.removeAll { $0.key == "type" }
      if !type.isEmpty { fields.append(.init("type", type.hasPrefix("INTERNAL") ? "INTERNAL" : "EXTERNAL")) }
      observation.attributes = .object(fields)
      return !type.contains("TEMPORARY")
    }
    fields.removeAll { Self.records.contains($0.key) }
    fields.append(.init("directory", record(rows, parent: "DIRECTORY", Self.directory)))
    fields.append(.init("file_format", record(rows, parent: "STAGE_FILE_FORMAT", FormatOptions.record)))
    observation.attributes = .object(fields)
    return true
  }

  /// The rows of DESCRIBE STAGE under one parent property, as a record.
  private func record(_ rows: RowSet, parent: String, _ attributes: [AttributeSchema]) -> Value {
    var fields: [Value.Field] = []
    for row in rows.rows.indices where rows.text(row, "parent_property")?.uppercased() == parent {
      guard let property = rows.text(row, "property")?.uppercased(),
        let attribute = attributes.first(where: { $0.property == property })
      else { continue }
      var value = attribute.observed(rows.text(row, "property_value"))
      if attribute.name == "null_if" {
        value = FormatOptions.shownNullIf(rows.text(row, "property_value"))
      } else if case .string(let text) = value, attribute.kind == .text {
        value = .string(FormatOptions.unescaped(text))
      }
      fields.append(.init(attribute.name, value))
    }
    return .object(fields.sorted { $0.key < $1.key })
  }

  // MARK: - Planning

  func plan(_ item: PlanItem, request: PlanRequest) throws(Diagnostic) -> Change {
    var item = item
    if var observed = item.observed, let declared = item.declared {
      observed.attributes = .object(
        observed.attributes.fields.map { field in
          guard Self.records.contains(field.key), let wanted = declared.find(field.key) else { return field }
          if wanted == .null { return Self.isDefault(field) ? .init(field.key, .null) : field }
          return .init(field.key, Self.restricted(field.value, to: wanted))
        })
      item.observed = observed
    }
    var change = try planned(item)
    let isInternal = (item.declared?["url"].string ?? item.observed?.attributes["url"].string) == nil
    if isInternal, change.action == .update, change.attributes.contains(where: { $0.name == "encryption" }) {
      change.diagnostics.append(
        .error(
          "the encryption of internal stage \(item.identity.joined(separator: ".")) cannot be changed",
          detail: "Write what it was created with, or drop it and create it anew (its files are lost).",
          path: ["encryption"], code: "immutable-attribute"))
    }
    if change.action == .drop || change.action == .replace, isInternal {
      change.losses.append("the files in the internal stage")
      change.risk = .irreversible
    }
    return change
  }

  /// What the schema says, with the directory table in an ALTER of its own, as ALTER STAGE has it. How it is refreshed
  /// at creation is no part of that.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/alter-stage>.
  private func planned(_ item: PlanItem) throws(Diagnostic) -> Change {
    let planner = SchemaPlanner(schema)
    guard let declared = item.declared, let directory = declared.find("directory"), item.observed != nil else {
      return try planner.plan(item)
    }
    var rest = item
    rest.declared = .object(declared.fields.filter { $0.key != "directory" })
    var change = try planner.plan(rest)
    // A new stage takes all of it in CREATE.
    guard change.action != .replace else { return try planner.plan(item) }
    var own = item
    own.renamedFrom = nil
    own.declared = ["directory": Self.alterable(directory)]
    let there = item.observed?.attributes.find("directory")
    own.observed?.attributes = .object(there.map { [.init("directory", Self.alterable($0))] } ?? [])
    let second = try planner.plan(own)
    guard second.action == .update else { return change }
    let transfer = change.statements.firstIndex { $0.sql.description.hasPrefix("GRANT OWNERSHIP") }
    change.statements.insert(contentsOf: second.statements, at: transfer ?? change.statements.count)
    change.attributes += second.attributes
    change.diagnostics += second.diagnostics
    if change.action == .none { change.action = .update }
    return change
  }

  private static func alterable(_ directory: Value) -> Value {
    guard case .object(let fields) = directory else { return directory }
    return .object(fields.filter { $0.key != "refresh_on_create" })
  }

  /// Whether an observed record is what a stage has when nothing was said.
  private static func isDefault(_ field: Value.Field) -> Bool {
    switch field.key {
    case "directory": return field.value["enable"].bool != true
    case "file_format":
      return field.value.fields.allSatisfy { option in
        if option.value.isNull || option.value == .string("") { return true }
        if option.key == "null_if" {
          return option.value.list.allSatisfy { $0 == "\\N" }
        }
        if option.key == "type" { return option.value == .string("CSV") }
        return option.value == FormatOptions.attributes.first { $0.name == option.key }?.defaultValue
      }
    default: return false
    }
  }

  /// An observed record as far as the declared one speaks of it: other keys are not managed, and keys that the
  /// account does not show (`refresh_on_create`) are taken as declared.
  private static func restricted(_ observed: Value, to declared: Value) -> Value {
    .object(
      declared.fields.map { field in
        .init(field.key, observed.find(field.key).map { FormatOptions.settled($0, field.value) } ?? field.value)
      })
  }
}
