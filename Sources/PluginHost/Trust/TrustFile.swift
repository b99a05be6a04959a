import Glibc

/// Whose signatures count. Kept outside of projects, because a project must not vouch for itself.
///
/// ```
/// # Keys that plugins may be signed with.
/// key ed25519 3b6a27bc… acme platform team
/// require signatures
/// ```
public struct TrustFile: Hashable, Sendable {
  /// A key and whose it is.
  public struct Key: Hashable, Sendable {
    /// The key.
    public var key: PublicKey
    /// Whose it is; free text.
    public var owner: String
  }

  /// The keys, in order.
  public var keys: [Key] = []
  /// Whether plugins that are not bundled must be signed with one of them.
  public var requiresSignatures = false

  /// No keys, nothing required.
  public init() {}

  /// Reads a trust file's text. Throws the first line that makes no sense.
  public init(text: String, path: String) throws(LockFile.Failure) {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let words = line.split { $0.isWhitespace }.map(String.init)
      guard let first = words.first, !first.hasPrefix("#") else { continue }
      if words == ["require", "signatures"] {
        requiresSignatures = true
      } else if first == "key", words.count >= 3, let key = PublicKey(words[1...2].joined(separator: " ")) {
        keys.append(Key(key: key, owner: words.dropFirst(3).joined(separator: " ")))
      } else {
        throw LockFile.Failure(
          description: "\(path):\(index + 1): expected 'key ed25519 HEX OWNER' or 'require signatures'")
      }
    }
  }

  /// The key with the id, nil when it is not trusted.
  func key(_ id: String) -> Key? { keys.first { $0.key.id == id } }

  // MARK: - Files

  /// Where trust is kept: `SNOWMAKER_TRUST_FILE` when that is set; otherwise `/etc/snowmaker/trust` and the user's own.
  public static func paths(environment: (String) -> String? = PluginSearchPath.variable) -> [String] {
    if let path = environment("SNOWMAKER_TRUST_FILE"), !path.isEmpty { return [path] }
    return ["/etc/snowmaker/trust"] + (userPath(environment: environment).map { [$0] } ?? [])
  }

  /// The user's own trust file; nil without a home.
  public static func userPath(environment: (String) -> String? = PluginSearchPath.variable) -> String? {
    if let path = environment("SNOWMAKER_TRUST_FILE"), !path.isEmpty { return path }
    if let folder = environment("XDG_CONFIG_HOME"), folder.hasPrefix("/") { return "\(folder)/snowmaker/trust" }
    return environment("HOME").flatMap { $0.isEmpty ? nil : "\($0)/.config/snowmaker/trust" }
  }

  /// All trust files together. Throws when one cannot be read, makes no sense, or could be changed by others.
  public static func read(
    environment: (String) -> String? = PluginSearchPath.variable
  ) throws(LockFile.Failure) -> TrustFile {
    var all = TrustFile()
    for path in paths(environment: environment) {
      guard let bytes = try SmallFile.read(path, orNil: ENOENT) else { continue }
      var status = stat()
      guard stat(path, &status) == 0, status.st_uid == 0 || status.st_uid == geteuid(),
        UInt32(status.st_mode) & 0o022 == 0
      else {
        throw LockFile.Failure(
          description: "\(path) could be changed by others, so it says nothing about trust; make it yours and "
            + "chmod go-w \(path)")
      }
      let file = try TrustFile(text: String(decoding: bytes, as: UTF8.self), path: path)
      all.keys += file.keys
      all.requiresSignatures = all.requiresSignatures || file.requiresSignatures
    }
    return all
  }

  /// Adds a key to the user's own trust file; false when it is there already.
  public static func add(
    _ key: PublicKey, owner: String, environment: (String) -> String? = PluginSearchPath.variable
  ) throws(LockFile.Failure) -> Bool {
    guard let path = userPath(environment: environment) else {
      throw LockFile.Failure(description: "there is no home folder to keep a trust file in; set SNOWMAKER_TRUST_FILE")
    }
    let bytes = try SmallFile.read(path, orNil: ENOENT)
    var text = String(decoding: bytes ?? [], as: UTF8.self)
    guard try TrustFile(text: text, path: path).key(key.id) == nil else { return false }
    if text.isEmpty { text = "# Keys that plugins may be signed with.\n" }
    if !text.hasSuffix("\n") { text += "\n" }
    text += "key \(key) \(owner)\n"
    Folders.make(path.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" })
    try SmallFile.replace(path, with: Array(text.utf8), mode: 0o600)
    return true
  }
}

/// Making folders.
enum Folders {
  /// Makes the folder and those above it, for their owner alone. Whoever uses it sees whether that worked.
  static func make(_ path: String) {
    var folder = ""
    for part in path.split(separator: "/") {
      folder += "/\(part)"
      mkdir(folder, 0o700)
    }
  }
}
