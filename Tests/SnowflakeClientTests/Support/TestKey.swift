import CCrypto

@testable import SnowflakeClient

/// A key pair made for a test.
struct TestKey: ~Copyable {
  struct Failure: Error { let status: Int32 }

  private let key: OpaquePointer

  init() throws {
    var made: OpaquePointer?
    let status = ccrypto_key_generate(2048, &made)
    guard status == 0, let made else { throw Failure(status: status) }
    key = made
  }

  deinit { ccrypto_key_free(key) }

  func export(_ form: Int, passphrase: String? = nil) throws -> [UInt8] {
    var out = [UInt8](repeating: 0, count: 8192)
    var size = out.count
    let status = ccrypto_private_key_export(
      key, Int32(form), passphrase, passphrase?.utf8.count ?? 0, &out, &size)
    guard status == 0 else { throw Failure(status: status) }
    return Array(out.prefix(size))
  }

  func pem(passphrase: String? = nil) throws -> String {
    String(decoding: try export(Int(CCRYPTO_PEM_PKCS8), passphrase: passphrase), as: UTF8.self)
  }

  /// The claims of a token whose signature this key's public half confirms.
  func verify(_ token: String) throws -> JSONValue {
    let parts = token.split(separator: ".")
    guard parts.count == 3, let signature = Base64.decode(String(parts[2])) else { throw Failure(status: 0) }
    var der = [UInt8](repeating: 0, count: 1024)
    var size = der.count
    guard ccrypto_key_public_der(key, &der, &size) == 0 else { throw Failure(status: 0) }
    // As an account stores it: base64 of DER.
    let stored = Array(Base64.encode(Array(der.prefix(size))).utf8)
    var loaded: OpaquePointer?
    guard ccrypto_public_key_load(stored, stored.count, &loaded) == 0 else { throw Failure(status: 0) }
    defer { ccrypto_key_free(loaded) }
    let signed = Array("\(parts[0]).\(parts[1])".utf8)
    let status = ccrypto_verify_rs256(loaded, signed, signed.count, signature, signature.count)
    guard status == 0 else { throw Failure(status: status) }
    var claims = Base64.decode(String(parts[1])) ?? []
    return try JSONReader.read(&claims) { (reader) throws(JSONError) in try reader.value() }
  }
}
