extension Session {
  /// The rows of an answer: those it holds, then its chunks in order.
  func readRows(
    _ answer: StatementAnswer, _ body: [UInt8], _ cost: inout StatementCost
  ) async throws(ClientError) -> [ResultBatch] {
    let queryID = answer.details.queryID
    let isArrow = answer.details.resultFormat?.lowercased().hasPrefix("arrow") ?? false
    if answer.details.hasArrowRows || (isArrow && !answer.chunks.isEmpty) {
      throw .unsupportedResult(format: "Arrow", queryID: queryID)
    }
    var batches = [ResultBatch(bytes: body, rows: answer.rows)]
    if !answer.chunks.isEmpty {
      let source = ChunkSource(
        transport: transport, headers: Self.headers(answer), policy: options.statementRetry,
        timeouts: options.timeouts, acceptsPlainHTTP: endpoint.scheme == "http")
      let (found, requests) = try await source.read(answer.chunks, parallelism: max(1, options.chunkParallelism))
      batches.append(contentsOf: found)
      cost.roundTrips += requests
      cost.retries += requests - answer.chunks.count
    }
    for batch in batches where batch.rowCount > 0 && batch.columnCount != answer.columns.count {
      throw .badAnswer(
        "rows have \(batch.columnCount) values and the result has \(answer.columns.count) columns",
        operation: "reading the result of query \(queryID ?? "")")
    }
    let count = batches.reduce(0) { $0 + $1.rowCount }
    if let total = answer.details.total, total != count, !answer.columns.isEmpty, !answer.chunks.isEmpty {
      throw .badAnswer(
        "\(count) rows came where \(total) were announced", operation: "reading the result of query \(queryID ?? "")")
    }
    return batches
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

/// Fetches the chunks of a result, some at a time, and gives them in order.
struct ChunkSource: Sendable {
  let transport: HTTPTransport
  let headers: [(name: String, value: String)]
  let policy: RetryPolicy
  let timeouts: HTTPTimeouts
  /// Whether addresses without TLS are accepted: only when the account itself is on this machine.
  let acceptsPlainHTTP: Bool

  private static let sizeLimit = 1 << 30

  private struct Fetched: Sendable {
    let index: Int
    let attempts: Int
    let outcome: Result<ResultBatch, ClientError>
  }

  func read(
    _ chunks: [ResultChunk], parallelism: Int
  ) async throws(ClientError) -> (batches: [ResultBatch], requests: Int) {
    let outcome = await withTaskGroup(of: Fetched.self) { group -> Result<([ResultBatch], Int), ClientError> in
      var batches = [ResultBatch?](repeating: nil, count: chunks.count)
      var requests = 0
      var next = 0
      while next < min(parallelism, chunks.count) {
        let index = next
        group.addTask { await fetch(chunks[index], index, of: chunks.count) }
        next += 1
      }
      while let fetched = await group.next() {
        requests += fetched.attempts
        switch fetched.outcome {
        case .failure(let error):
          group.cancelAll()
          return .failure(error)
        case .success(let batch): batches[fetched.index] = batch
        }
        if next < chunks.count {
          let index = next
          group.addTask { await fetch(chunks[index], index, of: chunks.count) }
          next += 1
        }
      }
      return .success((batches.compactMap { $0 }, requests))
    }
    return try outcome.get()
  }

  private func fetch(_ chunk: ResultChunk, _ index: Int, of count: Int) async -> Fetched {
    let operation = "reading part \(index + 1) of \(count) of a result"
    guard acceptsPlainHTTP || chunk.url.hasPrefix("https://") else {
      return Fetched(
        index: index, attempts: 0, outcome: .failure(.badAnswer("its address is not https", operation: operation)))
    }
    do throws(ExchangeFailure) {
      let exchange = try await transport.exchange(operation, policy: policy) { _ in
        HTTPRequest(url: chunk.url, headers: headers, timeouts: timeouts)
      }
      return Fetched(
        index: index, attempts: exchange.attempts, outcome: decode(exchange.response, chunk, operation))
    } catch {
      return Fetched(index: index, attempts: error.attempts, outcome: .failure(error.error))
    }
  }

  private func decode(
    _ response: HTTPResponse, _ chunk: ResultChunk, _ operation: String
  ) -> Result<ResultBatch, ClientError> {
    guard response.status == 200 else {
      let host = (try? URLTarget(chunk.url))?.host ?? "the store"
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
          try rows.readChunk(&reader)
          return rows
        }
      } catch {
        return .failure(.badAnswer("the data is damaged: \(error.reason) (byte \(error.offset))", operation: operation))
      }
    }
    guard rows.rowCount == chunk.rowCount else {
      return .failure(
        .badAnswer("\(rows.rowCount) rows came where \(chunk.rowCount) were announced", operation: operation))
    }
    return .success(ResultBatch(bytes: bytes, rows: rows))
  }
}
