/// The roles that every account has, and what they may do from the start.
///
/// Source: <https://docs.snowflake.com/en/user-guide/security-access-control-overview#system-defined-roles>.
enum SystemRoles {
  static let all: [RoleReference] = [.accountAdmin, .securityAdmin, .userAdmin, .sysAdmin, .orgAdmin, .everyone]

  /// (role, the role that receives it).
  static let hierarchy: [(child: RoleReference, parent: RoleReference)] = [
    (.sysAdmin, .accountAdmin), (.securityAdmin, .accountAdmin), (.userAdmin, .securityAdmin),
  ]

  /// Privileges on the account, held with grant option.
  static let accountPrivileges: [(RoleReference, [String])] = [
    (.accountAdmin, GlobalPrivileges.all),
    (.securityAdmin, ["MANAGE GRANTS", "CREATE NETWORK POLICY"]),
    (.userAdmin, ["CREATE ROLE", "CREATE USER"]),
    (.sysAdmin, ["CREATE DATABASE", "CREATE WAREHOUSE"]),
  ]
}

/// The privileges that exist on the account.
///
/// Source: <https://docs.snowflake.com/en/user-guide/security-access-control-privileges#global-privileges>.
public enum GlobalPrivileges {
  /// All of them, in alphabetical order.
  public static let all: [String] = [
    "APPLY AGGREGATION POLICY", "APPLY AUTHENTICATION POLICY", "APPLY MASKING POLICY", "APPLY PACKAGES POLICY",
    "APPLY PASSWORD POLICY", "APPLY PROJECTION POLICY", "APPLY ROW ACCESS POLICY", "APPLY SESSION POLICY",
    "APPLY TAG", "ATTACH POLICY", "AUDIT", "BIND SERVICE ENDPOINT", "CREATE ACCOUNT", "CREATE API INTEGRATION",
    "CREATE APPLICATION", "CREATE APPLICATION PACKAGE", "CREATE COMPUTE POOL", "CREATE CREDENTIAL",
    "CREATE DATA EXCHANGE LISTING", "CREATE DATABASE", "CREATE EXTERNAL VOLUME", "CREATE FAILOVER GROUP",
    "CREATE INTEGRATION", "CREATE LISTING", "CREATE NETWORK POLICY", "CREATE ORGANIZATION LISTING",
    "CREATE REPLICATION GROUP", "CREATE ROLE", "CREATE SHARE", "CREATE USER", "CREATE WAREHOUSE", "EXECUTE ALERT",
    "EXECUTE DATA METRIC FUNCTION", "EXECUTE MANAGED ALERT", "EXECUTE MANAGED TASK", "EXECUTE TASK", "IMPORT SHARE",
    "MANAGE ACCOUNT SUPPORT CASES", "MANAGE EVENT SHARING", "MANAGE GRANTS", "MANAGE LISTING AUTO FULFILLMENT",
    "MANAGE ORGANIZATION SUPPORT CASES", "MANAGE POLARIS CONNECTIONS", "MANAGE SHARE TARGET",
    "MANAGE USER SUPPORT CASES", "MANAGE WAREHOUSES", "MODIFY LOG LEVEL", "MODIFY SESSION LOG LEVEL",
    "MODIFY SESSION TRACE LEVEL", "MODIFY TRACE LEVEL", "MONITOR EXECUTION", "MONITOR SECURITY", "MONITOR USAGE",
    "OVERRIDE SHARE RESTRICTIONS", "PURCHASE DATA EXCHANGE LISTING", "READ SESSION", "RESOLVE ALL",
  ]
}
