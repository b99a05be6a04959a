import Glibc

extension ConnectionParameters {
  /// The way to log in that the settings stand for. Throws a `ConnectionProblem` that says what is missing or wrong.
  func authenticator() throws(ConnectionProblem) -> any Authenticator {
    let asked = value(.authenticator)?.lowercased()
    let hasKey = value(.privateKey) != nil || value(.privateKeyFile) != nil
    switch asked {
    case nil: return hasKey ? try keyPair() : try password()
    case "snowflake", "username_password_mfa": return try password()
    case "snowflake_jwt": return try keyPair()
    case "oauth": return try token(method: "OAUTH")
    case "programmatic_access_token", "programmatic_access_token_with_external_session":
      return try token(method: "PROGRAMMATIC_ACCESS_TOKEN")
    case .some(let other):
      throw problem(
        .authenticator, "the authenticator \"\(other)\" is not supported",
        "supported are snowflake, snowflake_jwt, oauth and programmatic_access_token")
    }
  }

  private func user() throws(ConnectionProblem) -> String {
    if let user = value(.user) { return user }
    throw ConnectionProblem(
      "\(label) names no user", hint: "set user in connections.toml, or SNOWFLAKE_USER")
  }

  private var label: String { name.map { "connection \"\($0)\"" } ?? "the connection" }

  private func password() throws(ConnectionProblem) -> any Authenticator {
    let user = try user()
    guard let password = value(.password) else {
      throw ConnectionProblem(
        "\(label) has neither a password nor a private key",
        hint: "set SNOWFLAKE_PASSWORD, or private_key_file for key-pair login")
    }
    return PasswordAuthenticator(user: user, password: Secret(password), passcode: value(.passcode).map { Secret($0) })
  }

  private func token(method: String) throws(ConnectionProblem) -> any Authenticator {
    var found = value(.token)
    if found == nil, let path = value(.tokenFile) {
      let bytes = try FileSystem.read(ConnectionFiles.expand(path, Self.home))
      found = String(trimmingSpace(String(decoding: bytes, as: UTF8.self)[...]))
    }
    // A programmatic access token may stand where a password does.
    if found == nil, method == "PROGRAMMATIC_ACCESS_TOKEN" { found = value(.password) }
    guard let found, !found.isEmpty else {
      throw ConnectionProblem("\(label) has no token", hint: "set token, token_file_path or SNOWFLAKE_TOKEN")
    }
    return TokenAuthenticator(
      user: method == "OAUTH" ? value(.user) ?? "" : try user(), method: method, token: Secret(found))
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
