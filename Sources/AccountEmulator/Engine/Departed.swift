import AccountModel
import SnowmakerModel

/// What was dropped and revoked, for ACCOUNT_USAGE, which keeps it. The latest are kept, and written down.
struct Departed {
  /// An object, when it was dropped.
  struct Object {
    var object: StoredObject
    var owner: RoleReference?
    var deletedOn: Int64
  }

  /// A grant, when it was revoked.
  struct Grant {
    var grant: PrivilegeGrant
    var deletedOn: Int64
  }

  /// A role of a user or a role, when it was taken.
  struct RoleOfGrantee {
    var grant: StoredRoleGrant
    var deletedOn: Int64
  }

  private(set) var objects: [Object] = []
  private(set) var grants: [Grant] = []
  private(set) var roles: [RoleOfGrantee] = []

  /// How many of each are kept at least.
  static let kept = 20_000

  mutating func add(_ object: Object) { Self.add(object, to: &objects) }
  mutating func add(_ grant: Grant) { Self.add(grant, to: &grants) }
  mutating func add(_ role: RoleOfGrantee) { Self.add(role, to: &roles) }

  private static func add<T>(_ item: T, to list: inout [T]) {
    list.append(item)
    // Now and then, many at once: taking one away from the front moves all the others.
    if list.count > 2 * kept { list.removeFirst(list.count - kept) }
  }

  /// An object is there again.
  mutating func forget(_ kind: String, _ name: String, createdOn: Int64) {
    objects.removeAll { $0.object.kind == kind && $0.object.name == name && $0.object.createdOn == createdOn }
  }

  mutating func take(_ document: Value) {
    let time = document["deleted_on"].int ?? 0
    let created = document["created_on"].int ?? 0
    func role(_ key: String) -> RoleReference? { RoleReference(document: document[key]) }
    func map(_ value: Value) -> [String: Value] {
      Dictionary(value.fields.map { ($0.key, $0.value) }) { first, _ in first }
    }
    switch document["what"].string {
    case "object":
      let object = StoredObject(
        kind: document["kind"].string ?? "", name: document["name"].string ?? "", createdOn: created,
        attributes: map(document["attributes"]), notes: map(document["notes"]))
      add(Object(object: object, owner: role("owner"), deletedOn: time))
    case "grant":
      guard let to = role("to") else { return }
      let grant = PrivilegeGrant(
        privilege: document["privilege"].string ?? "",
        on: Securable(type: document["kind"].string ?? "", name: document["name"].string ?? ""), to: to,
        withGrantOption: document["option"] == .bool(true), grantedBy: role("by"), createdOn: created)
      add(Grant(grant: grant, deletedOn: time))
    case "role":
      guard let given = role("role") else { return }
      let grant = StoredRoleGrant(
        role: given, toUser: document["user"].string, toRole: role("to"), grantedBy: role("by"), createdOn: created)
      add(RoleOfGrantee(grant: grant, deletedOn: time))
    default: break
    }
  }
}

extension Departed.Object {
  var document: Value {
    [
      "what": "object", "kind": .string(object.kind), "name": .string(object.name),
      "created_on": .int(object.createdOn), "owner": owner.document, "deleted_on": .int(deletedOn),
      "attributes": .object(object.attributes.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) }),
      "notes": .object(
        object.notes.filter { $0.key == "text" || $0.key == "kind" || $0.key == "origin" }.sorted { $0.key < $1.key }
          .map { .init($0.key, $0.value) }),
    ]
  }
}

extension Departed.Grant {
  var document: Value {
    [
      "what": "grant", "kind": .string(grant.on.type), "name": .string(grant.on.name),
      "privilege": .string(grant.privilege), "to": Optional(grant.to).document, "by": grant.grantedBy.document,
      "option": .bool(grant.withGrantOption), "created_on": .int(grant.createdOn), "deleted_on": .int(deletedOn),
    ]
  }
}

extension Departed.RoleOfGrantee {
  var document: Value {
    [
      "what": "role", "role": Optional(grant.role).document, "user": grant.toUser.map { .string($0) } ?? .null,
      "to": grant.toRole.document, "by": grant.grantedBy.document, "created_on": .int(grant.createdOn),
      "deleted_on": .int(deletedOn),
    ]
  }
}

extension RoleReference {
  fileprivate init?(document: Value) {
    guard let kind = document["kind"].string.flatMap(RoleKind.init), let name = document["name"].string else {
      return nil
    }
    self.init(kind: kind, name: name)
  }
}

extension Optional where Wrapped == RoleReference {
  fileprivate var document: Value {
    map { ["kind": .string($0.kind.rawValue), "name": .string($0.name)] } ?? .null
  }
}

extension World {
  /// Notes that an object is dropped with everything in it, and with it the grants on it.
  func depart(_ objects: [StoredObject]) {
    let time = now()
    for object in objects where !object.isTemporary {
      let securable = Securable(type: object.kind, name: object.name)
      let departed = Departed.Object(object: object, owner: account.owner(of: securable), deletedOn: time)
      self.departed.add(departed)
      pending.append(.past(.departed, departed.document))
      for grant in account.grants(on: securable) { depart(grant, at: time) }
    }
  }

  /// Notes that a role is dropped: what it held and who had it.
  func depart(_ role: RoleReference) {
    let time = now()
    for grant in account.grants(to: role) { depart(grant, at: time) }
    for (child, grant) in account.roles(grantedTo: role) { depart(child, grant, user: nil, parent: role, at: time) }
    for parent in account.roles(having: role) {
      guard let grant = account.roles(grantedTo: parent)[role] else { continue }
      depart(role, grant, user: nil, parent: parent, at: time)
    }
    for user in account.users(having: role) {
      guard let grant = account.roles(grantedToUser: user)[role] else { continue }
      depart(role, grant, user: user, parent: nil, at: time)
    }
  }

  /// Notes that a user is dropped.
  func depart(user: String) {
    let time = now()
    for grant in account.grants(to: RoleReference(kind: .user, name: user)) { depart(grant, at: time) }
    for (role, grant) in account.roles(grantedToUser: user) { depart(role, grant, user: user, parent: nil, at: time) }
  }

  func depart(_ grant: PrivilegeGrant, at time: Int64) {
    let departed = Departed.Grant(grant: grant, deletedOn: time)
    self.departed.add(departed)
    pending.append(.past(.departed, departed.document))
  }

  func depart(_ role: RoleReference, _ grant: RoleGrant, user: String?, parent: RoleReference?, at time: Int64) {
    let departed = Departed.RoleOfGrantee(
      grant: StoredRoleGrant(
        role: role, toUser: user, toRole: parent, grantedBy: grant.grantedBy, createdOn: grant.createdOn),
      deletedOn: time)
    self.departed.add(departed)
    pending.append(.past(.departed, departed.document))
  }
}
