extension StatementAnswer {
  /// Reads an answer of the SQL API.
  static func readAPI(_ body: inout [UInt8]) throws(JSONError) -> StatementAnswer {
    var answer = StatementAnswer()
    answer.success = true
    try JSONReader.read(&body) { (reader) throws(JSONError) in
      try reader.object { (reader, key) throws(JSONError) in
        switch key {
        case "code": answer.code = try reader.text()
        case "message": answer.message = try reader.text()
        case "sqlState": answer.details.sqlState = try reader.text()
        case "statementHandle": answer.details.queryID = try reader.text()
        case "statementHandles": answer.details.resultIDs = try Self.texts(&reader)
        case "data": try answer.rows.readRowset(&reader)
        case "resultSetMetaData": try answer.readMetadata(&reader)
        default: try reader.skip()
        }
      }
    }
    return answer
  }

  private static func texts(_ reader: inout JSONReader) throws(JSONError) -> [String] {
    var texts: [String] = []
    try reader.array { (reader) throws(JSONError) in
      if let text = try reader.text() { texts.append(text) }
    }
    return texts
  }

  private mutating func readMetadata(_ reader: inout JSONReader) throws(JSONError) {
    var answer = self
    try reader.object { (reader, key) throws(JSONError) in
      switch key {
      case "numRows": answer.details.total = try reader.integer()
      case "rowType": answer.columns = try Self.readColumns(&reader)
      case "partitionInfo": answer.chunks = try Self.readChunks(&reader)
      default: try reader.skip()
      }
    }
    self = answer
  }
}

extension JSONRows {
  /// Reads a partition of the SQL API: an object whose `data` holds the rows.
  mutating func readPartition(_ reader: inout JSONReader) throws(JSONError) {
    var rows = self
    try reader.object { (reader, key) throws(JSONError) in
      if key == "data" { try rows.readRowset(&reader) } else { try reader.skip() }
    }
    self = rows
  }
}

extension Session {
  /// The role, database, schema and warehouse to send with a statement of the SQL API.
  var place: SQLAPI.Place {
    SQLAPI.Place(role: role, database: database, schema: schema, warehouse: warehouse)
  }

  /// A result of the SQL API as a stream: the first partition came with the answer, the others are fetched.
  func stream(
    _ answer: StatementAnswer, _ body: [UInt8], _ cost: StatementCost, of api: SQLAPI
  ) async throws(ClientError) -> ResultStream {
    let handle = answer.details.queryID ?? ""
    let place = place
    let further = answer.chunks.dropFirst().enumerated().map { index, chunk in
      var chunk = chunk
      chunk.url = "\(api.address(of: handle))?partition=\(index + 1)"
      return chunk
    }
    let source = ChunkSource(
      transport: transport, policy: options.statementRetry, timeouts: options.timeouts, revocation: options.revocation,
      acceptsPlainHTTP: endpoint.scheme == "http", count: further.count, onThrottle: options.onThrottle,
      isPartition: true)
    let headers = further.isEmpty ? [] : try await api.headers(place.role)
    let reader = ChunkReader(
      first: ResultBatch(bytes: body, rows: answer.rows), chunks: further, headers: headers, source: source,
      parallelism: options.chunkParallelism, memory: options.chunkMemory, width: answer.columns.count,
      queryID: handle, total: answer.columns.isEmpty ? nil : answer.details.total
    ) { () async throws(ClientError) in
      // The token has expired: the addresses stay.
      ChunkAddresses(urls: further.map(\.url), headers: try await api.headers(place.role))
    }
    return ResultStream(columns: answer.columns, details: answer.details, cost: cost, reader: reader)
  }
}
