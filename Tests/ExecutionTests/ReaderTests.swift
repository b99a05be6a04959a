import SnowmakerCore
import SnowmakerModel
import Synchronization
import Testing

@testable import Execution

@Suite struct ReaderTests {
  private static let admin = ReadSettings(role: "ACCOUNTADMIN")

  /// Asks one query and sees a resource per row.
  private static func bulk(
    _ sql: String, costClass: String = "SHOW THINGS"
  ) -> @Sendable (ReadRequest) throws(Diagnostic) -> ReadReply {
    { request in
      guard request.round > 0 else { return ReadReply(queries: [ReadQuery(sql, costClass: costClass)]) }
      return ReadReply(
        observed: request.results[0].rows.map { Observation(identity: [$0[0].string ?? ""]) },
        partial: request.results[0].isCut ? "cut" : request.results[0].failure.map(\.message))
    }
  }

  private func wish(_ names: String...) -> ReadWish {
    ReadWish(wanted: names.map { ReadRequest.Wanted(identity: [$0], attributes: []) })
  }

  @Test func equalQueriesOfSeveralTypesAreSentOnce() async throws {
    let providers = FakeProviders(reads: ["a": Self.bulk("SHOW THINGS"), "b": Self.bulk("SHOW THINGS")])
    let runner = FakeRunner { _ in StatementAnswer(columns: ["name"], rows: [["X"]], roundTrips: 2) }
    let seen = try await Reader(providers: providers, runner: runner, settings: Self.admin)
      .read(["a": wish("X"), "b": wish("X")])
    #expect(runner.sql == ["SHOW THINGS"])
    #expect(runner.calls[0].role == "ACCOUNTADMIN")
    #expect(runner.calls[0].purpose == .read("SHOW THINGS"))
    #expect(seen.byAddress.keys.sorted() == [Address("a", ["X"]), Address("b", ["X"])])
    #expect(seen.cost.statements == ["SHOW THINGS": 1])
    #expect(seen.cost.roundTrips == 2)
    #expect(seen.cost.seconds > 0)
    #expect(seen.partial.isEmpty)
  }

  @Test func answersOfEarlierRoundsServeLaterOnesAndStateComesBack() async throws {
    let providers = FakeProviders(reads: [
      "a": { request in
        switch request.round {
        case 0: return ReadReply(queries: [ReadQuery("Q1", costClass: "Q")], state: ["at": 1])
        case 1:
          #expect(request.state == ["at": 1])
          #expect(request.results.map(\.sql) == ["Q1"])
          // In another order, and one known already.
          return ReadReply(
            queries: [
              ReadQuery("Q2", costClass: "Q"), ReadQuery("Q1", costClass: "Q"), ReadQuery("Q2", costClass: "Q"),
            ])
        default:
          #expect(request.results.map(\.sql) == ["Q2", "Q1", "Q2"])
          #expect(request.results.map { $0.rows[0][0] } == ["Q2", "Q1", "Q2"])
          return ReadReply(observed: [Observation(identity: ["DONE"])])
        }
      }
    ])
    let runner = FakeRunner { sql in StatementAnswer(columns: ["c"], rows: [[.string(sql)]]) }
    let seen = try await Reader(providers: providers, runner: runner, settings: Self.admin).read(["a": wish("X")])
    #expect(runner.sql == ["Q1", "Q2"])
    #expect(seen.byAddress[Address("a", ["DONE"])] != nil)
  }

