import CSandbox
import Glibc

/// The program that is started as a worker.
public struct WorkerExecutable: Hashable, Sendable {
  /// The file to start.
  let path: String
  /// Why it is the one, for messages.
  let origin: String

  /// The name of the program that is nothing but a worker.
  public static let fileName = "snowmaker-plugin-worker"
  /// The environment variable that names a worker.
  public static let variable = "SNOWMAKER_PLUGIN_WORKER"

  /// Written once at start, before there are threads.
  nonisolated(unsafe) private(set) static var isThisProgram = false

  /// Says that this program calls `PluginWorker.serveIfAsked` first thing, so that it can be started as a worker. Call
  /// before there are threads.
  public static func useThisProgram() { isThisProgram = true }

  /// No worker was found.
  struct Missing: Error, CustomStringConvertible {
    var looked: [String]

    var description: String {
      "there is no \(WorkerExecutable.fileName) in \(looked.joined(separator: ", ")) (\(WorkerExecutable.variable) names "
        + "one elsewhere)"
    }
  }

  /// The worker for this process: this program, if it said that it is one; otherwise what `SNOWMAKER_PLUGIN_WORKER` names, or
  /// `snowmaker-plugin-worker` beside the code of this library, beside the running program, or in `../bin` and
  /// `../libexec/snowmaker` from either. Throws when there is none.
  static func find() throws(Missing) -> WorkerExecutable {
    if isThisProgram { return WorkerExecutable(path: "/proc/self/exe", origin: "this program") }
    if let named = PluginSearchPath.variable(variable), !named.isEmpty {
      guard access(named, X_OK) == 0 else { throw Missing(looked: [named]) }
      return WorkerExecutable(path: named, origin: variable)
    }
    var folders: [String] = []
    for folder in [ownFolder, PluginSearchPath.executable.map(parent)].compactMap(\.self) {
      for candidate in [folder, parent(folder) + "/bin", parent(folder) + "/libexec/snowmaker"]
      where !folders.contains(candidate) { folders.append(candidate) }
    }
    for folder in folders where access("\(folder)/\(fileName)", X_OK) == 0 {
      return WorkerExecutable(path: "\(folder)/\(fileName)", origin: folder)
    }
    throw Missing(looked: folders)
  }

  /// The folder of the file that this code is in: a library's or the program's.
  private static let ownFolder: String? = folder(ofCodeAt: anchor)

  /// The folder of the Swift runtime, whose libraries a plugin may need.
  static let runtimeFolder: String? = dlsym(nil, "swift_retain").flatMap(folder(ofCodeAt:))

  private static var anchor: UnsafeMutableRawPointer {
    let function: @convention(c) (Int32) -> Void = { _ in }
    return unsafeBitCast(function, to: UnsafeMutableRawPointer.self)
  }

  private static func folder(ofCodeAt address: UnsafeMutableRawPointer) -> String? {
    guard let name = csandbox_file_of(address), let path = realpath(name, nil) else { return nil }
    defer { free(path) }
    return parent(String(cString: path))
  }

  private static func parent(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "" : String(path[..<slash])
  }
}
