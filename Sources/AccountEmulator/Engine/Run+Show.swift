import AccountModel
import SnowmakerModel

extension StatementRun {
  // MARK: SHOW

  func show(_ kind: ObjectKind, _ filter: ShowFilter) throws(StatementFailure) -> StatementResult {
    if filter.isHistory, !filter.isTerse { return try showHistory(kind, filter) }
    let objects = try listed(kind, filter)
    if filter.isTerse {
      return StatementResult(
        columns: Self.terseColumns, rows: objects.map { terse(kind, $0) }, statementTypeID: 0x4400)
    }
    var result = StatementResult(
      columns: kind.showColumns.map(\.result),
      rows: objects.map { object in kind.showColumns.map { cell($0, of: object, kind) } }, statementTypeID: 0x4400)
    if let holder = filter.holder {
      let setOn = try policy(kind, of: holder)?.setOn
      result.columns.append(ResultColumn(name: "set_on"))
      for row in result.rows.indices { result.rows[row].append(setOn) }
    }
    return result
  }

  /// SHOW … HISTORY: what was dropped stands beside what there is, told by `dropped_on`.
  private func showHistory(_ kind: ObjectKind, _ filter: ShowFilter) throws(StatementFailure) -> StatementResult {
    var columns = kind.showColumns.map(\.result)
    let position = columns.firstIndex { $0.name == "retention_time" }.map { $0 + 1 } ?? columns.count
    func row(_ object: StoredObject, _ dropped: Int64?) -> [String?] {
      var cells = kind.showColumns.map { cell($0, of: object, kind) }
      cells.insert(dropped.map(Self.timestamp), at: position)
      return cells
    }
    columns.insert(ResultColumn(name: "dropped_on", type: .timestamp_ltz), at: position)
    var rows = try listed(kind, filter).map { ($0, Int64.max, row($0, nil)) }
    let scope = try scopePrefix(kind, filter.scope)
    for tree in world.droppedTrees where tree.kind == kind.sqlName && scope.map(tree.name.hasPrefix) ?? true {
      guard let (object, owner) = tree.objects.first, matches(object, filter) else { continue }
      guard account.managesGrants(held) || owner.map(held.contains) ?? false else { continue }
      rows.append((object, tree.droppedOn, row(object, tree.droppedOn)))
    }
    rows.sort { left, right in
      let (first, second) = (left.0.parts.map(\.name), right.0.parts.map(\.name))
      return first == second ? left.1 > right.1 : first.lexicographicallyPrecedes(second)
    }
    let limit = min(filter.limit ?? maximumRows, maximumRows)
    return StatementResult(columns: columns, rows: rows.prefix(limit).map(\.2), statementTypeID: 0x4400)
  }

  /// The container's name and a dot, for what is in a scope; nil for everything.
  private func scopePrefix(_ kind: ObjectKind, _ scope: Scope?) throws(StatementFailure) -> String? {
    if kind.level == .account { return nil }
    switch scope {
    case nil: return session.current.database.map { $0 + "." }
    case .account: return nil
    case .database(let name): return try database(name) + "."
    case .schema(let name):
      if kind.level == .database { return try database(name.map { ObjectName(parts: [$0.parts[0]], start: 0) }) + "." }
      return try schema(name) + "."
    case .unnamed(let name): return try (kind.level == .database ? database(name) : schema(name)) + "."
    }
  }

  private func matches(_ object: StoredObject, _ filter: ShowFilter) -> Bool {
    let name = object.plainName
    if let like = filter.like, !Like.matches(name, like) { return false }
    if let prefix = filter.startsWith, !name.hasPrefix(prefix) { return false }
    if let from = filter.from, name <= from { return false }
    return true
  }

  private static let terseColumns = [
    ResultColumn(name: "created_on", type: .timestamp_ltz), ResultColumn(name: "name"), ResultColumn(name: "kind"),
    ResultColumn(name: "database_name"), ResultColumn(name: "schema_name"),
  ]

  private func terse(_ kind: ObjectKind, _ object: StoredObject) -> [String?] {
    let known = fact("kind", of: object, kind)
    let type = ["SCHEMA", "USER"].contains(kind.sqlName) ? nil : known ?? kind.sqlName
    return [
      Self.timestamp(object.createdOn), object.plainName, type, fact("database_name", of: object, kind),
      fact("schema_name", of: object, kind),
    ]
  }

