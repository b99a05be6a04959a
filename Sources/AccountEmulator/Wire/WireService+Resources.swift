import SnowmakerModel

/// The resource API: what `snow object create` and snowflake.core ask over REST, played by the SQL that means the same.
extension WireService {
  /// Why a request for a resource is refused.
  private struct ResourceFailure: Error {
    var status: UInt32
    var code: String
    var message: String

    init(_ status: UInt32, _ code: String, _ message: String) {
      self.status = status
      self.code = code
      self.message = message
    }

    init(_ failure: StatementFailure) {
      switch failure.code {
      case "002003", "002043": status = 404
      case "002002": status = 409
      case "003001": status = 403
      case "000002": status = 501
      default: status = 400
      }
      code = failure.code
      message = failure.message
    }

    static let notFound = ResourceFailure(404, "390404", "The emulator has no such resource.")
  }

  /// Answers everything below /api/v2 that is not about statements.
  func resource(_ request: HTTPRequest, body: Value, rest: [String]) -> HTTPReply {
    do throws(ResourceFailure) {
      let (session, isOwn) = try resourceSession(request)
      defer { if isOwn { engine.close(session) } }
      return HTTPReply(body: JSON.encode(try answer(request, body: body, rest: rest, session)))
    } catch {
      let document: Value = [
        "error_code": .string(error.code), "code": .string(error.code), "message": .string(error.message),
        "request_id": .string(request.arguments["requestId"] ?? WireRandom.queryID()),
      ]
      return HTTPReply(status: error.status, body: JSON.encode(document))
    }
  }

  /// The session of a connector's token, or one of its own for a bearer's.
  private func resourceSession(_ request: HTTPRequest) throws(ResourceFailure) -> (EngineSession, isOwn: Bool) {
    if let credential = bearer(request) {
      do throws(LoginFailure) {
        return (try authenticate(LoginRequest(account: "", user: "", credential: credential)), true)
      } catch { throw ResourceFailure(401, error.code, error.message) }
    }
    do { return (try session(request).engine, false) } catch { throw ResourceFailure(401, error.code, error.message) }
  }

  private func execute(_ sql: String, _ session: EngineSession) throws(ResourceFailure) -> StatementResult {
    let start = WireClock.monotonic()
    let state = session.current
    let queryID = WireRandom.queryID()
    let result: Result<StatementResult, StatementFailure>
    do throws(StatementFailure) {
      result = .success(
        try engine.execute(sql, bindings: [:], describeOnly: false, queryID: queryID, parameters: [:], in: session))
    } catch { result = .failure(error) }
    var code: String?
    var rows = 0
    switch result {
    case .success(let answer): rows = answer.rows.count
    case .failure(let failure): code = failure.code
    }
    log.append(
      .init(
        number: 0, kind: .statement, time: clock.epochMilliseconds, session: session.id, user: state.user,
        role: state.role, sql: sql, requestID: nil, queryID: queryID, code: code, rows: rows,
        microseconds: (WireClock.monotonic() - start) / 1000, inFlight: 1))
    do throws(StatementFailure) { return try result.get() } catch { throw ResourceFailure(error) }
  }

  // MARK: Routes

