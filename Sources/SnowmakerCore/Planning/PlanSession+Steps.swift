import AccountModel
import SnowmakerModel

/// Orders the statements and chooses their roles.
extension PlanSession {
  mutating func addSteps(to plan: inout Plan) {
    let hasStatements = subjects.indices.map { number in
      subjects[number].change?.statements.isEmpty == false && subjects[number].settled == nil
        && subjects[number].absorbedBy == nil
    }
    guard hasStatements.contains(true) else { return }
    var builder = StepBuilder(
      subjects.indices.map { number in
        guard hasStatements[number], let change = subjects[number].change else {
          return StepBuilder.Node(isDrop: subjects[number].isDrop)
        }
        let isDrop = subjects[number].resource == nil
        return StepBuilder.Node(statements: isDrop ? needed(change.statements) : change.statements, isDrop: isDrop)
      })
    connectDeclared(&builder)
    connectCreates(&builder)
    connectGrantees(&builder)
    connectDrops(&builder)
    freeNames(&builder)
    let (drafts, draftsOf, roles) = chooseRoles(builder)
    plan.steps = steps(drafts, roles)
    for number in subjects.indices where hasStatements[number] {
      plan.resources[number].steps = draftsOf[number].compactMap { roles.indices[$0] }
    }
    addLossesOfRoles(to: &plan)
    addLossesOfContainers(to: &plan)
  }

  /// The statements of a drop without those that hand over what this plan drops anyway.
  private func needed(_ statements: [Statement]) -> [Statement] {
    guard statements.count > 1 else { return statements }
    return statements.filter { statement in
      statement.effects.isEmpty
        || !statement.effects.allSatisfy { if case .owned(let object, _) = $0 { isDropped(object) } else { false } }
    }
  }

  /// Whether the plan drops the object, or something that it lies in.
  private func isDropped(_ object: SQLObject) -> Bool {
    ([object] + object.securable.containers.map(SQLObject.init)).contains { place in
      types.candidates(place.name, sqlType: place.type).contains { dropped[$0] != nil }
    }
  }

  private func connectDeclared(_ builder: inout StepBuilder) {
    for (number, subject) in subjects.enumerated() {
      guard let resource = subject.resource else { continue }
      for edge in graph.edges[resource] {
        if let needed = subjectOf[edge.to] { builder.add(number, needs: needed) }
      }
    }
  }

  /// FUTURE-like resources before, ALL-like ones after everything that is created beneath their scope.
  private func connectCreates(_ builder: inout StepBuilder) {
    guard !graph.beforeCreates.isEmpty || !graph.afterCreates.isEmpty else { return }
    var before: [Address: Int] = [:]
    var after: [Address: Int] = [:]
    var exempt: [Address: Set<Int>] = [:]
    for (scope, members) in graph.beforeCreates.sorted(by: { $0.key < $1.key }) {
      let gate = builder.addNode()
      before[scope] = gate
      for member in members { if let at = subjectOf[member] { builder.add(gate, needs: at) } }
      exempt[scope] = prerequisites(of: members)
    }
    for (scope, members) in graph.afterCreates.sorted(by: { $0.key < $1.key }) {
      let gate = builder.addNode()
      after[scope] = gate
      for member in members { if let at = subjectOf[member] { builder.add(at, needs: gate, soft: true) } }
    }
    for (number, subject) in subjects.enumerated() {
      guard let resource = subject.resource, let action = subject.change?.action,
        action == .create || action == .replace
      else { continue }
      for scope in types.containers(of: subject.address) {
        if let gate = before[scope], exempt[scope]?.contains(resource) != true {
          builder.add(number, needs: gate, soft: true)
        }
        if let gate = after[scope] { builder.add(gate, needs: number, soft: true) }
      }
    }
  }

  /// What lies in something that roles are given to, a user's token for one role, comes after them.
  private func connectGrantees(_ builder: inout StepBuilder) {
    var given: [SQLObject: [Int]] = [:]
    for (number, subject) in subjects.enumerated() where subject.resource != nil {
      for statement in subject.change?.statements ?? [] {
        for case .roleGranted(_, let holder) in statement.effects { given[holder, default: []].append(number) }
      }
    }
    guard !given.isEmpty else { return }
    for (number, subject) in subjects.enumerated() where subject.change?.statements.isEmpty == false {
      for container in types.containers(of: subject.address) {
        for grant in types.object(container).flatMap({ given[$0] }) ?? [] where grant != number {
          builder.add(number, needs: grant, soft: true)
        }
      }
    }
  }

  /// Everything that these resources need, themselves included.
  private func prerequisites(of members: [Int]) -> Set<Int> {
    var result = Set(members)
    var open = members
    while let next = open.popLast() {
      for edge in graph.edges[next] where result.insert(edge.to).inserted { open.append(edge.to) }
    }
    return result
  }

