import SnowmakerCore
import SnowmakerModel

/// Knows which ledger changes are due when a step is done.
struct LedgerProgress {
  private let plan: Plan
  /// Per step: the resources that wait for it.
  private var waiting: [[Int]]
  /// Per resource: how many steps are still to be done.
  private var open: [Int]
  /// Changes that need no statement.
  private(set) var immediate: [(Address, LedgerChange)] = []

  /// Throws when a resource names a step that does not exist.
  init(_ plan: Plan) throws(Diagnostic) {
    self.plan = plan
    waiting = [[Int]](repeating: [], count: plan.steps.count)
    open = [Int](repeating: 0, count: plan.resources.count)
    let places = Dictionary(plan.resources.indices.map { (plan.resources[$0].address, $0) }) { first, _ in first }
    let renames = plan.resources.filter { $0.action == .rename }.flatMap(\.steps)
    var makers: [[String]: [Int]] = [:]
    for resource in plan.resources where resource.action == .create || resource.action == .replace {
      makers[resource.address.identity, default: []] += resource.steps
    }
    for (index, resource) in plan.resources.enumerated() {
      var steps = Set(Self.steps(of: resource, in: plan, places: places, renames: renames))
      if steps.isEmpty { steps.formUnion(Self.steps(bringingAlong: resource, makers: makers)) }
      for step in steps {
        guard plan.steps.indices.contains(step) else {
          throw .error(
            "the plan is damaged: \(resource.address) names step \(step), which does not exist",
            detail: "Make a new plan.", code: "plan-invalid")
        }
        waiting[step].append(index)
      }
      open[index] = steps.count
      if steps.isEmpty, resource.ledger != .none { immediate.append((resource.address, resource.ledger)) }
    }
    immediate = Self.ordered(immediate)
  }

  /// The steps that must be done before the resource's ledger change holds.
  private static func steps(
    of resource: PlannedResource, in plan: Plan, places: [Address: Int], renames: [Int]
  ) -> [Int] {
    if !resource.steps.isEmpty { return resource.steps }
    // What is dropped along with something else is gone when that is gone.
    var above = resource
    var seen: Set<Address> = [resource.address]
    while let parent = above.absorbedBy, seen.insert(parent).inserted, let place = places[parent] {
      above = plan.resources[place]
      if !above.steps.isEmpty { return above.steps }
    }
    // What moves along with a renamed container has moved when that has.
    if case .move = resource.ledger { return renames }
    return []
  }

  /// What does not exist yet and has no statement of its own comes with the creation of what holds it: the nearest
  /// resource above it that is made.
  private static func steps(bringingAlong resource: PlannedResource, makers: [[String]: [Int]]) -> [Int] {
    guard case .put = resource.ledger, resource.action.isChange, resource.fingerprint == nil else { return [] }
    let identity = resource.address.identity
    for count in (0..<identity.count).reversed() {
      if let steps = makers[Array(identity[..<count])] { return steps }
    }
    return []
  }

  /// What the ledger has to remember now that the step is done, and which resources are through with it.
  mutating func finish(_ step: Int) -> (changes: [(Address, LedgerChange)], settled: [Address]) {
    var changes: [(Address, LedgerChange)] = []
    var settled: [Address] = []
    for index in waiting[step] {
      open[index] -= 1
      let resource = plan.resources[index]
      if open[index] == 0 {
        if resource.ledger != .none { changes.append((resource.address, resource.ledger)) }
        settled.append(resource.address)
      } else if let entry = firstEntry(of: resource, after: step) {
        changes.append((resource.address, .put(entry)))
      }
    }
    return (Self.ordered(changes), settled)
  }

  /// What moves away from a name comes before what moves there, as the renames of a chain did.
  private static func ordered(_ changes: [(Address, LedgerChange)]) -> [(Address, LedgerChange)] {
    var leaving: [Address: Int] = [:]
    for (index, change) in changes.enumerated() {
      if case .move(let old, _) = change.1 { leaving[old] = index }
    }
    guard !leaving.isEmpty else { return changes }
    var result: [(Address, LedgerChange)] = []
    var placed: Set<Int> = []
    for index in changes.indices {
      var chain: [Int] = []
      var next: Int? = index
      while let at = next, placed.insert(at).inserted {
        chain.append(at)
        if case .move(_, let entry) = changes[at].1 { next = leaving[entry.address] } else { next = nil }
      }
      result += chain.reversed().map { changes[$0] }
    }
    return result
  }

  /// An object that was just made is snowmaker's own even if the statements that complete it fail; nothing counts as
  /// declared until they have worked.
  private func firstEntry(of resource: PlannedResource, after step: Int) -> LedgerEntry? {
    guard resource.action == .create, case .put(let entry) = resource.ledger, plan.steps[step].statement.creates,
      plan.steps[step].address == resource.address
    else { return nil }
    var first = LedgerEntry(address: entry.address, origin: entry.origin, position: entry.position)
    first.preventsDestroy = entry.preventsDestroy
    return first
  }
}
