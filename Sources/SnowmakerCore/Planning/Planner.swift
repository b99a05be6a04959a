import SnowmakerModel

/// Compares what is declared with what the account has, and works out what to do.
///
/// Pure: the account is only known from the observations, and nothing is remembered.
public struct Planner: Sendable {
  /// A planner; it has no settings.
  public init() {}

  /// The plan. Mistakes are among its diagnostics; with errors among them it must not be applied.
  public func plan(_ input: PlanInput, providers: any Providers) async -> Plan {
    var session = PlanSession(input)
    session.applyRenames()
    session.addDeclared()
    session.addLeaving()
    await session.ask(providers)
    session.check()
    var plan = session.assemble()
    await session.checkWhole(&plan, providers)
    return plan
  }
}

extension PlanSession {
  /// CHECK: the plugins look at the plan as a whole.
  func checkWhole(_ plan: inout Plan, _ providers: any Providers) async {
    var changes: [(first: Int, change: CheckedChange)] = []
    var standing: [CheckedChange] = []
    for (number, subject) in subjects.enumerated() {
      let change: Change
      if let answered = subject.change, answered.action != .none, subject.settled == nil {
        change = answered
      } else if subject.absorbedBy != nil {
        change = Change(.drop)
      } else {
        if subject.change?.action == Change.Action.none, subject.resource != nil,
          input.types[subject.address.type]?.standsInChecks == true
        {
          standing.append(
            CheckedChange(address: subject.address, change: Change(.none), declared: subject.declared))
        }
        continue
      }
      let checked = CheckedChange(address: subject.address, change: change, declared: subject.declared)
      changes.append((plan.resources[subject.absorbedBy ?? number].steps.first ?? .max, checked))
    }
    guard !changes.isEmpty else { return }
    // Sorting keeps equals in an unspecified order, so the place in the list decides between them.
    let sorted = changes.enumerated().sorted { ($0.element.first, $0.offset) < ($1.element.first, $1.offset) }
    do throws(Diagnostic) {
      let found = try await providers.check(
        CheckRequest(context: input.context, changes: sorted.map(\.element.change), standing: standing))
      for var diagnostic in found {
        if let address = diagnostic.address, diagnostic.position == nil, let number = graph.index[address] {
          diagnostic.position = position(graph.resources[number], diagnostic.path.joined(separator: "."))
        }
        plan.diagnostics.append(diagnostic)
      }
    } catch {
      plan.diagnostics.append(error)
    }
  }
}
