import CCrypto
import Glibc

/// The tokens that Snowflake's drivers keep between runs, in their own file and format, so that a login of any of them
/// serves all.
///
/// The cache is a convenience: when it cannot be read or written, the user logs in again, and nothing else happens.
struct CredentialCache: Sendable {
  enum Kind: String, Sendable {
    case id = "ID_TOKEN"
    case mfa = "MFA_TOKEN"
    case oauthAccess = "OAUTH_ACCESS_TOKEN"
    case oauthRefresh = "OAUTH_REFRESH_TOKEN"
  }

  /// The folder; nil when there is no home, and nothing is kept.
  let folder: String?

  init(folder: String?) { self.folder = folder }

  /// The drivers' folder.
  init() {
    if let chosen = Self.variable("SF_TEMPORARY_CREDENTIAL_CACHE_DIR") {
      folder = chosen
    } else if let base = Self.variable("XDG_CACHE_HOME") {
      folder = "\(base)/snowflake"
    } else {
      folder = Self.variable("HOME").map { "\($0)/.cache/snowflake" }
    }
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  private var file: String? { folder.map { "\($0)/credential_cache_v1.json" } }

  func read(_ kind: Kind, host: String, user: String) -> Secret? {
    guard let key = Self.key(kind, host, user) else { return nil }
    return tokens().last { $0.key == key }?.value.text.map { Secret($0) }
  }

  func write(_ kind: Kind, host: String, user: String, _ token: Secret) {
    change(kind, host, user) { members, key in
      members.removeAll { $0.key == key }
      members.append(.init(key, .string(token.reveal())))
    }
  }

  func remove(_ kind: Kind, host: String, user: String) {
    change(kind, host, user) { members, key in members.removeAll { $0.key == key } }
  }

  /// Hexadecimal SHA-256 of `HOST:USER:TYPE`.
  static func key(_ kind: Kind, _ host: String, _ user: String) -> String? {
    let text = Array("\(host.uppercased()):\(user.uppercased()):\(kind.rawValue)".utf8)
    var digest = [UInt8](repeating: 0, count: Int(CCRYPTO_SHA256_SIZE))
    guard ccrypto_sha256(text, text.count, &digest) == Int32(CCRYPTO_OK) else { return nil }
    return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private func tokens() -> [JSONValue.Member] {
    // What others can read or change is not trusted.
    guard let file, FileSystem.status(file) != nil, FileSystem.permissionWarning(file) == nil,
      var bytes = try? FileSystem.read(file),
      let value = try? JSONReader.read(&bytes, { (reader) throws(JSONError) in try reader.value() }),
      case .object(let members)? = value["tokens"]
    else { return [] }
    return members
  }

  private func change(
    _ kind: Kind, _ host: String, _ user: String, _ body: (inout [JSONValue.Member], String) -> Void
  ) {
    guard let folder, let file, let key = Self.key(kind, host, user) else { return }
    var parent = ""
    for part in folder.split(separator: "/") {
      parent += "/\(part)"
      if FileSystem.status(parent) == nil { mkdir(parent, 0o700) }
    }
    guard lock("\(file).lck") else { return }
    defer { rmdir("\(file).lck") }
    var members = tokens()
    body(&members, key)
    try? FileSystem.write(JSONValue.object([.init("tokens", .object(members))]).encoded, to: file)
  }

  /// Takes the drivers' lock, a folder that only one can make; one that is older than a second was left behind.
  private func lock(_ path: String) -> Bool {
    for _ in 0..<20 {
      if mkdir(path, 0o700) == 0 { return true }
      guard errno == EEXIST else { return false }
      var info = stat()
      if stat(path, &info) == 0, time(nil) - info.st_mtim.tv_sec > 1 { rmdir(path) }
      usleep(100_000)
    }
    return false
  }
}
