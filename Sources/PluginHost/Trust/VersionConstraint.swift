/// Which versions of a plugin will do: `~> 1.2`, `>= 1.0, < 2.0`, `1.4.0`; by OpenTofu's rules.
///
/// `~> 1.2` allows 1.2 and later but not 2.0; `~> 1.2.3` allows 1.2.3 and later but not 1.3. A prerelease is only allowed by
/// an exact version.
public struct VersionConstraint: Hashable, Sendable, CustomStringConvertible {
  /// As written, with single spaces.
  public let description: String
  private let conditions: [Condition]

  fileprivate enum Operator: String, CaseIterable {
    case atLeast = ">="
    case atMost = "<="
    case pessimistic = "~>"
    case not = "!="
    case above = ">"
    case below = "<"
    case exactly = "="
  }

  fileprivate struct Condition: Hashable {
    var relation: Operator
    var version: PluginVersion
    /// How many numbers were written.
    var precision: Int
  }

  /// Reads a constraint; nil when it is none.
  public init?(_ text: String) {
    var conditions: [Condition] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let part = part.drop { $0 == " " }
      let relation = Operator.allCases.first { part.hasPrefix($0.rawValue) }
      var rest = part.dropFirst(relation?.rawValue.count ?? 0).drop { $0 == " " }
      while rest.last == " " { rest.removeLast() }
      guard let version = PluginVersion(rest) else { return nil }
      let precision = rest.prefix { $0 != "-" && $0 != "+" }.split(separator: ".").count
      conditions.append(Condition(relation: relation ?? .exactly, version: version, precision: precision))
    }
    self.conditions = conditions
    description = text.split(separator: ",").map { $0.split(separator: " ").joined(separator: " ") }
      .joined(separator: ", ")
  }

  /// Whether the version will do.
  public func allows(_ version: PluginVersion) -> Bool {
    guard conditions.allSatisfy({ $0.allows(version) }) else { return false }
    return version.prerelease.isEmpty || conditions.contains { $0.relation == .exactly && $0.version == version }
  }
}

extension VersionConstraint.Condition {
  fileprivate func allows(_ other: PluginVersion) -> Bool {
    switch relation {
    case .exactly: return other == version
    case .not: return other != version
    case .above: return other > version
    case .atLeast: return other >= version
    case .below: return other < version
    case .atMost: return other <= version
    case .pessimistic:
      // All numbers but the last that was written must stay; with one number, all that come later will do.
      let fixed = max(0, precision - 1)
      return other >= version && other.numbers.prefix(fixed) == version.numbers.prefix(fixed)
    }
  }
}
