import Glibc
import SnowmakerCore
import SnowmakerModel
import Synchronization
import Testing

@testable import Execution

@Suite struct ApplierTests {
  private let folder = TemporaryFolder()

  private func applier(
    _ runner: FakeRunner, lanes: Int = 4, secrets: SecretResolver = SecretResolver(environment: { _ in nil })
  ) throws -> Applier {
    Applier(runner: runner, secrets: secrets, ledger: try ledger(folder), lanes: lanes)
  }

  private func journal() throws -> Journal {
    Journal(try StateStore.open(path: folder.file("state.db")), scope: LedgerScope(binding))
  }

  @Test func stepsRunAfterWhatTheyDependOn() async throws {
    let runner = FakeRunner { sql in
      if sql == "A" { try? await Task.sleep(for: .milliseconds(20)) }
      return StatementAnswer(queryID: "q-" + sql)
    }
    let steps = [
      step("a", "A"), step("b", "B", role: "USERADMIN", after: [0]), step("c", "C"), step("d", "D", after: [1, 2]),
    ]
    let outcome = try await applier(runner).apply(plan(steps))
    #expect(outcome.isComplete)
    #expect(outcome.done == [0, 1, 2, 3])
    let order = runner.sql
    #expect(Set(order) == ["A", "B", "C", "D"])
    #expect(order.last == "D")
    #expect(try #require(order.firstIndex(of: "A")) < #require(order.firstIndex(of: "B")))
    #expect(runner.calls.first { $0.sql == "B" }?.role == "USERADMIN")
    #expect(runner.calls.allSatisfy { $0.purpose == .write })
    let run = try #require(try journal().runs().first)
    #expect(run.outcome == .succeeded)
    #expect(run.statements.map(\.state) == [.done, .done, .done, .done])
    #expect(run.statements.map(\.queryID) == ["q-A", "q-B", "q-C", "q-D"])
    #expect(try ledger(folder).snapshot().entries.count == 4)
    #expect(try ledger(folder).generation() == 1)
  }

  @Test func independentStepsRunSideBySideWithinTheLanes() async throws {
    let runner = FakeRunner { _ in
      try? await Task.sleep(for: .milliseconds(10))
      return StatementAnswer()
    }
    let outcome = try await applier(runner, lanes: 3).apply(plan((0..<12).map { step("n\($0)", "S\($0)") }))
    #expect(outcome.done.count == 12)
    #expect(runner.state.withLock { $0.mostRunning } == 3)
  }

  @Test func aLaneSeldomChangesItsRole() throws {
    let steps = (0..<60).map { step("n\($0)", "S", role: ["A", "B", "C"][$0 % 3]) }
    var schedule = try ApplySchedule(steps, lanes: 2)
    var roles: [[String]] = [[], []]
    var running: [(step: Int, lane: Int)] = []
    while true {
      while let next = schedule.next() {
        roles[next.lane].append(steps[next.step].role)
        running.append(next)
      }
      guard !running.isEmpty else { break }
      let first = running.removeFirst()
      schedule.finish(first.step, lane: first.lane, worked: true)
    }
    #expect(roles.map(\.count).reduce(0, +) == 60)
    let changes = roles.map { lane in zip(lane, lane.dropFirst()).filter { $0 != $1 }.count }.reduce(0, +)
    #expect(changes <= 3, "\(changes) changes of role")
  }

