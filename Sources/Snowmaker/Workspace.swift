public import Configuration
import Execution
public import PluginHost
public import SnowmakerModel

/// A project with the plugins that are loaded for it: what every command starts from. It has seen no account.
public struct Workspace: Sendable {
  /// The plugins.
  public let registry: PluginRegistry
  /// The configuration for one target, with everything that is wrong with it.
  public let configuration: LoadedConfiguration

  /// What to load.
  public struct Options: Sendable {
    /// A file or a folder.
    public var path: String
    /// The target's name, nil for the project's default.
    public var target: String?
    /// Values of variables, the last one of a name counts.
    public var variables: [(name: String, value: String)]
    /// Folders given with `--plugin-dir`.
    public var pluginFolders: [String]
    /// Load plugins that others could have changed.
    public var allowsInsecurePlugins: Bool
    /// Which plugins run in a child process; nil for what the environment and the project say.
    public var isolation: PluginIsolation.Mode?
    /// The plugins whose APPLY may use the network, if their manifests ask for it.
    public var networkGrants: [String] = []
    /// The process's environment.
    public var environment: [String: String]

    /// Loads the current folder's project.
    public init(
      path: String = ".", target: String? = nil, variables: [(name: String, value: String)] = [],
      pluginFolders: [String] = [], allowsInsecurePlugins: Bool = false, environment: [String: String] = [:]
    ) {
      self.path = path
      self.target = target
      self.variables = variables
      self.pluginFolders = pluginFolders
      self.allowsInsecurePlugins = allowsInsecurePlugins
      self.environment = environment
    }
  }

  /// Loads plugins, then the configuration. Never fails: what is wrong is in `diagnostics`.
  public init(_ options: Options) {
    let (project, problems) = Project.read(at: options.path)
    let (trust, mistrust) = PluginTrust.of(project, needsLock: true)
    registry = PluginRegistry.load(
      from: project.pluginSearchPath(options: options.pluginFolders), allowsInsecure: options.allowsInsecurePlugins,
      trust: trust,
      isolation: .resolved(
        mode: options.isolation, networkGrants: options.networkGrants, project: project.isolationSettings))
    let registry = registry
    let providers = PluginProviders(registry, configurations: project.providers)
    self.providers = providers
    var configuration = Loader.load(
      project, target: options.target, types: registry.types, variables: options.variables,
      environment: options.environment, functions: ProvidedFunctions(registry.functions),
      expand: { try providers.expand($0, context: RequestContext()) },
      upgrade: { type, version, values in try providers.upgrade(values, type: type, version: version) })
    configuration.diagnostics =
      problems + mistrust + Workspace.missing(project, registry) + Workspace.unlocked(trust, registry)
      + configuration.diagnostics
    self.configuration = configuration
  }

  /// Loads the plugins alone.
  public static func plugins(
    folders: [String] = [], project: String = ".", allowsInsecure: Bool = false,
    isolation: PluginIsolation = .resolved()
  ) -> PluginRegistry {
    PluginRegistry.load(
      from: .standard(options: folders, project: project), allowsInsecure: allowsInsecure, isolation: isolation)
  }

  /// The plugins that the project asks for and that were not even found.
  private static func missing(_ project: Project, _ registry: PluginRegistry) -> [Diagnostic] {
    let found = Set(registry.plugins.map(\.name) + registry.refusals.map(\.plugin))
    return project.plugins.filter { !found.contains($0.key) }.sorted { $0.key < $1.key }.map { name, plugin in
      .error(
        "the plugin '\(name)' was not found",
        detail: "put \(PluginFile.fileName(for: name)) into .snowmaker/plugins, ~/.local/share/snowmaker/plugins or a "
          + "folder of plugin_dirs:", code: "plugin", position: plugin.position)
    }
  }

  /// That plugins of `--plugin-dir` are not the ones in the lock file.
  private static func unlocked(_ trust: PluginTrust, _ registry: PluginRegistry) -> [Diagnostic] {
    let names = registry.plugins.filter { $0.file.origin == .option }.map(\.name)
    guard trust.lock != nil, !names.isEmpty else { return [] }
    return [
      .warning(
        "not checked against \(LockFile.fileName), because --plugin-dir has them: \(names.joined(separator: ", "))",
        code: "plugin-dir")
    ]
  }

  /// Everything that is wrong: with plugins first, then with the configuration.
  public var diagnostics: [Diagnostic] {
    registry.problems.map { Diagnostic.error($0, code: "plugin") } + configuration.diagnostics
  }

  /// Whether any of it is an error.
  public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  /// The plugins as reader, planner and configuration call them.
  let providers: PluginProviders
}
