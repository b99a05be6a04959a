import Glibc
import SnowmakerCore
import SnowmakerModel
import Synchronization
import Testing

@testable import Execution

/// What an account tells once goes into a file, and nowhere else.
@Suite struct KeptAnswerTests {
  private let folder = TemporaryFolder()
  private static let secret = "canary-token-secret"

  private func keeping(_ file: String, _ key: String = "t", column: String = "token_secret") -> PlanStep {
    var step = step(key, "ALTER USER \(key) ADD PROGRAMMATIC ACCESS TOKEN T")
    step.statement.keeps = KeptAnswer(column: column, file: file)
    return step
  }

  private func apply(
    _ steps: [PlanStep], _ runner: FakeRunner, generation: Int = 0
  ) async throws -> (outcome: ApplyOutcome, events: [String]) {
    let events = Events()
    let applier = Applier(
      runner: runner, secrets: SecretResolver(directory: folder.path, environment: { _ in nil }),
      ledger: try ledger(folder))
    let outcome = try await applier.apply(plan(steps, generation: generation), progress: { events.add("\($0)") })
    return (outcome, events.all)
  }

  private final class Events: Sendable {
    private let texts = Mutex<[String]>([])
    func add(_ text: String) { texts.withLock { $0.append(text) } }
    var all: [String] { texts.withLock { $0 } }
  }

  private var teller: FakeRunner {
    FakeRunner { _ in
      StatementAnswer(queryID: "q", columns: ["token_name", "token_secret"], rows: [["T", .string(Self.secret)]])
    }
  }

  private func text(_ path: String) -> String? {
    (try? Files.read(path, limit: 1000)).map { String(decoding: $0, as: UTF8.self) }
  }

  private func mode(_ path: String) -> mode_t {
    var info = stat()
    return lstat(path, &info) == 0 ? info.st_mode & 0o777 : 0
  }

  @Test func theSecretIsInTheFileAndNowhereElse() async throws {
    let mask = umask(0)
    defer { umask(mask) }
    let (outcome, events) = try await apply([keeping("t.token")], teller)
    #expect(outcome.isComplete)
    #expect(text(folder.file("t.token")) == Self.secret + "\n")
    #expect(mode(folder.file("t.token")) == 0o600)
    #expect(!"\(outcome)\(events)".contains(Self.secret))
    #expect(!stateBytes(folder).contains(Self.secret))
    // The next one takes the place of the file that was written here.
    let next = FakeRunner { _ in
      StatementAnswer(columns: ["token_secret"], rows: [["another"]])
    }
    #expect(try await apply([keeping(folder.file("t.token"))], next, generation: 1).outcome.isComplete)
    #expect(text(folder.file("t.token")) == "another\n")
  }

  @Test(arguments: ["readable", "link", "folder", "missing/t", "keys"]) func whatCannotBeKeptIsNotSent(_ kind: String)
    async throws
  {
    let path = folder.file(kind)
    switch kind {
    case "readable":
      write(Array("roles: []\n".utf8), to: path)
      chmod(path, 0o644)
    case "keys":
      write(Array("ssh-ed25519 AAAA me@here\n".utf8), to: path)
      chmod(path, 0o600)
    case "link": symlink("/etc/passwd", path)
    case "folder": mkdir(path, 0o700)
    default: break
    }
    let runner = teller
    let error = await #expect(throws: Diagnostic.self) { _ = try await apply([keeping(kind)], runner) }
    #expect(error?.code == "cannot-keep-secret")
    #expect(error?.summary.contains(kind) == true)
    #expect(runner.sql.isEmpty)
    if kind == "readable" { #expect(text(path) == "roles: []\n") }
    if kind == "keys" { #expect(text(path) == "ssh-ed25519 AAAA me@here\n") }
  }

  @Test func twoSecretsNeedTwoFiles() async throws {
    let runner = teller
    let error = await #expect(throws: Diagnostic.self) {
      _ = try await apply([keeping("t", "a"), keeping("t", "b")], runner)
    }
    #expect(error?.summary.contains("t would be written twice") == true)
    #expect(runner.sql.isEmpty)
  }

  @Test func aLostSecretIsSaid() async throws {
    let (outcome, _) = try await apply([keeping("t", column: "secret")], teller)
    #expect(outcome.failed.map(\.error.kind) == [.unanswered])
    #expect(outcome.failed.first?.error.message.contains("the account answered no secret") == true)
    #expect(!"\(outcome)".contains(Self.secret))
    #expect(text(folder.file("t")) == nil)
  }
}
