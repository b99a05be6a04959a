import SnowmakerSDK

/// A policy that the account has for all users who have none of their own: `ALTER ACCOUNT SET PASSWORD POLICY name`.
///
/// SHOW … POLICIES ON ACCOUNT tells which one it is, of what the reading role may see.
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/alter-account>,
/// <https://docs.snowflake.com/en/sql-reference/sql/show-password-policies>.
struct AccountPolicy: ObjectType {
  let schema: TypeSchema = {
    var schema = TypeSchema(
      "account_policy", plural: "account_policies", identity: [IdentityPart("kind")],
      doc: "A policy that the account has, for users without one of their own. It takes the place of one that somebody "
        + "else set. Policies for persons or services alone (FOR ALL PERSON USERS) are not told apart by SHOW, and not "
        + "supported.",
      attributes: [
        AttributeSchema("kind", .enumeration(["AUTHENTICATION", "PASSWORD", "SESSION"]), doc: "What it is about.")
          .required(),
        AttributeSchema(
          "policy", .reference(["authentication_policy", "password_policy", "session_policy"]),
          doc: "The policy, as `DATABASE.SCHEMA.POLICY`."
        ).required().edge(.uses, onTargetDrop: .detachFirst),
      ])
    schema.forms = [.plural("account_policies"), .pairs("account_policies", name: "kind", value: "policy")]
    return schema
  }()

  private static let kinds = ["AUTHENTICATION", "PASSWORD", "SESSION"]

  // MARK: - Reading

  private static func attached(_ kind: String) -> ReadQuery {
    ReadQuery("SHOW \(kind) POLICIES ON ACCOUNT", costClass: "SHOW \(kind) POLICIES ON ACCOUNT")
  }

  private static func visible(_ kind: String) -> ReadQuery {
    ReadQuery("SHOW \(kind) POLICIES IN ACCOUNT", costClass: "SHOW \(kind) POLICIES")
  }

  func read(_ request: ReadRequest) throws(Diagnostic) -> ReadReply {
    let wanted = Dictionary(
      request.wanted.map { ($0.identity[0], $0.declared) }, uniquingKeysWith: { first, second in first ?? second })
    let kinds = Self.kinds.filter { request.wantsAll || wanted[$0] != nil }
    if request.round == 0 {
      return ReadReply(queries: kinds.flatMap { [Self.attached($0), Self.visible($0)] })
    }
    let results = Dictionary(request.results.map { ($0.sql, $0) }, uniquingKeysWith: { first, _ in first })
    var reply = ReadReply()
    for kind in kinds {
      guard let answer = results[Self.attached(kind).sql] else { continue }
      if let failure = answer.failure {
        reply.unseen.append(
          .init(identity: [kind], reason: "\(answer.sql) failed: \(failure.message) (\(failure.code))"))
      } else if let policy = Self.name(RowSet(answer)) {
        reply.observed.append(
          Observation(identity: [kind], attributes: ["kind": .string(kind), "policy": .string(policy)]))
      } else if wanted[kind] == .some(nil), results[Self.visible(kind).sql]?.rows.isEmpty ?? true {
        // Once set here, and no policy is to be seen at all: that says nothing.
        reply.unseen.append(
          .init(identity: [kind], reason: "no policy is visible: it takes APPLY \(kind) POLICY on the account"))
      }
    }
    return reply
  }

  /// The policy in an answer; one that Snowflake brings along is in no schema, and is none.
  private static func name(_ rows: RowSet) -> String? {
    for row in rows.rows.indices {
      let parts = ["database_name", "schema_name", "name"].compactMap { rows.text(row, $0) }.filter { !$0.isEmpty }
      if parts.count == 3 { return QualifiedName(parts.map { Identifier(exact: $0) }).sql }
    }
    return nil
  }

  // MARK: - Planning

  func plan(_ item: PlanItem, request: PlanRequest) throws(Diagnostic) -> Change {
    let property = "\(item.identity[0]) POLICY"
    let before = item.observed?.attributes["policy"].string
    let after = item.declared?["policy"].string
    guard before != after else { return Change(.none) }
    func sentence(_ policy: String?) -> SQLText {
      SQLText(policy.map { "ALTER ACCOUNT SET \(property) \($0) FORCE" } ?? "ALTER ACCOUNT UNSET \(property)")
    }
    return Change(
      after == nil ? .drop : before == nil ? .create : .update,
      attributes: [
        AttributeChange(
          "policy", before: before.map(Value.string) ?? .null, after: after.map(Value.string) ?? .null)
      ],
      statements: [
        Statement(
          sentence(after), authorities: [.privilege("APPLY \(property)", .account), .ownership(.account)],
          undo: sentence(before))
      ])
  }
}
