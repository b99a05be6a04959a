import CCrypto
import Glibc

/// The certificate an HTTPS listener shows and its private key.
public struct ServerIdentity: Sendable {
  /// The server's certificate and those between it and the authority, in PEM.
  public var certificate: String
  /// The private key, in PEM, not encrypted.
  public var key: String
  /// The authority's certificate that clients are to trust, in PEM; nil for a certificate that was given.
  public var authority: String?

  /// A certificate that was given.
  public init(certificate: String, key: String) {
    self.certificate = certificate
    self.key = key
  }

  /// The names a generated certificate is good for unless others are named: Snowflake's and loopback.
  public static let usualNames = [
    "*.snowflakecomputing.com", "*.snowflakecomputing.cn", "*.privatelink.snowflakecomputing.com",
    "*.global.snowflakecomputing.com", "*.us-east-1.snowflakecomputing.com", "*.eu-central-1.snowflakecomputing.com",
    "localhost", "127.0.0.1",
  ]

  /// A new certificate by a new authority, good for `days` days and the names. Throws `EmulatorServer.Failure` when
  /// libcrypto cannot make it.
  public static func generate(
    names: [String] = usualNames, days: Int = 30
  ) throws(EmulatorServer.Failure) -> ServerIdentity {
    let alternatives = names.map { ($0.allSatisfy { $0.isNumber || $0 == "." } ? "IP:" : "DNS:") + $0 }
    var authority: UnsafeMutablePointer<CChar>?
    var chain: UnsafeMutablePointer<CChar>?
    var key: UnsafeMutablePointer<CChar>?
    let status = ccrypto_make_certificates(
      alternatives.joined(separator: ","), Int32(clamping: days), &authority, &chain, &key)
    guard status == CCRYPTO_OK, let authority, let chain, let key else {
      throw .noCertificate(String(cString: ccrypto_status_text(status)))
    }
    defer {
      free(authority)
      free(chain)
      ccrypto_wipe(key, strlen(key))
      free(key)
    }
    var identity = ServerIdentity(certificate: String(cString: chain), key: String(cString: key))
    identity.authority = String(cString: authority)
    return identity
  }
}
