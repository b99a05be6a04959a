import Glibc
import Testing

@testable import SnowflakeClient

/// Where a workload's AWS and Azure identities come from besides the clouds' metadata services.
extension WorkloadIdentityTests {
  /// AWS' files for one test.
  private struct AWSFolder: ~Copyable {
    let path: String

    init(config: String = "", credentials: String = "", token: String = "") throws {
      var template = Array("/tmp/snowmaker-aws-XXXXXX".utf8CString)
      let path = String(cString: try #require(mkdtemp(&template)))
      for (name, text) in [("config", config), ("credentials", credentials), ("token", token)] {
        try FileSystem.write(Array(text.utf8), to: "\(path)/\(name)")
      }
      self.path = path
    }

    deinit {
      for name in ["config", "credentials", "token"] { unlink("\(path)/\(name)") }
      rmdir(path)
    }

    /// The variables that lead to the files and to the server in place of AWS.
    func variables(_ server: ScriptedServer, _ further: [String: String] = [:]) -> Variables {
      var all = [
        "AWS_CONFIG_FILE": "\(path)/config", "AWS_SHARED_CREDENTIALS_FILE": "\(path)/credentials",
        "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:\(server.port)", "AWS_REGION": "eu-west-1",
      ]
      all.merge(further) { _, given in given }
      return Variables(all)
    }
  }

  /// Credentials as AWS' token service gives them; the role's name becomes the key's.
  private static func credentials(_ action: String, _ key: String) -> Reply {
    text(
      """
      <\(action)Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
        <\(action)Result>
          <AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/r/s</Arn></AssumedRoleUser>
          <Credentials>
            <SessionToken>token+of/\(key)==</SessionToken>
            <SecretAccessKey>canary-secret-of-\(key)</SecretAccessKey>
            <Expiration>2026-11-21T10:00:00Z</Expiration><AccessKeyId>\(key)</AccessKeyId>
          </Credentials>
        </\(action)Result>
      </\(action)Response>
      """)
  }

  private static func form(_ request: Received) -> [String: String] {
    FormText.decode(String(decoding: request.body, as: UTF8.self))
  }

  /// The signed question that the login sent.
  private static func question(_ server: ScriptedServer) throws -> JSONValue {
    let token = server.received(ScriptedServer.loginPath).last?.json["data"]?["TOKEN"]?.text
    var bytes = try #require(Base64.decode(token ?? ""))
    return try JSONReader.read(&bytes) { (reader) throws(JSONError) in try reader.value() }
  }

  private static func open(_ server: ScriptedServer, _ provider: String = "AWS") async throws {
    _ = try await Session.open(parameters(server, provider), options: ScriptedServer.quick)
  }

