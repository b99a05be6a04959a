import SnowmakerSDK

/// Which accounts may have a replica of a database, and which of those may make theirs the primary.
///
/// Read from SHOW REPLICATION DATABASES, which lists the databases of the whole organization; which of them are this
/// account's takes its own name. Both statements are sent once, and only when a database declares such an attribute.
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/alter-database>,
/// <https://docs.snowflake.com/en/sql-reference/sql/show-replication-databases>.
enum Replication {
  private static let replicas = "replication_accounts"
  private static let successors = "failover_accounts"
  private static let ignoresEdition = "ignore_edition_check"
  /// This account, among what was observed: Snowflake lists it beside those it replicates to.
  private static let own = "$account"

  static let attributes: [AttributeSchema] = [
    AttributeSchema(
      replicas, .set(.name), column: "replication_allowed_to_accounts",
      doc: "The accounts of the organization (`ORGANIZATION.ACCOUNT`) that may have a replica. It takes ACCOUNTADMIN."
    ).defaults(to: []),
    AttributeSchema(
      successors, .set(.name), column: "failover_allowed_to_accounts",
      doc: "Those of them that may make their replica the primary database."
    ).defaults(to: []).edition(.businessCritical),
    AttributeSchema(
      ignoresEdition, .boolean,
      doc: "Replicate even to accounts of a lower edition. It is said whenever accounts are added."
    ).createOnly(),
  ]

  // MARK: - Validating

  static func validate(_ declared: Value) -> [Diagnostic] {
    var diagnostics: [Diagnostic] = []
    for name in [replicas, successors] {
      for (index, text) in declared[name].strings.enumerated() where !isAccount(text) {
        diagnostics.append(
          .error(
            "'\(text)' is no account of the organization",
            detail: "Write it as ORGANIZATION.ACCOUNT, of letters, digits and '_'.",
            path: [name, String(index)], code: "invalid-account"))
      }
      if !declared[name].list.isEmpty, ContainerSource.isReadOnly(declared) {
        diagnostics.append(
          .error(
            "what is read-only here is not replicated from here", detail: "Say it on the primary.", path: [name],
            code: "invalid-combination"))
      }
    }
    if declared.find(replicas) != nil {
      let replicated = declared[replicas].strings
      for (index, text) in declared[successors].strings.enumerated() where !replicated.contains(text) {
        diagnostics.append(
          .error(
            "\(text) is not among replication_accounts", detail: "A replica has to be there to become the primary.",
            path: [successors, String(index)], code: "invalid-combination"))
      }
    }
    return diagnostics
  }

  private static func isAccount(_ text: String) -> Bool {
    guard let parts = try? QualifiedName(parsing: text).parts, parts.count == 2 else { return false }
    return parts.allSatisfy { $0.sql == $0.name }
  }

  // MARK: - Reading

  private static let show = ReadQuery("SHOW REPLICATION DATABASES", costClass: "SHOW REPLICATION DATABASES")
  private static let whoami = ReadQuery(
    "SELECT CURRENT_ORGANIZATION_NAME(), CURRENT_ACCOUNT_NAME()", costClass: "SELECT")

  /// Reads with `list`, and replication beside it where something of it is wanted.
  static func read(
    _ request: ReadRequest, list: (ReadRequest) throws(Diagnostic) -> ReadReply
  ) throws(Diagnostic) -> ReadReply {
    let wanting = request.wanted.filter { $0.attributes.contains(replicas) || $0.attributes.contains(successors) }
    guard !wanting.isEmpty else { return try list(request) }
    var inner = request
    inner.state = request.state["list"]
    var kept = request.state["replication"]
    if request.round == 1, inner.results.count >= 2 {
      let asked = inner.results.suffix(2)
      inner.results.removeLast(2)
      kept = document(of: Array(asked))
    }
    var reply = try list(inner)
    if request.round == 0 { reply.queries += [show, whoami] }
    guard reply.queries.isEmpty else {
      reply.state = ["list": reply.state, "replication": kept]
      return reply
    }
    merge(kept, into: &reply, Set(wanting.map(\.identity)))
    return reply
  }

  /// `{"own", "databases": [{"name", "replicas", "successors"}]}`, or `{"failed"}`.
  private static func document(of results: [ReadResult]) -> Value {
    for result in results {
      if let failure = result.failure {
        return ["failed": .string("\(result.sql) failed: \(failure.message) (\(failure.code))")]
      }
      if result.isCut { return ["failed": .string("\(result.sql) was cut at its row limit")] }
    }
    guard let cells = results[1].rows.first, cells.count == 2, let organization = cells[0].string,
      let account = cells[1].string
    else { return ["failed": .string("\(whoami.sql) answered nothing")] }
    let rows = RowSet(results[0])
    var databases: [Value] = []
    for row in rows.rows.indices where rows.text(row, "is_primary")?.lowercased() == "true" {
      guard rows.text(row, "account_name")?.uppercased() == account.uppercased(),
        rows.text(row, "organization_name").map({ $0.uppercased() == organization.uppercased() }) ?? true,
        let name = rows.text(row, "name")
      else { continue }
      databases.append([
        "name": .string(Identifier(exact: name).sql),
        "replicas": accounts(rows.text(row, "replication_allowed_to_accounts")),
        "successors": accounts(rows.text(row, "failover_allowed_to_accounts")),
      ])
    }
    let own = QualifiedName([Identifier(exact: organization), Identifier(exact: account)]).sql
    return ["own": .string(own), "databases": .list(databases)]
  }

