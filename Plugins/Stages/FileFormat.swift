import SnowmakerSDK

/// `CREATE FILE FORMAT` and its relatives, of every TYPE.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/create-file-format>.
struct FileFormat: ObjectType {
  let schema = Self.makeSchema()

  private static func makeSchema() -> TypeSchema {
    var schema = TypeSchema(
      "file_format", plural: "file_formats", sqlName: "FILE FORMAT", identity: [.database, .schema, .name],
      doc: "A named file format. Its type cannot be changed: that takes a new one.",
      attributes: [
        .databaseName, .schemaName, .objectName, .owner,
        AttributeSchema.comment.unset(.set("")),
        FormatOptions.type.required().forcesReplacement(),
      ] + FormatOptions.attributes)
    schema.forms = [.plural("file_formats"), .nested(parent: "schema", key: "file_formats", fills: "schema")]
    schema.reads = [
      ReadGroup(
        "show", "SHOW FILE FORMATS IN ACCOUNT", per: .account, shape: .rows,
        keyColumns: ["database_name", "schema_name", "name"], costClass: "SHOW FILE FORMATS"),
      ReadGroup(
        "describe", "DESCRIBE FILE FORMAT {name}", per: .object, shape: .properties,
        costClass: "DESCRIBE FILE FORMAT"),
    ]
    schema.validates = true
    schema.createPrivilege = "CREATE FILE FORMAT"
    schema.privileges = ["USAGE"]
    schema.emulation = Emulation(
      showColumns: [
        EmulatedColumn("created_on", .fact("created_on")),
        EmulatedColumn("name", .fact("name")),
        EmulatedColumn("database_name", .fact("database_name")),
        EmulatedColumn("schema_name", .fact("schema_name")),
        EmulatedColumn("type", .attribute("type")),
        EmulatedColumn("owner", .fact("owner")),
        EmulatedColumn("comment", .attribute("comment")),
        EmulatedColumn("format_options", .constant("{}")),
        EmulatedColumn("owner_role_type", .fact("owner_role_type")),
      ], describeShape: .properties)
    schema.examples = [
      example(
        ["type": "CSV", "field_delimiter": "|", "skip_header": 1, "null_if": ["", "NULL"], "compression": "GZIP"],
        ["type": "CSV", "field_delimiter": "\t", "skip_header": 2, "null_if": ["NULL"], "comment": "of the old system"]),
      example(
        ["type": "JSON", "strip_outer_array": true, "date_format": "YYYY-MM-DD"],
        ["type": "JSON", "strip_outer_array": false, "date_format": "AUTO", "ignore_utf8_errors": true]),
      example(
        ["type": "PARQUET", "snappy_compression": false, "use_logical_type": true],
        ["type": "PARQUET", "snappy_compression": true, "use_logical_type": true, "binary_as_text": false]),
      example(
        ["type": "XML", "strip_outer_element": true, "preserve_space": true],
        ["type": "XML", "strip_outer_element": true, "preserve_space": false, "disable_auto_convert": true]),
    ]
    return schema
  }

  /// A life of a format in a schema that is there.
  private static func example(_ create: Value, _ change: Value) -> TypeExample {
    func configuration(_ attributes: Value) -> Value {
      ["file_formats": [.object([.init("name", "RAW.PUBLIC.LOADING")] + attributes.fields)]]
    }
    return TypeExample(
      base: ["databases": [["name": "RAW"]]], create: configuration(create), change: configuration(change))
  }

  func validate(_ resource: DeclaredResource, context: RequestContext) -> [Diagnostic] {
    let names = resource.attributes.fields.filter { $0.value != .null }.map(\.key)
    return FormatOptions.misplaced(names, type: resource.attributes["type"].string)
  }

  func observe(_ observation: inout Observation, group: ReadGroup, rows: RowSet) -> Bool {
    guard group.name == "describe" else { return true }
    // DESCRIBE prints control characters as escapes.
    observation.attributes = .object(
      observation.attributes.fields.map { field in
        if field.key == "null_if" { return .init(field.key, FormatOptions.shownNullIf(rows.property("NULL_IF"))) }
        guard case .string(let text) = field.value, schema.attribute(field.key)?.kind == .text else { return field }
        if field.key == "file_extension", text.isEmpty || text == "NONE" { return .init(field.key, .null) }
        return .init(field.key, .string(FormatOptions.unescaped(text)))
      })
    return true
  }

  func plan(_ item: PlanItem, request: PlanRequest) throws(Diagnostic) -> Change {
    var item = item
    if let declared = item.declared?.find("null_if"), var observed = item.observed {
      observed.attributes = .object(
        observed.attributes.fields.map { field in
          field.key == "null_if" ? .init(field.key, FormatOptions.settled(field.value, declared)) : field
        })
      item.observed = observed
    }
    return try SchemaPlanner(schema).plan(item)
  }
}
