import CCrypto
import Glibc

/// Proves who a workload is by what the cloud it runs in says about it (Snowflake's workload identity federation). What
/// is sent is what Snowflake's Python connector sends (its `wif_util.py`); the clouds' interfaces are those of their
/// documentation. Nothing of this has been tried in a cloud.
struct WorkloadIdentityAuthenticator: Authenticator {
  enum Provider: String, Sendable { case aws = "AWS", azure = "AZURE", gcp = "GCP" }

  let user: String
  let provider: Provider
  /// The resource that an Azure token is asked for.
  let entraResource: String

  /// Snowflake's own application in Entra ID.
  static let snowflakeInEntra = "api://fd3f753b-eed3-462c-b6a7-a4b5bb650aad"
  private static let audience = "snowflakecomputing.com"

  var isInteractive: Bool { false }

  func members(account: String) -> [JSONValue.Member] { [] }

  func prepare(_ context: LoginContext) async throws(ClientError) -> any Authenticator {
    let cloud = Metadata(context: context, provider: provider)
    let token: Secret
    switch provider {
    case .aws: token = try await aws(cloud)
    case .azure: token = try await azure(cloud)
    case .gcp: token = try await gcp(cloud)
    }
    return TokenAuthenticator(
      user: user, method: "WORKLOAD_IDENTITY", source: .value(token),
      further: [.init("PROVIDER", .string(provider.rawValue))])
  }

  /// The identity token of the service account. `GCE_METADATA_HOST` names another metadata server.
  private func gcp(_ cloud: Metadata) async throws(ClientError) -> Secret {
    let host = Metadata.variable("GCE_METADATA_HOST") ?? "169.254.169.254"
    let path = "/computeMetadata/v1/instance/service-accounts/default/identity"
    let body = try await cloud.ask(
      "http://\(host)\(path)?audience=\(Self.audience)", [("Metadata-Flavor", "Google")])
    return Secret(String(trimmingSpace(String(decoding: body, as: UTF8.self)[...])))
  }

  /// The access token of the managed identity: of the machine, or of a function (`IDENTITY_ENDPOINT`).
  private func azure(_ cloud: Metadata) async throws(ClientError) -> Secret {
    var query = QueryString()
    var address = "http://169.254.169.254/metadata/identity/oauth2/token"
    var headers = [("Metadata", "True")]
    if let endpoint = Metadata.variable("IDENTITY_ENDPOINT") {
      guard let header = Metadata.variable("IDENTITY_HEADER") else {
        throw cloud.missing("IDENTITY_ENDPOINT is set and IDENTITY_HEADER is not: the function has no managed identity")
      }
      address = endpoint
      headers = [("X-IDENTITY-HEADER", header)]
      query.add("api-version", "2019-08-01")
    } else {
      query.add("api-version", "2018-02-01")
    }
    query.add("resource", entraResource)
    query.add("client_id", Metadata.variable("MANAGED_IDENTITY_CLIENT_ID"))
    let answer = try cloud.object(try await cloud.ask(address + query.text, headers))
    guard let token = answer["access_token"]?.text, !token.isEmpty else {
      throw cloud.missing("the answer holds no access token")
    }
    return Secret(token)
  }

  /// A signed question to AWS' security token service, which Snowflake asks in our place.
  private func aws(_ cloud: Metadata) async throws(ClientError) -> Secret {
    let role = try await AWSCredentials.find(cloud)
    let region = try await AWSCredentials.region(cloud)
    guard ccrypto_available() == 1 else {
      throw .connection(ConnectionProblem(String(cString: ccrypto_unavailable_reason())))
    }
    let host = "sts.\(region).amazonaws.com" + (region.hasPrefix("cn-") ? ".cn" : "")
    let query = "Action=GetCallerIdentity&Version=2011-06-15"
    let signature = AWSSignature(
      accessKey: role.accessKey, secretKey: role.secretKey, region: region, service: "sts", time: time(nil))
    var headers: [(name: String, value: String)] = [
      ("host", host), ("x-amz-date", signature.timestamp), ("x-snowflake-audience", Self.audience),
    ]
    if let token = role.sessionToken { headers.append(("x-amz-security-token", token.reveal())) }
    headers.append(("authorization", signature.authorization("POST", path: "/", query: query, headers: headers)))
    let request = JSONValue.object([
      .init("url", .string("https://\(host)/?\(query)")), .init("method", .string("POST")),
      .init("headers", .object(headers.map { .init($0.name, .string($0.value)) })),
    ])
    return Secret(Base64.encode(request.encoded))
  }
}

/// What a workload's AWS role is proven by: variables, a container's credentials, or the machine's.
struct AWSCredentials {
  let accessKey: String
  let secretKey: Secret
  let sessionToken: Secret?

