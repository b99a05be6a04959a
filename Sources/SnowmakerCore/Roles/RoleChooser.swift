import AccountModel
import SnowmakerModel

/// Chooses the role that runs each statement: the least powerful one that may, in the account as it is at that step.
struct RoleChooser {
  private var account: Account
  private let settings: PlanSettings
  private let types: TypeIndex
  /// The roles the login may make current.
  private var assumable: Set<RoleReference>
  /// The assumable roles that are neither built in nor the deploy role, least powerful first; nil: to be worked out.
  private var customRoles: [RoleReference]?
  /// Steps of this plan that made things as they are: later steps that count on them must wait for them.
  private var ownerStep: [Securable: Int] = [:]
  private var assumableStep: [RoleReference: Int] = [:]
  private var grantStep: [Granted: Int] = [:]
  /// Role → the roles it was granted to in this plan, with the steps.
  private var roleSteps: [RoleReference: [RoleReference: Int]] = [:]

  /// A privilege that one role was given.
  private struct Granted: Hashable {
    var privilege: String
    var object: Securable
    var role: RoleReference
  }

  /// The answer for one statement.
  struct Choice {
    var role: String
    var reason: String
    /// Indices of steps that the choice counts on.
    var dependsOn: [Int] = []
    var problem: (summary: String, detail: String)?
  }

  init(_ account: Account, settings: PlanSettings, types: TypeIndex) {
    self.account = account
    self.settings = settings
    self.types = types
    assumable = Self.assumable(account, settings)
  }

  private static func assumable(_ account: Account, _ settings: PlanSettings) -> Set<RoleReference> {
    if let role = settings.singleRole { return [.account(role)] }
    var direct: [RoleReference] = []
    if let roles = settings.assumableRoles {
      direct = roles.map(RoleReference.account)
    } else if let role = settings.loginRole {
      direct = [.account(role)]
    } else if let user = settings.loginUser, account.userExists(user) {
      direct = Array(account.assumableRoles(of: user).subtracting([.everyone]))
    }
    if direct.isEmpty { direct = [.accountAdmin] }
    var result: Set<RoleReference> = [.everyone]
    for role in direct where !result.contains(role) {
      result.formUnion(account.rolesHeld(by: role).filter { $0.kind == .account })
    }
    return result
  }

  // MARK: Choosing

  func isAllowed(_ role: RoleReference, _ authority: Authority) -> Bool {
    switch authority {
    case .ownership(let object): account.owns(role, object.securable)
    case .privilege(let name, let object): account.holds(role, name, on: object.securable)
    case .granting(let name, let object): account.canGrant(role, name, on: object.securable)
    case .grantingRole(let object): object.role.map { account.canGrantRole($0, as: role) } ?? false
    case .all(let parts): parts.allSatisfy { isAllowed(role, $0) }
    }
  }

  /// Whether the role is known to see what the object is in. Whoever creates is to own what it creates, so there the
  /// container's owner is chosen all the same.
  private func reaches(_ role: RoleReference, _ authority: Authority) -> Bool {
    switch authority {
    case .grantingRole: return true
    case .all(let parts): return parts.allSatisfy { reaches(role, $0) }
    case .privilege(let name, _) where name.hasPrefix("CREATE "): return true
    case .granting where account.managesGrants(role): return true
    case .privilege, .granting, .ownership: break
    }
    var container = authority.object.securable.container
    while let place = container {
      guard account.owns(role, place) || account.holds(role, "USAGE", on: place) else { return false }
      container = place.container
    }
    return true
  }

  mutating func choose(_ statement: Statement) -> Choice {
    guard !statement.authorities.isEmpty else { return anyRole() }
    return choose(statement, isReachKnown: true) ?? choose(statement, isReachKnown: false) ?? fallback(statement)
  }

  private mutating func choose(_ statement: Statement, isReachKnown: Bool) -> Choice? {
    for authority in statement.authorities {
      if let owner = account.owner(of: authority.object.securable), owner.kind == .account, assumable.contains(owner),
        isAllowed(owner, authority), !isReachKnown || reaches(owner, authority)
      {
        return choice(owner, authority)
      }
    }
    func found(_ roles: [RoleReference]) -> Choice? { first(roles, statement.authorities, isReachKnown) }
    if let name = settings.deployRole, let choice = found([.account(name)]) { return choice }
    if let choice = found([.sysAdmin, .userAdmin, .securityAdmin]) { return choice }
    if let choice = first(custom(), statement.authorities, isReachKnown) { return choice }
    return found([.accountAdmin, .orgAdmin])
  }

  private func first(_ roles: [RoleReference], _ authorities: [Authority], _ isReachKnown: Bool) -> Choice? {
    for role in roles where assumable.contains(role) {
      for authority in authorities where isAllowed(role, authority) && (!isReachKnown || reaches(role, authority)) {
        return choice(role, authority)
      }
    }
    return nil
  }

