import Glibc

/// Adds connections to `connections.toml` and removes them; everything else in the file stays as it is.
public struct ConnectionStore: Sendable {
  /// The file.
  public let file: String
  private let resolver: ConnectionResolver

  /// The file that the resolver's variables and home folder lead to. Throws when there is no home folder.
  public init(_ resolver: ConnectionResolver) throws(ConnectionProblem) {
    self.resolver = resolver
    guard let folder = try ConnectionFiles(variables: resolver.variables, home: resolver.home).folder else {
      throw ConnectionProblem("there is no home folder for connections.toml", hint: "set SNOWFLAKE_HOME")
    }
    file = "\(folder)/connections.toml"
  }

  /// Adds a connection. Secrets among the settings are encrypted with the key that the resolver finds. Throws when there
  /// is one of that name, and when the file cannot be read, understood or written.
  public func add(
    _ name: String, settings: [ConnectionKey: String]
  ) throws(ConnectionProblem) {
    guard !name.isEmpty, name.utf8.count <= 100, !name.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
      throw ConnectionProblem("\"\(name)\" cannot be a connection's name")
    }
    let files = try ConnectionFiles(variables: resolver.variables, home: resolver.home)
    if let existing = files.sections.first(where: { $0.name == name }) {
      throw ConnectionProblem(
        "there is a connection \"\(name)\" already", file: existing.file, line: existing.line,
        hint: "remove it first, or choose another name")
    }
    if FileSystem.status(file) == nil, let other = files.sections.first(where: { files.files.contains($0.file) }) {
      // A new connections.toml would make the connections of config.toml disappear.
      throw ConnectionProblem(
        "connections.toml does not exist yet and would replace the connections of this file", file: other.file,
        hint: "move them to \(file) first: [connections.NAME] becomes [NAME]")
    }
    var text = "[\(Self.quoted(name))]\n"
    var key: SealedSecret.Key?
    for (setting, value) in settings.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      guard setting.isSecret else {
        text += "\(setting.rawValue) = \(Self.quoted(value))\n"
        continue
      }
      let used: SealedSecret.Key
      if let key {
        used = key
      } else {
        used = try resolver.keys.key(
          needsPassphrase: nil, variables: resolver.variables, home: resolver.home,
          question: "Passphrase to encrypt the secrets of connection \(name) with")
      }
      key = used
      let sealed = try SealedSecret.seal(Secret(value), with: used, connection: name, setting: setting)
      text += "\(setting.rawValue)\(ConnectionResolver.sealedSuffix) = \(Self.quoted(sealed))\n"
    }
    var content = FileSystem.status(file) == nil ? [] : try FileSystem.read(file)
    if !content.isEmpty { content.append(contentsOf: content.last == 0x0A ? "\n".utf8 : "\n\n".utf8) }
    content.append(contentsOf: text.utf8)
    try replace(with: content)
  }

  /// Removes a connection. Throws when there is none of that name in `connections.toml`, and when the file cannot be
  /// read, understood or written.
  public func remove(_ name: String) throws(ConnectionProblem) {
    guard FileSystem.status(file) != nil else { throw ConnectionProblem("there is no connections.toml", file: file) }
    let content = try FileSystem.read(file)
    let document = try TOMLDocument(content, file: file)
    let tables = document.entries.filter { $0.isTable && $0.path.count == 1 }
    guard let table = tables.first(where: { $0.path == [name] }) else {
      throw ConnectionProblem(
        "there is no connection \"\(name)\"", file: file,
        hint: tables.isEmpty
          ? "there are none in the file" : "there are: \(tables.map { $0.path[0] }.sorted().joined(separator: ", "))")
    }
    let lines = String(decoding: content, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    let first = table.line - 1
    let following = document.entries.filter { $0.isTable && $0.path.first != name && $0.line > table.line }
    let last = following.map(\.line).min().map { $0 - 1 } ?? lines.count
    guard lines.indices.contains(first), trimmingSpace(lines[first]).hasPrefix("["), last > first else {
      throw ConnectionProblem(
        "connection \"\(name)\" is not written as a [section]", file: file, line: table.line,
        hint: "remove it with an editor")
    }
    var kept = Array(lines[..<first])
    while kept.last.map({ trimmingSpace($0).isEmpty }) ?? false, last == lines.count { kept.removeLast() }
    kept += lines[last...]
    var text = kept.joined(separator: "\n")
    if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
    // What is left must be what was there without the connection.
    let left = try TOMLDocument(Array(text.utf8), file: file)
    guard left.entries.count == document.entries.filter({ $0.path.first != name }).count else {
      throw ConnectionProblem("connection \"\(name)\" cannot be cut out", file: file, hint: "remove it with an editor")
    }
    try replace(with: Array(text.utf8))
  }

  /// Writes the whole file, readable by the user alone: to a new file first, which then takes the old one's place.
  private func replace(with content: [UInt8]) throws(ConnectionProblem) {
    let folder = String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)])
    var parent = ""
    for part in folder.split(separator: "/") {
      parent += "/\(part)"
      if FileSystem.status(parent) == nil, mkdir(parent, 0o700) != 0, errno != EEXIST {
        throw ConnectionProblem("the folder cannot be made: \(String(cString: strerror(errno)))", file: parent)
      }
    }
    try FileSystem.write(content, to: file)
  }

  private static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\t": out += "\\t"
      case "\r": out += "\\r"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}
