/// One privilege on one object for one role, given by one grantor.
public struct PrivilegeGrant: Hashable, Sendable {
  /// The privilege, e.g. `USAGE`.
  public var privilege: String
  /// The object.
  public var on: Securable
  /// The role that receives it.
  public var to: RoleReference
  /// Whether the role may give it to others.
  public var withGrantOption: Bool
  /// The role in whose name it was granted; nil for what the system granted.
  public var grantedBy: RoleReference?
  /// When, in milliseconds since 1970; 0 when not recorded.
  public var createdOn: Int64

  /// All parts at once.
  public init(
    privilege: String, on: Securable, to: RoleReference, withGrantOption: Bool = false,
    grantedBy: RoleReference? = nil, createdOn: Int64 = 0
  ) {
    self.privilege = privilege
    self.on = on
    self.to = to
    self.withGrantOption = withGrantOption
    self.grantedBy = grantedBy
    self.createdOn = createdOn
  }
}

/// A privilege that a role receives on every object of a type that will be created in a scope.
public struct FutureGrant: Hashable, Sendable {
  /// The privilege, e.g. `USAGE`.
  public var privilege: String
  /// The object type, singular, as SQL spells it: `TABLE`.
  public var objectType: String
  /// The database or schema.
  public var scope: Securable
  /// The role that receives it.
  public var to: RoleReference
  /// Whether the role may give it to others.
  public var withGrantOption: Bool
  /// The role in whose name it was granted; nil for what the system granted.
  public var grantedBy: RoleReference?
  /// When, in milliseconds since 1970; 0 when not recorded.
  public var createdOn: Int64

  /// All parts at once.
  public init(
    privilege: String, objectType: String, scope: Securable, to: RoleReference, withGrantOption: Bool = false,
    grantedBy: RoleReference? = nil, createdOn: Int64 = 0
  ) {
    self.privilege = privilege
    self.objectType = objectType
    self.scope = scope
    self.to = to
    self.withGrantOption = withGrantOption
    self.grantedBy = grantedBy
    self.createdOn = createdOn
  }

  /// Whether both give the same privilege on the same things to the same role.
  func gives(_ other: FutureGrant) -> Bool {
    privilege == other.privilege && objectType == other.objectType && scope == other.scope && to == other.to
  }
}

/// A role given to a role or to a user.
public struct RoleGrant: Hashable, Sendable {
  /// The role in whose name it was granted; nil for what the system granted.
  public var grantedBy: RoleReference?
  /// When, in milliseconds since 1970; 0 when not recorded.
  public var createdOn: Int64

  /// All parts at once.
  public init(grantedBy: RoleReference? = nil, createdOn: Int64 = 0) {
    self.grantedBy = grantedBy
    self.createdOn = createdOn
  }
}
