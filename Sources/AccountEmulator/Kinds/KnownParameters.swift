import SnowmakerModel

/// A parameter of the account, a session or an object: its type, default and values.
struct KnownParameter: Sendable {
  enum ValueType: String, Sendable { case number = "NUMBER", boolean = "BOOLEAN", string = "STRING" }

  var name: String
  var type: ValueType
  var defaultValue: String
  /// The values it takes; empty for any.
  var values: [String] = []
  /// Whether ALTER ACCOUNT, ALTER SESSION, ALTER USER take it.
  var onAccount = false
  var onSession = false
  var onUser = false

  /// The canonical text of a value. Throws 001008 when the parameter does not take it.
  func canonical(_ literal: Literal) throws(StatementFailure) -> String {
    let text: String
    switch literal {
    case .word(let word): text = word
    case .string(let string): text = string
    case .number(let number): text = number
    case .name(let parts): text = parts.map(\.sql).joined(separator: ".")
    case .list(let items):
      var texts: [String] = []
      for item in items { texts.append(try canonical(item)) }
      text = texts.joined(separator: ",")
    case .properties: throw .invalidParameterValue("(…)", for: name)
    }
    return try canonical(text)
  }

  /// The canonical text of a value. Throws 001008 when the parameter does not take it.
  func canonical(_ text: String) throws(StatementFailure) -> String {
    switch type {
    case .boolean:
      let lower = text.lowercased()
      if lower == "true" || lower == "false" { return lower }
    case .number:
      if Int64(text) != nil || Double(text) != nil { return text }
    case .string:
      if values.isEmpty { return text }
      if let value = values.first(where: { $0.uppercased() == text.uppercased() }) { return value }
    }
    throw .invalidParameterValue(text, for: name)
  }
}

/// The parameters the emulator knows.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/parameters>.
enum KnownParameters {
  static let all: [String: KnownParameter] = {
    var result: [String: KnownParameter] = [:]
    for line in table.split(separator: "\n") {
      let fields = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 5 else { continue }
      let type: KnownParameter.ValueType = fields[1] == "n" ? .number : fields[1] == "b" ? .boolean : .string
      result[fields[0]] = KnownParameter(
        name: fields[0], type: type, defaultValue: fields[3],
        values: fields[4].split(separator: ",").map(String.init), onAccount: fields[2].contains("a"),
        onSession: fields[2].contains("s"), onUser: fields[2].contains("u") || fields[2].contains("s"))
    }
    return result
  }()

  static func find(_ name: String) -> KnownParameter? { all[name] }

