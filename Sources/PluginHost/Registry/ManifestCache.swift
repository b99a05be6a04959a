import Glibc
import SnowmakerModel

/// Manifests by the SHA-256 of the file they are of, so that a plugin that was described once need not be loaded to be
/// listed. Whatever is wrong with the cache, the plugin is described again.
struct ManifestCache: Sendable {
  /// nil keeps nothing.
  let folder: String?

  /// `$XDG_CACHE_HOME/snowmaker/manifests`, or that below `~/.cache`.
  static func standard(environment: (String) -> String? = PluginSearchPath.variable) -> ManifestCache {
    if let folder = environment("XDG_CACHE_HOME"), folder.hasPrefix("/") {
      return ManifestCache(folder: "\(folder)/snowmaker/manifests")
    }
    return ManifestCache(
      folder: environment("HOME").flatMap { $0.isEmpty ? nil : "\($0)/.cache/snowmaker/manifests" })
  }

  /// The manifest of the plugin called `name` in a file with this digest; nil when it is not known.
  func manifest(of name: String, sha256: String) -> Manifest? {
    guard let path = path(sha256), let bytes = try? SmallFile.read(path, orNil: ENOENT),
      let document = try? bytes.withUnsafeBytes({ try JSON.decode($0) }),
      document["protocol"].string == Manifest.protocolVersion,
      let manifest = try? Manifest(document: document["manifest"]), manifest.name == name,
      ManifestCheck.problem(in: manifest) == nil
    else { return nil }
    return manifest
  }

  /// Keeps a manifest.
  func keep(_ manifest: Manifest, sha256: String) {
    guard let folder, let path = path(sha256) else { return }
    Folders.make(folder)
    let document: Value = ["protocol": .string(Manifest.protocolVersion), "manifest": manifest.document]
    // A cache that cannot be written is slow, not wrong.
    try? SmallFile.replace(path, with: JSON.encode(document), mode: 0o600)
  }

  private func path(_ sha256: String) -> String? { folder.map { "\($0)/\(sha256).json" } }
}
