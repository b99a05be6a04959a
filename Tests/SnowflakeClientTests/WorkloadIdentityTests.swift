import Glibc
import Testing

@testable import SnowflakeClient

/// A cloud's metadata service and an account in one server.
@Suite(.serialized) struct WorkloadIdentityTests {
  static func server(_ metadata: @escaping @Sendable (Received) -> Reply) throws -> ScriptedServer {
    try ScriptedServer { request in
      switch request.path {
      case ScriptedServer.loginPath:
        request.json["data"]?["TOKEN"]?.text == "refused"
          ? Answers.refusal("390144", "the identity is not known") : Answers.login()
      case "/session": .json("{\"success\":true}")
      default: metadata(request)
      }
    }
  }

  static func parameters(_ server: ScriptedServer, _ provider: String) -> ConnectionParameters {
    var parameters = server.parameters
    parameters.set(.authenticator, "workload_identity", from: .override("test"))
    parameters.set(.workloadIdentityProvider, provider, from: .override("test"))
    return parameters
  }

  static func text(_ text: String) -> Reply { .status(200, body: Array(text.utf8)) }

  @Test(arguments: ["gcp-token", "refused"])
  func googlesIdentityTokenLogsIn(_ token: String) async throws {
    let server = try Self.server { request in
      request.headers["metadata-flavor"] == "Google" && request.query["audience"] == "snowflakecomputing.com"
        ? Self.text("\(token)\n") : .status(403)
    }
    defer { server.stop() }
    let variables = Variables(["GCE_METADATA_HOST": "127.0.0.1:\(server.port)"])
    let opening = { try await Session.open(Self.parameters(server, "GCP"), options: ScriptedServer.quick) }
    if token == "refused" {
      let error = await #expect(throws: ClientError.self) { _ = try await opening() }
      #expect(error?.description.contains("390144") == true)
    } else {
      _ = try await opening()
    }
    let data = try #require(server.received(ScriptedServer.loginPath).first?.json["data"])
    #expect(data["AUTHENTICATOR"] == .string("WORKLOAD_IDENTITY"))
    #expect(data["PROVIDER"] == .string("GCP"))
    #expect(data["TOKEN"] == .string(token))
    _ = consume variables
  }

