import CCrypto
import Glibc

/// Single sign-on in the user's browser: by way of the identity provider's address, or of the account's own page.
struct BrowserAuthenticator: Authenticator {
  let user: String
  let usesConsole: Bool
  let keepsToken: Bool

  var isInteractive: Bool { true }

  func prepare(_ context: LoginContext) async throws(ClientError) -> any Authenticator {
    if keepsToken, let token = context.cache.read(.id, host: context.endpoint.host, user: user) {
      return IDTokenAuthenticator(user: user, token: token)
    }
    let listener: LoopbackListener
    do throws(ConnectionProblem) { listener = try LoopbackListener() } catch { throw .connection(error) }
    let (page, proof) =
      usesConsole ? try console(context, listener.port) : try await provider(context, listener.port)
    context.options.interaction.tell("Log in in the browser, at: \(page)")
    if !context.options.interaction.openBrowser(page) {
      context.options.interaction.tell("No browser could be opened; open that address yourself on this machine.")
    }
    let arrival = await listener.wait(context.options.interaction.patience) { $0.values["token"] != nil }
    guard let token = arrival?.values["token"], !token.isEmpty else {
      if Task.isCancelled { throw .cancelled }
      throw .connection(ConnectionProblem("the browser did not come back with a login in time", hint: "try again"))
    }
    return BrowserTokenAuthenticator(user: user, token: Secret(token), proof: Secret(proof), keepsToken: keepsToken)
  }

  func members(account: String) -> [JSONValue.Member] { [] }

  private func provider(
    _ context: LoginContext, _ port: Int
  ) async throws(ClientError) -> (page: String, proof: String) {
    let data = try await AuthenticatorRequest.send(
      context, user: user,
      [
        .init("AUTHENTICATOR", .string("EXTERNALBROWSER")),
        .init("BROWSER_MODE_REDIRECT_PORT", .string(String(port))),
      ])
    guard let page = data["ssoUrl"]?.text, let proof = data["proofKey"]?.text else {
      throw .badAnswer("it holds no address to log in at", operation: "asking how to log in")
    }
    let target: URLTarget
    do throws(TransportError) { target = try URLTarget(page) } catch {
      throw .badAnswer("the address to log in at cannot be used", operation: "asking how to log in")
    }
    guard target.isSecure || target.isLoopback else {
      throw .badAnswer("the address to log in at is not https", operation: "asking how to log in")
    }
    return (page, proof)
  }

  private func console(_ context: LoginContext, _ port: Int) throws(ClientError) -> (page: String, proof: String) {
    let proof = Base64.encode(try RandomBytes.make(32))
    var query = QueryString()
    query.add("login_name", user)
    query.add("browser_mode_redirect_port", String(port))
    query.add("proof_key", proof)
    return (context.endpoint.base + "/console/login" + query.text, proof)
  }
}

/// What the browser brought.
struct BrowserTokenAuthenticator: Authenticator {
  let user: String
  let token: Secret
  let proof: Secret
  let keepsToken: Bool

  var isInteractive: Bool { true }

  func hasKept(_ context: LoginContext) -> Bool {
    keepsToken && context.cache.read(.id, host: context.endpoint.host, user: user) != nil
  }

  var sessionParameters: [JSONValue.Member] {
    keepsToken ? [.init("CLIENT_STORE_TEMPORARY_CREDENTIAL", .bool(true))] : []
  }

  func members(account: String) -> [JSONValue.Member] {
    [
      .init("AUTHENTICATOR", .string("EXTERNALBROWSER")), .init("TOKEN", .string(token.reveal())),
      .init("PROOF_KEY", .string(proof.reveal())),
    ]
  }

  func accepted(_ data: JSONValue, _ context: LoginContext) {
    guard keepsToken, let token = data["idToken"]?.text, !token.isEmpty else { return }
    context.cache.write(.id, host: context.endpoint.host, user: user, Secret(token))
  }
}

/// A token from an earlier login in the browser.
struct IDTokenAuthenticator: Authenticator {
  let user: String
  let token: Secret

  var isInteractive: Bool { false }
  var sessionParameters: [JSONValue.Member] { [.init("CLIENT_STORE_TEMPORARY_CREDENTIAL", .bool(true))] }

  func members(account: String) -> [JSONValue.Member] {
    [.init("AUTHENTICATOR", .string("ID_TOKEN")), .init("TOKEN", .string(token.reveal()))]
  }

  func refused(_ code: String, _ context: LoginContext) -> Bool {
    guard ["390110", "390195", "390104"].contains(code) else { return false }
    context.cache.remove(.id, host: context.endpoint.host, user: user)
    return true
  }
}

/// Okta's own login, without a browser.
struct OktaAuthenticator: Authenticator {
  let user: String
  let password: Secret
  /// The address of the user's Okta.
  let provider: String
  var form: Secret?

  var isInteractive: Bool { false }

