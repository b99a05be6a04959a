/// What an answer says about its statement, besides the rows.
struct StatementDetails {
  var queryID: String?
  var sqlState: String?
  var line: Int?
  var position: Int?
  var statementTypeID: Int?
  var finalRole: String?
  var finalDatabase: String?
  var finalSchema: String?
  var finalWarehouse: String?
  var resultFormat: String?
  var hasArrowRows = false
  var resultURL: String?
  var resultIDs: [String] = []
  var total: Int?
}

/// A chunk of a result that lies elsewhere.
struct ResultChunk: Sendable {
  var url = ""
  var rowCount = 0
  var uncompressedSize = 0
}

/// An answer of the statement endpoints, read in one pass.
struct StatementAnswer {
  var success = false
  var code: String?
  var message: String?
  var details = StatementDetails()
  var columns: [ResultColumn] = []
  var rows = JSONRows()
  var chunks: [ResultChunk] = []
  var chunkHeaders: [(name: String, value: String)] = []
  var chunkKey: String?

  /// Reads an answer. The bytes are kept by the rows, so the caller passes them on to the batch.
  static func read(_ body: inout [UInt8]) throws(JSONError) -> StatementAnswer {
    var answer = StatementAnswer()
    var hasSuccess = false
    try JSONReader.read(&body) { (reader) throws(JSONError) in
      try reader.object { (reader, key) throws(JSONError) in
        switch key {
        case "success":
          answer.success = try reader.bool() ?? false
          hasSuccess = true
        case "code": answer.code = try reader.text()
        case "message": answer.message = try reader.text()
        case "data": try answer.readData(&reader)
        default: try reader.skip()
        }
      }
    }
    guard hasSuccess else { throw JSONError(offset: 0, reason: "it has no field \"success\"", isTruncated: false) }
    return answer
  }

  private mutating func readData(_ reader: inout JSONReader) throws(JSONError) {
    guard try reader.kind() == .object else {
      try reader.skip()
      return
    }
    var answer = self
    try reader.object { (reader, key) throws(JSONError) in
      switch key {
      case "rowtype": answer.columns = try Self.readColumns(&reader)
      case "rowset": try answer.rows.readRowset(&reader)
      case "rowsetBase64": answer.details.hasArrowRows = try reader.text().map { !$0.isEmpty } ?? false
      case "chunks": answer.chunks = try Self.readChunks(&reader)
      case "chunkHeaders": answer.chunkHeaders = try Self.readHeaders(&reader)
      case "qrmk": answer.chunkKey = try reader.text()
      default: try answer.details.read(key, &reader)
      }
    }
    self = answer
  }

  static func readColumns(_ reader: inout JSONReader) throws(JSONError) -> [ResultColumn] {
    var columns: [ResultColumn] = []
    guard try reader.kind() == .array else {
      try reader.skip()
      return columns
    }
    try reader.array { (reader) throws(JSONError) in
      var column = ResultColumn(name: "", type: "text")
      try reader.object { (reader, key) throws(JSONError) in
        switch key {
        case "name": column.name = try reader.text() ?? ""
        case "type": column.type = try reader.text()?.lowercased() ?? "text"
        case "nullable": column.isNullable = try reader.bool() ?? true
        case "precision": column.precision = try reader.integer()
        case "scale": column.scale = try reader.integer()
        case "length": column.length = try reader.integer()
        default: try reader.skip()
        }
      }
      columns.append(column)
    }
    return columns
  }

  static func readChunks(_ reader: inout JSONReader) throws(JSONError) -> [ResultChunk] {
    var chunks: [ResultChunk] = []
    guard try reader.kind() == .array else {
      try reader.skip()
      return chunks
    }
    try reader.array { (reader) throws(JSONError) in
      var chunk = ResultChunk()
      try reader.object { (reader, key) throws(JSONError) in
        switch key {
        case "url": chunk.url = try reader.text() ?? ""
        case "rowCount": chunk.rowCount = try reader.integer() ?? 0
        case "uncompressedSize": chunk.uncompressedSize = try reader.integer() ?? 0
        default: try reader.skip()
        }
      }
      chunks.append(chunk)
    }
    return chunks
  }

  private static func readHeaders(
    _ reader: inout JSONReader
  ) throws(JSONError) -> [(name: String, value: String)] {
    var headers: [(name: String, value: String)] = []
    guard try reader.kind() == .object else {
      try reader.skip()
      return headers
    }
    try reader.object { (reader, key) throws(JSONError) in
      if let value = try reader.text() { headers.append((key, value)) }
    }
    return headers
  }
}

extension StatementDetails {
  /// Reads the member `key` of an answer's `data`, or skips it.
  mutating func read(_ key: String, _ reader: inout JSONReader) throws(JSONError) {
    switch key {
    case "queryId": queryID = try reader.text()
    case "sqlState": sqlState = try reader.text()
    case "line": line = try reader.integer()
    case "pos": position = try reader.integer()
    case "statementTypeId": statementTypeID = try reader.integer()
    case "finalRoleName": finalRole = try reader.text()
    case "finalDatabaseName": finalDatabase = try reader.text()
    case "finalSchemaName": finalSchema = try reader.text()
    case "finalWarehouseName": finalWarehouse = try reader.text()
    case "queryResultFormat": resultFormat = try reader.text()
    case "getResultUrl": resultURL = try reader.text()
    case "resultIds":
      resultIDs = try reader.text()?.split(separator: ",").map { String(trimmingSpace($0)) } ?? []
    case "total": total = try reader.integer()
    default: try reader.skip()
    }
  }
}
