/// A directed graph of numbered nodes, from each node to what it needs first.
struct DependencyGraph {
  /// Something a node needs. Soft edges give way when they would close a cycle.
  struct Edge {
    var to: Int32
    var isSoft: Bool
  }

  private(set) var edges: [[Edge]]

  init(nodes: Int) { edges = Array(repeating: [], count: nodes) }

  var nodeCount: Int { edges.count }

  /// Adds a node, e.g. one that stands for a whole group; answers its number.
  mutating func addNode() -> Int {
    edges.append([])
    return edges.count - 1
  }

  /// Says that `node` needs `other` first.
  mutating func add(_ node: Int, needs other: Int, soft: Bool = false) {
    guard node != other else { return }
    edges[node].append(Edge(to: Int32(other), isSoft: soft))
  }

  /// The nodes with what they need before them, in the order of their numbers otherwise; and the groups of nodes that
  /// need each other, which stand in the order as they were met.
  ///
  /// Removes the soft edges that would have been part of a cycle.
  mutating func sort() -> (order: [Int], cycles: [[Int]]) {
    let first = components()
    guard !first.cycles.isEmpty else { return first }
    var group: [Int: Int] = [:]
    for (number, cycle) in first.cycles.enumerated() { for node in cycle { group[node] = number } }
    var removed = false
    for cycle in first.cycles {
      for node in cycle {
        let before = edges[node].count
        edges[node].removeAll { $0.isSoft && group[Int($0.to)] == group[node] }
        if edges[node].count != before { removed = true }
      }
    }
    return removed ? components() : first
  }

  /// Tarjan's algorithm without recursion: components come out with what they need before them.
  private func components() -> (order: [Int], cycles: [[Int]]) {
    let count = edges.count
    var number = [Int32](repeating: 0, count: count)  // 0: not met yet
    var low = [Int32](repeating: 0, count: count)
    var onStack = [Bool](repeating: false, count: count)
    var stack: [Int] = []
    var path: [(node: Int, edge: Int)] = []
    var next: Int32 = 1
    var order: [Int] = []
    order.reserveCapacity(count)
    var cycles: [[Int]] = []
    for start in 0..<count where number[start] == 0 {
      path.append((start, 0))
      while let (node, edge) = path.last {
        if edge == 0 {
          number[node] = next
          low[node] = next
          next += 1
          stack.append(node)
          onStack[node] = true
        }
        if edge < edges[node].count {
          path[path.count - 1].edge += 1
          let to = Int(edges[node][edge].to)
          if number[to] == 0 {
            path.append((to, 0))
          } else if onStack[to] {
            low[node] = min(low[node], number[to])
          }
          // A node without a number is entered with edge 0, so nothing more is to do here.
          continue
        }
        path.removeLast()
        if let parent = path.last?.node { low[parent] = min(low[parent], low[node]) }
        guard low[node] == number[node] else { continue }
        var members: [Int] = []
        while let member = stack.popLast() {
          onStack[member] = false
          members.append(member)
          if member == node { break }
        }
        members.reverse()
        order += members
        if members.count > 1 { cycles.append(members) }
      }
    }
    return (order, cycles)
  }

  /// One cycle through the nodes of a group that need each other: each needs the next, the last needs the first.
  func cycle(in group: [Int]) -> [Int] {
    let members = Set(group)
    guard let start = group.min() else { return [] }
    // Breadth first from the start back to the start: the shortest cycle through it.
    var cameFrom: [Int: Int] = [:]
    var open = [start]
    var at = 0
    while at < open.count {
      let node = open[at]
      at += 1
      for edge in edges[node] where members.contains(Int(edge.to)) {
        let to = Int(edge.to)
        if to == start {
          var path = [node]
          while let last = path.last, last != start, let before = cameFrom[last] { path.append(before) }
          return path.reversed()
        }
        if cameFrom[to] == nil {
          cameFrom[to] = node
          open.append(to)
        }
      }
    }
    return group
  }
}
