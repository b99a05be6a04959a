import AccountModel
import SnowmakerModel

/// Fills the account model with what was observed and what else is known.
enum AccountBuilder {
  static func account(of session: PlanSession) -> Account {
    var account = Account()
    for (address, observation) in session.observations.byAddress {
      guard let object = session.types.object(address) else { continue }
      // A renamed resource still has its old name when the statements start.
      let named = session.renames.isEmpty ? object : original(object, address, session)
      add(named, owner: owner(of: observation), to: &account)
    }
    for effect in session.input.accountFacts { account.apply(effect, as: nil, types: session.types) }
    return account
  }

  /// The name an object beneath a renamed container has before the rename runs.
  private static func original(_ object: SQLObject, _ address: Address, _ session: PlanSession) -> SQLObject {
    for container in session.types.containers(of: address) {
      guard let old = session.renames[container] else { continue }
      let rest = address.identity.dropFirst(container.identity.count)
      return SQLObject(object.type, (old.identity + rest).joined(separator: "."))
    }
    return object
  }

  private static func add(_ object: SQLObject, owner: RoleReference?, to account: inout Account) {
    switch object.type {
    case "ROLE": account.addRole(.account(object.name))
    case "DATABASE ROLE": account.addRole(.database(object.name))
    case "USER": account.addUser(object.name)
    default: break
    }
    if let owner { account.setOwner(owner, of: object.securable) }
  }

  /// The owner; a database role is shown without its database, which is the object's.
  private static func owner(of observation: Observation) -> RoleReference? {
    guard let name = observation.owner, !name.isEmpty else { return nil }
    switch observation.ownerType {
    case "DATABASE_ROLE", "DATABASE ROLE":
      let isQualified = TypeIndex.split(name).count > 1
      return .database(isQualified ? name : "\(observation.identity.first ?? "").\(name)")
    case nil, "ROLE": return .account(name)
    default: return nil
    }
  }
}

extension SQLObject {
  /// The object as the account model names it.
  var securable: Securable { Securable(type: type, name: name) }
  /// The role, nil when it is none.
  var role: RoleReference? {
    switch type {
    case "ROLE": .account(name)
    case "DATABASE ROLE": .database(name)
    default: nil
    }
  }
}

extension Account {
  /// What a statement that `runner` ran does to the account; facts have no runner.
  mutating func apply(_ effect: AccountEffect, as runner: RoleReference?, types: TypeIndex) {
    switch effect {
    case .created(let object): create(object, by: runner, types: types)
    case .dropped(let object):
      if let role = object.role {
        dropRole(role, heir: runner)
      } else if object.type == "USER" {
        dropUser(object.name)
      } else {
        remove(object.securable)
      }
    case .renamed(let object, let name): rename(object.securable, to: name)
    case .owned(let object, let role):
      if let role = role.role { setOwner(role, of: object.securable) }
    case .roleGranted(let role, let holder):
      guard let role = role.role else { return }
      if let parent = holder.role {
        if !wouldCycle(role, toRole: parent) { grantRole(role, toRole: parent) }
      } else {
        grantRole(role, toUser: holder.name)
      }
    case .roleRevoked(let role, let holder):
      guard let role = role.role else { return }
      if let parent = holder.role {
        revokeRole(role, fromRole: parent)
      } else {
        revokeRole(role, fromUser: holder.name)
      }
    case .granted(let privilege, let object, let role, let withGrantOption):
      if let role = role.role { grant(privilege, on: object.securable, to: role, withGrantOption: withGrantOption) }
    case .revoked(let privilege, let object, let role):
      if let role = role.role { revoke(privilege, on: object.securable, from: role) }
    }
  }

  private mutating func create(_ object: SQLObject, by runner: RoleReference?, types: TypeIndex) {
    switch object.type {
    case "ROLE": addRole(.account(object.name), owner: runner)
    case "DATABASE ROLE": addRole(.database(object.name), owner: runner)
    case "USER": addUser(object.name, owner: runner)
    default: if runner != nil { create(object.securable, owner: runner) }
    }
    for child in types.implicitChildren(of: object) where runner != nil { create(child.securable, owner: runner) }
  }
}

extension TypeIndex {
  /// The objects that come into being with an object.
  func implicitChildren(of object: SQLObject) -> [SQLObject] {
    for (type, schema) in schemas where schema.sqlName == object.type && !schema.createsImplicitly.isEmpty {
      return implicitChildren(of: Address(type, [object.name])).compactMap(self.object)
    }
    return []
  }
}
