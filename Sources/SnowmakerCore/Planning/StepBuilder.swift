import SnowmakerModel

/// Puts the statements of all changes in an order, with what each has to wait for.
///
/// A node is a resource with its statements, which run one after the other. A node waits for the nodes it needs; nodes
/// without statements pass that on. `before` statements come before the main ones of everything connected, `after`
/// statements after them. Drops come last, all after everything else, except those that free something.
struct StepBuilder {
  struct Node {
    var statements: [Statement] = []
    var isDrop = false
  }

  /// A statement in its place.
  struct Draft {
    var node: Int
    var statement: Statement
    /// Indices of drafts, always smaller than the draft's own.
    var dependsOn: [Int]
  }

  private var nodes: [Node]
  private var graph: DependencyGraph
  private(set) var drafts: [Draft] = []
  /// Per node its drafts; a statement shared by several nodes (`once`) is in each.
  private(set) var draftsOf: [[Int]] = []
  private var once: [String: Int] = [:]
  /// Per node: the drafts that what needs it has to wait for.
  private var frontier: [[Int]] = []
  private var lastBefore: [Int?] = []
  private var lastMain: [Int?] = []
  /// Per node: further drafts that its main, or after, statements wait for.
  private var waitMain: [Int: [Int]] = [:]
  private var waitAfter: [Int: [Int]] = [:]
  private var hasAfter: [Bool] = []

  init(_ nodes: [Node]) {
    self.nodes = nodes
    graph = DependencyGraph(nodes: nodes.count)
  }

  /// Says that `node` needs `other` to be done. Soft needs give way to hard ones.
  mutating func add(_ node: Int, needs other: Int, soft: Bool = false) { graph.add(node, needs: other, soft: soft) }

  /// Adds a node without statements, that gathers others.
  mutating func addNode() -> Int {
    nodes.append(Node())
    return graph.addNode()
  }

  /// - Parameter opened: objects on which grants come as early as they can, because what is done in them may need those.
  mutating func build(opening opened: Set<SQLObject> = []) {
    let count = nodes.count
    let order = grantsFirst(graph.sort().order, opened)
    draftsOf = Array(repeating: [], count: count)
    frontier = Array(repeating: [], count: count)
    lastBefore = Array(repeating: nil, count: count)
    lastMain = Array(repeating: nil, count: count)
    hasAfter = nodes.map { $0.statements.contains { $0.phase == .after } }
    let late = lateDrops(order)
    for node in order { emitBefore(node) }
    for node in order where !late[node] { emitMain(node) }
    for node in order where !late[node] { emitAfter(node) }
    let firstLate = drafts.count
    for node in order where late[node] { emitMain(node) }
    for node in order where late[node] { emitAfter(node) }
    holdBack(from: firstLate)
  }

  /// The order with what grants roles, and what that needs, first: a statement may need a role that the login only
  /// has through such a grant. Then what opens an object, the account before databases, those before schemas.
  private func grantsFirst(_ order: [Int], _ opened: Set<SQLObject>) -> [Int] {
    let last = 3
    var ranks = nodes.map { node in
      node.isDrop ? last : node.statements.lazy.flatMap(\.effects).map { Self.rank($0, opened) }.min() ?? last
    }
    guard ranks.contains(where: { $0 < last }) else { return order }
    for node in order.reversed() {
      for edge in graph.edges[node] { ranks[Int(edge.to)] = min(ranks[Int(edge.to)], ranks[node]) }
    }
    return (0...last).flatMap { rank in order.filter { ranks[$0] == rank } }
  }

  private static func rank(_ effect: AccountEffect, _ opened: Set<SQLObject>) -> Int {
    switch effect {
    case .roleGranted: 0
    case .granted(_, let object, _, _) where opened.contains(object):
      object == .account ? 0 : object.type == "DATABASE" ? 1 : 2
    default: 3
    }
  }

  /// The drops that nothing else waits for.
  private func lateDrops(_ order: [Int]) -> [Bool] {
    var late = nodes.map(\.isDrop)
    for node in order.reversed() where !late[node] {
      for edge in graph.edges[node] { late[Int(edge.to)] = false }
    }
    return late
  }

  /// The first drop waits for everything before the drops, the others for the first: nothing is taken away unless all
  /// the rest went well.
  private mutating func holdBack(from firstLate: Int) {
    guard firstLate > 0, firstLate < drafts.count else { return }
    var isAwaited = [Bool](repeating: false, count: firstLate)
    for draft in drafts[..<firstLate] { for index in draft.dependsOn { isAwaited[index] = true } }
    let last = (0..<firstLate).filter { !isAwaited[$0] }
    drafts[firstLate].dependsOn = Array(Set(drafts[firstLate].dependsOn + last)).sorted()
    for index in drafts.indices.dropFirst(firstLate + 1)
    where !drafts[index].dependsOn.contains(where: { $0 >= firstLate }) {
      drafts[index].dependsOn.append(firstLate)
    }
  }

  // MARK: Emitting

  private mutating func emitBefore(_ node: Int) {
    guard nodes[node].statements.contains(where: { $0.phase == .before }) else { return }
    let needs = graph.edges[node].map { Int($0.to) }
    let last = emit(node, .before, after: needs.compactMap { lastBefore[$0] })
    lastBefore[node] = last
    if let last { for other in needs { waitMain[other, default: []].append(last) } }
  }

  private mutating func emitMain(_ node: Int) {
    let needs = graph.edges[node].map { Int($0.to) }
    var start: [Int] = []
    if needs.count == 1 {
      start = frontier[needs[0]]
    } else if needs.contains(where: { !frontier[$0].isEmpty }) {
      start = Array(Set(needs.flatMap { frontier[$0] })).sorted()
    }
    guard !nodes[node].statements.isEmpty else {
      frontier[node] = start
      return
    }
    var wait = start + (waitMain[node] ?? [])
    if let before = lastBefore[node] { wait.append(before) }
    let last = emit(node, .main, after: wait)
    lastMain[node] = last
    if let last {
      frontier[node] = [last]
      for other in needs where hasAfter[other] { waitAfter[other, default: []].append(last) }
    } else {
      frontier[node] = lastBefore[node].map { start + [$0] } ?? start
    }
  }

  private mutating func emitAfter(_ node: Int) {
    guard hasAfter[node] else { return }
    var wait = waitAfter[node] ?? []
    if let main = lastMain[node] { wait.append(main) } else { wait += frontier[node] }
    _ = emit(node, .after, after: wait)
  }

  /// Adds the node's statements of a phase, one after the other; answers the last.
  private mutating func emit(_ node: Int, _ phase: Statement.Phase, after wait: [Int]) -> Int? {
    var wait = wait
    var last: Int?
    for statement in nodes[node].statements where statement.phase == phase {
      if let key = statement.once, let known = once[key] {
        draftsOf[node].append(known)
        wait = [known] + (last.map { [$0] } ?? wait)
        last = known
        continue
      }
      let index = drafts.count
      if let key = statement.once { once[key] = index }
      let dependsOn = wait.count > 1 ? Array(Set(wait)).sorted() : wait
      drafts.append(Draft(node: node, statement: statement, dependsOn: dependsOn))
      draftsOf[node].append(index)
      wait = [index]
      last = index
    }
    return last
  }
}
