import Glibc

extension ConnectionParameters {
  /// The way to log in that the settings stand for. Throws a `ConnectionProblem` that says what is missing or wrong.
  func authenticator() throws(ConnectionProblem) -> any Authenticator {
    let asked = value(.authenticator)?.lowercased()
    let hasKey = value(.privateKey) != nil || value(.privateKeyFile) != nil
    switch asked {
    case nil: return hasKey ? try keyPair() : try password(keepsToken: isOn(.requestMFAToken))
    case "snowflake": return try password(keepsToken: isOn(.requestMFAToken))
    case "username_password_mfa": return try password(keepsToken: isOn(.requestMFAToken, unlessSaid: true))
    case "snowflake_jwt": return try keyPair()
    case "oauth": return try token(method: "OAUTH")
    case "programmatic_access_token", "programmatic_access_token_with_external_session":
      return try token(method: "PROGRAMMATIC_ACCESS_TOKEN")
    case "oauth_client_credentials": return try oauth(.clientCredentials)
    case "oauth_authorization_code": return try oauth(.authorizationCode)
    case "externalbrowser":
      return BrowserAuthenticator(
        user: try user(), usesConsole: !isOn(.disableConsoleLogin, unlessSaid: true),
        keepsToken: isOn(.storeTemporaryCredential, unlessSaid: true))
    case "workload_identity": return try workloadIdentity()
    case .some(let address) where address.hasPrefix("https://") || address.hasPrefix("http://127.0.0.1"):
      guard let password = value(.password) else {
        throw ConnectionProblem("\(label) has no password", hint: "set SNOWFLAKE_PASSWORD")
      }
      return OktaAuthenticator(
        user: try user(), password: Secret(password), provider: value(.authenticator) ?? address)
    case .some(let other): throw unsupported(other)
    }
  }

  /// The ways to log in that have a name.
  private static let supported = [
    "snowflake", "username_password_mfa", "snowflake_jwt", "oauth", "oauth_client_credentials",
    "oauth_authorization_code", "programmatic_access_token", "programmatic_access_token_with_external_session",
    "externalbrowser", "workload_identity",
  ]

  /// Whether the way to log in is known, whatever it needs besides. Throws a `ConnectionProblem` when it is not.
  func checkAuthenticator() throws(ConnectionProblem) {
    guard let asked = value(.authenticator)?.lowercased(), !Self.supported.contains(asked),
      !asked.hasPrefix("https://"), !asked.hasPrefix("http://127.0.0.1")
    else { return }
    throw unsupported(asked)
  }

  private func unsupported(_ name: String) -> ConnectionProblem {
    let names = Self.supported.filter { !$0.hasSuffix("_with_external_session") }.joined(separator: ", ")
    return problem(
      .authenticator, "the authenticator \"\(name)\" is not supported",
      "supported are \(names), and the https address of an Okta")
  }

  private func isOn(_ key: ConnectionKey, unlessSaid fallback: Bool = false) -> Bool {
    guard let text = value(key)?.lowercased() else { return fallback }
    return ["true", "1", "yes", "on"].contains(text)
  }

  private func oauth(_ flow: OAuthAuthenticator.Flow) throws(ConnectionProblem) -> any Authenticator {
    guard let clientID = value(.oauthClientID) else {
      throw ConnectionProblem("\(label) names no OAuth client", hint: "set oauth_client_id")
    }
    guard flow == .authorizationCode || value(.oauthClientSecret) != nil else {
      throw ConnectionProblem("\(label) has no OAuth client secret", hint: "set oauth_client_secret")
    }
    return OAuthAuthenticator(
      flow: flow, user: value(.user) ?? "", clientID: clientID,
      clientSecret: value(.oauthClientSecret).map { Secret($0) }, authorizationURL: value(.oauthAuthorizationURL),
      tokenURL: value(.oauthTokenURL), redirectURI: value(.oauthRedirectURI), scope: value(.oauthScope),
      keepsToken: value(.user) != nil && isOn(.storeTemporaryCredential, unlessSaid: true))
  }

  private func workloadIdentity() throws(ConnectionProblem) -> any Authenticator {
    let provider = value(.workloadIdentityProvider)?.uppercased() ?? "OIDC"
    let endpoint = try endpoint()
    let isKnown = [".snowflakecomputing.com", ".snowflakecomputing.cn", ".snowflakecomputing.mil"]
      .contains { endpoint.host.hasSuffix($0) }
    let isLocal = endpoint.host == "127.0.0.1" || endpoint.host == "localhost"
    guard isKnown || isLocal else {
      throw ConnectionProblem("an identity token is sent to Snowflake's own hosts only, not to \(endpoint.host)")
    }
    for key in [ConnectionKey.workloadIdentityHost, .workloadIdentityPath] where provider != "AWS" {
      guard value(key) != nil else { continue }
      throw problem(key, "\(key.rawValue) is supported for AWS only, and this is \(provider)", "remove it")
    }
    if let cloud = WorkloadIdentityAuthenticator.Provider(rawValue: provider) {
      return WorkloadIdentityAuthenticator(
        user: value(.user) ?? "", provider: cloud,
        entraResource: value(.workloadIdentityEntraResource) ?? WorkloadIdentityAuthenticator.snowflakeInEntra,
        aws: try awsSettings())
    }
    guard provider == "OIDC" else {
      throw problem(
        .workloadIdentityProvider, "workload identity of \(provider) is not supported",
        "supported are OIDC (with token_file_path), AWS, AZURE and GCP")
    }
    guard let source = tokenSource() else {
      throw ConnectionProblem("\(label) has no identity token", hint: "set token_file_path or token")
    }
    return TokenAuthenticator(
      user: value(.user) ?? "", method: "WORKLOAD_IDENTITY", source: source,
      further: [.init("PROVIDER", .string(provider))])
  }

