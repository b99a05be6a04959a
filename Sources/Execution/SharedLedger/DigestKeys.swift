import CCrypto
public import SnowmakerModel

/// The keys of the digests in a ledger that several machines share.
///
/// The key is never where the digests are: it comes from a text that the machines have (an environment variable, a
/// file), by scrypt, salted with whose ledger it is. Without such a text, values that contain no secret are digested
/// with a key that everybody can compute, and those that do with a key that is thrown away when the process ends: their
/// digests give nothing away, match nothing later, and so the values are sent again.
public struct DigestKeys: Sendable {
  /// Names the key, so that digests of another key are recognised; empty without one.
  public let id: String
  let plain: [UInt8]
  let secret: [UInt8]

  /// Keys for the ledger of `scope`. Throws when libcrypto cannot be used or the text is too short to be a key.
  public init(text: String?, scope: LedgerScope) throws(Diagnostic) {
    let salt = try Crypto.sha256Bytes(
      Array("snowmaker ledger 1\0\(scope.account)\0\(scope.project)\0\(scope.target)".utf8))
    guard let text else {
      id = ""
      plain = salt
      secret = try Crypto.random(32)
      return
    }
    guard text.utf8.count >= 16 else {
      throw .error(
        "the key of the ledger is shorter than 16 bytes", detail: "Make one: openssl rand -base64 32",
        code: "ledger-key")
    }
    // 32 MiB and about 0.1 s for each guess.
    plain = try Crypto.scrypt(Array(text.utf8), salt: salt)
    secret = plain
    id = String(try Crypto.hmac(Array("key id".utf8), key: plain).prefix(16))
  }

  func key(for value: Value) -> [UInt8] { value.holdsSecret ? secret : plain }
}

extension Value {
  /// Whether a secret reference is in it.
  var holdsSecret: Bool {
    if isSecret { return true }
    switch self {
    case .list(let elements): return elements.contains { $0.holdsSecret }
    case .object(let fields): return fields.contains { $0.value.holdsSecret }
    default: return false
    }
  }
}
