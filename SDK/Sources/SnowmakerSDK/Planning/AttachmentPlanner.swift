import SnowmakerModel

/// Plans what is attached to an object rather than set on it: tags and policies. Each takes an ALTER of its own, also after
/// CREATE: whoever creates is to own, and need not be who may attach.
///
/// Tags are a map by name, where every name is three-state by itself. A policy is one name.
/// Source: <https://docs.snowflake.com/en/user-guide/object-tagging/work>,
/// <https://docs.snowflake.com/en/sql-reference/sql/alter-user>.
struct AttachmentPlanner {
  let attribute: AttributeSchema
  let object: SQLObject

  private var property: String { attribute.property ?? attribute.name.uppercased() }
  private var isMap: Bool { if case .map = attribute.kind { true } else { false } }

  /// The statements that attach the value to an object that was just created.
  func statements(creating value: Value) -> [Statement] {
    guard isMap else {
      let name = value.string ?? ""
      return [alter(SQLText("SET \(property) \(name)"), undo: SQLText("UNSET \(property)"), [name])]
    }
    let set = value.fields.filter { !$0.value.isNull }
    return set.isEmpty ? [] : [setting(set, undo: SQLText("UNSET \(property) \(names(set))"))]
  }

  /// What it takes to come from what is there to what is declared; nil for nothing.
  func change(_ after: Value, observed: Value, item: PlanItem) -> (change: AttributeChange, statements: [Statement])? {
    isMap ? changedMap(after, observed, item) : changedName(after, observed: observed, item)
  }

  // MARK: - Policies

  /// What was seen counts. Where nothing could be seen, what the ledger remembers is what is there.
  private func changedName(
    _ after: Value, observed: Value, _ item: PlanItem
  ) -> (change: AttributeChange, statements: [Statement])? {
    let remembered = item.remembered.find(attribute.name)
    let before = observed == .unknown ? remembered ?? .null : observed
    if after.isNull {
      // One that is still to be seen after snowmaker took it off comes from elsewhere: no ALTER of this object changes it.
      guard let name = before.string, remembered != .some(.null) else { return nil }
      return (
        AttributeChange(attribute.name, before: before, after: .null),
        [alter(SQLText("UNSET \(property)"), undo: SQLText("SET \(property) \(name)"), [name])]
      )
    }
    guard let name = after.string, observed == .unknown ? !item.same.contains(attribute.name) : observed != after
    else { return nil }
    // FORCE takes the place of one that somebody else attached.
    let undo =
      before.string.map { SQLText("SET \(property) \($0) FORCE") }
      ?? (observed.isNull ? SQLText("UNSET \(property)") : nil)
    let shown: Value = observed == .unknown && before.string == nil ? .unknown : before
    return (
      AttributeChange(attribute.name, before: shown, after: after),
      [alter(SQLText("SET \(property) \(name) FORCE"), undo: undo, [name])]
    )
  }

  // MARK: - Tags

  private func changedMap(
    _ after: Value, _ observed: Value, _ item: PlanItem
  ) -> (change: AttributeChange, statements: [Statement])? {
    let remembered = item.remembered[attribute.name]
    let isSame = item.same.contains(attribute.name)
    var wanted = after.fields
    // What was declared once and is no longer mentioned comes off.
    for field in remembered.fields where field.value.string != nil && !wanted.contains(where: { $0.key == field.key }) {
      wanted.append(.init(field.key, .null))
    }
    var set: [Value.Field] = []
    var unset: [Value.Field] = []
    for field in wanted {
      let before = observed.find(field.key) ?? .unknown
      if !field.value.isNull {
        if before == .unknown ? !isSame : before != field.value { set.append(field) }
      } else if isAttached(before, remembered.find(field.key)) {
        unset.append(field)
      }
    }
    guard !set.isEmpty || !unset.isEmpty else { return nil }
    func former(_ fields: [Value.Field]) -> [Value.Field] {
      fields.map { .init($0.key, observed.find($0.key) ?? remembered.find($0.key) ?? .unknown) }
    }
    var statements: [Statement] = []
    if !set.isEmpty { statements.append(setting(set, undo: back(former(set)))) }
    if !unset.isEmpty {
      statements.append(
        alter(SQLText("UNSET \(property) \(names(unset))"), undo: back(former(unset)), unset.map(\.key)))
    }
    return (
      AttributeChange(
        attribute.name, before: .object(former(set + unset)), after: .object(set + unset)), statements
    )
  }

  /// Whether a tag that is to come off is there. What is still to be seen after snowmaker took it off is inherited from
  /// a container: only the lineage tells, and no ALTER of this object changes it.
  private func isAttached(_ before: Value, _ remembered: Value?) -> Bool {
    switch before {
    case .null: false
    case .unknown: remembered?.string != nil
    default: remembered != .some(.null)
    }
  }

  /// The way back to earlier values; nil when one is not known or when it would take two statements.
  private func back(_ fields: [Value.Field]) -> SQLText? {
    if fields.allSatisfy({ $0.value.isNull }) { return SQLText("UNSET \(property) \(names(fields))") }
    return fields.allSatisfy { $0.value.string != nil } ? assignments(fields) : nil
  }

  // MARK: - SQL

  private func setting(_ fields: [Value.Field], undo: SQLText?) -> Statement {
    alter(assignments(fields), undo: undo, fields.map(\.key))
  }

  /// `SET TAG a = 'x', b = 'y'`
  private func assignments(_ fields: [Value.Field]) -> SQLText {
    var sql = SQLText("SET \(property) ")
    for (index, field) in fields.enumerated() {
      sql.append((index == 0 ? "" : ", ") + field.key + " = ")
      sql.append(SQLRendering.value(field.value, .text))
    }
    return sql
  }

  private func names(_ fields: [Value.Field]) -> String { fields.map(\.key).joined(separator: ", ") }

  /// Who owns the object and may apply what is attached, or whoever may apply all of its kind.
  private func alter(_ action: SQLText, undo: SQLText?, _ names: [String]) -> Statement {
    func sentence(_ action: SQLText) -> SQLText {
      var sql = SQLText("ALTER \(object.description) ")
      sql.append(action)
      return sql
    }
    let applying = names.map { Authority.privilege("APPLY", SQLObject(property, $0)) }
    return Statement(
      sentence(action),
      authorities: [.all([.ownership(object)] + applying), .privilege("APPLY \(property)", .account)],
      undo: undo.map(sentence))
  }
}
