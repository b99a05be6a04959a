import Synchronization

/// What an account is, as far as access goes: roles, users, who owns what and who may do what.
///
/// A value: a copy is independent, and copying is cheap. Names are canonical SQL text everywhere. Nothing here reads or
/// writes anything; privileges are not checked by the functions that change it.
public struct Account: Sendable {
  var roleSet: Set<RoleReference> = []
  var userRoles: [String: [RoleReference: RoleGrant]] = [:]
  /// role → the roles granted to it.
  var children: [RoleReference: [RoleReference: RoleGrant]] = [:]
  /// role → the roles that received it.
  var parents: [RoleReference: Set<RoleReference>] = [:]
  /// role → the users that received it.
  var roleUsers: [RoleReference: Set<String>] = [:]
  var owners: [Securable: RoleReference] = [:]
  var owned: [RoleReference: Set<Securable>] = [:]
  var grantsOn: [Securable: [RoleReference: [Entry]]] = [:]
  var grantsTo: [RoleReference: Set<Securable>] = [:]
  /// container → the objects in it that have an owner or a grant.
  var contents: [Securable: Set<Securable>] = [:]
  var future: [Securable: [FutureGrant]] = [:]
  var futureTo: [RoleReference: Set<Securable>] = [:]
  var inherited: [Securable: [InheritedGrant]] = [:]
  var managedSchemas: Set<Securable> = []
  var closures = ClosureCache()

  /// A privilege on an object for a role; the object and the role are the keys under which it is stored.
  struct Entry: Sendable {
    var privilege: String
    var withGrantOption: Bool
    var grantedBy: RoleReference?
    var createdOn: Int64
  }

  /// A fresh account: the system roles, their hierarchy and their built-in privileges.
  public init() {
    self.init(empty: ())
    roleSet.formUnion(SystemRoles.all)
    for edge in SystemRoles.hierarchy { grantRole(edge.child, toRole: edge.parent) }
    for (role, privileges) in SystemRoles.accountPrivileges {
      for privilege in privileges { grant(privilege, on: .account, to: role, withGrantOption: true) }
    }
  }

  /// An account without anything, system roles included: for putting one together from what was stored or read.
  public init(empty: ()) {}

  // MARK: What there is

  /// All roles, those of databases included.
  public var roles: Set<RoleReference> { roleSet }
  /// All users.
  public var users: some Collection<String> & Sendable { userRoles.keys }
  /// Whether the role exists.
  public func exists(_ role: RoleReference) -> Bool {
    role.kind == .user ? userExists(role.name) : roleSet.contains(role)
  }
  /// Whether the user exists.
  public func userExists(_ name: String) -> Bool { userRoles[name] != nil }
  /// Whether the role came with the account and cannot be dropped.
  public static func isSystemRole(_ role: RoleReference) -> Bool { SystemRoles.all.contains(role) }

  // MARK: Roles and users

  /// Adds a role; without effect when it exists.
  public mutating func addRole(_ role: RoleReference, owner: RoleReference? = nil) {
    guard roleSet.insert(role).inserted else { return }
    setOwner(owner, of: role.securable)
  }

  /// Removes a role and every grant of it, to it and on it; what it owned goes to `heir`, or to nobody.
  public mutating func dropRole(_ role: RoleReference, heir: RoleReference? = nil) {
    guard roleSet.remove(role) != nil else { return }
    for object in owned[role] ?? [] { setOwner(heir, of: object) }
    for object in grantsTo.removeValue(forKey: role) ?? [] { grantsOn[object]?[role] = nil }
    for scope in futureTo.removeValue(forKey: role) ?? [] { future[scope]?.removeAll { $0.to == role } }
    forgetInherited(to: role)
    for parent in parents.removeValue(forKey: role) ?? [] { children[parent]?[role] = nil }
    for child in children.removeValue(forKey: role)?.keys.map(\.self) ?? [] { parents[child]?.remove(role) }
    for user in roleUsers.removeValue(forKey: role) ?? [] { userRoles[user]?[role] = nil }
    forget(role.securable)
    closures = ClosureCache()
  }

  /// Adds a user; without effect when it exists.
  public mutating func addUser(_ name: String, owner: RoleReference? = nil) {
    guard userRoles[name] == nil else { return }
    userRoles[name] = [:]
    setOwner(owner, of: .user(name))
  }

  /// Removes a user, the roles and privileges it has and the grants on it.
  public mutating func dropUser(_ name: String) {
    for role in userRoles.removeValue(forKey: name)?.keys.map(\.self) ?? [] { roleUsers[role]?.remove(name) }
    for object in grantsTo.removeValue(forKey: .user(name)) ?? [] { grantsOn[object]?[.user(name)] = nil }
    for scope in futureTo.removeValue(forKey: .user(name)) ?? [] { future[scope]?.removeAll { $0.to == .user(name) } }
    forget(.user(name))
  }

  // MARK: Role grants

  /// Gives a role to a user.
  public mutating func grantRole(
    _ role: RoleReference, toUser user: String, grantedBy: RoleReference? = nil, at time: Int64 = 0
  ) {
    guard userRoles[user]?[role] == nil else { return }
    userRoles[user, default: [:]][role] = RoleGrant(grantedBy: grantedBy, createdOn: time)
    roleUsers[role, default: []].insert(user)
  }

