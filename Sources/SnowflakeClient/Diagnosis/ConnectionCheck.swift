import Glibc

/// Tries a connection step by step and says what works, what does not, and what to do.
public struct ConnectionCheck: Sendable {
  /// The outcome of a step.
  public enum Outcome: String, Sendable {
    case good = "ok"
    /// It works, and there is something to know.
    case notice = "note"
    case failed
    /// A step before it failed.
    case skipped
  }

  /// One step.
  public struct Step: Sendable {
    /// What was tried.
    public let name: String
    /// How it went.
    public let outcome: Outcome
    /// What was found.
    public let text: String
    /// What to do about it.
    public let hint: String?
  }

  private let parameters: ConnectionParameters
  private let options: SessionOptions
  private let transport: HTTPTransport

  /// A check of the connection with these settings.
  public init(
    _ parameters: ConnectionParameters, options: SessionOptions = SessionOptions(), transport: HTTPTransport = .shared
  ) {
    self.parameters = parameters
    var options = options
    options.loginRetry = RetryPolicy(deadline: .seconds(20), connectDeadline: .zero, attempts: 2)
    self.options = options
    self.transport = transport
  }

  /// Runs the steps; each is reported when it is done. False when one failed.
  public func run(_ report: @Sendable (Step) -> Void) async -> Bool {
    let endpoint: Endpoint
    do throws(ConnectionProblem) {
      try parameters.check()
      endpoint = try parameters.endpoint()
      _ = try parameters.authenticator()
    } catch {
      report(Step(name: "settings", outcome: .failed, text: error.message, hint: error.hint))
      return false
    }
    report(
      Step(name: "settings", outcome: .good, text: "account \(endpoint.account) at \(endpoint.base)", hint: nil))
    for warning in parameters.warnings {
      report(Step(name: "settings", outcome: .notice, text: warning, hint: nil))
    }
    guard resolve(endpoint, report) else { return false }
    guard await connect(endpoint, report) else { return false }
    let session: Session
    let clock = ContinuousClock()
    let start = clock.now
    do throws(ClientError) {
      session = try await Session.open(parameters, options: options, transport: transport)
    } catch {
      report(Step(name: "login", outcome: .failed, text: error.description, hint: nil))
      return false
    }
    let took = Int(start.duration(to: clock.now).inSeconds * 1000)
    let version = await session.serverVersion ?? "unknown"
    report(
      Step(name: "login", outcome: .good, text: "\(session.user) in \(took) ms, version \(version)", hint: nil))
    let worked = await inspect(session, report)
    await session.close()
    return worked
  }

