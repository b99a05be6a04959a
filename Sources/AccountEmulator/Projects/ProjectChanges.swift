import AccountModel
import SnowmakerModel

/// What executing a project changes, found by comparing the account before and after, in the form that the `snow` CLI
/// reads: `{"version": 2, "changeset": [{"type", "object_id", "changes"}]}`.
///
/// Source: the CLI's `reporters/plan.py` and its tests, which hold answers of real accounts. The names of attributes and
/// what CREATE lists are assumed.
struct ProjectChanges {
  let before: World.Checkpoint
  let world: World
  private var entries: [(key: ObjectKey, type: String, changes: [Value])] = []

  init(before: World.Checkpoint, world: World) {
    self.before = before
    self.world = world
  }

  var document: Value {
    [
      "version": 2, "metadata": .object([]),
      "changeset": .list(
        entries.map { entry in
          ["type": .string(entry.type), "object_id": Self.identity(entry.key), "changes": .list(entry.changes)]
        }),
    ]
  }

  /// Compares an object.
  mutating func add(_ key: ObjectKey) {
    guard !entries.contains(where: { $0.key == key }) else { return }
    let old = before.stores[key.kind]?.objects[key.name]
    let new = world.object(key.kind, key.name)
    let changes = Self.changes(from: old, to: new, world.registry.kind(key.kind))
    switch (old, new) {
    case (nil, nil): return
    case (nil, _): entries.append((key, "CREATE", changes))
    case (_, nil): entries.append((key, "DROP", []))
    default: if !changes.isEmpty { entries.append((key, "ALTER", changes)) }
    }
  }

  /// Compares what a role holds.
  mutating func add(_ role: RoleReference, owning objects: Set<Securable>) {
    let key = ObjectKey(kind: role.kind == .account ? "ROLE" : "DATABASE ROLE", name: role.name)
    guard world.exists(key.kind, key.name) else { return }
    func held(_ account: Account) -> [Securable: Set<String>] {
      var result: [Securable: Set<String>] = [:]
      guard account.exists(role) else { return result }
      for grant in account.grants(to: role) {
        result[grant.on, default: []].insert(grant.privilege + (grant.withGrantOption ? " WITH GRANT OPTION" : ""))
      }
      for object in objects where account.owner(of: object) == role { result[object, default: []].insert("OWNERSHIP") }
      return result
    }
    var items: [Value] = []
    let (old, new) = (held(before.account), held(world.account))
    for object in Set(old.keys).union(new.keys).sorted() {
      let (had, has) = (old[object] ?? [], new[object] ?? [])
      guard had != has else { continue }
      let privileges =
        has.subtracting(had).sorted().map { Self.item("added", $0, ["privilege": .string($0)]) }
        + had.subtracting(has).sorted().map { Self.item("removed", $0, ["privilege": .string($0)]) }
      let kind = had.isEmpty ? "added" : has.isEmpty ? "removed" : "modified"
      items.append(
        Self.item(
          kind, object == .account ? "ON ACCOUNT" : "ON \(object.type) \(object.name)", Self.securable(object),
          changes: [Self.collection("privileges", privileges)]))
    }
    items += Self.difference(
      before.account.exists(role) ? Set(before.account.roles(grantedTo: role).keys) : [],
      Set(world.account.roles(grantedTo: role).keys))
    append(items, to: key)
  }

  /// Compares which roles a user has.
  mutating func add(user: String) {
    let items = Self.difference(
      Set(before.account.roles(grantedToUser: user).keys), Set(world.account.roles(grantedToUser: user).keys))
    append(items, to: ObjectKey(kind: "USER", name: user))
  }

  private mutating func append(_ items: [Value], to key: ObjectKey) {
    guard !items.isEmpty else { return }
    let grants = Self.collection("grants", items)
    if let index = entries.firstIndex(where: { $0.key == key }) {
      entries[index].changes.append(grants)
    } else {
      entries.append((key, "ALTER", [grants]))
    }
  }

