import AccountModel
import Glibc
import SnowmakerModel

/// The whole account in memory, and what the running statement changed of it. Used under the engine's lock only.
final class World {
  let registry: KindRegistry
  let storage: EmulatorStorage
  var settings: AccountSettings
  var account = Account(empty: ())
  /// By kind, then by full name.
  var stores: [String: ObjectStore] = [:]
  /// What the running statement changed; written when it ends.
  var pending: [StorageChange] = []
  var sessions: [Int64: SessionContext] = [:]
  /// What was run, the newest last.
  var history = StatementHistory()
  var temporary = TemporaryObjects()
  var departed = Departed()
  /// The note that an object is temporary.
  static let temporaryNote = "session"
  private var nextSession: Int64 = 1
  /// Reads the files of a stage; nil where nothing holds files.
  var stages: StageAccess?
  private(set) var droppedTrees: [DroppedTree] = []
  private static let keptDropped = 100
  /// How far ACCOUNT_USAGE is behind, in milliseconds.
  var accountUsageLag: Int64 = 0
  private var lastTime: Int64 = 0

  init(storage: EmulatorStorage, registry: KindRegistry, settings: AccountSettings) throws(EmulatorStorageFailure) {
    self.storage = storage
    self.registry = registry
    self.settings = settings
    if try storage.setting("name") == nil {
      account = Account()
      foundAccount()
      try commit()
    } else {
      try load()
    }
  }

  private func load() throws(EmulatorStorageFailure) {
    settings.organization = try storage.setting("organization") ?? settings.organization
    settings.name = try storage.setting("name") ?? settings.name
    settings.locator = try storage.setting("locator") ?? settings.locator
    settings.region = try storage.setting("region") ?? settings.region
    settings.edition = try storage.setting("edition") ?? settings.edition
    let stored = try storage.load()
    for (object, owner) in stored.objects {
      insert(object)
      switch object.kind {
      case "ROLE": account.addRole(.account(object.name), owner: owner)
      case "DATABASE ROLE": account.addRole(.database(object.name), owner: owner)
      case "USER": account.addUser(object.name, owner: owner)
      case "SHARE": account.addRole(.share(object.name), owner: owner)
      default: account.setOwner(owner, of: Securable(type: object.kind, name: object.name))
      }
    }
    for grant in stored.roleGrants {
      if let user = grant.toUser {
        account.grantRole(grant.role, toUser: user, grantedBy: grant.grantedBy, at: grant.createdOn)
      } else if let parent = grant.toRole {
        account.grantRole(grant.role, toRole: parent, grantedBy: grant.grantedBy, at: grant.createdOn)
      }
    }
    for grant in stored.grants {
      account.grant(
        grant.privilege, on: grant.on, to: grant.to, withGrantOption: grant.withGrantOption,
        grantedBy: grant.grantedBy, at: grant.createdOn)
    }
    for grant in stored.futureGrants { account.grantFuture(grant) }
    for grant in stored.inheritedGrants { account.grantInherited(grant) }
    for name in stored.managedSchemas { account.setManagedAccess(true, schema: name) }
    for document in stored.departed { departed.take(document) }
    for document in stored.statements { history.add(StatementHistory.Entry(document)) }
    nextSession = history.nextSession
  }

  /// The first contents of a new account.
  private func foundAccount() {
    for (name, value) in settings.stored { pending.append(.setting(name, value)) }
    let time = now()
    for role in account.roles.sorted() {
      put(StoredObject(kind: "ROLE", name: role.name, createdOn: time), owner: nil)
      for grant in account.grants(to: role) { pending.append(.grant(grant)) }
      for (child, grant) in account.roles(grantedTo: role) {
        pending.append(.grantRole(child, toUser: nil, toRole: role, by: grant.grantedBy, at: grant.createdOn))
      }
    }
    put(
      StoredObject(
        kind: "DATABASE", name: "SNOWFLAKE", createdOn: time,
        notes: ["kind": "IMPORTED DATABASE", "origin": "SNOWFLAKE"]),
      owner: nil)
    for role in ["OBJECT_VIEWER", "USAGE_VIEWER", "GOVERNANCE_VIEWER", "SECURITY_VIEWER"] {
      let full = "SNOWFLAKE.\(role)"
      account.addRole(.database(full))
      put(StoredObject(kind: "DATABASE ROLE", name: full, createdOn: time), owner: nil)
      grant(PrivilegeGrant(privilege: "USAGE", on: .database("SNOWFLAKE"), to: .database(full), createdOn: time))
    }
    for schema in ["ACCOUNT_USAGE", "INFORMATION_SCHEMA"] {
      put(StoredObject(kind: "SCHEMA", name: "SNOWFLAKE.\(schema)", createdOn: time), owner: nil)
    }
  }

