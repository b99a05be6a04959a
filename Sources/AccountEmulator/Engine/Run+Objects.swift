import AccountModel
import SnowmakerModel

extension StatementRun {
  // MARK: CREATE

  func create(_ statement: CreateStatement) throws(StatementFailure) -> StatementResult {
    let kind = statement.kind
    let action = "CREATE \(kind.sqlName)"
    let name = try resolve(statement.name, level: kind.level, for: action)
    let container = try requireContainer(of: name)
    // A temporary table takes no CREATE TABLE.
    if !(statement.isTemporary && kind.sqlName == "TABLE") { try requireCreate(kind, in: container) }
    var replaced: StoredObject?
    var altered: StoredObject?
    if !statement.isTemporary { world.setTemporaryAside(kind.sqlName, name) }
    for other in registry.sharingNames(with: kind) {
      guard let existing = world.object(other.sqlName, name) else { continue }
      // A temporary object stands in front of a permanent one of its name.
      if statement.isTemporary, other.sqlName == kind.sqlName, !existing.isTemporary { continue }
      if statement.ifNotExists, other.sqlName == kind.sqlName {
        return Self.status("\(shown(name)) already exists, statement succeeded.")
      }
      guard statement.orReplace || statement.orAlter, other.sqlName == kind.sqlName else { throw .exists(shown(name)) }
      guard account.owns(held, Securable(type: kind.sqlName, name: name)) else {
        throw denied(Securable(type: kind.sqlName, name: name))
      }
      if statement.orAlter { altered = existing } else { replaced = existing }
    }
    let securable = Securable(type: kind.sqlName, name: name)
    var kept = statement.copyGrants && replaced != nil ? account.grants(on: securable) : []
    if statement.source != nil {
      if let replaced {
        try requireOther(statement, than: name)
        try requireUnattached(replaced)
        try kind.behavior.willDrop(replaced, restrict: false, in: self)
        keepForUndrop(replaced)
        world.remove(kind.sqlName, name, heir: role)
      }
      try clone(statement, as: name, keeping: kept)
      return Self.status("\(kind.displayName) \(shown(name)) successfully created.")
    }
    var object = StoredObject(kind: kind.sqlName, name: name, createdOn: altered?.createdOn ?? world.now())
    object.notes = altered?.notes ?? [:]
    for modifier in statement.modifiers { object.attributes[modifier.attribute] = modifier.value }
    try assign(statement.properties, to: &object, kind)
    if let body = statement.body {
      if let attribute = kind.bodyAttribute {
        object.attributes[attribute.name] = .string(body)
      } else if kind.sqlName != "TABLE" {
        throw .unsupported("CREATE \(kind.sqlName) … AS")
      }
    }
    if statement.isTemporary {
      object.notes[World.temporaryNote] = .int(session.id)
    }
    if let origin = statement.origin { try settle(&object, from: origin) }
    if !statement.tags.isEmpty { try change(statement.tags, of: &object) }
    if let signature = statement.signature { object.notes["signature"] = .string(signature) }
    if !statement.columns.isEmpty { object.notes["columns"] = .list(statement.columns.map(\.document)) }
    try requireAttributes(of: object, kind)
    try kind.behavior.complete(&object, from: statement, in: self)
    if let altered {
      // CREATE OR ALTER: what the statement does not say goes back to its default, except whether changes are tracked.
      // Source: <https://docs.snowflake.com/en/sql-reference/sql/create-table> (CREATE OR ALTER TABLE).
      if let tracking = kind.schema.attributes.first(where: { $0.property == "CHANGE_TRACKING" }),
        !statement.properties.contains(where: { $0.name == "CHANGE_TRACKING" })
      {
        object.attributes[tracking.name] = altered.attributes[tracking.name]
      }
      try kind.behavior.alter(&object, from: altered, in: self)
      world.put(object)
      return Self.status("\(shown(name)) successfully altered.")
    }
    if statement.copyGrants, replaced == nil, let pattern = statement.pattern {
      let source = try find(kind, pattern, for: action)
      kept = account.grants(on: Securable(type: kind.sqlName, name: source.name))
    }
    if let replaced {
      try requireUnattached(replaced)
      try kind.behavior.willDrop(replaced, restrict: false, in: self)
      keepForUndrop(replaced)
      world.remove(kind.sqlName, name, heir: role)
    }
    if statement.isTemporary { world.beginTemporary(kind.sqlName, name) }
    // Source: <https://docs.snowflake.com/en/sql-reference/sql/create-table>: what copies grants has no future ones. That
    // it has them when there was nothing to copy from is assumed.
    let copiesGrants = statement.copyGrants && (replaced != nil || statement.pattern != nil)
    world.create(object, owner: role, copiesGrants: copiesGrants)
    copyGrants(kept, to: securable)
    // What another account owns brings no schemas of its own.
    for child in statement.origin == nil ? kind.schema.createsImplicitly : [] { createChild(child, of: object) }
    kind.behavior.created(object, in: self)
    let called = kind.sqlName == "STAGE" ? "Stage area" : kind.displayName
    return Self.status("\(called) \(shown(name)) successfully created.")
  }

