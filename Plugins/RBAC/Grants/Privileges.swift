import SnowmakerSDK

/// The privileges of each object type.
///
/// Source: <https://docs.snowflake.com/en/user-guide/security-access-control-privileges>.
enum Privileges {
  /// `GRANT ALL PRIVILEGES`, in canonical form.
  static let everything = "ALL"

  /// What can be granted on objects of a type, without `ALL`; nil when that is not known.
  static func of(_ type: String) -> [String]? { byType[type] }

  /// What `ALL` on a type surely brings: it counts as granted when these are there. GRANT ALL PRIVILEGES gives what the
  /// edition, the account's features and the granting role allow, so the full list would never be reached. Users
  /// are granted nothing that creates (<https://docs.snowflake.com/en/sql-reference/sql/grant-privilege-user>).
  static func core(of type: String, for grantee: String = "ROLE") -> [String] {
    let core = core(type)
    return grantee == "USER" ? core.filter { !$0.hasPrefix("CREATE ") } : core
  }

  private static func core(_ type: String) -> [String] {
    switch type {
    case "ACCOUNT": return ["CREATE DATABASE", "CREATE ROLE", "CREATE USER", "CREATE WAREHOUSE"]
    case "DATABASE": return ["CREATE SCHEMA", "MODIFY", "MONITOR", "USAGE"]
    case "SCHEMA":
      return ["CREATE STAGE", "CREATE TABLE", "CREATE VIEW", "MODIFY", "MONITOR", "USAGE"]
    case "WAREHOUSE": return ["MODIFY", "MONITOR", "OPERATE", "USAGE"]
    case "TABLE", "HYBRID TABLE", "ICEBERG TABLE", "INTERACTIVE TABLE":
      return ["DELETE", "INSERT", "REFERENCES", "SELECT", "TRUNCATE", "UPDATE"]
    case "VIEW", "MATERIALIZED VIEW", "EXTERNAL TABLE", "SEMANTIC VIEW": return ["REFERENCES", "SELECT"]
    case "DYNAMIC TABLE": return ["MONITOR", "OPERATE", "SELECT"]
    case "PIPE", "TASK", "ALERT": return ["MONITOR", "OPERATE"]
    case "EVENT TABLE": return ["INSERT", "SELECT"]
    case "COMPUTE POOL": return ["MODIFY", "MONITOR", "OPERATE", "USAGE"]
    default: return []  // few privileges, or some that depend on the object: any of them will do
    }
  }

  /// The canonical privilege that `text` means on objects of `type`.
  ///
  /// Throws when the type has no such privilege.
  static func canonical(_ text: String, on type: String) throws(Unknown) -> String {
    let words = text.split { $0.isWhitespace }.joined(separator: " ").uppercased()
    if words == "ALL" || words == "ALL PRIVILEGES" { return everything }
    if words == "OWNERSHIP" { return words }
    let known = of(type) ?? anywhere
    if known.contains(words) { return words }
    let folded = Words.folded(words)
    if let spelling = known.first(where: { Words.folded($0) == folded }) { return spelling }
    if words.hasPrefix("CREATE SNOWFLAKE."), type == "SCHEMA" { return words }
    throw Unknown(
      privilege: words, type: type, suggestion: Spelling.closest(to: words, in: known),
      isKnownElsewhere: anywhere.contains(words))
  }

  /// A privilege that the type does not have.
  struct Unknown: Error {
    var privilege: String
    var type: String
    var suggestion: String?
    var isKnownElsewhere: Bool
  }

  private static let anywhere: [String] = Set(byType.values.joined()).sorted()

  private static let table = [
    "APPLYBUDGET", "DELETE", "EVOLVE SCHEMA", "INSERT", "REBUILD", "REFERENCES", "SELECT", "TRUNCATE", "UPDATE",
  ]
  private static let service = ["MONITOR", "OPERATE", "USAGE"]

