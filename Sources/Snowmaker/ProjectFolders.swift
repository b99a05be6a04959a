public import Configuration

extension Project {
  /// Whether the project is one resource file instead of a folder.
  var isSingleFile: Bool { path.hasSuffix(".yml") || path.hasSuffix(".yaml") }

  /// The folder of the project: the one given, or the one that holds the file.
  public var folder: String {
    guard isSingleFile else { return path.isEmpty ? "." : path }
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Where ledger, journal and the embedded emulator keep their data: `.snowmaker` in the project's folder; for a
  /// single file, which may be anybody's, in the current one.
  public var stateFolder: String { isSingleFile ? ".snowmaker" : "\(folder)/.snowmaker" }
}
