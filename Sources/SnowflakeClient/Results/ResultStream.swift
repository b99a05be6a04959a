/// A result whose rows are read as they arrive.
///
/// Iterating gives the rows in order, in batches as the account sent them; parts that lie elsewhere are fetched side by
/// side, ahead of the reader, within the session's limits. The rows can be read once. Leaving the loop ends the fetching.
public struct ResultStream: AsyncSequence, Sendable {
  /// Rows that arrived together.
  public typealias Element = ResultBatch
  /// What fetching throws.
  public typealias Failure = ClientError

  /// The columns, in order.
  public let columns: [ResultColumn]
  /// The account's id for the statement.
  public let queryID: String
  /// The number of rows as the account announced it.
  public let announcedRows: Int?

  let details: StatementDetails
  let cost: StatementCost
  private let reader: ChunkReader

  init(columns: [ResultColumn], details: StatementDetails, cost: StatementCost, reader: ChunkReader) {
    self.columns = columns
    self.details = details
    self.cost = cost
    self.reader = reader
    queryID = details.queryID ?? ""
    announcedRows = details.total
  }

  /// Reads batch after batch. `next` throws when a part cannot be fetched, is damaged or has too few rows, and
  /// `.cancelled` when the task is cancelled.
  public struct Iterator: AsyncIteratorProtocol {
    let reader: ChunkReader

    /// The next rows; nil at the end.
    public mutating func next() async throws(ClientError) -> ResultBatch? { try await reader.next() }
    /// The next rows; nil at the end.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(ClientError) -> ResultBatch? { try await reader.next() }
  }

  /// An iterator over what has not been read yet.
  public func makeAsyncIterator() -> Iterator { Iterator(reader: reader) }

  /// The whole result. Throws what the iterator throws.
  public func collect() async throws(ClientError) -> QueryResult {
    var batches: [ResultBatch] = []
    while let batch = try await reader.next() { batches.append(batch) }
    var cost = cost
    let (requests, chunks) = await reader.work
    cost.roundTrips += requests
    cost.retries += requests - chunks
    return QueryResult(columns: columns, batches: batches, details: details, cost: cost)
  }
}

/// Fetches the chunks of one result ahead of its reader.
actor ChunkReader {
  private let chunks: [ResultChunk]
  private let source: ChunkSource
  private let parallelism: Int
  private let memory: Int
  private let width: Int
  private let queryID: String
  private let total: Int?
  private let refresh: @Sendable () async throws(ClientError) -> ChunkAddresses?

  private var first: ResultBatch?
  private var addresses: ChunkAddresses
  /// Counts how often the addresses were replaced.
  private var generation = 0
  private var refreshing: Task<ClientError?, Never>?
  private var underWay: [Task<Result<ResultBatch, ClientError>, Never>] = []
  private var sizes: [Int] = []
  private var nextChunk = 0
  private var rowsRead = 0
  private var isOver = false
  private var requests = 0

  init(
    first: ResultBatch, chunks: [ResultChunk], headers: [(name: String, value: String)], source: ChunkSource,
    parallelism: Int, memory: Int, width: Int, queryID: String, total: Int?,
    refresh: @escaping @Sendable () async throws(ClientError) -> ChunkAddresses?
  ) {
    self.first = first
    self.chunks = chunks
    self.source = source
    self.parallelism = Swift.max(1, parallelism)
    self.memory = memory
    self.width = width
    self.queryID = queryID
    self.total = total
    self.refresh = refresh
    addresses = ChunkAddresses(urls: chunks.map(\.url), headers: headers)
  }

  deinit { for task in underWay { task.cancel() } }

  /// The requests made so far, and the chunks they were for.
  var work: (requests: Int, chunks: Int) { (requests, chunks.count) }

  /// The next rows; nil at the end.
  func next() async throws(ClientError) -> ResultBatch? {
    if isOver { return nil }
    fill()
    if let batch = first {
      first = nil
      return try check(batch)
    }
    guard !underWay.isEmpty else {
      isOver = true
      if let total, total != rowsRead, !chunks.isEmpty {
        throw .badAnswer("\(counted(rowsRead, "row")) came where \(total) were announced", operation: operation)
      }
      return nil
    }
    let task = underWay.removeFirst()
    sizes.removeFirst()
    let outcome = await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
    switch outcome {
    case .success(let batch): return try check(batch)
    case .failure(let error):
      end()
      throw error
    }
  }

  private var operation: String { "reading the result of query \(queryID)" }

  private func end() {
    isOver = true
    for task in underWay { task.cancel() }
    underWay.removeAll()
    sizes.removeAll()
  }

  private func check(_ batch: ResultBatch) throws(ClientError) -> ResultBatch {
    if batch.rowCount > 0, batch.columnCount != width {
      end()
      throw .badAnswer(
        "rows have \(batch.columnCount) values and the result has \(width) columns", operation: operation)
    }
    rowsRead += batch.rowCount
    return batch
  }

  /// Starts as many chunks as may be under way.
  private func fill() {
    while nextChunk < chunks.count, underWay.count < parallelism {
      let size = chunks[nextChunk].uncompressedSize
      guard underWay.isEmpty || sizes.reduce(size, +) <= memory else { return }
      let index = nextChunk
      nextChunk += 1
      sizes.append(size)
      underWay.append(Task { [weak self] in await self?.fetch(index) ?? .failure(.cancelled) })
    }
  }

  private func fetch(_ index: Int) async -> Result<ResultBatch, ClientError> {
    var outcome = Result<ResultBatch, ClientError>.failure(.cancelled)
    for attempt in 0..<2 {
      let used = generation
      let fetched = await source.fetch(
        chunks[index], index, url: addresses.urls[index], headers: addresses.headers)
      requests += fetched.attempts
      outcome = fetched.outcome
      guard fetched.isExpired, attempt == 0 else { return outcome }
      if let error = await replaceAddresses(used) { return .failure(error) }
    }
    return outcome
  }

  /// Asks for new addresses, once for all chunks that find theirs expired.
  private func replaceAddresses(_ used: Int) async -> ClientError? {
    guard generation == used else { return nil }
    if let refreshing { return await refreshing.value }
    let task = Task { () async -> ClientError? in
      do throws(ClientError) {
        guard let found = try await refresh() else { return nil }
        guard found.urls.count == chunks.count else {
          return .badAnswer("its parts are no longer those that were announced", operation: operation)
        }
        addresses = found
        generation += 1
        requests += 1
        return nil
      } catch { return error }
    }
    refreshing = task
    let error = await task.value
    refreshing = nil
    return error
  }
}
