import Glibc
import SnowmakerCore
import SnowmakerModel
import Testing

@testable import Execution

@Suite struct LedgerTests {
  private let entry = LedgerEntry(
    address: Address("thing", ["RAW", "\"my \"\"x\"\"\""]), origin: .adopted, createdOn: "2026-01-01 00:00:00",
    declared: ["size": "XSMALL", "days": 7, "tags": ["b": [1, .null], "a": true], "password": .secret("env:PW")],
    digests: ["body": .init(declared: "d1", echoed: "e1"), "password": .init(declared: "d2", echoed: nil)],
    position: SourcePosition(file: "a.yaml", line: 3, column: 5))

  @Test func entriesSurviveReopening() throws {
    let folder = TemporaryFolder()
    do {
      let store = try ledger(folder)
      #expect(try store.snapshot().entries.isEmpty)
      try store.apply([(entry.address, .put(entry))])
    }
    #expect(try ledger(folder).snapshot().entries == [entry.address: entry])
  }

  @Test func changesPutRemoveAndMove() throws {
    let folder = TemporaryFolder()
    let store = try ledger(folder)
    let a = LedgerEntry(address: Address("thing", ["A"]), origin: .created)
    let b = LedgerEntry(address: Address("thing", ["B"]), origin: .created)
    try store.apply([(a.address, .put(a)), (entry.address, .put(entry))])
    try store.apply([(b.address, .move(from: a.address, b)), (entry.address, .remove), (a.address, .none)])
    #expect(try store.snapshot().entries == [b.address: b])
  }

  @Test func scopesDoNotSeeEachOther() throws {
    let folder = TemporaryFolder()
    let state = try StateStore.open(path: folder.file("state.db"))
    let dev = LocalLedger(state, scope: LedgerScope(account: "a", project: "p", target: "dev"))
    let prod = LocalLedger(state, scope: LedgerScope(account: "a", project: "p", target: "prod"))
    try dev.apply([(entry.address, .put(entry))])
    #expect(try prod.snapshot().entries.isEmpty)
    #expect(try dev.snapshot().entries.count == 1)
  }

  @Test func digestsAreStableKeyedAndBlindToKeyOrder() throws {
    let folder = TemporaryFolder()
    let other = TemporaryFolder()
    let store = try ledger(folder)
    let digest = try store.digest(["a": 1, "b": "x"])
    #expect(try ledger(folder).digest(["b": "x", "a": 1]) == digest)
    #expect(try store.digest(["a": 1, "b": "y"]) != digest)
    #expect(try ledger(other).digest(["a": 1, "b": "x"]) != digest)
  }

  @Test func digestsOfSecretsFollowTheSecretNotItsName() throws {
    let folder = TemporaryFolder()
    let store = try ledger(folder)
    let one = SecretResolver(environment: { ["A": "same", "B": "same", "C": "else"][$0] })
    let digest = try store.digester(secrets: one)
    #expect(digest(.secret("env:A")) == digest(.secret("env:B")))
    #expect(digest(.secret("env:A")) != digest(.secret("env:C")))
    #expect(digest(.secret("env:A")) == (try store.digest("same")))
    #expect(digest(.secret("env:MISSING")).hasPrefix("unresolved:"))
  }

  @Test func theFileIsPrivate() throws {
    let folder = TemporaryFolder()
    let path = folder.file("deep/er/state.db")
    _ = try StateStore.open(path: path)
    var info = stat()
    #expect(stat(path, &info) == 0)
    #expect(info.st_mode & 0o777 == 0o600)
  }

  @Test func aNewerFileIsRefused() throws {
    let folder = TemporaryFolder()
    let path = folder.file("state.db")
    _ = try StateStore.open(path: path)
    do { try SQLiteConnection(path: path, flags: 2).execute("PRAGMA user_version=99") }
    let error = #expect(throws: Diagnostic.self) { try StateStore.open(path: path) }
    #expect(error?.code == "state-newer")
    #expect(error?.summary.contains("99") == true)
  }

  @Test func filesThatAreNoStateFilesAreRefused() throws {
    let folder = TemporaryFolder()
    let text = folder.file("text.db")
    write(Array(String(repeating: "not a database ", count: 500).utf8), to: text)
    #expect(#expect(throws: Diagnostic.self) { try StateStore.open(path: text) }?.code == "state-damaged")
    let foreign = folder.file("foreign.db")
    do { try SQLiteConnection(path: foreign, flags: 6).execute("CREATE TABLE t (x)") }
    #expect(#expect(throws: Diagnostic.self) { try StateStore.open(path: foreign) }?.code == "state-foreign")
    #expect(#expect(throws: Diagnostic.self) { try StateStore.open(path: folder.path) }?.code == "state-unwritable")
    #expect(#expect(throws: Diagnostic.self) { try StateStore.open(path: "/proc/nope/state.db") } != nil)
  }

