/// A setting of a connection, under the name that this client uses for it.
public enum ConnectionKey: String, Sendable, CaseIterable {
  case account
  case region
  case host
  case port
  case connectionProtocol = "protocol"
  case user
  case password
  case passcode
  /// Whether the passcode is at the end of the password.
  case passcodeInPassword = "passcode_in_password"
  case authenticator
  case token
  case tokenFile = "token_file_path"
  case privateKey = "private_key"
  case privateKeyFile = "private_key_file"
  case privateKeyPassphrase = "private_key_passphrase"
  case role
  case warehouse
  case database
  case schema
  case secondaryRoles = "secondary_roles"
  /// Whether the login is bound to one role: `true`, `false`, or unset, which finds out.
  case singleRole = "single_role"
  case keepAlive = "client_session_keep_alive"
  case loginTimeout = "login_timeout"
  case networkTimeout = "network_timeout"
  /// `session` (the default) or `sql-api`.
  case transport
  /// `none`, `stapled` or the path of a file of revocation lists.
  case revocation
  case oauthClientID = "oauth_client_id"
  case oauthClientSecret = "oauth_client_secret"
  case oauthAuthorizationURL = "oauth_authorization_url"
  case oauthTokenURL = "oauth_token_request_url"
  case oauthRedirectURI = "oauth_redirect_uri"
  case oauthScope = "oauth_scope"
  case workloadIdentityProvider = "workload_identity_provider"
  /// The resource that a token of Azure is asked for.
  case workloadIdentityEntraResource = "workload_identity_entra_resource"
  /// The roles that a workload in AWS takes on, one after the other.
  case workloadIdentityPath = "workload_identity_impersonation_path"
  /// The host of AWS' security token service, where it is not the region's own.
  case workloadIdentityHost = "workload_identity_host"
  /// Whether AWS is asked for a token in place of a signed question.
  case workloadIdentityOutboundToken = "workload_identity_aws_use_outbound_token"
  /// Whether browser logins use the account's own page instead of asking for the identity provider's.
  case disableConsoleLogin = "disable_console_login"
  /// Whether MFA and SSO tokens are kept for the next login.
  case storeTemporaryCredential = "client_store_temporary_credential"
  case requestMFAToken = "client_request_mfa_token"

  /// Other names of the same setting in files and variables of Snowflake's tools, in lower case.
  public var aliases: [String] {
    switch self {
    case .account: ["accountname", "account_name"]
    case .user: ["username", "user_name"]
    case .privateKey: ["private_key_raw"]
    case .privateKeyFile: ["private_key_path"]
    case .privateKeyPassphrase: ["private_key_file_pwd", "private_key_pwd", "private_key_password"]
    case .database: ["dbname", "database_name"]
    case .schema: ["schemaname", "schema_name"]
    case .warehouse: ["warehouse_name"]
    case .role: ["rolename", "role_name"]
    case .tokenFile: ["token_file"]
    default: []
    }
  }

  /// Whether the value must never be shown.
  public var isSecret: Bool {
    switch self {
    case .password, .passcode, .token, .privateKey, .privateKeyPassphrase, .oauthClientSecret: true
    default: false
    }
  }

  /// Whether a file may have a list of texts, which are taken as one text with commas between.
  var isList: Bool { self == .workloadIdentityPath }

  /// All names in the order in which they count when several are set.
  var names: [String] { [rawValue] + aliases }

  /// The setting that a name in a file stands for; nil for names of other tools' settings.
  static func named(_ name: String) -> ConnectionKey? {
    let wanted = name.lowercased()
    return allCases.first { $0.names.contains(wanted) }
  }
}
