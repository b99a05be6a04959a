import SnowmakerSDK

/// The rounds in which everything about grants is read.
///
/// Round 0 asks which grantees exist, with the statements that reading roles, users and database roles sends anyway
/// (the host runs equal statements once). Round 1 sends one SHOW GRANTS per grantee that exists, which all grant types
/// share. A grantee that does not exist has no grants: that is concluded from the list of roles, never from an error.
struct GrantReading {
  /// The statement that shows what a grantee has.
  var query: (SQLObject) -> ReadQuery = Self.grantsTo
  /// What must exist for a grantee's statement to make sense; usually the grantee itself.
  var subject: (SQLObject) -> SQLObject = { $0 }
  /// What to ask of each role when everything is wanted.
  var ofEveryRole: (String) -> [SQLObject] = { [SQLObject("ROLE", $0)] }
  /// Statements of round 0 beside those that list the grantees.
  var extra: [ReadQuery] = []
  /// What to keep of the extra statements' answers until the last round.
  var keep: ([ReadResult]) -> Value = { _ in .null }

  /// Statements that list what exists.
  enum Lists {
    static let roles = "SHOW ROLES"
    static let users = "SHOW USERS"
    static func databaseRoles(of database: String) -> String { "SHOW DATABASE ROLES IN DATABASE \(database)" }
  }

  /// SHOW GRANTS TO the grantee.
  static func grantsTo(_ grantee: SQLObject) -> ReadQuery {
    ReadQuery("SHOW GRANTS TO \(grantee.description)", costClass: "SHOW GRANTS TO \(grantee.type)")
  }

  /// SHOW FUTURE GRANTS TO the grantee.
  static func futureGrantsTo(_ grantee: SQLObject) -> ReadQuery {
    ReadQuery("SHOW FUTURE GRANTS TO \(grantee.description)", costClass: "SHOW FUTURE GRANTS TO \(grantee.type)")
  }

  /// What the last round has to go by.
  struct Answers {
    /// The answer for each grantee that exists, in the order in which they were asked for.
    var results: [(grantee: SQLObject, result: ReadResult)]
    /// What `keep` kept.
    var kept: Value
  }

  /// Answers one round: queries, or what `finish` makes of the answers.
  func read(_ request: ReadRequest, grantees: [SQLObject], finish: (Answers) -> ReadReply) -> ReadReply {
    switch request.state["phase"].string {
    case nil:
      let queries = existence(of: grantees.map(subject), all: request.wantsAll) + extra
      if queries.isEmpty { return ask(grantees, kept: .null, finish: finish) }
      return ReadReply(queries: queries, state: ["phase": "existence"])
    case "existence":
      let extraSQL = Set(extra.map(\.sql))
      let kept = keep(request.results.filter { extraSQL.contains($0.sql) })
      return ask(existing(grantees, request.results, all: request.wantsAll), kept: kept, finish: finish)
    default:
      let asked = request.state["asked"].list.map { SQLObject($0["type"].string ?? "", $0["name"].string ?? "") }
      return finish(
        Answers(
          results: zip(asked, request.results).map { (grantee: $0, result: $1) }, kept: request.state["kept"]))
    }
  }

  private func ask(_ grantees: [SQLObject], kept: Value, finish: (Answers) -> ReadReply) -> ReadReply {
    if grantees.isEmpty { return finish(Answers(results: [], kept: kept)) }
    return ReadReply(
      queries: grantees.map(query),
      state: ["phase": "grants", "asked": .list(grantees.map(\.document)), "kept": kept])
  }

  // MARK: - Who exists

  private func existence(of grantees: [SQLObject], all: Bool) -> [ReadQuery] {
    var queries: [ReadQuery] = []
    if all || grantees.contains(where: { $0.type == "ROLE" && !SystemRoles.names.contains($0.name) }) {
      queries.append(ReadQuery(Lists.roles, costClass: Lists.roles))
    }
    if grantees.contains(where: { $0.type == "USER" }) {
      queries.append(ReadQuery(Lists.users, costClass: Lists.users))
    }
    var seen: Set<String> = []
    for grantee in grantees where grantee.type == "DATABASE ROLE" {
      guard let database = Self.database(of: grantee.name), seen.insert(database).inserted else { continue }
      queries.append(ReadQuery(Lists.databaseRoles(of: database), costClass: "SHOW DATABASE ROLES"))
    }
    return queries
  }

  /// The database of a database role.
  static func database(of role: String) -> String? { (try? QualifiedName(parsing: role))?.container?.sql }