  private func connectDrops(_ builder: inout StepBuilder) {
    guard !dropped.isEmpty else { return }
    for (number, subject) in subjects.enumerated() where subject.isDrop && subject.absorbedBy == nil {
      for later in subject.blocks { builder.add(later, needs: number) }
    }
    finishInContainers(&builder)
    freeReferences(&builder)
    freeRoleEdges(&builder)
  }

  /// What is still done to something that is dropped, or lies in what is dropped, as handing it over or revoking something
  /// on it, is done before that is gone.
  private func finishInContainers(_ builder: inout StepBuilder) {
    var gone: [SQLObject: Int] = [:]
    for (address, number) in dropped where subjects[number].absorbedBy == nil {
      if let object = types.object(address) { gone[object] = number }
    }
    guard !gone.isEmpty else { return }
    for (number, subject) in subjects.enumerated() where subject.absorbedBy == nil {
      for effect in subject.change?.statements.lazy.flatMap(\.effects) ?? [] {
        let object: SQLObject
        switch effect {
        case .owned(let one, _), .granted(_, let one, _, _), .revoked(_, let one, _): object = one
        case .created, .dropped, .renamed, .roleGranted, .roleRevoked: continue
        }
        for place in [object] + object.securable.containers.map(SQLObject.init) {
          if let later = gone[place], later != number { builder.add(later, needs: number, soft: true) }
        }
      }
    }
  }

  /// A name that is taken, by something of another type or by what is renamed, must be free before it is given anew.
  private func freeNames(_ builder: inout StepBuilder) {
    var taken: [Address: Int] = [:]
    for (address, number) in dropped {
      guard let namespace = types[address.type]?.schema.namespace else { continue }
      taken[Address(namespace, address.identity)] = subjects[number].absorbedBy ?? number
    }
    for (number, subject) in subjects.enumerated() {
      guard let old = subject.renamedFrom, let namespace = types[subject.address.type]?.schema.namespace else {
        continue
      }
      taken[Address(namespace, old)] = number
    }
    for (number, subject) in subjects.enumerated() where subject.resource != nil {
      guard let action = subject.change?.action, action == .create || action == .rename,
        let namespace = types[subject.address.type]?.schema.namespace,
        let holder = taken[Address(namespace, subject.address.identity)], holder != number
      else { continue }
      builder.add(number, needs: holder)
    }
  }

  /// What referred to a dropped resource, and does not any more, lets go of it first.
  private func freeReferences(_ builder: inout StepBuilder) {
    for (number, subject) in subjects.enumerated() where subject.resource != nil {
      guard let action = subject.change?.action, action != .none, action != .create else { continue }
      for fields in subject.knownFields {
        types.references(in: fields, of: subject.address.type) { found in
          for target in found.candidates.compactMap({ dropped[$0] }) {
            builder.add(subjects[target].absorbedBy ?? target, needs: number, soft: true)
          }
        }
      }
    }
  }

  /// A role edge that this plan takes or gives, and the subject that does.
  private struct RoleEdge {
    var role: RoleReference
    var holder: RoleReference
    var subject: Int
  }

  /// What would be part of a circle of roles must be taken before another part of it is given.
  private func freeRoleEdges(_ builder: inout StepBuilder) {
    var revoked: [RoleEdge] = []
    var granted: [RoleEdge] = []
    for (number, subject) in subjects.enumerated() where subject.absorbedBy == nil {
      for effect in (subject.change?.statements ?? []).flatMap(\.effects) {
        switch effect {
        case .roleRevoked(let role, let holder):
          guard subject.isDrop, let role = role.role, let holder = holder.role else { continue }
          revoked.append(RoleEdge(role: role, holder: holder, subject: number))
        case .roleGranted(let role, let holder):
          guard subject.resource != nil, let role = role.role, let holder = holder.role else { continue }
          granted.append(RoleEdge(role: role, holder: holder, subject: number))
        default: break
        }
      }
    }
    guard !revoked.isEmpty, !granted.isEmpty else { return }
    // The account with all of it at once; what is on a circle then must not be there at the same time.
    var both = AccountBuilder.account(of: self)
    for edge in revoked + granted { both.grantRole(edge.role, toRole: edge.holder) }
    func isOnCircle(_ edge: RoleEdge) -> Bool { both.rolesHeld(by: edge.role).contains(edge.holder) }
    let taken = revoked.filter(isOnCircle)
    guard !taken.isEmpty else { return }
    for edge in granted where isOnCircle(edge) {
      for other in taken
      where both.rolesHeld(by: edge.role).contains(other.role) && both.rolesHeld(by: other.role).contains(edge.role) {
        builder.add(edge.subject, needs: other.subject)
      }
    }
  }

  // MARK: Roles