  @Test func azuresManagedIdentityLogsIn() async throws {
    let server = try Self.server { request in
      let isRight =
        request.headers["x-identity-header"] == "proof"
        && request.query["resource"] == "api%3A%2F%2Ffd3f753b-eed3-462c-b6a7-a4b5bb650aad"
        && request.query["client_id"] == "mine"
      return isRight ? Self.text("{\"access_token\":\"azure-token\"}") : .status(400)
    }
    defer { server.stop() }
    let variables = Variables([
      "IDENTITY_ENDPOINT": "http://127.0.0.1:\(server.port)/identity", "IDENTITY_HEADER": "proof",
      "MANAGED_IDENTITY_CLIENT_ID": "mine",
    ])
    _ = try await Session.open(Self.parameters(server, "azure"), options: ScriptedServer.quick)
    let data = try #require(server.received(ScriptedServer.loginPath).first?.json["data"])
    #expect(data["PROVIDER"] == .string("AZURE"))
    #expect(data["TOKEN"] == .string("azure-token"))
    unsetenv("IDENTITY_HEADER")
    let error = await #expect(throws: ClientError.self) {
      try await Session.open(Self.parameters(server, "AZURE"), options: ScriptedServer.quick)
    }
    #expect(error?.description.contains("IDENTITY_HEADER") == true)
    _ = consume variables
  }

  /// The machine's role, by way of a token, and the region.
  @Test func theRoleOfAnAWSMachineSignsAQuestion() async throws {
    let server = try Self.server { request in
      if request.path == "/latest/api/token" { return request.method == "PUT" ? Self.text("imds") : .status(405) }
      guard request.headers["x-aws-ec2-metadata-token"] == "imds" else { return .status(401) }
      switch request.path {
      case "/latest/meta-data/placement/region": return Self.text("eu-central-1")
      case "/latest/meta-data/iam/security-credentials/": return Self.text("deployer\n")
      case "/latest/meta-data/iam/security-credentials/deployer":
        return Self.text(#"{"AccessKeyId":"AKID","SecretAccessKey":"canary-aws-secret","Token":"session-1"}"#)
      default: return .status(404)
      }
    }
    defer { server.stop() }
    let variables = Variables(["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:\(server.port)"])
    _ = try await Session.open(Self.parameters(server, "AWS"), options: ScriptedServer.quick)
    let data = try #require(server.received(ScriptedServer.loginPath).first?.json["data"])
    #expect(data["PROVIDER"] == .string("AWS"))
    var bytes = try #require(Base64.decode(data["TOKEN"]?.text ?? ""))
    #expect(!String(decoding: bytes, as: UTF8.self).contains("canary"))
    let sent = try JSONReader.read(&bytes) { (reader) throws(JSONError) in try reader.value() }
    #expect(
      sent["url"] == .string("https://sts.eu-central-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"))
    #expect(sent["method"] == .string("POST"))
    #expect(sent["headers"]?["host"] == .string("sts.eu-central-1.amazonaws.com"))
    #expect(sent["headers"]?["x-snowflake-audience"] == .string("snowflakecomputing.com"))
    #expect(sent["headers"]?["x-amz-security-token"] == .string("session-1"))
    let signature = try #require(sent["headers"]?["authorization"]?.text)
    #expect(signature.hasPrefix("AWS4-HMAC-SHA256 Credential=AKID/"))
    #expect(signature.contains("SignedHeaders=host;x-amz-date;x-amz-security-token;x-snowflake-audience, Signature="))
    _ = consume variables
  }

  @Test func anAWSContainersCredentialsComeFirst() async throws {
    let server = try Self.server { request in
      request.headers["authorization"] == "container-proof"
        ? Self.text(#"{"AccessKeyId":"CONTAINER","SecretAccessKey":"s","Token":"t"}"#) : .status(403)
    }
    defer { server.stop() }
    let variables = Variables([
      "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:\(server.port)/role", "AWS_REGION": "cn-north-1",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN": "container-proof",
    ])
    _ = try await Session.open(Self.parameters(server, "AWS"), options: ScriptedServer.quick)
    let token = server.received(ScriptedServer.loginPath).first?.json["data"]?["TOKEN"]?.text
    let sent = String(decoding: Base64.decode(token ?? "") ?? [], as: UTF8.self)
    #expect(sent.contains("Credential=CONTAINER/") && sent.contains("sts.cn-north-1.amazonaws.com.cn"))
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "wrong", 1)
    let error = await #expect(throws: ClientError.self) {
      try await Session.open(Self.parameters(server, "AWS"), options: ScriptedServer.quick)
    }
    #expect(error?.description.contains("HTTP status 403") == true)
    _ = consume variables
  }

  /// The examples "get-vanilla", "post-vanilla" and "post-x-www-form-urlencoded" of AWS' own test suite for Signature
  /// Version 4; botocore gives the same.
  @Test(arguments: [
    ("GET", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    ("POST", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
  ])
  func signaturesAreThoseOfAWSsExamples(_ method: String, _ expected: String) {
    let signature = AWSSignature(
      accessKey: "AKIDEXAMPLE", secretKey: Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), region: "us-east-1",
      service: "service", time: 1_440_938_160)
    #expect(signature.timestamp == "20150830T123600Z")
    let value = signature.authorization(
      method, path: "/", query: "",
      headers: [("x-amz-date", signature.timestamp), ("host", "example.amazonaws.com")])
    #expect(
      value == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        + "SignedHeaders=host;x-amz-date, Signature=\(expected)")
    guard method == "POST" else { return }
    let withBody = signature.authorization(
      method, path: "/", query: "",
      headers: [
        ("content-type", "application/x-www-form-urlencoded"), ("host", "example.amazonaws.com"),
        ("x-amz-date", signature.timestamp),
      ], body: Array("Param1=value1".utf8))
    #expect(
      withBody.hasSuffix(
        "SignedHeaders=content-type;host;x-amz-date, "
          + "Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"))
  }

  @Test func anotherProviderIsNamedAsUnknown() async throws {
    let server = try Self.server { _ in .status(500) }
    defer { server.stop() }
    let error = await #expect(throws: ClientError.self) {
      try await Session.open(Self.parameters(server, "ORACLE"), options: ScriptedServer.quick)
    }
    #expect(error?.description.contains("ORACLE") == true)
  }
}