  /// Those of the grantees that exist; all of them where that could not be told.
  private func existing(_ grantees: [SQLObject], _ results: [ReadResult], all: Bool) -> [SQLObject] {
    var lists: [String: Set<String>?] = [:]
    for result in results {
      if let failure = result.failure {
        // A database that does not exist has no roles; any other failure says nothing.
        lists[result.sql] = .some(
          failure.isMissingOrForbidden && result.sql.hasPrefix("SHOW DATABASE ROLES") ? [] : nil)
      } else {
        let rows = RowSet(result)
        let names = rows.rows.indices.compactMap { rows.text($0, "name").map { Identifier(exact: $0).sql } }
        lists[result.sql] = .some(result.isCut ? nil : Set(names))
      }
    }
    func exists(_ name: String, in list: String) -> Bool {
      guard let names = lists[list] ?? nil else { return true }
      return names.contains(name)
    }
    var found = grantees.filter { asked in
      let grantee = subject(asked)
      switch grantee.type {
      case "ROLE": return SystemRoles.names.contains(grantee.name) || exists(grantee.name, in: Lists.roles)
      case "USER": return exists(grantee.name, in: Lists.users)
      case "DATABASE ROLE":
        guard let name = try? QualifiedName(parsing: grantee.name), let database = name.container else { return true }
        return exists(name.last.sql, in: Lists.databaseRoles(of: database.sql))
      default: return true
      }
    }
    if all, let roles = lists[Lists.roles] ?? nil {
      let known = Set(found)
      found += roles.sorted().flatMap(ofEveryRole).filter { !known.contains($0) }
    }
    return found
  }
}

extension ReadRequest {
  /// The distinct grantees of what is wanted; identities end with the grantee's type and name.
  var grantees: [SQLObject] {
    var seen: Set<SQLObject> = []
    return wanted.compactMap { wanted in
      guard wanted.identity.count >= 2 else { return nil }
      let grantee = SQLObject(wanted.identity[wanted.identity.count - 2], wanted.identity[wanted.identity.count - 1])
      return seen.insert(grantee).inserted ? grantee : nil
    }
  }
}

extension ReadReply {
  /// With the identity among the attributes when everything was wanted: an exclusive scope is told by attributes, and
  /// references of what nobody declared are found in them.
  func complete(for request: ReadRequest, _ schema: TypeSchema) -> ReadReply {
    guard request.wantsAll else { return self }
    var reply = self
    for index in reply.observed.indices {
      let observation = reply.observed[index]
      let parts = zip(schema.identity, observation.identity).map { Value.Field($0.attribute, .string($1)) }
      reply.observed[index].attributes = .object(parts + observation.attributes.fields)
    }
    return reply
  }

  /// Marks what is wanted of a grantee as unseen, because its statement failed or was cut.
  mutating func miss(_ wanted: [[String]], seen: Set<[String]> = [], _ result: ReadResult) {
    let reason =
      result.failure.map { "\(result.sql) failed: \($0.message) (\($0.code))" }
      ?? "\(result.sql) was cut at its row limit"
    unseen += wanted.filter { !seen.contains($0) }.map { Unseen(identity: $0, reason: reason) }
  }
}

/// A row of SHOW GRANTS TO.
struct GrantRow {
  var privilege: String
  /// The type as SQL spells it.
  var onType: String
  /// As printed.
  var name: String
  var grantOption: Bool
  var grantedBy: String
  var isInherited: Bool
  var inheritedFrom: (type: String, name: String)?

  /// The rows of an answer.
  static func rows(of result: ReadResult) -> [GrantRow] {
    let rows = RowSet(result)
    guard let privilege = rows.index(of: "privilege"),
      let on = rows.index(of: "granted_on") ?? rows.index(of: "grant_on"),
      let name = rows.index(of: "name")
    else { return [] }
    let option = rows.index(of: "grant_option")
    let by = rows.index(of: "granted_by")
    let inherited = rows.index(of: "is_inherited")
    var types: [String: String] = [:]  // few distinct spellings in many rows
    return rows.rows.enumerated().map { index, row in
      func text(_ column: Int?) -> String { column.flatMap { $0 < row.count ? row[$0].string : nil } ?? "" }
      let printed = text(on)
      let type = types[printed] ?? ObjectTypes.shown(printed)
      types[printed] = type
      var grant = GrantRow(
        privilege: text(privilege), onType: type, name: text(name),
        grantOption: text(option).lowercased() == "true", grantedBy: text(by),
        isInherited: ["true", "y", "yes"].contains(text(inherited).lowercased()))
      if grant.isInherited { grant.inheritedFrom = Self.container(rows, index) }
      return grant
    }
  }

  private static func container(_ rows: RowSet, _ row: Int) -> (type: String, name: String)? {
    let database = rows.text(row, "inherited_from_database").map { Identifier(exact: $0).sql } ?? ""
    switch rows.text(row, "inherited_from")?.uppercased() {
    case "ACCOUNT": return ("ACCOUNT", "")
    case "DATABASE": return ("DATABASE", database)
    case "SCHEMA":
      return (
        "SCHEMA", "\(database).\(rows.text(row, "inherited_from_schema").map { Identifier(exact: $0).sql } ?? "")"
      )
    default: return nil
    }
  }
}
