public import SnowmakerModel

/// The plugins of this process and what they bring; every type has exactly one owner.
public final class PluginRegistry: Sendable {
  /// The plugins in use, by name.
  public let plugins: [LoadedPlugin]
  /// The plugins that were found and are not used, and why.
  public let refusals: [PluginRefusal]
  /// The folders that were asked for and cannot be searched.
  public let unsearchable: [PluginSearchPath.Unsearchable]
  /// What the user should know but need not act on.
  public let notes: [String]
  /// Every type in use, by name.
  public let types: [TypeSchema]
  /// The same by name.
  public let schemas: [String: TypeSchema]
  /// Which plugins are isolated.
  public let isolation: PluginIsolation
  /// The functions of the plugins in use.
  public let functions: FunctionLibrary
  private let ownerOfType: [String: LoadedPlugin]

  init(_ builder: RegistryBuilder) {
    plugins = builder.plugins.sorted { $0.name < $1.name }
    refusals = builder.refusals
    unsearchable = builder.unsearchable
    notes = builder.notes
    isolation = builder.isolation
    types = plugins.flatMap(\.manifest.types).sorted { $0.type < $1.type }
    functions = FunctionLibrary(plugins)
    ownerOfType = builder.owners
    schemas = Dictionary(types.map { ($0.type, $0) }) { first, _ in first }
  }

  /// Finds, checks and loads the plugins on `path`. Never fails: what cannot be used is in `refusals`.
  ///
  /// - Parameters:
  ///   - path: where to look.
  ///   - allowsInsecure: whether files that others could change are loaded (`--allow-insecure-plugins`), with a note.
  ///   - trust: what decides whether a file is the one that is meant.
  ///   - isolation: which plugins run in a child process, and what they may take there.
  ///   - log: where plugins' lines go.
  public static func load(
    from path: PluginSearchPath = .standard(), allowsInsecure: Bool = false, trust: PluginTrust = .none,
    isolation: PluginIsolation = .resolved(), log: @escaping PluginLogSink = PluginLog.standardError
  ) -> PluginRegistry {
    var builder = RegistryBuilder()
    builder.isolation = isolation
    let found = path.search()
    builder.unsearchable = found.unsearchable
    var choice = PluginChoice()
    let files = choice.chosen(from: found.files)
    builder.notes = found.emptyNotes + choice.notes
    builder.refusals = choice.refusals
    let loader = PluginLoader(
      admission: Admission(allowsInsecure: allowsInsecure, trust: trust), sink: log, isolation: isolation)
    for result in loader.load(files) {
      do throws(PluginRefusal) { try builder.add(result.get()) } catch { builder.refusals.append(error) }
    }
    return PluginRegistry(builder)
  }

  /// The plugin that brings `type`, nil when none does.
  public func owner(ofType type: String) -> LoadedPlugin? { ownerOfType[type] }

  /// The schema of `type`, nil when no plugin brings it.
  public func schema(ofType type: String) -> TypeSchema? { schemas[type] }

  /// The plugin called `name`, nil when there is none.
  public func plugin(named name: String) -> LoadedPlugin? { plugins.first { $0.name == name } }

  /// What all calls into all plugins have cost so far.
  public var statistics: CallStatistics { plugins.reduce(CallStatistics()) { $0 + $1.statistics } }

  /// What is wrong, one sentence each; empty when every plugin that was found is in use.
  public var problems: [String] { isolation.problems + unsearchable.map(\.description) + refusals.map(\.description) }
}

/// Puts a registry together: one plugin per name, one owner per type, one type per key.
struct RegistryBuilder {
  var isolation = PluginIsolation(mode: .never)
  var plugins: [LoadedPlugin] = []
  var refusals: [PluginRefusal] = []
  var unsearchable: [PluginSearchPath.Unsearchable] = []
  var notes: [String] = []
  private(set) var owners: [String: LoadedPlugin] = [:]
  private var claims = TypeClaims()

  /// Takes the plugin in. Throws when it brings what another one already brings.
  mutating func add(_ plugin: LoadedPlugin) throws(PluginRefusal) {
    try claims.add(plugin.manifest, of: plugin.file)
    for type in plugin.manifest.types { owners[type.type] = plugin }
    plugins.append(plugin)
    if let tolerated = plugin.tolerated { notes.append("\(tolerated) (let pass by --allow-insecure-plugins)") }
  }
}
