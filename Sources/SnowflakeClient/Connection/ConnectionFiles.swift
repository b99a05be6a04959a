/// The connections that the files of Snowflake's tools hold.
///
/// The folder is `$SNOWFLAKE_HOME`, else `~/.snowflake` if it exists, else `$XDG_CONFIG_HOME/snowflake` or
/// `~/.config/snowflake`. The connections of `connections.toml` replace those of `config.toml`, and those of the variable
/// `SNOWFLAKE_CONNECTIONS`, which holds a text like `connections.toml`, replace both (Snowflake's Python connector,
/// `config_manager.py`).
struct ConnectionFiles {
  /// One connection as a file has it.
  struct Section {
    let name: String
    let file: String
    let line: Int
    var values: [(key: String, text: String, line: Int, isScalar: Bool)] = []
  }

  let folder: String?
  private(set) var sections: [Section] = []
  private(set) var defaultName: (name: String, file: String, line: Int)?
  private(set) var warnings: [String] = []

  /// The files that were read.
  private(set) var files: [String] = []

  init(variables: [String: String], home: String?) throws(ConnectionProblem) {
    folder = Self.findFolder(variables, home, &warnings)
    if let folder {
      let connections = "\(folder)/connections.toml"
      let configuration = "\(folder)/config.toml"
      if FileSystem.status(configuration) != nil { try read(configuration, isConfiguration: true) }
      if FileSystem.status(connections) != nil {
        sections.removeAll()
        try read(connections, isConfiguration: false)
      }
    }
    if let text = variables[Self.variable], !text.isEmpty {
      sections.removeAll()
      try take(
        TOMLDocument(Array(text.utf8), file: "$\(Self.variable)"), from: "$\(Self.variable)", isConfiguration: false)
    }
  }

  /// The variable that holds connections in place of the files.
  private static let variable = "SNOWFLAKE_CONNECTIONS"

  private static func findFolder(_ variables: [String: String], _ home: String?, _ warnings: inout [String]) -> String?
  {
    if let chosen = variables["SNOWFLAKE_HOME"], !chosen.isEmpty {
      let path = Self.expand(chosen, home)
      if FileSystem.status(path)?.isFolder == true { return path }
      warnings.append("$SNOWFLAKE_HOME names \(path), which is no folder; the usual places are searched instead")
    }
    if let home, FileSystem.status("\(home)/.snowflake")?.isFolder == true { return "\(home)/.snowflake" }
    if let base = variables["XDG_CONFIG_HOME"], base.hasPrefix("/") { return "\(base)/snowflake" }
    return home.map { "\($0)/.config/snowflake" }
  }

  /// A path with `~/` at its beginning replaced by the home folder.
  static func expand(_ path: String, _ home: String?) -> String {
    guard let home, path == "~" || path.hasPrefix("~/") else { return path }
    return home + path.dropFirst(1)
  }

  private mutating func read(_ file: String, isConfiguration: Bool) throws(ConnectionProblem) {
    files.append(file)
    if let warning = FileSystem.permissionWarning(file) { warnings.append(warning) }
    try take(try TOMLDocument(try FileSystem.read(file), file: file), from: file, isConfiguration: isConfiguration)
  }

  private mutating func take(
    _ document: TOMLDocument, from file: String, isConfiguration: Bool
  ) throws(ConnectionProblem) {
    for entry in document.entries {
      if entry.path == ["default_connection_name"], entry.isScalar {
        defaultName = (entry.text, file, entry.line)
        continue
      }
      var path = entry.path
      if isConfiguration {
        guard path.first == "connections" else { continue }
        path.removeFirst()
      }
      guard let name = path.first else { continue }
      if path.count == 1 {
        if entry.isTable { sections.append(Section(name: name, file: file, line: entry.line)) }
      } else if path.count == 2, !entry.isTable, let index = sections.firstIndex(where: { $0.name == name }) {
        sections[index].values.append((path[1], entry.text, entry.line, entry.isScalar))
      }
    }
  }
}
