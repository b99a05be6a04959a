@testable import SnowflakeClient

/// Answers in the account's words.
enum Answers {
  static func login(token: String = "ses-1", role: String = "SYSADMIN") -> Reply {
    .json(
      """
      {"data":{"masterToken":"mst-1","token":"\(token)","validityInSeconds":3600,"masterValidityInSeconds":14400,
      "serverVersion":"10.10.0","sessionId":1005,"parameters":[{"name":"AUTOCOMMIT","value":true}],
      "sessionInfo":{"databaseName":null,"schemaName":null,"warehouseName":null,"roleName":"\(role)"}},
      "code":null,"message":null,"success":true}
      """)
  }

  static let wrongPassword = Reply.json(
    """
    {"data":{"nextAction":"RETRY_LOGIN","authnMethod":"USERNAME_PASSWORD","signInOptions":{}},"code":"390100",
    "message":"Incorrect username or password was specified.","success":false,"headers":null}
    """)

  static func refusal(_ code: String, _ message: String = "no") -> Reply {
    .json("{\"data\":null,\"code\":\"\(code)\",\"message\":\"\(message)\",\"success\":false}")
  }

  static func renewed(token: String) -> Reply {
    .json(
      """
      {"data":{"sessionToken":"\(token)","validityInSecondsST":3600,"masterToken":"mst-2","validityInSecondsMT":14400,
      "sessionId":1005},"success":true,"code":null,"message":null}
      """)
  }

  /// One text column per name.
  static func rowsText(
    _ names: [String] = ["status"], _ rows: String = "[[\"Statement executed successfully.\"]]",
    role: String = "SYSADMIN",
    extra: String = ""
  ) -> String {
    let columns = names.map {
      "{\"name\":\"\($0)\",\"database\":\"\",\"nullable\":true,\"type\":\"text\",\"length\":16777216,\"precision\":null,\"scale\":null}"
    }
    let role = String(decoding: JSONValue.string(role).encoded, as: UTF8.self)
    return """
      {"data":{"parameters":[{"name":"AUTOCOMMIT","value":true}],"rowtype":[\(columns.joined(separator: ","))],
      "rowset":\(rows),\(extra)"queryId":"01687970-b504-4645-0000-4798fbe1a43d","finalRoleName":\(role),
      "statementTypeId":4096,"queryResultFormat":"json"},"code":null,"message":null,"success":true}
      """
  }

  static func rows(
    _ names: [String] = ["status"], _ rows: String = "[[\"Statement executed successfully.\"]]",
    role: String = "SYSADMIN"
  ) -> Reply {
    .json(rowsText(names, rows, role: role))
  }

  static func inProgress(_ code: String) -> Reply {
    .json(
      """
      {"data":{"queryId":"01e7a1b0-eea1-8e40-0000-8066c4665f97",
      "getResultUrl":"/queries/01e7a1b0-eea1-8e40-0000-8066c4665f97/result","queryAbortsAfterSecs":300,
      "progressDesc":null},"code":"\(code)","message":"in progress","success":true}
      """)
  }
}

/// A number that a script counts up.
final class Counter: Sendable {
  private let value = Locked(0)
  /// The value before counting up.
  func next() -> Int {
    value.withLock { value in
      defer { value += 1 }
      return value
    }
  }
}

extension ScriptedServer {
  static let loginPath = "/session/v1/login-request"
  static let queryPath = "/queries/v1/query-request"
  static let renewPath = "/session/token-request"

  /// A server on which login works; `statement` answers everything else.
  static func account(_ statement: @escaping @Sendable (Received) -> Reply) throws -> ScriptedServer {
    try ScriptedServer { request in
      switch request.path {
      case loginPath: Answers.login()
      case "/session": .json("{\"success\":true}")
      default: statement(request)
      }
    }
  }

  var parameters: ConnectionParameters {
    ConnectionParameters([
      .account: "myorg-myacct", .host: "127.0.0.1", .port: String(port), .connectionProtocol: "http", .user: "tester",
      .password: "s3cret-pw",
    ])
  }

  /// Options with short pauses.
  static var quick: SessionOptions {
    var options = SessionOptions()
    let policy = RetryPolicy(
      deadline: .seconds(30), connectDeadline: .milliseconds(200), firstPause: .milliseconds(5),
      longestPause: .milliseconds(20))
    options.loginRetry = policy
    options.statementRetry = policy
    return options
  }

  func session(_ options: SessionOptions = quick) async throws -> Session {
    try await Session.open(parameters, options: options)
  }
}
