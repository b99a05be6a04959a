import AccountModel
import SnowmakerModel

/// Decides who may log in, and what a new session stands on.
struct LoginDesk {
  let world: World

  func login(_ request: LoginRequest) throws(LoginFailure) -> EngineSession {
    let user = try authenticate(request)
    if user.attributes["disabled"] == .bool(true) {
      throw LoginFailure(code: "390101", message: "User access disabled. Contact your local system admin.")
    }
    try requireAllowedAddress(user)
    var state = try start(request, user)
    if let role = try restriction(request) {
      guard request.role.map({ canonical($0) == role }) ?? true,
        world.account.assumableRoles(of: user.name).contains(.account(role))
      else {
        throw LoginFailure(
          code: "390189", message: "Role '\(request.role ?? role)' is not the one the access token is restricted to.")
      }
      state.role = role
    }
    var context = SessionContext(user: user.name)
    context.allSecondaryRoles = secondaryRoles(request, user)
    if try restriction(request) != nil {
      context.allSecondaryRoles = false
      context.isRestricted = true
    }
    return EngineSession(id: world.openSession(context), current: state)
  }

  /// The network policy of the user, else of the account. Every client is on loopback, so the address is 127.0.0.1.
  private func requireAllowedAddress(_ user: StoredObject) throws(LoginFailure) {
    let account = world.object("ACCOUNT", "")?.text("NETWORK_POLICY")
    guard let name = user.text("network_policy") ?? user.text("NETWORK_POLICY") ?? account, !name.isEmpty,
      let policy = world.object("NETWORK POLICY", canonical(name) ?? name)
    else { return }
    let allowed = policy.attributes["allowed_ip_list"]?.list.compactMap(\.string) ?? []
    let blocked = policy.attributes["blocked_ip_list"]?.list.compactMap(\.string) ?? []
    let isAllowed = allowed.isEmpty || allowed.contains { AddressRange($0)?.contains(AddressRange.loopback) ?? false }
    if !isAllowed || blocked.contains(where: { AddressRange($0)?.contains(AddressRange.loopback) ?? false }) {
      throw LoginFailure(
        code: "390422",
        message: "Incoming request with IP/Token 127.0.0.1 is not allowed to access Snowflake. Contact your account "
          + "administrator. For more information about this error, go to "
          + "https://community.snowflake.com/s/ip-xxxxxxxxxxxx-is-not-allowed-to-access")
    }
  }

  /// The role that an access token is restricted to.
  private func restriction(_ request: LoginRequest) throws(LoginFailure) -> String? {
    switch request.credential {
    case .accessToken(let token): return try AccessTokens.find(token, claimed: request.user, in: world).role
    case .password(let text) where text.hasPrefix(AccessTokens.prefix):
      return try AccessTokens.find(text, claimed: request.user, in: world).role
    default: return nil
    }
  }

  // MARK: Who

  private func authenticate(_ request: LoginRequest) throws(LoginFailure) -> StoredObject {
    switch request.credential {
    case .password(let password):
      // A programmatic access token does where a password is asked for.
      if password.hasPrefix(AccessTokens.prefix) {
        return try AccessTokens.find(password, claimed: request.user, in: world).user
      }
      guard let user = user(named: request.user), let hash = user.notes["password"]?.string,
        PasswordHash.matches(password, hash), user.text("type") != "SERVICE"
      else { throw LoginFailure(code: "390100", message: "Incorrect username or password was specified.") }
      return user
    case .keyPairJWT(let token): return try KeyPairLogin(world: world).user(token, claimed: request.user)
    case .oauth: throw LoginFailure(code: "390303", message: "Invalid OAuth access token.")
    case .accessToken(let token):
      let (user, _) = try AccessTokens.find(token, claimed: request.user, in: world)
      return user
    case .vouched:
      guard let user = user(named: request.user) else {
        throw LoginFailure(code: "390100", message: "Incorrect username or password was specified.")
      }
      return user
    case .other(let name):
      throw LoginFailure(
        code: "390139",
        message: "The authenticator '\(name)' is not accepted by the account emulator; log in with a "
          + "password or a key pair.")
    }
  }

  /// The user with a login name; case does not matter.
  func user(named login: String) -> StoredObject? {
    let wanted = login.uppercased()
    if let user = world.object("USER", wanted), (user.text("login_name") ?? user.plainName).uppercased() == wanted {
      return user
    }
    return world.objects("USER").first { ($0.text("login_name") ?? $0.plainName).uppercased() == wanted }
  }

  // MARK: Where

  private func start(_ request: LoginRequest, _ user: StoredObject) throws(LoginFailure) -> EngineSession.State {
    let assumable = world.account.assumableRoles(of: user.name)
    var state = EngineSession.State(user: user.name, role: "PUBLIC")
    if let name = request.role, !name.isEmpty {
      guard let role = canonical(name), assumable.contains(.account(role)) else {
        throw LoginFailure(
          code: "390189",
          message: "Role '\(name)' specified in the connect string does not exist or not authorized. "
            + "Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC.")
      }
      state.role = role
    } else if let role = canonical(user.text("default_role")), assumable.contains(.account(role)) {
      state.role = role
    }
    let namespace = user.text("default_namespace").flatMap { try? QualifiedName(parsing: $0) }
    if let database = canonical(request.database) ?? namespace?.parts.first?.sql, world.exists("DATABASE", database) {
      state.database = database
      let second = namespace.flatMap { $0.parts.count > 1 ? $0.parts[1].sql : nil }
      let schema = canonical(request.schema) ?? second ?? "PUBLIC"
      if world.exists("SCHEMA", database + "." + schema) { state.schema = schema }
    }
    if let warehouse = canonical(request.warehouse) ?? canonical(user.text("default_warehouse")),
      world.exists("WAREHOUSE", warehouse)
    {
      state.warehouse = warehouse
    }
    for (name, text) in request.sessionParameters {
      // Parameters of clients that the account does not know are kept as they are: real drivers send many.
      guard let known = KnownParameters.find(name.uppercased()) else {
        state.parameters[name.uppercased()] = text
        continue
      }
      if let value = try? known.canonical(text) { state.parameters[known.name] = value }
    }
    return state
  }

  private func secondaryRoles(_ request: LoginRequest, _ user: StoredObject) -> Bool {
    if let asked = request.secondaryRoles { return asked.uppercased() == "ALL" }
    guard let value = user.attributes["default_secondary_roles"] else { return true }
    return ShowColumn.text(value)?.uppercased().contains("ALL") ?? false
  }

  private func canonical(_ name: String?) -> String? {
    guard let name, !name.isEmpty else { return nil }
    return (try? Identifier(parsing: name))?.sql ?? Identifier(exact: name).sql
  }
}

/// IPv4 addresses with a common prefix: `10.0.0.0/8`, or one address.
struct AddressRange {
  /// 127.0.0.1
  static let loopback: UInt32 = 0x7f00_0001

  private let base: UInt32
  private let mask: UInt32

  init?(_ text: String) {
    let halves = text.split(separator: "/", omittingEmptySubsequences: false)
    let bytes = halves[0].split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    guard halves.count <= 2, bytes.count == 4, !bytes.contains(nil) else { return nil }
    var bits = 32
    if halves.count == 2 {
      guard let count = Int(halves[1]), (0...32).contains(count) else { return nil }
      bits = count
    }
    base = bytes.reduce(0) { $0 << 8 | UInt32($1 ?? 0) }
    mask = bits == 0 ? 0 : UInt32.max << UInt32(32 - bits)
  }

  func contains(_ address: UInt32) -> Bool { address & mask == base & mask }
}
