import Glibc
import SnowmakerModel

/// Paths, and the configuration files of a folder.
enum FilePaths {
  static let projectFile = "snowmaker.yaml"

  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func join(_ folder: String, _ name: String) -> String {
    if folder == "." || folder.isEmpty { return name }
    return folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  /// The last step of a path, of `.` the name of the current folder; without a YAML ending.
  static func baseName(_ path: String) -> String {
    var full = path
    if let real = realpath(path, nil) {
      full = String(cString: real)
      free(real)
    }
    var name = full.split(separator: "/").last.map(String.init) ?? "root"
    for ending in [".yaml", ".yml"] where name.hasSuffix(ending) && name.utf8.count > ending.utf8.count {
      name = String(name.dropLast(ending.count))
    }
    return name
  }

  enum Kind { case file, folder, missing(Int32), other }

  static func kind(_ path: String) -> Kind {
    var status = stat()
    guard stat(path, &status) == 0 else { return .missing(errno) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    default: return .other
    }
  }

  /// There is nothing to be read at `path`; `code` is the system's.
  static func missing(_ path: String, _ code: Int32) -> Diagnostic {
    .error(
      "cannot read '\(path)': \(String(cString: strerror(code)))", detail: "give a folder or a YAML file",
      code: "unreadable-file")
  }

  /// What is at `path` is nothing that holds configuration.
  static func neitherFolderNorFile(_ path: String) -> Diagnostic {
    .error("'\(path)' is neither a folder nor a file", code: "unreadable-file")
  }

  /// The YAML files below `folder`, sorted; hidden files and folders and `snowmaker.yaml` are left out.
  static func configurationFiles(in folder: String, _ reporter: Reporter) -> [String] {
    var files: [String] = []
    var visited: Set<[UInt64]> = []
    walk(folder, isRoot: true, depth: 0, &visited, &files, reporter)
    return files
  }

  private static func walk(
    _ folder: String, isRoot: Bool, depth: Int, _ visited: inout Set<[UInt64]>, _ files: inout [String],
    _ reporter: Reporter
  ) {
    let top = SourcePosition(file: folder, line: 1, column: 1)
    var status = stat()
    guard depth < 32, stat(folder, &status) == 0,
      visited.insert([UInt64(status.st_dev), UInt64(status.st_ino)]).inserted
    else { return }  // a link back to where we came from
    guard let stream = opendir(folder) else {
      reporter.error(
        "cannot read the folder '\(folder)': \(String(cString: strerror(errno)))", code: "unreadable-file", at: top)
      return
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name == ".snowcapignore" {
        reporter.error(
          ".snowcapignore is not supported", detail: "move what it leaves out to another folder", code: "unsupported",
          at: SourcePosition(file: join(folder, name), line: 1, column: 1))
      }
      if !name.hasPrefix("."), !(isRoot && name == projectFile) { names.append(name) }
    }
    for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      let path = join(folder, name)
      switch kind(path) {
      case .folder: walk(path, isRoot: false, depth: depth + 1, &visited, &files, reporter)
      case .file: if name.hasSuffix(".yml") || name.hasSuffix(".yaml") { files.append(path) }
      case .missing(let code):
        if name.hasSuffix(".yml") || name.hasSuffix(".yaml") {
          reporter.error(
            "cannot read '\(path)': \(String(cString: strerror(code)))", code: "unreadable-file",
            at: SourcePosition(file: path, line: 1, column: 1))
        }
      case .other:
        if name.hasSuffix(".yml") || name.hasSuffix(".yaml") {
          reporter.error(
            "'\(path)' is neither a file nor a folder",
            detail: "a pipe, a socket or a device is not read as configuration",
            code: "unreadable-file", at: SourcePosition(file: path, line: 1, column: 1))
        }
      }
    }
  }
}
