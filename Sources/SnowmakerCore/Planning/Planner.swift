import SnowmakerModel

/// Compares what is declared with what the account has, and works out what to do.
///
/// Pure: the account is only known from the observations, and nothing is remembered.
public struct Planner: Sendable {
  /// A planner; it holds nothing, so that one serves any number of plans.
  public init() {}

  /// The plan. Mistakes are among its diagnostics; with errors among them it must not be applied.
  public func plan(_ input: PlanInput, providers: any Providers) async -> Plan {
    await draft(input, providers: providers).finish(providers)
  }

  /// What the providers answer, before the roles are settled: for a caller that asks the account about roles only when
  /// there are statements to choose roles for.
  public func draft(_ input: PlanInput, providers: any Providers) async -> PlanDraft {
    var session = PlanSession(input)
    session.applyRenames()
    session.addDeclared()
    session.addLeaving()
    await session.ask(providers)
    session.check()
    return PlanDraft(session)
  }
}

/// A plan whose changes are known and whose roles may still be chosen better. No provider has to be asked again for that.
public struct PlanDraft: Sendable {
  private var session: PlanSession
  private var assembled: (session: PlanSession, plan: Plan)

  init(_ session: PlanSession) {
    self.session = session
    assembled = Self.assemble(session)
  }

  /// The plan with what is known of roles so far, not yet checked as a whole.
  public var plan: Plan { assembled.plan }

  /// What the account may be asked so that the choice of roles is certain; empty when nothing more can be learned.
  public var questions: Set<RoleQuestion> { assembled.session.questions }

  /// Takes what the account says about roles: which of them the login can make current (nil: not known), what they hold,
  /// which questions that answers, and what asking cost. Chooses the role of every statement anew.
  public mutating func learn(
    assumableRoles: [String]?, facts: [AccountEffect], knowledge: RoleKnowledge = RoleKnowledge(), cost: ReadCost
  ) {
    if let assumableRoles { session.input.settings.assumableRoles = assumableRoles }
    session.input.accountFacts += facts
    session.input.roleKnowledge.add(knowledge)
    session.observations.cost = session.observations.cost.adding(cost)
    assembled = Self.assemble(session)
  }

  /// The whole plan, checked by the plugins.
  public func finish(_ providers: any Providers) async -> Plan {
    var plan = assembled.plan
    await assembled.session.checkWhole(&plan, providers)
    return plan
  }

  private static func assemble(_ session: PlanSession) -> (PlanSession, Plan) {
    // Assembling reports what it finds; the next time starts without that.
    var session = session
    let plan = session.assemble()
    return (session, plan)
  }
}