  @Test func aDamagedFileIsAnErrorNotACrash() throws {
    let folder = TemporaryFolder()
    let path = folder.file("state.db")
    do {
      let store = try ledger(folder)
      try store.apply(
        (0..<500).map { number in
          let entry = LedgerEntry(address: Address("thing", ["N\(number)"]), origin: .created, declared: ["a": "b"])
          return (entry.address, LedgerChange.put(entry))
        })
    }
    var bytes = try Files.read(path, limit: 1 << 24)
    for index in 4096..<bytes.count { bytes[index] = UInt8(truncatingIfNeeded: index &* 31) }
    write(bytes, to: path)
    let error = #expect(throws: Diagnostic.self) { try ledger(folder).snapshot() }
    #expect(error?.code == "state-damaged")
  }

  @Test func anEntryThatMakesNoSenseIsAnError() throws {
    let folder = TemporaryFolder()
    do { try ledger(folder).apply([(entry.address, .put(entry))]) }
    do {
      try SQLiteConnection(path: folder.file("state.db"), flags: 2).execute("UPDATE entry SET declared = '{\"a\":'")
    }
    #expect(#expect(throws: Diagnostic.self) { try ledger(folder).snapshot() }?.code == "state-damaged")
  }

  @Test func readOnlyStoresReadAndRefuseToWrite() throws {
    let folder = TemporaryFolder()
    let path = folder.file("state.db")
    let nothing = LocalLedger(try .open(path: path, access: .readOnly), scope: LedgerScope(binding))
    #expect(try nothing.snapshot().entries.isEmpty)
    #expect(access(path, F_OK) != 0)
    try ledger(folder).apply([(entry.address, .put(entry))])
    let store = LocalLedger(try .open(path: path, access: .readOnly), scope: LedgerScope(binding))
    #expect(try store.snapshot().entries.count == 1)
    let error = #expect(throws: Diagnostic.self) { try store.apply([(entry.address, .remove)]) }
    #expect(error?.code == "state-unwritable")
  }

  @Test func severalTasksMayWriteAtOnce() async throws {
    let folder = TemporaryFolder()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<20 {
        group.addTask {
          let entry = LedgerEntry(address: Address("thing", ["N\(number)"]), origin: .created)
          try ledger(folder).apply([(entry.address, .put(entry))])
        }
      }
      try await group.waitForAll()
    }
    #expect(try ledger(folder).snapshot().entries.count == 20)
  }
}

@Suite struct LockTests {
  @Test func aSecondApplyIsRefusedAndTheFirstIsNamed() throws {
    let folder = TemporaryFolder()
    let first = try ledger(folder).lock()
    let error = #expect(throws: Diagnostic.self) { try ledger(folder).lock() }
    #expect(error?.code == "ledger-locked")
    #expect(error?.summary.contains("process \(getpid())") == true)
    first.release()
    let second = try ledger(folder).lock()
    #expect(second.abandonedBy == nil)
  }

  @Test func otherTargetsAreNotLocked() throws {
    let folder = TemporaryFolder()
    let state = try StateStore.open(path: folder.file("state.db"))
    let dev = try LocalLedger(state, scope: LedgerScope(account: "a", project: "p", target: "dev")).lock()
    let prod = try LocalLedger(state, scope: LedgerScope(account: "a", project: "p", target: "prod")).lock()
    withExtendedLifetime((dev, prod)) {}
  }

  @Test func aLockEndsWithItsLastReference() throws {
    let folder = TemporaryFolder()
    do { _ = try ledger(folder).lock() }
    #expect(throws: Never.self) { try ledger(folder).lock() }
  }

  @Test func aLockOfADeadProcessIsTakenOverAndReported() throws {
    let folder = TemporaryFolder()
    let store = try ledger(folder)
    store.lockThenForget()
    let lock = try store.lock()
    #expect(lock.abandonedBy?.pid == 4_242)
    #expect(lock.abandonedBy?.purpose == "apply")
  }
}

extension LocalLedger {
  /// What a killed process leaves behind: its row, but not the kernel's lock.
  func lockThenForget() {
    do { _ = try lock() } catch { return }
    try? store.write {
      try $0.run(
        "INSERT INTO holder (scope, pid, host, started, purpose) SELECT id, 4242, 'elsewhere', 0, 'apply' FROM scope")
    }
  }
}
