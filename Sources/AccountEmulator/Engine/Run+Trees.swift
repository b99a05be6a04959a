import AccountModel
import SnowmakerModel

/// An object that was dropped with everything in it, for UNDROP. Kept in memory only: a restart forgets it.
struct DroppedTree {
  var kind: String
  var name: String
  /// When, in milliseconds since 1970.
  var droppedOn: Int64
  var objects: [(object: StoredObject, owner: RoleReference?)]
  var grants: [PrivilegeGrant]
  var futureGrants: [FutureGrant]
}

extension StatementRun {
  private static let restorable: Set<String> = [
    "DATABASE", "SCHEMA", "TABLE", "DYNAMIC TABLE", "ICEBERG TABLE", "TAG", "NOTEBOOK", "STREAMLIT", "EXTERNAL VOLUME",
  ]

  // MARK: UNDROP

  /// Remembers an object before it is dropped.
  func keepForUndrop(_ object: StoredObject) {
    guard Self.restorable.contains(object.kind), !object.isTemporary else { return }
    let root = Securable(type: object.kind, name: object.name)
    let objects = [object] + world.contents(of: root)
    let securables = objects.map { Securable(type: $0.kind, name: $0.name) }
    world.keepDropped(
      DroppedTree(
        kind: object.kind, name: object.name, droppedOn: world.now(),
        objects: zip(objects, securables).map { ($0, account.owner(of: $1)) },
        grants: securables.flatMap { account.grants(on: $0) },
        futureGrants: securables.flatMap { account.futureGrants(in: $0) }))
  }

  func undrop(_ kind: ObjectKind, _ name: ObjectName) throws(StatementFailure) -> StatementResult {
    guard Self.restorable.contains(kind.sqlName) else { throw .unsupported("UNDROP \(kind.sqlName)") }
    let full = try resolve(name, level: kind.level, for: "UNDROP \(kind.sqlName)")
    let container = try requireContainer(of: full)
    for other in registry.sharingNames(with: kind) where world.exists(other.sqlName, full) {
      throw .exists(shown(full))
    }
    guard let tree = world.dropped(kind.sqlName, full) else {
      throw .missing(kind.displayName, name.parts[name.parts.count - 1].name)
    }
    let owner = tree.objects.first?.owner
    guard owner.map(held.contains) ?? false || account.managesGrants(held) else {
      throw .missing(kind.displayName, name.parts[name.parts.count - 1].name)
    }
    try requireCreate(kind, in: container)
    world.restore(tree)
    return Self.status("\(kind.displayName) \(shown(full)) successfully restored.")
  }

  // MARK: CLONE

  private static let clonable: Set<String> = [
    "DATABASE", "SCHEMA", "TABLE", "DYNAMIC TABLE", "EVENT TABLE", "ICEBERG TABLE", "DATABASE ROLE", "ALERT",
    "FILE FORMAT", "SEQUENCE", "STAGE", "STREAM", "TASK",
  ]

  private static let suspendedInClones: Set<String> = ["TASK", "ALERT", "DYNAMIC TABLE"]

