import Glibc

/// A way to log in. The members it gives go into the login request; they are made anew for every attempt, because some
/// of them expire within a minute.
protocol Authenticator: Sendable {
  /// The login name.
  var user: String { get }
  /// Whether the user must act for each login, so that a run should log in once only.
  var isInteractive: Bool { get }
  /// The members for one attempt.
  func members(account: String) throws(ClientError) -> [JSONValue.Member]
}

/// Password, with a passcode of the user's second factor if there is one.
struct PasswordAuthenticator: Authenticator {
  let user: String
  let password: Secret
  let passcode: Secret?

  var isInteractive: Bool { passcode != nil }

  func members(account: String) -> [JSONValue.Member] {
    var members = [JSONValue.Member("PASSWORD", .string(password.reveal()))]
    if let passcode {
      members.append(.init("EXT_AUTHN_DUO_METHOD", .string("passcode")))
      members.append(.init("PASSCODE", .string(passcode.reveal())))
    }
    return members
  }
}

/// A token that was made elsewhere: OAuth access token or programmatic access token.
struct TokenAuthenticator: Authenticator {
  let user: String
  let method: String
  let token: Secret

  var isInteractive: Bool { false }

  func members(account: String) -> [JSONValue.Member] {
    [.init("AUTHENTICATOR", .string(method)), .init("TOKEN", .string(token.reveal()))]
  }
}

/// Key pair.
struct KeyPairAuthenticator: Authenticator {
  let user: String
  let key: PrivateKey

  var isInteractive: Bool { false }

  func members(account: String) throws(ClientError) -> [JSONValue.Member] {
    do throws(PrivateKey.Failure) {
      let token = try KeyPairToken.make(account: account, user: user, key: key, now: time(nil))
      return [.init("AUTHENTICATOR", .string("SNOWFLAKE_JWT")), .init("TOKEN", .string(token))]
    } catch {
      throw .connection(ConnectionProblem("the login token cannot be signed: \(error.description)"))
    }
  }
}
