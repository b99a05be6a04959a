/// Proves who a workload is by what the cloud it runs in says about it (Snowflake's workload identity federation). What
/// is sent is what Snowflake's Python connector sends (its `wif_util.py`); the clouds' interfaces are those of their
/// documentation. Nothing of this has been tried in a cloud.
struct WorkloadIdentityAuthenticator: Authenticator {
  enum Provider: String, Sendable { case aws = "AWS", azure = "AZURE", gcp = "GCP" }

  let user: String
  let provider: Provider
  /// The resource that an Azure token is asked for.
  let entraResource: String
  /// What the connection says about AWS.
  var aws = AWSSettings()

  /// What a connection may say about AWS.
  struct AWSSettings: Sendable {
    /// The host of the security token service that is asked; nil for the region's own.
    var host: String?
    /// The roles that are taken on one after the other.
    var roles: [String] = []
    /// Whether Snowflake gets a token of AWS in place of a signed question.
    var usesOutboundToken = false
  }

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

  /// The access token of the managed identity: of a pod in Kubernetes, of a function (`IDENTITY_ENDPOINT`), or of the
  /// machine.
  private func azure(_ cloud: Metadata) async throws(ClientError) -> Secret {
    if let token = try await kubernetes(cloud) { return token }
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

  /// In Azure's Kubernetes the cluster's token is given for one of Entra ID ("Microsoft identity platform and the OAuth 2.0
  /// client credentials flow", third case); nil elsewhere. The three variables are set by Azure's workload identity webhook.
  private func kubernetes(_ cloud: Metadata) async throws(ClientError) -> Secret? {
    guard let file = Metadata.variable("AZURE_FEDERATED_TOKEN_FILE"), FileSystem.status(file) != nil,
      let client = Metadata.variable("AZURE_CLIENT_ID"), let tenant = Metadata.variable("AZURE_TENANT_ID")
    else { return nil }
    var authority = Metadata.variable("AZURE_AUTHORITY_HOST") ?? "https://login.microsoftonline.com"
    while authority.hasSuffix("/") { authority.removeLast() }
    let assertion = try cloud.text(ofFile: file, namedBy: "AZURE_FEDERATED_TOKEN_FILE")
    let body = FormText.encode([
      ("grant_type", "client_credentials"), ("client_id", client), ("scope", "\(entraResource)/.default"),
      ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
      ("client_assertion", assertion),
    ])
    var response = try await cloud.context.exchange(
      "asking Entra ID who this workload is",
      HTTPRequest(
        method: .post, url: "\(authority)/\(tenant)/oauth2/v2.0/token",
        headers: [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")],
        body: Array(body.utf8), compressesBody: false))
    let answer = try readEnvelope(&response.body, operation: "asking Entra ID who this workload is")
    guard response.status == 200, let token = answer["access_token"]?.text, !token.isEmpty else {
      throw cloud.missing(
        "Entra ID gives no token: "
          + (answer["error_description"]?.text ?? answer["error"]?.text ?? "HTTP status \(response.status)"),
        hint: "check the federated credential of the application \(client)")
    }
    return Secret(token)
  }

  /// A signed question to AWS' security token service, which Snowflake asks in our place; or, where that is wanted, a
  /// token that the service gives for Snowflake.
  private func aws(_ cloud: Metadata) async throws(ClientError) -> Secret {
    let search = AWSCredentialSearch(cloud: cloud, host: aws.host)
    var credentials = try await search.find()
    let service = AWSTokenService(cloud: cloud, region: try await search.region(), host: aws.host)
    for arn in aws.roles {
      credentials = try await service.assume(
        AWSRole(arn: arn, sessionName: "identity-federation-session"), with: credentials)
    }
    if aws.usesOutboundToken { return try await service.identityToken(for: Self.audience, of: credentials) }
    let query = "Action=GetCallerIdentity&Version=2011-06-15"
    let headers = try credentials.signing(
      [("x-snowflake-audience", Self.audience)], host: AWSTokenService.authority(of: service.publicAddress),
      query: query, region: service.region)
    let request = JSONValue.object([
      .init("url", .string("\(service.publicAddress)/?\(query)")), .init("method", .string("POST")),
      .init("headers", .object(headers.map { .init($0.name, .string($0.value)) })),
    ])
    return Secret(Base64.encode(request.encoded))
  }
}
