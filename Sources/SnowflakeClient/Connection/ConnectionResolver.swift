import Glibc

/// Makes up a connection from what the user has: options, `SNOWFLAKE_*` variables, `connections.toml`, `config.toml`.
///
/// In this order, the first that has a value wins: the program's own overrides; `SNOWFLAKE_CONNECTIONS_<NAME>_<KEY>`;
/// the connection in the file; `SNOWFLAKE_<KEY>` for what is still missing.
public struct ConnectionResolver: Sendable {
  /// A connection that exists, for listing.
  public struct Available: Sendable, Equatable {
    /// The connection's name.
    public let name: String
    /// Where it is defined.
    public let origin: ConnectionOrigin
    /// Whether it is taken when no name is given.
    public let isDefault: Bool
  }

  private let variables: [String: String]
  private let home: String?

  /// A resolver over the given variables and home folder (for `~`).
  public init(variables: [String: String], home: String?) {
    self.variables = variables
    self.home = home
  }

  /// A resolver over the process's own environment.
  public init() {
    var found: [String: String] = [:]
    var cursor = environ
    while let entry = cursor.pointee {
      let text = String(cString: entry)
      if let equals = text.firstIndex(of: "=") {
        found[String(text[..<equals])] = String(text[text.index(after: equals)...])
      }
      cursor += 1
    }
    var home = found["HOME"]
    if home?.isEmpty != false, let entry = getpwuid(getuid()), let folder = entry.pointee.pw_dir {
      home = String(cString: folder)
    }
    self.init(variables: found, home: home)
  }

  /// The connections that files and variables define. Throws when a file cannot be read or understood.
  public func available() throws(ConnectionProblem) -> [Available] {
    let files = try ConnectionFiles(variables: variables, home: home)
    let chosen = defaultName(files)
    var list = files.sections.map { section in
      Available(
        name: section.name, origin: .file(path: section.file, line: section.line),
        isDefault: section.name == chosen?.name)
    }
    for (name, variable) in namesInVariables(files) {
      list.append(
        Available(name: name, origin: .variable(variable), isDefault: chosen.map { same($0.name, name) } ?? false))
    }
    return list
  }

  /// The connection of that name, or the default one. Throws a `ConnectionProblem` when there is none, naming those
  /// that exist, and when a file cannot be read or understood, naming its line.
  public func resolve(
    name requested: String? = nil, overrides: [ConnectionKey: String] = [:]
  ) throws(ConnectionProblem) -> ConnectionParameters {
    let files = try ConnectionFiles(variables: variables, home: home)
    let chosen: (name: String, origin: String)? =
      requested.map { ($0, "the connection asked for") } ?? defaultName(files).map { ($0.name, $0.origin) }
    var parameters = ConnectionParameters(name: chosen?.name)
    parameters.warnings = files.warnings
    for (key, value) in overrides { parameters.set(key, value, from: .override("--\(key.rawValue)")) }
    if let chosen { try take(chosen, files, &parameters) }
    takeGenericVariables(&parameters)
    if chosen == nil, parameters.value(.account) == nil, parameters.value(.host) == nil {
      throw ConnectionProblem(
        "no connection was named and none is the default", file: files.files.last,
        hint: "\(describeNames(files)); name one with --connection, or set SNOWFLAKE_DEFAULT_CONNECTION_NAME, or "
          + "SNOWFLAKE_ACCOUNT and SNOWFLAKE_USER")
    }
    return parameters
  }

  private func take(
    _ chosen: (name: String, origin: String), _ files: ConnectionFiles, _ parameters: inout ConnectionParameters
  ) throws(ConnectionProblem) {
    let section = files.sections.first { $0.name == chosen.name }
    let fromVariables = takeNamedVariables(chosen.name, &parameters)
    guard section != nil || fromVariables else {
      throw ConnectionProblem(
        "there is no connection \"\(chosen.name)\" (\(chosen.origin))", file: files.files.last,
        hint: describeNames(files))
    }
    for value in section?.values ?? [] {
      guard let key = ConnectionKey.named(value.key) else { continue }
      guard value.isScalar else {
        throw ConnectionProblem(
          "\(value.key) is a list where one value is wanted", file: section?.file, line: value.line)
      }
      parameters.fill(key, value.text, from: .file(path: section?.file ?? "", line: value.line))
    }
  }

  private func takeNamedVariables(_ name: String, _ parameters: inout ConnectionParameters) -> Bool {
    let prefix = "SNOWFLAKE_CONNECTIONS_\(Self.variableForm(name))_"
    var found = false
    for key in ConnectionKey.allCases {
      for spelling in key.names {
        let variable = prefix + spelling.uppercased()
        guard let value = variables[variable], !value.isEmpty else { continue }
        parameters.fill(key, value, from: .variable(variable))
        found = true
      }
    }
    return found
  }

  private func takeGenericVariables(_ parameters: inout ConnectionParameters) {
    for key in ConnectionKey.allCases {
      var spellings = key.names.map { "SNOWFLAKE_\($0.uppercased())" }
      if key == .privateKeyPassphrase { spellings.append("PRIVATE_KEY_PASSPHRASE") }
      for variable in spellings {
        guard let value = variables[variable], !value.isEmpty else { continue }
        parameters.fill(key, value, from: .variable(variable))
      }
    }
  }

  private func defaultName(_ files: ConnectionFiles) -> (name: String, origin: String)? {
    if let name = variables["SNOWFLAKE_DEFAULT_CONNECTION_NAME"], !name.isEmpty {
      return (name, "from $SNOWFLAKE_DEFAULT_CONNECTION_NAME")
    }
    if let found = files.defaultName { return (found.name, "the default by \(found.file):\(found.line)") }
    if files.sections.contains(where: { $0.name == "default" }) { return ("default", "the default") }
    return nil
  }

  /// Connections that exist in variables alone; their names are known in upper case only.
  private func namesInVariables(_ files: ConnectionFiles) -> [(name: String, variable: String)] {
    let known = Set(files.sections.map { Self.variableForm($0.name) })
    let prefix = "SNOWFLAKE_CONNECTIONS_"
    var names: [String: String] = [:]
    for variable in variables.keys.sorted() where variable.hasPrefix(prefix) {
      let rest = variable.dropFirst(prefix.count)
      let endings = ConnectionKey.allCases.flatMap(\.names).map { "_" + $0.uppercased() }
      // The longest ending wins: PRIVATE_KEY_FILE_PWD is not a FILE_PWD of a connection X_PRIVATE_KEY.
      guard let ending = endings.filter({ rest.hasSuffix($0) }).max(by: { $0.count < $1.count }) else { continue }
      let name = String(rest.dropLast(ending.count))
      if !name.isEmpty, !known.contains(name), names[name] == nil { names[name] = variable }
    }
    return names.sorted { $0.key < $1.key }.map { ($0.key.lowercased(), $0.value) }
  }

  private func describeNames(_ files: ConnectionFiles) -> String {
    let names = files.sections.map(\.name) + namesInVariables(files).map(\.name)
    if !names.isEmpty { return "there are: \(names.sorted().joined(separator: ", "))" }
    guard let folder = files.folder else { return "no connections are defined" }
    return "no connections are defined in \(folder)/connections.toml or \(folder)/config.toml"
  }

  private func same(_ left: String, _ right: String) -> Bool { Self.variableForm(left) == Self.variableForm(right) }

  private static func variableForm(_ name: String) -> String {
    String(name.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
  }
}
