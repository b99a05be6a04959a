import SnowflakeClient
import Snowmaker
import Synchronization

import func SnowmakerModel.counted

/// A statement and where it begins in what the user wrote.
typealias WrittenStatement = SQLText.Statement

/// Runs what a query asks for and prints it.
final class QueryRunner: Sendable {
  private let request: QueryRequest
  private let session: Session
  private let reporter: Reporter
  private let current = Mutex<Failed?>(nil)

  /// The statement that is being run, for what has to be said when it fails.
  struct Failed: Sendable {
    /// The statement and where it begins in what the user wrote.
    var statement: WrittenStatement
    /// Its number among those to run, from 1, and how many those are.
    var number = 1
    var count = 1
    /// Whether the user wrote it.
    var isWritten = true
  }

  init(request: QueryRequest, session: Session, reporter: Reporter) {
    self.request = request
    self.session = session
    self.reporter = reporter
  }

  /// The statement that failed; nil when none did.
  var failed: Failed? { current.withLock { $0 } }

  func run() async throws(ClientError) {
    switch request.action {
    case .result(let id):
      reporter.progress("Waiting for \(id)")
      let result = try await session.result(of: id, options: options)
      printResult(result)
    case .batch(let text):
      current.withLock { $0 = Failed(statement: .init(text: text)) }
      reporter.progress("Running")
      for result in try await session.executeAll(text, options: options) { printResult(result) }
    case .statements(let statements):
      if request.isTransaction { _ = try await session.execute("BEGIN") }
      do throws(ClientError) {
        for (index, statement) in statements.enumerated() { try await one(statement, index, of: statements.count) }
      } catch {
        if request.isTransaction { await rollBack(error) }
        throw error
      }
      if request.isTransaction {
        current.withLock { $0 = Failed(statement: .init(text: "COMMIT"), isWritten: false) }
        _ = try await session.execute("COMMIT")
        reporter.note("Committed.")
      }
    }
    current.withLock { $0 = nil }
  }

  private var options: StatementOptions {
    var options = request.options
    let reporter = reporter
    let start = ContinuousClock.now
    options.onProgress = { id in
      reporter.progress("Running for \(start.duration(to: .now).components.seconds) s (query \(id))")
    }
    return options
  }

  private func one(_ written: WrittenStatement, _ index: Int, of count: Int) async throws(ClientError) {
    let statement = written.text
    current.withLock { $0 = Failed(statement: written, number: index + 1, count: count) }
    reporter.progress(count == 1 ? "Running" : "Running statement \(index + 1) of \(count)")
    if request.isAsync {
      let id = try await session.submit(statement, options: options)
      reporter.endProgress()
      Terminal.out(id + "\n")
      return
    }
    let stream = try await session.stream(statement, options: options)
    reporter.endProgress()
    var writer = ResultWriter(format: request.format, columns: stream.columns)
    writer.begin()
    for try await batch in stream { writer.write(batch) }
    writer.end()
    reporter.note("query \(stream.queryID)\(rows(writer.rowCount))")
  }

  private func printResult(_ result: QueryResult) {
    reporter.endProgress()
    var writer = ResultWriter(format: request.format, columns: result.columns)
    writer.begin()
    for batch in result.batches { writer.write(batch) }
    writer.end()
    reporter.note("query \(result.queryID)\(rows(writer.rowCount))")
  }

  private func rows(_ count: Int) -> String { ", \(counted(count, "row"))" }

  /// Rolls back, also when this task is cancelled.
  private func rollBack(_ cause: ClientError) async {
    let session = session
    let problem = await Task { () -> ClientError? in
      do throws(ClientError) {
        _ = try await session.execute("ROLLBACK")
        return nil
      } catch { return error }
    }.value
    reporter.endProgress()
    if let problem {
      Terminal.error("The transaction could not be rolled back (\(problem)); it ends with its session.\n")
    } else {
      Terminal.error("Rolled back.\n")
    }
  }
}