  private static func difference(_ old: Set<RoleReference>, _ new: Set<RoleReference>) -> [Value] {
    func item(_ kind: String, _ role: RoleReference) -> Value {
      let domain = role.kind == .account ? "ROLE" : "DATABASE_ROLE"
      return self.item(
        kind, "\(domain) \(role.name)",
        ["securable_object_domain": .string(domain), "securable_object_name": .string(role.name)])
    }
    return new.subtracting(old).sorted().map { item("added", $0) }
      + old.subtracting(new).sorted().map { item("removed", $0) }
  }

  private static func securable(_ object: Securable) -> Value {
    [
      "securable_object_domain": .string(String(object.type.map { $0 == " " ? "_" : $0 })),
      "securable_object_name": .string(object.name),
    ]
  }

  private static func item(_ kind: String, _ text: String, _ identity: Value, changes: [Value] = []) -> Value {
    var fields = [
      Value.Field("kind", .string(kind)),
      Value.Field("item_id", .object([Value.Field("desc", .string(text))] + identity.fields)),
    ]
    if !changes.isEmpty { fields.append(.init("changes", .list(changes))) }
    return .object(fields)
  }

  private static func collection(_ name: String, _ items: [Value]) -> Value {
    ["kind": "collection", "collection_name": .string(name), "changes": .list(items)]
  }

  // MARK: Objects

  static func identity(_ key: ObjectKey) -> Value {
    func quoted(_ text: String) -> String { "\"" + text.replacing("\"", with: "\"\"") + "\"" }
    let parts = ((try? QualifiedName(parsing: key.name))?.parts ?? []).map(\.name)
    var last = parts.last ?? key.name
    var signature = ""
    if key.kind == "FUNCTION", let open = last.firstIndex(of: "(") {
      signature = String(last[open...])
      last = String(last[..<open])
    }
    var fields = [
      Value.Field("domain", .string(String(key.kind.map { $0 == " " ? "_" : $0 }))),
      Value.Field("name", .string(quoted(last))),
      Value.Field(
        "fqn", .string((parts.dropLast() + [last]).map(quoted).joined(separator: ".") + signature)),
    ]
    if parts.count > 1 { fields.append(.init("database", .string(quoted(parts[0])))) }
    if parts.count > 2 { fields.append(.init("schema", .string(quoted(parts[1])))) }
    return .object(fields)
  }

  private static func changes(from old: StoredObject?, to new: StoredObject?, _ kind: ObjectKind?) -> [Value] {
    guard let new else { return [] }
    var changes: [Value] = []
    func compare(_ name: String, _ had: Value?, _ has: Value?) {
      guard had != has else { return }
      var fields = [Value.Field("attribute_name", .string(name))]
      if let has { fields.append(.init("value", has)) }
      if let had { fields.append(.init("prev_value", had)) }
      let kind = had == nil ? "set" : has == nil ? "unset" : "changed"
      changes.append(.object([.init("kind", .string(kind))] + fields))
    }
    for name in Set(new.attributes.keys).union(old?.attributes.keys.map(\.self) ?? []).sorted() {
      if kind?.schema.attribute(name)?.isSensitive == true { continue }
      compare(name, old?.attributes[name], new.attributes[name])
    }
    for note in ["text", "clauses", "signature"] { compare(note, old?.notes[note], new.notes[note]) }
    let columns = columns(from: old?.notes["columns"]?.list ?? [], to: new.notes["columns"]?.list ?? [])
    if !columns.isEmpty { changes.append(collection("columns", columns)) }
    return changes
  }

  private static func columns(from old: [Value], to new: [Value]) -> [Value] {
    func find(_ name: Value, _ columns: [Value]) -> Value? { columns.first { $0["name"] == name } }
    var items: [Value] = []
    for column in new {
      let before = find(column["name"], old)
      var changes: [Value] = []
      for key in ["type", "null", "default", "comment"] where before?[key] ?? .null != column[key] {
        changes.append([
          "kind": before == nil ? "set" : "changed", "attribute_name": .string(key), "value": column[key],
          "prev_value": before?[key] ?? .null,
        ])
      }
      if let before, before == column || changes.isEmpty { continue }
      let name = column["name"].string ?? ""
      items.append(item(before == nil ? "added" : "modified", name, ["name": .string(name)], changes: changes))
    }
    for column in old where find(column["name"], new) == nil {
      let name = column["name"].string ?? ""
      items.append(item("removed", name, ["name": .string(name)]))
    }
    return items
  }
}
