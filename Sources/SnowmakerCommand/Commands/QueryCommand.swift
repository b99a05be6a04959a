import Glibc
import SnowflakeClient
import Snowmaker
import SnowmakerModel

/// `snowmaker query`: runs SQL.
enum QueryCommand {
  static let description = CommandDescription(
    path: ["query"], summary: "Run SQL and print its results.",
    discussion:
      "Statements run one after the other in one session; the first error ends the run. Results go to standard "
      + "output, query ids and progress to standard error. Ctrl-C stops the statement on the account too.",
    positionals: [.init(name: "SQL", doc: "One or more statements; '-' reads them from standard input.")],
    options: [
      .value("--file", short: "-f", "FILE", "Read the statements from FILE."),
      .value(
        "--format", "FORMAT", "table (the default), csv, json or jsonl.", allowed: ["table", "csv", "json", "jsonl"]),
      .value(
        "--bind", short: "-b", "[TYPE:]VALUE",
        "The value of the next '?' of the statement: a text, or int:1, real:1.5, bool:true, date:2026-11-21, time:09:30, "
          + "timestamp_ntz:…, timestamp_tz:'2026-11-21 09:30 +0100', binary:0A, null: …; may be repeated.",
        repeatable: true),
      .flag("--transaction", "Run everything in one transaction: commit at the end, roll back on the first error."),
      .flag("--batch", "Send all statements in one request (the account needs a warehouse for that)."),
      .flag("--async", "Do not wait: print each statement's query id. See --result."),
      .value("--result", "QUERY-ID", "Wait for a statement that was sent before and print its result."),
      .value("--timeout", "SECONDS", "The account stops a statement that runs longer."),
      .value("--warehouse", "NAME", "The warehouse to log in with."),
      .value("--database", "NAME", "The database to log in with."),
      .value("--schema", "NAME", "The schema to log in with."),
    ] + CommonOptions.account.filter { $0.name != "--lanes" },
    examples: [
      .init(command: "snowmaker query 'SHOW WAREHOUSES' -c prod --format csv", doc: "One statement."),
      .init(command: "snowmaker query 'SELECT ?, ?' --bind int:1 --bind text", doc: "With values."),
      .init(command: "snowmaker query -f load.sql --transaction", doc: "All or nothing (DDL commits by itself)."),
    ], run: run)

  private static func run(_ arguments: ParsedArguments) async -> ExitStatus {
    let reporter = Reporter(arguments)
    do {
      let request = try QueryRequest(arguments)
      let interrupts = Interrupts()
      let work = Task { () async throws -> ExitStatus in
        reporter.progress("Connecting")
        let opened = try await SessionOpening.open(arguments)
        let status = await perform(request, opened.session, reporter)
        await opened.close()
        return status
      }
      let watch = Task {
        while !Task.isCancelled {
          if interrupts.wasInterrupted { work.cancel() }
          do { try await Task.sleep(for: .milliseconds(50)) } catch { return }
        }
      }
      defer { watch.cancel() }
      return try await work.value
    } catch {
      reporter.endProgress()
      return reporter.fail(error)
    }
  }

  private static func perform(_ request: QueryRequest, _ session: Session, _ reporter: Reporter) async -> ExitStatus {
    let runner = QueryRunner(request: request, session: session, reporter: reporter)
    do throws(ClientError) {
      try await runner.run()
      return .success
    } catch {
      reporter.endProgress()
      if error == .cancelled {
        Terminal.error("Stopped; the account was told to stop the statement.\n")
        return .cancelled
      }
      guard let failed = runner.failed else {
        return reporter.fail(Diagnostic.error(String(describing: error), code: "query"))
      }
      let masked = MaskedSQL(failed.statement.text)
      let shown = masked.text.count > 200 ? "\(masked.text.prefix(197))…" : masked.text
      let which = failed.count > 1 ? "Statement \(failed.number) of \(failed.count)" : "Statement"
      return reporter.fail(
        Diagnostic.error(
          masked.mask(String(describing: error)), detail: "\(which): \(shown)", code: "query",
          position: failed.isWritten ? request.position(of: error, in: failed.statement) : nil))
    }
  }
}

/// What a query's command line asks for.
struct QueryRequest: Sendable {
  enum Action: Sendable {
    case statements([WrittenStatement])
    case batch(String)
    case result(queryID: String)
  }

  let action: Action
  let format: String
  let options: StatementOptions
  let isAsync: Bool
  let isTransaction: Bool
  /// The file that the statements were read from; nil when they stand on the command line.
  private let file: String?

  /// Where in the file the account sees the mistake: at the place that it names, else at the statement's beginning.
  func position(of error: ClientError, in statement: WrittenStatement) -> SourcePosition? {
    guard let file else { return nil }
    var place = (line: statement.line, column: statement.column)
    if let failure = error.sqlFailure, let line = failure.line, line > 0 {
      place = statement.place(line: line, position: failure.position ?? 0)
    }
    return SourcePosition(file: file, line: place.line, column: place.column)
  }

  init(_ arguments: ParsedArguments) throws {
    format = arguments.value("--format") ?? "table"
    isAsync = arguments.has("--async")
    isTransaction = arguments.has("--transaction")
    file = arguments.value("--file") ?? (arguments.positionals.first == "-" ? "standard input" : nil)
    var options = StatementOptions()
    do throws(InvalidBinding) {
      for text in arguments.all("--bind") { options.bindings.append(try Binding(parsing: text)) }
    } catch {
      throw UsageError("--bind: \(error)")
    }
    if let seconds = try arguments.number("--timeout", in: 1...604_800) {
      options.parameters["STATEMENT_TIMEOUT_IN_SECONDS"] = String(seconds)
    }
    self.options = options
    if isAsync, isTransaction { throw UsageError("--async and --transaction exclude each other") }
    if let id = arguments.value("--result") {
      action = .result(queryID: id)
      return
    }
    let text = try Self.text(arguments)
    let statements = SQLText.located(text)
    guard !statements.isEmpty else { throw UsageError("there is no statement to run") }
    if statements.count > 1, !options.bindings.isEmpty {
      throw UsageError("--bind goes with one statement, and there are \(statements.count)")
    }
    if arguments.has("--batch") {
      if isAsync || isTransaction { throw UsageError("--batch goes with neither --async nor --transaction") }
      action = .batch(text)
    } else {
      action = .statements(statements)
    }
  }

  private static func text(_ arguments: ParsedArguments) throws -> String {
    let written = arguments.positionals.first
    switch (written, arguments.value("--file")) {
    case (nil, nil): throw UsageError("SQL or --file is needed")
    case (.some, .some): throw UsageError("give the SQL or --file, not both")
    case (.some("-"), nil): return try read(0, name: "standard input")
    case (.some(let text), nil): return text
    case (nil, .some(let path)):
      let descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        throw Diagnostic.error("'\(path)' cannot be read: \(String(cString: strerror(errno)))", code: "file")
      }
      defer { close(descriptor) }
      return try read(descriptor, name: "'\(path)'")
    }
  }

  private static func read(_ descriptor: Int32, name: String) throws(Diagnostic) -> String {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(descriptor, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw .error("\(name) cannot be read: \(String(cString: strerror(errno)))", code: "file")
      }
      if count == 0 { break }
      bytes.append(contentsOf: piece[..<count])
      if bytes.count > 64 << 20 { throw .error("\(name) is larger than 64 MiB", code: "file") }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .error("\(name) is not UTF-8", code: "file")
    }
    return text
  }
}