  func prepare(_ context: LoginContext) async throws(ClientError) -> any Authenticator {
    let operation = "logging in at \(provider)"
    let data = try await AuthenticatorRequest.send(context, user: user, [.init("AUTHENTICATOR", .string(provider))])
    guard let tokenPage = data["tokenUrl"]?.text, let page = data["ssoUrl"]?.text,
      Self.same(tokenPage, provider), Self.same(page, provider)
    else {
      throw .connection(
        ConnectionProblem(
          "the account's identity provider is not \(provider)", hint: "check authenticator and the user's name"))
    }
    let body = JSONValue.object([
      .init("username", .string(user)), .init("password", .string(password.reveal())),
    ]).encoded
    let headers = [("Content-Type", "application/json"), ("Accept", "application/json")]
    var answer = try await context.exchange(
      operation, HTTPRequest(method: .post, url: tokenPage, headers: headers, body: body))
    guard answer.status == 200 else {
      throw .loginFailed(
        LoginFailure(
          code: nil, message: "Okta answered with HTTP status \(answer.status)", user: user, host: provider,
          hint: answer.status == 401 ? "check user and password; a second factor cannot be used this way" : nil))
    }
    let token = try readEnvelope(&answer.body, operation: operation)
    guard let once = token["sessionToken"]?.text ?? token["cookieToken"]?.text else {
      throw .badAnswer("it holds no token", operation: operation)
    }
    var query = QueryString()
    query.add("RelayState", "/some/deep/link")
    query.add("onetimetoken", once)
    let separator = page.contains("?") ? "&" + query.text.dropFirst() : query.text
    let html = try await context.exchange(operation, HTTPRequest(url: page + separator, headers: [("Accept", "*/*")]))
    guard html.status == 200 else {
      throw .http(status: html.status, operation: operation, host: provider, hint: nil)
    }
    let text = String(decoding: html.body, as: UTF8.self)
    // The form must lead to this account: else its contents would be given to somebody else.
    guard let target = Self.action(of: text), Self.same(target, context.endpoint.base) else {
      throw .badAnswer("its form does not lead to \(context.endpoint.host)", operation: operation)
    }
    var prepared = self
    prepared.form = Secret(text)
    return prepared
  }

  func members(account: String) -> [JSONValue.Member] { [.init("RAW_SAML_RESPONSE", .string(form?.reveal() ?? ""))] }

  /// Whether two addresses have scheme, host and port in common.
  private static func same(_ left: String, _ right: String) -> Bool {
    guard let left = try? URLTarget(left), let right = try? URLTarget(right) else { return false }
    return left == right && (left.isSecure || left.isLoopback)
  }

  /// The address in the first form's `action`.
  static func action(of html: String) -> String? {
    guard let form = html.firstRange(of: "<form") else { return nil }
    let rest = html[form.upperBound...]
    guard let attribute = rest.firstRange(of: "action=\"") else { return nil }
    var text = String(rest[attribute.upperBound...].prefix { $0 != "\"" })
    for (entity, character) in [("&#x3a;", ":"), ("&#x2f;", "/"), ("&amp;", "&"), ("&#x3A;", ":"), ("&#x2F;", "/")] {
      text = text.split(separator: entity, omittingEmptySubsequences: false).joined(separator: character)
    }
    return text
  }
}

/// Asks the account how to log in.
enum AuthenticatorRequest {
  /// The answer's data. Throws when the account refuses.
  static func send(
    _ context: LoginContext, user: String, _ further: [JSONValue.Member]
  ) async throws(ClientError) -> JSONValue {
    let operation = "asking \(context.endpoint.host) how to log in"
    let members: [JSONValue.Member] = [
      .init("CLIENT_APP_ID", .string(context.options.application)),
      .init("CLIENT_APP_VERSION", .string(context.options.applicationVersion)),
      .init("ACCOUNT_NAME", .string(context.endpoint.account)), .init("LOGIN_NAME", .string(user)),
    ]
    var answer = try await context.exchange(
      operation,
      HTTPRequest(
        method: .post, url: context.endpoint.base + "/session/authenticator-request",
        headers: context.options.headers(token: nil),
        body: JSONValue.object([.init("data", .object(members + further))]).encoded))
    guard answer.status == 200 else {
      throw .http(
        status: answer.status, operation: operation, host: context.endpoint.host, hint: httpHint(answer.status))
    }
    let envelope = try readEnvelope(&answer.body, operation: operation)
    guard envelope["success"] == .bool(true), let data = envelope["data"] else {
      let code = envelope["code"]?.text
      throw .loginFailed(
        LoginFailure(
          code: code, message: envelope["message"]?.text ?? "the account gave no reason", user: user,
          host: context.endpoint.host, hint: LoginHints.hint(code: code, nextAction: "", role: nil)))
    }
    return data
  }
}

/// Unpredictable bytes.
enum RandomBytes {
  /// Throws when libcrypto gives none.
  static func make(_ count: Int) throws(ClientError) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: count)
    guard ccrypto_random(&out, count) == Int32(CCRYPTO_OK) else {
      throw .connection(ConnectionProblem("no random numbers: \(String(cString: ccrypto_unavailable_reason()))"))
    }
    return out
  }
}