  /// Orders the statements and chooses who runs them. Where a grant of the plan would let a more fitting role run a
  /// statement that comes before it, such grants go first.
  private mutating func chooseRoles(
    _ connected: StepBuilder
  ) -> (drafts: [StepBuilder.Draft], draftsOf: [[Int]], roles: RoleAssignment) {
    let account = AccountBuilder.account(of: self)
    var opened: Set<SQLObject> = []
    while true {
      var builder = connected
      builder.build(opening: opened)
      var roles = RoleAssignment(RoleChooser(account, settings: settings, types: types, input.roleKnowledge))
      roles.assign(builder.drafts)
      let more = roles.opened(by: builder.drafts).subtracting(opened)
      if more.isEmpty {
        questions = roles.questions
        return (builder.drafts, builder.draftsOf, roles)
      }
      opened.formUnion(more)
    }
  }

  /// The steps of the drafts that are not left out; reports what is wrong with their roles.
  private mutating func steps(_ drafts: [StepBuilder.Draft], _ roles: RoleAssignment) -> [PlanStep] {
    var steps: [PlanStep] = []
    steps.reserveCapacity(drafts.count)
    for (number, draft) in drafts.enumerated() where roles.indices[number] != nil {
      guard let choice = roles.choices[number] else { continue }
      let subject = subjects[draft.node]
      for var diagnostic in [choice.problem, choice.doubt].compactMap(\.self) {
        let resource = subject.resource.map { graph.resources[$0] }
        diagnostic.address = subject.address
        diagnostic.position = resource?.position ?? subject.entry?.position
        report(diagnostic)
      }
      for circle in choice.circles {
        let resource = subject.resource.map { graph.resources[$0] }
        report(
          .error(
            "\(subject.address) would close a circle of roles: \(circle.map(\.description).joined(separator: " → "))",
            detail: "Each is granted to the next. Take one of these grants out.", code: "role-circle",
            address: subject.address, position: resource?.position))
      }
      steps.append(
        PlanStep(
          address: subject.address, statement: draft.statement, role: choice.role, reason: choice.reason,
          dependsOn: choice.dependsOn, risk: subject.change?.risk ?? .reversible))
    }
    return steps
  }

  /// Dropping a role hands what it owns to the role that drops it: said under the drop.
  private mutating func addLossesOfRoles(to plan: inout Plan) {
    var owners: [String: Int] = [:]
    for (number, subject) in subjects.enumerated() where subject.isDrop {
      if let object = types.object(subject.address), object.type == "ROLE" || object.type == "DATABASE ROLE" {
        owners[object.name] = number
      }
    }
    guard !owners.isEmpty else { return }
    var handedOver: Set<SQLObject> = []
    for step in plan.steps {
      for effect in step.statement.effects {
        switch effect {
        case .owned(let object, _), .dropped(let object): handedOver.insert(object)
        default: break
        }
      }
    }
    var owned: [Int: [String]] = [:]
    for (address, observation) in observations.byAddress {
      guard let owner = observation.owner, let number = owners[owner],
        let object = types.object(address), !handedOver.contains(object), !isDropped(object)
      else { continue }
      owned[number, default: []].append(object.description)
    }
    // What the plugin says of these is said better here; what the plan hands over is not lost.
    let told = Set((owned.values.joined() + handedOver.map(\.description)).map { "ownership of \($0)" })
    for number in owners.values { plan.resources[number].losses.removeAll(where: told.contains) }
    for (number, objects) in owned.sorted(by: { $0.key < $1.key }) {
      let objects = objects.sorted()
      let root = subjects[number].absorbedBy ?? number
      let heir = plan.resources[root].steps.first.map { plan.steps[$0].role } ?? "the role that drops it"
      for object in objects.prefix(20) {
        plan.resources[number].losses.append("ownership of \(object), which passes to \(heir)")
      }
      if objects.count > 20 { plan.resources[number].losses.append("… and of \(objects.count - 20) more objects") }
      report(
        .warning(
          "\(subjects[number].address) owns \(objects.count == 1 ? objects[0] : "\(objects.count) objects")",
          detail: "Dropping it hands them to \(heir). Declare an owner for them first if that is not wanted.",
          code: "role-owns-objects", address: subjects[number].address))
    }
  }

  /// What lies in a dropped container without being managed is lost with it: said under the drop.
  private func addLossesOfContainers(to plan: inout Plan) {
    guard !dropped.isEmpty else { return }
    var lost: [Int: [Address]] = [:]
    for address in observations.byAddress.keys where dropped[address] == nil {
      guard let number = types.containers(of: address).lazy.compactMap({ dropped[$0] }).first else { continue }
      lost[subjects[number].absorbedBy ?? number, default: []].append(address)
    }
    for (number, addresses) in lost {
      for address in addresses.sorted().prefix(20) { plan.resources[number].losses.append("\(address), not managed") }
      if addresses.count > 20 {
        plan.resources[number].losses.append("… and \(addresses.count - 20) more, not managed")
      }
    }
  }
}
