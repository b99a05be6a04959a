/// Questions about what a role may do. Those that take a set of roles expect it closed (`rolesHeld`), as a session with
/// secondary roles has it.
extension Account {
  /// Whether the role, or one it inherits, owns the object or has the privilege on it.
  public func holds(_ role: RoleReference, _ privilege: String, on object: Securable) -> Bool {
    holds(rolesHeld(by: role), privilege, on: object)
  }

  /// Whether one of the roles owns the object or has the privilege on it. ACCOUNTADMIN holds every privilege on the
  /// account, also those that are newer than the list here.
  public func holds(_ roles: Set<RoleReference>, _ privilege: String, on object: Securable) -> Bool {
    if object == .account, roles.contains(.accountAdmin) { return true }
    return owns(roles, object) || anyEntry(on: object, of: roles) { $0.privilege == privilege }
      || inherits(roles, object) { $0.privilege == privilege }
  }

  /// Whether one of the roles owns the object.
  public func owns(_ roles: Set<RoleReference>, _ object: Securable) -> Bool {
    owners[object].map(roles.contains) ?? false
  }

  /// Whether the role, or one it inherits, owns the object.
  public func owns(_ role: RoleReference, _ object: Securable) -> Bool { owns(rolesHeld(by: role), object) }

  /// Whether one of the roles has MANAGE GRANTS on the account.
  public func managesGrants(_ roles: Set<RoleReference>) -> Bool { holds(roles, "MANAGE GRANTS", on: .account) }

  /// Whether the role has MANAGE GRANTS on the account.
  public func managesGrants(_ role: RoleReference) -> Bool { managesGrants(rolesHeld(by: role)) }

  /// Whether one of the roles has any privilege on the object, or manages grants: then SHOW lists it.
  public func sees(_ roles: Set<RoleReference>, _ object: Securable) -> Bool {
    isOpen(object, to: roles) || managesGrants(roles)
  }

  /// Whether one of the roles owns the object or has a privilege on it, whichever: what is in a database and a schema can
  /// be worked on only by whom both are open to. Seeing everything, as MANAGE GRANTS does, is not enough.
  ///
  /// Source: "Operating on an object in a schema requires at least one privilege on the parent database and at least one
  /// privilege on the parent schema", <https://docs.snowflake.com/en/sql-reference/sql/create-table>.
  public func isOpen(_ object: Securable, to roles: Set<RoleReference>) -> Bool {
    owns(roles, object) || anyEntry(on: object, of: roles) { _ in true } || inherits(roles, object) { _ in true }
  }

  /// The roles that own the object or have a privilege on it directly.
  public func holders(on object: Securable) -> Set<RoleReference> {
    var roles = Set((grantsOn[object] ?? [:]).keys)
    if let owner = owners[object] { roles.insert(owner) }
    return roles
  }

  /// Whether the role sees the object.
  public func sees(_ role: RoleReference, _ object: Securable) -> Bool { sees(rolesHeld(by: role), object) }

  /// Whether the role may give the privilege on the object to others.
  public func canGrant(_ role: RoleReference, _ privilege: String, on object: Securable) -> Bool {
    canGrant(rolesHeld(by: role), privilege, on: object)
  }

  /// Whether one of the roles may give the privilege on the object to others: MANAGE GRANTS may always, the owner of the
  /// object, in a schema with managed access the schema's owner instead, and whoever has the grant option.
  public func canGrant(_ roles: Set<RoleReference>, _ privilege: String, on object: Securable) -> Bool {
    if managesGrants(roles, on: object) { return true }
    if let schema = object.container, managedSchemas.contains(schema) {
      return owns(roles, schema)
    }
    if owns(roles, object) { return true }
    return privilege != "OWNERSHIP"
      && anyEntry(on: object, of: roles) { $0.privilege == privilege && $0.withGrantOption }
  }

  /// The role that is recorded as the grantor when one of `roles` gives the privilege: of those the owner, else one
  /// with the grant option, else (MANAGE GRANTS, managed access) the owner.
  public func grantor(_ roles: Set<RoleReference>, _ privilege: String, on object: Securable) -> RoleReference? {
    if let owner = owners[object], roles.contains(owner) { return owner }
    let options = (grantsOn[object] ?? [:]).filter { role, entries in
      roles.contains(role) && entries.contains { $0.privilege == privilege && $0.withGrantOption }
    }
    return options.keys.min() ?? owners[object]
  }

  /// Whether a role may give `role` to others: its owner and MANAGE GRANTS may, ACCOUNTADMIN only by itself, ORGADMIN
  /// by itself and ACCOUNTADMIN.
  public func canGrantRole(_ role: RoleReference, as current: RoleReference) -> Bool {
    canGrantRole(role, as: rolesHeld(by: current))
  }

  /// Whether one of the roles may give `role` to others.
  public func canGrantRole(_ role: RoleReference, as roles: Set<RoleReference>) -> Bool {
    if role == .accountAdmin { return roles.contains(role) }
    // Source: <https://docs.snowflake.com/en/user-guide/organization-administrators>.
    if role == .orgAdmin { return roles.contains(role) || roles.contains(.accountAdmin) }
    return owns(roles, role.securable) || managesGrants(roles)
  }

  /// The privileges others received from `role` by its grant option: what RESTRICT refuses to leave behind and CASCADE
  /// takes along.
  public func grants(givenBy role: RoleReference, _ privilege: String, on object: Securable) -> [PrivilegeGrant] {
    grants(on: object).filter { $0.grantedBy == role && $0.privilege == privilege && $0.to != role }
  }

  func anyEntry(on object: Securable, of roles: Set<RoleReference>, where matches: (Entry) -> Bool) -> Bool {
    guard let grantees = grantsOn[object] else { return false }
    if grantees.count <= roles.count {
      for (role, entries) in grantees where roles.contains(role) && entries.contains(where: matches) { return true }
    } else {
      for role in roles { if let entries = grantees[role], entries.contains(where: matches) { return true } }
    }
    return false
  }
}
