/// An account in any of the spellings people use, and what follows from it.
///
/// `org-account`, `org.account`, `locator`, `locator.region[.cloud]`, `….privatelink`, `….global`, the account's host
/// name or address, and the address of its web interface are all understood.
public struct AccountIdentifier: Sendable, Equatable {
  /// The account as the login names it: cut at the first dot, without a region.
  public let name: String
  /// The host to connect to.
  public let host: String

  /// The account as JWTs name it: upper case.
  public var nameForToken: String { name.uppercased() }

  private static let domains = [".snowflakecomputing.com", ".snowflakecomputing.cn", ".snowflakecomputing.mil"]

  /// Understands a spelling; `region` is the older separate setting. Throws a `ConnectionProblem` when it is none.
  public init(_ spelling: String, region: String? = nil) throws(ConnectionProblem) {
    var text = trimmingSpace(spelling[...])
    for scheme in ["https://", "http://"] where text.lowercased().hasPrefix(scheme) {
      text = text.dropFirst(scheme.count)
    }
    let path = text.split(separator: "/", omittingEmptySubsequences: true)
    if path.count >= 3, path[0].lowercased() == "app.snowflake.com" {
      text = "\(path[1])-\(path[2])"
    } else {
      text = text.prefix { $0 != "/" && $0 != ":" && $0 != "?" && $0 != "#" }
    }
    var domain = ""
    for known in Self.domains where text.lowercased().hasSuffix(known) {
      domain = known
      text = text.dropLast(known.count)
    }
    guard !text.isEmpty, text.utf8.allSatisfy(Self.isAllowed), !text.hasPrefix("."), !text.hasSuffix("."),
      !text.hasPrefix("-"), !text.contains("..")
    else {
      throw ConnectionProblem(
        "\"\(spelling)\" is not an account", hint: "write it as ORGANISATION-ACCOUNT, as the web interface shows it")
    }
    self.init(parts: text.split(separator: ".").map(String.init), domain: domain, region: region)
  }

  private init(parts given: [String], domain: String, region: String?) {
    var parts = given
    // "org.account" is how SQL writes it; a region always has a dash or is one of the special words.
    if domain.isEmpty, parts.count == 2, !parts[1].contains("-"), !["privatelink", "global"].contains(parts[1]) {
      parts = ["\(parts[0])-\(parts[1])"]
    }
    if domain.isEmpty, let region, !region.isEmpty, region != "us-west-2", parts.count == 1 || parts[1] != "global" {
      parts = [parts[0]] + region.split(separator: ".").map(String.init)
    }
    var name = parts[0]
    if parts.count > 1, parts[1] == "global", let dash = name.lastIndex(of: "-") { name = String(name[..<dash]) }
    self.name = name
    let isChina = parts.count > 1 && parts[1].hasPrefix("cn-")
    let suffix = domain.isEmpty ? (isChina ? ".snowflakecomputing.cn" : ".snowflakecomputing.com") : domain
    let joined = parts.joined(separator: ".").lowercased()
    host = String(joined.map { $0 == "_" ? "-" : $0 }) + suffix
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}