  /// The CREATE privilege on the container; in the account ACCOUNTADMIN creates also what no privilege exists for.
  func requireCreate(_ kind: ObjectKind, in container: Securable?) throws(StatementFailure) {
    if container == nil, held.contains(.accountAdmin) { return }
    if let container, isImported(container) { throw denied(container) }
    try require([kind.createPrivilege], on: container ?? .account)
  }

  /// A clone that replaces its own source is refused.
  private func requireOther(_ statement: CreateStatement, than name: String) throws(StatementFailure) {
    guard let written = statement.source else { return }
    if try find(statement.kind, written, for: "CREATE").name == name {
      throw .unsupported("CREATE OR REPLACE … CLONE of the same object")
    }
  }

  /// What a description says comes along, unless it is there already.
  private func createChild(_ child: ImplicitChild, of parent: StoredObject) {
    guard let kind = registry.all.first(where: { $0.schema.type == child.type }) else { return }
    let name = parent.name + "." + Identifier(exact: child.name).sql
    guard !world.exists(kind.sqlName, name) else { return }
    world.create(StoredObject(kind: kind.sqlName, name: name, createdOn: parent.createdOn), owner: role)
  }

  /// Writes properties into an object. Throws 001420 for one the kind does not have, 001422 and 001008 for values.
  private func assign(
    _ properties: [Property], to object: inout StoredObject, _ kind: ObjectKind
  ) throws(StatementFailure) {
    var seen: Set<String> = []
    for property in properties {
      guard seen.insert(property.name).inserted else {
        throw StatementFailure(
          code: "001422", sqlState: "22023",
          message: "SQL compilation error:\nduplicate property '\(property.name)' for '\(kind.sqlName)'")
      }
      guard let meaning = kind.meaning(of: property.name) else {
        throw .invalidProperty(property.name, for: kind.sqlName)
      }
      switch meaning {
      case .attribute(let attribute):
        let value: Value
        if let own = kind.behavior.value(of: property.name, property.value) {
          value = own
        } else {
          value = try Literals.value(property.value, for: attribute, property: property.name)
        }
        if kind.parameters[property.name] != nil, let known = KnownParameters.find(property.name) {
          try checkParameter(known, property.value)
        }
        object.attributes[attribute.name] = value.isNull ? nil : value
      case .parameter(let parameter):
        try checkParameter(parameter, property.value)
        object.attributes[parameter.name] = .string(try parameter.canonical(property.value))
      case .extra(let name): object.attributes[name] = Literals.any(property.value)
      }
    }
  }

  private func requireAttributes(of object: StoredObject, _ kind: ObjectKind) throws(StatementFailure) {
    let identity = Set(kind.schema.identity.map(\.attribute))
    for attribute in kind.schema.attributes {
      guard attribute.isRequired, let property = attribute.property, !identity.contains(attribute.name),
        object.attributes[attribute.name] == nil
      else { continue }
      throw StatementFailure(
        code: "002029", sqlState: "42601",
        message: "SQL compilation error:\nMissing option(s): [\(property.uppercased())]")
    }
  }

  // MARK: ALTER

