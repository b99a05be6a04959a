public import SnowmakerModel

/// Plans a resource as its schema says: compares attribute by attribute and renders CREATE, ALTER … SET, ALTER …
/// UNSET, RENAME, DROP and the transfer of ownership.
public struct SchemaPlanner: Sendable {
  /// What the type is.
  public let schema: TypeSchema

  /// A planner for one type.
  public init(_ schema: TypeSchema) { self.schema = schema }

  /// The change that makes what is observed equal to what is declared.
  ///
  /// Throws when the type has no SQL name, so that nothing can be rendered from the schema alone.
  public func plan(_ item: PlanItem) throws(Diagnostic) -> Change {
    guard let declared = item.declared else { return drop(item) }
    guard let observed = item.observed else { return create(item.identity, declared) }
    return update(item, declared: declared, observed: observed)
  }

  // MARK: - Names

  /// The object as SQL names it.
  public func object(_ identity: [String]) -> SQLObject {
    SQLObject(schema.sqlName ?? schema.type.uppercased(), identity.joined(separator: "."))
  }

  /// What creating one needs: the type's CREATE privilege on its container.
  public func createAuthority(_ identity: [String]) -> Authority {
    let privilege = schema.createPrivilege ?? "CREATE \(schema.sqlName ?? schema.type.uppercased())"
    guard let container = schema.containers.last else { return .privilege(privilege, .account) }
    let name = identity.prefix(schema.containers.count).joined(separator: ".")
    return .privilege(privilege, SQLObject(container.uppercased().replacing("_", with: " "), name))
  }

  // MARK: - Create and drop

  /// CREATE with every declared attribute, then the transfer to the declared owner.
  public func create(_ identity: [String], _ declared: Value) -> Change {
    let object = object(identity)
    var changes: [AttributeChange] = []
    var modifiers = ""
    var properties: [SQLText] = []
    var clauses: [SQLText] = []
    var body: SQLText?
    var later: [SQLText] = []
    var attached: [Statement] = []
    for attribute in schema.attributes where !isIdentity(attribute) {
      guard let value = declared.find(attribute.name), value != .null else { continue }
      changes.append(AttributeChange(attribute.name, before: .null, after: value))
      if let word = modifier(attribute, value) {
        modifiers += word + " "
      } else if attribute.rendering == .attached {
        attached += AttachmentPlanner(attribute: attribute, object: object).statements(creating: value)
      } else if let clause = attribute.clause {
        clauses.append(SQLRendering.clause(clause.create, attribute, value))
      } else if attribute.property == "AS" {
        body = SQLRendering.value(value, attribute.kind, .bare)
      } else if attribute.property != nil, attribute.isSetAfterCreation {
        later.append(SQLRendering.assignment(attribute, value))
      } else if attribute.property != nil {
        properties.append(SQLRendering.assignment(attribute, value))
      }
    }
    var sql = SQLText("CREATE \(modifiers)\(object.description)")
    for part in properties + clauses {
      sql.append(" ")
      sql.append(part)
    }
    if let body {
      sql.append(" AS ")
      sql.append(body)
    }
    var statements = [
      Statement(
        sql, authorities: [createAuthority(identity)], undo: SQLText("DROP \(object.description)"),
        effects: [.created(object)])
    ]
    if !later.isEmpty { statements.append(alter(object, "SET", later, undo: nil)) }
    statements += attached
    if let owner = declared["owner"].string, schema.attribute("owner") != nil {
      statements.append(transfer(object, to: owner, from: nil))
    }
    return Change(.create, attributes: changes, statements: statements)
  }

  private func drop(_ item: PlanItem) -> Change {
    let object = object(item.identity)
    return Change(
      .drop,
      statements: [
        Statement(
          SQLText("DROP \(object.description)"), authorities: [.ownership(object)], effects: [.dropped(object)])
      ], risk: .recreatable)
  }

  /// GRANT OWNERSHIP … COPY CURRENT GRANTS.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/grant-ownership>.
  public func transfer(_ object: SQLObject, to role: String, from before: String?) -> Statement {
    Statement(
      SQLText("GRANT OWNERSHIP ON \(object.description) TO ROLE \(role) COPY CURRENT GRANTS"),
      authorities: [.ownership(object)],
      undo: before.map { SQLText("GRANT OWNERSHIP ON \(object.description) TO ROLE \($0) COPY CURRENT GRANTS") },
      unlessRunBy: role, effects: [.owned(object, by: SQLObject("ROLE", role))])
  }

