import SnowmakerModel

/// The one shape of every answer: `{"data", "code", "message", "success", "headers"}`.
enum WireEnvelope {
  /// A success; `data` writes the value of "data".
  static func success(
    code: String? = nil, message: String? = nil, capacity: Int = 1024, data: (inout WireJSONWriter) -> Void
  ) -> HTTPReply {
    var writer = WireJSONWriter(capacity: capacity)
    writer.object { writer in
      writer.key("data")
      data(&writer)
      writer.field("code", code)
      writer.field("message", message)
      writer.field("success", true)
      writer.null("headers")
    }
    return HTTPReply(body: writer.bytes)
  }

  /// A success without data.
  static func empty() -> HTTPReply { success { $0.value(.null) } }

  /// A failure that is not about a statement.
  static func failure(code: String, message: String, data: Value = .null, status: UInt32 = 200) -> HTTPReply {
    var writer = WireJSONWriter()
    writer.object { writer in
      writer.field("data", value: data)
      writer.field("code", code)
      writer.field("message", message)
      writer.field("success", false)
      writer.null("headers")
    }
    return HTTPReply(status: status, body: writer.bytes)
  }

  /// A token that is refused.
  static func failure(_ refusal: WireSessions.Refusal) -> HTTPReply {
    failure(code: refusal.code, message: refusal.message)
  }

  /// A statement that failed.
  static func failure(_ failure: StatementFailure, queryID: String) -> HTTPReply {
    var writer = WireJSONWriter()
    writer.object { writer in
      writer.objectField("data") { writer in
        writer.field("internalError", false)
        writer.field("unredactedFromSecureObject", false)
        writer.field("errorCode", failure.code)
        writer.field("age", 0)
        writer.field("sqlState", failure.sqlState)
        writer.field("queryId", queryID)
        writer.field("line", failure.line ?? -1)
        writer.field("pos", failure.position ?? -1)
        writer.field("type", failure.message.hasPrefix("SQL compilation error") ? "COMPILATION" : "EXECUTION")
      }
      writer.field("code", failure.code)
      writer.field("message", failure.message)
      writer.field("success", false)
      writer.null("headers")
    }
    return HTTPReply(body: writer.bytes)
  }

  /// A statement that is not done yet.
  static func inProgress(queryID: String, isAsync: Bool) -> HTTPReply {
    let message =
      isAsync
      ? "Asynchronous execution in progress. Use provided query id to perform query monitoring and management."
      : "Query execution in progress. Use the provided result URL to fetch the result."
    return success(code: isAsync ? "333334" : "333333", message: message) { writer in
      writer.object { writer in
        writer.field("queryId", queryID)
        writer.field("getResultUrl", "/queries/\(queryID)/result")
        writer.field("queryAbortsAfterSecs", 300)
        writer.null("progressDesc")
      }
    }
  }

  /// A statement's result.
  static func result(_ outcome: WireOutcome, queryID: String, time: Int64, chunks: WireChunks?) -> HTTPReply {
    let result = outcome.result
    let rows = chunks.map { result.rows.prefix($0.size) } ?? result.rows[...]
    let cells = rows.count * max(1, result.columns.count)
    return success(capacity: 2048 + result.columns.count * 160 + cells * 16) { writer in
      writer.object { writer in
        WireParameters.write(outcome.state.parameters, to: &writer)
        writer.listField("rowtype") { writer in
          for column in result.columns { writer.column(column) }
        }
        writer.key("rowset")
        writer.rows(rows)
        writer.field("total", result.rows.count)
        writer.field("returned", result.rows.count)
        writer.field("queryId", queryID)
        writer.null("databaseProvider")
        writer.field("finalDatabaseName", outcome.state.database)
        writer.field("finalSchemaName", outcome.state.schema)
        writer.field("finalWarehouseName", outcome.state.warehouse)
        writer.field("finalRoleName", outcome.state.role)
        writer.field("numberOfBinds", outcome.bindCount)
        writer.field("arrayBindSupported", result.isDML)
        writer.field("statementTypeId", result.statementTypeID)
        writer.field("version", 1)
        writer.field("sendResultTime", time)
        writer.field("queryResultFormat", "json")
        chunks?.write(result, queryID: queryID, to: &writer)
        for field in outcome.transfer?.fields ?? [] { writer.field(named: field.key, value: field.value) }
        guard !outcome.children.isEmpty else { return }
        writer.field("resultIds", outcome.children.map(\.id).joined(separator: ","))
        writer.field("resultTypes", outcome.children.map { String($0.statementTypeID) }.joined(separator: ","))
      }
    }
  }
}

