import Configuration
import SnowmakerCore
import SnowmakerModel

// Configuration and planning know nothing of each other: here the one's words become the other's.

extension Resource {
  /// A declaration, as the planner takes it.
  init(_ declaration: Declaration) {
    var lifecycle = Resource.Lifecycle(
      preventDestroy: declaration.lifecycle.preventDestroy,
      ignoreChanges: declaration.lifecycle.ignoreChanges.sorted(),
      keepsReleased: declaration.lifecycle.onRelease == .keep)
    if declaration.lifecycle.ignoresAllChanges { lifecycle.ignoreChanges = declaration.attributes.map(\.key) }
    var positions: [String: SourcePosition] = [:]
    for field in declaration.attributes { positions[field.key] = declaration.position(of: [field.key]) }
    self.init(
      address: declaration.address, attributes: declaration.attributes, lifecycle: lifecycle,
      renamedFrom: declaration.renamedFrom?.identity, dependsOn: declaration.dependsOn, position: declaration.position,
      positions: positions)
    renamesOnlyManaged = declaration.renamesOnlyManaged
    composites = declaration.composites
  }
}

extension Workspace {
  /// The declared composites, as the planner takes them. What a plugin makes of one follows from what is written and
  /// from the plugin's own configuration.
  var plannedComposites: [Address: PlannedComposite] {
    configuration.composites.mapValues { composite in
      let plugin = registry.owner(ofType: composite.address.type)?.name ?? ""
      return PlannedComposite(
        source: ["written": composite.written, "configuration": configuration.project.providers[plugin] ?? .null],
        plugin: plugin)
    }
  }
}

extension Project.MaxDrops {
  var planned: SnowmakerCore.MaxDrops {
    switch self {
    case .count(let count): .count(count)
    case .percent(let percent): .percent(percent)
    }
  }
}

extension Project.Exclusive {
  /// The scope, with the type as the planner names it.
  func planned(_ types: [String: TypeSchema]) -> ExclusiveScope {
    ExclusiveScope(type: types.singular(type), container: scope)
  }
}

extension Project.IgnorePattern {
  /// The pattern, with the type as the planner names it.
  func planned(_ types: [String: TypeSchema]) -> SnowmakerCore.IgnorePattern {
    SnowmakerCore.IgnorePattern(
      type: type.map(types.singular), name: name, owner: owner, schema: schema, database: database)
  }
}

extension [String: TypeSchema] {
  /// The type that a user means by its name or its plural.
  fileprivate func singular(_ word: String) -> String {
    let word = word.lowercased()
    return self[word]?.type ?? values.first { $0.plural == word }?.type ?? word
  }
}
