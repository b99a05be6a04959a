import SnowmakerSDK

/// A programmatic access token of a user.
///
/// The account tells the token's secret once, in the answer to ADD or ROTATE. It goes into a file that the configuration
/// names and nowhere else; what was made elsewhere is adopted without it. Read with one SHOW USER PROGRAMMATIC ACCESS TOKENS
/// for each user that declares some.
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/alter-user-add-programmatic-access-token>,
/// <https://docs.snowflake.com/en/sql-reference/sql/alter-user-rotate-programmatic-access-token>.
struct AccessToken: ObjectType {
  let schema: TypeSchema = {
    var schema = TypeSchema(
      "programmatic_access_token", plural: "programmatic_access_tokens",
      identity: [IdentityPart("user", container: "user"), .name],
      doc: """
        A token that a user, usually a service, logs in with in place of a password. Its secret is written to \
        `secret_file` when the token is made and when it is rotated: change `rotation` for that. The account never tells \
        it again, so that a token which is there already is adopted without.
        """, attributes: properties)
    schema.forms = [
      .plural("programmatic_access_tokens"),
      .nested(parent: "user", key: "programmatic_access_tokens", fills: "user"),
    ]
    schema.validates = true
    schema.examples = [Examples.accessToken]
    return schema
  }()

  private static let properties: [AttributeSchema] = [
    AttributeSchema("user", .identifier, doc: "The user that logs in with it.").required(),
    AttributeSchema("name", .identifier, doc: "The token's name, one of the user's.").required(),
    AttributeSchema(
      "secret_file", .text,
      doc: "The file that the secret is written to, readable by its owner alone. Relative paths start in the project's "
        + "folder. Only a file that nobody else can read is overwritten."
    ).required().createOnly(),
    AttributeSchema(
      "role_restriction", .reference(["role"]),
      doc: "The one role that sessions of the token have. Needed for a user of type SERVICE, who must have the role."
    ).forcesReplacement().edge(.uses, onTargetDrop: .detachFirst),
    AttributeSchema(
      "days_to_expiry", .integer(minimum: 1, maximum: 365),
      doc: "How long a secret is good for, from when it was made: 15 days when it is not said. It cannot be changed."
    ).createOnly(),
    AttributeSchema(
      "mins_to_bypass_network_policy_requirement", .integer(minimum: 0, maximum: 1440),
      property: "MINS_TO_BYPASS_NETWORK_POLICY_REQUIREMENT",
      doc: "Minutes in which it works without a network policy, counted from when it was set."),
    AttributeSchema("disabled", .boolean, doc: "Whether nobody can log in with it for now.").defaults(to: false),
    AttributeSchema("comment", .text, doc: "A comment.").blankIsNull(),
    AttributeSchema(
      "rotation", .text, doc: "Any text, a date for example. When it changes the token gets a new secret."
    ),
    AttributeSchema(
      "expire_rotated_token_after_hours", .integer(minimum: 0),
      doc: "How long the old secret works after a rotation: 24 hours when it is not said."
    ).createOnly(),
  ]

  func validate(_ resource: DeclaredResource, context: RequestContext) -> [Diagnostic] {
    let file = resource.attributes["secret_file"].string ?? ""
    if file.isEmpty || file.hasSuffix("/") {
      return [.error("secret_file names no file", path: ["secret_file"], code: "invalid-value")]
    }
    guard file.lowercased().hasSuffix(".yml") || file.lowercased().hasSuffix(".yaml") else { return [] }
    return [
      .error(
        "secret_file must not be a YAML file", detail: "It would be read as configuration.", path: ["secret_file"],
        code: "invalid-value")
    ]
  }

  // MARK: - Reading

  func read(_ request: ReadRequest) throws(Diagnostic) -> ReadReply {
    var seen: Set<SQLObject> = []
    let users = request.wanted.map { SQLObject("USER", $0.identity[0]) }.filter { seen.insert($0).inserted }
    let reading = GrantReading(query: Self.query, ofEveryRole: { _ in [] })
    return reading.read(request, grantees: users) { answers in
      let wanted = Dictionary(grouping: request.wanted.map(\.identity)) { $0[0] }
      var reply = ReadReply()
      for (user, result) in answers.results {
        let mine = wanted[user.name] ?? []
        if result.failure != nil || result.isCut {
          reply.miss(mine, result)
          continue
        }
        reply.observed += Self.observe(RowSet(result), user.name, Set(mine), all: request.wantsAll)
      }
      return reply.complete(for: request, schema)
    }
  }

