/// Whether a session may change its role.
///
/// A programmatic access token with ROLE_RESTRICTION and an OAuth token with the scope `session:role:NAME` bind a session
/// to one role: the account refuses USE ROLE, even to that role, with 003107, and secondary roles do not count.
enum RoleBinding: Sendable, Equatable {
  /// The role may be changed.
  case free
  /// The session stays on the role it logged in with.
  case single
  /// Only the account can tell.
  case unknown

  /// The account's code for a USE ROLE that a restricted token does not bear.
  static let refusal = "003107"

  /// What the scopes of OAuth say, separated by spaces; `unknown` when none is about a role.
  init(scopes: some Sequence<some StringProtocol>) {
    self = .unknown
    for scope in scopes {
      let scope = scope.lowercased()
      if scope == "session:role-any" {
        self = .free
        return
      }
      if scope.hasPrefix("session:role:") { self = .single }
    }
  }

  /// What an access token says of itself, when it is a JWT: its claim `scp` or `scope`, a text or a list.
  init(token: Secret) {
    self = .unknown
    let parts = token.reveal().split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, var claims = Base64.decode(String(parts[1])),
      let document = try? JSONReader.read(&claims, { (reader) throws(JSONError) in try reader.value() })
    else { return }
    for claim in ["scp", "scope"] {
      switch document[claim] {
      case .string(let text)?: self = RoleBinding(scopes: text.split(separator: " "))
      case .array(let scopes)?: self = RoleBinding(scopes: scopes.compactMap(\.text))
      default: continue
      }
      if self != .unknown { return }
    }
  }
}
