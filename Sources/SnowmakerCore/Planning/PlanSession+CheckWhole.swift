import SnowmakerModel

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
            CheckedChange(
              address: subject.address, change: Change(.none), declared: subject.declared,
              observed: subject.observed?.attributes))
        }
        continue
      }
      let checked = CheckedChange(
        address: subject.address, change: change, declared: subject.declared, observed: subject.observed?.attributes)
      changes.append((plan.resources[subject.absorbedBy ?? number].steps.first ?? .max, checked))
    }
    guard !changes.isEmpty else { return }
    // Sorting keeps equals in an unspecified order, so the place in the list decides between them.
    let sorted = changes.enumerated().sorted { ($0.element.first, $0.offset) < ($1.element.first, $1.offset) }
    do throws(Diagnostic) {
      let found = try await providers.check(
        CheckRequest(context: input.context, changes: sorted.map(\.element.change), standing: standing))
      // A plugin that refuses says more than a warning of the planner about the same thing.
      let refused = Set(found.filter { $0.severity == .error }.map { "\($0.code) \($0.address?.description ?? "")" })
      plan.diagnostics.removeAll {
        $0.severity == .warning && refused.contains("\($0.code) \($0.address?.description ?? "")")
      }
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