  /// Name, type (number, boolean, string), where it is set (account, session, user, object), default, values.
  private static let table = """
    ABORT_DETACHED_QUERY|b|as|false|
    ACTIVE_PYTHON_PROFILER|s|as||LINE,MEMORY
    ALLOWED_SPCS_WORKLOAD_TYPES|s|a||
    ALLOW_BIND_VALUES_ACCESS|b|a|false|
    ALLOW_CLIENT_MFA_CACHING|b|a|false|
    ALLOW_ID_TOKEN|b|a|false|
    AUTOCOMMIT|b|as|true|
    BASE_LOCATION_PREFIX|s|a||
    BINARY_INPUT_FORMAT|s|as|HEX|HEX,BASE64,UTF8
    BINARY_OUTPUT_FORMAT|s|as|HEX|HEX,BASE64
    CATALOG|s|ao||
    CATALOG_SYNC|s|a||
    CLIENT_ENABLE_LOG_INFO_STATEMENT_PARAMETERS|b|as|false|
    CLIENT_ENCRYPTION_KEY_SIZE|n|a|128|
    CLIENT_MEMORY_LIMIT|n|as|1536|
    CLIENT_METADATA_REQUEST_USE_CONNECTION_CTX|b|as|false|
    CLIENT_METADATA_USE_SESSION_DATABASE|b|as|false|
    CLIENT_PREFETCH_THREADS|n|as|4|
    CLIENT_RESULT_CHUNK_SIZE|n|as|160|
    CLIENT_RESULT_COLUMN_CASE_INSENSITIVE|b|as|false|
    CLIENT_SESSION_KEEP_ALIVE|b|as|false|
    CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY|n|as|3600|
    CLIENT_TIMESTAMP_TYPE_MAPPING|s|as|TIMESTAMP_LTZ|TIMESTAMP_LTZ,TIMESTAMP_NTZ
    CORTEX_CODE_CLI_DAILY_EST_CREDIT_LIMIT_PER_USER|n|a|0|
    CORTEX_CODE_DESKTOP_DAILY_EST_CREDIT_LIMIT_PER_USER|n|a|0|
    CORTEX_CODE_SNOWSIGHT_DAILY_EST_CREDIT_LIMIT_PER_USER|n|a|0|
    CORTEX_ENABLED_CROSS_REGION|s|a|DISABLED|
    CORTEX_MODELS_ALLOWLIST|s|a|ALL|
    CSV_TIMESTAMP_FORMAT|s|as||
    DATA_METRIC_SCHEDULE|s|ao||
    DATA_RETENTION_TIME_IN_DAYS|n|ao|1|
    DATE_INPUT_FORMAT|s|as|AUTO|
    DATE_OUTPUT_FORMAT|s|as|YYYY-MM-DD|
    DEFAULT_DBT_VERSION|s|a||
    DEFAULT_DDL_COLLATION|s|ao||
    DEFAULT_NOTEBOOK_COMPUTE_POOL_CPU|s|ao|SYSTEM_COMPUTE_POOL_CPU|
    DEFAULT_NOTEBOOK_COMPUTE_POOL_GPU|s|ao|SYSTEM_COMPUTE_POOL_GPU|
    DEFAULT_NULL_ORDERING|s|a|LAST|FIRST,LAST
    DEFAULT_STREAMLIT_COMPUTE_POOL|s|a||
    DEFAULT_STREAMLIT_NOTEBOOK_WAREHOUSE|s|a||
    DISABLE_UI_DOWNLOAD_BUTTON|b|a|false|
    DISABLE_USER_PRIVILEGE_GRANTS|b|a|false|
    DISALLOWED_SPCS_WORKLOAD_TYPES|s|a||
    ENABLE_AUTOMATIC_SENSITIVE_DATA_CLASSIFICATION_LOG|b|a|false|
    ENABLE_BUDGET_EVENT_LOGGING|b|a|false|
    ENABLE_CONSOLE_OUTPUT|b|ao|false|
    ENABLE_CORTEX_ANALYST|b|as|true|
    ENABLE_DATA_COMPACTION|b|ao|false|
    ENABLE_EGRESS_COST_OPTIMIZER|b|a|false|
    ENABLE_GET_DDL_USE_DATA_TYPE_ALIAS|b|as|false|
    ENABLE_ICEBERG_MERGE_ON_READ|b|ao|false|
    ENABLE_IDENTIFIER_FIRST_LOGIN|b|a|true|
    ENABLE_INTERNAL_STAGES_PRIVATELINK|b|a|false|
    ENABLE_NOTEBOOK_CREATION_IN_PERSONAL_DB|b|ao|false|
    ENABLE_PERSONAL_DATABASE|b|a|false|
    ENABLE_PER_ACCOUNT_APP_SERVICE_PRIVATELINK_URL|b|a|false|
    ENABLE_SPCS_BLOCK_STORAGE_SNOWFLAKE_FULL_ENCRYPTION_ENFORCEMENT|b|a|false|
    ENABLE_TAG_PROPAGATION_EVENT_LOGGING|b|a|false|
    ENABLE_TRI_SECRET_AND_REKEY_OPT_OUT_FOR_IMAGE_REPOSITORY|b|a|false|
    ENABLE_TRI_SECRET_AND_REKEY_OPT_OUT_FOR_SPCS_BLOCK_STORAGE|b|a|false|
    ENABLE_UNHANDLED_EXCEPTIONS_REPORTING|b|a|false|
    ENABLE_UNLOAD_PHYSICAL_TYPE_OPTIMIZATION|b|as|true|
    ENABLE_UNREDACTED_QUERY_SYNTAX_ERROR|b|auo|false|
    ENABLE_UNREDACTED_SECURE_OBJECT_ERROR|b|a|false|
    ENFORCE_NETWORK_RULES_FOR_INTERNAL_STAGES|b|a|false|
    ERROR_ON_NONDETERMINISTIC_MERGE|b|as|true|
    ERROR_ON_NONDETERMINISTIC_UPDATE|b|as|false|
    EVENT_TABLE|s|a||
    EXTERNAL_OAUTH_ADD_PRIVILEGED_ROLES_TO_BLOCKED_LIST|b|a|true|
    EXTERNAL_VOLUME|s|ao||
    FEATURE_RBAC_INHERITED_GRANTS|s|a|DISABLED|ENABLED,DISABLED
    GEOGRAPHY_OUTPUT_FORMAT|s|as|GeoJSON|GeoJSON,WKT,WKB,EWKT,EWKB
    GEOMETRY_OUTPUT_FORMAT|s|as|GeoJSON|GeoJSON,WKT,WKB,EWKT,EWKB
    HYBRID_TABLE_LOCK_TIMEOUT|n|as|3600|
    ICEBERG_VERSION_DEFAULT|n|ao|2|
    INITIAL_REPLICATION_SIZE_LIMIT_IN_TB|s|a|10.0|
    JDBC_TREAT_DECIMAL_AS_INT|b|as|true|
    JDBC_TREAT_TIMESTAMP_NTZ_AS_UTC|b|as|false|
    JDBC_USE_SESSION_TIMEZONE|b|as|true|
    JSON_INDENT|n|as|2|
    JS_TREAT_INTEGER_AS_BIGINT|b|as|false|
    LISTING_AUTO_FULFILLMENT_REPLICATION_REFRESH_SCHEDULE|s|a|1440 MINUTE|
    LOCK_TIMEOUT|n|as|43200|
    LOG_EVENT_LEVEL|s|aso|OFF|TRACE,DEBUG,INFO,WARN,ERROR,FATAL,OFF
    LOG_LEVEL|s|aso|OFF|TRACE,DEBUG,INFO,WARN,ERROR,FATAL,OFF
    MAX_CONCURRENCY_LEVEL|n|ao|8|
    MAX_DATA_EXTENSION_TIME_IN_DAYS|n|ao|14|
    METRIC_LEVEL|s|ao|NONE|ALL,NONE
    MIN_DATA_RETENTION_TIME_IN_DAYS|n|a|0|
    MULTI_STATEMENT_COUNT|n|as|1|
    NETWORK_POLICY|s|auo||
    NOORDER_SEQUENCE_AS_DEFAULT|b|as|true|
    OAUTH_ADD_PRIVILEGED_ROLES_TO_BLOCKED_LIST|b|a|true|
    ODBC_TREAT_DECIMAL_AS_INT|b|as|false|
    PERIODIC_DATA_REKEYING|b|a|false|
    PIPE_EXECUTION_PAUSED|b|ao|false|
    PREVENT_LOAD_FROM_INLINE_URL|b|a|false|
    PREVENT_UNLOAD_TO_INLINE_URL|b|a|false|
    PREVENT_UNLOAD_TO_INTERNAL_STAGES|b|auo|false|
    PYTHON_PROFILER_MODULES|s|as||
    PYTHON_PROFILER_TARGET_STAGE|s|as||
    QUERY_TAG|s|as||
    QUOTED_IDENTIFIERS_IGNORE_CASE|b|aso|false|
    READ_CONSISTENCY_MODE|s|a|SESSION|
    REPLACE_INVALID_CHARACTERS|b|ao|false|
    REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_CREATION|b|a|false|
    REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_OPERATION|b|a|false|
    ROWS_PER_RESULTSET|n|as|0|
    ROW_TIMESTAMP_DEFAULT|b|ao|false|
    S3_STAGE_VPCE_DNS_NAME|s|as||
    SEARCH_PATH|s|as|$current, $public|
    SERVERLESS_TASK_MAX_STATEMENT_SIZE|s|a|X2LARGE|XSMALL,SMALL,MEDIUM,LARGE,XLARGE,XXLARGE,XXXLARGE,X4LARGE,X5LARGE,X6LARGE
    SERVERLESS_TASK_MIN_STATEMENT_SIZE|s|a|XSMALL|XSMALL,SMALL,MEDIUM,LARGE,XLARGE,XXLARGE,XXXLARGE,X4LARGE,X5LARGE,X6LARGE
    SHARE_RESTRICTIONS|b|ao|false|
    SIMULATED_DATA_SHARING_CONSUMER|s|as||
    SQL_TRACE_QUERY_TEXT|s|a|OFF|
    SSO_LOGIN_PAGE|b|a|false|
    STATEMENT_QUEUED_TIMEOUT_IN_SECONDS|n|aso|0|
    STATEMENT_TIMEOUT_IN_SECONDS|n|aso|172800|
    STORAGE_SERIALIZATION_POLICY|s|ao|OPTIMIZED|COMPATIBLE,OPTIMIZED
    STRICT_JSON_OUTPUT|b|as|false|
    SUSPEND_TASK_AFTER_NUM_FAILURES|n|ao|10|
    TASK_AUTO_RETRY_ATTEMPTS|n|ao|0|
    TIMESTAMP_DAY_IS_ALWAYS_24H|b|as|false|
    TIMESTAMP_INPUT_FORMAT|s|as|AUTO|
    TIMESTAMP_LTZ_OUTPUT_FORMAT|s|as||
    TIMESTAMP_NTZ_OUTPUT_FORMAT|s|as|YYYY-MM-DD HH24:MI:SS.FF3|
    TIMESTAMP_OUTPUT_FORMAT|s|as|YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM|
    TIMESTAMP_TYPE_MAPPING|s|as|TIMESTAMP_NTZ|TIMESTAMP_LTZ,TIMESTAMP_NTZ,TIMESTAMP_TZ
    TIMESTAMP_TZ_OUTPUT_FORMAT|s|as||
    TIMEZONE|s|as|America/Los_Angeles|
    TIME_INPUT_FORMAT|s|as|AUTO|
    TIME_OUTPUT_FORMAT|s|as|HH24:MI:SS|
    TRACE_LEVEL|s|aso|OFF|ALWAYS,ON_EVENT,PROPAGATE,OFF
    TRANSACTION_ABORT_ON_ERROR|b|as|false|
    TRANSACTION_DEFAULT_ISOLATION_LEVEL|s|as|READ COMMITTED|READ COMMITTED
    TWO_DIGIT_CENTURY_START|n|as|1970|
    UNSUPPORTED_DDL_ACTION|s|as|ignore|IGNORE,FAIL
    USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE|s|ao|Medium|XSMALL,SMALL,MEDIUM,LARGE,XLARGE,XXLARGE,XXXLARGE,X4LARGE,X5LARGE,X6LARGE
    USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS|n|ao|30|
    USER_TASK_TIMEOUT_MS|n|ao|3600000|
    USE_CACHED_RESULT|b|as|true|
    USE_WORKSPACES_FOR_SQL|s|a||
    WEEK_OF_YEAR_POLICY|n|as|0|
    WEEK_START|n|as|0|
    """
}
