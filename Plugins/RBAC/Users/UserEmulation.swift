import SnowmakerSDK

/// How the account emulator shows users.
enum UserEmulation {
  static let descriptor = Emulation(
    showColumns: [
      EmulatedColumn("name", .fact("name")), EmulatedColumn("created_on", .fact("created_on")), shown("login_name"),
      shown("display_name"), shown("first_name"), shown("last_name"), shown("email"), blank("mins_to_unlock"),
      blank("days_to_expiry"), shown("comment"), shown("disabled"), shown("must_change_password"),
      EmulatedColumn("snowflake_lock", .constant("false")), shown("default_warehouse"), shown("default_namespace"),
      shown("default_role"), shown("default_secondary_roles"), EmulatedColumn("ext_authn_duo", .constant("false")),
      blank("ext_authn_uid"), blank("mins_to_bypass_mfa"), EmulatedColumn("owner", .fact("owner")),
      null("last_success_login"), null("expires_at_time"), null("locked_until_time"),
      EmulatedColumn("has_password", .constant("false")), EmulatedColumn("has_rsa_public_key", .constant("false")),
      shown("type"), EmulatedColumn("has_mfa", .constant("false")), EmulatedColumn("has_pat", .constant("false")),
      EmulatedColumn("has_workload_identity", .constant("false")),
    ],
    describeShape: .properties,
    describeColumns: [
      shown("NAME", "name"), shown("COMMENT", "comment"), shown("DISPLAY_NAME", "display_name"), shown("TYPE", "type"),
      shown("LOGIN_NAME", "login_name"), shown("FIRST_NAME", "first_name"), shown("MIDDLE_NAME", "middle_name"),
      shown("LAST_NAME", "last_name"), shown("EMAIL", "email"),
      shown("MUST_CHANGE_PASSWORD", "must_change_password"), shown("DISABLED", "disabled"),
      shown("DEFAULT_WAREHOUSE", "default_warehouse"), shown("DEFAULT_NAMESPACE", "default_namespace"),
      shown("DEFAULT_ROLE", "default_role"), shown("DEFAULT_SECONDARY_ROLES", "default_secondary_roles"),
      shown("RSA_PUBLIC_KEY", "rsa_public_key"), shown("RSA_PUBLIC_KEY_2", "rsa_public_key_2"),
      shown("ALLOWED_INTERFACES", "allowed_interfaces"),
    ])

  private static func shown(_ column: String, _ attribute: String? = nil) -> EmulatedColumn {
    EmulatedColumn(column, .attribute(attribute ?? column))
  }
  private static func blank(_ column: String) -> EmulatedColumn { EmulatedColumn(column, .constant("")) }
  private static func null(_ column: String) -> EmulatedColumn { EmulatedColumn(column, .constant(nil)) }
}