  func alter(
    _ kind: ObjectKind, _ name: ObjectName, ifExists: Bool, _ action: AlterAction
  ) throws(StatementFailure) -> StatementResult {
    let before: StoredObject
    do throws(StatementFailure) {
      before = try find(kind, name, for: "ALTER \(kind.sqlName)")
    } catch {
      if ifExists, error.code == "002003" { return Self.done }
      throw error
    }
    let securable = Securable(type: kind.sqlName, name: before.name)
    var object = before
    switch action {
    case .set(let properties, let modifiers):
      try requireChange(securable)
      try assign(properties, to: &object, kind)
      for modifier in modifiers { object.attributes[modifier.attribute] = modifier.value }
      for property in properties {
        guard case .attribute(let attribute) = kind.meaning(of: property.name), attribute.change == .createOnly else {
          continue
        }
        throw .invalidProperty(property.name, for: kind.sqlName)
      }
    case .unset(let names):
      try requireChange(securable)
      for name in names { try unset(name, of: &object, kind) }
    case .add(let properties): try change(properties, of: &object, kind, securable) { $0 + $1 }
    case .remove(let properties):
      try change(properties, of: &object, kind, securable) { old, items in old.filter { !items.contains($0) } }
    case .suspend:
      try require(["OPERATE"], on: securable)
      if kind.sqlName == "WAREHOUSE", object.notes["state"] == "SUSPENDED" {
        throw .invalidState("090064", shown(object.name), "suspended")
      }
      object.notes["state"] = "SUSPENDED"
    case .resume(let ifSuspended):
      try require(["OPERATE"], on: securable)
      if ifSuspended, object.notes["state"] != "SUSPENDED" { return Self.done }
      if kind.sqlName == "WAREHOUSE", object.notes["state"] != "SUSPENDED" {
        throw .invalidState("090063", shown(object.name), "resumed")
      }
      if kind.sqlName == "TASK" { try requireExecution(of: securable) }
      object.notes["state"] = "STARTED"
    case .swap(let other): return try swap(kind, before, other)
    case .columns(let changes):
      try require([], on: securable)
      try change(changes, of: &object)
    case .tags(let tags):
      try require(["APPLY TAG"], on: holds("APPLY TAG", on: .account) ? .account : securable)
      try change(tags, of: &object)
    case .policy(let policyKind, let name, let force):
      if !holds("APPLY \(policyKind)", on: .account) { try require([], on: securable) }
      try attach(policyKind, name, force: force, to: &object)
    case .replication(let change): try self.change(change, of: &object)
    case .rename(let new): return try rename(kind, securable, new)
    case .managedAccess(let managed):
      guard kind.sqlName == "SCHEMA" else { throw .unsupported("MANAGED ACCESS of \(kind.sqlName)") }
      try require([], on: securable)
      object.attributes["managed_access"] = managed ? .bool(true) : nil
    }
    try kind.behavior.alter(&object, from: before, in: self)
    world.put(object)
    return Self.done
  }

  /// SET and UNSET take ownership or MODIFY.
  private func requireChange(_ object: Securable) throws(StatementFailure) {
    if object.type == "WAREHOUSE", holds("MANAGE WAREHOUSES", on: .account) { return }
    try require(["MODIFY"], on: object)
  }

  private func unset(_ name: String, of object: inout StoredObject, _ kind: ObjectKind) throws(StatementFailure) {
    switch kind.meaning(of: name) {
    case .attribute(let attribute):
      if attribute.change == .createOnly || attribute.isRequired { throw .invalidProperty(name, for: kind.sqlName) }
      object.attributes[attribute.name] = kind.behavior.unset(name)
    case .parameter(let parameter): object.attributes[parameter.name] = nil
    case .extra(let name): object.attributes[name] = nil
    case nil:
      guard let modifier = kind.modifiers.first(where: { $0.word.uppercased() == name }) else {
        throw .invalidProperty(name, for: kind.sqlName)
      }
      object.attributes[modifier.attribute] = nil
    }
  }