  // MARK: Writing down

  /// Writes what the statement changed. After a failure memory is ahead of the file, so the engine must not go on.
  func commit() throws(EmulatorStorageFailure) {
    guard !pending.isEmpty else { return }
    try commitHistory()
  }

  /// Writes what changed and the statements that were not written down yet.
  func commitHistory() throws(EmulatorStorageFailure) {
    let changes = pending + history.takeWaiting()
    pending = []
    try storage.commit(changes)
  }

  /// Milliseconds since 1970, never going back.
  func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    lastTime = max(lastTime, Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    return lastTime
  }

  func openSession(_ context: SessionContext) -> Int64 {
    defer { nextSession += 1 }
    sessions[nextSession] = context
    return nextSession
  }

  /// The account as it is, to come back to. What was asked, and when, is not part of it.
  struct Checkpoint {
    let account: Account
    let stores: [String: ObjectStore]
    fileprivate let pending: [StorageChange]
    fileprivate let droppedTrees: [DroppedTree]
    fileprivate let temporary: TemporaryObjects
    fileprivate let departed: Departed
  }

  func checkpoint() -> Checkpoint {
    Checkpoint(
      account: account, stores: stores, pending: pending, droppedTrees: droppedTrees, temporary: temporary,
      departed: departed)
  }

  func restore(_ checkpoint: Checkpoint) {
    account = checkpoint.account
    stores = checkpoint.stores
    pending = checkpoint.pending
    droppedTrees = checkpoint.droppedTrees
    temporary = checkpoint.temporary
    departed = checkpoint.departed
  }

  // MARK: Objects

  func object(_ kind: String, _ name: String) -> StoredObject? { stores[kind]?.objects[name] }
  func exists(_ kind: String, _ name: String) -> Bool { stores[kind]?.objects[name] != nil }
  func objects(_ kind: String) -> [StoredObject] { stores[kind].map { Array($0.objects.values) } ?? [] }
  /// The objects of a kind directly in a container.
  func objects(_ kind: String, in container: String) -> [StoredObject] {
    guard let store = stores[kind] else { return [] }
    return (store.byContainer[container] ?? []).compactMap { store.objects[$0] }
  }

  func insert(_ object: StoredObject) { stores[object.kind, default: ObjectStore()].insert(object) }

  /// Stores an object; its owner is what the account says.
  func put(_ object: StoredObject) {
    put(object, owner: account.owner(of: Securable(type: object.kind, name: object.name)))
  }

  private func put(_ object: StoredObject, owner: RoleReference?) {
    insert(object)
    pending.append(.put(object, owner: owner))
  }

  /// Creates an object that `owner` owns, and gives it what future grants say, unless it copies another's grants.
  func create(_ object: StoredObject, owner: RoleReference?, copiesGrants: Bool = false) {
    let securable = Securable(type: object.kind, name: object.name)
    switch object.kind {
    case "ROLE": account.addRole(.account(object.name), owner: owner)
    case "DATABASE ROLE": account.addRole(.database(object.name), owner: owner)
    case "USER": account.addUser(object.name, owner: owner)
    case "SHARE": account.addRole(.share(object.name), owner: owner)
    case _ where copiesGrants: account.setOwner(owner, of: securable)
    default:
      account.create(securable, owner: owner, at: object.createdOn)
      for grant in account.grants(on: securable) { pending.append(.grant(grant)) }
    }
    put(object)
  }

