import SnowmakerSDK

/// What is in a scope: `SHOW TABLES IN SCHEMA RAW.SALES`, for grants ON ALL.
enum ObjectList {
  /// What listing a scope brought.
  enum Found {
    case names([String])
    /// The database or schema does not exist.
    case missingScope
    case failed(String)
  }

  /// The statement for `[type, scope type, scope]`.
  static func query(_ scope: [String]) -> ReadQuery {
    let plural = ObjectTypes.plural(of: scope[0])
    // Without USER, SHOW FUNCTIONS and SHOW PROCEDURES list Snowflake's own too.
    let what = scope[0] == "FUNCTION" || scope[0] == "PROCEDURE" ? "USER \(plural)" : plural
    return ReadQuery("SHOW \(what) IN \(scope[1]) \(scope[2])", costClass: "SHOW \(what)")
  }

  /// Types whose objects share names and lists: one that SHOW GRANTS files under another name is still the same object.
  static func family(of type: String) -> String {
    switch type {
    case "DYNAMIC TABLE", "EXTERNAL TABLE", "EVENT TABLE", "HYBRID TABLE", "ICEBERG TABLE", "INTERACTIVE TABLE": "TABLE"
    case "MATERIALIZED VIEW": "VIEW"
    case "EXTERNAL FUNCTION", "DATA METRIC FUNCTION": "FUNCTION"
    default: type
    }
  }

  /// The answers as one document, by scope.
  static func document(of results: [ReadResult], scopes: [[String]]) -> Value {
    let bySQL = Dictionary(results.map { ($0.sql, $0) }, uniquingKeysWith: { first, _ in first })
    return .list(
      scopes.map { scope in
        var builder = DocumentBuilder()
        builder.set("scope", Value.list(scope.map(Value.string)))
        if let result = bySQL[query(scope).sql] {
          if let failure = result.failure {
            if failure.isMissingOrForbidden {
              builder.set(flag: "gone", true)
            } else {
              builder.set("failed", "\(result.sql) failed: \(failure.message) (\(failure.code))")
            }
          } else if result.isCut {
            builder.set("failed", "\(result.sql) was cut at its row limit")
          } else {
            builder.set("names", Value.list(names(RowSet(result), scope).map(Value.string)))
          }
        }
        return builder.document
      })
  }

  /// What `document` wrote.
  static func lists(in document: Value) -> [[String]: Found] {
    var result: [[String]: Found] = [:]
    for entry in document.list {
      if let reason = entry["failed"].string {
        result[entry["scope"].strings] = .failed(reason)
      } else if entry["gone"].bool == true {
        result[entry["scope"].strings] = .missingScope
      } else {
        result[entry["scope"].strings] = .names(entry["names"].strings)
      }
    }
    return result
  }

  /// The canonical full names of the rows that ON ALL reaches.
  private static func names(_ rows: RowSet, _ scope: [String]) -> [String] {
    let type = scope[0]
    return rows.rows.indices.compactMap { row in
      guard let name = rows.text(row, "name"), !isOther(rows, row, than: type) else { return nil }
      if ObjectTypes.inDatabase.contains(type) {
        return name == "INFORMATION_SCHEMA" ? nil : "\(scope[2]).\(Identifier(exact: name).sql)"
      }
      let schema: String
      if scope[1] == "SCHEMA" {
        schema = scope[2]
      } else {
        guard let printed = rows.text(row, "schema_name"), printed != "INFORMATION_SCHEMA" else { return nil }
        schema = "\(scope[2]).\(Identifier(exact: printed).sql)"
      }
      guard ObjectTypes.routines.contains(type) else { return "\(schema).\(Identifier(exact: name).sql)" }
      return rows.text(row, "arguments").flatMap { Routine(listed: $0, in: schema)?.sql }
    }
  }

  /// SHOW TABLES also lists dynamic, external and event tables, SHOW VIEWS materialized views: grants name them by their
  /// own type.
  private static func isOther(_ rows: RowSet, _ row: Int, than type: String) -> Bool {
    let marks: [String]
    switch type {
    case "TABLE": marks = ["is_dynamic", "is_external", "is_event"]
    case "VIEW": marks = ["is_materialized"]
    default: return false
    }
    return marks.contains { ["y", "true"].contains(rows.text(row, $0)?.lowercased() ?? "") }
  }
}
