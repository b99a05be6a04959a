public import SnowflakeClient
import SnowmakerModel

/// Runs statements over the client's lanes: reads over one pool (all roles of the user count), writes over another
/// (the role alone counts).
public struct LaneRunner: StatementRunner {
  private let reading: LanePool
  private let writing: LanePool
  /// What the tags of statements begin with.
  private let tag: String

  /// A runner over two pools. Lanes are opened when the first statement needs them, so a pool that is not used costs
  /// nothing. The QUERY_TAG of a statement that has one of its own is `tag`, a colon and that.
  public init(reading: LanePool, writing: LanePool, tag: String = "snowmaker") {
    self.tag = tag
    self.reading = reading
    self.writing = writing
  }

  /// Runs one statement. Throws when the account refused it or could not be reached.
  public func run(
    _ sql: String, role: String?, purpose: StatementPurpose
  ) async throws(StatementError) -> StatementAnswer {
    try await run(sql, role, purpose, StatementOptions())
  }

  /// Runs one statement with a QUERY_TAG of its own. Throws when the account refused it or could not be reached.
  public func run(
    _ sql: String, role: String?, purpose: StatementPurpose, tag: String
  ) async throws(StatementError) -> StatementAnswer {
    try await run(sql, role, purpose, StatementOptions(parameters: ["QUERY_TAG": "\(self.tag):\(tag)"]))
  }

  /// Runs a statement that changes the account, and answers its rows. Throws when the account refused it or could not be
  /// reached.
  public func write(
    answering sql: String, role: String?, tag: String
  ) async throws(StatementError) -> StatementAnswer {
    try await run(sql, role, .write, StatementOptions(parameters: ["QUERY_TAG": "\(self.tag):\(tag)"]), keepsRows: true)
  }

  private func run(
    _ sql: String, _ role: String?, _ purpose: StatementPurpose, _ options: StatementOptions, keepsRows: Bool = false
  ) async throws(StatementError) -> StatementAnswer {
    let isWrite = purpose == .write
    do throws(ClientError) {
      let result = try await (isWrite ? writing : reading).run(
        sql, role: role, options: options, mode: isWrite ? .writing : nil)
      return isWrite && !keepsRows
        ? StatementAnswer(queryID: result.queryID, roundTrips: result.cost.roundTrips) : StatementAnswer(result)
    } catch {
      throw StatementError(error, isWrite: isWrite)
    }
  }
}

extension StatementAnswer {
  /// The rows of a result, cell by cell.
  init(_ result: QueryResult) {
    self.init(
      queryID: result.queryID, columns: result.columns.map { $0.name.lowercased() },
      roundTrips: result.cost.roundTrips)
    let width = result.columns.count
    rows.reserveCapacity(result.rowCount)
    for batch in result.batches {
      for row in 0..<batch.rowCount {
        rows.append(
          [Value](unsafeUninitializedCapacity: width) { cells, count in
            for column in 0..<width {
              let value = batch[row, column].map(Value.string) ?? .null
              cells.initializeElement(at: column, to: value)
            }
            count = width
          })
      }
    }
  }
}

extension StatementError {
  init(_ error: ClientError, isWrite: Bool) {
    if let failure = error.sqlFailure {
      self.init(
        .failed, code: failure.code, message: failure.message, sqlState: failure.sqlState, queryID: failure.queryID)
    } else if isWrite && error.mayHaveRun {
      self.init(.unanswered, message: String(describing: error))
    } else {
      self.init(error == .cancelled ? .cancelled : .notSent, message: String(describing: error))
    }
  }
}
