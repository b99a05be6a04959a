import SnowmakerSDK

/// The object parameters that a database and a schema both take. What is set on the object itself is told from what
/// it inherits by the level that SHOW PARAMETERS prints.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/parameters>.
enum ContainerParameters {
  static let attributes: [AttributeSchema] = [
    parameter(
      "data_retention_time_in_days", .integer(minimum: 0, maximum: 90),
      "Days of Time Travel; more than 1 needs Enterprise Edition."),
    parameter(
      "max_data_extension_time_in_days", .integer(minimum: 0, maximum: 90),
      "Days by which Snowflake may extend the retention so that streams do not go stale."),
    parameter("external_volume", .identifier, "The external volume of Iceberg tables."),
    parameter("catalog", .identifier, "The catalog integration of Iceberg tables."),
    parameter(
      "replace_invalid_characters", .boolean,
      "Whether invalid UTF-8 in query results on Iceberg tables is replaced."),
    parameter("default_ddl_collation", .text, "The collation of new tables' columns.").blankIsNull(),
    parameter("default_notebook_compute_pool_cpu", .text, "The CPU compute pool of notebooks."),
    parameter("default_notebook_compute_pool_gpu", .text, "The GPU compute pool of notebooks."),
    parameter(
      "storage_serialization_policy", .enumeration(["COMPATIBLE", "OPTIMIZED"]),
      "How Iceberg tables are written: for other engines, or for Snowflake."),
    parameter("log_level", .enumeration(logLevels), "The least severe messages that are logged.").rendered(.quoted),
    parameter("log_event_level", .enumeration(logLevels), "The least severe events that are logged.")
      .rendered(.quoted),
    parameter(
      "trace_level", .enumeration(["ALWAYS", "ON_EVENT", "PROPAGATE", "OFF"]), "Which trace events are recorded."
    ).rendered(.quoted),
    parameter(
      "suspend_task_after_num_failures", .integer(minimum: 0), "Failed runs in a row after which a task suspends."),
    parameter("task_auto_retry_attempts", .integer(minimum: 0), "How often a failed task graph is retried."),
    parameter(
      "user_task_managed_initial_warehouse_size",
      .enumeration([
        "XSMALL", "SMALL", "MEDIUM", "LARGE", "XLARGE", "XXLARGE", "XXXLARGE", "X4LARGE", "X5LARGE", "X6LARGE",
      ]), "The size a serverless task starts with."),
    parameter("user_task_timeout_ms", .integer(minimum: 0), "Milliseconds after which a task run is ended."),
    parameter(
      "user_task_minimum_trigger_interval_in_seconds", .integer(minimum: 0),
      "Seconds that a triggered task waits between runs."),
    parameter(
      "quoted_identifiers_ignore_case", .boolean, "Whether quoted identifiers are folded to upper case."),
    parameter("enable_console_output", .boolean, "Whether stored procedures write to the console."),
  ]

  /// What Snowflake has where nobody set anything; the account emulator answers these.
  static let defaults: [String: String] = [
    "DATA_RETENTION_TIME_IN_DAYS": "1", "MAX_DATA_EXTENSION_TIME_IN_DAYS": "14", "EXTERNAL_VOLUME": "", "CATALOG": "",
    "REPLACE_INVALID_CHARACTERS": "false", "DEFAULT_DDL_COLLATION": "", "DEFAULT_NOTEBOOK_COMPUTE_POOL_CPU": "",
    "DEFAULT_NOTEBOOK_COMPUTE_POOL_GPU": "", "STORAGE_SERIALIZATION_POLICY": "OPTIMIZED", "LOG_LEVEL": "OFF",
    "LOG_EVENT_LEVEL": "OFF", "TRACE_LEVEL": "OFF", "SUSPEND_TASK_AFTER_NUM_FAILURES": "10",
    "TASK_AUTO_RETRY_ATTEMPTS": "0", "USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE": "Medium",
    "USER_TASK_TIMEOUT_MS": "3600000", "USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS": "30",
    "QUOTED_IDENTIFIERS_IGNORE_CASE": "false", "ENABLE_CONSOLE_OUTPUT": "false",
  ]

  private static let logLevels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF"]

  static func parameter(_ name: String, _ kind: AttributeKind, _ doc: String) -> AttributeSchema {
    AttributeSchema(name, kind, property: name.uppercased(), doc: doc).read(by: "parameters")
  }
}
