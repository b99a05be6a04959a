public import SnowmakerModel

/// What the plugins that are found bring, for listing and completing. A plugin is only loaded when its file was never seen
/// before: its manifest is kept by the digest of the file.
public struct PluginCatalog: Sendable {
  /// A plugin and what it says of itself.
  public struct Entry: Sendable {
    /// Its file.
    public let file: PluginFile
    /// What it says of itself.
    public let manifest: Manifest
    /// The SHA-256 of its file, in hexadecimal.
    public let sha256: String
    /// Who signed it, when that is somebody who is trusted.
    public let signer: TrustFile.Key?
    /// What the project's lock file says of it.
    public let lock: LockStanding
    /// Whether it runs in child processes.
    public let isIsolated: Bool
    /// Whether it may use the network there: it asks to, and the user granted it.
    public let hasNetwork: Bool
    /// Its name.
    public var name: String { file.name }
  }

  /// The plugins, by name.
  public let entries: [Entry]
  /// The plugins that were found and cannot be used, and why.
  public let refusals: [PluginRefusal]
  /// The folders that were asked for and cannot be searched.
  public let unsearchable: [PluginSearchPath.Unsearchable]
  /// What the user should know but need not act on.
  public let notes: [String]

  /// Finds, checks and describes the plugins on `path`.
  ///
  /// - Parameters:
  ///   - path: where to look.
  ///   - allowsInsecure: whether files that others could change are taken, with a note.
  ///   - trust: whose signatures count, and the project's lock file, which is only compared unless it is needed.
  ///   - isolation: where a plugin runs that must be loaded to be described.
  ///   - environment: reads a variable; tells where manifests are kept.
  public static func read(
    from path: PluginSearchPath = .standard(), allowsInsecure: Bool = false, trust: PluginTrust = .none,
    isolation: PluginIsolation = .resolved(), environment: (String) -> String? = PluginSearchPath.variable
  ) -> PluginCatalog {
    let found = path.search()
    let cache = ManifestCache.standard(environment: environment)
    var choice = PluginChoice()
    let files = choice.chosen(from: found.files)
    var notes = choice.notes + found.emptyNotes
    var refusals = choice.refusals
    var claims = TypeClaims()
    var entries: [Entry] = []
    let loader = PluginLoader(
      admission: Admission(allowsInsecure: allowsInsecure, trust: trust), sink: { _ in }, isolation: isolation)
    for file in files {
      do throws(PluginRefusal) {
        let (ticket, sha256) = try loader.admission.admitWithDigest(file)
        let manifest: Manifest
        if let known = cache.manifest(of: file.name, sha256: sha256) {
          manifest = known
        } else {
          let plugin = try loader.load(file)
          // What was described must be what was hashed.
          guard try plugin.sha256() == sha256 else { throw PluginRefusal(file, .changed) }
          manifest = plugin.manifest
          cache.keep(manifest, sha256: sha256)
        }
        try claims.add(manifest, of: file)
        if let tolerated = ticket.tolerated { notes.append("\(tolerated) (let pass by --allow-insecure-plugins)") }
        entries.append(
          Entry(
            file: file, manifest: manifest, sha256: sha256, signer: ticket.signer,
            lock: trust.lockStanding(of: file, sha256: sha256),
            isIsolated: isolation.applies(isBundled: file.origin == .bundled),
            hasNetwork: isolation.networkGrants.contains(file.name)
              && manifest.requires.contains(IsolatedTransport.network)))
      } catch {
        refusals.append(error)
      }
    }
    return PluginCatalog(
      entries: entries.sorted { $0.name < $1.name }, refusals: refusals, unsearchable: found.unsearchable, notes: notes)
  }

  /// What is wrong, one sentence each.
  public var problems: [String] { unsearchable.map(\.description) + refusals.map(\.description) }

  /// Every type, by name.
  public var types: [TypeSchema] { entries.flatMap(\.manifest.types).sorted { $0.type < $1.type } }

  /// The functions by provider, as expressions write that.
  public var functions: [(provider: String, functions: [FunctionSchema])] {
    entries.filter { !$0.manifest.functions.isEmpty }
      .map { (FunctionLibrary.provider($0.name), $0.manifest.functions) }.sorted { $0.0 < $1.0 }
  }

  /// The plugin called `name`, nil when there is none.
  public func plugin(named name: String) -> Entry? { entries.first { $0.name == name } }

  /// The plugin that brings `type`, nil when none does.
  public func owner(ofType type: String) -> Entry? {
    entries.first { $0.manifest.types.contains { $0.type == type } }
  }
}
