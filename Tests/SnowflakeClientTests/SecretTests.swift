import Testing

@testable import SnowflakeClient

@Suite struct SecretTests {
  private static let password = "canary-password-81723"
  private static let session = "canary-session-11944"
  private static let master = "canary-master-55120"

  private static let login = Reply.json(
    """
    {"data":{"masterToken":"\(master)","token":"\(session)","sessionId":1,"sessionInfo":{"roleName":"R"}},
    "code":null,"message":null,"success":true}
    """)

  /// What a failing server may do; each answers with the secrets it was sent or has given.
  private static let faults: [Reply] = [
    Answers.wrongPassword, .hangUp, .status(403), .status(500), .status(200),
    .status(200, body: Array("{\"data\":{\"token\":\"\(session)\",\"masterToken\":\"\(master)".utf8)),
    .status(200, body: Array("[\"\(session)\"]".utf8)), .status(200, body: Array("\"\(session)\"".utf8)),
    .cut("{\"data\":{\"token\":\"\(session)\"}}", after: 30),
    .json("{\"data\":{},\"success\":true}"), .json("{\"success\":false}"), Answers.refusal("390112"),
  ]

  private func check(_ value: Any, _ place: String) {
    var text = "\(value) \(String(reflecting: value))"
    dump(value, to: &text)
    for secret in [Self.password, Self.session, Self.master] {
      #expect(!text.contains(secret), "\(place) shows a secret")
    }
  }

  @Test(arguments: 0..<12)
  func noErrorShowsASecretWhateverFails(_ number: Int) async throws {
    let fault = Self.faults[number]
    for stage in [ScriptedServer.loginPath, ScriptedServer.queryPath, ScriptedServer.renewPath] {
      let server = try ScriptedServer { request in
        if request.path == stage { return fault }
        return request.path == ScriptedServer.loginPath ? Self.login : Answers.refusal("390112")
      }
      defer { server.stop() }
      var parameters = server.parameters
      parameters.set(.password, Self.password, from: .variable("SNOWFLAKE_PASSWORD"))
      var options = ScriptedServer.quick
      options.loginRetry.attempts = 2
      options.statementRetry.attempts = 2
      do throws(ClientError) {
        let session = try await Session.open(parameters, options: options, transport: HTTPTransport())
        _ = try await session.execute("SELECT 1")
        Issue.record("fault \(number) at \(stage) went unnoticed")
      } catch {
        check(error, "\(stage) \(number)")
      }
    }
  }
}