  @Test func theFirstFailureStopsNewWorkAndLetsRunningWorkFinish() async throws {
    let runner = FakeRunner { sql throws(StatementError) in
      if sql == "BAD" {
        throw StatementError(.failed, code: "003001", message: "Insufficient privileges", queryID: "q1")
      }
      try? await Task.sleep(for: .milliseconds(30))
      return StatementAnswer()
    }
    let events = Mutex<[String]>([])
    let steps = [
      step("slow", "SLOW"), step("bad", "BAD"), step("after", "AFTER", after: [1]), step("free", "FREE", after: [0]),
    ]
    let outcome = try await applier(runner, lanes: 2).apply(plan(steps)) { event in
      switch event {
      case .stopping: events.withLock { $0.append("stopping") }
      case .settled(let address): events.withLock { $0.append("settled \(address)") }
      default: break
      }
    }
    #expect(outcome.done == [0])
    #expect(outcome.notStarted == [2, 3])
    #expect(!outcome.isComplete)
    let failed = try #require(outcome.failed.first)
    #expect(outcome.failed.count == 1)
    #expect(failed.step == 1)
    #expect(failed.address == Address("thing", ["bad"]))
    #expect(failed.role == "SYSADMIN")
    #expect(failed.sql == "BAD")
    #expect(failed.error.code == "003001")
    #expect(events.withLock { $0 } == ["stopping", "settled thing.slow"])
    #expect(Set(runner.sql) == ["SLOW", "BAD"])
    let run = try #require(try journal().runs().first)
    #expect(run.outcome == .failed)
    #expect(run.statements.map(\.state) == [.done, .failed, .planned, .planned])
    #expect(run.statements[1].code == "003001")
    #expect(run.statements[1].queryID == "q1")
    #expect(try ledger(folder).snapshot().entries.keys.map(\.description) == ["thing.slow"])
  }

  @Test func anUnansweredStatementIsSentOnceAndMarked() async throws {
    let runner = FakeRunner { _ throws(StatementError) in throw StatementError(.unanswered, message: "connection reset")
    }
    let object = SQLObject("THING", "A")
    let outcome = try await applier(runner).apply(plan([step("A", "CREATE", effects: [.created(object)])]))
    #expect(runner.sql == ["CREATE"])
    #expect(outcome.failed.first?.error.kind == .unanswered)
    let run = try #require(try journal().runs().first)
    #expect(run.statements[0].state == .unanswered)
    #expect(run.unsettled.count == 1)
    #expect(try journal().unsettledCreations().keys.sorted() == [Address("thing", ["A"])])
    #expect(try ledger(folder).snapshot().entries.isEmpty)
  }

  @Test func cancellingStopsNewWork() async throws {
    let cancelled = Mutex(false)
    let runner = FakeRunner { _ in
      cancelled.withLock { $0 = true }
      return StatementAnswer()
    }
    let steps = (0..<5).map { step("n\($0)", "S\($0)", after: $0 == 0 ? [] : [$0 - 1]) }
    let outcome = try await applier(runner).apply(plan(steps), isCancelled: { cancelled.withLock { $0 } })
    #expect(outcome.done == [0])
    #expect(outcome.notStarted == [1, 2, 3, 4])
    #expect(outcome.wasCancelled)
    #expect(try journal().runs().first?.outcome == .cancelled)
  }

  @Test func cancellingTheTaskLetsRunningStatementsFinish() async throws {
    let runner = FakeRunner { _ throws(StatementError) in
      do { try await Task.sleep(for: .milliseconds(200)) } catch {
        throw StatementError(.unanswered, message: "cut off")
      }
      return StatementAnswer()
    }
    let applier = try applier(runner)
    let task = Task { try await applier.apply(plan([step("a", "A"), step("b", "B", after: [0])])) }
    while runner.sql.isEmpty { await Task.yield() }
    task.cancel()
    let outcome = try await task.value
    #expect(outcome.done == [0])
    #expect(outcome.failed.isEmpty)
    #expect(outcome.notStarted == [1])
    #expect(outcome.wasCancelled)
  }