  /// Tables and views, and whatever else shares their names.
  func showObjects(_ filter: ShowFilter) throws(StatementFailure) -> StatementResult {
    guard let table = registry.kind("TABLE") else { throw .unsupported("SHOW OBJECTS") }
    var rows: [(StoredObject, [String?])] = []
    for kind in registry.sharingNames(with: table) {
      let isTable = kind.sqlName == "TABLE"
      for object in try listed(kind, filter) {
        rows.append(
          (
            object,
            [
              Self.timestamp(object.createdOn), object.plainName, fact("database_name", of: object, kind),
              fact("schema_name", of: object, kind), isTable ? "TABLE" : fact("kind", of: object, kind) ?? kind.sqlName,
              object.text("comment") ?? "", isTable ? fact("cluster_by", of: object, kind) : "", isTable ? "0" : nil,
              isTable ? "0" : nil,
              fact("owner", of: object, kind), fact("retention_time", of: object, kind) ?? "1", "ROLE",
            ] + ["HYBRID TABLE", "DYNAMIC TABLE", "ICEBERG TABLE"].map { kind.sqlName == $0 ? "Y" : "N" }
          ))
      }
    }
    rows.sort { Self.order($0.0, $1.0) }
    if filter.isTerse {
      return StatementResult(
        columns: Self.terseColumns, rows: rows.map { [$0.1[0], $0.1[1], $0.1[4], $0.1[2], $0.1[3]] },
        statementTypeID: 0x4400)
    }
    var columns = [
      "created_on", "name", "database_name", "schema_name", "kind", "comment", "cluster_by", "rows", "bytes", "owner",
      "retention_time", "owner_role_type", "is_hybrid", "is_dynamic", "is_iceberg",
    ].map { ResultColumn(name: $0) }
    columns[0].type = .timestamp_ltz
    columns[7].type = .fixed
    columns[8].type = .fixed
    return StatementResult(columns: columns, rows: rows.map(\.1), statementTypeID: 0x4400)
  }

  /// The objects a SHOW lists, in the order of database, schema and name.
  func listed(_ kind: ObjectKind, _ filter: ShowFilter) throws(StatementFailure) -> [StoredObject] {
    var objects: [StoredObject] = []
    let found: [StoredObject]
    if let holder = filter.holder {
      found = try policy(kind, of: holder).map { [$0.policy] } ?? []
    } else {
      found = try scoped(kind, filter.scope) + kind.behavior.others(in: self)
    }
    for object in found {
      guard matches(object, filter) else { continue }
      if object.notes["inbound"] != nil || sees(kind, object) { objects.append(object) }
    }
    let keyed = objects.map { ($0.parts.map(\.name), $0) }
    objects = keyed.sorted { $0.0.lexicographicallyPrecedes($1.0) }.map(\.1)
    if let limit = filter.limit { return Array(objects.prefix(min(limit, maximumRows))) }
    if objects.count > maximumRows {
      if showLimit == .fail {
        throw StatementFailure(
          code: "090153", sqlState: "22000",
          message: "The result set size exceeded the max number of rows(\(maximumRows)) supported for SHOW "
            + "statements. Use LIMIT option to limit result set to a smaller number.")
      }
      return Array(objects.prefix(maximumRows))
    }
    return objects
  }

  private static func order(_ left: StoredObject, _ right: StoredObject) -> Bool {
    left.parts.map(\.name).lexicographicallyPrecedes(right.parts.map(\.name))
  }

  private func scoped(_ kind: ObjectKind, _ scope: Scope?) throws(StatementFailure) -> [StoredObject] {
    if kind.level == .account { return world.objects(kind.sqlName) }
    switch scope {
    case nil:
      // Without IN: the current database, or the account when there is none.
      return session.current.database.map { inDatabase(kind, $0) } ?? world.objects(kind.sqlName)
    case .account: return world.objects(kind.sqlName)
    case .database(let name): return inDatabase(kind, try database(name))
    case .schema(let name):
      if kind.level == .database {
        return inDatabase(kind, try database(name.map { ObjectName(parts: [$0.parts[0]], start: 0) }))
      }
      return world.objects(kind.sqlName, in: try schema(name))
    case .unnamed(let name):
      if kind.level == .database { return inDatabase(kind, try database(name)) }
      return world.objects(kind.sqlName, in: try schema(name))
    }
  }

  private func inDatabase(_ kind: ObjectKind, _ database: String) -> [StoredObject] {
    if kind.level == .database { return world.objects(kind.sqlName, in: database) }
    return world.objects("SCHEMA", in: database).flatMap { world.objects(kind.sqlName, in: $0.name) }
  }

  /// The database a scope names, or the current one. Throws 002043 when it is not there or not to be seen.
  func database(_ name: ObjectName?) throws(StatementFailure) -> String {
    guard let database = name?.sql ?? session.current.database else { throw .noDatabase("SHOW") }
    guard name == nil || name?.parts.count == 1, world.exists("DATABASE", database), sees(.database(database)) else {
      throw .notPossible
    }
    return database
  }

  /// The schema a scope names, or the current one. Throws 002043 when it is not there or not to be seen.
  func schema(_ name: ObjectName?) throws(StatementFailure) -> String {
    let full: String
    if let name {
      full = try resolve(name, level: .database, for: "SHOW")
    } else {
      guard let database = session.current.database else { throw .noDatabase("SHOW") }
      guard let schema = session.current.schema else { throw .noSchema("SHOW") }
      full = database + "." + schema
    }
    guard world.exists("SCHEMA", full), sees(.schema(full)) else { throw .notPossible }
    return full
  }