  private mutating func custom() -> [RoleReference] {
    if let customRoles { return customRoles }
    let roles = assumable.filter { !Account.isSystemRole($0) }
      .map { (role: $0, power: account.rolesHeld(by: $0).count) }
      .sorted { ($0.power, $0.role) < ($1.power, $1.role) }.map(\.role)
    customRoles = roles
    return roles
  }

  private func anyRole() -> Choice {
    let wanted = [settings.deployRole, settings.loginRole].compactMap(\.self).map(RoleReference.account)
    // A login that bears one role runs as that, even once the plan has dropped or renamed it.
    let role =
      settings.singleRole.map(RoleReference.account) ?? (wanted + [.sysAdmin]).first(where: assumable.contains)
      ?? .everyone
    return Choice(
      role: role.name, reason: "any role may", dependsOn: assumableStep[role].map { [$0] } ?? [])
  }

  private func choice(_ role: RoleReference, _ authority: Authority) -> Choice {
    guard case .all(let parts) = authority else { return singleChoice(role, authority) }
    let choices = parts.map { singleChoice(role, $0) }
    var reasons: [String] = []
    for choice in choices where !reasons.contains(choice.reason) { reasons.append(choice.reason) }
    return Choice(
      role: role.name, reason: reasons.joined(separator: " and "),
      dependsOn: Set(choices.flatMap(\.dependsOn)).sorted())
  }

  private func singleChoice(_ role: RoleReference, _ authority: Authority) -> Choice {
    let (reason, through) = why(role, authority)
    var dependsOn: Set<Int> = []
    if let step = assumableStep[role] { dependsOn.insert(step) }
    if let step = ownerStep[authority.object.securable] { dependsOn.insert(step) }
    guard let through else { return Choice(role: role.name, reason: reason, dependsOn: dependsOn.sorted()) }
    if through != role, let steps = roleSteps[through] {
      let held = account.rolesHeld(by: role)
      for (holder, step) in steps where held.contains(holder) { dependsOn.insert(step) }
    }
    for granted in rights(authority, of: through) { if let step = grantStep[granted] { dependsOn.insert(step) } }
    return Choice(role: role.name, reason: reason, dependsOn: dependsOn.sorted())
  }

  /// The privileges of a role on which an authority may rest.
  private func rights(_ authority: Authority, of role: RoleReference) -> [Granted] {
    let managing = Granted(privilege: "MANAGE GRANTS", object: .account, role: role)
    switch authority {
    case .ownership: return []
    case .privilege(let name, let object): return [Granted(privilege: name, object: object.securable, role: role)]
    case .granting(let name, let object):
      return [managing, Granted(privilege: name, object: object.securable, role: role)]
    case .grantingRole: return [managing]
    case .all(let parts): return parts.flatMap { rights($0, of: role) }
    }
  }

  /// Whether the role owns already, at this step, what the statement would give it.
  func isNeedless(_ statement: Statement, runBy role: String, unlessBy wanted: String) -> Bool {
    for case .owned(let object, let owner) in statement.effects {
      if let known = account.owner(of: object.securable) { return known == owner.role }
    }
    return role == wanted
  }

  // MARK: Applying

  /// What the step does to the account, for the steps after it.
  mutating func apply(_ effects: [AccountEffect], as role: String, step: Int) {
    let runner = RoleReference.account(role)
    for effect in effects {
      account.apply(effect, as: runner, types: types)
      switch effect {
      case .created(let object):
        ownerStep[object.securable] = step
        for child in types.implicitChildren(of: object) { ownerStep[child.securable] = step }
        if object.role != nil { customRoles = nil }
      case .owned(let object, _): ownerStep[object.securable] = step
      case .renamed(let object, let name):
        ownerStep[Securable(type: object.type, name: name)] = step
        renamed(object, to: name, step: step)
      case .dropped(let object):
        if let role = object.role {
          assumable.remove(role)
          customRoles = nil
        }
      case .roleGranted(let role, let holder): granted(role, to: holder, step: step)
      case .roleRevoked: customRoles = nil
      case .granted(let privilege, let object, let role, _):
        guard let role = role.role else { continue }
        grantStep[Granted(privilege: privilege, object: object.securable, role: role)] = step
      case .revoked: break
      }
    }
  }

  private mutating func renamed(_ object: SQLObject, to name: String, step: Int) {
    guard object.type == "ROLE", assumable.remove(.account(object.name)) != nil else { return }
    // A login that is bound to the role cannot be told to follow it.
    guard settings.singleRole == nil else { return }
    assumable.insert(.account(name))
    assumableStep[.account(name)] = step
    customRoles = nil
  }

  private mutating func granted(_ role: SQLObject, to holder: SQLObject, step: Int) {
    guard let role = role.role else { return }
    customRoles = nil
    if let parent = holder.role { roleSteps[role, default: [:]][parent] = step }
    guard settings.singleRole == nil else { return }
    let reaches = holder.role.map(assumable.contains) ?? (holder.name == settings.loginUser)
    guard reaches else { return }
    for held in account.rolesHeld(by: role) where held.kind == .account && assumable.insert(held).inserted {
      assumableStep[held] = step
    }
  }
}