  static let byType: [String: [String]] = [
    "ACCOUNT": [
      "APPLY AGGREGATION POLICY", "APPLY AUTHENTICATION POLICY", "APPLY CONTACT", "APPLY JOIN POLICY",
      "APPLY MASKING POLICY", "APPLY PACKAGES POLICY", "APPLY PASSWORD POLICY", "APPLY PRIVACY POLICY",
      "APPLY PROJECTION POLICY", "APPLY RESOURCE GROUP", "APPLY ROW ACCESS POLICY", "APPLY SESSION POLICY",
      "APPLY STORAGE LIFECYCLE POLICY", "APPLY TAG", "ATTACH POLICY", "AUDIT", "BIND SERVICE ENDPOINT",
      "CREATE ACCOUNT", "CREATE API INTEGRATION", "CREATE APPLICATION", "CREATE APPLICATION PACKAGE",
      "CREATE COMPUTE POOL", "CREATE CREDENTIAL", "CREATE DATA EXCHANGE LISTING", "CREATE DATABASE",
      "CREATE EXTERNAL VOLUME", "CREATE FAILOVER GROUP", "CREATE INTEGRATION", "CREATE LISTING",
      "CREATE NETWORK POLICY", "CREATE OPENFLOW DATA PLANE INTEGRATION", "CREATE ORGANIZATION LISTING",
      "CREATE REPLICATION GROUP", "CREATE ROLE", "CREATE SHARE", "CREATE USER", "CREATE WAREHOUSE", "EXECUTE ALERT",
      "EXECUTE DATA METRIC FUNCTION", "EXECUTE MANAGED ALERT", "EXECUTE MANAGED TASK", "EXECUTE TASK", "IMPORT SHARE",
      "MANAGE ACCOUNT SUPPORT CASES", "MANAGE EVENT SHARING", "MANAGE GRANTS", "MANAGE LISTING AUTO FULFILLMENT",
      "MANAGE ORGANIZATION SUPPORT CASES", "MANAGE POLARIS CONNECTIONS", "MANAGE SHARE TARGET",
      "MANAGE USER SUPPORT CASES", "MANAGE WAREHOUSES", "MODIFY LOG LEVEL", "MODIFY METRIC LEVEL",
      "MODIFY SESSION LOG LEVEL", "MODIFY SESSION METRIC LEVEL", "MODIFY SESSION TRACE LEVEL", "MODIFY TRACE LEVEL",
      "MONITOR", "MONITOR EXECUTION", "MONITOR SECURITY", "MONITOR USAGE", "OVERRIDE SHARE RESTRICTIONS",
      "PURCHASE DATA EXCHANGE LISTING", "READ SESSION", "RESOLVE ALL", "USE AI FUNCTIONS",
    ],
    "APPLICATION PACKAGE": ["ATTACH LISTING", "DEVELOP", "INSTALL", "MANAGE RELEASES", "MANAGE VERSIONS"],
    "AGENT": ["MODIFY", "MONITOR", "USAGE"],
    "AGGREGATION POLICY": ["APPLY"],
    "ALERT": ["MONITOR", "OPERATE"],
    "AUTHENTICATION POLICY": ["APPLY"],
    "BACKUP POLICY": ["APPLY"],
    "COMPUTE POOL": ["APPLYBUDGET", "MODIFY", "MONITOR", "OPERATE", "USAGE"],
    "CONNECTION": ["FAILOVER"],
    "CORTEX SEARCH SERVICE": service,
    "DATA METRIC FUNCTION": ["USAGE"],
    "DATABASE": [
      "APPLYBUDGET", "CREATE DATABASE ROLE", "CREATE SCHEMA", "IMPORTED PRIVILEGES", "MODIFY", "MONITOR",
      "REFERENCE_USAGE", "USAGE",
    ],
    "DATASET": ["READ", "USAGE", "WRITE"],
    "DBT PROJECT": ["MONITOR", "USAGE"],
    "DYNAMIC TABLE": table + ["MONITOR", "OPERATE"],
    "EVENT TABLE": table,
    "EXTERNAL FUNCTION": ["USAGE"],
    "EXTERNAL TABLE": table,
    "EXTERNAL VOLUME": ["USAGE", "WRITE"],
    "FAILOVER GROUP": ["FAILOVER", "MODIFY", "MONITOR", "REPLICATE"],
    "FILE FORMAT": ["USAGE"],
    "FUNCTION": ["USAGE"],
    "GIT REPOSITORY": ["READ", "WRITE"],
    "HYBRID TABLE": table,
    "ICEBERG TABLE": table,
    "IMAGE REPOSITORY": ["READ", "WRITE"],
    "INTEGRATION": ["USAGE", "USE_ANY_ROLE"],
    "INTERACTIVE TABLE": table,
    "JOIN POLICY": ["APPLY"],
    "LISTING": ["MODIFY", "USAGE"],
    "MASKING POLICY": ["APPLY"],
    "MATERIALIZED VIEW": table,
    "MCP SERVER": ["MODIFY", "USAGE"],
    "MODEL": ["READ", "USAGE"],
    "NETWORK POLICY": ["USAGE"],
    "NETWORK RULE": ["USAGE"],
    "NOTEBOOK": ["USAGE"],
    "PACKAGES POLICY": ["APPLY", "USAGE"],
    "PASSWORD POLICY": ["APPLY"],
    "PIPE": ["APPLYBUDGET", "MONITOR", "OPERATE"],
    "PRIVACY POLICY": ["APPLY"],
    "PROCEDURE": ["USAGE"],
    "PROJECTION POLICY": ["APPLY"],
    "REPLICATION GROUP": ["MODIFY", "MONITOR", "REPLICATE"],
    "RESOURCE MONITOR": ["MODIFY", "MONITOR"],
    "ROW ACCESS POLICY": ["APPLY"],
    "SCHEMA": [
      "ADD SEARCH OPTIMIZATION", "APPLYBUDGET", "CREATE AGENT", "CREATE AGGREGATION POLICY", "CREATE ALERT",
      "CREATE AUTHENTICATION POLICY", "CREATE CONTACT", "CREATE CORTEX SEARCH SERVICE", "CREATE DATA METRIC FUNCTION",
      "CREATE DATASET", "CREATE DBT PROJECT", "CREATE DYNAMIC TABLE", "CREATE EVENT TABLE", "CREATE EXTERNAL TABLE",
      "CREATE FILE FORMAT", "CREATE FUNCTION", "CREATE GIT REPOSITORY", "CREATE HYBRID TABLE", "CREATE ICEBERG TABLE",
      "CREATE IMAGE REPOSITORY", "CREATE JOIN POLICY", "CREATE MASKING POLICY", "CREATE MATERIALIZED VIEW",
      "CREATE MCP SERVER", "CREATE MODEL", "CREATE MODEL MONITOR", "CREATE NETWORK RULE", "CREATE NOTEBOOK",
      "CREATE PACKAGES POLICY", "CREATE PASSWORD POLICY", "CREATE PIPE", "CREATE PRIVACY POLICY", "CREATE PROCEDURE",
      "CREATE PROJECTION POLICY", "CREATE RESOURCE GROUP", "CREATE ROW ACCESS POLICY", "CREATE SECRET",
      "CREATE SEMANTIC VIEW", "CREATE SEQUENCE", "CREATE SERVICE", "CREATE SERVICE CLASS", "CREATE SESSION POLICY",
      "CREATE SNAPSHOT", "CREATE SNOWFLAKE.CORE.BUDGET", "CREATE SNOWFLAKE.ML.ANOMALY_DETECTION",
      "CREATE SNOWFLAKE.ML.CLASSIFICATION", "CREATE SNOWFLAKE.ML.FORECAST", "CREATE STAGE",
      "CREATE STORAGE LIFECYCLE POLICY", "CREATE STREAM", "CREATE STREAMLIT", "CREATE TABLE", "CREATE TAG",
      "CREATE TASK", "CREATE TEMPORARY TABLE", "CREATE VIEW", "CREATE WORKSPACE", "MODIFY", "MONITOR", "USAGE",
    ],
    "SECRET": ["READ", "USAGE"],
    "SEMANTIC VIEW": ["MONITOR", "REFERENCES", "SELECT"],
    "SEQUENCE": ["USAGE"],
    "SERVICE": ["MONITOR", "OPERATE", "USAGE"],
    "SESSION POLICY": ["APPLY"],
    "SNAPSHOT": ["USAGE"],
    "SNAPSHOT POLICY": ["APPLY"],
    "SNOWFLAKE INTELLIGENCE": ["MODIFY", "USAGE"],
    "STAGE": ["READ", "USAGE", "WRITE"],
    "STORAGE LIFECYCLE POLICY": ["APPLY"],
    "STREAM": ["SELECT"],
    "STREAMLIT": ["USAGE"],
    "TABLE": table,
    "TAG": ["APPLY", "READ"],
    "TASK": ["APPLYBUDGET", "MONITOR", "OPERATE"],
    "USER": ["IMPERSONATE", "MODIFY PROGRAMMATIC AUTHENTICATION METHODS", "MONITOR"],
    "VIEW": table,
    "WAREHOUSE": ["APPLYBUDGET", "MODIFY", "MONITOR", "OPERATE", "USAGE"],
    "WORKSPACE": ["READ", "WRITE"],
  ]
}
