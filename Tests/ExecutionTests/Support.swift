import Glibc
import SnowmakerCore
import SnowmakerModel
import Synchronization

@testable import Execution

/// A folder that is gone after the test.
final class TemporaryFolder: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/snowmaker-execution-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { fatalError("no folder can be made in /tmp") }
    path = String(cString: made)
  }

  deinit {
    remove(path)
  }

  func file(_ name: String) -> String { path + "/" + name }

  private func remove(_ path: String) {
    if let folder = opendir(path) {
      while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != "." && name != ".." { remove(path + "/" + name) }
      }
      closedir(folder)
      rmdir(path)
    } else {
      unlink(path)
    }
  }
}

func write(_ bytes: [UInt8], to path: String) {
  let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  precondition(Glibc.write(file, bytes, bytes.count) == bytes.count)
  close(file)
}

/// Answers statements from a closure and remembers them.
final class FakeRunner: StatementRunner {
  struct Call: Hashable, Sendable {
    var sql: String
    var role: String?
    var purpose: StatementPurpose
  }

  struct State {
    var calls: [Call] = []
    var running = 0
    var mostRunning = 0
  }

  let state = Mutex(State())
  private let answer: @Sendable (String) async throws(StatementError) -> StatementAnswer

  init(_ answer: @escaping @Sendable (String) async throws(StatementError) -> StatementAnswer) {
    self.answer = answer
  }

  var calls: [Call] { state.withLock { $0.calls } }
  var sql: [String] { calls.map(\.sql) }

  func run(
    _ sql: String, role: String?, purpose: StatementPurpose
  ) async throws(StatementError) -> StatementAnswer {
    state.withLock {
      $0.calls.append(Call(sql: sql, role: role, purpose: purpose))
      $0.running += 1
      $0.mostRunning = max($0.mostRunning, $0.running)
    }
    defer { state.withLock { $0.running -= 1 } }
    return try await answer(sql)
  }
}

/// Providers whose READ is a closure per type.
struct FakeProviders: Providers {
  var reads: [String: @Sendable (ReadRequest) throws(Diagnostic) -> ReadReply]

  var types: [String: TypeSchema] {
    reads.keys.reduce(into: [:]) {
      $0[$1] = TypeSchema($1, plural: $1 + "s", identity: [.name], attributes: [])
    }
  }

  func validate(
    _ resources: [DeclaredResource], type: String, context: RequestContext
  ) async throws(Diagnostic) -> [[Diagnostic]] { [] }

  func read(_ request: ReadRequest) async throws(Diagnostic) -> ReadReply {
    guard let read = reads[request.type] else { throw .error("no such type") }
    return try read(request)
  }

  func plan(_ request: PlanRequest) async throws(Diagnostic) -> [Change] { [] }
  func check(_ request: CheckRequest) async throws(Diagnostic) -> [Diagnostic] { [] }
}

let binding = PlanBinding(project: "demo", target: "dev", account: "org-acme")

func step(
  _ name: String, _ sql: SQLText, role: String = "SYSADMIN", after: [Int] = [], effects: [AccountEffect] = []
) -> PlanStep {
  PlanStep(
    address: Address("thing", [name]), statement: Statement(sql, authorities: [], effects: effects), role: role,
    reason: "test", dependsOn: after)
}

/// A plan whose resources are made of the steps' addresses.
func plan(_ steps: [PlanStep], action: PlanAction = .create, generation: Int = 0) -> Plan {
  var resources: [PlannedResource] = []
  for (index, step) in steps.enumerated() {
    if let place = resources.firstIndex(where: { $0.address == step.address }) {
      resources[place].steps.append(index)
    } else {
      let entry = LedgerEntry(address: step.address, origin: .created, declared: ["comment": "hello"])
      resources.append(PlannedResource(address: step.address, action: action, steps: [index], ledger: .put(entry)))
    }
  }
  var binding = binding
  binding.ledgerGeneration = generation
  return Plan(binding: binding, resources: resources, steps: steps)
}

func ledger(_ folder: TemporaryFolder) throws -> LocalLedger {
  LocalLedger(try StateStore.open(path: folder.file("state.db")), scope: LedgerScope(binding))
}

/// Everything in the state file and the files SQLite keeps beside it.
func stateBytes(_ folder: TemporaryFolder) -> String {
  var all = ""
  for name in ["state.db", "state.db-wal", "state.db-shm"] {
    if let bytes = try? Files.read(folder.file(name), limit: 1 << 28) {
      all += String(decoding: bytes, as: UTF8.self)
    }
  }
  return all
}
