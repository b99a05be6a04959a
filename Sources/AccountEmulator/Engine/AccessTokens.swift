import CCrypto
import SnowmakerModel

/// The programmatic access tokens of users: kept as digests in the user's notes.
enum AccessTokens {
  /// What every token begins with, so that one given as a password is recognised.
  static let prefix = "snowmaker-pat-"
  static let note = "access_tokens"

  /// A new token's secret.
  static func secret() throws(StatementFailure) -> String {
    var bytes = [UInt8](repeating: 0, count: 32)
    guard ccrypto_random(&bytes, bytes.count) == CCRYPTO_OK else {
      throw .broken(String(cString: ccrypto_unavailable_reason()))
    }
    return prefix + Hex.encode(bytes)
  }

  static func digest(_ secret: String) -> String {
    let bytes = Array(secret.utf8)
    var out = [UInt8](repeating: 0, count: Int(CCRYPTO_SHA256_SIZE))
    return ccrypto_sha256(bytes, bytes.count, &out) == CCRYPTO_OK ? Hex.encode(out) : ""
  }

  /// The user that a token belongs to and the role it is restricted to.
  static func find(
    _ secret: String, claimed: String, in world: World
  ) throws(LoginFailure) -> (user: StoredObject, role: String?) {
    let refusal = LoginFailure(code: "394400", message: "Programmatic access token is invalid.")
    let wanted = digest(secret)
    guard !wanted.isEmpty else { throw refusal }
    for user in world.objects("USER") {
      guard let token = user.notes[note]?.list.first(where: { $0["digest"].string == wanted }) else { continue }
      guard claimed.isEmpty || LoginDesk(world: world).user(named: claimed)?.name == user.name,
        (token["expires"].int ?? 0) > world.now(), token["disabled"].bool != true
      else { throw refusal }
      return (user, token["role"].string)
    }
    throw refusal
  }
}

/// What ALTER USER does with programmatic access tokens.
enum AccessTokenAction {
  case add(name: String, [Property])
  case rotate(name: String, expireAfterHours: Int)
  case set(name: String, [Property])
  case unset(name: String, [String])
  case rename(name: String, to: String)
  case remove(name: String)
  case show
}

extension Parser {
  /// Whether a statement is about programmatic access tokens; it is read only then.
  mutating func accessTokenStatement() throws(StatementFailure) -> Statement? {
    let start = at
    if accept("SHOW USER") {
      guard acceptTokenWords(plural: true) else {
        at = start
        return nil
      }
      return .accessTokens(accept("FOR USER") ? try name(1...1) : nil, .show)
    }
    guard accept("ALTER USER") else { return nil }
    _ = accept("IF EXISTS")
    var user: ObjectName?
    if !["ADD", "ROTATE", "MODIFY", "REMOVE"].contains(where: { isTokenAction($0) }) { user = try name(1...1) }
    let action: AccessTokenAction
    switch true {
    case isTokenAction("ADD"): action = .add(name: try tokenName(), try tokenProperties())
    case isTokenAction("ROTATE"):
      let name = try tokenName()
      let hours = try tokenProperties().first { $0.name == "EXPIRE_ROTATED_TOKEN_AFTER_HOURS" }
      action = .rotate(
        name: name,
        expireAfterHours: try hours.map { (property) throws(StatementFailure) in
          try StatementRun.whole(property, in: 0...87600)
        } ?? 24)
    case isTokenAction("MODIFY"):
      let name = try tokenName()
      if accept("RENAME TO") {
        action = .rename(name: name, to: try identifier().name)
      } else if accept("UNSET") {
        action = .unset(name: name, try words())
      } else {
        try expect("SET")
        action = .set(name: name, try tokenProperties())
      }
    case isTokenAction("REMOVE"): action = .remove(name: try tokenName())
    default:
      at = start
      return nil
    }
    return .accessTokens(user, action)
  }

  private func isTokenAction(_ verb: String) -> Bool {
    areWords(verb + " PROGRAMMATIC ACCESS TOKEN") || areWords(verb + " PAT")
  }

