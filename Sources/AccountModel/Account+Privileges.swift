extension Account {
  // MARK: Ownership

  /// Makes `role` the owner; nil leaves the object without one.
  public mutating func setOwner(_ role: RoleReference?, of object: Securable) {
    if let before = owners[object] { owned[before]?.remove(object) }
    owners[object] = role
    if let role {
      owned[role, default: []].insert(object)
      register(object)
    }
  }

  /// The role that owns the object; nil when nobody does or it is not known.
  public func owner(of object: Securable) -> RoleReference? { owners[object] }
  /// What a role owns.
  public func objects(ownedBy role: RoleReference) -> Set<Securable> { owned[role] ?? [] }

  // MARK: Privileges

  /// Gives a privilege; the same privilege from the same grantor only gains the grant option.
  public mutating func grant(
    _ privilege: String, on object: Securable, to role: RoleReference, withGrantOption: Bool = false,
    grantedBy: RoleReference? = nil, at time: Int64 = 0
  ) {
    register(object)
    var entries = grantsOn[object]?[role] ?? []
    if let index = entries.firstIndex(where: { $0.privilege == privilege && $0.grantedBy == grantedBy }) {
      entries[index].withGrantOption = entries[index].withGrantOption || withGrantOption
    } else {
      entries.append(
        Entry(privilege: privilege, withGrantOption: withGrantOption, grantedBy: grantedBy, createdOn: time))
    }
    grantsOn[object, default: [:]][role] = entries
    grantsTo[role, default: []].insert(object)
  }

  /// Takes a privilege; answers what was taken.
  ///
  /// With `grantedBy` only what that role gave, otherwise whoever gave it; with `optionOnly` the privilege stays and only
  /// the right to pass it on goes.
  @discardableResult
  public mutating func revoke(
    _ privilege: String, on object: Securable, from role: RoleReference, grantedBy: RoleReference? = nil,
    optionOnly: Bool = false
  ) -> [PrivilegeGrant] {
    guard var entries = grantsOn[object]?[role] else { return [] }
    var taken: [PrivilegeGrant] = []
    func matches(_ entry: Entry) -> Bool {
      entry.privilege == privilege && (grantedBy == nil || entry.grantedBy == grantedBy)
    }
    for index in entries.indices where matches(entries[index]) {
      taken.append(entries[index].grant(on: object, to: role))
      if optionOnly { entries[index].withGrantOption = false }
    }
    if !optionOnly { entries.removeAll(where: matches) }
    grantsOn[object]?[role] = entries.isEmpty ? nil : entries
    if entries.isEmpty { grantsTo[role]?.remove(object) }
    return taken
  }

  /// Takes a privilege as one grantor gave it, nil being the system; the same from others stays.
  public mutating func revoke(
    _ privilege: String, on object: Securable, from role: RoleReference, exactly grantor: RoleReference?,
    optionOnly: Bool = false
  ) {
    guard
      let index = grantsOn[object]?[role]?.firstIndex(where: {
        $0.privilege == privilege && $0.grantedBy == grantor
      })
    else { return }
    if optionOnly {
      grantsOn[object]?[role]?[index].withGrantOption = false
      return
    }
    grantsOn[object]?[role]?.remove(at: index)
    if grantsOn[object]?[role]?.isEmpty == true {
      grantsOn[object]?[role] = nil
      grantsTo[role]?.remove(object)
    }
  }

  /// The privileges on an object, ownership not among them; in no order.
  public func grants(on object: Securable) -> [PrivilegeGrant] {
    (grantsOn[object] ?? [:]).flatMap { role, entries in entries.map { $0.grant(on: object, to: role) } }
  }

  /// The privileges given directly to a role, ownership not among them; in no order.
  public func grants(to role: RoleReference) -> [PrivilegeGrant] {
    (grantsTo[role] ?? []).flatMap { object in
      (grantsOn[object]?[role] ?? []).map { $0.grant(on: object, to: role) }
    }
  }

  // MARK: Future grants

  /// Gives a privilege on everything of a type that will be created in a scope; again only adds the grant option.
  public mutating func grantFuture(_ grant: FutureGrant) {
    if let index = future[grant.scope]?.firstIndex(where: { $0.gives(grant) }) {
      if grant.withGrantOption { future[grant.scope]?[index].withGrantOption = true }
      return
    }
    future[grant.scope, default: []].append(grant)
    futureTo[grant.to, default: []].insert(grant.scope)
  }

  /// Takes a future grant; answers whether there was one.
  @discardableResult
  public mutating func revokeFuture(_ grant: FutureGrant) -> Bool {
    guard let index = future[grant.scope]?.firstIndex(where: { $0.gives(grant) }) else { return false }
    future[grant.scope]?.remove(at: index)
    if future[grant.scope]?.contains(where: { $0.to == grant.to }) != true { futureTo[grant.to]?.remove(grant.scope) }
    return true
  }

  /// The future grants in a database or schema.
  public func futureGrants(in scope: Securable) -> [FutureGrant] { future[scope] ?? [] }
  /// The future grants given to a role.
  public func futureGrants(to role: RoleReference) -> [FutureGrant] {
    (futureTo[role] ?? []).flatMap { (future[$0] ?? []).filter { $0.to == role } }
  }

  /// The future grants that apply to an object when it is created: those of its schema, and those of its database
  /// unless the schema has any for the type.
  public func futureGrants(applyingTo object: Securable) -> [FutureGrant] {
    guard let container = object.container else { return [] }
    let near = (future[container] ?? []).filter { $0.objectType == object.type }
    guard near.isEmpty, let outer = container.container else { return near }
    return (future[outer] ?? []).filter { $0.objectType == object.type }
  }

  /// What CREATE does to access: the creator owns the object, or the role that a future grant of ownership names, and
  /// the other future grants are given.
  public mutating func create(_ object: Securable, owner: RoleReference?, at time: Int64 = 0) {
    let grants = futureGrants(applyingTo: object)
    let heir = grants.first { $0.privilege == "OWNERSHIP" }?.to
    setOwner(heir ?? owner, of: object)
    for item in grants where item.privilege != "OWNERSHIP" {
      grant(
        item.privilege, on: object, to: item.to, withGrantOption: item.withGrantOption,
        grantedBy: heir ?? owner, at: time)
    }
  }

  // MARK: Managed access

  /// Makes a schema one with managed access (only its owner grants on what is in it), or a regular one.
  public mutating func setManagedAccess(_ managed: Bool, schema name: String) {
    if managed { managedSchemas.insert(.schema(name)) } else { managedSchemas.remove(.schema(name)) }
  }

  /// Whether the schema has managed access.
  public func hasManagedAccess(schema name: String) -> Bool { managedSchemas.contains(.schema(name)) }

  // MARK: Removing and renaming

  /// Removes an object and everything in it, with its grants; database roles in it are dropped.
  public mutating func remove(_ object: Securable) {
    for inner in contents[object] ?? [] { remove(inner) }
    if object.type == "DATABASE ROLE" { return dropRole(.database(object.name)) }
    if object.type == "SHARE" { return dropRole(.share(object.name)) }
    forget(object)
  }

  /// Renames an object; what is in it gets the new container, with its owners and grants. Database roles and account
  /// roles keep what they hold.
  public mutating func rename(_ object: Securable, to name: String) {
    let new = Securable(type: object.type, name: name)
    guard new != object else { return }
    if managedSchemas.remove(object) != nil { managedSchemas.insert(new) }
    for inner in contents[object] ?? [] { rename(inner, to: name + "." + inner.lastPart) }
    let owner = owners[object]
    let entries = grantsOn[object]
    let scoped = future.removeValue(forKey: object) ?? []
    let inheritedHere = inherited.removeValue(forKey: object) ?? []
    for item in scoped { futureTo[item.to]?.remove(object) }
    forget(object)
    setOwner(owner, of: new)
    for (role, list) in entries ?? [:] {
      register(new)
      grantsOn[new, default: [:]][role] = list
      grantsTo[role, default: []].insert(new)
    }
    for var item in scoped {
      item.scope = new
      grantFuture(item)
    }
    for var item in inheritedHere {
      item.scope = new
      grantInherited(item)
    }
    switch object.type {
    case "ROLE": renameRole(.account(object.name), .account(name))
    case "DATABASE ROLE": renameRole(.database(object.name), .database(name))
    case "USER": renameUser(object.name, name)
    default: break
    }
  }

  private mutating func renameUser(_ old: String, _ new: String) {
    guard let roles = userRoles.removeValue(forKey: old) else { return }
    userRoles[new] = roles
    for role in roles.keys {
      roleUsers[role]?.remove(old)
      roleUsers[role]?.insert(new)
    }
    moveGrants(.user(old), to: .user(new))
  }

  private mutating func renameRole(_ old: RoleReference, _ new: RoleReference) {
    guard roleSet.remove(old) != nil else { return }
    roleSet.insert(new)
    for object in owned.removeValue(forKey: old) ?? [] {
      owners[object] = new
      owned[new, default: []].insert(object)
    }
    moveGrants(old, to: new)
    moveInherited(old, to: new)
    for parent in parents[old] ?? [] {
      let grant = children[parent]?.removeValue(forKey: old)
      children[parent]?[new] = grant
    }
    for child in children[old]?.keys.map(\.self) ?? [] {
      parents[child]?.remove(old)
      parents[child]?.insert(new)
    }
    for user in roleUsers[old] ?? [] {
      let grant = userRoles[user]?.removeValue(forKey: old)
      userRoles[user]?[new] = grant
    }
    parents[new] = parents.removeValue(forKey: old)
    children[new] = children.removeValue(forKey: old)
    roleUsers[new] = roleUsers.removeValue(forKey: old)
    closures = ClosureCache()
  }

  /// What one held, another holds now.
  private mutating func moveGrants(_ old: RoleReference, to new: RoleReference) {
    if let objects = grantsTo.removeValue(forKey: old) {
      grantsTo[new] = objects
      for object in objects {
        let entries = grantsOn[object]?.removeValue(forKey: old)
        grantsOn[object]?[new] = entries
      }
    }
    guard let scopes = futureTo.removeValue(forKey: old) else { return }
    futureTo[new] = scopes
    for scope in scopes {
      for index in future[scope]?.indices ?? 0..<0 where future[scope]?[index].to == old {
        future[scope]?[index].to = new
      }
    }
  }

  /// Removes owner, grants and future grants of one object.
  mutating func forget(_ object: Securable) {
    setOwner(nil, of: object)
    for role in grantsOn.removeValue(forKey: object)?.keys.map(\.self) ?? [] { grantsTo[role]?.remove(object) }
    for item in future.removeValue(forKey: object) ?? [] { futureTo[item.to]?.remove(object) }
    inherited[object] = nil
    managedSchemas.remove(object)
    contents[object] = nil
    if let container = object.container { contents[container]?.remove(object) }
  }

  private mutating func register(_ object: Securable) {
    guard let container = object.container else { return }
    if contents[container, default: []].insert(object).inserted { register(container) }
  }
}

extension Account.Entry {
  func grant(on object: Securable, to role: RoleReference) -> PrivilegeGrant {
    PrivilegeGrant(
      privilege: privilege, on: object, to: role, withGrantOption: withGrantOption, grantedBy: grantedBy,
      createdOn: createdOn)
  }
}