  private func answer(
    _ request: HTTPRequest, body: Value, rest: [String], _ session: EngineSession
  ) throws(ResourceFailure) -> Value {
    if let grants = ResourceGrants(rest) {
      guard let (sql, isGrant) = grants.statement(request.method, body, mode: request.arguments["mode"]) else {
        throw .notFound
      }
      switch sql {
      case .failure(let refusal): throw ResourceFailure(400, "390142", refusal.message)
      case .success(let sql):
        let result = try execute(sql, session)
        guard let isGrant else { return status(result) }
        return .list(
          result.rows.map {
            isGrant
              ? ResourceCollection.grant($0, result.columns) : ResourceCollection.document($0, result.columns)
          })
      }
    }
    var container: [String] = []
    var path = rest[...]
    if path.count >= 3, path[0] == "databases" {
      container.append(path[1])
      path = path.dropFirst(2)
      if path.count >= 3, path[path.startIndex] == "schemas" {
        container.append(path[path.startIndex + 1])
        path = path.dropFirst(2)
      }
    }
    guard let plural = path.first, path.count <= 2 else { throw .notFound }
    var name = path.dropFirst().first
    var action: String?
    if let whole = name, let mark = whole.lastIndex(of: ":") {
      action = String(whole[whole.index(after: mark)...])
      name = String(whole[..<mark])
    }
    let collection = ResourceCollection(plural: plural, container: container)
    switch (request.method, name, action) {
    case ("GET", nil, nil): return .list(try list(collection, request, session))
    case ("POST", nil, nil): return try create(collection, body, mode: request.arguments["createMode"], session)
    case ("GET", let name?, nil): return try find(collection, name, session)
    case ("DELETE", let name?, nil):
      let quiet = request.arguments["ifExists"]?.lowercased() == "true"
      return status(
        try execute("DROP \(collection.type) \(quiet ? "IF EXISTS " : "")\(collection.name(name))", session))
    case ("PUT", let name?, nil): return try createOrAlter(collection, name, body, session)
    case ("POST", let name?, let action?):
      return try act(action, collection, name, body, request, session)
    default: throw .notFound
    }
  }

  private func status(_ result: StatementResult) -> Value {
    ["status": .string((result.rows.first?.first ?? nil) ?? "Request successfully completed")]
  }

  private func list(
    _ collection: ResourceCollection, _ request: HTTPRequest, _ session: EngineSession
  ) throws(ResourceFailure) -> [Value] {
    var sql = "SHOW \(collection.types)"
    if let like = request.arguments["like"] { sql += " LIKE " + Self.literal(like) }
    sql += collection.scope
    if let start = request.arguments["startsWith"] { sql += " STARTS WITH " + Self.literal(start) }
    if let limit = request.arguments["showLimit"] {
      guard let number = Int(limit), number > 0 else {
        throw ResourceFailure(400, "390400", "showLimit must be a positive number.")
      }
      sql += " LIMIT \(number)"
      if let from = request.arguments["fromName"] { sql += " FROM " + Self.literal(from) }
    }
    let result = try execute(sql, session)
    return result.rows.map { ResourceCollection.document($0, result.columns) }
  }

  private func find(
    _ collection: ResourceCollection, _ name: String, _ session: EngineSession
  ) throws(ResourceFailure) -> Value {
    let exact = (try? Identifier(parsing: name))?.name ?? name
    let escaped = exact.reduce(into: "") { $0 += $1 == "_" || $1 == "%" || $1 == "\\" ? "\\" + String($1) : String($1) }
    let result = try execute("SHOW \(collection.types) LIKE \(Self.literal(escaped))\(collection.scope)", session)
    let documents = result.rows.map { ResourceCollection.document($0, result.columns) }
    guard let found = documents.first(where: { $0["name"].string == exact }) else {
      throw ResourceFailure(
        404, "002003",
        "\(collection.type.prefix(1) + collection.type.dropFirst().lowercased()) '\(exact)' does not "
          + "exist or not authorized.")
    }
    return found
  }

  private func create(
    _ collection: ResourceCollection, _ body: Value, mode: String?, _ session: EngineSession
  ) throws(ResourceFailure) -> Value {
    guard let name = body["name"].string else { throw ResourceFailure(400, "390142", "The body has no name.") }
    let replaces = mode?.lowercased() == "orreplace"
    let quiet = mode?.lowercased() == "ifnotexists"
    let words = body["kind"].string?.uppercased() == "TRANSIENT" ? "TRANSIENT " : ""
    let sql =
      "CREATE \(replaces ? "OR REPLACE " : "")\(words)\(collection.type) \(quiet ? "IF NOT EXISTS " : "")"
      + collection.name(name) + Self.properties(body)
    return status(try execute(sql, session))
  }