  private mutating func acceptTokenWords(plural: Bool) -> Bool {
    plural
      ? accept("PROGRAMMATIC ACCESS TOKENS") || accept("PATS") : accept("PROGRAMMATIC ACCESS TOKEN") || accept("PAT")
  }

  private mutating func tokenName() throws(StatementFailure) -> String {
    advance()
    guard acceptTokenWords(plural: false) else { throw unexpected() }
    return try identifier().name
  }

  private mutating func tokenProperties() throws(StatementFailure) -> [Property] {
    var properties: [Property] = []
    while !isAtEnd {
      let token = current
      guard token.kind == .word, isSymbol("=", ahead: 1) else { throw unexpected() }
      advance()
      advance()
      properties.append(Property(name: token.upper, value: try literal(), start: token.start))
    }
    return properties
  }
}

extension StatementRun {
  /// A whole number given to a property.
  static func whole(_ property: Property, in range: ClosedRange<Int>) throws(StatementFailure) -> Int {
    guard case .number(let text) = property.value, let number = Int(text), range.contains(number) else {
      throw .invalidValue("\(property.value)", for: property.name, because: "not a whole number in \(range)")
    }
    return number
  }

  /// ALTER USER … ADD, ROTATE, MODIFY and REMOVE PROGRAMMATIC ACCESS TOKEN, and SHOW of them.
  func accessTokens(_ name: ObjectName?, _ action: AccessTokenAction) throws(StatementFailure) -> StatementResult {
    let userName = try name.map { (name) throws(StatementFailure) in try requireUser(name) } ?? context.user
    guard var user = world.object("USER", userName) else { throw .missing("User", userName) }
    // One's own tokens, or those of a user that is owned or may be changed so.
    if userName != context.user, !account.owns(held, .user(userName)), !account.managesGrants(held),
      !holds("MODIFY PROGRAMMATIC AUTHENTICATION METHODS", on: .user(userName))
    {
      throw denied(.user(userName))
    }
    var tokens = user.notes[AccessTokens.note]?.list ?? []
    func position(_ name: String) throws(StatementFailure) -> Int {
      guard let index = tokens.firstIndex(where: { $0["name"].string == name }) else {
        throw .missing("Programmatic access token", name)
      }
      return index
    }
    var result = Self.done
    switch action {
    case .show: return shown(tokens, of: user)
    case .add(let name, let properties):
      if tokens.contains(where: { $0["name"].string == name }) { throw .exists(name) }
      if tokens.count >= 15 { throw .access("A user cannot have more than 15 programmatic access tokens.") }
      let secret = try AccessTokens.secret()
      let isService = ["SERVICE", "LEGACY_SERVICE"].contains(user.text("type") ?? "")
      var token: [Value.Field] = [
        .init("name", .string(name)), .init("digest", .string(AccessTokens.digest(secret))),
        .init("created", .int(world.now())), .init("by", .string(context.user)),
        .init("expires", .int(world.now() + 15 * 86_400_000)),
      ]
      try apply(properties, to: &token, ofUser: userName)
      if isService, !token.contains(where: { $0.key == "role" }) {
        throw .access("A programmatic access token of a service user must be restricted to a role (ROLE_RESTRICTION).")
      }
      tokens.append(.object(token))
      result = StatementResult(
        columns: [ResultColumn(name: "token_name"), ResultColumn(name: "token_secret")], rows: [[name, secret]],
        statementTypeID: 0x6000)
    case .rotate(let name, let hours):
      let index = try position(name)
      let secret = try AccessTokens.secret()
      var fresh = tokens[index].fields
      let validity = (tokens[index]["expires"].int ?? 0) - (tokens[index]["created"].int ?? 0)
      set("digest", .string(AccessTokens.digest(secret)), in: &fresh)
      set("created", .int(world.now()), in: &fresh)
      set("expires", .int(world.now() + validity), in: &fresh)
      let oldName = name + "_" + String(world.now())
      var old = tokens[index].fields
      set("name", .string(oldName), in: &old)
      set("rotated_to", .string(name), in: &old)
      set("expires", .int(world.now() + Int64(hours) * 3_600_000), in: &old)
      tokens[index] = .object(fresh)
      tokens.append(.object(old))
      result = StatementResult(
        columns: ["token_name", "token_secret", "rotated_token_name"].map { ResultColumn(name: $0) },
        rows: [[name, secret, oldName]], statementTypeID: 0x6000)
    case .set(let name, let properties):
      let index = try position(name)
      var token = tokens[index].fields
      try apply(properties, to: &token, ofUser: userName)
      tokens[index] = .object(token)
    case .unset(let name, let properties):
      let index = try position(name)
      let keys = ["DISABLED": "disabled", "MINS_TO_BYPASS_NETWORK_POLICY_REQUIREMENT": "bypass", "COMMENT": "comment"]
      var token = tokens[index].fields
      for property in properties {
        guard let key = keys[property] else { throw .invalidProperty(property, for: "PROGRAMMATIC ACCESS TOKEN") }
        token.removeAll { $0.key == key }
      }
      tokens[index] = .object(token)
    case .rename(let name, let new):
      let index = try position(name)
      if tokens.contains(where: { $0["name"].string == new }) { throw .exists(new) }
      var token = tokens[index].fields
      set("name", .string(new), in: &token)
      tokens[index] = .object(token)
    case .remove(let name):
      tokens.remove(at: try position(name))
    }
    user.notes[AccessTokens.note] = .list(tokens)
    world.put(user)
    return result
  }

