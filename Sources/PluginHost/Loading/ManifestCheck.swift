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
    if let function = firstDuplicate(manifest.functions.map(\.name)) {
      return "it has the function '\(function)' twice"
    }
    for function in manifest.functions {
      if let problem = problem(in: function) { return "function '\(function.name)': \(problem)" }
    }
    return nil
  }

  private static func problem(in function: FunctionSchema) -> String? {
    if !isName(function.name) { return "its name must be lower-case letters, digits and '_'" }
    if let name = function.parameters.map(\.name).first(where: { !isName($0) }) {
      return "the name of its parameter '\(name)' must be lower-case letters, digits and '_'"
    }
    if let name = firstDuplicate(function.parameters.map(\.name)) { return "it has the parameter '\(name)' twice" }
    return nil
  }

  private static func isName(_ name: String) -> Bool {
    let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    return !name.isEmpty && !digits.contains(name.utf8.first ?? 0)
      && name.utf8.allSatisfy { letters.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "_") }
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
