import CCrypto
import Glibc
import SnowmakerModel

/// Salted, slow hashes of passwords: `rounds$salt$hash`, in hexadecimal.
enum PasswordHash {
  private static let rounds = 2000

  /// Throws when libcrypto is not there.
  static func make(_ password: String) throws(EmulatorStorageFailure) -> String {
    var salt = [UInt8](repeating: 0, count: 16)
    guard ccrypto_random(&salt, salt.count) == CCRYPTO_OK, let hash = derive(password, salt, rounds) else {
      throw EmulatorStorageFailure(
        description: "passwords need libcrypto: \(String(cString: ccrypto_unavailable_reason()))")
    }
    return "\(rounds)$\(Hex.encode(salt))$\(Hex.encode(hash))"
  }

  static func matches(_ password: String, _ stored: String) -> Bool {
    let parts = stored.split(separator: "$").map(String.init)
    guard parts.count == 3, let rounds = Int(parts[0]), let salt = Hex.decode(parts[1]),
      let expected = Hex.decode(parts[2]), let hash = derive(password, salt, rounds), hash.count == expected.count
    else { return false }
    return ccrypto_equal(hash, expected, hash.count) == 1
  }

  /// PBKDF2 with HMAC-SHA-256, one block.
  private static func derive(_ password: String, _ salt: [UInt8], _ rounds: Int) -> [UInt8]? {
    let key = Array(password.utf8)
    func mac(_ message: [UInt8]) -> [UInt8]? {
      var out = [UInt8](repeating: 0, count: Int(CCRYPTO_SHA256_SIZE))
      return ccrypto_hmac_sha256(key, key.count, message, message.count, &out) == CCRYPTO_OK ? out : nil
    }
    guard var block = mac(salt + [0, 0, 0, 1]) else { return nil }
    var result = block
    for _ in 1..<max(rounds, 2) {
      guard let next = mac(block) else { return nil }
      block = next
      for index in result.indices { result[index] ^= block[index] }
    }
    return result
  }
}

/// An RSA public key of a user.
enum PublicKey {
  /// `SHA256:` and the base64 digest of the key's DER; nil when the text is no RSA public key.
  static func fingerprint(_ text: String) -> String? {
    withKey(text) { key in
      var size = 0
      _ = ccrypto_key_public_der(key, nil, &size)
      var der = [UInt8](repeating: 0, count: size)
      var digest = [UInt8](repeating: 0, count: Int(CCRYPTO_SHA256_SIZE))
      guard ccrypto_key_public_der(key, &der, &size) == CCRYPTO_OK,
        ccrypto_sha256(der, size, &digest) == CCRYPTO_OK
      else { return nil }
      return "SHA256:" + Base64.encode(digest)
    }
  }

  static func verify(_ text: String, message: [UInt8], signature: [UInt8]) -> Bool {
    withKey(text) { key in
      ccrypto_verify_rs256(key, message, message.count, signature, signature.count) == CCRYPTO_OK ? true : nil
    } ?? false
  }

  private static func withKey<T>(_ text: String, _ use: (OpaquePointer) -> T?) -> T? {
    let bytes = Array(text.utf8)
    var key: OpaquePointer?
    guard ccrypto_public_key_load(bytes, bytes.count, &key) == CCRYPTO_OK, let key else { return nil }
    defer { ccrypto_key_free(key) }
    return use(key)
  }
}

/// Login by a JWT that the user's private key signed.
struct KeyPairLogin {
  let world: World

  func user(_ token: String, claimed: String) throws(LoginFailure) -> StoredObject {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3, let header = Base64.decode(parts[0]), let payload = Base64.decode(parts[1]),
      let signature = Base64.decode(parts[2]), let head = try? JSON.decode(header),
      let claims = try? JSON.decode(payload)
    else { throw refuse("394306", "JWT token has an invalid format.") }
    guard head["alg"].string == "RS256" else { throw refuse("394305", "JWT token algorithm is not supported.") }
    guard let subject = claims["sub"].string, let issuer = claims["iss"].string,
      let mark = subject.firstIndex(of: "."), let expires = seconds(claims["exp"]), let issued = seconds(claims["iat"])
    else { throw refuse("390144", "JWT token is invalid.") }
    let login = String(subject[subject.index(after: mark)...])
    guard let user = LoginDesk(world: world).user(named: login),
      claimed.isEmpty || LoginDesk(world: world).user(named: claimed)?.name == user.name,
      issuer.hasPrefix(subject + ".")
    else { throw refuse("390144", "JWT token is invalid.") }
    let now = time(nil)
    if expires < now { throw refuse("394302", "JWT token has expired.") }
    if issued > now + 60 { throw refuse("394303", "JWT token was issued in the future.") }
    if expires - issued > 3600 { throw refuse("390144", "JWT token is invalid: it is valid for more than an hour.") }
    let fingerprint = String(issuer.dropFirst(subject.count + 1))
    for attribute in ["rsa_public_key", "rsa_public_key_2"] {
      guard let key = user.text(attribute), PublicKey.fingerprint(key) == fingerprint else { continue }
      guard PublicKey.verify(key, message: Array((parts[0] + "." + parts[1]).utf8), signature: signature) else {
        throw refuse("390144", "JWT token is invalid.")
      }
      return user
    }
    throw refuse("394304", "JWT token public key fingerprint does not match.")
  }

  private func seconds(_ value: Value) -> Int? {
    value.int.map(Int.init) ?? { if case .double(let number) = value { Int(number) } else { nil } }()
  }
  private func refuse(_ code: String, _ message: String) -> LoginFailure { LoginFailure(code: code, message: message) }
}

/// Bytes as hexadecimal text.
enum Hex {
  static func encode(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
  static func decode(_ text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let byte = UInt8(String(decoding: digits[index..<(index + 2)], as: UTF8.self), radix: 16) else {
        return nil
      }
      bytes.append(byte)
    }
    return bytes
  }
}

/// Base64 in both alphabets, padded or not.
enum Base64 {
  static func encode(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var out: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let count = min(3, bytes.count - start)
      var group: UInt32 = 0
      for offset in 0..<3 { group = group << 8 | (offset < count ? UInt32(bytes[start + offset]) : 0) }
      for position in 0..<4 {
        out.append(position <= count ? alphabet[Int(group >> UInt32(18 - 6 * position) & 63)] : UInt8(ascii: "="))
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  static func decode(_ text: String) -> [UInt8]? {
    var out: [UInt8] = []
    var group: UInt32 = 0
    var bits = 0
    for byte in text.utf8 {
      let value: UInt32
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = UInt32(byte - 65)
      case UInt8(ascii: "a")...UInt8(ascii: "z"): value = UInt32(byte - 97 + 26)
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = UInt32(byte - 48 + 52)
      case UInt8(ascii: "+"), UInt8(ascii: "-"): value = 62
      case UInt8(ascii: "/"), UInt8(ascii: "_"): value = 63
      case UInt8(ascii: "="): continue
      default: return nil
      }
      group = (group << 6 | value) & 0xff_ffff
      bits += 6
      if bits >= 8 {
        bits -= 8
        out.append(UInt8(group >> UInt32(bits) & 0xff))
      }
    }
    return out
  }
}
