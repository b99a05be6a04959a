import SnowmakerModel

/// Types as a plugin would describe them, one of each shape: for tests of the engine and for fuzzing it.
public enum TestTypes {
  /// All of them.
  public static let all = [warehouse, networkPolicy, stage, pipe, resourceMonitor]

  private static let comment = AttributeSchema("comment", .text, property: "COMMENT", column: "comment").blankIsNull()

  static let warehouse: TypeSchema = {
    var schema = TypeSchema(
      "warehouse", plural: "warehouses", sqlName: "WAREHOUSE", identity: [.name],
      attributes: [
        AttributeSchema("name", .identifier), comment,
        AttributeSchema(
          "warehouse_size", .enumeration(["XSMALL", "SMALL", "MEDIUM"], aliases: ["X-SMALL": "XSMALL"]),
          property: "WAREHOUSE_SIZE", column: "size"
        ).defaults(to: "XSMALL"),
        AttributeSchema("auto_suspend", .integer(minimum: 0), property: "AUTO_SUSPEND", column: "auto_suspend")
          .defaults(to: 600),
        AttributeSchema("auto_resume", .boolean, property: "AUTO_RESUME", column: "auto_resume").defaults(to: true),
        AttributeSchema("initially_suspended", .boolean, property: "INITIALLY_SUSPENDED").createOnly(),
        AttributeSchema("resource_monitor", .identifier, property: "RESOURCE_MONITOR", column: "resource_monitor"),
        AttributeSchema("max_concurrency_level", .integer(minimum: 1), property: "MAX_CONCURRENCY_LEVEL")
          .read(by: "parameters"),
        AttributeSchema(
          "statement_timeout_in_seconds", .integer(minimum: 0), property: "STATEMENT_TIMEOUT_IN_SECONDS"
        ).read(by: "parameters"),
      ])
    schema.reads = [
      ReadGroup("show", "SHOW WAREHOUSES", per: .account, shape: .rows),
      ReadGroup("parameters", "SHOW PARAMETERS IN WAREHOUSE {name}", per: .object, shape: .parameters),
    ]
    schema.privileges = ["APPLYBUDGET", "MODIFY", "MONITOR", "OPERATE", "USAGE"]
    schema.createPrivilege = "CREATE WAREHOUSE"
    schema.emulation = Emulation(
      showColumns: [
        EmulatedColumn("name", .fact("name")), EmulatedColumn("state", .fact("state")),
        EmulatedColumn("size", .attribute("warehouse_size"), echo: ["XSMALL": "X-Small", "SMALL": "Small"]),
        EmulatedColumn("is_current", .constant("N")), EmulatedColumn("auto_suspend", .attribute("auto_suspend")),
        EmulatedColumn("auto_resume", .attribute("auto_resume")), EmulatedColumn("created_on", .fact("created_on")),
        EmulatedColumn("owner", .fact("owner")), EmulatedColumn("comment", .attribute("comment")),
        EmulatedColumn("resource_monitor", .attribute("resource_monitor"), echo: ["": "null"]),
        EmulatedColumn("owner_role_type", .fact("owner_role_type")),
      ], extraProperties: ["WAREHOUSE_TYPE"])
    return schema
  }()

  static let networkPolicy: TypeSchema = {
    func list(_ name: String) -> AttributeSchema {
      AttributeSchema(name, .set(.text), property: name.uppercased()).read(by: "describe")
    }
    var schema = TypeSchema(
      "network_policy", plural: "network_policies", sqlName: "NETWORK POLICY", sqlPlural: "NETWORK POLICIES",
      identity: [.name],
      attributes: [AttributeSchema("name", .identifier), comment, list("allowed_ip_list"), list("blocked_ip_list")])
    schema.reads = [ReadGroup("describe", "DESCRIBE NETWORK POLICY {name}", per: .object, shape: .properties)]
    schema.emulation = Emulation(
      showColumns: [
        EmulatedColumn("created_on", .fact("created_on")), EmulatedColumn("name", .fact("name")),
        EmulatedColumn("comment", .attribute("comment")),
        EmulatedColumn("entries_in_allowed_ip_list", .fact("count:allowed_ip_list")),
      ], describeShape: .properties)
    return schema
  }()

  static let stage: TypeSchema = {
    var schema = TypeSchema(
      "stage", plural: "stages", sqlName: "STAGE", identity: [.database, .schema, .name],
      attributes: [
        AttributeSchema("name", .identifier), comment,
        AttributeSchema("url", .text, property: "URL", column: "url"),
        AttributeSchema(
          "directory", .record([AttributeSchema("enable", .boolean, property: "ENABLE").required()]),
          property: "DIRECTORY"
        ).read(by: "describe"),
        AttributeSchema(
          "file_format",
          .record([
            AttributeSchema("format_name", .name, property: "FORMAT_NAME"),
            AttributeSchema("type", .enumeration(["CSV", "JSON"]), property: "TYPE").defaults(to: "CSV"),
            AttributeSchema("field_delimiter", .text, property: "FIELD_DELIMITER").defaults(to: ",").bareWords("NONE"),
          ]), property: "FILE_FORMAT"
        ).read(by: "describe"),
      ])
    schema.reads = [ReadGroup("describe", "DESCRIBE STAGE {name}", per: .object, shape: .properties)]
    schema.privileges = ["READ", "WRITE", "USAGE"]
    schema.emulation = Emulation(
      showColumns: [
        EmulatedColumn("created_on", .fact("created_on")), EmulatedColumn("name", .fact("name")),
        EmulatedColumn("database_name", .fact("database_name")), EmulatedColumn("schema_name", .fact("schema_name")),
        EmulatedColumn("owner", .fact("owner")), EmulatedColumn("type", .fact("stage_type")),
        EmulatedColumn("directory_enabled", .fact("has:directory.enable")),
      ], describeShape: .properties)
    return schema
  }()

  static let pipe: TypeSchema = {
    var schema = TypeSchema(
      "pipe", plural: "pipes", sqlName: "PIPE", identity: [.database, .schema, .name],
      attributes: [
        AttributeSchema("name", .identifier), comment,
        AttributeSchema("auto_ingest", .boolean, property: "AUTO_INGEST"),
        AttributeSchema("copy_statement", .sql, property: "AS", column: "definition").required(),
      ])
    schema.emulation = Emulation(
      showColumns: [EmulatedColumn("name", .fact("name")), EmulatedColumn("definition", .attribute("copy_statement"))])
    return schema
  }()

  /// A type without any word about how it is emulated.
  static let resourceMonitor = TypeSchema(
    "resource_monitor", plural: "resource_monitors", sqlName: "RESOURCE MONITOR", identity: [.name],
    attributes: [
      AttributeSchema("name", .identifier), comment,
      AttributeSchema("credit_quota", .integer(minimum: 1), property: "CREDIT_QUOTA"),
    ])
}
