import Glibc

/// What a way to log in has at hand.
struct LoginContext: Sendable {
  let endpoint: Endpoint
  let options: SessionOptions
  let role: String?
  let transport: HTTPTransport
  let cache: CredentialCache

  /// Posts or gets something that belongs to a login. Throws what the network does.
  func exchange(_ operation: String, _ request: HTTPRequest) async throws(ClientError) -> HTTPResponse {
    var request = request
    request.timeouts = options.timeouts
    request.revocation = options.revocation
    do throws(ExchangeFailure) {
      let built = request
      return try await transport.exchange(operation, policy: options.loginRetry) { _ in built }.response
    } catch {
      throw error.error
    }
  }
}

/// A way to log in. The members it gives go into the login request; they are made anew for every attempt, because some
/// of them expire within a minute.
protocol Authenticator: Sendable {
  /// The login name.
  var user: String { get }
  /// Whether the user must act for the login.
  var isInteractive: Bool { get }
  /// Whether something was kept from this login by which the next one is made without the user.
  func hasKept(_ context: LoginContext) -> Bool
  /// The session parameters it needs.
  var sessionParameters: [JSONValue.Member] { get }
  /// Whether a session of it may change its role, as far as can be told without the account; `role` is the
  /// connection's.
  func roleBinding(role: String?) -> RoleBinding
  /// Gets what the login needs (tokens, the user's approval) and gives the way to log in with that.
  func prepare(_ context: LoginContext) async throws(ClientError) -> any Authenticator
  /// The members for one attempt.
  func members(account: String) throws(ClientError) -> [JSONValue.Member]
  /// Takes note of what the account gave with the login, such as tokens to be kept.
  func accepted(_ data: JSONValue, _ context: LoginContext)
  /// Called when the account refused the login with a code. True when it is worth another try, because what was kept
  /// from an earlier login is thrown away now.
  func refused(_ code: String, _ context: LoginContext) -> Bool
}

extension Authenticator {
  var sessionParameters: [JSONValue.Member] { [] }
  func hasKept(_ context: LoginContext) -> Bool { false }
  func roleBinding(role: String?) -> RoleBinding { .free }
  func prepare(_ context: LoginContext) async throws(ClientError) -> any Authenticator { self }
  func accepted(_ data: JSONValue, _ context: LoginContext) {}
  func refused(_ code: String, _ context: LoginContext) -> Bool { false }
}

/// Password, with a passcode of the user's second factor if there is one.
struct PasswordAuthenticator: Authenticator {
  let user: String
  let password: Secret
  var passcode: Secret?
  /// Whether the passcode is at the end of the password.
  var isPasscodeInPassword = false
  /// Whether the account is asked for a token that stands for the second factor next time.
  var keepsToken = false
  /// That token from an earlier login.
  var mfaToken: Secret?

  var isInteractive: Bool { mfaToken == nil && (passcode != nil || isPasscodeInPassword) }

  func hasKept(_ context: LoginContext) -> Bool {
    keepsToken && context.cache.read(.mfa, host: context.endpoint.host, user: user) != nil
  }

  var sessionParameters: [JSONValue.Member] {
    keepsToken ? [.init("CLIENT_REQUEST_MFA_TOKEN", .bool(true))] : []
  }

  /// A programmatic access token may stand where a password does; tokens are long, and asking costs a statement.
  func roleBinding(role: String?) -> RoleBinding { password.reveal().utf8.count < 64 ? .free : .unknown }

  func prepare(_ context: LoginContext) -> any Authenticator {
    guard keepsToken else { return self }
    var prepared = self
    prepared.mfaToken = context.cache.read(.mfa, host: context.endpoint.host, user: user)
    return prepared
  }

  func members(account: String) -> [JSONValue.Member] {
    var members = [JSONValue.Member("PASSWORD", .string(password.reveal()))]
    if keepsToken { members.append(.init("AUTHENTICATOR", .string("USERNAME_PASSWORD_MFA"))) }
    if let mfaToken {
      members.append(.init("TOKEN", .string(mfaToken.reveal())))
    } else if isPasscodeInPassword {
      members.append(.init("EXT_AUTHN_DUO_METHOD", .string("passcode")))
    } else if let passcode {
      members.append(.init("EXT_AUTHN_DUO_METHOD", .string("passcode")))
      members.append(.init("PASSCODE", .string(passcode.reveal())))
    }
    return members
  }

  func accepted(_ data: JSONValue, _ context: LoginContext) {
    guard keepsToken, let token = data["mfaToken"]?.text, !token.isEmpty else { return }
    context.cache.write(.mfa, host: context.endpoint.host, user: user, Secret(token))
  }

  func refused(_ code: String, _ context: LoginContext) -> Bool {
    guard mfaToken != nil else { return false }
    context.cache.remove(.mfa, host: context.endpoint.host, user: user)
    return true
  }
}

/// A token that was made elsewhere: OAuth access token or programmatic access token.
struct TokenAuthenticator: Authenticator {
  /// Where the token is; files are read anew for every login, because what makes them replaces them.
  enum Source: Sendable {
    case value(Secret)
    case file(String)
  }

  let user: String
  let method: String
  let source: Source
  var further: [JSONValue.Member] = []

  var isInteractive: Bool { false }

  /// The token. Throws when its file cannot be read or is empty.
  func token() throws(ClientError) -> Secret {
    switch source {
    case .value(let token): return token
    case .file(let path):
      do throws(ConnectionProblem) {
        let text = trimmingSpace(String(decoding: try FileSystem.read(path), as: UTF8.self)[...])
        guard !text.isEmpty else { throw ConnectionProblem("the token's file is empty", file: path) }
        return Secret(String(text))
      } catch { throw .connection(error) }
    }
  }

  func roleBinding(role: String?) -> RoleBinding {
    switch method {
    case "PROGRAMMATIC_ACCESS_TOKEN": return .unknown
    // A token that cannot be read is reported by the login.
    case "OAUTH": return (try? token()).map { RoleBinding(token: $0) } ?? .unknown
    default: return .free
    }
  }

  func members(account: String) throws(ClientError) -> [JSONValue.Member] {
    [.init("AUTHENTICATOR", .string(method)), .init("TOKEN", .string(try token().reveal()))] + further
  }
}

/// Key pair.
struct KeyPairAuthenticator: Authenticator {
  let user: String
  let key: PrivateKey

  var isInteractive: Bool { false }

  /// A token for this moment.
  func token(account: String) throws(ClientError) -> String {
    do throws(PrivateKey.Failure) {
      return try KeyPairToken.make(account: account, user: user, key: key, now: time(nil))
    } catch {
      throw .connection(ConnectionProblem("the login token cannot be signed: \(error.description)"))
    }
  }

  func members(account: String) throws(ClientError) -> [JSONValue.Member] {
    [.init("AUTHENTICATOR", .string("SNOWFLAKE_JWT")), .init("TOKEN", .string(try token(account: account)))]
  }
}