  private func createOrAlter(
    _ collection: ResourceCollection, _ name: String, _ body: Value, _ session: EngineSession
  ) throws(ResourceFailure) -> Value {
    do throws(ResourceFailure) { _ = try find(collection, name, session) } catch {
      guard error.status == 404 else { throw error }
      var named = body
      if body["name"].string == nil { named = .object(body.fields + [.init("name", .string(name))]) }
      return try create(collection, named, mode: nil, session)
    }
    let properties = Self.properties(body)
    if properties.isEmpty { return ["status": "Request successfully completed"] }
    return status(try execute("ALTER \(collection.type) \(collection.name(name)) SET\(properties)", session))
  }

  private func act(
    _ action: String, _ collection: ResourceCollection, _ name: String, _ body: Value, _ request: HTTPRequest,
    _ session: EngineSession
  ) throws(ResourceFailure) -> Value {
    let quiet = request.arguments["ifExists"]?.lowercased() == "true" ? "IF EXISTS " : ""
    let object = collection.name(name)
    switch action {
    case "suspend": return status(try execute("ALTER \(collection.type) \(quiet)\(object) SUSPEND", session))
    case "resume":
      let tail = collection.type == "WAREHOUSE" ? " RESUME IF SUSPENDED" : " RESUME"
      return status(try execute("ALTER \(collection.type) \(quiet)\(object)\(tail)", session))
    case "rename":
      guard let new = body["name"].string else { throw ResourceFailure(400, "390142", "The body has no name.") }
      return status(
        try execute("ALTER \(collection.type) \(quiet)\(object) RENAME TO \(collection.name(new))", session))
    case "undrop": return status(try execute("UNDROP \(collection.type) \(object)", session))
    case "clone": return status(try execute(try clone(collection, object, body, request), session))
    case "use": return status(try execute("USE \(collection.type) \(object)", session))
    default: throw ResourceFailure(501, "000002", "The emulator does not play the action '\(action)'.")
    }
  }

  /// `POST …/{name}:clone?createMode&targetDatabase&targetSchema` with the new name in the body.
  private func clone(
    _ collection: ResourceCollection, _ source: String, _ body: Value, _ request: HTTPRequest
  ) throws(ResourceFailure) -> String {
    guard let name = body["name"].string else { throw ResourceFailure(400, "390142", "The body has no name.") }
    var target = collection
    let arguments = request.arguments
    if let database = arguments["targetDatabase"], !target.container.isEmpty { target.container[0] = database }
    if let schema = arguments["targetSchema"], target.container.count > 1 { target.container[1] = schema }
    let mode = arguments["createMode"]?.lowercased()
    return "CREATE \(mode == "orreplace" ? "OR REPLACE " : "")\(collection.type) "
      + "\(mode == "ifnotexists" ? "IF NOT EXISTS " : "")\(target.name(name)) CLONE \(source)"
      + (arguments["copyGrants"]?.lowercased() == "true" ? " COPY GRANTS" : "")
  }

  // MARK: SQL

  private static func literal(_ text: String) -> String {
    "'" + text.reduce(into: "") { $0 += $1 == "'" ? "''" : $1 == "\\" ? "\\\\" : String($1) } + "'"
  }

  /// What a body's fields are as properties; what an account only tells is left out.
  private static func properties(_ body: Value) -> String {
    let told: Set = [
      "name", "kind", "created_on", "owner", "owner_role_type", "state", "size", "dropped_on", "is_default",
      "is_current", "origin", "options", "database_name", "schema_name", "retention_time", "running", "queued", "type",
      "started_clusters", "available", "provisioning", "quiescing", "other", "resumed_on", "updated_on", "uuid",
    ]
    var out = ""
    for field in body.fields
    where !told.contains(field.key) && field.key.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) {
      guard let text = property(field.value) else { continue }
      out += " \(field.key.uppercased()) = \(text)"
    }
    return out
  }

  private static func property(_ value: Value) -> String? {
    switch value {
    case .null, .unknown, .object: nil
    case .bool(let flag): flag ? "TRUE" : "FALSE"
    case .int(let number): String(number)
    case .double(let number): number.description
    case .string(let text): ["true", "false"].contains(text.lowercased()) ? text.uppercased() : literal(text)
    case .list(let items): "(" + items.compactMap { property($0) }.joined(separator: ", ") + ")"
    }
  }
}
