import CCrypto

/// Gets an OAuth access token by itself: with client credentials, or in the user's browser (authorization code with
/// PKCE), refreshed as long as that works.
struct OAuthAuthenticator: Authenticator {
  enum Flow: Sendable { case clientCredentials, authorizationCode }

  let flow: Flow
  let user: String
  let clientID: String
  let clientSecret: Secret?
  /// nil: the account's own endpoints.
  let authorizationURL: String?
  let tokenURL: String?
  let redirectURI: String?
  let scope: String?
  let keepsToken: Bool

  var isInteractive: Bool { flow == .authorizationCode }

  func members(account: String) -> [JSONValue.Member] { [] }

  func roleBinding(role: String?) -> RoleBinding {
    guard let asked = scope ?? role.map({ "session:role:\($0)" }) else { return .unknown }
    return RoleBinding(scopes: asked.split(separator: " "))
  }

  func prepare(_ context: LoginContext) async throws(ClientError) -> any Authenticator {
    if flow == .clientCredentials {
      let token = try await tokens(
        context, [("grant_type", "client_credentials"), ("scope", scope(context))], operation: "getting an OAuth token")
      return OAuthTokenAuthenticator(user: user, token: token.access, wasKept: false, cacheHost: cacheHost(context))
    }
    let host = cacheHost(context)
    if keepsToken, let kept = context.cache.read(.oauthAccess, host: host, user: user) {
      return OAuthTokenAuthenticator(user: user, token: kept, wasKept: true, cacheHost: host)
    }
    if keepsToken, let refresh = context.cache.read(.oauthRefresh, host: host, user: user) {
      do throws(ClientError) {
        let fresh = try await tokens(
          context,
          [("grant_type", "refresh_token"), ("refresh_token", refresh.reveal()), ("scope", scope(context))],
          operation: "refreshing the OAuth token")
        keep(fresh, context)
        return OAuthTokenAuthenticator(user: user, token: fresh.access, wasKept: true, cacheHost: host)
      } catch {
        // What cannot be refreshed is got anew; a network that is down is reported by that.
        context.cache.remove(.oauthRefresh, host: host, user: user)
      }
    }
    let fresh = try await authorize(context)
    if keepsToken { keep(fresh, context) }
    return OAuthTokenAuthenticator(
      user: user, token: fresh.access, wasKept: false, cacheHost: host, isInteractive: true, keepsToken: keepsToken)
  }

  private func keep(_ tokens: Tokens, _ context: LoginContext) {
    let host = cacheHost(context)
    context.cache.write(.oauthAccess, host: host, user: user, tokens.access)
    if let refresh = tokens.refresh { context.cache.write(.oauthRefresh, host: host, user: user, refresh) }
  }

  private func cacheHost(_ context: LoginContext) -> String {
    tokenURL.flatMap { try? URLTarget($0) }?.host ?? context.endpoint.host
  }

  private func scope(_ context: LoginContext) -> String {
    if let scope { return scope }
    return context.role.map { "session:role:\($0)" } ?? ""
  }

  // MARK: - Authorization code