  /// Removes an object and everything in it. What a role owned goes to `heir`.
  func remove(_ kind: String, _ name: String, heir: RoleReference?) {
    let securable = Securable(type: kind, name: name)
    let inner = contents(of: securable)
    if let object = object(kind, name) { depart([object] + inner) }
    for role in inner where role.kind == "DATABASE ROLE" { depart(.database(role.name)) }
    switch kind {
    case "ROLE", "DATABASE ROLE", "SHARE":
      let role = RoleReference(kind: kind == "ROLE" ? .account : kind == "SHARE" ? .share : .database, name: name)
      depart(role)
      account.dropRole(role, heir: heir)
      pending.append(.dropRole(role, heir: heir))
    case "USER":
      depart(user: name)
      account.dropUser(name)
      pending.append(.dropUser(name))
    default: account.remove(securable)
    }
    for inner in inner { stores[inner.kind]?.remove(inner.name) }
    stores[kind]?.remove(name)
    if kind == "DATABASE" || kind == "SCHEMA" { temporary.remove(in: name) }
    pending.append(.removeTree(kind: kind, name: name))
  }

  // MARK: What was dropped

  func keepDropped(_ tree: DroppedTree) {
    droppedTrees.append(tree)
    if droppedTrees.count > Self.keptDropped { droppedTrees.removeFirst() }
  }

  /// The latest dropped object of that name.
  func dropped(_ kind: String, _ name: String) -> DroppedTree? {
    droppedTrees.last { $0.kind == kind && $0.name == name }
  }

  /// Puts a dropped object back, with its owner and grants as far as the roles are still there.
  func restore(_ tree: DroppedTree) {
    // The latest of that name; those dropped before it can still be restored.
    if let index = droppedTrees.lastIndex(where: { $0.kind == tree.kind && $0.name == tree.name }) {
      droppedTrees.remove(at: index)
    }
    for (object, owner) in tree.objects {
      departed.forget(object.kind, object.name, createdOn: object.createdOn)
      pending.append(.returned(kind: object.kind, name: object.name, createdOn: object.createdOn))
      let kept = owner.flatMap { account.exists($0) ? $0 : nil }
      if object.kind == "DATABASE ROLE" {
        account.addRole(.database(object.name), owner: kept)
      } else {
        account.setOwner(kept, of: Securable(type: object.kind, name: object.name))
      }
      put(object, owner: kept)
      if object.attributes["managed_access"] == .bool(true) { setManagedAccess(true, schema: object.name) }
    }
    for grant in tree.grants where account.exists(grant.to) { self.grant(grant) }
    for grant in tree.futureGrants where account.exists(grant.to) { grantFuture(grant) }
  }

  /// Everything beneath a database or schema.
  func contents(of container: Securable) -> [StoredObject] {
    guard container.type == "DATABASE" || container.type == "SCHEMA" else { return [] }
    var result: [StoredObject] = []
    for store in stores.values {
      for name in store.byContainer[container.name] ?? [] {
        guard let object = store.objects[name] else { continue }
        result.append(object)
        if object.kind == "SCHEMA" { result += contents(of: .schema(object.name)) }
      }
    }
    return result
  }

  func rename(_ kind: String, _ name: String, to new: String) {
    let securable = Securable(type: kind, name: name)
    for inner in contents(of: securable) {
      stores[inner.kind]?.remove(inner.name)
      var moved = inner
      moved.name = new + inner.name.dropFirst(name.count)
      insert(moved)
    }
    guard var object = object(kind, name) else { return }
    stores[kind]?.remove(name)
    object.name = new
    insert(object)
    account.rename(securable, to: new)
    temporary.rename(kind, name, to: new)
    pending.append(.renameTree(kind: kind, from: name, to: new))
    switch kind {
    case "ROLE": pending.append(.renameRole(.account(name), .account(new)))
    case "DATABASE ROLE": pending.append(.renameRole(.database(name), .database(new)))
    case "USER": pending.append(.renameUser(name, new))
    default: break
    }
  }

  // MARK: Grants

  func setOwner(_ role: RoleReference?, of object: Securable) {
    account.setOwner(role, of: object)
    pending.append(.owner(kind: object.type, name: object.name, role))
  }

