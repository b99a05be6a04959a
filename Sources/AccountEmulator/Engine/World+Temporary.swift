import AccountModel
import SnowmakerModel

/// What an object is called: its kind and its full name.
struct ObjectKey: Hashable {
  var kind: String
  var name: String
}

/// An object with its owner and the grants on it, out of the account.
struct DetachedObject {
  var object: StoredObject
  var owner: RoleReference?
  var grants: [PrivilegeGrant]
}

/// The temporary objects of the sessions. Between statements they lie apart; while a statement of their session runs,
/// they are in the account, in front of permanent objects of the same name. They are never written down.
struct TemporaryObjects {
  /// By session.
  fileprivate var stored: [Int64: [ObjectKey: DetachedObject]] = [:]
  /// The session whose objects are in the account now.
  fileprivate var current: Int64?
  /// Which these are.
  fileprivate var present: Set<ObjectKey> = []
  /// The permanent objects behind them.
  fileprivate var hidden: [ObjectKey: DetachedObject] = [:]
  /// Those that stepped aside for a statement about the permanent object of their name.
  fileprivate var aside: [ObjectKey: DetachedObject] = [:]
  /// What was temporary at any time of the statement: nothing of it is to be written down.
  fileprivate var touched: Set<ObjectKey> = []
  /// How many changes were waiting when the statement began.
  fileprivate var mark = 0

  /// Ends a session.
  mutating func end(_ session: Int64) { stored[session] = nil }

  /// What lay in a container that is gone is gone too.
  mutating func remove(in container: String) {
    for session in stored.keys { stored[session] = stored[session]?.filter { !$0.key.name.hasPrefix(container + ".") } }
  }

  /// A container or an object has a new name.
  mutating func rename(_ kind: String, _ name: String, to new: String) {
    let key = ObjectKey(kind: kind, name: name)
    if present.remove(key) != nil {
      present.insert(ObjectKey(kind: kind, name: new))
      touched.insert(ObjectKey(kind: kind, name: new))
    }
    for (session, objects) in stored where objects.keys.contains(where: { $0.name.hasPrefix(name + ".") }) {
      var renamed: [ObjectKey: DetachedObject] = [:]
      for (key, detached) in objects {
        guard key.name.hasPrefix(name + ".") else {
          renamed[key] = detached
          continue
        }
        var moved = detached
        moved.object.name = new + key.name.dropFirst(name.count)
        let securable = Securable(type: key.kind, name: moved.object.name)
        for index in moved.grants.indices { moved.grants[index].on = securable }
        renamed[ObjectKey(kind: key.kind, name: moved.object.name)] = moved
      }
      stored[session] = renamed
    }
  }
}

extension World {
  /// Puts a session's temporary objects into the account. `leave` takes them out again.
  func enter(_ session: Int64) {
    temporary.current = session
    temporary.mark = pending.count
    guard let objects = temporary.stored.removeValue(forKey: session) else { return }
    for (key, detached) in objects {
      hide(key)
      place(detached)
      temporary.present.insert(key)
      temporary.touched.insert(key)
    }
  }

  /// Takes them out, also those that the statement made; without effect when no session has entered.
  func leave() {
    guard let session = temporary.current else { return }
    temporary.current = nil
    var objects = temporary.aside
    if !temporary.touched.isEmpty {
      let kept = pending[temporary.mark...].filter { change in
        change.key.map { !temporary.touched.contains($0) } ?? true
      }
      pending.replaceSubrange(temporary.mark..., with: kept)
      for key in temporary.present { objects[key] = detach(key) }
      for detached in temporary.hidden.values { place(detached) }
    }
    if !objects.isEmpty { temporary.stored[session] = objects }
    temporary.aside = [:]
    temporary.present = []
    temporary.hidden = [:]
    temporary.touched = []
  }

  /// A temporary object is about to be created: a permanent one of its name steps behind it.
  func beginTemporary(_ kind: String, _ name: String) {
    let key = ObjectKey(kind: kind, name: name)
    hide(key)
    temporary.present.insert(key)
    temporary.touched.insert(key)
  }

  /// A permanent object is about to be created: a temporary one of its name stays in front of it, afterwards.
  func setTemporaryAside(_ kind: String, _ name: String) {
    let key = ObjectKey(kind: kind, name: name)
    guard temporary.present.remove(key) != nil else { return }
    temporary.touched.remove(key)
    temporary.aside[key] = detach(key)
    if let permanent = temporary.hidden.removeValue(forKey: key) { place(permanent) }
  }

  private func hide(_ key: ObjectKey) {
    if let permanent = detach(key) { temporary.hidden[key] = permanent }
  }

  /// Takes an object out of the account without a trace.
  private func detach(_ key: ObjectKey) -> DetachedObject? {
    guard let object = object(key.kind, key.name) else { return nil }
    let securable = Securable(type: key.kind, name: key.name)
    let detached = DetachedObject(
      object: object, owner: account.owner(of: securable), grants: account.grants(on: securable))
    stores[key.kind]?.remove(key.name)
    account.remove(securable)
    return detached
  }

  /// Puts it back, with its owner and grants as far as the roles are still there.
  private func place(_ detached: DetachedObject) {
    insert(detached.object)
    let securable = Securable(type: detached.object.kind, name: detached.object.name)
    account.setOwner(detached.owner.flatMap { account.exists($0) ? $0 : nil }, of: securable)
    for grant in detached.grants where account.exists(grant.to) {
      account.grant(
        grant.privilege, on: securable, to: grant.to, withGrantOption: grant.withGrantOption,
        grantedBy: grant.grantedBy, at: grant.createdOn)
    }
  }
}

extension StorageChange {
  /// The object that it is about; nil when it is about roles, scopes or settings.
  fileprivate var key: ObjectKey? {
    switch self {
    case .put(let object, _): ObjectKey(kind: object.kind, name: object.name)
    case .owner(let kind, let name, _), .removeTree(let kind, let name), .renameTree(let kind, let name, _):
      ObjectKey(kind: kind, name: name)
    case .grant(let grant), .revoke(let grant): ObjectKey(kind: grant.on.type, name: grant.on.name)
    default: nil
    }
  }
}

extension Statement {
  /// Whether it is about a database or schema as a whole: temporary objects in it then stay where they lie.
  var isAboutContainer: Bool {
    switch self {
    case .create(let create): ["DATABASE", "SCHEMA"].contains(create.kind.sqlName)
    case .alter(let kind, _, _, _), .drop(let kind, _, _, _), .undrop(let kind, _):
      ["DATABASE", "SCHEMA"].contains(kind.sqlName)
    default: false
    }
  }
}
