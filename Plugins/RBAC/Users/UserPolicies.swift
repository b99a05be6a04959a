import SnowmakerSDK

/// The policies that can be attached to a user.
///
/// Which one is attached, SHOW … POLICIES ON USER tells without a warehouse, but only of policies that the reading role may
/// see: an empty answer says that a policy is off only when that policy is among those the role sees. Otherwise, and where
/// the statement fails, the ledger's memory counts.
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/alter-user>,
/// <https://docs.snowflake.com/en/sql-reference/sql/show-password-policies>.
enum UserPolicies {
  static let attributes: [AttributeSchema] = [
    policy("password", "What its password must be like."),
    policy("session", "How long its sessions may be idle, and which secondary roles they may use."),
    policy("authentication", "How and with which clients it may log in."),
  ]

  private static let words = ["password", "session", "authentication"]

  private static func policy(_ word: String, _ doc: String) -> AttributeSchema {
    AttributeSchema(
      "\(word)_policy", .reference(["\(word)_policy"]), property: "\(word.uppercased()) POLICY",
      doc: "\(doc) It takes the place of one that somebody else attached."
    ).attached().edge(.uses, onTargetDrop: .detachFirst)
  }

  // MARK: - Reading

  /// What a round asks: policies of a kind on a user, or all that the role sees (no user).
  private struct Question {
    var word: String
    var user: [String]?

    var query: ReadQuery {
      let plural = "SHOW \(word.uppercased()) POLICIES"
      guard let user else { return ReadQuery("\(plural) IN ACCOUNT", costClass: plural) }
      return ReadQuery("\(plural) ON USER \(user.joined(separator: "."))", costClass: "\(plural) ON USER")
    }
  }

  /// Reads users with `list`, then the policies of those that declare or declared one.
  static func read(
    _ request: ReadRequest, list: (ReadRequest) throws(Diagnostic) -> ReadReply
  ) throws(Diagnostic) -> ReadReply {
    if let listed = request.state.find("listed") { return finish(request, listed) }
    let reply = try list(request)
    guard reply.queries.isEmpty else { return reply }
    let questions = questions(for: request, Set(reply.observed.filter { $0.foreign == nil }.map(\.identity)))
    guard !questions.isEmpty else { return reply }
    return ReadReply(queries: questions.map(\.query), state: ["listed": reply.document])
  }

  private static func questions(for request: ReadRequest, _ there: Set<[String]>) -> [Question] {
    words.flatMap { word -> [Question] in
      let users = request.wanted.filter { $0.attributes.contains("\(word)_policy") && there.contains($0.identity) }
      return users.isEmpty ? [] : [Question(word: word)] + users.map { Question(word: word, user: $0.identity) }
    }
  }

  private static func finish(_ request: ReadRequest, _ listed: Value) -> ReadReply {
    guard var reply = try? ReadReply(document: listed) else { return ReadReply(partial: "lost state") }
    let results = Dictionary(request.results.map { ($0.sql, $0) }, uniquingKeysWith: { first, _ in first })
    let declared = Dictionary(
      request.wanted.map { ($0.identity, $0.declared ?? .null) }, uniquingKeysWith: { first, _ in first })
    for word in words {
      let name = "\(word)_policy"
      let seen = results[Question(word: word).query.sql].map(names) ?? []
      for index in reply.observed.indices {
        let user = reply.observed[index].identity
        guard let result = results[Question(word: word, user: user).query.sql], result.failure == nil else { continue }
        var value: Value?
        if let attached = names(result).first {
          value = .string(attached)
        } else if let wanted = declared[user]?[name].string, seen.contains(wanted) {
          value = .null
        }
        guard let value else { continue }
        reply.observed[index].attributes = .object(
          reply.observed[index].attributes.fields.filter { $0.key != name } + [.init(name, value)])
      }
    }
    return reply
  }

  /// The full names in an answer of SHOW … POLICIES; those that Snowflake brings along are in no schema.
  private static func names(_ result: ReadResult) -> [String] {
    let rows = RowSet(result)
    return rows.rows.indices.compactMap { row in
      let parts = ["database_name", "schema_name", "name"].compactMap { rows.text(row, $0) }.filter { !$0.isEmpty }
      guard parts.count == 3 else { return nil }
      return QualifiedName(parts.map { Identifier(exact: $0) }).sql
    }
  }
}
