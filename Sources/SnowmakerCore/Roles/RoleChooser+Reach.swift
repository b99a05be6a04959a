import AccountModel
import SnowmakerModel

/// Whether a role gets at what a statement is about: something in a database or schema can only be worked on by whom
/// the database and the schema are open to.
extension RoleChooser {
  /// A role that may do what a statement does, if only it got there.
  struct Unreached {
    var role: RoleReference
    var authority: Authority
    /// What is not open to it, outermost first.
    var missing: [Securable]
  }

  /// Whether what the object is in must be open to the role. Roles are granted wherever they are, and whoever manages
  /// grants grants on everything.
  func needsReach(_ role: RoleReference, _ authority: Authority) -> Bool {
    switch authority {
    case .grantingRole: false
    case .granting: !account.managesGrants(role)
    case .privilege, .ownership, .all: true
    }
  }

  /// Whether what the object is in is known to be open to the role.
  func reaches(_ role: RoleReference, _ authority: Authority) -> Bool { missing(role, authority).isEmpty }

  /// What the object is in and is not known to be open to the role, outermost first.
  func missing(_ role: RoleReference, _ authority: Authority) -> [Securable] {
    if case .all(let parts) = authority {
      var missing: [Securable] = []
      for place in parts.flatMap({ self.missing(role, $0) }) where !missing.contains(place) { missing.append(place) }
      return missing
    }
    let places = authority.object.securable.containers
    guard !places.isEmpty, needsReach(role, authority) else { return [] }
    let held = account.rolesHeld(by: role)
    return places.reversed().filter { !account.isOpen($0, to: held) }
  }

  /// The owners and the deploy role, as far as they may do what the statement does and do not get there.
  func unreached(_ statement: Statement) -> [Unreached] {
    var result: [Unreached] = []
    for authority in statement.authorities {
      let owner = account.owner(of: authority.object.securable)
      for role in [owner, settings.deployRole.map(RoleReference.account)].compactMap(\.self)
      where role.kind == .account && assumable.contains(role) && isAllowed(role, authority) {
        let missing = missing(role, authority)
        if !missing.isEmpty { result.append(Unreached(role: role, authority: authority, missing: missing)) }
      }
    }
    return result
  }

  /// The objects on which a grant could let a role run the statement.
  func wanting(_ statement: Statement) -> Set<SQLObject> {
    var wanting: Set<SQLObject> = []
    for part in statement.authorities.flatMap(\.parts) {
      switch part {
      case .ownership, .grantingRole, .all: break
      case .privilege, .granting: wanting.insert(part.object)
      }
      wanting.formUnion(part.object.securable.containers.map(SQLObject.init))
    }
    return wanting
  }

  // MARK: Asking

  /// What is not known of a statement that no role is known to be able to run.
  struct Open {
    /// What has not been asked yet; the next things only, because their answers may settle it.
    var unasked: Set<RoleQuestion> = []
    /// What the account did not answer.
    var refused: [RoleQuestion] = []
    /// Whether nothing that is not known could let a role run it.
    var isDecided: Bool { unasked.isEmpty && refused.isEmpty }
  }

  func open(_ statement: Statement) -> Open {
    let parts = statement.authorities.flatMap(\.parts)
    var candidates = parts.compactMap { account.owner(of: $0.object.securable) }.filter {
      $0.kind == .database || assumable.contains($0)
    }
    candidates += [settings.deployRole, settings.singleRole].compactMap(\.self).map(RoleReference.account)
    var open = sort(candidates.flatMap(holdings))
    // A login that bears one role has no other to look for.
    guard open.unasked.isEmpty, settings.singleRole == nil else { return open }
    let objects = parts.map(\.object.securable)
    let asked = Set(objects + objects.flatMap(\.containers))
    open = sort(asked.filter { !isCreated($0) }.map { .grantsOn(SQLObject(old($0))) })
    guard open.unasked.isEmpty else { return open }
    var holders: Set<RoleReference> = []
    var waiting = asked.flatMap(account.holders)
    while let role = waiting.popLast() {
      guard holders.insert(role).inserted else { continue }
      waiting += account.roles(having: role)
    }
    let above = holders.filter { $0.kind != .share && !Account.isSystemRole($0) && !isCreated($0.securable) }
    let last = sort(above.map { .holders(SQLObject(old($0.securable))) })
    return Open(unasked: last.unasked, refused: open.refused + last.refused)
  }

  private func sort(_ questions: [RoleQuestion]) -> Open {
    var open = Open()
    for question in questions where !knowledge.answered.contains(question) {
      if knowledge.isAsked(question) { open.refused.append(question) } else { open.unasked.insert(question) }
    }
    return open
  }

  /// What has not been asked of the roles.
  func unasked(_ roles: [RoleReference]) -> Set<RoleQuestion> { sort(roles.flatMap(holdings)).unasked }

  /// What tells everything that a role holds. Of the built-in roles, which may inherit every role there is, it is only
  /// what they hold themselves; what ACCOUNTADMIN and ORGADMIN hold is known.
  private func holdings(of role: RoleReference) -> [RoleQuestion] {
    guard role != .accountAdmin, role != .orgAdmin else { return [] }
    let roles = Account.isSystemRole(role) ? [role] : account.rolesHeld(by: role).sorted()
    return roles.filter { $0 != .everyone && $0.kind != .share && !isCreated($0.securable) }
      .map { .grantsTo(SQLObject(old($0.securable))) }
  }

  /// Whether the plan creates it, or what it is in.
  private func isCreated(_ object: Securable) -> Bool {
    created.contains(object) || object.containers.contains(where: created.contains)
  }

  /// The object with the name that it has before the plan runs.
  private func old(_ object: Securable) -> Securable {
    guard !renamed.isEmpty else { return object }
    if let before = renamed[object] { return before }
    guard let container = object.container else { return object }
    let before = old(container)
    return before == container ? object : Securable(type: object.type, name: before.name + "." + object.lastPart)
  }

  /// That it is not certain that the role can run the statement, because the account did not say.
  func doubt(_ role: String, _ statement: Statement, _ refused: [RoleQuestion]) -> Diagnostic? {
    guard let first = refused.min(), let why = knowledge.refused[first] else { return nil }
    return .warning(
      "whether \(role) can run this could not be found out: \(statement.sql)",
      detail: "\(first.sql) failed: \(why)", code: "role-doubt")
  }
}

extension Securable {
  /// What contains it, from the inside out.
  var containers: [Securable] {
    var result: [Securable] = []
    var place = container
    while let next = place {
      result.append(next)
      place = next.container
    }
    return result
  }
}

extension SQLObject {
  init(_ object: Securable) { self.init(object.type, object.name) }
}

extension Authority {
  /// What has to be held, one by one.
  var parts: [Authority] {
    if case .all(let parts) = self { parts } else { [self] }
  }
}
