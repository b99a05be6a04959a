import SnowmakerModel

/// Whether a manifest can be worked with: what the host relies on without looking again.
enum ManifestCheck {
  /// The first contradiction, nil when there is none.
  static func problem(in manifest: Manifest) -> String? {
    if manifest.version.isEmpty { return "its version is empty" }
    if let type = firstDuplicate(manifest.types.map(\.type)) { return "it brings the type '\(type)' twice" }
    for type in manifest.types {
      if let problem = problem(in: type) { return "type '\(type.type)': \(problem)" }
    }
    return nil
  }

  private static func problem(in type: TypeSchema) -> String? {
    if type.type.isEmpty || type.plural.isEmpty { return "its name is empty" }
    if let name = firstDuplicate(type.attributes.flatMap { [$0.name] + $0.aliases }) {
      return "'\(name)' means two attributes"
    }
    if let name = type.attributes.first(where: { $0.name.isEmpty })?.name { return "an attribute is called '\(name)'" }
    let names = Set(type.attributes.map(\.name))
    if let part = type.identity.first(where: { !names.contains($0.attribute) }) {
      return "its identity has '\(part.attribute)', which is no attribute"
    }
    if let group = firstDuplicate(type.reads.map(\.name)) { return "it has the read group '\(group)' twice" }
    return nil
  }

  private static func firstDuplicate(_ names: [String]) -> String? {
    var seen: Set<String> = []
    return names.first { !seen.insert($0).inserted }
  }
}
