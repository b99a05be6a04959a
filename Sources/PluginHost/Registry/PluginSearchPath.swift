import CHostSupport
import Glibc

/// Where plugins are looked for, in order. Folders are not searched recursively.
public struct PluginSearchPath: Hashable, Sendable {
  /// A folder that may hold plugins.
  public struct Folder: Hashable, Sendable {
    /// Absolute, unless the current folder is gone.
    public var path: String
    /// Why it is searched.
    public var origin: PluginOrigin

    /// A folder, and why it is searched.
    public init(_ path: String, _ origin: PluginOrigin) {
      self.path = path
      self.origin = origin
    }
  }

  /// The folders, first searched first.
  public var folders: [Folder]

  /// These folders.
  public init(_ folders: [Folder]) { self.folders = folders }

  /// `options`, then `SNOWMAKER_PLUGIN_PATH` (separated by `:`), `.snowmaker/plugins` in the project,
  /// `~/.local/share/snowmaker/plugins`, the executable's folder, and `../lib/snowmaker/plugins` from it.
  ///
  /// - Parameters:
  ///   - options: the folders given by `--plugin-dir`.
  ///   - project: the project's folder.
  ///   - projectFolders: the folders that the project names, by `plugin_dirs:`.
  ///   - environment: reads a variable.
  ///   - executable: the running program's file; nil when it is not known.
  public static func standard(
    options: [String] = [], project: String = ".", projectFolders: [String] = [],
    environment: (String) -> String? = Self.variable,
    executable: String? = Self.executable
  ) -> PluginSearchPath {
    var folders = options.map { Folder(absolute($0), .option) }
    let listed = environment("SNOWMAKER_PLUGIN_PATH") ?? ""
    folders += listed.split(separator: ":").map { Folder(absolute(String($0)), .environment) }
    folders += projectFolders.map { Folder(absolute($0), .project) }
    folders.append(Folder(absolute(project) + "/.snowmaker/plugins", .project))
    if let home = environment("HOME"), !home.isEmpty {
      folders.append(Folder(absolute(home) + "/.local/share/snowmaker/plugins", .user))
    }
    if let executable, let folder = parent(of: executable) {
      folders.append(Folder(folder, .bundled))
      if let above = parent(of: folder) {
        folders.append(Folder((above == "/" ? "" : above) + "/lib/snowmaker/plugins", .bundled))
      }
    }
    return PluginSearchPath(folders)
  }

  /// A variable of the process's environment.
  public static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// The file that snowmaker came in: the running program's, or the shared library's when a program embeds it.
  public static var executable: String? {
    let file = chost_own_library().map { String(cString: $0) } ?? "/proc/self/exe"
    guard let path = realpath(file, nil) else { return nil }
    defer { free(path) }
    return String(cString: path)
  }

  private static func absolute(_ path: String) -> String {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    if path.hasPrefix("/") { return path }
    guard let current = getcwd(nil, 0) else { return path }
    defer { free(current) }
    let folder = String(cString: current)
    if path == "." || path.isEmpty { return folder }
    return (folder == "/" ? "" : folder) + "/" + (path.hasPrefix("./") ? String(path.dropFirst(2)) : path)
  }

  private static func parent(of path: String) -> String? {
    guard let slash = path.lastIndex(of: "/"), path != "/" else { return nil }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

// MARK: - Finding

extension PluginSearchPath {
  /// A folder that was asked for and cannot be searched.
  public struct Unsearchable: Error, Hashable, Sendable, CustomStringConvertible {
    /// The folder.
    public let folder: Folder
    /// Why it cannot be searched.
    public let why: String

    /// The sentence for the user.
    public var description: String {
      "the plugin folder \(folder.path) (\(folder.origin.summary)) cannot be read: \(why)"
    }
  }

  /// What a search found.
  struct Findings {
    /// The files with a plugin's name, in the order of the folders and by name. A file that two folders lead to is in
    /// it once.
    var files: [PluginFile] = []
    /// The folders that were asked for but cannot be searched.
    var unsearchable: [Unsearchable] = []
    /// The folders that were given by `--plugin-dir` and have no plugin in them.
    var empty: [Folder] = []

    /// What to say of those.
    var emptyNotes: [String] {
      empty.map { "the plugin folder \($0.path) (--plugin-dir) has no plugin: no \(PluginFile.fileName(for: "*"))" }
    }
  }

  func search() -> Findings {
    var findings = Findings()
    var seen: Set<FileIdentity> = []
    for folder in folders {
      guard let names = Self.names(in: folder.path) else {
        let why = String(cString: strerror(errno))
        if folder.origin == .option || folder.origin == .environment || projectAsks(for: folder) {
          findings.unsearchable.append(Unsearchable(folder: folder, why: why))
        }
        continue
      }
      var isEmpty = true
      for name in names.sorted() {
        guard let file = PluginFile(path: folder.path + "/" + name, origin: folder.origin) else { continue }
        isEmpty = false
        if let identity = FileIdentity(path: file.path), !seen.insert(identity).inserted { continue }
        findings.files.append(file)
      }
      if isEmpty, folder.origin == .option { findings.empty.append(folder) }
    }
    return findings
  }

  /// Whether the project names the folder: `.snowmaker/plugins` may be missing.
  private func projectAsks(for folder: Folder) -> Bool {
    folder.origin == .project && folder != folders.last { $0.origin == .project }
  }

  private static func names(in folder: String) -> [String]? {
    guard let stream = opendir(folder) else { return nil }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      names.append(name)
    }
    return names
  }
}