  private func set(_ key: String, _ value: Value, in fields: inout [Value.Field]) {
    fields.removeAll { $0.key == key }
    fields.append(Value.Field(key, value))
  }

  private func apply(
    _ properties: [Property], to token: inout [Value.Field], ofUser user: String
  ) throws(StatementFailure) {
    for property in properties {
      switch (property.name, property.value) {
      case ("ROLE_RESTRICTION", .string(let text)), ("ROLE_RESTRICTION", .word(let text)):
        guard let role = (try? Identifier(parsing: text))?.sql,
          account.assumableRoles(of: user).contains(.account(role))
        else { throw .missing("Role", text) }
        set("role", .string(role), in: &token)
      case ("DAYS_TO_EXPIRY", _):
        let days = try Self.whole(property, in: 1...365)
        set("expires", .int(world.now() + Int64(days) * 86_400_000), in: &token)
      case ("MINS_TO_BYPASS_NETWORK_POLICY_REQUIREMENT", _):
        set("bypass", .int(Int64(try Self.whole(property, in: 0...1440))), in: &token)
      case ("DISABLED", .word(let word)): set("disabled", .bool(word.uppercased() == "TRUE"), in: &token)
      case ("COMMENT", .string(let text)): set("comment", .string(text), in: &token)
      default: throw .invalidProperty(property.name, for: "PROGRAMMATIC ACCESS TOKEN")
      }
    }
  }

  private func shown(_ tokens: [Value], of user: StoredObject) -> StatementResult {
    let names = [
      "name", "user_name", "role_restriction", "expires_at", "status", "comment", "created_on", "created_by",
      "mins_to_bypass_network_policy_requirement", "rotated_to",
    ]
    let now = world.now()
    let rows = tokens.map { token -> [String?] in
      let expires = token["expires"].int ?? 0
      let status = token["disabled"].bool == true ? "DISABLED" : expires <= now ? "EXPIRED" : "ACTIVE"
      return [
        token["name"].string, user.plainName, token["role"].string.map(shown), Self.timestamp(expires), status,
        token["comment"].string, Self.timestamp(token["created"].int ?? 0), token["by"].string.map(shown),
        token["bypass"].int.map { String($0) }, token["rotated_to"].string,
      ]
    }
    return StatementResult(
      columns: names.map {
        ResultColumn(name: $0, type: ["expires_at", "created_on"].contains($0) ? .timestamp_ltz : .text)
      },
      rows: rows, statementTypeID: 0x4400)
  }
}
