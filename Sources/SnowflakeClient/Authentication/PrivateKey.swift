import CCrypto

/// An RSA private key for key-pair login.
///
/// Unchecked: libcrypto's key is never changed after it was loaded, and signing with it from several threads is allowed.
final class PrivateKey: @unchecked Sendable {
  /// Why a key cannot be used.
  struct Failure: Error, Equatable {
    let status: Int32

    var description: String { String(cString: ccrypto_status_text(status)) }
    var isAboutPassphrase: Bool {
      status == Int32(CCRYPTO_PASSPHRASE_NEEDED) || status == Int32(CCRYPTO_BAD_PASSPHRASE)
    }
  }

  private let key: OpaquePointer

  private init(_ key: OpaquePointer) { self.key = key }

  deinit { ccrypto_key_free(key) }

  /// Loads a key in PEM (PKCS#8, PKCS#1), DER or base64 of DER.
  static func load(_ bytes: [UInt8], passphrase: String?) throws(Failure) -> PrivateKey {
    var key: OpaquePointer?
    var phrase = passphrase.map { Array($0.utf8CString) } ?? []
    let status = bytes.withUnsafeBytes { content in
      if phrase.isEmpty { return ccrypto_private_key_load(content.baseAddress, content.count, nil, 0, &key) }
      return ccrypto_private_key_load(content.baseAddress, content.count, phrase, phrase.count - 1, &key)
    }
    phrase.withUnsafeMutableBytes { ccrypto_wipe($0.baseAddress, $0.count) }
    guard status == Int32(CCRYPTO_OK), let key else { throw Failure(status: status) }
    return PrivateKey(key)
  }

  /// The public half as DER SubjectPublicKeyInfo.
  func publicDER() throws(Failure) -> [UInt8] {
    try output { ccrypto_key_public_der(key, $0, $1) }
  }

  /// `SHA256:` and the base64 of the public half's digest, as `DESC USER` shows it.
  func fingerprint() throws(Failure) -> String {
    let der = try publicDER()
    var digest = [UInt8](repeating: 0, count: Int(CCRYPTO_SHA256_SIZE))
    let status = ccrypto_sha256(der, der.count, &digest)
    guard status == Int32(CCRYPTO_OK) else { throw Failure(status: status) }
    return "SHA256:" + Base64.encode(digest)
  }

  /// The RS256 signature of `bytes`.
  func sign(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
    try output { ccrypto_sign_rs256(key, bytes, bytes.count, $0, $1) }
  }

  private func output(_ call: (UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int>) -> Int32) throws(Failure)
    -> [UInt8]
  {
    var size = 0
    let asked = call(nil, &size)
    guard asked == Int32(CCRYPTO_TOO_SMALL) else { throw Failure(status: asked) }
    var out = [UInt8](repeating: 0, count: size)
    let status = out.withUnsafeMutableBufferPointer { call($0.baseAddress, &size) }
    guard status == Int32(CCRYPTO_OK) else { throw Failure(status: status) }
    return Array(out.prefix(size))
  }
}
