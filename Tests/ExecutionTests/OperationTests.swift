import Glibc
import PluginHost
import SnowmakerCore
import SnowmakerModel
import Synchronization
import Testing

@testable import Execution

/// Steps that SQL does not reach: journalled, hidden and settled like statements, and done by their plugin.
@Suite struct OperationTests {
  private let folder = TemporaryFolder()

  /// Does operations with a closure, and remembers them.
  private final class FakeOperations: OperationRunner {
    let done = Mutex<[Value]>([])
    private let body: @Sendable (Value, ApplyServices) async throws(StatementError) -> Void

    init(_ body: @escaping @Sendable (Value, ApplyServices) async throws(StatementError) -> Void = { _, _ in }) {
      self.body = body
    }

    func apply(
      _ operation: Value, of address: Address, services: ApplyServices
    ) async throws(StatementError) -> StatementAnswer {
      done.withLock { $0.append(.list([.string(address.description)])) }
      done.withLock { $0.append(operation) }
      try await body(operation, services)
      return StatementAnswer()
    }
  }

  private func operation(_ document: Value, after: [Int] = []) -> PlanStep {
    PlanStep(
      address: Address("team", ["DATA"]), statement: Statement(applying: document, summary: "PUT /teams/DATA"),
      role: "SYSADMIN", reason: "test", dependsOn: after)
  }

  private func applier(
    _ operations: FakeOperations?, runner: FakeRunner = FakeRunner { _ in StatementAnswer() }
  ) throws -> Applier {
    let secrets = SecretResolver(environment: { $0 == "TOKEN" ? "hunter2" : nil })
    return Applier(runner: runner, operations: operations, secrets: secrets, ledger: try ledger(folder))
  }

