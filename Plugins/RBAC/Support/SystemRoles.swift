/// Roles that nobody created.
enum SystemRoles {
  /// The roles that every account has.
  ///
  /// Source: <https://docs.snowflake.com/en/user-guide/security-access-control-overview#system-defined-roles>.
  static let names: Set<String> = [
    "ACCOUNTADMIN", "GLOBALORGADMIN", "ORGADMIN", "PUBLIC", "SECURITYADMIN", "SYSADMIN", "USERADMIN",
  ]

  /// The roles that own what a SCIM integration creates.
  ///
  /// Source: <https://docs.snowflake.com/en/user-guide/scim-intro>.
  static let provisioners: Set<String> = ["AAD_PROVISIONER", "GENERIC_SCIM_PROVISIONER", "OKTA_PROVISIONER"]

  /// Why snowmaker keeps its hands off what this role owns; nil when it need not.
  static func foreignness(owner: String?) -> String? {
    guard let owner, provisioners.contains(owner) else { return nil }
    return "synchronised by SCIM (owned by \(owner))"
  }
}
