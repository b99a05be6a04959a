import CCrypto
import Glibc

/// Signs a request to an AWS service (Signature Version 4, "Create a signed AWS API request" in AWS' documentation).
struct AWSSignature {
  let accessKey: String
  let secretKey: Secret
  let region: String
  let service: String
  /// Seconds since 1970.
  let time: Int

  /// The value of the field `Authorization` for a request. `query` is in canonical form; the names of
  /// `headers` are in lower case, and `x-amz-date` (see `timestamp`) is among them.
  func authorization(
    _ method: String, path: String, query: String, headers: [(name: String, value: String)], body: [UInt8] = []
  ) -> String {
    let sorted = headers.sorted { $0.name < $1.name }
    let names = sorted.map(\.name).joined(separator: ";")
    let fields = sorted.map { "\($0.name):\($0.value)\n" }.joined()
    let request = [method, path, query, fields, names, Self.hex(Self.digest(body))].joined(separator: "\n")
    let scope = "\(timestamp.prefix(8))/\(region)/\(service)/aws4_request"
    let toSign = ["AWS4-HMAC-SHA256", timestamp, scope, Self.hex(Self.digest(Array(request.utf8)))]
      .joined(separator: "\n")
    var key = Array("AWS4\(secretKey.reveal())".utf8)
    defer { key.withUnsafeMutableBytes { ccrypto_wipe($0.baseAddress, $0.count) } }
    for part in scope.split(separator: "/") { key = Self.code(key, String(part)) }
    let signature = Self.hex(Self.code(key, toSign))
    return "AWS4-HMAC-SHA256 Credential=\(accessKey)/\(scope), SignedHeaders=\(names), Signature=\(signature)"
  }

  /// The time as AWS writes it: `20150830T123600Z`.
  var timestamp: String {
    var parts = tm()
    var seconds = time_t(time)
    gmtime_r(&seconds, &parts)
    func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + String(number) }
    return "\(parts.tm_year + 1900)\(two(parts.tm_mon + 1))\(two(parts.tm_mday))"
      + "T\(two(parts.tm_hour))\(two(parts.tm_min))\(two(parts.tm_sec))Z"
  }

  private static func digest(_ bytes: [UInt8]) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: Int(CCRYPTO_SHA256_SIZE))
    ccrypto_sha256(bytes, bytes.count, &out)
    return out
  }

  private static func code(_ key: [UInt8], _ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    var out = [UInt8](repeating: 0, count: Int(CCRYPTO_SHA256_SIZE))
    ccrypto_hmac_sha256(key, key.count, bytes, bytes.count, &out)
    return out
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
