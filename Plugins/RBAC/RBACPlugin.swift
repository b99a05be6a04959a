import CSnowmaker
import SnowmakerSDK

/// Roles, users and grants.
struct RBACPlugin: Plugin {
  static let name = "rbac"
  static let version = "0.1.0"
  static let doc = "Roles, database roles, users, and what is granted to them."

  let types: [any ObjectType] = [
    Role(), DatabaseRole(), User(), AccessToken(), RoleGrant(), DatabaseRoleGrant(), PrivilegeGrant(.object),
    PrivilegeGrant(.account), PrivilegeGrant(.routine), FutureGrant(), GrantOnAll(), InheritedGrant(inAccount: false),
    InheritedGrant(inAccount: true), Ownership(),
  ]

  var check: (@Sendable (CheckRequest) -> [Diagnostic])? { { OwnedObjects.check($0) } }
}

/// The host's way in.
@c(snowmaker_rbac_entry)
public func entry(_ host: UnsafePointer<snowmaker_peer_v1>?) -> UnsafePointer<snowmaker_peer_v1>? {
  RBACPlugin.open(host)
}
