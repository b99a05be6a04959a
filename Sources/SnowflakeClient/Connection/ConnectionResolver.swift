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

  let variables: [String: String]
  let home: String?
  /// Where the key to encrypted settings comes from.
  public var keys = SealingKeySource()
  private let environmentFiles: [EnvironmentFile]
  /// Where a Snowpark container finds the platform's token.
  var containerTokenFile = "/snowflake/session/token"

  /// A resolver over the given variables and home folder (for `~`). Files of variables count after the variables, the
  /// first of them that has one wins.
  public init(variables: [String: String], home: String?, environmentFiles: [EnvironmentFile] = []) {
    var all = variables
    for file in environmentFiles {
      for entry in file.entries where all[entry.name] == nil { all[entry.name] = entry.value }
    }
    self.variables = all
    self.home = home
    self.environmentFiles = environmentFiles
  }

  /// A resolver over the process's own environment, and `.env` in the current folder if `$SNOWMAKER_ENV_FILE` names no
  /// other. Throws when such a file cannot be read or understood.
  public init(readingEnvironmentFile: Bool) throws(ConnectionProblem) {
    let plain = ConnectionResolver()
    let named = plain.variables["SNOWMAKER_ENV_FILE"].flatMap { $0.isEmpty ? nil : $0 }
    guard readingEnvironmentFile, named != nil || FileSystem.status(".env")?.isFolder == false else {
      self = plain
      return
    }
    let path = ConnectionFiles.expand(named ?? ".env", plain.home)
    self.init(
      variables: plain.variables, home: plain.home, environmentFiles: [try EnvironmentFile(path: path)])
  }

  /// A resolver over the process's own environment.
  public init() {
    let found = ProcessEnvironment.variables
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
    name requested: String? = nil, overrides: [ConnectionKey: String] = [:], decrypts: Bool = true
  ) throws(ConnectionProblem) -> ConnectionParameters {
    let files = try ConnectionFiles(variables: variables, home: home)
    let chosen: (name: String, origin: String)? =
      requested.map { ($0, "the connection asked for") } ?? defaultName(files).map { ($0.name, $0.origin) }
    var parameters = ConnectionParameters(name: chosen?.name)
    parameters.warnings = files.warnings + environmentFiles.compactMap(\.warning)
    for (key, value) in overrides { parameters.set(key, value, from: .override("--\(key.rawValue)")) }
    if let chosen { try take(chosen, files, &parameters, decrypts) }
    takeGenericVariables(&parameters)
    takeSessionToken(&parameters)
    if chosen == nil, parameters.value(.account) == nil, parameters.value(.host) == nil {
      throw ConnectionProblem(
        "no connection was named and none is the default", file: files.files.last,
        hint: "\(describeNames(files)); name one with --connection, or set SNOWFLAKE_DEFAULT_CONNECTION_NAME, or "
          + "SNOWFLAKE_ACCOUNT and SNOWFLAKE_USER")
    }
    return parameters
  }

  private func take(
    _ chosen: (name: String, origin: String), _ files: ConnectionFiles, _ parameters: inout ConnectionParameters,
    _ decrypts: Bool
  ) throws(ConnectionProblem) {
    var key: SealedSecret.Key?
    let section = files.sections.first { $0.name == chosen.name }
    let fromVariables = takeNamedVariables(chosen.name, &parameters)
    guard section != nil || fromVariables else {
      throw ConnectionProblem(
        "there is no connection \"\(chosen.name)\" (\(chosen.origin))", file: files.files.last,
        hint: describeNames(files))
    }
    for value in section?.values ?? [] {
      if value.key.hasSuffix(Self.sealedSuffix),
        let setting = ConnectionKey.named(String(value.key.dropLast(Self.sealedSuffix.count)))
      {
        guard parameters.value(setting) == nil else { continue }
        let place = ConnectionOrigin.encrypted(path: section?.file ?? "", line: value.line)
        guard decrypts else {
          parameters.fill(setting, "encrypted", from: place)
          continue
        }
        parameters.fill(
          setting, try open(value.text, setting, chosen.name, &key).reveal(), from: place)
        continue
      }
      guard let key = ConnectionKey.named(value.key) else {
        parameters.unknown.append((value.key, .file(path: section?.file ?? "", line: value.line)))
        continue
      }
      guard value.isScalar || key.isList else {
        throw ConnectionProblem(
          "\(value.key) is a list where one value is wanted", file: section?.file, line: value.line)
      }
      parameters.fill(key, value.text, from: .file(path: section?.file ?? "", line: value.line))
    }
  }

  /// What is added to the name of a setting whose value is encrypted.
  static let sealedSuffix = "_encrypted"

  private func open(
    _ text: String, _ setting: ConnectionKey, _ name: String, _ key: inout SealedSecret.Key?
  ) throws(ConnectionProblem) -> Secret {
    let sealed = try SealedSecret(text)
    let used: SealedSecret.Key
    if let key {
      used = key
    } else {
      used = try keys.key(
        needsPassphrase: sealed.needsPassphrase, variables: variables, home: home,
        question: "Passphrase for the secrets of connection \(name)")
    }
    key = used
    return try sealed.open(with: used, connection: name, setting: setting)
  }

  /// Inside a Snowpark container the platform provides a token and says where the account is.
  private func takeSessionToken(_ parameters: inout ConnectionParameters) {
    let path = containerTokenFile
    guard parameters.value(.authenticator) == nil, parameters.value(.password) == nil, parameters.value(.token) == nil,
      parameters.value(.privateKey) == nil, parameters.value(.privateKeyFile) == nil, FileSystem.status(path) != nil
    else { return }
    parameters.fill(.authenticator, "oauth", from: .file(path: path, line: 1))
    parameters.fill(.tokenFile, path, from: .file(path: path, line: 1))
  }

  private func origin(of variable: String) -> ConnectionOrigin {
    for file in environmentFiles {
      if let entry = file.entries.first(where: { $0.name == variable }), variables[variable] == entry.value,
        getenv(variable) == nil
      {
        return .file(path: file.path, line: entry.line)
      }
    }
    return .variable(variable)
  }

  private func takeNamedVariables(_ name: String, _ parameters: inout ConnectionParameters) -> Bool {
    let prefix = "SNOWFLAKE_CONNECTIONS_\(Self.variableForm(name))_"
    var found = false
    for key in ConnectionKey.allCases {
      for spelling in key.names {
        let variable = prefix + spelling.uppercased()
        guard let value = variables[variable], !value.isEmpty else { continue }
        parameters.fill(key, value, from: origin(of: variable))
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
        parameters.fill(key, value, from: origin(of: variable))
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