  static func find(_ cloud: Metadata) async throws(ClientError) -> AWSCredentials {
    if let key = Metadata.variable("AWS_ACCESS_KEY_ID"), let secret = Metadata.variable("AWS_SECRET_ACCESS_KEY") {
      return AWSCredentials(
        accessKey: key, secretKey: Secret(secret),
        sessionToken: Metadata.variable("AWS_SESSION_TOKEN").map { Secret($0) })
    }
    if let address = Metadata.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").map({ "http://169.254.170.2\($0)" })
      ?? Metadata.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")
    {
      var headers: [(String, String)] = []
      if let file = Metadata.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
        let token: [UInt8]
        do throws(ConnectionProblem) { token = try FileSystem.read(file) } catch { throw .connection(error) }
        headers.append(("Authorization", String(trimmingSpace(String(decoding: token, as: UTF8.self)[...]))))
      } else if let token = Metadata.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN") {
        headers.append(("Authorization", token))
      }
      return try read(try await cloud.ask(address, headers), cloud)
    }
    let token = try await machineToken(cloud)
    let roles = "\(machine)/latest/meta-data/iam/security-credentials/"
    let list = String(decoding: try await cloud.ask(roles, token), as: UTF8.self)
    guard let role = list.split(whereSeparator: \.isWhitespace).first else {
      throw cloud.missing("the machine has no role (instance profile)")
    }
    return try read(try await cloud.ask(roles + role, token), cloud)
  }

  static func region(_ cloud: Metadata) async throws(ClientError) -> String {
    if let region = Metadata.variable("AWS_REGION") ?? Metadata.variable("AWS_DEFAULT_REGION") { return region }
    let token = try await machineToken(cloud)
    let region = String(
      decoding: try await cloud.ask("\(machine)/latest/meta-data/placement/region", token), as: UTF8.self)
    let isRegion = region.utf8.allSatisfy { $0 == 0x2D || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }
    guard !region.isEmpty, isRegion else {
      throw cloud.missing("the machine's region is not known: set AWS_REGION")
    }
    return region
  }

  private static var machine: String {
    Metadata.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? "http://169.254.169.254"
  }

  private static func machineToken(_ cloud: Metadata) async throws(ClientError) -> [(String, String)] {
    let body = try await cloud.ask(
      "\(machine)/latest/api/token", [("X-aws-ec2-metadata-token-ttl-seconds", "300")], method: .put)
    return [("X-aws-ec2-metadata-token", String(decoding: body, as: UTF8.self))]
  }

  private static func read(_ body: [UInt8], _ cloud: Metadata) throws(ClientError) -> AWSCredentials {
    let answer = try cloud.object(body)
    guard let key = answer["AccessKeyId"]?.text, let secret = answer["SecretAccessKey"]?.text else {
      throw cloud.missing("the answer holds no credentials")
    }
    return AWSCredentials(
      accessKey: key, secretKey: Secret(secret), sessionToken: answer["Token"]?.text.map { Secret($0) })
  }
}

/// The service that a cloud answers its machines with.
struct Metadata: Sendable {
  let context: LoginContext
  let provider: WorkloadIdentityAuthenticator.Provider

  static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The body of an answer. Throws when there is none soon: outside the cloud nobody answers.
  func ask(
    _ address: String, _ headers: [(String, String)], method: HTTPRequest.Method = .get
  ) async throws(ClientError) -> [UInt8] {
    let operation = "asking the metadata service of \(provider.rawValue) who this workload is"
    var request = HTTPRequest(method: method, url: address, headers: headers, compressesBody: false)
    request.timeouts = HTTPTimeouts(connect: .seconds(3), idle: .seconds(5), total: .seconds(10))
    request.isForMetadata = true
    let policy = RetryPolicy(
      deadline: .seconds(10), connectDeadline: .zero, attempts: 3, firstPause: context.options.loginRetry.firstPause)
    let built = request
    let response: HTTPResponse
    do throws(ExchangeFailure) {
      response = try await context.transport.exchange(operation, policy: policy) { _ in built }.response
    } catch {
      throw error.error
    }
    guard response.status == 200 else { throw missing("its service answered with HTTP status \(response.status)") }
    return response.body
  }

  /// The body as an object. Throws when it is none.
  func object(_ body: [UInt8]) throws(ClientError) -> JSONValue {
    var body = body
    return try readEnvelope(&body, operation: "asking the metadata service of \(provider.rawValue)")
  }

  /// What keeps the cloud from saying who this is.
  func missing(_ reason: String) -> ClientError {
    .connection(
      ConnectionProblem(
        "no workload identity of \(provider.rawValue): \(reason)",
        hint: "check that this runs in that cloud, with an identity that Snowflake knows"))
  }
}
