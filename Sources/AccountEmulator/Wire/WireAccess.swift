import SnowmakerModel
import Synchronization

/// The tokens that the emulator gives out beside those of sessions: OAuth access and refresh tokens, MFA tokens.
final class WireAccess: Sendable {
  enum Kind: Sendable { case access, refresh, mfa }

  /// What a token stands for.
  struct Grant: Sendable {
    var kind: Kind
    /// The login name it was given out to, in capitals.
    var user: String
    /// The role it is for; nil: any.
    var role: String?
    var expires: Int64
  }

  private let grants = Mutex<[String: Grant]>([:])
  private let clock: WireClock

  init(clock: WireClock) { self.clock = clock }

  /// A new token.
  func issue(_ kind: Kind, user: String, role: String?, validity: Duration) -> String {
    let token = "\(kind)-" + WireRandom.hex(bytes: 24)
    let grant = Grant(kind: kind, user: user.uppercased(), role: role, expires: clock.now + validity.wireNanoseconds)
    grants.withLock { grants in
      // Those long expired are forgotten, so that they do not pile up.
      if grants.count > 10_000 { grants = grants.filter { $0.value.expires > clock.now } }
      grants[token] = grant
    }
    return token
  }

  /// What a token stands for, expired or not; nil when it was never given out.
  func find(_ token: String, _ kind: Kind) -> (grant: Grant, isExpired: Bool)? {
    guard let grant = grants.withLock({ $0[token] }), grant.kind == kind else { return nil }
    return (grant, grant.expires <= clock.now)
  }
}

extension WireService {
  /// Checks who a login comes from and opens a session of the engine.
  func authenticate(_ wanted: LoginRequest) throws(LoginFailure) -> EngineSession {
    if let refusal = refusal(wanted.credential) { throw refusal }
    guard case .oauth(let token) = wanted.credential else { return try engine.login(wanted) }
    guard let (grant, isExpired) = access.find(token, .access) else {
      throw LoginFailure(code: "390303", message: "Invalid OAuth access token.")
    }
    if isExpired { throw LoginFailure(code: "390318", message: "OAuth access token expired.") }
    if !wanted.user.isEmpty, wanted.user.uppercased() != grant.user {
      throw LoginFailure(
        code: "390309",
        message: "The user you were trying to authenticate as differs from the user tied to the access token.")
    }
    var vouched = wanted
    vouched.user = grant.user
    vouched.credential = .vouched
    if let role = grant.role {
      guard wanted.role.map({ Self.plainRole($0) == Self.plainRole(role) }) ?? true else {
        throw LoginFailure(
          code: "390317",
          message: "The role requested in the connection or the default role if none was requested is "
            + "not listed in the Access Token or was filtered. Please specify another role.")
      }
      vouched.role = role
    }
    return try engine.login(vouched)
  }

  private static func plainRole(_ text: String) -> String {
    (try? Identifier(parsing: text))?.name ?? text
  }

  /// POST /oauth/token-request: the client is a user; its id is the login name, its secret the password or a
  /// programmatic access token.
  func oauthToken(_ request: HTTPRequest) -> HTTPReply {
    let form = Self.form(request.body)
    func refuse(_ error: String, _ message: String, _ status: UInt32 = 400) -> HTTPReply {
      let body: Value = [
        "data": .null, "error": .string(error), "code": "390303", "message": .string(message), "success": false,
      ]
      return HTTPReply(status: status, body: JSON.encode(body))
    }
    var client = form["client_id"] ?? ""
    var secret = form["client_secret"] ?? ""
    if let header = request.authorization, header.hasPrefix("Basic "),
      let bytes = Base64.decode(String(header.dropFirst(6)))
    {
      let pair = String(decoding: bytes, as: UTF8.self).split(separator: ":", maxSplits: 1).map(String.init)
      if pair.count == 2 {
        client = Self.unescape(pair[0])
        secret = Self.unescape(pair[1])
      }
    }
    do throws(LoginFailure) {
      engine.close(try engine.login(LoginRequest(account: "", user: client, credential: .password(secret))))
    } catch {
      return refuse("invalid_client", "This is an invalid client.", 401)
    }
    var role = form["scope"]?.split(separator: " ").first { $0.hasPrefix("session:role:") }
      .map { String($0.dropFirst("session:role:".count)) }
    if role?.uppercased() == "ALL" { role = nil }
    switch form["grant_type"] {
    case "client_credentials": break
    case "refresh_token":
      guard let (grant, isExpired) = access.find(form["refresh_token"] ?? "", .refresh), !isExpired,
        grant.user == client.uppercased()
      else { return refuse("invalid_grant", "Invalid refresh token.") }
      role = role ?? grant.role
    default: return refuse("unsupported_grant_type", "The emulator knows client_credentials and refresh_token.")
    }
    if let role {
      do throws(LoginFailure) {
        engine.close(try engine.login(LoginRequest(account: "", user: client, credential: .vouched, role: role)))
      } catch { return refuse("invalid_scope", error.message) }
    }
    let validity = options.oauthValidity
    let answer: Value = [
      "access_token": .string(access.issue(.access, user: client, role: role, validity: validity)),
      "refresh_token": .string(access.issue(.refresh, user: client, role: role, validity: .seconds(7_776_000))),
      "token_type": "Bearer", "expires_in": .int(validity.wireSeconds), "username": .string(client.uppercased()),
      "scope": .string(role.map { "session:role:" + $0 } ?? "session:role-any"),
    ]
    return HTTPReply(body: JSON.encode(answer))
  }

  /// The fields of a form.
  static func form(_ body: [UInt8]) -> [String: String] {
    var fields: [String: String] = [:]
    for pair in String(decoding: body, as: UTF8.self).split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      fields[unescape(parts[0])] = parts.count == 2 ? unescape(parts[1]) : ""
    }
    return fields
  }

  /// Text without percent escapes and with spaces for plus signs.
  static func unescape(_ text: String) -> String {
    var out: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = Hex.decode(String(decoding: rest.prefix(2), as: UTF8.self))
      {
        out += value
        rest = rest.dropFirst(2)
      } else {
        out.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  // MARK: MFA

  /// What a login by password needs beside it. The passcode may be appended to the password: it is taken off then.
  func checkPasscode(_ data: Value, _ wanted: inout LoginRequest) throws(LoginFailure) {
    guard case .password(let password) = wanted.credential,
      let passcode = options.passcodes.first(where: { $0.key.uppercased() == wanted.user.uppercased() })?.value
    else { return }
    if let token = data["TOKEN"].string, let (grant, isExpired) = access.find(token, .mfa), !isExpired,
      grant.user == wanted.user.uppercased()
    {
      return
    }
    if let given = data["PASSCODE"].string {
      if given == passcode { return }
    } else if data["EXT_AUTHN_DUO_METHOD"].string?.lowercased() == "passcode", password.hasSuffix(passcode) {
      wanted.credential = .password(String(password.dropLast(passcode.count)))
      return
    }
    throw LoginFailure(
      code: "394508",
      message: "Failed to authenticate: MFA with TOTP is required. To authenticate, provide both your password and a "
        + "current TOTP passcode.")
  }

  /// A token that stands for the passcode in later logins, when the client asked for one.
  func mfaToken(_ data: Value, _ wanted: LoginRequest) -> String? {
    guard wanted.sessionParameters["CLIENT_REQUEST_MFA_TOKEN"]?.lowercased() == "true",
      options.passcodes.contains(where: { $0.key.uppercased() == wanted.user.uppercased() })
    else { return nil }
    return access.issue(.mfa, user: wanted.user, role: nil, validity: .seconds(14400))
  }
}
