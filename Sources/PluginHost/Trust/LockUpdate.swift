/// What `snowmaker init` makes of a lock file: the new one, what changed, and what stands in the way.
public struct LockUpdate: Sendable {
  /// A plugin that was found.
  public struct Found: Sendable {
    /// Its name.
    public var name: String
    /// Its version.
    public var version: String
    /// The SHA-256 of its file.
    public var sha256: String
    /// The id of the trusted key that signed it; nil when none did.
    public var signer: String?

    /// A plugin that was found.
    public init(name: String, version: String, sha256: String, signer: String? = nil) {
      self.name = name
      self.version = version
      self.sha256 = sha256
      self.signer = signer
    }
  }

  /// The lock file to be.
  public private(set) var lock: LockFile
  /// What is different in it, one sentence each.
  public private(set) var changes: [String] = []
  /// Why it must not be written, one sentence each; empty when it may.
  public private(set) var problems: [String] = []
  private let platform: String
  private let upgrades: Bool

  /// Takes `found` into `old` (nil when there is none).
  ///
  /// Hashes of other platforms stay as long as the version does. What differs from the lock file is only taken with
  /// `upgrades`, and said; plugins that are gone are only taken out with it.
  public init(
    _ old: LockFile?, found: [Found], requirements: [String: PluginRequirement], upgrades: Bool,
    platform: String = LockFile.platform
  ) {
    lock = old ?? LockFile()
    self.platform = platform
    self.upgrades = upgrades
    for plugin in found.sorted(by: { $0.name < $1.name }) { take(plugin, requirements[plugin.name]) }
    let names = Set(found.map(\.name))
    for name in requirements.keys.sorted() where !names.contains(name) {
      problems.append("the plugin '\(name)' is asked for by plugins: in snowmaker.yaml and was not found")
    }
    for name in lock.entries.keys.sorted() where !names.contains(name) && requirements[name] == nil {
      if upgrades {
        lock.entries[name] = nil
        changes.append("\(name): taken out, because it was not found")
      } else {
        changes.append("\(name): was not found, and stays locked; 'snowmaker init --upgrade' takes it out")
      }
    }
  }

  private mutating func take(_ plugin: Found, _ requirement: PluginRequirement?) {
    if let constraint = requirement?.version {
      guard let version = PluginVersion(plugin.version), constraint.allows(version) else {
        return problems.append(
          "the plugin '\(plugin.name)' has version \(plugin.version), and snowmaker.yaml asks for \(constraint)")
      }
    }
    var entry = lock.entries[plugin.name] ?? LockFile.Entry(plugin.name, version: plugin.version)
    let isNew = lock.entries[plugin.name] == nil
    let hashes = entry.hashes(of: platform)
    if isNew {
      changes.append("\(plugin.name) \(plugin.version): locked")
    } else if entry.version != plugin.version {
      guard upgrades else {
        return problems.append(
          "the plugin '\(plugin.name)' has version \(plugin.version), and \(entry.version) is locked; "
            + "'snowmaker init --upgrade' takes it")
      }
      let others = Set(entry.hashes.map(\.platform)).subtracting([platform]).sorted()
      changes.append(
        "\(plugin.name): \(entry.version) → \(plugin.version)"
          + (others.isEmpty ? "" : ", and the hashes for \(others.joined(separator: ", ")) are gone: run init there"))
      entry.version = plugin.version
      entry.hashes = []
    } else if !hashes.isEmpty, !hashes.contains(plugin.sha256) {
      guard upgrades else {
        return problems.append(
          "the plugin '\(plugin.name)' is not the file that is locked, although its version \(plugin.version) is the "
            + "same; make sure where it comes from, then 'snowmaker init --upgrade' takes it")
      }
      changes.append("\(plugin.name) \(plugin.version): another file for \(platform)")
      entry.hashes = entry.hashes.filter { $0.platform != platform }
    } else if hashes.isEmpty {
      changes.append("\(plugin.name) \(plugin.version): locked for \(platform)")
    }
    if let locked = entry.signer, plugin.signer != locked {
      guard upgrades else {
        return problems.append(
          "the plugin '\(plugin.name)' was signed with the key \(locked), and is not any more; "
            + "'snowmaker init --upgrade' takes it")
      }
      changes.append("\(plugin.name): no longer signed with the key \(locked)")
    }
    entry.hashes.insert(LockFile.Hash(platform, plugin.sha256))
    entry.signer = plugin.signer
    if entry.constraint != requirement?.version?.description {
      entry.constraint = requirement?.version?.description
      if !isNew { changes.append("\(plugin.name): constraint \(entry.constraint ?? "removed")") }
    }
    lock.entries[plugin.name] = entry
  }
}