  private static func accounts(_ text: String?) -> Value {
    AttributeSchema("", .set(.name)).observed(text)
  }

  private static func merge(_ kept: Value, into reply: inout ReadReply, _ wanting: Set<[String]>) {
    if let reason = kept["failed"].string {
      let missed = reply.observed.map(\.identity).filter(wanting.contains)
      reply.observed.removeAll { wanting.contains($0.identity) }
      reply.unseen += missed.map { .init(identity: $0, reason: reason) }
      return
    }
    let own = kept["own"]
    let known = Dictionary(
      kept["databases"].list.map { ($0["name"].string ?? "", $0) }, uniquingKeysWith: { first, _ in first })
    for index in reply.observed.indices where wanting.contains(reply.observed[index].identity) {
      let found = known[reply.observed[index].identity.joined(separator: ".")]
      func others(_ key: String) -> Value { .list((found?[key].list ?? []).filter { $0 != own }) }
      var fields = reply.observed[index].attributes.fields.filter { ![replicas, successors].contains($0.key) }
      fields.append(.init(replicas, others("replicas")))
      fields.append(.init(successors, others("successors")))
      fields.append(.init(Self.own, own))
      reply.observed[index].attributes = .object(fields)
    }
  }

  // MARK: - Planning

  /// The item as if replication were as declared, so that the rest can be planned by the schema.
  static func settled(_ item: PlanItem) -> PlanItem {
    guard let declared = item.declared, var observed = item.observed else { return item }
    var item = item
    let fields = [replicas, successors].compactMap { name in declared.find(name).map { Value.Field(name, $0) } }
    guard !fields.isEmpty else { return item }
    observed.attributes = .object(
      observed.attributes.fields.filter { ![replicas, successors].contains($0.key) } + fields)
    item.observed = observed
    return item
  }

  /// Adds to a change what makes replication as declared.
  static func complete(_ change: inout Change, _ item: PlanItem, of object: SQLObject) {
    guard let declared = item.declared, !change.diagnostics.contains(where: { $0.severity == .error }) else { return }
    let isNew = item.observed == nil || change.action == .replace
    let own = item.observed?.attributes[own].string
    func difference(_ name: String) -> (added: [String], removed: [String], before: [String])? {
      guard let value = declared.find(name) else { return nil }
      let before = isNew ? [] : item.observed?.attributes[name].strings ?? []
      let after = value.strings.filter { $0 != own }
      return (after.filter { !before.contains($0) }, before.filter { !after.contains($0) }, before)
    }
    let replication = difference(replicas)
    let failover = difference(successors)
    let ignores = declared[ignoresEdition].bool == true
    // Who may take over goes before who may have a copy, and comes after.
    var statements: [Statement] = []
    func add(_ verb: String, _ what: String, _ accounts: [String], undo: String) {
      guard !accounts.isEmpty else { return }
      let list = " \(what) TO ACCOUNTS \(accounts.joined(separator: ", "))"
      let tail = verb == "ENABLE" && what == "REPLICATION" && ignores ? " IGNORE EDITION CHECK" : ""
      statements.append(
        Statement(
          SQLText("ALTER \(object.description) \(verb)\(list)\(tail)"), authorities: [.ownership(.account)],
          undo: SQLText("ALTER \(object.description) \(undo)\(list)")))
    }
    add("DISABLE", "FAILOVER", failover?.removed ?? [], undo: "ENABLE")
    add("DISABLE", "REPLICATION", replication?.removed ?? [], undo: "ENABLE")
    add("ENABLE", "REPLICATION", replication?.added ?? [], undo: "DISABLE")
    add("ENABLE", "FAILOVER", failover?.added ?? [], undo: "DISABLE")
    guard !statements.isEmpty else { return }
    change.statements += statements
    if !isNew {
      for (name, found) in [(replicas, replication), (successors, failover)] {
        guard let found, !found.added.isEmpty || !found.removed.isEmpty else { continue }
        change.attributes.append(
          AttributeChange(name, before: .list(found.before.map(Value.string)), after: declared[name]))
      }
    }
    if change.action == .none { change.action = .update }
  }
}