  @Test func secretsAreQuotedInWhatIsSentAndNowhereElse() async throws {
    let secret = "s3cr3t-Pa'ss\\word"
    let runner = FakeRunner { sql throws(StatementError) in
      if sql.contains("BAD") {
        throw StatementError(.failed, code: "001003", message: "unexpected 's3cr3t-Pa''ss\\\\word' or \(secret)")
      }
      return StatementAnswer()
    }
    let resolver = SecretResolver(environment: { $0 == "PW" ? secret : nil })
    func sql(_ name: String) -> SQLText {
      SQLText([.text("CREATE USER \(name) PASSWORD = "), .secret("env:PW"), .text(" COMMENT = ''")])
    }
    let steps = [step("GOOD", sql("GOOD")), step("BAD", sql("BAD"), after: [0])]
    let outcome = try await applier(runner, secrets: resolver).apply(plan(steps))
    #expect(runner.sql.first == #"CREATE USER GOOD PASSWORD = 's3cr3t-Pa''ss\\word' COMMENT = ''"#)
    let failed = try #require(outcome.failed.first)
    #expect(failed.sql == "CREATE USER BAD PASSWORD = ‹secret env:PW› COMMENT = ''")
    #expect(failed.error.message == "unexpected '‹secret›' or ‹secret›")
    _ = try ledger(folder).digest(.string(secret))
    let bytes = stateBytes(folder)
    #expect(bytes.contains("CREATE USER GOOD PASSWORD"))
    #expect(!bytes.contains("s3cr3t"))
  }

  @Test func missingSecretsAreAnErrorBeforeAnythingRuns() async throws {
    let runner = FakeRunner { _ in StatementAnswer() }
    let steps = [
      step("a", "A"), step("b", SQLText([.secret("env:NOT_THERE")])), step("c", SQLText([.secret("file:/no/such")])),
      step("d", SQLText([.secret("literal:0")])),
    ]
    let error = await #expect(throws: Diagnostic.self) { try await applier(runner).apply(plan(steps)) }
    #expect(error?.code == "missing-secret")
    #expect(error?.summary.contains("NOT_THERE") == true)
    #expect(error?.summary.contains("/no/such") == true)
    #expect(runner.sql.isEmpty)
    #expect(try journal().runs().isEmpty)
  }

  @Test func aStalePlanIsRefused() async throws {
    let runner = FakeRunner { _ in StatementAnswer() }
    _ = try await applier(runner).apply(plan([step("a", "A")]))
    let error = await #expect(throws: Diagnostic.self) { try await applier(runner).apply(plan([step("b", "B")])) }
    #expect(error?.code == "plan-stale")
    #expect(runner.sql == ["A"])
    let outcome = try await applier(runner).apply(plan([step("b", "B")], generation: 1))
    #expect(outcome.isComplete)
  }

  @Test func plansForAnotherScopeWithErrorsOrDamagedAreRefused() async throws {
    let runner = FakeRunner { _ in StatementAnswer() }
    var elsewhere = plan([step("a", "A")])
    elsewhere.binding.target = "prod"
    var wrong = plan([step("a", "A")])
    wrong.diagnostics = [.error("no role for it")]
    var dangling = plan([step("a", "A")])
    dangling.resources[0].steps = [7]
    for plan in [elsewhere, wrong, dangling, plan([step("a", "A", after: [0])])] {
      await #expect(throws: Diagnostic.self) { try await applier(runner).apply(plan) }
    }
    #expect(runner.sql.isEmpty)
  }

  @Test func adoptedReleasedAndAbsorbedResourcesNeedNoStatement() async throws {
    let store = try ledger(folder)
    func entry(_ name: String) -> LedgerEntry { LedgerEntry(address: Address("thing", [name]), origin: .created) }
    let before = ["parent", "child", "released"].map(entry)
    try store.apply(before.map { ($0.address, .put($0)) })
    var plan = plan([step("parent", "DROP")], action: .drop)
    plan.resources[0].ledger = .remove
    plan.resources += [
      PlannedResource(
        address: before[1].address, action: .drop, absorbedBy: before[0].address, ledger: .remove),
      PlannedResource(address: before[2].address, action: .release, ledger: .remove),
      PlannedResource(address: entry("adopted").address, action: .adopt, ledger: .put(entry("adopted"))),
    ]
    let failing = FakeRunner { _ throws(StatementError) in throw StatementError(.failed, code: "1", message: "no") }
    _ = try await applier(failing).apply(plan)
    #expect(try store.snapshot().entries.keys.map { $0.identity[0] }.sorted() == ["adopted", "child", "parent"])
    plan.binding.ledgerGeneration = 1
    _ = try await applier(FakeRunner { _ in StatementAnswer() }).apply(plan)
    #expect(try store.snapshot().entries.keys.map { $0.identity[0] } == ["adopted"])
  }