  // MARK: - Update

  private func update(_ item: PlanItem, declared: Value, observed: Observation) -> Change {
    let object = object(item.identity)
    var difference = Difference()
    for attribute in schema.attributes where !isIdentity(attribute) && attribute.name != "owner" {
      guard let after = declared.find(attribute.name) else { continue }
      compare(attribute, after: after, item: item, observed: observed, into: &difference)
    }
    if !difference.replacing.isEmpty { return replace(item, declared: declared, difference: difference) }

    var statements: [Statement] = []
    if let old = item.renamedFrom {
      let before = self.object(old)
      statements.append(
        Statement(
          SQLText("ALTER \(before.description) RENAME TO \(object.name)"),
          authorities: [.ownership(before)], undo: SQLText("ALTER \(object.description) RENAME TO \(before.name)"),
          effects: [.renamed(before, to: object.name)]))
    }
    if !difference.set.isEmpty {
      statements.append(alter(object, "SET", difference.set, undo: difference.undo))
    }
    if !difference.unset.isEmpty {
      let names = difference.unset.map { $0.property ?? $0.name.uppercased() }
      var unset = alter(object, "SET", [], undo: difference.undoUnset)
      unset.sql = SQLText("ALTER \(object.description) UNSET \(names.joined(separator: ", "))")
      statements.append(unset)
    }
    for (sql, undo) in difference.clauses { statements.append(alter(object, nil, [sql], undo: undo.map { [$0] })) }
    statements += difference.attached
    if let owner = declared["owner"].string, schema.attribute("owner") != nil, !item.same.contains("owner"),
      let before = observed.owner, before != owner
    {
      difference.changes.append(AttributeChange("owner", before: .string(before), after: .string(owner)))
      statements.append(transfer(object, to: owner, from: before))
    }
    let action: Change.Action =
      item.renamedFrom != nil ? .rename : statements.isEmpty && difference.diagnostics.isEmpty ? .none : .update
    return Change(
      action, attributes: difference.changes, statements: statements, diagnostics: difference.diagnostics)
  }

  private func alter(
    _ object: SQLObject, _ verb: String?, _ assignments: [SQLText], undo: [SQLText]?
  ) -> Statement {
    func sentence(_ parts: [SQLText]) -> SQLText {
      var sql = SQLText("ALTER \(object.description)" + (verb.map { " " + $0 } ?? ""))
      for part in parts {
        sql.append(" ")
        sql.append(part)
      }
      return sql
    }
    return Statement(
      sentence(assignments), authorities: [.ownership(object), .privilege("MODIFY", object)],
      undo: undo.map(sentence))
  }

  private func replace(_ item: PlanItem, declared: Value, difference: Difference) -> Change {
    let object = object(item.identity)
    var change = create(item.identity, declared)
    change.action = .replace
    change.attributes = difference.changes
    change.risk = .recreatable
    change.losses = [
      "grants on \(object.description), tags and policies attached to it, and what it holds"
    ]
    change.statements.insert(
      Statement(SQLText("DROP \(object.description)"), authorities: [.ownership(object)], effects: [.dropped(object)]),
      at: 0)
    return change
  }

  // MARK: - Comparing

  private struct Difference {
    var changes: [AttributeChange] = []
    var set: [SQLText] = []
    var unset: [AttributeSchema] = []
    /// What ALTERs of their own write, and the way back where it is known.
    var clauses: [(sql: SQLText, undo: SQLText?)] = []
    /// What ALTERs of its own attach and take off.
    var attached: [Statement] = []
    /// The way back from SET; nil as soon as one value before is unknown.
    var undo: [SQLText]? = []
    /// The way back from UNSET.
    var undoUnset: [SQLText]? = []
    var replacing: [String] = []
    var diagnostics: [Diagnostic] = []
  }