  private func awsSettings() throws(ConnectionProblem) -> WorkloadIdentityAuthenticator.AWSSettings {
    var settings = WorkloadIdentityAuthenticator.AWSSettings()
    if let host = value(.workloadIdentityHost) {
      let address = host.contains("://") ? host : "https://\(host)"
      let authority = AWSTokenService.authority(of: address)
      guard (try? URLTarget(address)) != nil, !authority.contains(where: { "/?#".contains($0) }) else {
        throw problem(.workloadIdentityHost, "workload_identity_host is \"\(host)\"", "give a host's name alone")
      }
      settings.host = host
    }
    settings.roles = value(.workloadIdentityPath)?.split(separator: ",").map { String(trimmingSpace($0)) } ?? []
    settings.usesOutboundToken =
      isOn(.workloadIdentityOutboundToken)
      || getenv("SNOWFLAKE_ENABLE_AWS_WIF_OUTBOUND_TOKEN").map { String(cString: $0).lowercased() } == "true"
    return settings
  }

  private func tokenSource() -> TokenAuthenticator.Source? {
    if let token = value(.token) { return .value(Secret(token)) }
    return value(.tokenFile).map { .file(ConnectionFiles.expand($0, Self.home)) }
  }

  private func user() throws(ConnectionProblem) -> String {
    if let user = value(.user) { return user }
    throw ConnectionProblem(
      "\(label) names no user", hint: "set user in connections.toml, or SNOWFLAKE_USER")
  }

  private var label: String { name.map { "connection \"\($0)\"" } ?? "the connection" }

  private func password(keepsToken: Bool) throws(ConnectionProblem) -> any Authenticator {
    let user = try user()
    guard let password = value(.password) else {
      throw ConnectionProblem(
        "\(label) has neither a password nor a private key",
        hint: "set SNOWFLAKE_PASSWORD, or private_key_file for key-pair login")
    }
    return PasswordAuthenticator(
      user: user, password: Secret(password), passcode: value(.passcode).map { Secret($0) },
      isPasscodeInPassword: isOn(.passcodeInPassword), keepsToken: keepsToken)
  }

  private func token(method: String) throws(ConnectionProblem) -> any Authenticator {
    var source = tokenSource()
    // A programmatic access token may stand where a password does.
    if source == nil, method == "PROGRAMMATIC_ACCESS_TOKEN" { source = value(.password).map { .value(Secret($0)) } }
    guard let source else {
      throw ConnectionProblem("\(label) has no token", hint: "set token, token_file_path or SNOWFLAKE_TOKEN")
    }
    return TokenAuthenticator(user: method == "OAUTH" ? value(.user) ?? "" : try user(), method: method, source: source)
  }

  private func keyPair() throws(ConnectionProblem) -> any Authenticator {
    let user = try user()
    let passphrase = value(.privateKeyPassphrase)
    if let path = value(.privateKeyFile) {
      let expanded = ConnectionFiles.expand(path, Self.home)
      let bytes: [UInt8]
      do throws(ConnectionProblem) {
        bytes = try FileSystem.read(expanded)
      } catch {
        throw problem(.privateKeyFile, "the private key \(expanded) cannot be read: \(error.message)", nil)
      }
      return KeyPairAuthenticator(
        user: user, key: try load(bytes, passphrase, .privateKeyFile, "the private key \(expanded)"))
    }
    guard let text = value(.privateKey) else {
      throw ConnectionProblem(
        "\(label) has no private key", hint: "set private_key_file, or SNOWFLAKE_PRIVATE_KEY with the key itself")
    }
    // In variables the line breaks are often written as \n.
    let bytes = Array(Self.withLineBreaks(text).utf8)
    return KeyPairAuthenticator(user: user, key: try load(bytes, passphrase, .privateKey, "the private key"))
  }

  private func load(
    _ bytes: [UInt8], _ passphrase: String?, _ key: ConnectionKey, _ label: String
  ) throws(ConnectionProblem) -> PrivateKey {
    do throws(PrivateKey.Failure) {
      return try PrivateKey.load(bytes, passphrase: passphrase)
    } catch {
      let hint = error.isAboutPassphrase ? "set private_key_passphrase, or PRIVATE_KEY_PASSPHRASE" : nil
      throw problem(key, "\(label) cannot be used: \(error.description)", hint)
    }
  }

  private static func withLineBreaks(_ text: String) -> String {
    var out = ""
    var rest = text[...]
    while let slash = rest.firstIndex(of: "\\") {
      out += rest[..<slash]
      let next = rest.index(after: slash)
      if next < rest.endIndex, rest[next] == "n" {
        out += "\n"
        rest = rest[rest.index(after: next)...]
      } else {
        rest = rest[next...]
      }
    }
    return out + rest
  }

  private static var home: String? { getenv("HOME").map { String(cString: $0) } }
}