  @Test func whatMovesWithARenamedContainerMovesOnlyWhenThatWorked() async throws {
    let store = try ledger(folder)
    let old = LedgerEntry(address: Address("child", ["OLD", "C"]), origin: .created)
    let new = LedgerEntry(address: Address("child", ["NEW", "C"]), origin: .created)
    try store.apply([(old.address, .put(old))])
    var plan = plan([step("NEW", "RENAME")], action: .rename)
    plan.resources.append(PlannedResource(address: new.address, action: .none, ledger: .move(from: old.address, new)))
    let failing = FakeRunner { _ throws(StatementError) in throw StatementError(.failed, code: "1", message: "no") }
    _ = try await applier(failing).apply(plan)
    #expect(try store.snapshot().entries[old.address] != nil)
    plan.binding.ledgerGeneration = 1
    _ = try await applier(FakeRunner { _ in StatementAnswer() }).apply(plan)
    #expect(try store.snapshot().entries[old.address] == nil)
    #expect(try store.snapshot().entries[new.address] == new)
  }

  @Test func whatComesAlongWithItsParentIsRecordedWhenTheParentIsMade() async throws {
    let store = try ledger(folder)
    let child = LedgerEntry(address: Address("child", ["A", "PUBLIC"]), origin: .created)
    var plan = plan([step("A", "CREATE")])
    plan.resources.append(PlannedResource(address: child.address, action: .adopt, ledger: .put(child)))
    let failing = FakeRunner { _ throws(StatementError) in throw StatementError(.failed, code: "1", message: "no") }
    _ = try await applier(failing).apply(plan)
    #expect(try store.snapshot().entries.isEmpty)
    plan.binding.ledgerGeneration = 1
    _ = try await applier(FakeRunner { _ in StatementAnswer() }).apply(plan)
    #expect(try store.snapshot().entries[child.address] == child)
  }

  @Test func anObjectThatWasMadeButNotCompletedIsKnownAsOurs() async throws {
    let runner = FakeRunner { sql throws(StatementError) in
      if sql == "TRANSFER" { throw StatementError(.failed, code: "003001", message: "no") }
      return StatementAnswer()
    }
    let steps = [
      step("A", "CREATE", effects: [.created(SQLObject("THING", "A"))]), step("A", "TRANSFER", after: [0]),
    ]
    _ = try await applier(runner).apply(plan(steps))
    let entry = try #require(try ledger(folder).snapshot().entries[Address("thing", ["A"])])
    #expect(entry.origin == .created)
    #expect(entry.declared.isEmpty)
  }

  @Test func aJournalThatCannotBeWrittenStopsTheRun() async throws {
    let path = folder.file("state.db")
    let runner = FakeRunner { sql in
      // Somebody takes the file away underneath: the next write fails.
      try? SQLiteConnection(path: path, flags: 2).execute("DROP TABLE statement")
      return StatementAnswer()
    }
    let steps = [step("a", "A"), step("b", "B", after: [0])]
    let outcome = try await applier(runner).apply(plan(steps))
    #expect(outcome.journalProblem != nil)
    #expect(outcome.notStarted == [1])
    #expect(runner.sql == ["A"])
    #expect(!outcome.isComplete)
  }
}

