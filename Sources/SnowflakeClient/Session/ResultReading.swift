extension Session {
  /// The rows of an answer as a stream: those it holds, then its chunks in order.
  func stream(
    _ answer: StatementAnswer, _ body: [UInt8], _ cost: StatementCost
  ) throws(ClientError) -> ResultStream {
    let queryID = answer.details.queryID
    let isArrow = answer.details.resultFormat?.lowercased().hasPrefix("arrow") ?? false
    if answer.details.hasArrowRows || (isArrow && !answer.chunks.isEmpty) {
      throw .unsupportedResult(format: "Arrow", queryID: queryID)
    }
    let source = ChunkSource(
      transport: transport, policy: options.statementRetry, timeouts: options.timeouts,
      revocation: options.revocation, acceptsPlainHTTP: endpoint.scheme == "http", count: answer.chunks.count,
      onThrottle: options.onThrottle)
    let reader = ChunkReader(
      first: ResultBatch(bytes: body, rows: answer.rows), chunks: answer.chunks, headers: Self.headers(answer),
      source: source, parallelism: options.chunkParallelism, memory: options.chunkMemory, width: answer.columns.count,
      queryID: queryID ?? "", total: answer.columns.isEmpty ? nil : answer.details.total
    ) { [weak self] () async throws(ClientError) in
      guard let self, let queryID else { return nil }
      return try await self.addresses(of: queryID)
    }
    return ResultStream(columns: answer.columns, details: answer.details, cost: cost, reader: reader)
  }

  /// New addresses for the chunks of a result, because the old ones have expired.
  private func addresses(of queryID: String) async throws(ClientError) -> ChunkAddresses? {
    var cost = StatementCost()
    let submission = Submission(
      endpoint: endpoint, options: options, requestID: RequestID.make(), body: [],
      resultPath: "/queries/\(queryID)/result")
    let (answer, _) = try await call(submission, &cost)
    guard answer.success else { throw .sql(Self.failure(answer)) }
    return ChunkAddresses(urls: answer.chunks.map(\.url), headers: Self.headers(answer))
  }

  private static func headers(_ answer: StatementAnswer) -> [(name: String, value: String)] {
    if !answer.chunkHeaders.isEmpty { return answer.chunkHeaders }
    guard let key = answer.chunkKey, !key.isEmpty else { return [] }
    return [
      ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
      ("x-amz-server-side-encryption-customer-key", key),
    ]
  }
}

/// Where the chunks of a result lie.
struct ChunkAddresses: Sendable {
  let urls: [String]
  let headers: [(name: String, value: String)]
}

/// Fetches single chunks of a result.
struct ChunkSource: Sendable {
  let transport: HTTPTransport
  let policy: RetryPolicy
  let timeouts: HTTPTimeouts
  let revocation: RevocationCheck
  /// Whether addresses without TLS are accepted: only when the account itself is on this machine.
  let acceptsPlainHTTP: Bool
  /// All chunks of the result.
  let count: Int
  let onThrottle: (@Sendable () -> Void)?
  /// Whether the chunks are partitions of the SQL API.
  var isPartition = false

  private static let sizeLimit = 1 << 30

  /// A chunk, and how many requests it took.
  struct Fetched: Sendable {
    let attempts: Int
    let outcome: Result<ResultBatch, ClientError>
    /// Whether the store refused the address, as it does when it has expired.
    var isExpired = false
  }

  func fetch(
    _ chunk: ResultChunk, _ index: Int, url: String, headers: [(name: String, value: String)]
  ) async -> Fetched {
    let operation = "reading part \(index + 1) of \(count) of a result"
    guard acceptsPlainHTTP || url.hasPrefix("https://") else {
      return Fetched(attempts: 0, outcome: .failure(.badAnswer("its address is not https", operation: operation)))
    }
    do throws(ExchangeFailure) {
      let exchange = try await transport.exchange(operation, policy: policy, onThrottle: onThrottle) { _ in
        HTTPRequest(url: url, headers: headers, timeouts: timeouts, revocation: revocation)
      }
      return Fetched(
        attempts: exchange.attempts, outcome: decode(exchange.response, chunk, url, operation),
        isExpired: exchange.response.status == 403 || exchange.response.status == 401)
    } catch {
      return Fetched(attempts: error.attempts, outcome: .failure(error.error))
    }
  }

  private func decode(
    _ response: HTTPResponse, _ chunk: ResultChunk, _ url: String, _ operation: String
  ) -> Result<ResultBatch, ClientError> {
    guard response.status == 200 else {
      let host = (try? URLTarget(url))?.host ?? "the store"
      let hint = response.status == 403 ? "its address has expired: run the statement again" : nil
      return .failure(.http(status: response.status, operation: operation, host: host, hint: hint))
    }
    var bytes = response.body
    if Gzip.isCompressed(bytes) {
      guard let plain = Gzip.decompress(bytes, limit: Self.sizeLimit) else {
        return .failure(.badAnswer("the data is damaged (gzip)", operation: operation))
      }
      bytes = plain
    }
    var rows = JSONRows()
    if !bytes.isEmpty {
      do throws(JSONError) {
        rows = try JSONReader.read(&bytes) { (reader) throws(JSONError) in
          var rows = JSONRows()
          if isPartition { try rows.readPartition(&reader) } else { try rows.readChunk(&reader) }
          return rows
        }
      } catch {
        return .failure(.badAnswer("the data is damaged: \(error.reason) (byte \(error.offset))", operation: operation))
      }
    }
    guard rows.rowCount == chunk.rowCount else {
      return .failure(
        .badAnswer(
          "\(counted(rows.rowCount, "row")) came where \(chunk.rowCount) were announced", operation: operation))
    }
    return .success(ResultBatch(bytes: bytes, rows: rows))
  }
}