// MARK: - Reasons

extension RoleChooser {
  /// Why the role may, and the role that the right comes from.
  private func why(_ role: RoleReference, _ authority: Authority) -> (String, RoleReference?) {
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

  // MARK: No role

  /// Nothing suffices. When the owner cannot be known, the strongest role is worth a try; otherwise it is an error.
  private func fallback(_ statement: Statement) -> Choice {
    var authority = statement.authorities[0]
    if case .all(let parts) = authority { authority = parts[0] }
    let owner = account.owner(of: authority.object.securable)
    let own = [settings.deployRole, settings.singleRole].compactMap(\.self)
    let admins = own.map(RoleReference.account) + [.accountAdmin]
    if case .ownership(let object) = authority, owner == nil, let role = admins.first(where: assumable.contains) {
      return Choice(role: role.name, reason: "the owner of \(object) is not known")
    }
    let user = settings.loginUser.map { "user \($0)" } ?? "the login"
    let role = settings.singleRole ?? settings.deployRole ?? settings.loginRole ?? "<role>"
    let grantee =
      settings.singleRole.map { "ROLE \($0)" } ?? settings.loginUser.map { "USER \($0)" } ?? "USER <user>"
    let detail: String
    switch authority {
    case .ownership(let object):
      detail =
        owner.map { "\(object) is owned by \($0). Cure: \(Self.join($0, grantee, role));" }
        ?? "The owner of \(object) is not known; a role that owns it is needed."
    case .privilege(let name, let object):
      if let owner, object != .account {
        detail = "\(object) is owned by \(owner). Cure: \(Self.join(owner, grantee, role));"
      } else {
        detail = "Cure: GRANT \(name) ON \(object) TO ROLE \(role);"
      }
    case .granting(let name, let object):
      detail = "Cure: GRANT \(name) ON \(object) TO ROLE \(role) WITH GRANT OPTION;"
    case .grantingRole(let object):
      detail =
        object.role == .accountAdmin || object.role == .orgAdmin
        ? "Only \(object.role == .orgAdmin ? "ACCOUNTADMIN or ORGADMIN" : "ACCOUNTADMIN itself") may grant it. Cure: "
          + "GRANT ROLE ACCOUNTADMIN TO \(grantee);"
        : "Cure: \(owner.map { Self.join($0, grantee, role) } ?? "GRANT MANAGE GRANTS ON ACCOUNT TO ROLE \(role)");"
    case .all: detail = ""
    }
    let need = statement.authorities.map(\.sentence).joined(separator: ", or ")
    if let single = settings.singleRole {
      return Choice(
        role: single, reason: "the login bears no other role",
        problem: (
          "this needs another role than \(single), the only one that the login of \(user) bears: it must \(need)",
          detail + "\n" + other(statement, than: .account(single)) + "\nStatement: \(statement.sql)"
        ))
    }
    return Choice(
      role: role, reason: "no role suffices",
      problem: (
        "no role that \(user) can assume may do this: it must \(need)", detail + "\nStatement: \(statement.sql)"
      ))
  }

  /// The way out that leaves the account's grants as they are: another token.
  private func other(_ statement: Statement, than role: RoleReference) -> String {
    let known: [RoleReference] = [.sysAdmin, .userAdmin, .securityAdmin, .accountAdmin, .orgAdmin]
    let owners = statement.authorities.compactMap { account.owner(of: $0.object.securable) }
      .filter { $0.kind == .account }
    let able = (owners + known).first { candidate in
      candidate != role && statement.authorities.contains { isAllowed(candidate, $0) }
    }
    guard let able else { return "Or connect with a token that is not restricted to \(role.name)." }
    return "Or connect with a token that is restricted to \(able.name) (ROLE_RESTRICTION = '\(able.name)'; OAuth: the "
      + "scope session:role:\(able.name)), or to no role."
  }

  /// What puts the login in possession of a role.
  private static func join(_ owner: RoleReference, _ grantee: String, _ role: String) -> String {
    owner.kind == .account ? "GRANT ROLE \(owner.name) TO \(grantee)" : "GRANT \(owner) TO ROLE \(role)"
  }
}

extension Authority {
  /// The object it is about.
  var object: SQLObject {
    switch self {
    case .ownership(let object), .privilege(_, let object), .granting(_, let object), .grantingRole(let object): object
    case .all(let parts): parts.first?.object ?? .account
    }
  }

  /// As a sentence goes on after "must".
  fileprivate var sentence: String {
    switch self {
    case .ownership(let object): "own \(object)"
    case .privilege(let name, let object): "hold \(name) on \(object == .account ? "the account" : object.description)"
    case .granting(let name, let object): "be able to grant \(name) on \(object)"
    case .grantingRole(let object): "be able to grant \(object)"
    case .all(let parts): parts.map(\.sentence).joined(separator: " and ")
    }
  }
}
