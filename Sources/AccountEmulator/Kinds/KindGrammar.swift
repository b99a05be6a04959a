/// The clauses of a kind's CREATE and ALTER that are not of the form `NAME = value`, and its properties when no
/// provider describes it.
struct KindGrammar: Sendable {
  enum Shape: Sendable {
    /// A literal, with or without `=`.
    case value
    /// Names separated by commas.
    case names
    /// Names of one or two parts separated by commas, after `=`.
    case assignedNames
    /// Literals separated by commas.
    case list
    /// Nothing: the words say it.
    case flag(String)
    /// A data type, or a table of columns.
    case type
    /// Text up to `AS` or the end.
    case expression
  }

  struct Phrase: Sendable {
    var words: String
    var property: String
    var shape: Shape
  }

  /// Whether the types of the arguments are part of the name.
  var hasSignature = false
  /// `COMMENT = 'x'` stands after the body (policies).
  var commentFollowsBody = false
  /// Longer ones first.
  var phrases: [Phrase] = []
  /// Also in the form `NAME = value`.
  var properties: Set<String> = []

  private init(
    signature: Bool = false, policy: Bool = false, _ phrases: [(String, String, Shape)] = [], _ properties: String = ""
  ) {
    hasSignature = signature
    commentFollowsBody = policy
    self.phrases = phrases.map { Phrase(words: $0.0, property: $0.1, shape: $0.2) }
    self.properties = Set(properties.split(separator: " ").map(String.init) + phrases.map(\.1))
  }

  private static let routinePhrases: [(String, String, Shape)] = [
    ("RETURNS NULL ON NULL INPUT", "NULL_HANDLING", .flag("RETURNS NULL ON NULL INPUT")),
    ("CALLED ON NULL INPUT", "NULL_HANDLING", .flag("CALLED ON NULL INPUT")),
    ("STRICT", "NULL_HANDLING", .flag("STRICT")),
    ("RETURNS", "RETURNS", .type), ("LANGUAGE", "LANGUAGE", .value),
    ("EXECUTE AS CALLER", "EXECUTE_AS", .flag("CALLER")),
    ("EXECUTE AS OWNER", "EXECUTE_AS", .flag("OWNER")), ("NOT NULL", "RETURNS_NOT_NULL", .flag("TRUE")),
    ("IMMUTABLE", "VOLATILITY", .flag("IMMUTABLE")), ("VOLATILE", "VOLATILITY", .flag("VOLATILE")),
    ("MEMOIZABLE", "MEMOIZABLE", .flag("TRUE")),
  ]
  private static let routine = KindGrammar(
    signature: true, routinePhrases,
    "COMMENT RUNTIME_VERSION PACKAGES IMPORTS HANDLER TARGET_PATH EXTERNAL_ACCESS_INTEGRATIONS SECRETS LOG_LEVEL "
      + "TRACE_LEVEL ARTIFACT_REPOSITORY")
  private static let policy = KindGrammar(policy: true, [], "COMMENT EXEMPT_OTHER_POLICIES")

  /// By SQL name.
  ///
  /// Source: the CREATE pages of <https://docs.snowflake.com/en/sql-reference/commands-create>.
  static let all: [String: KindGrammar] = [
    "SEQUENCE": KindGrammar(
      [
        ("START WITH", "START", .value), ("START", "START", .value), ("INCREMENT BY", "INCREMENT", .value),
        ("INCREMENT", "INCREMENT", .value), ("NOORDER", "ORDERED", .flag("N")), ("ORDER", "ORDERED", .flag("Y")),
      ], "COMMENT"),
    "TASK": KindGrammar(
      [("AFTER", "PREDECESSORS", .names), ("WHEN", "CONDITION", .expression)],
      "WAREHOUSE SCHEDULE CONFIG ALLOW_OVERLAPPING_EXECUTION USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE "
        + "USER_TASK_TIMEOUT_MS SUSPEND_TASK_AFTER_NUM_FAILURES ERROR_INTEGRATION SUCCESS_INTEGRATION COMMENT "
        + "FINALIZE TASK_AUTO_RETRY_ATTEMPTS LOG_LEVEL TARGET_COMPLETION_INTERVAL SERVERLESS_TASK_MIN_STATEMENT_SIZE "
        + "SERVERLESS_TASK_MAX_STATEMENT_SIZE USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS"),
    "ALERT": KindGrammar([], "WAREHOUSE SCHEDULE COMMENT"),
    "STREAM": KindGrammar(
      [
        ("ON TABLE", "TABLE_NAME", .names), ("ON VIEW", "VIEW_NAME", .names), ("ON STAGE", "STAGE_NAME", .names),
        ("ON EXTERNAL TABLE", "EXTERNAL_TABLE_NAME", .names),
      ], "APPEND_ONLY INSERT_ONLY SHOW_INITIAL_ROWS COMMENT"),
    "TAG": KindGrammar([("ALLOWED_VALUES", "ALLOWED_VALUES", .list)], "PROPAGATE COMMENT"),
    "FUNCTION": routine, "PROCEDURE": routine,
    "MASKING POLICY": policy, "ROW ACCESS POLICY": policy, "AGGREGATION POLICY": policy, "PROJECTION POLICY": policy,
    "JOIN POLICY": policy,
    "PASSWORD POLICY": KindGrammar(
      [],
      "COMMENT PASSWORD_MIN_LENGTH PASSWORD_MAX_LENGTH PASSWORD_MIN_UPPER_CASE_CHARS PASSWORD_MIN_LOWER_CASE_CHARS "
        + "PASSWORD_MIN_NUMERIC_CHARS PASSWORD_MIN_SPECIAL_CHARS PASSWORD_MIN_AGE_DAYS PASSWORD_MAX_AGE_DAYS "
        + "PASSWORD_MAX_RETRIES PASSWORD_LOCKOUT_TIME_MINS PASSWORD_HISTORY"),
    "SESSION POLICY": KindGrammar(
      [], "COMMENT SESSION_IDLE_TIMEOUT_MINS SESSION_UI_IDLE_TIMEOUT_MINS ALLOWED_SECONDARY_ROLES"),
    "AUTHENTICATION POLICY": KindGrammar(
      [], "COMMENT AUTHENTICATION_METHODS MFA_ENROLLMENT MFA_POLICY CLIENT_TYPES SECURITY_INTEGRATIONS PAT_POLICY"),
    "SECRET": KindGrammar(
      [], "COMMENT TYPE USERNAME PASSWORD SECRET_STRING API_AUTHENTICATION OAUTH_SCOPES OAUTH_REFRESH_TOKEN ALGORITHM"),
    "SHARE": KindGrammar([("ACCOUNTS", "ACCOUNTS", .assignedNames)], "SHARE_RESTRICTIONS"),
    "DYNAMIC TABLE": KindGrammar(
      [("CLUSTER BY", "CLUSTER_BY", .type)], "TARGET_LAG WAREHOUSE REFRESH_MODE INITIALIZE COMMENT"),
    "TABLE": KindGrammar([("CLUSTER BY", "CLUSTER_BY", .type)]),
    "MATERIALIZED VIEW": KindGrammar([], "COMMENT"),
    "EVENT TABLE": KindGrammar([], "COMMENT DATA_RETENTION_TIME_IN_DAYS"),
  ]
}
