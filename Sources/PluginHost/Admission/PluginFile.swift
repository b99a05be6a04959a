/// A file that looks like a plugin, by its name: `libsnowmaker-<name>.so`.
public struct PluginFile: Hashable, Sendable {
  /// The plugin's name, from the file's.
  public let name: String
  /// Where the file is, absolute.
  public let path: String
  /// How it was found.
  public let origin: PluginOrigin

  static let prefix = "libsnowmaker-"
  static let suffix = ".so"

  /// The file at `path`; nil when its name is not a plugin's.
  public init?(path: String, origin: PluginOrigin) {
    let fileName = path.split(separator: "/").last.map(String.init) ?? path
    guard fileName.hasPrefix(Self.prefix), fileName.hasSuffix(Self.suffix),
      fileName.utf8.count > Self.prefix.utf8.count + Self.suffix.utf8.count
    else { return nil }
    name = String(fileName.dropFirst(Self.prefix.count).dropLast(Self.suffix.count))
    self.path = path
    self.origin = origin
  }

  init(name: String, path: String, origin: PluginOrigin) {
    self.name = name
    self.path = path
    self.origin = origin
  }

  /// The file name of the plugin called `name`.
  public static func fileName(for name: String) -> String { prefix + name + suffix }

  /// The function the file must export: `snowmaker_network_policies_entry`.
  var entrySymbol: String { "snowmaker_\(String(name.map { $0 == "-" ? "_" : $0 }))_entry" }

  /// Whether the name is one that a function can be named after without doubt.
  public var hasLegalName: Bool {
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    return parts.allSatisfy { part in
      !part.isEmpty && part.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) }
    }
  }
}

/// How a plugin was found. Earlier cases are searched first.
public enum PluginOrigin: String, Hashable, Sendable, CaseIterable {
  /// A folder given by `--plugin-dir`.
  case option
  /// A folder of the variable `SNOWMAKER_PLUGIN_PATH`.
  case environment
  /// `.snowmaker/plugins` in the project.
  case project
  /// `~/.local/share/snowmaker/plugins`.
  case user
  /// Beside the executable, or in `../lib/snowmaker/plugins` from it.
  case bundled

  /// Where that is, for the user.
  public var summary: String {
    switch self {
    case .option: "--plugin-dir"
    case .environment: "SNOWMAKER_PLUGIN_PATH"
    case .project: "the project"
    case .user: "your home"
    case .bundled: "bundled"
    }
  }
}