  /// `CREATE … CLONE`: the object with everything in it under a new name. What is in a clone keeps its grants and its
  /// owner, but pipes; the clone itself has no grants, except with COPY GRANTS, and is its creator's. Internal stages
  /// are left out unless they are asked for; tasks, alerts and dynamic tables are suspended, also cloned by themselves.
  ///
  /// Sources: <https://docs.snowflake.com/en/sql-reference/sql/create-clone>,
  /// <https://docs.snowflake.com/en/user-guide/object-clone>.
  func clone(
    _ statement: CreateStatement, as name: String, keeping kept: [PrivilegeGrant]
  ) throws(StatementFailure) {
    guard let written = statement.source else { return }
    let kind = statement.kind
    guard Self.clonable.contains(kind.sqlName) else { throw .unsupported("CLONE of \(kind.sqlName)") }
    let source = try find(kind, written, for: "CREATE \(kind.sqlName)")
    let root = Securable(type: kind.sqlName, name: source.name)
    if isImported(root) { throw .unsupported("CLONE of what was shared") }
    switch kind.sqlName {
    case "TABLE", "DYNAMIC TABLE", "EVENT TABLE", "ICEBERG TABLE": try require(["SELECT"], on: root)
    case "ALERT", "STREAM", "TASK", "DATABASE ROLE": try require([], on: root)
    default: try require(["USAGE"], on: root)
    }
    if source.isInternalStage { throw .unsupported("CLONE of an internal stage") }
    try requireHistory(of: source, at: statement.moment)
    try requireNoLongerLife(of: source, than: statement)
    // What is replaced comes before what is cloned.
    let grants = statement.copyGrants && kept.isEmpty ? account.grants(on: root) : kept
    var copy = source
    for modifier in statement.modifiers { copy.attributes[modifier.attribute] = modifier.value }
    copy.name = name
    copy.createdOn = world.now()
    // Temporary or not is the statement's to say, not the source's.
    copy.notes[World.temporaryNote] = statement.isTemporary ? .int(session.id) : nil
    if Self.suspendedInClones.contains(copy.kind) { copy.notes["state"] = "SUSPENDED" }
    let inner = world.contents(of: root).sorted { $0.name < $1.name }
    if statement.isTemporary { world.beginTemporary(kind.sqlName, name) }
    world.create(copy, owner: role, copiesGrants: statement.copyGrants)
    copyGrants(grants, to: Securable(type: kind.sqlName, name: name))
    for object in inner {
      if !statement.includesInternalStages, object.isInternalStage || readsInternalStage(object) { continue }
      let before = Securable(type: object.kind, name: object.name)
      var copy = object
      copy.name = name + object.name.dropFirst(source.name.count)
      copy.createdOn = world.now()
      guard !world.exists(copy.kind, copy.name) else { continue }
      if Self.suspendedInClones.contains(copy.kind) { copy.notes["state"] = "SUSPENDED" }
      let owner = account.owner(of: before)
      world.create(copy, owner: copy.kind == "PIPE" && owner != nil ? role : owner)
      for var grant in account.grants(on: before) {
        grant.on = Securable(type: copy.kind, name: copy.name)
        world.grant(grant)
      }
    }
    kind.behavior.created(copy, in: self)
  }

  /// COPY GRANTS: the copies are from the role that runs the statement, and of now.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/create-table>.
  func copyGrants(_ grants: [PrivilegeGrant], to object: Securable) {
    let time = world.now()
    for var grant in grants {
      grant.on = object
      grant.grantedBy = role
      grant.createdOn = time
      world.grant(grant)
    }
  }

  /// What is temporary or transient has no permanent clone.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/create-clone>; code and text are assumed.
  private func requireNoLongerLife(
    of source: StoredObject, than statement: CreateStatement
  ) throws(StatementFailure) {
    let isTemporary = source.isTemporary
    let isTransient = source.kind == "TABLE" && source.text("kind") == "TRANSIENT"
    guard isTemporary || isTransient, !statement.isTemporary, statement.modifiers.isEmpty else { return }
    throw StatementFailure(
      code: "002119", sqlState: "0A000",
      message: "SQL compilation error:\n\(isTemporary ? "Temporary" : "Transient") object cannot be cloned to a "
        + "permanent object.")
  }

  // MARK: SWAP

  func swap(_ kind: ObjectKind, _ object: StoredObject, _ other: ObjectName) throws(StatementFailure) -> StatementResult
  {
    guard ["TABLE", "DYNAMIC TABLE", "SCHEMA", "DATABASE"].contains(kind.sqlName) else {
      throw .unsupported("SWAP of \(kind.sqlName)")
    }
    let second = try find(kind, other, for: "ALTER \(kind.sqlName)")
    for name in [object.name, second.name] { try require([], on: Securable(type: kind.sqlName, name: name)) }
    guard object.name != second.name else { return Self.done }
    // Source: <https://docs.snowflake.com/en/sql-reference/sql/alter-table>; code and text are assumed.
    guard object.isTemporary == second.isTemporary else {
      throw StatementFailure(
        code: "002203", sqlState: "0A000",
        message: "SQL compilation error:\nA permanent or transient table cannot be swapped with a temporary table.")
    }
    let container = Securable(type: kind.sqlName, name: object.name).container
    let between = (container.map { $0.name + "." } ?? "") + Identifier(exact: "swap \(session.id) \(world.now())").sql
    world.rename(kind.sqlName, object.name, to: between)
    world.rename(kind.sqlName, second.name, to: object.name)
    world.rename(kind.sqlName, between, to: second.name)
    return Self.done
  }