  /// ADD and REMOVE of elements of lists.
  private func change(
    _ properties: [Property], of object: inout StoredObject, _ kind: ObjectKind, _ securable: Securable,
    _ combine: ([Value], [Value]) -> [Value]
  ) throws(StatementFailure) {
    try requireChange(securable)
    for property in properties {
      guard case .attribute(let attribute) = kind.meaning(of: property.name) else {
        throw .invalidProperty(property.name, for: kind.sqlName)
      }
      switch attribute.kind {
      case .list, .set: break
      default: throw .unsupported("ADD and REMOVE of \(property.name)")
      }
      let items = try Literals.value(property.value, for: attribute, property: property.name).list
      let old = object.attributes[attribute.name]?.list ?? []
      let new = (try? attribute.normalize(.list(combine(old, items)))) ?? .null
      object.attributes[attribute.name] = new.list.isEmpty ? nil : new
    }
  }

  private func rename(
    _ kind: ObjectKind, _ securable: Securable, _ new: ObjectName
  ) throws(StatementFailure) -> StatementResult {
    try require([], on: securable)
    if kind.sqlName == "ROLE", Account.isSystemRole(.account(securable.name)) { throw denied(securable) }
    var target = new
    // A bare new name stays where the object is.
    if new.parts.count == 1, let container = securable.container,
      let parts = try? QualifiedName(parsing: container.name)
    {
      target.parts = parts.parts + new.parts
    }
    let name = try resolve(target, level: kind.level, for: "ALTER \(kind.sqlName)")
    guard name != securable.name else { return Self.done }
    let container = try requireContainer(of: name)
    if container != securable.container { try requireCreate(kind, in: container) }
    for other in registry.sharingNames(with: kind) where world.exists(other.sqlName, name) {
      throw .exists(shown(name))
    }
    world.rename(kind.sqlName, securable.name, to: name)
    followRename(kind.sqlName, from: securable.name, to: name)
    if ["TAG", "SCHEMA", "DATABASE"].contains(kind.sqlName) { followTags(from: securable.name, to: name) }
    return Self.done
  }

  /// Sessions that stand on the old name stand on the new one.
  private func followRename(_ kind: String, from old: String, to new: String) {
    session.update { state in
      switch kind {
      case "ROLE": if state.role == old { state.role = new }
      case "WAREHOUSE": if state.warehouse == old { state.warehouse = new }
      case "DATABASE": if state.database == old { state.database = new }
      case "SCHEMA":
        let renamed = Securable(type: kind, name: new)
        if let database = state.database, let schema = state.schema, database + "." + schema == old {
          state.database = renamed.container?.name
          state.schema = renamed.lastPart
        }
      default: break
      }
    }
  }

  // MARK: DROP

  func drop(
    _ kind: ObjectKind, _ name: ObjectName, ifExists: Bool, restrict: Bool
  ) throws(StatementFailure) -> StatementResult {
    let object: StoredObject
    do throws(StatementFailure) {
      object = try find(kind, name, for: "DROP \(kind.sqlName)")
    } catch {
      if ifExists, error.code == "002003" {
        return Self.status(
          "Drop statement executed successfully (\(name.parts[name.parts.count - 1].name) already dropped).")
      }
      throw error
    }
    try require([], on: Securable(type: kind.sqlName, name: object.name))
    try requireUnattached(object)
    try kind.behavior.willDrop(object, restrict: restrict, in: self)
    keepForUndrop(object)
    world.remove(kind.sqlName, object.name, heir: role)
    let plain = shown(object.name)
    session.update { state in
      switch kind.sqlName {
      case "WAREHOUSE": if state.warehouse == object.name { state.warehouse = nil }
      case "DATABASE":
        if state.database == object.name {
          state.database = nil
          state.schema = nil
        }
      case "SCHEMA":
        if let database = state.database, let schema = state.schema, database + "." + schema == object.name {
          state.schema = nil
        }
      default: break
      }
    }
    return Self.status("\(plain) successfully dropped.")
  }
}

extension ColumnDefinition {
  /// As it is stored.
  var document: Value {
    var fields = [
      Value.Field("name", .string(name.name)), Value.Field("type", .string(type)),
      Value.Field("null", .bool(isNullable)),
    ]
    if let defaultValue { fields.append(.init("default", .string(defaultValue))) }
    if let writtenType { fields.append(.init("written", .string(writtenType))) }
    if let identity { fields.append(.init("identity", identity.document)) }
    if let comment { fields.append(.init("comment", .string(comment))) }
    return .object(fields)
  }
}
