extension PluginIsolation {
  /// What a project's files say about isolation. They may come from someone else, so they can tighten and not loosen.
  public struct ProjectSettings: Hashable, Sendable {
    /// Whether all plugins are isolated, bundled ones too.
    public var always: Bool
    /// Seconds for a call, nil for the usual ones.
    public var seconds: Int?
    /// MiB of memory, nil for the usual ones.
    public var memory: Int?

    /// Nothing, unless said otherwise.
    public init(always: Bool = false, seconds: Int? = nil, memory: Int? = nil) {
      self.always = always
      self.seconds = seconds
      self.memory = memory
    }
  }

  /// The environment variables that are read.
  public enum Variable: String, CaseIterable, Sendable {
    /// `never`, `untrusted` or `always`.
    case mode = "SNOWMAKER_ISOLATE"
    /// Seconds for a call.
    case seconds = "SNOWMAKER_PLUGIN_TIMEOUT"
    /// MiB of memory.
    case memory = "SNOWMAKER_PLUGIN_MEMORY"
    /// Names of plugins whose APPLY may use the network, separated by commas.
    case network = "SNOWMAKER_ALLOW_NETWORK"
  }

  /// What counts: what the user asks for goes before the environment, that before the project, that before the defaults.
  /// What makes no sense is in `problems`, and isolates everything.
  ///
  /// - Parameters:
  ///   - mode: `--isolate`, nil when it was not given.
  ///   - networkGrants: the plugins named by `--allow-network`.
  ///   - project: what the project's files say.
  ///   - environment: reads a variable.
  public static func resolved(
    mode: Mode? = nil, networkGrants: [String] = [], project: ProjectSettings = ProjectSettings(),
    environment: (String) -> String? = PluginSearchPath.variable
  ) -> PluginIsolation {
    var isolation = PluginIsolation()
    if project.always { isolation.mode = .always }
    if let seconds = project.seconds { isolation.limits.seconds = seconds }
    if let memory = project.memory { isolation.limits.memory = memory }

    func text(_ variable: Variable) -> String? {
      environment(variable.rawValue).flatMap { $0.isEmpty ? nil : $0 }
    }
    func number(_ variable: Variable, _ range: ClosedRange<Int>) -> Int? {
      guard let text = text(variable) else { return nil }
      if let number = Int(text), range.contains(number) { return number }
      isolation.problems.append(
        "\(variable.rawValue) is '\(text)'; it takes a number from \(range.lowerBound) to \(range.upperBound)")
      return nil
    }
    if let text = text(.mode) {
      isolation.mode = Mode(rawValue: text) ?? .always
      if Mode(rawValue: text) == nil {
        isolation.problems.append(
          "\(Variable.mode.rawValue) is '\(text)'; it takes \(Mode.allCases.map(\.rawValue).joined(separator: ", "))")
      }
    }
    isolation.limits.seconds = number(.seconds, PluginLimits.secondsRange) ?? isolation.limits.seconds
    isolation.limits.memory = number(.memory, PluginLimits.memoryRange) ?? isolation.limits.memory
    let listed = (text(.network) ?? "").split(separator: ",").map { $0.filter { $0 != " " } }
    isolation.networkGrants = Set(networkGrants + listed)
    if let mode { isolation.mode = mode }
    return isolation
  }
}
