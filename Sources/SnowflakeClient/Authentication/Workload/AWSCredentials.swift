/// What a workload's AWS role is proven by.
struct AWSCredentials: Sendable {
  let accessKey: String
  let secretKey: Secret
  let sessionToken: Secret?
}

/// Finds a workload's credentials where AWS' own libraries look for them, in their order (botocore's
/// `create_credential_resolver`, which Snowflake's Python connector goes by): variables; the profile's role; a token of
/// another issuer (`AWS_WEB_IDENTITY_TOKEN_FILE`, as in EKS); the profile's keys; the container; the machine.
struct AWSCredentialSearch {
  let cloud: Metadata
  /// The connection's `workload_identity_host`.
  var host: String?

  /// The credentials. Throws when there are none, and when the files or services that should give them do not.
  func find() async throws(ClientError) -> AWSCredentials {
    if let found = try fromVariables() { return found }
    let profiles = try profiles()
    let name = Self.profileName
    if let name, profiles[name] == nil {
      throw cloud.missing(
        "there is no profile \"\(name)\" (AWS_PROFILE)",
        hint: profiles.files.isEmpty
          ? "there are neither ~/.aws/config nor ~/.aws/credentials"
          : "there are: \(profiles.names.joined(separator: ", "))")
    }
    if let found = try await fromProfile(name ?? "default", profiles, visited: []) { return found }
    if let found = try await fromContainer() { return found }
    return try await fromMachine()
  }

  /// The region: `AWS_REGION`, the profile's, or the machine's. Throws when none is known.
  func region() async throws(ClientError) -> String {
    if let known = Metadata.variable("AWS_REGION") ?? Metadata.variable("AWS_DEFAULT_REGION") {
      return try checked(known)
    }
    if let known = try profiles()[Self.profileName ?? "default"]?["region"] { return try checked(known) }
    let token = try await machineToken()
    let region = String(
      decoding: try await cloud.ask("\(Self.machine)/latest/meta-data/placement/region", token), as: UTF8.self)
    return try checked(region)
  }

  /// A region becomes part of a host's name, and must not be anything else.
  private func checked(_ region: String) throws(ClientError) -> String {
    let isRegion = region.utf8.allSatisfy { $0 == 0x2D || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }
    guard !region.isEmpty, isRegion else {
      throw cloud.missing("the region is not known", hint: "set AWS_REGION")
    }
    return region
  }

  private static var profileName: String? {
    Metadata.variable("AWS_PROFILE") ?? Metadata.variable("AWS_DEFAULT_PROFILE")
  }

  private func profiles() throws(ClientError) -> AWSProfiles {
    do throws(ConnectionProblem) { return try AWSProfiles() } catch { throw .connection(error) }
  }

  private func service() async throws(ClientError) -> AWSTokenService {
    AWSTokenService(cloud: cloud, region: try await region(), host: host)
  }

  // MARK: - Variables

  private func fromVariables() throws(ClientError) -> AWSCredentials? {
    guard let key = Metadata.variable("AWS_ACCESS_KEY_ID") else { return nil }
    guard let secret = Metadata.variable("AWS_SECRET_ACCESS_KEY") else {
      throw cloud.missing("AWS_ACCESS_KEY_ID is set", hint: "set AWS_SECRET_ACCESS_KEY too")
    }
    let token = Metadata.variable("AWS_SESSION_TOKEN") ?? Metadata.variable("AWS_SECURITY_TOKEN")
    return AWSCredentials(accessKey: key, secretKey: Secret(secret), sessionToken: token.map { Secret($0) })
  }

  // MARK: - Profiles

  /// What a profile leads to; nil when it says nothing about credentials. The variables of web identity count for the
  /// profile in use, not for those it gets its credentials from.
  private func fromProfile(
    _ name: String, _ profiles: AWSProfiles, visited: [String]
  ) async throws(ClientError) -> AWSCredentials? {
    let profile = profiles[name] ?? [:]
    if let arn = profile["role_arn"], profile["web_identity_token_file"] == nil {
      let isOwnSource = visited.last == name && profile["aws_access_key_id"] != nil
      if !isOwnSource { return try await assume(arn, profile, name, profiles, visited) }
    }
    let usesVariables = visited.isEmpty
    func setting(_ variable: String, _ key: String) -> String? {
      (usesVariables ? Metadata.variable(variable) : nil) ?? profile[key]
    }
    if let file = setting("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file") {
      guard let arn = setting("AWS_ROLE_ARN", "role_arn") else {
        throw cloud.missing("there is a token of another issuer, and no role", hint: "set AWS_ROLE_ARN")
      }
      let token = try cloud.text(
        ofFile: ConnectionFiles.expand(file, Metadata.variable("HOME")), namedBy: "AWS_WEB_IDENTITY_TOKEN_FILE")
      let role = AWSRole(arn: arn, sessionName: setting("AWS_ROLE_SESSION_NAME", "role_session_name"))
      return try await service().assume(role, webIdentity: Secret(token))
    }
    if let key = profile["aws_access_key_id"] {
      guard let secret = profile["aws_secret_access_key"] else {
        throw cloud.missing("the profile \"\(name)\" has no aws_secret_access_key", hint: "check ~/.aws/credentials")
      }
      let token = profile["aws_session_token"] ?? profile["aws_security_token"]
      return AWSCredentials(accessKey: key, secretKey: Secret(secret), sessionToken: token.map { Secret($0) })
    }
    for setting in ["sso_session", "sso_start_url", "login_session", "credential_process"]
    where profile[setting] != nil {
      throw cloud.missing(
        "the profile \"\(name)\" gets its credentials by way of \(setting), which is not read here",
        hint: "eval \"$(aws configure export-credentials --profile '\(name)' --format env)\" puts them into variables")
    }
    return nil
  }

