/// A privilege on everything of a type in a scope, now and later, held by the scope itself.
///
/// Source: <https://docs.snowflake.com/en/user-guide/inherited-grants-intro>.
public struct InheritedGrant: Hashable, Sendable {
  /// The privilege, e.g. `SELECT`.
  public var privilege: String
  /// The object type, singular, as SQL spells it: `TABLE`.
  public var objectType: String
  /// The account, a database or a schema.
  public var scope: Securable
  /// The role that receives it.
  public var to: RoleReference
  /// The role in whose name it was granted; nil for what the system granted.
  public var grantedBy: RoleReference?
  /// When, in milliseconds since 1970; 0 when not recorded.
  public var createdOn: Int64

  /// All parts at once.
  public init(
    privilege: String, objectType: String, scope: Securable, to: RoleReference, grantedBy: RoleReference? = nil,
    createdOn: Int64 = 0
  ) {
    self.privilege = privilege
    self.objectType = objectType
    self.scope = scope
    self.to = to
    self.grantedBy = grantedBy
    self.createdOn = createdOn
  }

  /// Whether both give the same privilege on the same things to the same role.
  func gives(_ other: InheritedGrant) -> Bool {
    privilege == other.privilege && objectType == other.objectType && scope == other.scope && to == other.to
  }
}

extension Account {
  /// Gives a privilege on everything of a type in a scope; without effect when it is given already.
  public mutating func grantInherited(_ grant: InheritedGrant) {
    if inherited[grant.scope]?.contains(where: { $0.gives(grant) }) == true { return }
    inherited[grant.scope, default: []].append(grant)
  }

  /// Takes an inherited grant; answers whether there was one.
  @discardableResult
  public mutating func revokeInherited(_ grant: InheritedGrant) -> Bool {
    guard let index = inherited[grant.scope]?.firstIndex(where: { $0.gives(grant) }) else { return false }
    inherited[grant.scope]?.remove(at: index)
    if inherited[grant.scope]?.isEmpty == true { inherited[grant.scope] = nil }
    return true
  }

  /// All inherited grants, in no order.
  public var inheritedGrants: [InheritedGrant] { inherited.values.flatMap(\.self) }

  /// The inherited grants in a scope.
  public func inheritedGrants(in scope: Securable) -> [InheritedGrant] { inherited[scope] ?? [] }

  /// The inherited grants given to a role.
  public func inheritedGrants(to role: RoleReference) -> [InheritedGrant] { inheritedGrants.filter { $0.to == role } }

  /// The inherited grants that reach an object: those of its type in what contains it and in the account.
  public func inheritedGrants(on object: Securable) -> [InheritedGrant] {
    guard !inherited.isEmpty, object != .account else { return [] }
    var result: [InheritedGrant] = []
    for scope in Self.scopes(around: object) {
      result += (inherited[scope] ?? []).filter { $0.objectType == object.type }
    }
    return result
  }

  /// Whether one of the roles has a privilege on the object by an inherited grant.
  func inherits(_ roles: Set<RoleReference>, _ object: Securable, where matches: (InheritedGrant) -> Bool) -> Bool {
    guard !inherited.isEmpty else { return false }
    return inheritedGrants(on: object).contains { roles.contains($0.to) && matches($0) }
  }

  /// Whether one of the roles manages grants on the object: on the account, or on a database or schema that it is or lies
  /// in.
  ///
  /// Source: <https://docs.snowflake.com/en/user-guide/container-manage-grants-intro>.
  public func managesGrants(_ roles: Set<RoleReference>, on object: Securable) -> Bool {
    if managesGrants(roles) { return true }
    guard object != .account else { return false }
    for scope in [object] + Self.scopes(around: object) where scope.type == "DATABASE" || scope.type == "SCHEMA" {
      if anyEntry(on: scope, of: roles, where: { $0.privilege == "MANAGE GRANTS" }) { return true }
    }
    return false
  }

  /// What contains an object, from the inside out; the account last.
  static func scopes(around object: Securable) -> [Securable] {
    var scopes: [Securable] = []
    var container = object.container
    while let scope = container {
      scopes.append(scope)
      container = scope.container
    }
    return scopes + [.account]
  }

  /// Forgets the inherited grants of a role that is gone.
  mutating func forgetInherited(to role: RoleReference) {
    for scope in inherited.keys.map(\.self) {
      inherited[scope]?.removeAll { $0.to == role }
      if inherited[scope]?.isEmpty == true { inherited[scope] = nil }
    }
  }

  /// Gives the inherited grants of a role that is renamed to its new name.
  mutating func moveInherited(_ old: RoleReference, to new: RoleReference) {
    for scope in inherited.keys.map(\.self) {
      for index in inherited[scope]?.indices ?? 0..<0 where inherited[scope]?[index].to == old {
        inherited[scope]?[index].to = new
      }
    }
  }
}
