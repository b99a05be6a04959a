import CCrypto
import Testing

@testable import SnowflakeClient

@Suite struct KeyTests {
  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test(arguments: [CCRYPTO_PEM_PKCS8, CCRYPTO_PEM_PKCS1, CCRYPTO_DER_PKCS8, CCRYPTO_DER_PKCS1])
  func keysLoadInEveryForm(_ form: Int) throws {
    let pair = try TestKey()
    let bytes = try pair.export(form)
    let plain = try PrivateKey.load(bytes, passphrase: nil)
    let again = try PrivateKey.load(Array(Base64.encode(try pair.export(Int(CCRYPTO_DER_PKCS8))).utf8), passphrase: nil)
    #expect(try plain.fingerprint() == again.fingerprint())
    // A passphrase that is not needed does no harm.
    #expect(try PrivateKey.load(bytes, passphrase: "unused").fingerprint() == plain.fingerprint())
  }

  @Test func encryptedKeysNeedTheirPassphrase() throws {
    let pair = try TestKey()
    let bytes = try pair.export(Int(CCRYPTO_PEM_PKCS8), passphrase: "sésame")
    #expect(try PrivateKey.load(bytes, passphrase: "sésame").fingerprint().hasPrefix("SHA256:"))
    #expect(throws: PrivateKey.Failure(status: Int32(CCRYPTO_PASSPHRASE_NEEDED))) {
      try PrivateKey.load(bytes, passphrase: nil)
    }
    #expect(throws: PrivateKey.Failure(status: Int32(CCRYPTO_BAD_PASSPHRASE))) {
      try PrivateKey.load(bytes, passphrase: "wrong")
    }
  }

  @Test(arguments: ["", "garbage", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "MIIB", "0\u{1}"])
  func whatIsNoKeyIsRefused(_ text: String) {
    #expect(throws: PrivateKey.Failure.self) { try PrivateKey.load(Array(text.utf8), passphrase: nil) }
  }

  @Test func aKeyInAVariableMayHaveEscapedLineBreaks() throws {
    let pair = try TestKey()
    let pem = try pair.pem()
    let escaped = pem.replacing("\n", with: "\\n")
    var parameters = ConnectionParameters([.account: "a-b", .user: "u", .privateKey: escaped])
    let authenticator = try parameters.authenticator()
    let token = try #require(try authenticator.members(account: "a-b").first { $0.key == "TOKEN" }?.value.text)
    #expect(try pair.verify(token)["sub"] == .string("A-B.U"))
    parameters.set(.privateKey, "nonsense", from: .variable("SNOWFLAKE_PRIVATE_KEY"))
    let error = #expect(throws: ConnectionProblem.self) { try parameters.authenticator() }
    #expect(error?.description.contains("$SNOWFLAKE_PRIVATE_KEY") == true)
    #expect(error?.description.contains("nonsense") == false)
  }

  @Test func tokensCarryTheClaimsOfTheProtocol() throws {
    let pair = try TestKey()
    let key = try PrivateKey.load(try pair.export(Int(CCRYPTO_PEM_PKCS8)), passphrase: nil)
    let token = try KeyPairToken.make(account: "myorg-myacct", user: "tester", key: key, now: 1_700_000_000)
    let claims = try pair.verify(token)
    #expect(claims["iss"] == .string("MYORG-MYACCT.TESTER.\(try key.fingerprint())"))
    #expect(claims["iat"] == .number("1700000000"))
    #expect(claims["exp"] == .number("1700000120"))
    #expect(!token.contains("="))
    let other = try TestKey()
    #expect(throws: TestKey.Failure.self) { try other.verify(token) }
  }

  @Test func base64MatchesTheStandardsExamples() {
    let examples = [
      "": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "fooba": "Zm9vYmE=", "foobar": "Zm9vYmFy",
    ]
    for (plain, coded) in examples {
      #expect(Base64.encode(Array(plain.utf8)) == coded)
      #expect(Base64.decode(coded) == Array(plain.utf8))
    }
    #expect(Base64.encodeForURL([0xFB, 0xFF]) == "-_8")
    #expect(Base64.decode("Zm 9v") == nil)
  }

  @Test func retryAfterUnderstandsSecondsAndDates() {
    #expect(retryAfter("7") == .seconds(7))
    #expect(retryAfter("-1") == .zero)
    #expect(retryAfter("Sun, 06 Nov 1994 08:49:37 GMT") == .zero)
    #expect((retryAfter("Fri, 31 Dec 2100 23:59:59 GMT") ?? .zero) == .seconds(3600))
    #expect(retryAfter("soon") == nil)
  }
}