  func grant(_ grant: PrivilegeGrant) {
    account.grant(
      grant.privilege, on: grant.on, to: grant.to, withGrantOption: grant.withGrantOption, grantedBy: grant.grantedBy,
      at: grant.createdOn)
    // What is stored is what the account now says: an earlier grant keeps its date and its grant option.
    let kept = account.grants(on: grant.on).first {
      $0.to == grant.to && $0.privilege == grant.privilege && $0.grantedBy == grant.grantedBy
    }
    pending.append(.grant(kept ?? grant))
  }

  func revoke(_ grant: PrivilegeGrant, optionOnly: Bool = false) {
    if !optionOnly { depart(grant, at: now()) }
    // By grantor: the same privilege from somebody else stays.
    account.revoke(grant.privilege, on: grant.on, from: grant.to, exactly: grant.grantedBy, optionOnly: optionOnly)
    if optionOnly {
      var kept = grant
      kept.withGrantOption = false
      pending.append(.grant(kept))
    } else {
      pending.append(.revoke(grant))
    }
  }

  func grantFuture(_ grant: FutureGrant) {
    account.grantFuture(grant)
    let kept = account.futureGrants(in: grant.scope).first {
      $0.to == grant.to && $0.privilege == grant.privilege && $0.objectType == grant.objectType
    }
    pending.append(.grantFuture(kept ?? grant))
  }

  func revokeFuture(_ grant: FutureGrant) {
    if account.revokeFuture(grant) { pending.append(.revokeFuture(grant)) }
  }

  func grantInherited(_ grant: InheritedGrant) {
    account.grantInherited(grant)
    pending.append(.grantInherited(grant))
  }

  func revokeInherited(_ grant: InheritedGrant) {
    if account.revokeInherited(grant) { pending.append(.revokeInherited(grant)) }
  }

  func grantRole(_ role: RoleReference, toUser user: String, by grantor: RoleReference?) {
    let time = now()
    account.grantRole(role, toUser: user, grantedBy: grantor, at: time)
    guard let kept = account.roles(grantedToUser: user)[role] else { return }
    pending.append(.grantRole(role, toUser: user, toRole: nil, by: kept.grantedBy, at: kept.createdOn))
  }

  func grantRole(_ role: RoleReference, toRole parent: RoleReference, by grantor: RoleReference?) {
    account.grantRole(role, toRole: parent, grantedBy: grantor, at: now())
    guard let kept = account.roles(grantedTo: parent)[role] else { return }
    pending.append(.grantRole(role, toUser: nil, toRole: parent, by: kept.grantedBy, at: kept.createdOn))
  }

  func revokeRole(_ role: RoleReference, fromUser user: String?, fromRole parent: RoleReference?) {
    let grants = user.map { account.roles(grantedToUser: $0) } ?? parent.map { account.roles(grantedTo: $0) } ?? [:]
    if let grant = grants[role] { depart(role, grant, user: user, parent: parent, at: now()) }
    if let user { account.revokeRole(role, fromUser: user) }
    if let parent { account.revokeRole(role, fromRole: parent) }
    pending.append(.revokeRole(role, fromUser: user, fromRole: parent))
  }

  func setManagedAccess(_ managed: Bool, schema name: String) {
    account.setManagedAccess(managed, schema: name)
    pending.append(.managed(name, managed))
  }
}

/// The objects of one kind.
struct ObjectStore {
  private(set) var objects: [String: StoredObject] = [:]
  /// Container → full names; `""` for the account.
  private(set) var byContainer: [String: Set<String>] = [:]

  mutating func insert(_ object: StoredObject) {
    if objects.updateValue(object, forKey: object.name) == nil {
      byContainer[Self.container(object.name), default: []].insert(object.name)
    }
  }

  mutating func remove(_ name: String) {
    guard objects.removeValue(forKey: name) != nil else { return }
    byContainer[Self.container(name)]?.remove(name)
  }

  private static func container(_ name: String) -> String { Securable(type: "", name: name).container?.name ?? "" }
}