  /// As in Amazon's Kubernetes: a token of the cluster stands for a role.
  @Test func aTokenOfAnotherIssuerStandsForARole() async throws {
    let server = try Self.server { request in
      let form = Self.form(request)
      guard form["Action"] == "AssumeRoleWithWebIdentity", form["Version"] == "2011-06-15",
        request.headers["authorization"] == nil
      else { return .status(500) }
      guard form["WebIdentityToken"] == "canary-cluster-token" else {
        let error = "<Code>ExpiredTokenException</Code><Message>Token expired: &quot;now&quot;</Message>"
        return .status(400, body: Array("<ErrorResponse><Error>\(error)</Error></ErrorResponse>".utf8))
      }
      return Self.credentials("AssumeRoleWithWebIdentity", "ASIAWEB")
    }
    defer { server.stop() }
    let folder = try AWSFolder(
      config: "[default]\naws_access_key_id = NOT-THIS\naws_secret_access_key = x\n", token: "canary-cluster-token\n")
    let variables = folder.variables(
      server,
      [
        "AWS_WEB_IDENTITY_TOKEN_FILE": "\(folder.path)/token", "AWS_ROLE_ARN": "arn:aws:iam::1:role/deployer",
        "AWS_ROLE_SESSION_NAME": "ci-7",
      ])
    try await Self.open(server)
    let asked = Self.form(try #require(server.received("/").first))
    #expect(asked["RoleArn"] == "arn:aws:iam::1:role/deployer" && asked["RoleSessionName"] == "ci-7")
    let sent = try Self.question(server)
    #expect(sent["headers"]?["x-amz-security-token"] == .string("token+of/ASIAWEB=="))
    #expect(sent["headers"]?["authorization"]?.text?.contains("Credential=ASIAWEB/") == true)
    // The question is one that Snowflake asks AWS, not our server.
    #expect(sent["headers"]?["host"] == .string("sts.eu-west-1.amazonaws.com"))

    try FileSystem.write(Array("canary-old-token".utf8), to: "\(folder.path)/token")
    let refused = await #expect(throws: ClientError.self) { try await Self.open(server) }
    #expect(refused?.description.contains(#"ExpiredTokenException: Token expired: "now""#) == true)
    #expect(refused?.description.contains("canary") == false)
    unsetenv("AWS_ROLE_ARN")
    let noRole = await #expect(throws: ClientError.self) { try await Self.open(server) }
    #expect(noRole?.description.contains("set AWS_ROLE_ARN") == true)
    unlink("\(folder.path)/token")
    setenv("AWS_ROLE_ARN", "arn:aws:iam::1:role/deployer", 1)
    let noFile = await #expect(throws: ClientError.self) { try await Self.open(server) }
    #expect(noFile?.description.contains("\(folder.path)/token") == true)
    _ = consume variables
  }

  /// A profile takes on its role with the credentials of another, and that one with static ones.
  @Test func aProfileLeadsToARoleByWayOfOthers() async throws {
    let server = try Self.server { request in
      let form = Self.form(request)
      let isSigned = request.headers["authorization"]?.contains("SignedHeaders=accept;content-type;host;x-amz-date")
      guard form["Action"] == "AssumeRole", isSigned == true else { return .status(500) }
      return Self.credentials("AssumeRole", form["RoleArn"] == "arn:inner" ? "ASIAINNER" : "ASIAOUTER")
    }
    defer { server.stop() }
    let folder = try AWSFolder(
      config: """
        # how we deploy
        [profile deploy]
        role_arn = arn:outer
        source_profile = through
        external_id: snow
        duration_seconds = 900
        s3 =
          addressing_style = path
        [profile "through"]
        role_arn = arn:inner
        source_profile = base
        role_session_name = inner-session
        """,
      credentials: "[base]\naws_access_key_id=AKIABASE\naws_secret_access_key=canary-base\n")
    let variables = folder.variables(server, ["AWS_PROFILE": "deploy"])
    try await Self.open(server)
    let asked = server.received("/")
    try #require(asked.count == 2)
    #expect(Self.form(asked[0])["RoleArn"] == "arn:inner" && Self.form(asked[0])["RoleSessionName"] == "inner-session")
    #expect(asked[0].headers["authorization"]?.contains("Credential=AKIABASE/") == true)
    #expect(Self.form(asked[1])["ExternalId"] == "snow" && Self.form(asked[1])["DurationSeconds"] == "900")
    #expect(asked[1].headers["authorization"]?.contains("Credential=ASIAINNER/") == true)
    #expect(asked[1].headers["x-amz-security-token"] == "token+of/ASIAINNER==")
    #expect(try Self.question(server)["headers"]?["authorization"]?.text?.contains("Credential=ASIAOUTER/") == true)
    _ = consume variables
  }

  /// The order of AWS' own libraries: variables, the profile's keys of the credentials' file, of the configuration.
  @Test func keysAreTakenFromVariablesThenTheCredentialsThenTheConfiguration() async throws {
    let server = try Self.server { _ in .status(500) }
    defer { server.stop() }
    let folder = try AWSFolder(
      config: """
        [default]
        aws_access_key_id = CONFIG
        aws_secret_access_key = a
        aws_session_token = of-config
        region = us-gov-west-1
        """,
      credentials: "[default]\naws_access_key_id = CREDENTIALS\naws_secret_access_key = b\n")
    let variables = folder.variables(server, ["AWS_ACCESS_KEY_ID": "VARIABLE", "AWS_SECRET_ACCESS_KEY": "c"])
    for (expected, token) in [("VARIABLE", nil), ("CREDENTIALS", nil), ("CONFIG", "of-config")] as [(String, String?)] {
      try await Self.open(server)
      let headers = try #require(try Self.question(server)["headers"])
      #expect(headers["authorization"]?.text?.contains("Credential=\(expected)/") == true)
      #expect(headers["x-amz-security-token"]?.text == token)
      if expected == "VARIABLE" { unsetenv("AWS_ACCESS_KEY_ID") } else { unlink("\(folder.path)/credentials") }
    }
    // The profile's region counts when no variable says one.
    unsetenv("AWS_REGION")
    try await Self.open(server)
    #expect(try Self.question(server)["headers"]?["host"] == .string("sts.us-gov-west-1.amazonaws.com"))
    setenv("AWS_ACCESS_KEY_ID", "HALF", 1)
    unsetenv("AWS_SECRET_ACCESS_KEY")
    let half = await #expect(throws: ClientError.self) { try await Self.open(server) }
    #expect(half?.description.contains("set AWS_SECRET_ACCESS_KEY too") == true)
    unsetenv("AWS_ACCESS_KEY_ID")
    _ = consume variables
  }

  @Test(arguments: [
    ("", "missing", #"there is no profile "missing" (AWS_PROFILE)"#),
    ("[profile p]\nsso_session = corp\n", "p", "gets its credentials by way of sso_session"),
    ("[profile p]\ncredential_process = /bin/x\n", "p", "aws configure export-credentials --profile 'p'"),
    (
      "[profile p]\nrole_arn = a\nsource_profile = q\n[profile q]\nrole_arn = b\nsource_profile = p\n", "p",
      "leads to itself"
    ),
    ("[profile p]\nrole_arn = a\n", "p", "does not say how to take on its role"),
    ("[profile p]\nrole_arn = a\nsource_profile = q\n", "p", #"there is no profile "q""#),
    ("[profile p]\nrole_arn = a\ncredential_source = Moon\n", "p", "credential_source = Moon"),
    ("[profile p]\nrole_arn = a\nsource_profile = q\nmfa_serial = m\n[profile q]\n", "p", "second factor"),
    ("[profile p]\nwhat is this\n", "p", "config:2"),
    ("[profile p\n", "p", "config:1"),
  ])
  func whatAProfileCannotGiveIsSaid(_ config: String, _ profile: String, _ expected: String) async throws {
    let server = try Self.server { _ in .status(500) }
    defer { server.stop() }
    let folder = try AWSFolder(config: config)
    let variables = folder.variables(server, ["AWS_PROFILE": profile])
    let error = await #expect(throws: ClientError.self) { try await Self.open(server) }
    #expect(error?.description.contains(expected) == true, Comment(rawValue: error?.description ?? ""))
    #expect(server.received.isEmpty)
    _ = consume variables
  }

  /// The connection's own settings: roles one after the other, another host, and a token in place of a question.
  @Test func theConnectionMayNameRolesAHostAndAToken() async throws {
    let server = try Self.server { request in
      let form = Self.form(request)
      if form["Action"] == "GetWebIdentityToken" {
        let isRight = form["Audience.member.1"] == "snowflakecomputing.com" && form["SigningAlgorithm"] == "ES384"
        return isRight ? Self.text("<R><WebIdentityToken>outbound-token</WebIdentityToken></R>") : .status(400)
      }
      return Self.credentials("AssumeRole", form["RoleArn"] == "arn:one" ? "ASIAONE" : "ASIATWO")
    }
    defer { server.stop() }
    let folder = try AWSFolder()
    let variables = folder.variables(server, ["AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "c"])
    var parameters = Self.parameters(server, "AWS")
    parameters.set(.workloadIdentityPath, "arn:one,arn:two", from: .override("test"))
    _ = try await Session.open(parameters, options: ScriptedServer.quick)
    #expect(try Self.question(server)["headers"]?["authorization"]?.text?.contains("Credential=ASIATWO/") == true)
    #expect(server.received("/").last?.headers["authorization"]?.contains("Credential=ASIAONE/") == true)

    parameters.set(.workloadIdentityOutboundToken, "true", from: .override("test"))
    _ = try await Session.open(parameters, options: ScriptedServer.quick)
    let data = try #require(server.received(ScriptedServer.loginPath).last?.json["data"])
    #expect(data["TOKEN"] == .string("outbound-token") && data["PROVIDER"] == .string("AWS"))

    var hosted = Self.parameters(server, "AWS")
    hosted.set(.workloadIdentityHost, "vpce-1.sts.eu-west-1.vpce.amazonaws.com", from: .override("test"))
    _ = try await Session.open(hosted, options: ScriptedServer.quick)
    let sent = try Self.question(server)
    #expect(sent["url"]?.text?.hasPrefix("https://vpce-1.sts.eu-west-1.vpce.amazonaws.com/?Action=") == true)
    #expect(sent["headers"]?["host"] == .string("vpce-1.sts.eu-west-1.vpce.amazonaws.com"))
    hosted.set(.workloadIdentityHost, "host/path", from: .override("test"))
    await #expect(throws: ClientError.self) { try await Session.open(hosted, options: ScriptedServer.quick) }
    var azure = Self.parameters(server, "AZURE")
    azure.set(.workloadIdentityPath, "somebody", from: .override("test"))
    let other = await #expect(throws: ClientError.self) {
      try await Session.open(azure, options: ScriptedServer.quick)
    }
    #expect(other?.description.contains("workload_identity_impersonation_path is supported for AWS only") == true)
    _ = consume variables
  }

  @Test(arguments: [
    ("eu-central-1", "sts.eu-central-1.amazonaws.com"), ("cn-north-1", "sts.cn-north-1.amazonaws.com.cn"),
    ("us-gov-west-1", "sts.us-gov-west-1.amazonaws.com"), ("eusc-de-east-1", "sts.eusc-de-east-1.amazonaws.eu"),
    ("us-iso-east-1", "sts.us-iso-east-1.c2s.ic.gov"), ("us-isob-east-1", "sts.us-isob-east-1.sc2s.sgov.gov"),
  ])
  func everyPartitionHasItsDomain(_ region: String, _ host: String) {
    #expect(AWSTokenService.regionalHost(region) == host)
  }

  /// In Azure's Kubernetes the cluster's token is given for one of Entra ID.
  @Test func aPodsTokenStandsForAnAzureApplication() async throws {
    let server = try Self.server { request in
      let form = Self.form(request)
      guard request.path == "/tenant-1/oauth2/v2.0/token", form["client_id"] == "client-1",
        form["grant_type"] == "client_credentials",
        form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        form["scope"] == "api://fd3f753b-eed3-462c-b6a7-a4b5bb650aad/.default"
      else { return .status(500) }
      guard form["client_assertion"] == "canary-pod-token" else {
        let body = #"{"error":"invalid_client","error_description":"AADSTS700213: no match"}"#
        return .status(401, body: Array(body.utf8))
      }
      return Self.text(#"{"access_token":"entra-token"}"#)
    }
    defer { server.stop() }
    let folder = try AWSFolder(token: "canary-pod-token")
    let variables = Variables([
      "AZURE_FEDERATED_TOKEN_FILE": "\(folder.path)/token", "AZURE_CLIENT_ID": "client-1",
      "AZURE_TENANT_ID": "tenant-1",
      "AZURE_AUTHORITY_HOST": "http://127.0.0.1:\(server.port)/",
    ])
    try await Self.open(server, "AZURE")
    let data = try #require(server.received(ScriptedServer.loginPath).first?.json["data"])
    #expect(data["PROVIDER"] == .string("AZURE") && data["TOKEN"] == .string("entra-token"))
    try FileSystem.write(Array("canary-other".utf8), to: "\(folder.path)/token")
    let error = await #expect(throws: ClientError.self) { try await Self.open(server, "AZURE") }
    #expect(error?.description.contains("AADSTS700213") == true && error?.description.contains("canary") == false)
    _ = consume variables
  }
}
