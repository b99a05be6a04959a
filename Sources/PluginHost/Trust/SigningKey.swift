import CCrypto
import Glibc

/// A public Ed25519 key (RFC 8032) that plugins are signed with.
public struct PublicKey: Hashable, Sendable, CustomStringConvertible {
  /// Its 32 bytes.
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Reads `ed25519 HEX`; nil when it is no such key.
  public init?(_ text: some StringProtocol) {
    let words = text.split { $0.isWhitespace }
    guard words.count == 2, words[0] == "ed25519",
      let bytes = Hexadecimal.bytes(words[1], count: Int(CCRYPTO_ED25519_KEY_SIZE))
    else { return nil }
    self.bytes = bytes
  }

  /// A short name for it: the beginning of its SHA-256.
  public var id: String {
    var digest = [UInt8](repeating: 0, count: Int(CCRYPTO_SHA256_SIZE))
    // Without libcrypto nothing is ever verified, so the name does not matter.
    guard ccrypto_sha256(bytes, bytes.count, &digest) == CCRYPTO_OK else { return Hexadecimal.text(bytes.prefix(8)) }
    return Hexadecimal.text(digest.prefix(8))
  }

  /// `ed25519 HEX`.
  public var description: String { "ed25519 \(Hexadecimal.text(bytes))" }
}

/// A private Ed25519 key. Its file begins with `snowmaker-private-key` and is for its owner alone.
public struct SigningKey: Sendable {
  private let seed: [UInt8]
  /// The key that verifies what this one signs.
  public let publicKey: PublicKey

  private init(seed: [UInt8]) throws(LockFile.Failure) {
    var bytes = [UInt8](repeating: 0, count: Int(CCRYPTO_ED25519_KEY_SIZE))
    try check(ccrypto_ed25519_public(seed, &bytes))
    self.seed = seed
    publicKey = PublicKey(bytes)
  }

  /// A new key. Throws when libcrypto cannot be used.
  public static func generate() throws(LockFile.Failure) -> SigningKey {
    var seed = [UInt8](repeating: 0, count: Int(CCRYPTO_ED25519_KEY_SIZE))
    try check(ccrypto_random(&seed, seed.count))
    return try SigningKey(seed: seed)
  }

  /// Reads a private key's file. Throws when it cannot be read, is no such file, or others may read it.
  public static func read(_ path: String) throws(LockFile.Failure) -> SigningKey {
    var status = stat()
    if stat(path, &status) == 0, UInt32(status.st_mode) & 0o077 != 0 {
      throw LockFile.Failure(description: "\(path) is a private key that others may read; chmod 600 \(path)")
    }
    let bytes = try SmallFile.read(path) ?? []
    let words = String(decoding: bytes, as: UTF8.self).split { $0.isWhitespace }
    guard words.count == 3, words[0] == "snowmaker-private-key", words[1] == "ed25519",
      let seed = Hexadecimal.bytes(words[2], count: Int(CCRYPTO_ED25519_KEY_SIZE))
    else { throw LockFile.Failure(description: "\(path) is no private key of 'snowmaker plugin keygen'") }
    return try SigningKey(seed: seed)
  }

  /// Writes a new file with the key, for its owner alone. Throws when there is a file already.
  public func write(_ path: String) throws(LockFile.Failure) {
    guard access(path, F_OK) != 0 else {
      throw LockFile.Failure(description: "\(path) is there already; a key is never overwritten")
    }
    let text = "snowmaker-private-key ed25519 \(Hexadecimal.text(seed))\n"
    try SmallFile.replace(path, with: Array(text.utf8), mode: 0o600)
  }

  /// Signs the plugin of this name and digest.
  public func sign(plugin: String, sha256: String) throws(LockFile.Failure) -> PluginSignature {
    let message = PluginSignature.message(plugin: plugin, sha256: sha256)
    var signature = [UInt8](repeating: 0, count: Int(CCRYPTO_ED25519_SIGNATURE_SIZE))
    try check(ccrypto_ed25519_sign(seed, message, message.count, &signature))
    return PluginSignature(key: publicKey.id, bytes: signature)
  }
}

/// A signature of a plugin's file, kept beside it as `FILE.sig`: `ed25519 KEY-ID HEX`.
public struct PluginSignature: Hashable, Sendable {
  /// The id of the key that made it.
  public let key: String
  let bytes: [UInt8]

  init(key: String, bytes: [UInt8]) {
    self.key = key
    self.bytes = bytes
  }

  /// Reads a signature; nil when it is none.
  public init?(text: String) {
    let words = text.split { $0.isWhitespace }
    guard words.count == 3, words[0] == "ed25519", Hexadecimal.bytes(words[1], count: 8) != nil,
      let bytes = Hexadecimal.bytes(words[2], count: Int(CCRYPTO_ED25519_SIGNATURE_SIZE))
    else { return nil }
    key = String(words[1])
    self.bytes = bytes
  }

  /// The file's text.
  public var text: String { "ed25519 \(key) \(Hexadecimal.text(bytes))\n" }

  /// Where the signature of the plugin at `path` is.
  public static func path(of path: String) -> String { path + ".sig" }

  /// What is signed: not the file itself, and nothing that another protocol would sign.
  static func message(plugin: String, sha256: String) -> [UInt8] {
    Array("snowmaker plugin signature 1\n\(plugin)\n\(sha256)\n".utf8)
  }

  /// Whether `key` made it for the plugin of this name and digest. Throws when libcrypto cannot be used.
  func isRight(for plugin: String, sha256: String, by key: PublicKey) throws(LockFile.Failure) -> Bool {
    let message = Self.message(plugin: plugin, sha256: sha256)
    let status = ccrypto_ed25519_verify(key.bytes, message, message.count, bytes)
    if status == CCRYPTO_BAD_SIGNATURE { return false }
    try check(status)
    return true
  }
}

private func check(_ status: Int32) throws(LockFile.Failure) {
  guard status == CCRYPTO_OK else {
    throw LockFile.Failure(description: "signatures cannot be used: \(String(cString: ccrypto_status_text(status)))")
  }
}

/// Bytes as two lower-case digits each.
enum Hexadecimal {
  static func text(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  static func bytes(_ text: some StringProtocol, count: Int) -> [UInt8]? {
    func digit(_ byte: UInt8) -> UInt8? {
      switch byte {
      case 0x30...0x39: byte - 0x30
      case 0x61...0x66: byte - 0x57
      default: nil
      }
    }
    let digits = Array(text.utf8)
    guard digits.count == count * 2 else { return nil }
    var bytes: [UInt8] = []
    for at in stride(from: 0, to: digits.count, by: 2) {
      guard let high = digit(digits[at]), let low = digit(digits[at + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }
}
