import AccountEmulator
import SnowmakerModel

/// Requests that the fuzzer begins with.
enum HTTPCorpus {
  /// The routes, by the form of their answers.
  enum Kind { case session, api, resource, oauth, file, chunk, control }

  static let arguments = [
    "requestId", "request_id", "retryCount", "delete", "roleName", "warehouse", "databaseName", "schemaName", "since",
    "async", "nullable", "retry", "partition", "like", "startsWith", "showLimit", "fromName", "createMode", "ifExists",
  ]

  static let texts = [
    "", "x", "D", "S", "T", "R", "ANN", "SNOWMAKER", "ACCOUNTADMIN", "\"a b\"", "'", "%", "..", ".", "true", "false",
    "0",
    "-1", "1", "99999999999999999999", "orReplace", "ifNotExists", "resume", "T:resume", "W:suspend", "null", "é",
    "\u{0}",
    "select 1", "SHOW ROLES", "MULTI_STATEMENT_COUNT", "data", "sqlText", "statement", "bindings", "parameters",
    "value",
    "type", "FIXED", "TEXT", "name", "code", "kind", "path", "times", "faults", "rewrite", "column", "databases",
    "schemas", "warehouses", "roles", "grants", "users", "grants:revoke", "v2", "api", "statements", "cancel",
    "EXT_AUTHN_DUO_METHOD", "TOKEN", "AUTHENTICATOR", "OAUTH", "SNOWFLAKE_JWT", "PASSCODE", "SESSION_PARAMETERS",
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJBLkIuQyIsInN1YiI6IkEuQiIsImlhdCI6MSwiZXhwIjoyfQ.AAAA", "e30.e30.e30", "..a",
  ]

  static let authorizations: [String?] = [
    nil, "", "Snowflake Token=\"None\"", "Snowflake Token=\"\"", "Snowflake Token=", "Bearer ", "Bearer x",
    "Bearer a.b.c",
    "Bearer eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJBLkIuQyIsInN1YiI6IkEuQiIsImlhdCI6MSwiZXhwIjo5OTk5OTk5OTk5fQ.AAAA",
    "Basic ", "Basic QQ==", "Basic QTpC", "Basic !!", "\u{0}",
  ]

  private static let login: [Value] = [
    [
      "data": [
        "CLIENT_APP_ID": "PythonConnector", "CLIENT_APP_VERSION": "4.7.5", "ACCOUNT_NAME": "a", "LOGIN_NAME": "nobody",
        "PASSWORD": "x", "CLIENT_ENVIRONMENT": ["OS": "Linux"], "SESSION_PARAMETERS": ["CLIENT_PREFETCH_THREADS": 4],
        "SECONDARY_ROLES": "ALL",
      ], "inFlightCtx": "x",
    ],
    [
      "data": [
        "LOGIN_NAME": "SNOWMAKER", "AUTHENTICATOR": "SNOWFLAKE_JWT",
        "TOKEN": "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJBLkIuQyIsInN1YiI6IkEuQiIsImlhdCI6MSwiZXhwIjoyfQ.AAAA",
      ]
    ],
    ["data": ["LOGIN_NAME": "SNOWMAKER", "AUTHENTICATOR": "OAUTH", "TOKEN": "x"]],
    ["data": ["LOGIN_NAME": "SNOWMAKER", "AUTHENTICATOR": "PROGRAMMATIC_ACCESS_TOKEN", "TOKEN": "x"]],
  ]

  private static let resources: [(String, String, Value)] = [
    ("GET", "/api/v2/databases", .null), ("GET", "/api/v2/databases/D/schemas", .null), ("GET", "/api/v2/roles", .null),
    ("GET", "/api/v2/databases/D/schemas/S/tables/T", .null), ("GET", "/api/v2/roles/R/grants", .null),
    ("GET", "/api/v2/users/ANN/grants", .null), ("GET", "/api/v2/roles/R/grants-of", .null),
    ("POST", "/api/v2/databases", ["name": "N1", "comment": "x", "data_retention_time_in_days": 1]),
    ("POST", "/api/v2/warehouses", ["name": "N2", "warehouse_size": "XSMALL", "auto_resume": "true"]),
    ("POST", "/api/v2/databases/D/schemas", ["name": "N3", "kind": "TRANSIENT"]),
    ("PUT", "/api/v2/warehouses/W", ["auto_suspend": 60, "comment": "y"]), ("DELETE", "/api/v2/roles/R9", .null),
    ("POST", "/api/v2/warehouses/W:suspend", .null), ("POST", "/api/v2/databases/D:rename", ["name": "D9"]),
    (
      "POST", "/api/v2/roles/R/grants",
      [
        "securable": ["database": "D", "schema": "S", "name": "T"], "securable_type": "table", "privileges": ["SELECT"],
        "grant_option": true,
      ]
    ),
    (
      "POST", "/api/v2/roles/R/grants:revoke",
      ["securable": ["name": "D"], "securable_type": "database", "privileges": ["USAGE"]]
    ),
  ]

