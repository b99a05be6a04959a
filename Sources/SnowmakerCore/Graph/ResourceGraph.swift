public import SnowmakerModel

/// The declared resources and what each needs before it.
///
/// Edges come from the containers in identities, from reference attributes and from `depends_on`. Edges that only order
/// creations (`before-creates-in`, `after-creates-in`) are kept apart: they matter for what a plan creates.
public struct ResourceGraph: Sendable {
  /// The resources as they were given; every index refers to this list.
  public let resources: [Resource]
  /// Where each address is in `resources`.
  public let index: [Address: Int]
  /// Indices of `resources`, each after everything it needs; otherwise in the order given.
  public let order: [Int]
  /// References to what the configuration does not declare: the account must have it.
  public let undeclared: [UndeclaredReference]
  /// Cycles, duplicate names, unknown types.
  public let diagnostics: [Diagnostic]
  /// Per resource: what it needs.
  let edges: [[Edge]]
  /// Scope → the resources that come before, or after, everything that is created beneath it.
  let beforeCreates: [Address: [Int]]
  let afterCreates: [Address: [Int]]
  let types: TypeIndex

  /// A reference, or a container, that is not declared.
  public struct UndeclaredReference: Sendable {
    /// Index of the resource that refers.
    public var resource: Int
    /// The attribute path, joined with dots.
    public var path: String
    /// What the name may mean: it must exist as one of these. Empty when no loaded type matches.
    public var candidates: [Address]
  }

  /// Why a resource needs another.
  struct Edge: Sendable {
    var to: Int
    /// Dropping or replacing the target takes this one along.
    var goesAlong: Bool
  }

  /// The graph of the resources; mistakes are in `diagnostics`.
  public init(_ resources: [Resource], types: [String: TypeSchema]) {
    self.init(resources, index: TypeIndex(types))
  }

  init(_ resources: [Resource], index types: TypeIndex) {
    var builder = GraphBuilder(resources: resources, types: types)
    builder.build()
    self.types = types
    self.resources = resources
    index = builder.index
    edges = builder.edges
    undeclared = builder.undeclared
    beforeCreates = builder.beforeCreates
    afterCreates = builder.afterCreates
    var graph = DependencyGraph(nodes: resources.count)
    for (node, edges) in builder.edges.enumerated() { for edge in edges { graph.add(node, needs: edge.to) } }
    let sorted = graph.sort()
    order = sorted.order
    diagnostics =
      builder.diagnostics + sorted.cycles.map { Self.cycleError(graph.cycle(in: $0).map { resources[$0] }) }
  }

  /// The addresses of what a resource needs and is declared, without repetitions.
  public func prerequisites(of index: Int) -> [Address] {
    var seen: Set<Int> = []
    return edges[index].filter { seen.insert($0.to).inserted }.map { resources[$0.to].address }
  }

  private static func cycleError(_ members: [Resource]) -> Diagnostic {
    let names = members.map(\.address.description)
    let lines = members.enumerated().map { number, member in
      let next = names[(number + 1) % names.count]
      let place = member.position.map { " (\($0.file):\($0.line))" } ?? ""
      return "\(names[number])\(place) needs \(next)"
    }
    return .error(
      "these resources need each other: \((names + names.prefix(1)).joined(separator: " → "))",
      detail: lines.joined(separator: "\n") + "\nTake one of these references or depends_on entries out.",
      code: "cycle", address: members.first?.address, position: members.first?.position)
  }
}

/// Collects the edges.
private struct GraphBuilder {
  let resources: [Resource]
  let types: TypeIndex
  var index: [Address: Int] = [:]
  var edges: [[ResourceGraph.Edge]] = []
  var undeclared: [ResourceGraph.UndeclaredReference] = []
  var beforeCreates: [Address: [Int]] = [:]
  var afterCreates: [Address: [Int]] = [:]
  var diagnostics: [Diagnostic] = []

