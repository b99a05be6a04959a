/// The JWT that proves the possession of a user's private key.
struct KeyPairToken {
  /// How long a token is valid. It is made anew for every attempt, so it can be short.
  static let lifetime = 120

  /// Makes a token. `account` is the account without region, `now` seconds since 1970.
  static func make(account: String, user: String, key: PrivateKey, now: Int) throws(PrivateKey.Failure) -> String {
    let subject = "\(account.uppercased()).\(user.uppercased())"
    let header = JSONValue.object([.init("alg", .string("RS256")), .init("typ", .string("JWT"))])
    let claims = JSONValue.object([
      .init("iss", .string("\(subject).\(try key.fingerprint())")), .init("sub", .string(subject)),
      .init("iat", .integer(now)), .init("exp", .integer(now + lifetime)),
    ])
    let signed = "\(Base64.encodeForURL(header.encoded)).\(Base64.encodeForURL(claims.encoded))"
    return "\(signed).\(Base64.encodeForURL(try key.sign(Array(signed.utf8))))"
  }
}