  // MARK: Cells

  func cell(_ column: ShowColumn, of object: StoredObject, _ kind: ObjectKind) -> String? {
    switch column.source {
    case .constant(let text):
      // A description says what a column usually holds; the kind's behaviour knows better.
      if let own = kind.behavior.fact(column.name, of: object, in: self) { return own }
      return text
    case .fact(let name): return echo(fact(name, of: object, kind), column)
    case .attribute(let name):
      if let value = object.attributes[name] ?? column.attribute?.defaultValue, !value.isNull {
        return echo(ShowColumn.text(value), column)
      }
      if let parameter = column.attribute?.property, kind.parameters[parameter] != nil {
        return echo(effectiveParameter(parameter, of: object, kind).value, column)
      }
      return column.echo["null"] ?? column.echo[""] ?? (column.attribute?.isBlankNull ?? (name == "comment") ? "" : nil)
    }
  }

  private func echo(_ text: String?, _ column: ShowColumn) -> String? {
    guard let text else { return column.echo["null"] ?? column.echo[""] }
    return column.echo[text] ?? text
  }

  /// A fact about an object, as text.
  func fact(_ name: String, of object: StoredObject, _ kind: ObjectKind) -> String? {
    if let own = kind.behavior.fact(name, of: object, in: self) { return own }
    let securable = Securable(type: object.kind, name: object.name)
    switch name {
    case "name": return object.plainName
    case "created_on": return Self.timestamp(object.createdOn)
    case "updated_on", "resumed_on": return Self.timestamp(object.notes[name]?.int ?? object.createdOn)
    case "owner": return account.owner(of: securable).map(ownerName) ?? ""
    case "owner_role_type":
      return account.owner(of: securable).map { $0.kind == .account ? "ROLE" : "DATABASE_ROLE" } ?? ""
    case "database_name": return kind.level == .account ? nil : object.parts.first?.name
    case "schema_name": return kind.level == .schema && object.parts.count > 1 ? object.parts[1].name : nil
    case "is_default", "is_current": return "N"
    case "state": return object.notes["state"]?.string ?? "STARTED"
    case "id": return String(object.createdOn)
    case "kind": return object.notes["kind"]?.string ?? kind.sqlName
    default:
      if name.hasPrefix("count:") { return String(object.attributes[String(name.dropFirst(6))]?.list.count ?? 0) }
      if name.hasPrefix("has:") { return has(name.dropFirst(4), object) ? "Y" : "N" }
      return (object.notes[name] ?? object.attributes[name]).flatMap(ShowColumn.text)
    }
  }

  /// Whether an attribute (`credentials`), or a key in it (`directory.enable`), is set and not false.
  private func has(_ path: Substring, _ object: StoredObject) -> Bool {
    let steps = path.split(separator: ".").map(String.init)
    guard let first = steps.first, var value = object.attributes[first] else { return false }
    for step in steps.dropFirst() { value = value[step] }
    return !value.isNull && value != .bool(false) && value != .string("")
  }

  private func ownerName(_ role: RoleReference) -> String { shown(role.name) }
}

/// LIKE patterns of SHOW: without case, `%` and `_`, a backslash before them takes them as they are.
enum Like {
  static func matches(_ text: String, _ pattern: String, ignoresCase: Bool = true) -> Bool {
    guard ignoresCase else { return matches(Array(text.unicodeScalars)[...], Array(pattern.unicodeScalars)[...]) }
    return matches(Array(text.uppercased().unicodeScalars)[...], Array(pattern.uppercased().unicodeScalars)[...])
  }

  /// Greedy with one point to go back to, so that it takes linear space and no recursion.
  private static func matches(_ text: ArraySlice<Unicode.Scalar>, _ pattern: ArraySlice<Unicode.Scalar>) -> Bool {
    var at = text.startIndex
    var wanted = pattern.startIndex
    var retry: (text: Int, pattern: Int)?
    while at < text.endIndex {
      if wanted < pattern.endIndex {
        let scalar = pattern[wanted]
        if scalar == "%" {
          retry = (at, wanted + 1)
          wanted += 1
          continue
        }
        let escaped = scalar == "\\" && wanted + 1 < pattern.endIndex
        if escaped ? pattern[wanted + 1] == text[at] : scalar == "_" || scalar == text[at] {
          wanted += escaped ? 2 : 1
          at += 1
          continue
        }
      }
      guard let back = retry else { return false }
      retry = (back.text + 1, back.pattern)
      at = back.text + 1
      wanted = back.pattern
    }
    while wanted < pattern.endIndex, pattern[wanted] == "%" { wanted += 1 }
    return wanted == pattern.endIndex
  }
}