  private func authorize(_ context: LoginContext) async throws(ClientError) -> Tokens {
    let verifier = Base64.encodeForURL(try RandomBytes.make(48))
    let state = Base64.encodeForURL(try RandomBytes.make(24))
    var digest = [UInt8](repeating: 0, count: Int(CCRYPTO_SHA256_SIZE))
    let text = Array(verifier.utf8)
    ccrypto_sha256(text, text.count, &digest)
    let (listener, redirect) = try listen()
    var query = QueryString()
    query.add("response_type", "code")
    query.add("client_id", clientID)
    query.add("redirect_uri", redirect)
    query.add("state", state)
    query.add("scope", scope(context))
    query.add("code_challenge", Base64.encodeForURL(digest))
    query.add("code_challenge_method", "S256")
    let base = authorizationURL ?? context.endpoint.base + "/oauth/authorize"
    let page = base + (base.contains("?") ? "&" + query.text.dropFirst() : query.text)
    context.options.interaction.tell("Log in in the browser, at: \(page)")
    if !context.options.interaction.openBrowser(page) {
      context.options.interaction.tell("No browser could be opened; open that address yourself on this machine.")
    }
    let arrival = await listener.wait(context.options.interaction.patience) { arrival in
      // Whatever does not carry our state was not sent on our behalf.
      arrival.values["state"] == state && (arrival.values["code"] != nil || arrival.values["error"] != nil)
    }
    guard let arrival else {
      if Task.isCancelled { throw .cancelled }
      throw .connection(ConnectionProblem("the browser did not come back with a login in time", hint: "try again"))
    }
    guard let code = arrival.values["code"] else {
      let reason = arrival.values["error_description"] ?? arrival.values["error"] ?? "no reason given"
      throw .loginFailed(
        LoginFailure(code: arrival.values["error"], message: reason, user: user, host: cacheHost(context), hint: nil))
    }
    return try await tokens(
      context,
      [
        ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect), ("code_verifier", verifier),
      ], operation: "getting an OAuth token")
  }

  private func listen() throws(ClientError) -> (LoopbackListener, String) {
    do throws(ConnectionProblem) {
      guard let redirectURI else {
        let listener = try LoopbackListener()
        return (listener, "http://127.0.0.1:\(listener.port)")
      }
      guard let target = try? URLTarget(redirectURI), target.isLoopback, !target.isSecure else {
        throw ConnectionProblem("oauth_redirect_uri must be http on 127.0.0.1 or localhost")
      }
      let hasPort = redirectURI.dropFirst("http://".count).prefix { $0 != "/" }.contains(":")
      let listener = try LoopbackListener(port: hasPort ? target.port : 0)
      guard !hasPort else { return (listener, redirectURI) }
      let rest = redirectURI.dropFirst("http://\(target.host)".count)
      return (listener, "http://\(target.host):\(listener.port)\(rest)")
    } catch { throw .connection(error) }
  }

  // MARK: - Token endpoint

  private struct Tokens {
    let access: Secret
    let refresh: Secret?
  }

  private func tokens(
    _ context: LoginContext, _ values: [(String, String)], operation: String
  ) async throws(ClientError) -> Tokens {
    let url = tokenURL ?? context.endpoint.base + "/oauth/token-request"
    var values = values.filter { !$0.1.isEmpty }
    var headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")]
    if let clientSecret {
      let pair = Array("\(clientID):\(clientSecret.reveal())".utf8)
      headers.append(("Authorization", "Basic \(Base64.encode(pair))"))
    } else {
      values.append(("client_id", clientID))
    }
    let host = (try? URLTarget(url))?.host ?? "the token endpoint"
    var answer = try await context.exchange(
      operation,
      HTTPRequest(
        method: .post, url: url, headers: headers, body: Array(FormText.encode(values).utf8), compressesBody: false))
    let body: JSONValue
    do throws(ClientError) {
      body = try readEnvelope(&answer.body, operation: operation)
    } catch {
      if answer.status == 200 { throw error }
      throw .http(status: answer.status, operation: operation, host: host, hint: nil)
    }
    guard answer.status == 200, let access = body["access_token"]?.text, !access.isEmpty else {
      let code = body["error"]?.text
      throw .loginFailed(
        LoginFailure(
          code: code ?? "HTTP \(answer.status)",
          message: body["error_description"]?.text ?? body["message"]?.text ?? "no access token was given",
          user: user.isEmpty ? clientID : user, host: host,
          hint: code == "invalid_client" ? "check oauth_client_id and oauth_client_secret" : nil))
    }
    return Tokens(access: Secret(access), refresh: body["refresh_token"]?.text.map { Secret($0) })
  }
}

/// The OAuth token that was got.
struct OAuthTokenAuthenticator: Authenticator {
  let user: String
  let token: Secret
  let wasKept: Bool
  let cacheHost: String
  /// Whether the user has got it just now.
  var isInteractive = false
  /// Whether it was kept for the next login.
  var keepsToken = false

  func hasKept(_ context: LoginContext) -> Bool {
    keepsToken && context.cache.read(.oauthAccess, host: cacheHost, user: user) != nil
  }

  func members(account: String) -> [JSONValue.Member] {
    [.init("AUTHENTICATOR", .string("OAUTH")), .init("TOKEN", .string(token.reveal()))]
  }

  func refused(_ code: String, _ context: LoginContext) -> Bool {
    guard wasKept, ["390303", "390318"].contains(code) else { return false }
    context.cache.remove(.oauthAccess, host: cacheHost, user: user)
    return true
  }
}
