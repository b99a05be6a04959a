import SnowmakerSDK

/// The parameters that can be set on a user: those of its sessions, and its own.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/parameters>.
enum UserParameters {
  /// An attribute each, in lower case. One set on the account or inherited counts as not set.
  static let attributes: [AttributeSchema] =
    [
      AttributeSchema(
        "network_policy", .reference(["network_policy"]), property: "NETWORK_POLICY",
        doc: "The network policy that says where it may log in from."
      ).read(by: "parameters").edge(.uses, onTargetDrop: .detachFirst)
    ]
    + booleans.map { attribute($0, .boolean) } + integers.map { attribute($0, .integer()) }
    + texts.map { attribute($0, .text) }
    + words.map { attribute($0.name, .enumeration($0.values)).rendered(.quoted) }

  private static func attribute(_ parameter: String, _ kind: AttributeKind) -> AttributeSchema {
    AttributeSchema(
      parameter.lowercased(), kind, property: parameter, doc: "The parameter \(parameter) of the user's sessions."
    ).read(by: "parameters")
  }

  private static let booleans: [String] = [
    "ENABLE_UNREDACTED_QUERY_SYNTAX_ERROR", "PREVENT_UNLOAD_TO_INTERNAL_STAGES", "ABORT_DETACHED_QUERY", "AUTOCOMMIT",
    "CLIENT_ENABLE_LOG_INFO_STATEMENT_PARAMETERS", "CLIENT_METADATA_REQUEST_USE_CONNECTION_CTX",
    "CLIENT_RESULT_COLUMN_CASE_INSENSITIVE", "CLIENT_METADATA_USE_SESSION_DATABASE", "CLIENT_SESSION_KEEP_ALIVE",
    "ENABLE_CORTEX_ANALYST", "ENABLE_GET_DDL_USE_DATA_TYPE_ALIAS", "ENABLE_UNLOAD_PHYSICAL_TYPE_OPTIMIZATION",
    "ERROR_ON_NONDETERMINISTIC_MERGE", "ERROR_ON_NONDETERMINISTIC_UPDATE", "JDBC_TREAT_DECIMAL_AS_INT",
    "JDBC_TREAT_TIMESTAMP_NTZ_AS_UTC", "JDBC_USE_SESSION_TIMEZONE", "JS_TREAT_INTEGER_AS_BIGINT",
    "NOORDER_SEQUENCE_AS_DEFAULT", "ODBC_TREAT_DECIMAL_AS_INT", "QUOTED_IDENTIFIERS_IGNORE_CASE",
    "STRICT_JSON_OUTPUT", "TIMESTAMP_DAY_IS_ALWAYS_24H", "TRANSACTION_ABORT_ON_ERROR", "USE_CACHED_RESULT",
  ]

  private static let integers: [String] = [
    "CLIENT_MEMORY_LIMIT", "CLIENT_PREFETCH_THREADS", "CLIENT_RESULT_CHUNK_SIZE",
    "CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY", "HYBRID_TABLE_LOCK_TIMEOUT", "JSON_INDENT", "LOCK_TIMEOUT",
    "MULTI_STATEMENT_COUNT", "ROWS_PER_RESULTSET", "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS",
    "STATEMENT_TIMEOUT_IN_SECONDS", "TWO_DIGIT_CENTURY_START", "WEEK_OF_YEAR_POLICY", "WEEK_START",
  ]

  private static let texts: [String] = [
    "CSV_TIMESTAMP_FORMAT", "DATE_INPUT_FORMAT", "DATE_OUTPUT_FORMAT", "PYTHON_PROFILER_MODULES",
    "PYTHON_PROFILER_TARGET_STAGE", "QUERY_TAG", "S3_STAGE_VPCE_DNS_NAME", "SEARCH_PATH",
    "SIMULATED_DATA_SHARING_CONSUMER", "TIMESTAMP_INPUT_FORMAT", "TIMESTAMP_LTZ_OUTPUT_FORMAT",
    "TIMESTAMP_NTZ_OUTPUT_FORMAT", "TIMESTAMP_OUTPUT_FORMAT", "TIMESTAMP_TZ_OUTPUT_FORMAT", "TIMEZONE",
    "TIME_INPUT_FORMAT", "TIME_OUTPUT_FORMAT",
  ]

  private static let words: [(name: String, values: [String])] = [
    ("ACTIVE_PYTHON_PROFILER", ["LINE", "MEMORY"]),
    ("BINARY_INPUT_FORMAT", ["HEX", "BASE64", "UTF8"]),
    ("BINARY_OUTPUT_FORMAT", ["HEX", "BASE64"]),
    ("CLIENT_TIMESTAMP_TYPE_MAPPING", ["TIMESTAMP_LTZ", "TIMESTAMP_NTZ"]),
    ("GEOGRAPHY_OUTPUT_FORMAT", ["GeoJSON", "WKT", "WKB", "EWKT", "EWKB"]),
    ("GEOMETRY_OUTPUT_FORMAT", ["GeoJSON", "WKT", "WKB", "EWKT", "EWKB"]),
    ("LOG_LEVEL", ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF"]),
    ("LOG_EVENT_LEVEL", ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF"]),
    ("TIMESTAMP_TYPE_MAPPING", ["TIMESTAMP_LTZ", "TIMESTAMP_NTZ", "TIMESTAMP_TZ"]),
    ("TRACE_LEVEL", ["ALWAYS", "ON_EVENT", "PROPAGATE", "OFF"]),
    ("TRANSACTION_DEFAULT_ISOLATION_LEVEL", ["READ COMMITTED"]),
    ("UNSUPPORTED_DDL_ACTION", ["IGNORE", "FAIL"]),
  ]
}