@Suite struct JournalTests {
  private static let steps = (0..<4).map {
    step("n\($0)", "S\($0)", effects: [.created(SQLObject("THING", "N\($0)"))])
  }

  @Test func aKilledRunTellsWhatItHadDone() async throws {
    let folder = TemporaryFolder()
    let path = folder.file("state.db")
    // Another process applies half and is killed without a chance to clean up.
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let ledger = LocalLedger(try StateStore.open(path: path), scope: LedgerScope(binding))
      let lock = try ledger.lock()
      let journal = Journal(ledger.store, scope: ledger.scope)
      try journal.begin(plan(Self.steps), id: "run1", planDigest: "digest", changes: [])
      try journal.write(.sending, run: "run1", step: 0)
      let entry = LedgerEntry(address: Self.steps[0].address, origin: .created)
      try journal.write(
        .finished(.done, queryID: "q0"), run: "run1", step: 0, changes: [(entry.address, .put(entry))])
      try journal.write(.sending, run: "run1", step: 1)
      withExtendedLifetime(lock) { _ = kill(getpid(), SIGKILL) }
    }
    let store = try ledger(folder)
    let lock = try store.lock()
    #expect(lock.abandonedBy != nil)
    let journal = Journal(store.store, scope: store.scope)
    let run = try #require(try journal.unfinishedRun())
    #expect(run.id == "run1")
    #expect(run.planDigest == "digest")
    #expect(run.statements.map(\.state) == [.done, .sent, .planned, .planned])
    #expect(run.unsettled.map(\.step) == [1])
    #expect(try journal.unsettledCreations().keys.sorted() == [Self.steps[1].address])
    #expect(try store.snapshot().entries.keys.sorted() == [Self.steps[0].address])
    // The next run closes it.
    try journal.begin(plan([], generation: 1), id: "run2", planDigest: "", changes: [])
    #expect(try journal.runs().map(\.id) == ["run2", "run1"])
    #expect(try journal.runs().last?.outcome == .interrupted)
    try journal.end(run: "run2", .succeeded)
    #expect(try journal.unfinishedRun() == nil)
  }

  @Test func whatAnInterruptedRunMadeIsClaimedOnlyWhenItWasMadeThen() throws {
    let folder = TemporaryFolder()
    let store = try ledger(folder)
    let journal = Journal(store.store, scope: store.scope)
    try journal.begin(plan(Self.steps), id: "run1", planDigest: "", changes: [])
    for step in 0..<3 { try journal.write(.sending, run: "run1", step: step) }
    let now = Timestamp.now.milliseconds / 1_000
    // Made then, made long after by somebody else, not said when, and never sent.
    let created = ["\(now).120000000", "\(now + 86_400).0 1440", nil, "\(now).0"]
    var next = plan(Self.steps, action: .adopt, generation: 1)
    for index in next.resources.indices {
      let entry = LedgerEntry(address: next.resources[index].address, origin: .adopted, createdOn: created[index])
      next.resources[index].ledger = .put(entry)
    }
    try journal.claimCreations(in: &next)
    let origins = next.resources.map { resource -> LedgerEntry.Origin? in
      if case .put(let entry) = resource.ledger { entry.origin } else { nil }
    }
    #expect(origins == [.created, .adopted, .adopted, .adopted])
    #expect(next.resources[0].note.contains("interrupted"))
    // What is no object has no time: that it is there now, and was not, is enough.
    var grants = next
    try journal.claimCreations(in: &grants) { _ in false }
    guard case .put(let grant) = grants.resources[2].ledger else {
      Issue.record("no entry")
      return
    }
    #expect(grant.origin == .created)
    #expect(try journal.unfinishedRun() != nil)
    try journal.closeUnfinishedRuns()
    #expect(try journal.unfinishedRun() == nil)
    #expect(try journal.unsettledCreations().count == 3)
  }
}