  /// Takes on a profile's role with the credentials that the profile names for that.
  private func assume(
    _ arn: String, _ profile: AWSProfiles.Profile, _ name: String, _ profiles: AWSProfiles, _ visited: [String]
  ) async throws(ClientError) -> AWSCredentials {
    let hint = "a profile with a role_arn needs a source_profile or a credential_source, and one of them only"
    guard !visited.contains(name) else {
      throw cloud.missing("the profile \"\(name)\" leads to itself", hint: "check source_profile")
    }
    if profile["mfa_serial"] != nil {
      throw cloud.missing("the profile \"\(name)\" asks for a second factor (mfa_serial)", hint: "use another profile")
    }
    let source: AWSCredentials
    switch (profile["source_profile"], profile["credential_source"]) {
    case (let other?, nil):
      guard profiles[other] != nil else {
        throw cloud.missing("there is no profile \"\(other)\", the source_profile of \"\(name)\"", hint: hint)
      }
      guard let found = try await fromProfile(other, profiles, visited: visited + [name]) else {
        throw cloud.missing(
          "the profile \"\(other)\", the source_profile of \"\(name)\", has no credentials", hint: hint)
      }
      source = found
    case (nil, "Environment"):
      guard let found = try fromVariables() else {
        throw cloud.missing("the profile \"\(name)\" wants AWS_ACCESS_KEY_ID, which is not set", hint: hint)
      }
      source = found
    case (nil, "EcsContainer"):
      guard let found = try await fromContainer() else {
        throw cloud.missing("the profile \"\(name)\" wants a container's credentials, and there are none", hint: hint)
      }
      source = found
    case (nil, "Ec2InstanceMetadata"): source = try await fromMachine()
    case (nil, let other?): throw cloud.missing("credential_source = \(other) of \"\(name)\" is unknown", hint: hint)
    default: throw cloud.missing("the profile \"\(name)\" does not say how to take on its role", hint: hint)
    }
    let role = AWSRole(
      arn: arn, sessionName: profile["role_session_name"], externalID: profile["external_id"],
      duration: profile["duration_seconds"].flatMap { Int($0) })
    return try await service().assume(role, with: source)
  }

  // MARK: - Containers and machines

  private func fromContainer() async throws(ClientError) -> AWSCredentials? {
    let relative = Metadata.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").map { "http://169.254.170.2\($0)" }
    guard let address = relative ?? Metadata.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") else { return nil }
    var headers: [(String, String)] = []
    let variable = "AWS_CONTAINER_AUTHORIZATION_TOKEN"
    if let file = Metadata.variable("\(variable)_FILE") {
      headers.append(("Authorization", try cloud.text(ofFile: file, namedBy: "\(variable)_FILE")))
    } else if let token = Metadata.variable(variable) {
      headers.append(("Authorization", token))
    }
    return try read(try await cloud.ask(address, headers))
  }

  private func fromMachine() async throws(ClientError) -> AWSCredentials {
    let token = try await machineToken()
    let roles = "\(Self.machine)/latest/meta-data/iam/security-credentials/"
    let list = String(decoding: try await cloud.ask(roles, token), as: UTF8.self)
    guard let role = list.split(whereSeparator: \.isWhitespace).first else {
      throw cloud.missing("the machine has no role (instance profile)")
    }
    return try read(try await cloud.ask(roles + role, token))
  }

  private static var machine: String {
    Metadata.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? "http://169.254.169.254"
  }

  private func machineToken() async throws(ClientError) -> [(String, String)] {
    let body = try await cloud.ask(
      "\(Self.machine)/latest/api/token", [("X-aws-ec2-metadata-token-ttl-seconds", "300")], method: .put)
    return [("X-aws-ec2-metadata-token", String(decoding: body, as: UTF8.self))]
  }

  private func read(_ body: [UInt8]) throws(ClientError) -> AWSCredentials {
    let answer = try cloud.object(body)
    guard let key = answer["AccessKeyId"]?.text, let secret = answer["SecretAccessKey"]?.text else {
      throw cloud.missing("the answer holds no credentials")
    }
    return AWSCredentials(
      accessKey: key, secretKey: Secret(secret), sessionToken: answer["Token"]?.text.map { Secret($0) })
  }
}