  @Test func aProviderThatNeverStopsAskingIsAnError() async {
    let rounds = Mutex(0)
    let providers = FakeProviders(reads: [
      "a": { request in
        rounds.withLock { $0 += 1 }
        return ReadReply(queries: [ReadQuery("Q\(request.round)", costClass: "Q")])
      }
    ])
    let runner = FakeRunner { _ in StatementAnswer() }
    let error = await #expect(throws: Diagnostic.self) {
      try await Reader(providers: providers, runner: runner, settings: Self.admin).read(["a": wish("X")])
    }
    #expect(error?.code == "endless-read")
    #expect(rounds.withLock { $0 } == 8)
  }

  @Test(arguments: [(9_999, false), (10_000, true), (10_001, true)])
  func answersAtTheRowLimitAreMarkedCut(rows: Int, isCut: Bool) async throws {
    let providers = FakeProviders(reads: ["a": Self.bulk("SHOW THINGS")])
    let runner = FakeRunner { _ in
      StatementAnswer(columns: ["name"], rows: (0..<rows).map { [.string("N\($0)")] })
    }
    let seen = try await Reader(providers: providers, runner: runner, settings: Self.admin).read(["a": wish("X")])
    #expect(seen.partial == (isCut ? ["a": "cut"] : [:]))
    #expect(seen.byAddress.count == rows)
  }

  @Test func tooManyRowsAsAnErrorIsACutAnswerToo() async throws {
    let providers = FakeProviders(reads: ["a": Self.bulk("SHOW THINGS")])
    let runner = FakeRunner { _ throws(StatementError) in
      throw StatementError(.failed, code: "090153", message: "too many")
    }
    let seen = try await Reader(providers: providers, runner: runner, settings: Self.admin).read(["a": wish("X")])
    #expect(seen.partial == ["a": "cut"])
  }

  @Test func refusedStatementsAreTheProvidersToJudge() async throws {
    let providers = FakeProviders(reads: ["a": Self.bulk("SHOW THINGS")])
    let runner = FakeRunner { _ throws(StatementError) in
      throw StatementError(.failed, code: "003001", message: "Insufficient privileges")
    }
    let seen = try await Reader(providers: providers, runner: runner, settings: Self.admin).read(["a": wish("X")])
    #expect(seen.partial == ["a": "Insufficient privileges"])
    #expect(seen.cost.total == 1)
  }

  @Test(arguments: [StatementError.Kind.unanswered, .notSent])
  func aBrokenConnectionEndsTheRead(kind: StatementError.Kind) async {
    let providers = FakeProviders(reads: ["a": Self.bulk("SHOW THINGS")])
    let runner = FakeRunner { _ throws(StatementError) in throw StatementError(kind, message: "connection reset") }
    let error = await #expect(throws: Diagnostic.self) {
      try await Reader(providers: providers, runner: runner, settings: Self.admin).read(["a": wish("X")])
    }
    #expect(error?.code == "connection-failed")
    #expect(error?.summary.contains("connection reset") == true)
  }

  @Test func aRoleThatDoesNotSeeEverythingProvesNoAbsence() async throws {
    let providers = FakeProviders(reads: ["a": Self.bulk("SHOW THINGS")])
    let runner = FakeRunner { _ in StatementAnswer(columns: ["name"], rows: [["SEEN"]]) }
    func read(_ settings: ReadSettings) async throws -> Observations {
      try await Reader(providers: providers, runner: runner, settings: settings).read(["a": wish("SEEN", "OTHER")])
    }
    let seen = try await read(ReadSettings(role: "SYSADMIN"))
    guard case .present = seen.state(of: Address("a", ["SEEN"])) else { throw Failure("SEEN must be present") }
    guard case .unknown(let reason) = seen.state(of: Address("a", ["OTHER"])) else { throw Failure("must be unknown") }
    #expect(reason.contains("MANAGE GRANTS"))
    #expect(reason.contains("SYSADMIN"))
    for settings in [
      ReadSettings(role: "SECURITYADMIN"), ReadSettings(actualRole: "ACCOUNTADMIN"),
      ReadSettings(role: "READER", seesEverything: true),
    ] {
      guard case .absent = try await read(settings).state(of: Address("a", ["OTHER"])) else {
        throw Failure("\(settings) must prove absence")
      }
    }
  }

  @Test func statementsRunSideBySideButNotMoreThanTheLanes() async throws {
    let providers = FakeProviders(reads: [
      "a": { request in
        request.round == 0 ? ReadReply(queries: (0..<40).map { ReadQuery("Q\($0)", costClass: "Q") }) : ReadReply()
      }
    ])
    let runner = FakeRunner { _ in
      try? await Task.sleep(for: .milliseconds(5))
      return StatementAnswer()
    }
    let settings = ReadSettings(role: "ACCOUNTADMIN", lanes: 4)
    let seen = try await Reader(providers: providers, runner: runner, settings: settings).read(["a": wish("X")])
    #expect(seen.cost.statements == ["Q": 40])
    #expect(runner.state.withLock { $0.mostRunning } == 4)
  }

  @Test func aFailingPluginEndsTheReadWithItsError() async {
    let providers = FakeProviders(reads: [
      "a": { _ throws(Diagnostic) in throw .error("the plugin crashed") }, "b": Self.bulk("SHOW THINGS"),
    ])
    let runner = FakeRunner { _ in StatementAnswer() }
    let error = await #expect(throws: Diagnostic.self) {
      try await Reader(providers: providers, runner: runner, settings: Self.admin)
        .read(["a": wish("X"), "b": wish("X")])
    }
    #expect(error?.summary == "the plugin crashed")
  }
}

struct Failure: Error {
  var what: String
  init(_ what: String) { self.what = what }
}
