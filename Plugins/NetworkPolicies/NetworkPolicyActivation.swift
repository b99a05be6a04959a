import SnowmakerSDK

/// A network policy made active on the account or on a user.
///
/// It is the parameter NETWORK_POLICY of the account or the user; one of each can be set.
/// Source: <https://docs.snowflake.com/en/user-guide/network-policies#activating-a-network-policy>.
struct NetworkPolicyActivation: ObjectType {
  let schema = Self.makeSchema()

  private static func makeSchema() -> TypeSchema {
    var schema = TypeSchema(
      "network_policy_activation", plural: "network_policy_activations",
      identity: [IdentityPart("on_type"), IdentityPart("on")],
      doc: "Makes a network policy active: on the account (`account: true`) or on users (`user:` or `users:`). A plan "
        + "that would lock out the address or the user that deploys is refused.",
      attributes: [
        AttributeSchema("on_type", .enumeration(["ACCOUNT", "USER"]), doc: "Where it is active.").required(),
        AttributeSchema(
          "on", .objectReference(typeAttribute: "on_type"), doc: "The user's name; `ACCOUNT` for the account."
        ).required().edge(.uses, onTargetDrop: .absorbed),
        AttributeSchema("user", .reference(["user"]), doc: "The user, where it is active on one.").createOnly(),
        AttributeSchema("network_policy", .reference(["network_policy"]), doc: "The policy.")
          .required().edge(.uses, onTargetDrop: .detachFirst),
      ])
    schema.expands = true
    schema.standsInChecks = true
    return schema
  }

  // MARK: - Expanding

  func expand(_ written: WrittenResource, context: RequestContext) -> Expansion {
    let value = written.value
    let policy = value.find("network_policy") ?? value["policy"]
    let known = ["network_policy", "policy", "account", "user", "users", "on_type", "on"]
    var expansion = Expansion()
    for field in value.fields where !known.contains(field.key) {
      let close = Spelling.closest(to: field.key, in: known).map { "Did you mean '\($0)'?" } ?? ""
      expansion.diagnostics.append(
        .error("unknown key '\(field.key)'", detail: close, path: [field.key], code: "unknown-key"))
    }
    if value["account"].bool == true || value["on_type"].string?.uppercased() == "ACCOUNT" {
      expansion.resources.append(
        ExpandedResource(
          type: schema.type, attributes: ["on_type": "ACCOUNT", "on": "ACCOUNT", "network_policy": policy]))
    }
    var users = value["users"].strings.enumerated().map { ($1, ["users", String($0)]) }
    if let user = value["user"].string { users.append((user, ["user"])) }
    if value["on_type"].string?.uppercased() == "USER", let user = value["on"].string { users.append((user, ["on"])) }
    for (user, path) in users {
      let name = (try? Identifier(parsing: user).sql) ?? user
      expansion.resources.append(
        ExpandedResource(
          type: schema.type,
          attributes: ["on_type": "USER", "on": .string(name), "network_policy": policy],
          path: path))
    }
    if expansion.resources.isEmpty, expansion.diagnostics.isEmpty {
      expansion.diagnostics.append(
        .error(
          "where is the policy to be active?", detail: "Say `account: true`, `user: NAME` or `users: [NAME, …]`.",
          code: "missing-key"))
    }
    return expansion
  }

  // MARK: - Reading

  private static let accountQuery = ReadQuery("SHOW PARAMETERS IN ACCOUNT", costClass: "SHOW PARAMETERS IN ACCOUNT")

  func read(_ request: ReadRequest) throws(Diagnostic) -> ReadReply {
    if request.round == 0 {
      var queries: [ReadQuery] = []
      for wanted in request.wanted { queries.append(query(wanted.identity)) }
      // What is declared active, to see whether the address that deploys stays admitted.
      for policy in Set(request.wanted.compactMap { $0.declared?["network_policy"].string }).sorted() {
        queries.append(ReadQuery("DESCRIBE NETWORK POLICY \(policy)", costClass: "DESCRIBE NETWORK POLICY"))
      }
      if !queries.isEmpty { queries.append(ReadQuery("SELECT CURRENT_IP_ADDRESS()", costClass: "SELECT")) }
      return ReadReply(queries: queries)
    }
    let results = Dictionary(request.results.map { ($0.sql, $0) }, uniquingKeysWith: { first, _ in first })
    let address = results["SELECT CURRENT_IP_ADDRESS()"]?.rows.first?.first?.string
    var reply = ReadReply()
    for wanted in request.wanted {
      guard let result = results[query(wanted.identity).sql] else { continue }
      if let failure = result.failure {
        if !failure.isMissingOrForbidden {
          reply.unseen.append(.init(identity: wanted.identity, reason: "\(failure.message) (\(failure.code))"))
        }
        continue
      }
      let active = policy(in: RowSet(result), level: wanted.identity.first ?? "")
      var fields: [Value.Field] = []
      if let address { fields.append(.init("client_address", .string(address))) }
      if let declared = wanted.declared?["network_policy"].string,
        let content = results["DESCRIBE NETWORK POLICY \(declared)"], content.failure == nil
      {
        let rows = RowSet(content)
        fields.append(.init("admits", LockOutGuard.content(rows)))
      }
      guard let active else {
        if !fields.isEmpty {
          reply.observed.append(Observation(identity: wanted.identity, attributes: .object(fields)))
        }
        continue
      }
      fields.append(.init("network_policy", .string(active)))
      fields.append(.init("on_type", .string(wanted.identity.first ?? "")))
      fields.append(.init("on", .string(wanted.identity.last ?? "")))
      reply.observed.append(Observation(identity: wanted.identity, attributes: .object(fields)))
    }
    return reply
  }

  private func query(_ identity: [String]) -> ReadQuery {
    guard identity.first == "USER", let user = identity.last else { return Self.accountQuery }
    return ReadQuery(
      "SHOW PARAMETERS LIKE 'NETWORK_POLICY' IN USER \(user)", costClass: "SHOW PARAMETERS IN USER")
  }

  private func policy(in rows: RowSet, level: String) -> String? {
    for row in rows.rows.indices where rows.text(row, "key")?.uppercased() == "NETWORK_POLICY" {
      guard rows.text(row, "level")?.uppercased() == level, let name = rows.text(row, "value"), !name.isEmpty else {
        return nil
      }
      return Identifier(exact: name).sql
    }
    return nil
  }

  // MARK: - Planning

  func plan(_ item: PlanItem, request: PlanRequest) throws(Diagnostic) -> Change {
    let before = item.observed?.attributes["network_policy"].string
    let after = item.declared?["network_policy"].string
    let isAccount = item.identity.first == "ACCOUNT"
    let target = isAccount ? "ACCOUNT" : "USER \(item.identity.last ?? "")"
    guard before != after else { return Change(.none) }
    func statement(_ policy: String?) -> SQLText {
      SQLText(policy.map { "ALTER \(target) SET NETWORK_POLICY = \($0)" } ?? "ALTER \(target) UNSET NETWORK_POLICY")
    }
    let object = isAccount ? SQLObject.account : SQLObject("USER", item.identity.last ?? "")
    return Change(
      after == nil ? .drop : before == nil ? .create : .update,
      attributes: [
        AttributeChange(
          "network_policy", before: before.map(Value.string) ?? .null, after: after.map(Value.string) ?? .null)
      ],
      statements: [
        Statement(
          statement(after),
          authorities: [.privilege("ATTACH POLICY", .account), .ownership(object)], undo: statement(before))
      ])
  }
}