  private func compare(
    _ attribute: AttributeSchema, after: Value, item: PlanItem, observed: Observation, into difference: inout Difference
  ) {
    if attribute.change == .createOnly { return }
    if attribute.rendering == .attached {
      let planner = AttachmentPlanner(attribute: attribute, object: object(item.identity))
      let before = observed.attributes.find(attribute.name) ?? .unknown
      guard let (change, statements) = planner.change(after, observed: before, item: item) else { return }
      difference.changes.append(change)
      difference.attached += statements
      return
    }
    if item.same.contains(attribute.name) { return }
    let before = observed.attributes.find(attribute.name) ?? .unknown
    guard differs(attribute, before, after) || isForgotten(attribute, before, after, item) else { return }
    difference.changes.append(AttributeChange(attribute.name, before: before, after: after))
    switch attribute.change {
    case .replace:
      difference.replacing.append(attribute.name)
      return
    case .never:
      difference.diagnostics.append(
        .error(
          "\(schema.type) \(item.identity.joined(separator: ".")): \(attribute.name) cannot be changed",
          detail: "It is \(AttributeKind.show(before)) in the account and \(AttributeKind.show(after)) here. "
            + "Write what the account has, or drop the object and create it anew.",
          path: [attribute.name], code: "immutable-attribute"))
      return
    case .alter, .createOnly: break
    }
    if let clause = attribute.clause?.alter {
      var value = after
      if after == .null, case .set(let other) = attribute.unset { value = other }
      if value != .null {
        let undo = before == .unknown || before == .null ? nil : SQLRendering.clause(clause, attribute, before)
        difference.clauses.append((SQLRendering.clause(clause, attribute, value), undo))
        return
      }
    }
    if after == .null {
      switch attribute.unset {
      case .unset: difference.unset.append(attribute)
      case .set(let value): difference.set.append(SQLRendering.assignment(attribute, value))
      case .impossible:
        difference.changes.removeLast()
        difference.diagnostics.append(
          .error(
            "\(schema.type) \(item.identity.joined(separator: ".")): \(attribute.name) cannot be unset",
            detail: "Snowflake has no way back from \(AttributeKind.show(before)); state the value it is to have.",
            path: [attribute.name], code: "cannot-unset"))
        return
      }
    } else {
      difference.set.append(SQLRendering.assignment(attribute, after))
    }
    let isUnset = after == .null && attribute.unset == .unset
    let back = before == .unknown || before == .null ? nil : SQLRendering.assignment(attribute, before)
    if let back, isUnset {
      difference.undoUnset?.append(back)
    } else if let back {
      difference.undo?.append(back)
    } else if isUnset {
      difference.undoUnset = nil
    } else {
      difference.undo = nil
    }
  }

  /// Whether an attribute that the account never shows was declared once and is to go back to what Snowflake has.
  private func isForgotten(_ attribute: AttributeSchema, _ before: Value, _ after: Value, _ item: PlanItem) -> Bool {
    guard before == .unknown, after == .null, attribute.column == nil, attribute.property != nil,
      attribute.change == .alter
    else { return false }
    return !item.remembered[attribute.name].isNull
  }

  /// Whether a declared value asks for something else than what is there.
  private func differs(_ attribute: AttributeSchema, _ before: Value, _ after: Value) -> Bool {
    switch (before, after) {
    case (.unknown, .null):
      // What cannot be read may be set; only a sensitive attribute that was declared once is unset blindly.
      return attribute.isSensitive
    case (.unknown, _): return true
    case (.null, .null): return false
    case (_, .null):
      if case .set(let value) = attribute.unset { return !attribute.kind.equal(before, value) }
      if case .list(let elements) = before, elements.isEmpty { return false }
      return attribute.defaultValue.map { !attribute.kind.equal(before, $0) } ?? true
    case (.null, _):
      if case .list(let elements) = after, elements.isEmpty { return false }
      return attribute.defaultValue.map { !attribute.kind.equal($0, after) } ?? true
    default: return !attribute.kind.equal(before, after)
    }
  }

  private func isIdentity(_ attribute: AttributeSchema) -> Bool {
    schema.identity.contains { $0.attribute == attribute.name }
  }

  /// The word between CREATE and the object type that means this value, nil when there is none.
  private func modifier(_ attribute: AttributeSchema, _ value: Value) -> String? {
    guard let modifiers = schema.emulation?.modifiers else { return nil }
    return modifiers.first { $0.attribute == attribute.name && $0.value == value }?.word
  }
}