  private static let control: [(String, String, Value)] = [
    ("GET", "/faults", .null), ("GET", "/log", .null), ("DELETE", "/log", .null), ("GET", "/stats", .null),
    ("POST", "/sessions/expire", ["master": true]), ("POST", "/time/advance", ["seconds": 10]),
    (
      "PUT", "/faults",
      [
        "request_latency_ms": 1, "statement_latency_ms": 2,
        "faults": [
          ["kind": "status", "status": 503, "path": "/x", "containing": "y", "skip": 1, "times": 4],
          ["kind": "rewrite", "column": "a", "rename": "b", "type": "text", "from": "1", "value": "2"],
          ["kind": "kill", "when": "before"], ["kind": "fail", "code": "1", "sql_state": "2", "message": "3"],
          ["kind": "hang", "milliseconds": 5], ["kind": "in_progress", "polls": 5],
        ],
      ]
    ),
  ]

  /// A request of the corpus, its statement damaged if it has one.
  static func request(
    _ stage: FuzzStage, _ sql: TextMutation, _ numbers: inout Numbers
  ) -> (Kind, WireProbe.Request) {
    let id = String(numbers.below(4000))
    func make(_ method: String, _ path: String, _ body: Value = .null) -> WireProbe.Request {
      var request = WireProbe.Request(method, path, body: body.isNull ? [] : JSON.encode(body))
      request.arguments["requestId"] = id
      request.authorization = "Snowflake Token=\"\(stage.tokens.session)\""
      request.userAgent = "Fuzz/1"
      request.host = "127.0.0.1:1"
      return request
    }
    let text = String(decoding: sql.next(&numbers), as: UTF8.self)
    switch numbers.below(20) {
    case 0..<8:
      let body: Value = [
        "sqlText": .string(text), "asyncExec": .bool(numbers.oneIn(10)), "sequenceId": 1,
        "bindings": ["1": ["type": "TEXT", "value": "D"], "2": ["type": "FIXED", "value": ["1", nil]]],
        "parameters": ["MULTI_STATEMENT_COUNT": .int(Int64(numbers.below(3))), "QUERY_TAG": "x"],
        "describeOnly": .bool(numbers.oneIn(16)), "queryContextDTO": ["entries": []],
      ]
      var request = make("POST", "/queries/v1/query-request", body)
      if numbers.oneIn(20) { request.userAgent = "PythonConnector/5.2.0" }
      return (.session, request)
    case 8, 9:
      let body: Value = [
        "statement": .string(text), "timeout": 60, "database": "D", "schema": "S", "warehouse": "W", "role": "R",
        "bindings": ["1": ["type": "FIXED", "value": "1"]], "parameters": ["multi_statement_count": "1"],
      ]
      var request = make("POST", "/api/v2/statements", body)
      request.authorization = numbers.one(of: authorizations)
      request.arguments["async"] = numbers.one(of: ["true", "false"])
      return (.api, request)
    case 10:
      var request = make(
        numbers.one(of: ["GET", "POST"]), "/api/v2/statements/\(stage.queryID)\(numbers.one(of: ["", "/cancel"]))")
      request.authorization = numbers.one(of: authorizations)
      return (.api, request)
    case 11, 12:
      let (method, path, body) = numbers.one(of: resources)
      return (.resource, make(method, path, body))
    case 13: return (.session, make("POST", "/session/v1/login-request", numbers.one(of: login)))
    case 14:
      let (path, body): (String, Value) = numbers.one(of: [
        ("/session/token-request", ["oldSessionToken": .string(stage.tokens.session), "requestType": "RENEW"]),
        ("/session/heartbeat", .null), ("/queries/v1/abort-request", ["requestId": .string(id), "sqlText": "x"]),
        ("/session/authenticator-request", ["data": ["LOGIN_NAME": "x", "AUTHENTICATOR": "EXTERNALBROWSER"]]),
        ("/telemetry/send", ["logs": []]),
      ])
      var request = make("POST", path, body)
      if path == "/session/token-request" { request.authorization = "Snowflake Token=\"\(stage.tokens.master)\"" }
      return (.session, request)
    case 15:
      let path = numbers.one(of: [
        "/queries/\(stage.queryID)/result", "/monitoring/queries//\(stage.queryID)", "/session",
      ])
      return (.session, make("GET", path))
    case 16:
      var request = make("POST", "/oauth/token-request")
      request.body = Array("grant_type=client_credentials&scope=session:role:R&client_id=x&client_secret=%41+b".utf8)
      request.authorization = numbers.one(of: authorizations)
      return (.oauth, request)
    case 17:
      var request = make(numbers.one(of: ["PUT", "GET", "HEAD", "DELETE"]), stage.address)
      request.body = Array("a,b\n".utf8)
      request.generationMatch = numbers.one(of: [nil, "0", "1"])
      return (.file, request)
    case 18: return (.chunk, make("GET", "/chunks/\(stage.queryID)/\(numbers.below(3))"))
    default:
      let (method, path, body) = numbers.one(of: control)
      return (.control, make(method, path, body))
    }
  }
}
