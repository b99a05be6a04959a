import CCrypto
import SnowmakerModel

// The pointers of CCrypto live in this file only.

/// Digests and random bytes, from libcrypto.
enum Crypto {
  /// SHA-256 in hex.
  static func sha256(_ bytes: [UInt8]) throws(Diagnostic) -> String { hex(try sha256Bytes(bytes)) }

  /// SHA-256.
  static func sha256Bytes(_ bytes: [UInt8]) throws(Diagnostic) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: Int(CCRYPTO_SHA256_SIZE))
    try check(bytes.withUnsafeBytes { ccrypto_sha256($0.baseAddress, $0.count, &out) })
    return out
  }

  /// HMAC-SHA-256 in hex.
  static func hmac(_ bytes: [UInt8], key: [UInt8]) throws(Diagnostic) -> String {
    var out = [UInt8](repeating: 0, count: Int(CCRYPTO_SHA256_SIZE))
    let status = bytes.withUnsafeBytes { bytes in
      key.withUnsafeBytes { ccrypto_hmac_sha256($0.baseAddress, $0.count, bytes.baseAddress, bytes.count, &out) }
    }
    try check(status)
    return hex(out)
  }

  /// 32 bytes of key from a text, by scrypt with n = 2^15, r = 8, p = 1 (32 MiB).
  static func scrypt(_ text: [UInt8], salt: [UInt8]) throws(Diagnostic) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: 32)
    try check(ccrypto_scrypt(text, text.count, salt, salt.count, 1 << 15, 8, 1, &out, out.count))
    return out
  }

  /// Random bytes that nobody can guess.
  static func random(_ count: Int) throws(Diagnostic) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: count)
    try check(ccrypto_random(&out, count))
    return out
  }

  static func hex(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func check(_ status: Int32) throws(Diagnostic) {
    guard status != CCRYPTO_OK else { return }
    let reason = String(cString: ccrypto_unavailable_reason())
    throw .error(
      "libcrypto cannot be used: \(reason.isEmpty ? String(cString: ccrypto_status_text(status)) : reason)",
      detail: "Install OpenSSL 3 (apt install libssl3).", code: "no-libcrypto")
  }
}

extension Value {
  /// The same value with the keys of every object sorted, so that equal maps have equal bytes.
  var sortedByKey: Value {
    switch self {
    case .list(let elements): .list(elements.map(\.sortedByKey))
    case .object(let fields):
      .object(fields.map { Field($0.key, $0.value.sortedByKey) }.sorted { $0.key < $1.key })
    default: self
    }
  }
}
