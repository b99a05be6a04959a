import SnowmakerCore
import SnowmakerModel

/// Which step runs next, and on which lane: steps whose predecessors are done, work of a lane's role first.
struct ApplySchedule {
  private let roles: [String]
  private var open: [Int]
  private var dependents: [[Int]]
  /// Steps that can start, by role, smallest place in the plan first.
  private var ready: [String: MinHeap] = [:]
  /// The role each lane had last, nil for a lane that has done nothing; busy lanes are not in `idle`.
  private var lastRole: [String?]
  private var idle: [Int]

  /// Throws when a step depends on one that does not come before it.
  init(_ steps: [PlanStep], lanes: Int) throws(Diagnostic) {
    roles = steps.map(\.role)
    open = [Int](repeating: 0, count: steps.count)
    dependents = [[Int]](repeating: [], count: steps.count)
    lastRole = [String?](repeating: nil, count: max(1, lanes))
    idle = Array((0..<max(1, lanes)).reversed())
    for (index, step) in steps.enumerated() {
      for before in Set(step.dependsOn) {
        guard before >= 0, before < index else {
          throw .error(
            "the plan is damaged: step \(index) depends on step \(before), which does not come before it",
            detail: "Make a new plan.", code: "plan-invalid")
        }
        dependents[before].append(index)
        open[index] += 1
      }
    }
    for index in steps.indices where open[index] == 0 { ready[roles[index], default: MinHeap()].insert(index) }
  }

  /// The next step with the lane it runs on; nil when nothing can start now.
  mutating func next() -> (step: Int, lane: Int)? {
    guard !idle.isEmpty, !ready.isEmpty else { return nil }
    for place in idle.indices.reversed() {
      guard let role = lastRole[idle[place]], let step = take(role) else { continue }
      return (step, idle.remove(at: place))
    }
    guard let role = ready.min(by: { $0.value.first < $1.value.first })?.key, let step = take(role) else { return nil }
    // A lane that has no role yet is better than one that would change its own.
    let place = idle.lastIndex { lastRole[$0] == nil } ?? idle.count - 1
    let lane = idle.remove(at: place)
    lastRole[lane] = role
    return (step, lane)
  }

  /// The step is over; when it worked, those that waited for it may start.
  mutating func finish(_ step: Int, lane: Int, worked: Bool) {
    idle.append(lane)
    guard worked else { return }
    for index in dependents[step] {
      open[index] -= 1
      if open[index] == 0 { ready[roles[index], default: MinHeap()].insert(index) }
    }
  }

  private mutating func take(_ role: String) -> Int? {
    guard let step = ready[role]?.removeFirst() else { return nil }
    if ready[role]?.isEmpty == true { ready[role] = nil }
    return step
  }
}

/// A heap of numbers, smallest first.
struct MinHeap {
  private var items: [Int] = []

  var isEmpty: Bool { items.isEmpty }
  /// The smallest number; `Int.max` when there is none.
  var first: Int { items.first ?? .max }

  mutating func insert(_ item: Int) {
    items.append(item)
    var child = items.count - 1
    while child > 0, items[child] < items[(child - 1) / 2] {
      items.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func removeFirst() -> Int? {
    guard let smallest = items.first else { return nil }
    let last = items.removeLast()
    guard !items.isEmpty else { return smallest }
    items[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < items.count && items[child] < items[least] {
        least = child
      }
      guard least != parent else { return smallest }
      items.swapAt(parent, least)
      parent = least
    }
  }
}