  /// Gives a role to a role, which then holds everything that `role` holds.
  ///
  /// The caller sees to it that no cycle arises (`wouldCycle`); with one, both roles hold the same.
  public mutating func grantRole(
    _ role: RoleReference, toRole parent: RoleReference, grantedBy: RoleReference? = nil, at time: Int64 = 0
  ) {
    guard children[parent]?[role] == nil else { return }
    let gained = closures.isEmpty ? [] : closure(of: role)
    children[parent, default: [:]][role] = RoleGrant(grantedBy: grantedBy, createdOn: time)
    parents[role, default: []].insert(parent)
    guard !gained.isEmpty else { return }
    if !isKnownUniquelyReferenced(&closures) { closures = ClosureCache(copying: closures) }
    closures.add(gained, toHoldersOf: parent)
  }

  /// Takes a role from a user; answers whether the user had it.
  @discardableResult
  public mutating func revokeRole(_ role: RoleReference, fromUser user: String) -> Bool {
    roleUsers[role]?.remove(user)
    return userRoles[user]?.removeValue(forKey: role) != nil
  }

  /// Takes a role from a role; answers whether that had it.
  @discardableResult
  public mutating func revokeRole(_ role: RoleReference, fromRole parent: RoleReference) -> Bool {
    guard children[parent]?.removeValue(forKey: role) != nil else { return false }
    parents[role]?.remove(parent)
    closures = ClosureCache()
    return true
  }

  /// Whether giving `role` to `parent` would close a circle.
  public func wouldCycle(_ role: RoleReference, toRole parent: RoleReference) -> Bool {
    role == parent || (parent != .everyone && rolesHeld(by: role).contains(parent))
  }

  /// The shortest way from a role over the roles it was given to, to one that holds it, both included; the role alone when
  /// the two are the same, and when the other does not hold it.
  public func path(from role: RoleReference, to holder: RoleReference) -> [RoleReference] {
    var cameFrom: [RoleReference: RoleReference] = [:]
    var open = [role]
    var next = 0
    while next < open.count, open[next] != holder {
      for parent in roles(having: open[next]).sorted() where parent != role && cameFrom[parent] == nil {
        cameFrom[parent] = open[next]
        open.append(parent)
      }
      next += 1
    }
    guard next < open.count else { return [role] }
    var path = [open[next]]
    while let before = cameFrom[path[0]] { path.insert(before, at: 0) }
    return path
  }

  /// The roles given directly to a role.
  public func roles(grantedTo role: RoleReference) -> [RoleReference: RoleGrant] { children[role] ?? [:] }
  /// The roles given directly to a user.
  public func roles(grantedToUser user: String) -> [RoleReference: RoleGrant] { userRoles[user] ?? [:] }
  /// The roles that were given this role directly.
  public func roles(having role: RoleReference) -> Set<RoleReference> { parents[role] ?? [] }
  /// The users that were given this role directly.
  public func users(having role: RoleReference) -> Set<String> { roleUsers[role] ?? [] }

  // MARK: What is held

  /// The role itself and every role it inherits, directly or through others, PUBLIC included.
  public func rolesHeld(by role: RoleReference) -> Set<RoleReference> {
    if let known = closures.find(role) { return known }
    let held = closure(of: role)
    closures.store(held, for: role)
    return held
  }

  private func closure(of role: RoleReference) -> Set<RoleReference> {
    var held: Set<RoleReference> = [role, .everyone]
    var open = role == .everyone ? [role] : [role, .everyone]
    while let next = open.popLast() {
      for child in children[next]?.keys.map(\.self) ?? [] where held.insert(child).inserted { open.append(child) }
    }
    return held
  }

  /// The account roles that a user may make current: those granted to it, what they inherit, and PUBLIC.
  public func assumableRoles(of user: String) -> Set<RoleReference> {
    var result: Set<RoleReference> = [.everyone]
    for role in userRoles[user]?.keys.map(\.self) ?? [] where role.kind == .account && !result.contains(role) {
      for held in rolesHeld(by: role) where held.kind == .account { result.insert(held) }
    }
    return result
  }
}

/// Remembers which roles each role holds. Shared by copies of an account; replaced or copied before a change.
final class ClosureCache: Sendable {
  private let held: Mutex<[RoleReference: Set<RoleReference>]>

  init() { held = Mutex([:]) }
  init(copying other: ClosureCache) {
    let copy = other.held.withLock { $0 }
    held = Mutex(copy)
  }

  var isEmpty: Bool { held.withLock(\.isEmpty) }
  func find(_ role: RoleReference) -> Set<RoleReference>? { held.withLock { $0[role] } }
  func store(_ set: Set<RoleReference>, for role: RoleReference) { held.withLock { $0[role] = set } }
  /// After a grant: everyone who holds `parent` holds `gained` too. PUBLIC is held by all, so that changes all.
  func add(_ gained: Set<RoleReference>, toHoldersOf parent: RoleReference) {
    held.withLock { cache in
      for role in cache.keys where cache[role]?.contains(parent) == true { cache[role]?.formUnion(gained) }
    }
  }
}
