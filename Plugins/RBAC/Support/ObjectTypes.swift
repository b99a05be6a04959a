import SnowmakerSDK

/// The object types that privileges are granted on, as SQL spells them.
enum ObjectTypes {
  /// What lies in the account directly and has a name of one part.
  static let inAccount: Set<String> = [
    "APPLICATION", "APPLICATION PACKAGE", "COMPUTE POOL", "CONNECTION", "DATABASE", "EXTERNAL VOLUME", "FAILOVER GROUP",
    "INTEGRATION", "LISTING", "NETWORK POLICY", "OPENFLOW DEPLOYMENT", "POSTGRES INSTANCE", "REPLICATION GROUP",
    "RESOURCE MONITOR", "ROLE", "SHARE", "SNOWFLAKE INTELLIGENCE", "USER", "WAREHOUSE",
  ]

  /// What lies in a database directly: a name of two parts.
  static let inDatabase: Set<String> = ["SCHEMA", "DATABASE ROLE"]

  /// What lies in a schema.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/grant-privilege>.
  static let inSchema: Set<String> = [
    "AGENT", "AGGREGATION POLICY", "ALERT", "AUTHENTICATION POLICY", "BACKUP POLICY", "CORTEX SEARCH SERVICE",
    "DATA METRIC FUNCTION", "DATASET", "DBT PROJECT", "DYNAMIC TABLE", "EVENT TABLE", "EXPERIMENT", "EXTERNAL FUNCTION",
    "EXTERNAL TABLE", "FILE FORMAT", "FUNCTION", "GATEWAY", "GIT REPOSITORY", "HYBRID TABLE", "ICEBERG TABLE",
    "IMAGE REPOSITORY", "INTERACTIVE TABLE", "JOIN POLICY", "MASKING POLICY", "MATERIALIZED VIEW", "MCP SERVER",
    "MODEL", "MODEL MONITOR", "NETWORK RULE", "NOTEBOOK", "NOTEBOOK PROJECT", "ONLINE FEATURE TABLE",
    "OPENFLOW CONNECTOR", "OPENFLOW RUNTIME", "PACKAGES POLICY", "PASSWORD POLICY", "PIPE", "PRIVACY POLICY",
    "PROCEDURE", "PROJECTION POLICY", "ROW ACCESS POLICY", "SECRET",
    "SEMANTIC VIEW", "SEQUENCE", "SERVICE", "SESSION POLICY", "SNAPSHOT", "SNAPSHOT POLICY", "SNAPSHOT SET", "STAGE",
    "STORAGE LIFECYCLE POLICY", "STREAM", "STREAMLIT", "TABLE", "TAG", "TASK", "VIEW", "WORKSPACE",
    "SNOWFLAKE.CORE.BUDGET", "SNOWFLAKE.ML.CLASSIFICATION",
  ]

  /// Spellings that GRANT and SHOW GRANTS fold into another type: every kind of integration is an `INTEGRATION`.
  private static let folded: [String: String] = [
    "API INTEGRATION": "INTEGRATION", "CATALOG INTEGRATION": "INTEGRATION",
    "EXTERNAL ACCESS INTEGRATION": "INTEGRATION", "NOTIFICATION INTEGRATION": "INTEGRATION",
    "SECURITY INTEGRATION": "INTEGRATION", "STORAGE INTEGRATION": "INTEGRATION", "CORTEX AGENT SERVER": "MCP SERVER",
    "DATABASEROLE": "DATABASE ROLE",
  ]

  /// Functions and procedures: named with the types of their arguments.
  static let routines: Set<String> = ["FUNCTION", "PROCEDURE", "EXTERNAL FUNCTION", "DATA METRIC FUNCTION"]

  static let all = inAccount.union(inDatabase).union(inSchema)

  /// The types by their plural, e.g. `FILE FORMATS`.
  private static let byPlural: [String: String] = {
    var result: [String: String] = [:]
    for type in all.union(folded.keys) { result[plural(of: type)] = folded[type] ?? type }
    return result
  }()

  /// `MASKING POLICY` → `MASKING POLICIES`, `TABLE` → `TABLES`.
  static func plural(of type: String) -> String {
    if type.hasPrefix("SNOWFLAKE.") { return type }
    guard type.hasSuffix("Y"), !type.hasSuffix("AY"), !type.hasSuffix("EY") else { return type + "S" }
    return type.dropLast() + "IES"
  }

  /// The type that a word or words mean: `file_format`, `File Formats`, `STORAGE INTEGRATION`; nil when there is none.
  static func type(_ text: some StringProtocol) -> String? {
    let words = Words.upper(text)
    if let type = folded[words] { return type }
    return all.contains(words) ? words : byPlural[words]
  }

  /// The type that a SHOW GRANTS column names: `FILE_FORMAT` is `FILE FORMAT`.
  static func shown(_ text: String) -> String {
    let words = text.utf8.contains(UInt8(ascii: "_")) ? text.replacing("_", with: " ") : text
    return folded[words] ?? words
  }

  /// The type closest to a misspelt one.
  static func suggestion(for text: some StringProtocol) -> String? {
    Spelling.closest(to: Words.upper(text), in: all.sorted())
  }
}

/// Words as configurations write them.
enum Words {
  /// Upper case, `_` and any white space as one space.
  static func upper(_ text: some StringProtocol) -> String {
    text.uppercased().split { $0 == "_" || $0.isWhitespace }.joined(separator: " ")
  }

  /// Upper case without `_`, `-` and spaces: what two spellings of the same words share.
  static func folded(_ text: some StringProtocol) -> String {
    String(text.uppercased().filter { $0 != "_" && $0 != "-" && !$0.isWhitespace })
  }
}
