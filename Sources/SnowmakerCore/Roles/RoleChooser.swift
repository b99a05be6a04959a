import AccountModel
import SnowmakerModel

/// Chooses the role that runs each statement: the least powerful one that may, in the account as it is at that step.
struct RoleChooser {
  private(set) var account: Account
  let settings: PlanSettings
  private let types: TypeIndex
  let knowledge: RoleKnowledge
  /// What could be asked so that the choices so far become certain.
  private(set) var questions: Set<RoleQuestion> = []
  /// The roles the login may make current.
  private(set) var assumable: Set<RoleReference>
  /// The assumable roles that are neither built in nor the deploy role, least powerful first; nil: to be worked out.
  private var customRoles: [RoleReference]?
  /// What this plan creates: nobody has to be asked about it.
  private(set) var created: Set<Securable> = []
  /// New name → old name, of what this plan renames: asked about under the old one.
  private(set) var renamed: [Securable: Securable] = [:]
  /// Steps of this plan that made things as they are: later steps that count on them must wait for them.
  private var ownerStep: [Securable: Int] = [:]
  private var assumableStep: [RoleReference: Int] = [:]
  private var grantStep: [Granted: Int] = [:]
  /// Object → the roles that this plan gives their first privilege on it, with the steps.
  private var openingSteps: [Securable: [RoleReference: Int]] = [:]
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
    /// Why it cannot be run.
    var problem: Diagnostic?
    /// Why it is not certain that it can be run.
    var doubt: Diagnostic?
    /// Objects on which a privilege is missing that would let a more fitting role run it.
    var wanting: Set<SQLObject> = []
    /// The circles of roles that it would close.
    var circles: [[RoleReference]] = []
  }

  init(_ account: Account, settings: PlanSettings, types: TypeIndex, _ knowledge: RoleKnowledge = RoleKnowledge()) {
    self.account = account
    self.settings = settings
    self.types = types
    self.knowledge = knowledge
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

  mutating func choose(_ statement: Statement) -> Choice {
    guard !statement.authorities.isEmpty else { return anyRole() }
    if var choice = choose(statement, isReachKnown: true) {
      let preferred = unreached(statement).filter { $0.role.name != choice.role }
      if !preferred.isEmpty, !isOwner(choice.role, statement) {
        questions.formUnion(unasked(preferred.map(\.role)))
        choice.wanting = Set(preferred.flatMap { $0.missing.map(SQLObject.init) })
      }
      return choice
    }
    let wanting = wanting(statement)
    let open = open(statement)
    questions.formUnion(open.unasked)
    var choice = open.isDecided ? fallback(statement) : nil
    if choice == nil, var guess = choose(statement, isReachKnown: false) {
      guess.doubt = doubt(guess.role, statement, open.refused)
      choice = guess
    }
    var result = choice ?? fallback(statement)
    result.wanting = wanting
    return result
  }

  private func isOwner(_ role: String, _ statement: Statement) -> Bool {
    statement.authorities.contains { account.owner(of: $0.object.securable) == .account(role) }
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
    dependsOn.formUnion(openingSteps(role, authority))
    guard let through else { return Choice(role: role.name, reason: reason, dependsOn: dependsOn.sorted()) }
    if through != role, let steps = roleSteps[through] {
      let held = account.rolesHeld(by: role)
      for (holder, step) in steps where held.contains(holder) { dependsOn.insert(step) }
    }
    for granted in rights(authority, of: through) { if let step = grantStep[granted] { dependsOn.insert(step) } }
    return Choice(role: role.name, reason: reason, dependsOn: dependsOn.sorted())
  }

  /// The steps that let the role into what the authority's object is in.
  private func openingSteps(_ role: RoleReference, _ authority: Authority) -> Set<Int> {
    var steps: Set<Int> = []
    guard needsReach(role, authority) else { return [] }
    let held = account.rolesHeld(by: role)
    for place in authority.object.securable.containers {
      if let owner = account.owner(of: place), held.contains(owner) {
        if let step = ownerStep[place] { steps.insert(step) }
        continue
      }
      let opening = (openingSteps[place] ?? [:]).filter { held.contains($0.key) }
      guard let first = opening.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }) else { continue }
      steps.insert(first.value)
      for (holder, step) in roleSteps[first.key] ?? [:] where held.contains(holder) { steps.insert(step) }
    }
    return steps
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

  /// The circles of roles that a statement would close, each from a role, over those it is granted to, to itself again.
  func circles(_ effects: [AccountEffect]) -> [[RoleReference]] {
    effects.compactMap { effect in
      guard case .roleGranted(let role, let holder) = effect, let role = role.role, let holder = holder.role,
        account.wouldCycle(role, toRole: holder)
      else { return nil }
      return [role] + account.path(from: holder, to: role)
    }
  }

  /// What the step does to the account, for the steps after it.
  mutating func apply(_ effects: [AccountEffect], as role: String, step: Int) {
    let runner = RoleReference.account(role)
    for effect in effects {
      if case .granted(_, let object, let role, _) = effect, let role = role.role,
        !account.holders(on: object.securable).contains(role)
      {
        openingSteps[object.securable, default: [:]][role] = step
      }
      account.apply(effect, as: runner, types: types)
      switch effect {
      case .created(let object):
        for made in [object] + types.implicitChildren(of: object) {
          ownerStep[made.securable] = step
          created.insert(made.securable)
        }
        if object.role != nil { customRoles = nil }
      case .owned(let object, _): ownerStep[object.securable] = step
      case .renamed(let object, let name):
        let new = Securable(type: object.type, name: name)
        ownerStep[new] = step
        renamed[new] = renamed[object.securable] ?? object.securable
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