  private func apply(
    _ steps: [PlanStep], _ operations: FakeOperations?, runner: FakeRunner = FakeRunner { _ in StatementAnswer() }
  ) async throws -> (ApplyOutcome, Journal.Run) {
    let outcome = try await applier(operations, runner: runner).apply(plan(steps))
    let journal = Journal(try StateStore.open(path: folder.file("state.db")), scope: LedgerScope(binding))
    return (outcome, try #require(try journal.runs().first))
  }

  @Test func itsPluginDoesItAndNothingIsSent() async throws {
    let operations = FakeOperations()
    let runner = FakeRunner { _ in StatementAnswer() }
    let (outcome, run) = try await apply(
      [operation(["token": .secret("env:TOKEN")]), step("a", "A", after: [0])], operations, runner: runner)
    #expect(outcome.isComplete)
    #expect(operations.done.withLock { $0 } == [["team.DATA"], ["token": "hunter2"]])
    #expect(runner.sql == ["A"])
    #expect(run.statements.map(\.state) == [.done, .done])
    #expect(run.statements.map(\.sql) == ["PUT /teams/DATA", "A"])
    #expect(!stateBytes(folder).contains("hunter2"))
  }

  @Test(arguments: [StatementError.Kind.failed, .unanswered])
  func aFailureIsJournalledCoveredAndStops(kind: StatementError.Kind) async throws {
    let operations = FakeOperations { _, _ throws(StatementError) in
      throw StatementError(kind, message: "503 for hunter2")
    }
    let (outcome, run) = try await apply(
      [operation(["token": .secret("env:TOKEN")]), step("a", "A", after: [0])], operations)
    #expect(outcome.failed.map(\.error.message) == ["503 for ‹secret›"])
    #expect(outcome.failed.map(\.sql) == ["PUT /teams/DATA"])
    #expect(outcome.notStarted == [1])
    #expect(run.statements[0].state == (kind == .failed ? .failed : .unanswered))
    #expect(!stateBytes(folder).contains("hunter2"))
  }

  @Test func itMayAskForRowsAsItsRole() async throws {
    let rows = Mutex<[[Value]]>([])
    let operations = FakeOperations { _, services in
      if case .success(let result) = await services.query("SHOW USERS") { rows.withLock { $0 = result.rows } }
    }
    let runner = FakeRunner { _ in StatementAnswer(columns: ["name"], rows: [["ANNA"]]) }
    _ = try await apply([operation([:])], operations, runner: runner)
    #expect(rows.withLock { $0 } == [["ANNA"]])
    #expect(runner.calls == [.init(sql: "SHOW USERS", role: "SYSADMIN", purpose: .read("QUERY"))])
  }

  @Test func itSaysHowFarItIs() async throws {
    let answers = Mutex<[Bool]>([])
    let operations = FakeOperations { _, services in
      for done in 1...2 {
        let goesOn = services.progress(OperationProgress("with \u{1b}[1mhunter2\n", done: Int64(done), total: 2))
        answers.withLock { $0.append(goesOn) }
      }
    }
    let said = Mutex<[String]>([])
    let outcome = try await applier(operations).apply(plan([operation(["token": .secret("env:TOKEN")])])) { event in
      guard case .working(let step, let progress) = event else { return }
      said.withLock { $0.append("\(step) \(progress.text)") }
    }
    #expect(outcome.isComplete)
    #expect(said.withLock { $0 } == ["0 with [1m‹secret› (1 of 2)", "0 with [1m‹secret› (2 of 2)"])
    #expect(answers.withLock { $0 } == [true, true])
  }

  /// Plugins ask on threads that belong to no task.
  private static func onAThread(_ ask: @escaping @Sendable () -> Bool) -> Bool {
    let answer = Mutex(true)
    var thread = pthread_t()
    let work = Unmanaged.passRetained(ThreadWork { answer.withLock { $0 = ask() } })
    pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<ThreadWork>.fromOpaque(context).takeRetainedValue().body() }
        return nil
      }, work.toOpaque())
    pthread_join(thread, nil)
    return answer.withLock { $0 }
  }

  private final class ThreadWork: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  @Test(arguments: [true, false]) func itIsToldWhenTheUserStops(byTask: Bool) async throws {
    let begun = Atomic(false)
    let wasInterrupted = Atomic(false)
    let operations = FakeOperations { _, services throws(StatementError) in
      let goesOn = Self.onAThread { services.progress(OperationProgress("at work")) }
      begun.store(true, ordering: .releasing)
      for _ in 0..<3000 where goesOn {
        guard Self.onAThread({ services.progress(OperationProgress("still at work")) }) else {
          throw StatementError(.failed, message: "stopped")
        }
        usleep(10_000)
      }
    }
    let applier = try applier(operations)
    let steps = plan([operation([:]), step("a", "A", after: [0])])
    let run = Task {
      try await applier.apply(steps, isCancelled: { wasInterrupted.load(ordering: .relaxed) })
    }
    while !begun.load(ordering: .acquiring) { try await Task.sleep(for: .milliseconds(1)) }
    if byTask { run.cancel() } else { wasInterrupted.store(true, ordering: .relaxed) }
    let outcome = try await run.value
    #expect(outcome.failed.map(\.error.message) == ["stopped"])
    #expect(outcome.notStarted == [1])
  }

  @Test func aMissingSecretStopsBeforeAnythingIsDone() async throws {
    let operations = FakeOperations()
    await #expect(throws: Diagnostic.self) {
      try await apply([operation(["list": [.secret("env:NONE")]])], operations)
    }
    #expect(operations.done.withLock { $0 }.isEmpty)
  }

  @Test func withoutAnyoneToDoItItIsNotDone() async throws {
    let (outcome, _) = try await apply([operation([:])], nil)
    #expect(outcome.failed.map(\.error.kind) == [.notSent])
  }

  /// What a role can see plays no part for what is in no account, and such a type sends no queries.
  @Test func readingIgnoresRolesAndRefusesQueries() throws {
    var board = ReadBoard(blindness: "sees little", applied: ["team"])
    let request = ReadRequest(type: "team", wanted: [])
    _ = try board.take(ReadReply(), for: request)
    _ = try board.take(ReadReply(), for: ReadRequest(type: "thing", wanted: []))
    #expect(board.observations.partial == ["thing": "sees little"])
    #expect(throws: Diagnostic.self) {
      try board.take(ReadReply(queries: [ReadQuery("SHOW X", costClass: "SHOW X")]), for: request)
    }
  }
}
