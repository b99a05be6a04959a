import SnowmakerCore
import SnowmakerModel
import Synchronization
import Testing

@testable import Execution

/// A schema that knows the three statements of a ledger in the account.
private final class FakeSchema: Sendable {
  let objects = Mutex<[String: String]>([:])
  /// Statements that contain this text have their effect, and their answer is lost.
  let losing = Mutex<String?>(nil)

  var runner: FakeRunner { FakeRunner { [self] sql throws(StatementError) in try answer(sql) } }

  private func answer(_ sql: String) throws(StatementError) -> StatementAnswer {
    if sql.hasPrefix("SHOW") {
      let rows = objects.withLock { $0.sorted { $0.key < $1.key } }.map { [Value.string($0.key), .string($0.value)] }
      return StatementAnswer(columns: ["name", "comment"], rows: rows)
    }
    let name = String(sql.split(separator: " ")[3].split(separator: ".").last ?? "")
    let worked = objects.withLock { objects in
      if sql.hasPrefix("DROP") { return objects.removeValue(forKey: name) != nil }
      guard objects[name] == nil else { return false }
      let start = sql.firstRange(of: "COMMENT = '")?.upperBound ?? sql.endIndex
      objects[name] = String(sql[start...].dropLast()).replacing("''", with: "'").replacing("\\\\", with: "\\")
      return true
    }
    guard worked else {
      throw StatementError(.failed, code: sql.hasPrefix("DROP") ? "002003" : "002002", message: "no")
    }
    if let text = losing.withLock({ $0 }), sql.contains(text) {
      throw StatementError(.unanswered, message: "connection reset")
    }
    return StatementAnswer()
  }

  var names: [String] { objects.withLock { $0.keys.sorted() } }
}

@Suite struct AccountLedgerStoreTests {
  private let schema = FakeSchema()
  private let scope = LedgerScope(account: "ACME", project: "shop", target: "prod")

  private func store() throws -> AccountLedgerStore {
    try AccountLedgerStore(schema: "OPS.SM", scope: scope, runner: schema.runner, role: "OPS")
  }

  private func document(_ count: Int, generation: Int = 1) throws -> LedgerDocument {
    // Texts that do not compress, so that there is more than one part.
    let entries = try (0..<count).map { number in
      LedgerEntry(
        address: Address("role", ["R\(number)"]), origin: .created, createdOn: "17\(number)",
        declared: ["comment": .string("it's \(Crypto.hex(try Crypto.random(40)))")])
    }
    return LedgerDocument(scope: scope, generation: generation, keyID: "", entries: entries)
  }

  private func holder(_ id: String) -> LedgerHolder {
    LedgerHolder(
      id: id, user: "U", host: "h", machine: "m", pid: 1, started: Timestamp(milliseconds: 5), purpose: "apply")
  }

  @Test(arguments: [0, 1, 50, 2_000]) func whatIsSavedComesBackWholeAndNothingElseStays(_ count: Int) async throws {
    let store = try store()
    #expect(try await store.load() == StoredLedger())
    let (first, second) = (try document(count), try document(count + 1, generation: 2))
    #expect(try await store.save(first, after: 0) == 1)
    #expect(try await store.load().document == first)
    try await store.announce(
      LedgerIntent(run: "ab12", started: Timestamp(milliseconds: 7), host: "h", creates: [], changes: []))
    #expect(try await store.load().intents.map(\.run) == ["ab12"])
    #expect(try await store.save(second, after: 1) == 2)
    let stored = try await store.load()
    #expect(stored.document == second && stored.revision == 2 && stored.intents.isEmpty)
    #expect(schema.names.count { $0.contains("_LEDGER_") } == 1 && !schema.names.contains { $0.contains("INTENT") })
    let parts = schema.names.count { $0.contains("_PART_") }
    #expect(count < 2_000 ? parts <= 1 : parts > 10)
    #expect(schema.objects.withLock { $0.values.allSatisfy { $0.utf8.count <= 8_200 } })
  }

  @Test func twoThatSaveTheSameRevisionDoNotOverwriteEachOther() async throws {
    let store = try store()
    _ = try await store.save(try document(1), after: 0)
    let theirs = try document(2)
    _ = try await store.save(theirs, after: 1)
    await #expect(throws: Diagnostic.self) { _ = try await store.save(try document(3), after: 1) }
    #expect(try await store.load().document == theirs)
    // They have saved twice since, so that the number is free again: it is noticed all the same.
    _ = try await store.save(theirs, after: 2)
    let error = await #expect(throws: Diagnostic.self) { _ = try await store.save(try document(4), after: 1) }
    #expect(error?.code == "ledger-conflict")
    #expect(try await store.load().document == theirs)
  }

  @Test func onlyOneHasTheLockAndOnlyItsHolderGivesItBack() async throws {
    let store = try store()
    #expect(try await store.lock(holder("a")) == nil)
    #expect(try await store.lock(holder("b"))?.id == "a")
    try await store.unlock(holder("b"))
    #expect(try await store.load().holder == holder("a"))
    try await store.unlock(holder("a"))
    #expect(try await store.lock(holder("b")) == nil)
  }

  @Test func aLostAnswerIsSettledByLooking() async throws {
    let store = try store()
    schema.losing.withLock { $0 = "CREATE" }
    #expect(try await store.lock(holder("a")) == nil)
    let document = try document(3)
    #expect(try await store.save(document, after: 0) == 1)
    #expect(try await store.load().document == document)
  }

  @Test func aPartThatIsMissingOrChangedIsNotTakenForALedger() async throws {
    let store = try store()
    _ = try await store.save(try document(2_000), after: 0)
    let part = try #require(schema.names.first { $0.contains("_PART_") })
    let text = schema.objects.withLock { $0.removeValue(forKey: part) }
    await #expect(throws: Diagnostic.self) { _ = try await store.load() }
    schema.objects.withLock { $0[part] = text?.replacing("A", with: "B") }
    let error = await #expect(throws: Diagnostic.self) { _ = try await store.load() }
    #expect(error?.code == "ledger-damaged")
  }

  @Test func keysDifferByTextAndScopeAndAreThrownAwayWithoutOne() throws {
    let text = "a text of sixteen bytes or more"
    let keys = try DigestKeys(text: text, scope: scope)
    var other = scope
    other.target = "dev"
    #expect(try DigestKeys(text: text, scope: scope).id == keys.id)
    #expect(try DigestKeys(text: text, scope: other).id != keys.id)
    #expect(throws: Diagnostic.self) { try DigestKeys(text: "short", scope: scope) }
    let secret: Value = ["password": .secret("env:X")]
    let (one, two) = (try DigestKeys(text: nil, scope: scope), try DigestKeys(text: nil, scope: scope))
    #expect(one.key(for: secret) != two.key(for: secret) && one.key(for: "x") == two.key(for: "x"))
  }
}
