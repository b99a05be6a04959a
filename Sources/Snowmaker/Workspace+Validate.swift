import Configuration
import SnowmakerCore
public import SnowmakerModel

extension Workspace {
  /// Everything that can be found wrong without an account: plugins, configuration, the providers' own rules, and the
  /// graph's cycles.
  public func validate() async -> [Diagnostic] {
    var found = diagnostics
    let graph = ResourceGraph(configuration.declarations.map(Resource.init), types: providers.types)
    found += graph.diagnostics
    found += await providersRules(graph, context: RequestContext())
    return found.sorted { left, right in
      switch (left.position, right.position) {
      case (let a?, let b?): a < b
      case (nil, _?): true
      default: false
      }
    }
  }

  /// What the providers find wrong with the configuration's resources, which make up `graph`.
  func providersRules(_ graph: ResourceGraph, context: RequestContext) async -> [Diagnostic] {
    var found: [Diagnostic] = []
    var byType: [String: [Int]] = [:]
    for (number, resource) in graph.resources.enumerated()
    where providers.types[resource.address.type]?.validates == true {
      byType[resource.address.type, default: []].append(number)
    }
    for (type, numbers) in byType.sorted(by: { $0.key < $1.key }) {
      let declared = numbers.map { number in
        let resource = graph.resources[number]
        return DeclaredResource(identity: resource.address.identity, attributes: .object(resource.attributes))
      }
      do throws(Diagnostic) {
        let results = try await providers.validate(declared, type: type, context: context)
        for (number, diagnostics) in zip(numbers, results) {
          found += diagnostics.map { placed($0, configuration.declarations[number]) }
        }
      } catch {
        found.append(error)
      }
    }
    return found
  }

  /// A provider's diagnostic with the place of what it is about.
  private func placed(_ diagnostic: Diagnostic, _ declaration: Declaration) -> Diagnostic {
    var diagnostic = diagnostic
    if diagnostic.position == nil {
      diagnostic.position =
        diagnostic.path.isEmpty ? declaration.position : declaration.position(of: diagnostic.path)
    }
    diagnostic.address = diagnostic.address ?? declaration.address
    return diagnostic
  }
}
