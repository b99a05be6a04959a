import CCrypto
import Glibc

/// A role that is to be taken on.
struct AWSRole: Sendable {
  /// Its name in full: `arn:aws:iam::123456789012:role/deployer`.
  let arn: String
  /// What the session is called in AWS' records.
  var sessionName: String?
  /// What the role's owner wants to be told.
  var externalID: String?
  /// How long the credentials are to be good for, in seconds.
  var duration: Int?
}

/// AWS' security token service (STS), which gives credentials of a role ("AssumeRole" and "AssumeRoleWithWebIdentity" in
/// its API reference, version 2011-06-15).
struct AWSTokenService {
  let cloud: Metadata
  let region: String
  /// The connection's `workload_identity_host`; nil for the region's own service.
  var host: String?

  /// The names under which AWS' partitions have their services.
  private static let domains = [
    ("cn-", "amazonaws.com.cn"), ("eusc-", "amazonaws.eu"), ("us-isob-", "sc2s.sgov.gov"),
    ("us-isof-", "csp.hci.ic.gov"),
    ("us-iso-", "c2s.ic.gov"), ("eu-isoe-", "cloud.adc-e.uk"),
  ]

  /// The service's host in a region.
  static func regionalHost(_ region: String) -> String {
    "sts.\(region).\(domains.first { region.hasPrefix($0.0) }?.1 ?? "amazonaws.com")"
  }

  /// The address that Snowflake is to ask, without a path.
  var publicAddress: String {
    guard let host else { return "https://\(Self.regionalHost(region))" }
    return host.contains("://") ? host : "https://\(host)"
  }

  /// The address that this machine asks, without a path: `AWS_ENDPOINT_URL_STS` and `AWS_ENDPOINT_URL` lead elsewhere.
  private var address: String {
    guard host == nil else { return publicAddress }
    var address = Metadata.variable("AWS_ENDPOINT_URL_STS") ?? Metadata.variable("AWS_ENDPOINT_URL") ?? publicAddress
    while address.hasSuffix("/") { address.removeLast() }
    return address
  }

  /// Credentials of a role that a token of another issuer (Kubernetes, a CI system) stands for.
  func assume(_ role: AWSRole, webIdentity token: Secret) async throws(ClientError) -> AWSCredentials {
    try await ask(role, "AssumeRoleWithWebIdentity", [("WebIdentityToken", token.reveal())], signedBy: nil)
  }

  /// Credentials of a role that others lead to.
  func assume(_ role: AWSRole, with credentials: AWSCredentials) async throws(ClientError) -> AWSCredentials {
    try await ask(role, "AssumeRole", [], signedBy: credentials)
  }

  /// A token by which others know who has these credentials ("GetWebIdentityToken").
  func identityToken(
    for audience: String, of credentials: AWSCredentials
  ) async throws(ClientError) -> Secret {
    let values = [
      ("Action", "GetWebIdentityToken"), ("Version", Self.version), ("Audience.member.1", audience),
      ("SigningAlgorithm", "ES384"),
    ]
    let answer = try await ask(values, signedBy: credentials, for: "an identity token")
    guard let token = Self.element("WebIdentityToken", of: answer) else {
      throw cloud.missing("AWS' answer holds no identity token")
    }
    return Secret(token)
  }

  private static let version = "2011-06-15"

  private func ask(
    _ role: AWSRole, _ action: String, _ further: [(String, String)], signedBy credentials: AWSCredentials?
  ) async throws(ClientError) -> AWSCredentials {
    var values = [
      ("Action", action), ("Version", Self.version), ("RoleArn", role.arn),
      ("RoleSessionName", role.sessionName ?? "snowmaker-\(time(nil))"),
    ]
    if let id = role.externalID { values.append(("ExternalId", id)) }
    if let seconds = role.duration { values.append(("DurationSeconds", String(seconds))) }
    let text = try await ask(values + further, signedBy: credentials, for: "credentials of \(role.arn)")
    guard let key = Self.element("AccessKeyId", of: text), let secret = Self.element("SecretAccessKey", of: text),
      let token = Self.element("SessionToken", of: text)
    else { throw cloud.missing("AWS' answer holds no credentials of \(role.arn)") }
    return AWSCredentials(accessKey: key, secretKey: Secret(secret), sessionToken: Secret(token))
  }

  /// The answer to a question, in XML. Throws what AWS says against it.
  private func ask(
    _ values: [(String, String)], signedBy credentials: AWSCredentials?, for wanted: String
  ) async throws(ClientError) -> String {
    let body = Array(FormText.encode(values).utf8)
    let address = address
    var headers: [(name: String, value: String)] = [
      ("content-type", "application/x-www-form-urlencoded; charset=utf-8"), ("accept", "application/xml"),
    ]
    if let credentials {
      headers = try credentials.signing(headers, host: Self.authority(of: address), body: body, region: region)
    }
    let answer = try await cloud.context.exchange(
      "asking AWS for \(wanted)",
      HTTPRequest(method: .post, url: address + "/", headers: headers, body: body, compressesBody: false))
    let text = String(decoding: answer.body, as: UTF8.self)
    guard answer.status == 200 else {
      let reason = [Self.element("Code", of: text), Self.element("Message", of: text)].compactMap(\.self)
      throw cloud.missing(
        "AWS gives no \(wanted): "
          + (reason.isEmpty ? "HTTP status \(answer.status)" : reason.joined(separator: ": ")),
        hint: "check the role's trust policy, and that what it is asked with is still good")
    }
    return text
  }

  /// The host and the port of an address.
  static func authority(of address: String) -> String {
    String(address[(address.firstRange(of: "://")?.upperBound ?? address.startIndex)...])
  }

  /// The text of the first element of that name; nil when there is none.
  static func element(_ name: String, of xml: String) -> String? {
    guard let start = xml.firstRange(of: "<\(name)>"),
      let end = xml[start.upperBound...].firstRange(of: "</\(name)>")
    else { return nil }
    var text = String(xml[start.upperBound..<end.lowerBound])
    for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")] {
      text.replace(entity, with: character)
    }
    return String(trimmingSpace(text[...]))
  }
}

extension AWSCredentials {
  /// Header fields with those that prove who asks the token service by POST, from now on for some minutes. Throws when
  /// libcrypto is missing.
  func signing(
    _ headers: [(name: String, value: String)], host: String, query: String = "", body: [UInt8] = [], region: String
  ) throws(ClientError) -> [(name: String, value: String)] {
    guard ccrypto_available() == 1 else {
      throw .connection(ConnectionProblem(String(cString: ccrypto_unavailable_reason())))
    }
    let signature = AWSSignature(
      accessKey: accessKey, secretKey: secretKey, region: region, service: "sts", time: time(nil))
    var headers = headers + [("host", host), ("x-amz-date", signature.timestamp)]
    if let sessionToken { headers.append(("x-amz-security-token", sessionToken.reveal())) }
    headers.append(
      ("authorization", signature.authorization("POST", path: "/", query: query, headers: headers, body: body)))
    return headers
  }
}