  private static func query(_ user: SQLObject) -> ReadQuery {
    ReadQuery(
      "SHOW USER PROGRAMMATIC ACCESS TOKENS FOR USER \(user.name)", costClass: "SHOW USER PROGRAMMATIC ACCESS TOKENS")
  }

  private static func observe(
    _ rows: RowSet, _ user: String, _ wanted: Set<[String]>, all: Bool
  ) -> [Observation] {
    rows.rows.indices.compactMap { row in
      guard let name = rows.text(row, "name") else { return nil }
      let identity = [user, Identifier(exact: name).sql]
      // What a rotation left behind expires by itself.
      let isLeftover = !(rows.text(row, "rotated_to") ?? "").isEmpty
      guard wanted.contains(identity) || (all && !isLeftover) else { return nil }
      let status = rows.text(row, "status")?.uppercased() ?? ""
      let role = rows.text(row, "role_restriction").flatMap { $0.isEmpty ? nil : Identifier(exact: $0).sql }
      let comment = rows.text(row, "comment") ?? ""
      return Observation(
        identity: identity,
        attributes: [
          "role_restriction": role.map(Value.string) ?? .null, "disabled": .bool(status == "DISABLED"),
          "comment": comment.isEmpty ? .null : .string(comment), "expired": .bool(status == "EXPIRED"),
        ])
    }
  }

  // MARK: - Planning

  func plan(_ item: PlanItem, request: PlanRequest) throws(Diagnostic) -> Change {
    let token = AccessTokenSQL(user: item.identity[0], name: item.identity[1])
    guard let declared = item.declared else {
      return Change(.drop, statements: [token.remove()], losses: ["logins with this token"], risk: .recreatable)
    }
    guard let observed = item.observed else { return Self.create(token, declared) }
    let isExpired = observed.attributes["expired"].bool == true
    let role = declared.find("role_restriction")
    let isRestrictedOtherwise = role.map { $0 != observed.attributes["role_restriction"] } ?? false
    let rotates = Self.rotates(item, declared)
    if isRestrictedOtherwise || (rotates && isExpired) {
      var change = Self.create(token, declared)
      change.action = .replace
      change.statements.insert(token.remove(), at: 0)
      change.losses = ["logins with the secret there is now"]
      change.risk = .recreatable
      if isRestrictedOtherwise, let role {
        change.attributes = [
          AttributeChange("role_restriction", before: observed.attributes["role_restriction"], after: role)
        ]
      }
      return change
    }
    return update(item, token, declared, observed, rotates: rotates, isExpired: isExpired)
  }

  private static func create(_ token: AccessTokenSQL, _ declared: Value) -> Change {
    var statements = [token.add(declared)]
    if declared["disabled"].bool == true { statements.append(token.modify("SET DISABLED = TRUE", undo: nil)) }
    let names = ["role_restriction", "days_to_expiry", "disabled", "comment"]
    let shown = names.compactMap { name in
      declared.find(name).flatMap { $0.isNull ? nil : AttributeChange(name, before: .null, after: $0) }
    }
    var change = Change(.create, attributes: shown, statements: statements, note: note(declared))
    change.memory = "kept"
    return change
  }

  private static func note(_ declared: Value) -> String {
    "its secret goes to \(declared["secret_file"].string ?? "")"
  }

  /// Whether `rotation` says something else than at the last apply.
  private static func rotates(_ item: PlanItem, _ declared: Value) -> Bool {
    guard let wanted = declared["rotation"].string, !item.remembered.fields.isEmpty else { return false }
    return item.remembered["rotation"].string != wanted
  }

