import SnowmakerSDK

/// Where a new database or schema comes from when it does not begin empty: a clone, or, for databases, a share, a listing
/// or a primary database in another account. It is used at creation.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/create-clone>,
/// <https://docs.snowflake.com/en/sql-reference/sql/create-database>.
enum ContainerSource {
  /// What a clone is made of, and of which moment.
  static func clone(of type: String) -> [AttributeSchema] {
    [
      AttributeSchema("clone", .reference([type]), doc: "The \(type) that it is created as a clone of.").createOnly(),
      AttributeSchema("clone_at", .record(moment), doc: "The moment that is cloned, at or after it.").createOnly(),
      AttributeSchema("clone_before", .record(moment), doc: "The moment that is cloned, just before it.").createOnly(),
    ]
  }

  /// What makes a database read-only here.
  static let imports: [AttributeSchema] = [
    AttributeSchema(
      "from_share", .name, column: "origin",
      doc: "The share (`ORGANIZATION.ACCOUNT.SHARE`) that it is imported from. An imported database is read-only."
    ).createOnly(),
    AttributeSchema("from_listing", .text, doc: "The global name of the listing that it is imported from.")
      .createOnly(),
    AttributeSchema(
      "replica_of", .name,
      doc: "The primary database (`ORGANIZATION.ACCOUNT.DATABASE`) that it is a replica of. A replica is read-only."
    ).createOnly(),
  ]

  private static let moment: [AttributeSchema] = [
    AttributeSchema("timestamp", .text, doc: "A moment, e.g. `2026-01-31 12:00:00 +0000`."),
    AttributeSchema("offset", .integer(maximum: 0), doc: "Seconds from now, negative."),
    AttributeSchema("statement", .text, doc: "The id of a query."),
  ]

  /// The source that a declaration names, nil for an ordinary one.
  static func name(in declared: Value) -> String? {
    ["clone", "from_share", "from_listing", "replica_of"].first { declared[$0].string != nil }
  }

  /// Whether what a declaration describes belongs to another account.
  static func isReadOnly(_ declared: Value) -> Bool { name(in: declared).map { $0 != "clone" } ?? false }

  // MARK: - Validating

  static func validate(_ declared: Value) -> [Diagnostic] {
    var diagnostics: [Diagnostic] = []
    func refuse(_ text: String, _ detail: String, at name: String) {
      diagnostics.append(.error(text, detail: detail, path: [name], code: "invalid-combination"))
    }
    let sources = ["clone", "from_share", "from_listing", "replica_of"].filter { declared[$0].string != nil }
    if sources.count > 1 {
      refuse("it has two sources: \(sources.joined(separator: " and "))", "Name one of them.", at: sources[1])
    }
    let moments = ["clone_at", "clone_before"].filter { !declared[$0].isNull }
    if moments.count > 1 { refuse("a clone is of one moment", "Name clone_at or clone_before.", at: moments[1]) }
    for name in moments {
      if declared["clone"].string == nil { refuse("'\(name)' needs 'clone'", "Name what is cloned.", at: name) }
      if declared[name].fields.filter({ !$0.value.isNull }).count != 1 {
        refuse("'\(name)' names one moment", "Write timestamp, offset or statement.", at: name)
      }
    }
    return diagnostics
  }

  // MARK: - Creating

  /// CREATE from the declared source, and what it takes afterwards to have all declared attributes.
  static func create(_ item: PlanItem, declared: Value, _ planner: SchemaPlanner) throws(Diagnostic) -> Change {
    let schema = planner.schema
    let object = planner.object(item.identity)
    // CREATE … CLONE and FROM LISTING take no properties; no source takes tags.
    let takesProperties = declared["from_share"].string != nil || declared["replica_of"].string != nil
    func isInline(_ name: String) -> Bool {
      guard let attribute = schema.attribute(name) else { return false }
      if attribute.property == nil { return true }
      return takesProperties && attribute.rendering != .attached
    }
    let first = Value.object(declared.fields.filter { isInline($0.key) && $0.key != "owner" })
    var change = planner.create(item.identity, first)
    if case .text(let sql)? = change.statements.first?.sql.segments.first,
      let range = sql.firstRange(of: object.description)
    {
      change.statements[0].sql.segments[0] = .text(
        sql[..<range.upperBound] + " " + clause(declared) + sql[range.upperBound...])
      if takesProperties || declared["from_listing"].string != nil {
        change.statements[0].authorities = [
          .all([planner.createAuthority(item.identity), .privilege("IMPORT SHARE", .account)])
        ]
      }
    }
    let later = declared.fields.filter { field in
      !isInline(field.key) && !field.value.isNull && !schema.identity.contains { $0.attribute == field.key }
    }
    if !later.isEmpty {
      let bare = PlanItem(
        identity: item.identity, declared: .object(later), observed: Observation(identity: item.identity))
      let rest = try planner.plan(bare)
      change.statements += rest.statements
      change.attributes += rest.attributes
    }
    if let owner = declared["owner"].string {
      change.attributes.append(AttributeChange("owner", before: .null, after: .string(owner)))
      change.statements.append(planner.transfer(object, to: owner, from: nil))
    }
    return change
  }

  private static func clause(_ declared: Value) -> String {
    if let source = declared["clone"].string { return "CLONE \(source)\(moment(declared))" }
    if let share = declared["from_share"].string { return "FROM SHARE \(share)" }
    if let listing = declared["from_listing"].string { return "FROM LISTING \(SQLLiteral.quote(listing))" }
    return "AS REPLICA OF \(declared["replica_of"].string ?? "")"
  }

  private static func moment(_ declared: Value) -> String {
    for (name, word) in [("clone_at", "AT"), ("clone_before", "BEFORE")] {
      let moment = declared[name]
      if let text = moment["timestamp"].string {
        return " \(word) (TIMESTAMP => \(SQLLiteral.quote(text))::TIMESTAMP_LTZ)"
      }
      if let seconds = moment["offset"].int { return " \(word) (OFFSET => \(seconds))" }
      if let query = moment["statement"].string { return " \(word) (STATEMENT => \(SQLLiteral.quote(query)))" }
    }
    return ""
  }

  // MARK: - Changing

  /// The item of a read-only object without what is to go back to a default: that stays as it is.
  static func settled(_ item: PlanItem) -> PlanItem {
    guard let declared = item.declared, isReadOnly(declared) else { return item }
    var item = item
    item.declared = .object(declared.fields.filter { !$0.value.isNull || $0.key == "tags" })
    return item
  }

  /// A read-only object changes hands, and nothing else.
  static func refuseChanges(of item: PlanItem, _ change: inout Change, _ type: String) {
    guard let declared = item.declared, isReadOnly(declared), change.action == .update || change.action == .replace
    else { return }
    let allowed: Set<String> = ["owner", "tags"]
    let name = item.identity.joined(separator: ".")
    let refused = change.attributes.filter { !allowed.contains($0.name) }
    guard !refused.isEmpty else { return }
    change.statements = []
    change.diagnostics += refused.map { attribute in
      .error(
        "\(type) \(name) is read-only here: \(attribute.name) cannot be changed",
        detail: declared["replica_of"].string.map { "Apply it on the primary \($0)." }
          ?? "It belongs to the account that shares it. Write what it has, or drop it and import it anew.",
        path: [attribute.name], code: "read-only")
    }
  }
}
