/// Where a setting came from.
public enum ConnectionOrigin: Sendable, Equatable, CustomStringConvertible {
  /// The caller: a flag of the command line.
  case override(String)
  /// An environment variable.
  case variable(String)
  /// A line of a file.
  case file(path: String, line: Int)
  /// An encrypted value on a line of a file.
  case encrypted(path: String, line: Int)

  /// For people.
  public var description: String {
    switch self {
    case .override(let name): name
    case .variable(let name): "$\(name)"
    case .file(let path, let line): "\(path):\(line)"
    case .encrypted(let path, let line): "\(path):\(line) (encrypted)"
    }
  }
}

/// The settings of one connection, each with where it came from.
public struct ConnectionParameters: Sendable {
  /// One setting.
  public struct Setting: Sendable {
    /// The value; kept out of sight whatever the key, so that printing a connection is harmless.
    public let value: Secret
    /// Where it came from.
    public let origin: ConnectionOrigin
  }

  /// The connection's name; nil when it is made of options and variables alone.
  public var name: String?
  /// The settings that are set.
  public private(set) var settings: [ConnectionKey: Setting] = [:]
  /// What the user should know: files that others can read, settings that are overridden …
  public var warnings: [String] = []

  /// The settings of the files that mean nothing here: those of other tools, or spelled wrongly.
  public internal(set) var unknown: [(name: String, origin: ConnectionOrigin)] = []

  /// A connection without settings.
  public init(name: String? = nil) { self.name = name }

  /// A connection from values given by the program.
  public init(name: String? = nil, _ values: [ConnectionKey: String]) {
    self.name = name
    for (key, value) in values { set(key, value, from: .override(key.rawValue)) }
  }

  /// Sets a value.
  public mutating func set(_ key: ConnectionKey, _ value: String, from origin: ConnectionOrigin) {
    settings[key] = Setting(value: Secret(value), origin: origin)
  }

  /// Sets a value unless there is one.
  mutating func fill(_ key: ConnectionKey, _ value: String, from origin: ConnectionOrigin) {
    if settings[key] == nil { set(key, value, from: origin) }
  }

  /// The value in clear; nil when it is not set or empty.
  public func value(_ key: ConnectionKey) -> String? {
    guard let text = settings[key]?.value.reveal(), !text.isEmpty else { return nil }
    return text
  }

  /// The value as it may be shown: secrets masked.
  public func shown(_ key: ConnectionKey) -> String? {
    guard let text = value(key) else { return nil }
    return key.isSecret ? "***" : text
  }

  /// Where the value came from.
  public func origin(_ key: ConnectionKey) -> ConnectionOrigin? { settings[key]?.origin }
}

/// Where a session connects to.
public struct Endpoint: Sendable, Equatable {
  /// `https` or, for this machine's loopback only, `http`.
  public let scheme: String
  /// The host's name.
  public let host: String
  /// The port.
  public let port: Int
  /// The account's name as the login sends it.
  public let account: String

  /// The beginning of every address, without a slash at the end.
  public var base: String {
    let usual = scheme == "https" ? 443 : 80
    return port == usual ? "\(scheme)://\(host)" : "\(scheme)://\(host):\(port)"
  }
}

extension ConnectionParameters {
  /// The host, the port and the account's name. Throws a `ConnectionProblem` that names the setting at fault.
  public func endpoint() throws(ConnectionProblem) -> Endpoint {
    let scheme = value(.connectionProtocol)?.lowercased() ?? "https"
    guard scheme == "https" || scheme == "http" else {
      throw problem(.connectionProtocol, "protocol is \"\(scheme)\"", "use https, or http for this machine")
    }
    var port = scheme == "https" ? 443 : 80
    if let text = value(.port) {
      guard let number = Int(text), (1...65535).contains(number) else {
        throw problem(.port, "port is \"\(text)\"", "use a number from 1 to 65535")
      }
      port = number
    }
    var account: AccountIdentifier?
    if let spelling = value(.account) {
      do throws(ConnectionProblem) {
        account = try AccountIdentifier(spelling, region: value(.region))
      } catch {
        throw problem(.account, error.message, error.hint)
      }
    }
    if let host = value(.host)?.lowercased() {
      guard host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !host.contains("/"), !host.contains("@") else {
        throw problem(.host, "host is not a host name", "give the name alone, without https:// and path")
      }
      let name = account?.name ?? String(host.prefix { $0 != "." })
      return Endpoint(scheme: scheme, host: host, port: port, account: name)
    }
    guard let account else {
      let label = name.map { "connection \"\($0)\"" } ?? "the connection"
      throw ConnectionProblem(
        "\(label) names no account", hint: "set account in connections.toml, or SNOWFLAKE_ACCOUNT")
    }
    return Endpoint(scheme: scheme, host: account.host, port: port, account: account.name)
  }

  /// Looks at what can be judged without an account: the spellings of account, host and port, of the way to log in, and
  /// of limits and choices. Throws a `ConnectionProblem` that names the setting at fault.
  public func check() throws(ConnectionProblem) {
    _ = try endpoint()
    _ = try usesSQLAPI()
    _ = try secondaryRoles()
    _ = try roleBinding()
    for key in [ConnectionKey.loginTimeout, .networkTimeout] { _ = try seconds(key) }
    try checkAuthenticator()
  }

  /// A problem with the value of a setting, at the place it came from.
  func problem(_ key: ConnectionKey, _ message: String, _ hint: String?) -> ConnectionProblem {
    switch origin(key) {
    case .file(let path, let line), .encrypted(let path, let line):
      ConnectionProblem(message, file: path, line: line, hint: hint)
    case .some(let other): ConnectionProblem("\(message) (from \(other))", hint: hint)
    case nil: ConnectionProblem(message, hint: hint)
    }
  }

  /// A time limit in seconds.
  func seconds(_ key: ConnectionKey) throws(ConnectionProblem) -> Duration? {
    guard let text = value(key) else { return nil }
    guard let number = Int(text), number > 0, number <= 86_400 else {
      throw problem(key, "\(key.rawValue) is \"\(text)\"", "use a number of seconds from 1 to 86400")
    }
    return .seconds(number)
  }
}