  private func update(
    _ item: PlanItem, _ token: AccessTokenSQL, _ declared: Value, _ observed: Observation, rotates: Bool,
    isExpired: Bool
  ) -> Change {
    var change = Change(.none)
    if let former = item.renamedFrom, former.count == 2 {
      let old = AccessTokenSQL(user: former[0], name: former[1])
      change.statements.append(old.modify("RENAME TO \(token.name)", undo: nil))
      change.action = .rename
    }
    for attribute in schema.attributes where ["disabled", "comment"].contains(attribute.name) || isCounted(attribute) {
      guard let after = declared.find(attribute.name), !item.same.contains(attribute.name) else { continue }
      let before = isCounted(attribute) ? .unknown : observed.attributes[attribute.name]
      let standard = attribute.defaultValue ?? .null
      if isCounted(attribute), after.isNull, item.remembered[attribute.name].isNull { continue }
      if !isCounted(attribute), (before.isNull ? standard : before) == (after.isNull ? standard : after) { continue }
      let property = attribute.name.uppercased()
      func action(_ value: Value) -> SQLText {
        if value.isNull { return SQLText("UNSET \(property)") }
        var sql = SQLText("SET \(property) = ")
        sql.append(SQLRendering.value(value, attribute.kind))
        return sql
      }
      change.statements.append(token.modify(action(after), undo: before == .unknown ? nil : action(before)))
      change.attributes.append(AttributeChange(attribute.name, before: before, after: after))
    }
    if rotates {
      change.statements.append(token.rotate(declared))
      change.attributes.append(
        AttributeChange("rotation", before: item.remembered["rotation"], after: declared["rotation"]))
      change.note = Self.note(declared)
      change.memory = "kept"
    } else if isExpired {
      change.diagnostics.append(
        .warning(
          "the token \(token.name) of \(token.user) has expired", detail: "Change its 'rotation' to make a new one.",
          code: "expired"))
    } else if item.remembered.find("$memory") == nil, item.renamedFrom == nil {
      change.note = "made elsewhere; its secret is not in \(declared["secret_file"].string ?? "")"
    }
    if change.action == .none, !change.statements.isEmpty { change.action = .update }
    return change
  }

  /// What is counted down from when it was set, so that the account shows something else every minute.
  private func isCounted(_ attribute: AttributeSchema) -> Bool { attribute.property != nil }
}

/// ALTER USER … PROGRAMMATIC ACCESS TOKEN.
struct AccessTokenSQL {
  var user: String
  var name: String

  private static let what = "PROGRAMMATIC ACCESS TOKEN"

  /// The user's owner may, and who was given the privilege.
  private var authorities: [Authority] {
    let object = SQLObject("USER", user)
    return [.ownership(object), .privilege("MODIFY PROGRAMMATIC AUTHENTICATION METHODS", object)]
  }

  private func statement(_ verb: String, _ rest: SQLText, undo: SQLText?) -> Statement {
    var sql = SQLText("ALTER USER \(user) \(verb) \(Self.what) \(name)")
    sql.append(rest)
    return Statement(sql, authorities: authorities, undo: undo)
  }

  private func kept(_ declared: Value) -> KeptAnswer? {
    declared["secret_file"].string.map { KeptAnswer(column: "token_secret", file: $0) }
  }

  /// ADD. The role that it is restricted to is a string there; that a name in quotes stands in
  /// it with them is unverified.
  func add(_ declared: Value) -> Statement {
    var rest = SQLText("")
    if let role = declared["role_restriction"].string { rest.append(" ROLE_RESTRICTION = \(SQLLiteral.quote(role))") }
    for (name, property) in [
      ("days_to_expiry", "DAYS_TO_EXPIRY"),
      ("mins_to_bypass_network_policy_requirement", "MINS_TO_BYPASS_NETWORK_POLICY_REQUIREMENT"),
    ] {
      if let number = declared[name].int { rest.append(" \(property) = \(number)") }
    }
    if let comment = declared["comment"].string { rest.append(" COMMENT = \(SQLLiteral.quote(comment))") }
    var adding = statement("ADD", rest, undo: remove().sql)
    adding.keeps = kept(declared)
    return adding
  }

  /// ROTATE: a new secret; the old one works for some hours more.
  func rotate(_ declared: Value) -> Statement {
    let hours = declared["expire_rotated_token_after_hours"].int
    var rotating = statement(
      "ROTATE", SQLText(hours.map { " EXPIRE_ROTATED_TOKEN_AFTER_HOURS = \($0)" } ?? ""), undo: nil)
    rotating.keeps = kept(declared)
    return rotating
  }

  /// MODIFY with one action.
  func modify(_ action: SQLText, undo: SQLText?) -> Statement {
    func rest(_ action: SQLText) -> SQLText {
      var sql = SQLText(" ")
      sql.append(action)
      return sql
    }
    return statement("MODIFY", rest(action), undo: undo.map { statement("MODIFY", rest($0), undo: nil).sql })
  }

  /// REMOVE.
  func remove() -> Statement { statement("REMOVE", SQLText(""), undo: nil) }
}
