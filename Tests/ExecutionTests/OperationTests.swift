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

  private func apply(
    _ steps: [PlanStep], _ operations: FakeOperations?, runner: FakeRunner = FakeRunner { _ in StatementAnswer() }
  ) async throws -> (ApplyOutcome, Journal.Run) {
    let secrets = SecretResolver(environment: { $0 == "TOKEN" ? "hunter2" : nil })
    let applier = Applier(runner: runner, operations: operations, secrets: secrets, ledger: try ledger(folder))
    let outcome = try await applier.apply(plan(steps))
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