extension WireJSONWriter {
  /// An entry of `rowtype`, with the type's usual sizes where the engine named none.
  mutating func column(_ column: ResultColumn) {
    var length: Int?
    var byteLength: Int?
    var precision: Int?
    var scale: Int?
    switch column.type {
    case .text:
      length = column.length ?? 16_777_216
      byteLength = length.map { min($0, 4_194_304) * 4 }
    case .binary:
      length = column.length ?? 8_388_608
      byteLength = length
    case .variant, .object, .array, .boolean, .date, .real: break
    case .fixed:
      precision = column.precision ?? 38
      scale = column.scale ?? 0
    case .time, .timestamp_ltz, .timestamp_ntz, .timestamp_tz:
      precision = 0
      scale = column.scale ?? 9
    }
    object { writer in
      writer.field("name", column.name)
      writer.field("database", "")
      writer.field("schema", "")
      writer.field("table", "")
      writer.field("nullable", column.nullable)
      writer.field("type", column.type.rawValue)
      writer.field("length", length)
      writer.field("byteLength", byteLength)
      writer.field("precision", precision)
      writer.field("scale", scale)
      writer.null("collation")
    }
  }
}

/// The session parameters that clients are told of.
enum WireParameters {
  private static let defaults: [(name: String, value: Value)] = [
    ("AUTOCOMMIT", true), ("CLIENT_PREFETCH_THREADS", 4), ("CLIENT_SESSION_KEEP_ALIVE", false),
    ("CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY", 3600), ("CLIENT_TELEMETRY_ENABLED", false),
    ("CLIENT_RESULT_CHUNK_SIZE", 160), ("CLIENT_STAGE_ARRAY_BINDING_THRESHOLD", 65280),
    ("CLIENT_STORE_TEMPORARY_CREDENTIAL", false), ("CLIENT_REQUEST_MFA_TOKEN", false),
    ("CLIENT_METADATA_REQUEST_USE_CONNECTION_CTX", false), ("CLIENT_TIMESTAMP_TYPE_MAPPING", "TIMESTAMP_LTZ"),
    ("TIMEZONE", "America/Los_Angeles"), ("TIMESTAMP_OUTPUT_FORMAT", "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM"),
    ("TIMESTAMP_NTZ_OUTPUT_FORMAT", "YYYY-MM-DD HH24:MI:SS.FF3"), ("TIMESTAMP_LTZ_OUTPUT_FORMAT", ""),
    ("TIMESTAMP_TZ_OUTPUT_FORMAT", ""), ("DATE_OUTPUT_FORMAT", "YYYY-MM-DD"), ("TIME_OUTPUT_FORMAT", "HH24:MI:SS"),
    ("BINARY_OUTPUT_FORMAT", "HEX"), ("QUERY_CONTEXT_CACHE_SIZE", 5), ("PYTHON_CONNECTOR_QUERY_RESULT_FORMAT", "JSON"),
    ("CLIENT_VALIDATE_DEFAULT_PARAMETERS", false),
  ]

  /// The list in JSON when a session has changed nothing, which is nearly always.
  private static let usual: [UInt8] = JSON.encode(.list(list([:])))

  /// Writes the field "parameters".
  static func write(_ set: [String: String], to writer: inout WireJSONWriter) {
    writer.key("parameters")
    if set.isEmpty { writer.json(usual) } else { writer.value(.list(list(set))) }
  }

  private static func list(_ set: [String: String]) -> [Value] {
    var rest = set
    var list: [Value] = defaults.map { entry in
      let text = rest.removeValue(forKey: entry.name)
      return ["name": .string(entry.name), "value": text.map { typed($0, like: entry.value) } ?? entry.value]
    }
    for name in rest.keys.sorted() {
      list.append(["name": .string(name), "value": typed(rest[name] ?? "", like: nil)])
    }
    return list
  }

  /// The text in the type that clients expect of the parameter; by its looks when it is not one of ours.
  private static func typed(_ text: String, like example: Value?) -> Value {
    switch example {
    case .string: return .string(text)
    case .int: return Int64(text).map(Value.int) ?? .string(text)
    case .bool, nil:
      switch text.lowercased() {
      case "true": return .bool(true)
      case "false": return .bool(false)
      default: return example == nil ? Int64(text).map(Value.int) ?? .string(text) : .string(text)
      }
    default: return .string(text)
    }
  }
}
