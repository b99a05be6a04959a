import AccountModel
import SnowmakerModel

extension RoleChooser {
  /// Why the role may, and the role that the right comes from.
  func why(_ role: RoleReference, _ authority: Authority) -> (String, RoleReference?) {
    let object = authority.object.securable
    let held = account.rolesHeld(by: role)
    if let owner = account.owner(of: object), held.contains(owner), !isManagedElsewhere(authority) {
      return owner == role ? ("owns \(object)", role) : ("inherits \(owner), which owns \(object)", owner)
    }
    switch authority {
    case .ownership: return ("owns \(object)", nil)
    case .privilege(let name, _):
      let source = source(role, held) { account.holds([$0], name, on: object) }
      return (Self.inherits(source, role, "holds \(name) on \(Self.place(object))"), source)
    case .granting(let name, _):
      if account.managesGrants(role) { return managing(role, held, object) }
      let source = source(role, held) { account.canGrant([$0], name, on: object) }
      if let schema = object.container, isManagedElsewhere(authority) {
        return (Self.inherits(source, role, "owns \(schema)"), source)
      }
      return (Self.inherits(source, role, "holds \(name) on \(Self.place(object)) with grant option"), source)
    case .grantingRole: return managing(role, held, object)
    case .all(let parts): return why(role, parts[0])
    }
  }

  /// In a schema with managed access only the schema's owner grants.
  private func isManagedElsewhere(_ authority: Authority) -> Bool {
    guard case .granting = authority, let schema = authority.object.securable.container else { return false }
    return schema.type == "SCHEMA" && account.hasManagedAccess(schema: schema.name)
  }

  private func managing(
    _ role: RoleReference, _ held: Set<RoleReference>, _ object: Securable
  ) -> (String, RoleReference?) {
    guard account.managesGrants(role) else { return ("may grant \(object)", nil) }
    let source = source(role, held) { account.managesGrants([$0]) }
    return (Self.inherits(source, role, "holds MANAGE GRANTS on the account"), source)
  }

  /// The role itself when it has the right, otherwise the first role it inherits the right from.
  private func source(
    _ role: RoleReference, _ held: Set<RoleReference>, where hasRight: (RoleReference) -> Bool
  ) -> RoleReference? {
    hasRight(role) ? role : held.lazy.filter(hasRight).min()
  }

  private static func inherits(_ source: RoleReference?, _ role: RoleReference, _ text: String) -> String {
    guard let source, source != role else { return text }
    return "inherits \(source), which \(text)"
  }

  private static func place(_ object: Securable) -> String {
    object == .account ? "the account" : object.description
  }
}