  private func resolve(_ endpoint: Endpoint, _ report: (Step) -> Void) -> Bool {
    if Self.usesProxy(endpoint) {
      report(Step(name: "name", outcome: .skipped, text: "the proxy resolves \(endpoint.host)", hint: nil))
      return true
    }
    var wanted = addrinfo()
    wanted.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(endpoint.host, String(endpoint.port), &wanted, &found)
    guard code == 0 else {
      report(
        Step(
          name: "name", outcome: .failed,
          text: "\(endpoint.host) has no address: \(String(cString: gai_strerror(code)))",
          hint: "check the account's spelling (ORGANISATION-ACCOUNT), the network, and HTTPS_PROXY"))
      return false
    }
    defer { freeaddrinfo(found) }
    var addresses: [String] = []
    var entry = found
    while let info = entry?.pointee {
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      if getnameinfo(info.ai_addr, info.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 {
        addresses.append(String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
      }
      entry = info.ai_next
    }
    report(
      Step(
        name: "name", outcome: .good, text: "\(endpoint.host) is \(addresses.prefix(4).joined(separator: ", "))",
        hint: nil))
    return true
  }

  private static func usesProxy(_ endpoint: Endpoint) -> Bool {
    guard endpoint.scheme == "https", !isExcepted(endpoint.host) else { return false }
    return ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].contains { (name: String) in
      getenv(name).map { $0.pointee != 0 } ?? false
    }
  }

  /// Whether `NO_PROXY` names the host, by the rules of libcurl: `*`, or a name of which the host is one or ends in a dot
  /// and that.
  private static func isExcepted(_ host: String) -> Bool {
    let list = (getenv("no_proxy") ?? getenv("NO_PROXY")).map { String(cString: $0).lowercased() } ?? ""
    return list.split { $0 == "," || $0 == " " }.contains { entry in
      let name = entry.hasPrefix(".") ? entry.dropFirst() : entry
      return entry == "*" || host == name || host.hasSuffix(".\(name)")
    }
  }

  private func connect(_ endpoint: Endpoint, _ report: (Step) -> Void) async -> Bool {
    do throws(TransportError) {
      let response = try await transport.send(
        HTTPRequest(
          url: endpoint.base + "/", headers: options.headers(token: nil),
          timeouts: HTTPTimeouts(connect: .seconds(10), idle: .seconds(15), total: .seconds(20)),
          revocation: (try? parameters.revocationCheck()) ?? .none))
      let how = endpoint.scheme == "https" ? "TLS with a certificate that is trusted" : "plain HTTP on this machine"
      report(Step(name: "connection", outcome: .good, text: "\(how) (HTTP \(response.status))", hint: nil))
      return true
    } catch {
      report(Step(name: "connection", outcome: .failed, text: error.description, hint: nil))
      return false
    }
  }

  // MARK: - What the login can do

  private func inspect(_ session: Session, _ report: (Step) -> Void) async -> Bool {
    var isGood = true
    let role = await session.role
    if let role {
      let asked = parameters.value(.role)
      let isOther = asked.map { RoleName(sql: $0) != RoleName(reported: role) } ?? false
      report(
        Step(
          name: "role", outcome: isOther ? .notice : .good, text: role,
          hint: isOther ? "the connection asks for \(asked ?? "")" : nil))
    } else {
      isGood = false
      report(
        Step(
          name: "role", outcome: .failed, text: "the session has no role",
          hint: "set role in the connection, or a default: ALTER USER … SET DEFAULT_ROLE = …"))
    }
    let warehouse = await session.warehouse
    if let warehouse {
      report(Step(name: "warehouse", outcome: .good, text: warehouse, hint: nil))
    } else if let asked = parameters.value(.warehouse) {
      isGood = false
      report(
        Step(
          name: "warehouse", outcome: .failed, text: "\(asked) does not exist or the role may not use it",
          hint: "GRANT USAGE ON WAREHOUSE \(asked) TO ROLE \(role ?? "…"), or name another"))
    } else {
      report(
        Step(name: "warehouse", outcome: .notice, text: "none; plan and apply need none", hint: nil))
    }
    await visibility(session, report)
    if let role { await privileges(session, RoleName(reported: role), report) }
    return isGood
  }

  private func visibility(_ session: Session, _ report: (Step) -> Void) async {
    let reads: [(what: String, sql: String, need: String)] = [
      ("databases", "SHOW DATABASES IN ACCOUNT", "USAGE on the databases"),
      ("warehouses", "SHOW WAREHOUSES", "MONITOR or USAGE on the warehouses"),
      ("roles", "SHOW ROLES", "MANAGE GRANTS (SECURITYADMIN)"),
      ("users", "SHOW USERS", "MANAGE GRANTS (SECURITYADMIN)"),
      ("grants on the account", "SHOW GRANTS ON ACCOUNT", "MANAGE GRANTS (SECURITYADMIN)"),
    ]
    for read in reads {
      do throws(ClientError) {
        let result = try await session.execute(read.sql)
        report(
          Step(
            name: "sees", outcome: result.rowCount > 0 ? .good : .notice, text: "\(result.rowCount) \(read.what)",
            hint: result.rowCount > 0 ? nil : "to see them the role needs \(read.need)"))
      } catch {
        report(
          Step(
            name: "sees", outcome: .notice, text: "no \(read.what): \(error.description)",
            hint: "to see them the role needs \(read.need)"))
      }
    }
  }

  private func privileges(_ session: Session, _ role: RoleName, _ report: (Step) -> Void) async {
    do throws(ClientError) {
      try await session.learnRoleBinding()
    } catch {
      report(
        Step(
          name: "roles", outcome: .notice, text: "whether the role may be changed cannot be told: \(error.description)",
          hint: "set single_role in the connection"))
    }
    if await session.isSingleRole {
      report(
        Step(
          name: "roles", outcome: .notice, text: "only \(role.text): the login is restricted to this role",
          hint: "a plan that needs another role fails before anything is sent; connect with a token that is restricted "
            + "to that role, or to none"))
      deployable([role.text], session, isSingle: true, report)
      return
    }
    let roles = await availableRoles(session) ?? [role.text]
    report(
      Step(
        name: "roles", outcome: .good,
        text: "can assume \(roles.prefix(12).joined(separator: ", "))\(roles.count > 12 ? " …" : "")", hint: nil))
    deployable(roles, session, isSingle: false, report)
  }

  private func deployable(_ roles: [String], _ session: Session, isSingle: Bool, _ report: (Step) -> Void) {
    let deploys: [(role: String, what: String)] = [
      ("SYSADMIN", "databases, schemas, warehouses"), ("USERADMIN", "users and roles"),
      ("SECURITYADMIN", "grants, network policies"),
      ("ACCOUNTADMIN", "account parameters, resource monitors, integrations"),
    ]
    for deploy in deploys {
      let can = roles.contains(deploy.role)
      report(
        Step(
          name: "deploys", outcome: can ? .good : .notice,
          text: can ? "\(deploy.what) (as \(deploy.role))" : "not as \(deploy.role): \(deploy.what)",
          hint: can || isSingle
            ? nil
            : "GRANT ROLE \(deploy.role) TO USER \(session.user), or let the objects' owner roles be granted to it"))
    }
  }

  private func availableRoles(_ session: Session) async -> [String]? {
    guard let result = try? await session.execute("SELECT CURRENT_AVAILABLE_ROLES()"), result.rowCount == 1,
      let text = result[0, 0]
    else { return nil }
    var bytes = Array(text.utf8)
    guard let value = try? JSONReader.read(&bytes, { (reader) throws(JSONError) in try reader.value() }),
      case .array(let names) = value
    else { return nil }
    return names.compactMap(\.text)
  }
}

extension ConnectionParameters {
  /// How the connection wants revocation to be checked. Throws when the setting is none of `none`, `stapled` or a path.
  func revocationCheck() throws(ConnectionProblem) -> RevocationCheck {
    switch value(.revocation) {
    case nil, "none"?: return .none
    case "stapled"?: return .stapled
    case let path?:
      let file = ConnectionFiles.expand(path, getenv("HOME").map { String(cString: $0) })
      guard FileSystem.status(file)?.isFolder == false else {
        throw problem(.revocation, "revocation is \"\(path)\"", "use none, stapled, or the path of a file of lists")
      }
      return .list(file)
    }
  }
}
