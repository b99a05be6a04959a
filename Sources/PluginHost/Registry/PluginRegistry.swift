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
  /// Which plugins are isolated.
  public let isolation: PluginIsolation
  /// The functions of the plugins in use.
  public let functions: FunctionLibrary
  private let ownerOfType: [String: LoadedPlugin]
  private let schemaOfType: [String: TypeSchema]

  init(_ builder: RegistryBuilder) {
    plugins = builder.plugins.sorted { $0.name < $1.name }
    refusals = builder.refusals
    unsearchable = builder.unsearchable
    notes = builder.notes
    isolation = builder.isolation
    types = plugins.flatMap(\.manifest.types).sorted { $0.type < $1.type }
    functions = FunctionLibrary(plugins)
    ownerOfType = builder.owners
    schemaOfType = Dictionary(types.map { ($0.type, $0) }) { first, _ in first }
  }

  /// Finds, checks and loads the plugins on `path`. Never fails: what cannot be used is in `refusals`.
  ///
  /// - Parameters:
  ///   - path: where to look.
  ///   - allowsInsecure: whether files that others could change are loaded (`--allow-insecure-plugins`), with a note.
  ///   - isolation: which plugins run in a child process, and what they may take there.
  ///   - log: where plugins' lines go.
  public static func load(
    from path: PluginSearchPath = .standard(), allowsInsecure: Bool = false, isolation: PluginIsolation = .resolved(),
    log: @escaping PluginLogSink = PluginLog.standardError
  ) -> PluginRegistry {
    var builder = RegistryBuilder()
    builder.isolation = isolation
    let found = path.search()
    builder.unsearchable = found.unsearchable
    builder.notes = found.empty.map {
      "the plugin folder \($0.path) (--plugin-dir) has no plugin: no \(PluginFile.fileName(for: "*"))"
    }
    let loader = PluginLoader(admission: Admission(allowsInsecure: allowsInsecure), sink: log, isolation: isolation)
    for result in loader.load(builder.chosen(from: found.files)) {
      do throws(PluginRefusal) { try builder.add(result.get()) } catch { builder.refusals.append(error) }
    }
    return PluginRegistry(builder)
  }

  /// The plugin that brings `type`, nil when none does.
  public func owner(ofType type: String) -> LoadedPlugin? { ownerOfType[type] }

  /// The schema of `type`, nil when no plugin brings it.
  public func schema(ofType type: String) -> TypeSchema? { schemaOfType[type] }

  /// The plugin called `name`, nil when there is none.
  public func plugin(named name: String) -> LoadedPlugin? { plugins.first { $0.name == name } }

  /// What all calls into all plugins have cost so far.
  public var statistics: CallStatistics { plugins.reduce(CallStatistics()) { $0 + $1.statistics } }

  /// What is wrong, one sentence each; empty when every plugin that was found is in use.
  public var problems: [String] { isolation.problems + unsearchable.map(\.description) + refusals.map(\.description) }
}

/// Puts a registry together: one plugin per name, one owner per type, one type per key.
struct RegistryBuilder {
  var plugins: [LoadedPlugin] = []
  var refusals: [PluginRefusal] = []
  var unsearchable: [PluginSearchPath.Unsearchable] = []
  var notes: [String] = []
  var isolation = PluginIsolation()
  private(set) var owners: [String: LoadedPlugin] = [:]
  private var takers: [Key: (plugin: LoadedPlugin, type: String)] = [:]

  /// A key that configuration writes a type under: at the top, or in a resource of another type.
  private struct Key: Hashable {
    var parent: String?
    var key: String
  }

  /// Of several files with one name, the one to load: one given by `--plugin-dir` goes before all others, with a note;
  /// any other second one is refused.
  mutating func chosen(from files: [PluginFile]) -> [PluginFile] {
    var chosen: [PluginFile] = []
    for file in files {
      guard let first = chosen.first(where: { $0.name == file.name }) else {
        chosen.append(file)
        continue
      }
      if first.origin == .option, file.origin != .option {
        notes.append("plugin '\(file.name)' is taken from \(first.path) (--plugin-dir) instead of \(file.path)")
      } else {
        refusals.append(PluginRefusal(file, .duplicate(of: first.path)))
      }
    }
    return chosen
  }

  /// Takes the plugin in. Throws when it brings what another one already brings.
  mutating func add(_ plugin: LoadedPlugin) throws(PluginRefusal) {
    var keys: [Key: (plugin: LoadedPlugin, type: String)] = [:]
    for type in plugin.manifest.types {
      if let owner = owners[type.type] {
        throw PluginRefusal(plugin.file, .typeTaken(type: type.type, by: owner.name, at: owner.file.path))
      }
      for key in Self.keys(of: type) {
        if let taker = takers[key] ?? keys[key] {
          throw PluginRefusal(
            plugin.file,
            .keyTaken(
              key: key.parent.map { "\(key.key)' inside '\($0)" } ?? key.key, type: type.type, by: taker.plugin.name,
              at: taker.plugin.file.path, otherType: taker.type))
        }
        keys[key] = (plugin, type.type)
      }
    }
    for type in plugin.manifest.types { owners[type.type] = plugin }
    takers.merge(keys) { first, _ in first }
    plugins.append(plugin)
    for permission in plugin.withheld {
      notes.append(
        permission == IsolatedTransport.network
          ? "plugin '\(plugin.name)' (\(plugin.file.path)) is kept from the network, which it requires; if you trust it "
            + "with that, pass --allow-network \(plugin.name) or set \(PluginIsolation.Variable.network.rawValue)"
          : "plugin '\(plugin.name)' (\(plugin.file.path)) requires '\(permission)', which this snowmaker cannot grant")
    }
    if let tolerated = plugin.tolerated { notes.append("\(tolerated) (let pass by --allow-insecure-plugins)") }
  }

  private static func keys(of type: TypeSchema) -> Set<Key> {
    Set(
      type.forms.map { form in
        switch form {
        case .plural(let key), .pairs(let key, _, _): Key(parent: nil, key: key)
        case .nested(let parent, let key, _): Key(parent: parent, key: key)
        }
      })
  }
}