  init(resources: [Resource], types: TypeIndex) {
    self.resources = resources
    self.types = types
  }

  mutating func build() {
    index.reserveCapacity(resources.count)
    edges = Array(repeating: [], count: resources.count)
    var names: [Address: Int] = [:]
    for (number, resource) in resources.enumerated() {
      guard let facts = types[resource.address.type] else {
        diagnostics.append(unknownType(resource))
        continue
      }
      if let first = index.updateValue(number, forKey: resource.address) {
        index[resource.address] = first
        diagnostics.append(duplicate(resource, resources[first]))
      } else if facts.schema.namespace != facts.schema.type {
        let name = Address(facts.schema.namespace, resource.address.identity)
        if let first = names.updateValue(number, forKey: name) {
          diagnostics.append(duplicate(resource, resources[first]))
        }
      }
    }
    for number in resources.indices { connect(number) }
  }

  private mutating func connect(_ number: Int) {
    let resource = resources[number]
    guard let facts = types[resource.address.type] else { return }
    for part in facts.containers where part.index < resource.address.identity.count {
      let identity = resource.address.identity
      let container = Address(part.type, part.index == 0 ? [identity[0]] : Array(identity[0...part.index]))
      need(number, [container], path: facts.schema.identity[part.index].attribute, goesAlong: true)
    }
    if !facts.references.isEmpty {
      types.references(in: resource.attributes, of: resource.address.type) { found in
        guard !found.candidates.isEmpty else {
          // Of an object whose type nobody knows, the schema or database is known.
          guard found.isUnknown, let place = found.object?.securable.container.map(SQLObject.init) else { return }
          let containers = types.candidates(place.name, sqlType: place.type)
          if !containers.isEmpty { need(number, containers, path: found.path, goesAlong: true) }
          return
        }
        let edge = found.attribute.edge
        let goesAlong = edge == .containedIn || found.attribute.onTargetDrop == .absorbed
        let target = need(number, found.candidates, path: found.path, goesAlong: goesAlong)
        switch edge {
        case .beforeCreatesIn: beforeCreates[target, default: []].append(number)
        case .afterCreatesIn: afterCreates[target, default: []].append(number)
        case .containedIn, .uses, .grantee: break
        }
      }
    }
    for address in resource.dependsOn {
      if let to = index[address] {
        edges[number].append(.init(to: to, goesAlong: false))
      } else {
        undeclared.append(.init(resource: number, path: "depends_on", candidates: [address]))
      }
    }
  }

  /// Adds the edge to the declared one of the candidates, or remembers that none is; answers what the name means.
  @discardableResult
  private mutating func need(_ number: Int, _ candidates: [Address], path: String, goesAlong: Bool) -> Address {
    for address in candidates {
      guard let to = index[address] else { continue }
      edges[number].append(.init(to: to, goesAlong: goesAlong))
      return address
    }
    for address in candidates {
      guard let parent = types.implicitParent(of: address, where: { index[$0] != nil }), let to = index[parent] else {
        continue
      }
      edges[number].append(.init(to: to, goesAlong: goesAlong))
      return address
    }
    undeclared.append(.init(resource: number, path: path, candidates: candidates))
    return candidates[0]
  }

  private func unknownType(_ resource: Resource) -> Diagnostic {
    .error(
      "no loaded plugin brings the type '\(resource.address.type)'",
      detail: Spelling.closest(to: resource.address.type, in: types.schemas.keys.sorted(), oneIn: 4).map {
        "Did you mean '\($0)'?"
      }
        ?? "", code: "unknown-type", address: resource.address, position: resource.position)
  }

  private func duplicate(_ resource: Resource, _ first: Resource) -> Diagnostic {
    let place = first.position.map { " at \($0)" } ?? ""
    return .error(
      "\(resource.address) has the name of \(first.address)", detail: "The first is declared\(place).",
      code: "duplicate",
      address: resource.address, position: resource.position)
  }
}