  // MARK: Columns

  func change(
    _ changes: [ColumnChange], of object: inout StoredObject
  ) throws(StatementFailure) {
    // Constraints change columns too, so that these are what the object says at each step.
    var columns: [Value] {
      get { object.notes["columns"]?.list ?? [] }
      set { object.notes["columns"] = .list(newValue) }
    }
    func index(_ name: Identifier) -> Int? { columns.firstIndex { $0["name"].string == name.name } }
    func require(_ name: Identifier) throws(StatementFailure) -> Int {
      guard let index = index(name) else { throw .missingColumn(name.name) }
      return index
    }
    for change in changes {
      switch change {
      case .add(let column, let ifNotExists):
        if index(column.name) != nil {
          if ifNotExists { continue }
          throw .duplicateColumn(column.name.name)
        }
        guard !column.type.isEmpty else { throw .invalidIdentifier(column.name.name) }
        var added = column
        added.writtenType = DataTypes.name(column.type)
        added.type = try values.type(column.type)
        columns.append(added.document)
        for constraint in column.constraints { try addConstraint(constraint, to: &object) }
      case .drop(let name, let ifExists):
        if ifExists, index(name) == nil { continue }
        columns.remove(at: try require(name))
        followColumn(name, to: nil, of: &object)
        guard !columns.isEmpty else {
          throw StatementFailure(
            code: "002029", sqlState: "42601",
            message: "SQL compilation error:\nCannot drop the last column of '\(shown(object.name))'.")
        }
      case .rename(let old, let new):
        let position = try require(old)
        if index(new) != nil { throw .duplicateColumn(new.name) }
        columns[position] = columns[position].with("name", .string(new.name))
        followColumn(old, to: new, of: &object)
      case .type(let name, let type):
        let position = try require(name)
        let new = try values.type(type)
        try DataTypes.requireChange(name.name, from: columns[position]["type"].string ?? "", to: new)
        columns[position] = columns[position].with("type", .string(new)).with("written", .string(DataTypes.name(type)))
      case .nullable(let name, let nullable):
        columns[try require(name)] = columns[try require(name)].with("null", .bool(nullable))
      case .defaultValue(let name, let value):
        columns[try require(name)] = columns[try require(name)].with("default", value.map { .string($0) })
      case .comment(let name, let text):
        columns[try require(name)] = columns[try require(name)].with("comment", text.map { .string($0) })
      case .addConstraint(let constraint): try addConstraint(constraint, to: &object)
      case .dropConstraint(let choice, let restrict): try dropConstraint(choice, restrict: restrict, of: &object)
      case .renameConstraint(let old, let new): try renameConstraint(old, to: new, of: &object)
      }
    }
  }
}

extension Value {
  /// A document with one field set, or taken away.
  func with(_ key: String, _ value: Value?) -> Value {
    var fields = self.fields.filter { $0.key != key }
    if let value { fields.append(.init(key, value)) }
    return .object(fields)
  }
}

extension StatementFailure {
  static func missingColumn(_ name: String) -> StatementFailure {
    StatementFailure(
      code: "002003", sqlState: "02000",
      message: "SQL compilation error:\ncolumn '\(name)' does not exist or not authorized.")
  }
  static func duplicateColumn(_ name: String) -> StatementFailure {
    StatementFailure(
      code: "002025", sqlState: "42S21", message: "SQL compilation error:\nduplicate column name '\(name)'")
  }
}
