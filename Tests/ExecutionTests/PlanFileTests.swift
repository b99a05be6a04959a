import Glibc
import SnowmakerCore
import SnowmakerModel
import Testing

@testable import Execution

@Suite struct PlanFileTests {
  private let folder = TemporaryFolder()
  private let document: Value = ["z": [1, 2, .null], "a": ["text": "äö", "flag": true]]

  @Test func whatIsWrittenIsReadAndOnlyTheOwnerMayReadIt() throws {
    let path = folder.file("plan")
    let digest = try PlanFile.write(document: document, to: path)
    let read = try PlanFile.read(path)
    #expect(read.document == document)
    #expect(read.digest == digest)
    var info = stat()
    #expect(stat(path, &info) == 0)
    #expect(info.st_mode & 0o777 == 0o600)
  }

  @Test func plansSurviveTheFileAndPlansWithErrorsAreNotSaved() throws {
    let path = folder.file("plan")
    var plan = plan([step("a", SQLText([.text("SET P = "), .secret("env:PW")])), step("b", "B", after: [0])])
    let digest = try PlanFile.write(plan, to: path)
    let read = try PlanFile.readPlan(path)
    #expect(read.digest == digest)
    #expect(try PlanFile.digest(read.plan) == digest)
    #expect(read.plan.binding == plan.binding)
    #expect(read.plan.steps.map(\.statement) == plan.steps.map(\.statement))
    #expect(read.plan.resources.map(\.ledger) == plan.resources.map(\.ledger))
    try PlanFile.write(document: ["format": "something else"], to: path)
    #expect(#expect(throws: Diagnostic.self) { try PlanFile.readPlan(path) }?.code == "plan-file-damaged")
    plan.diagnostics = [.error("no role for it")]
    #expect(#expect(throws: Diagnostic.self) { try PlanFile.write(plan, to: path) }?.code == "plan-has-errors")
  }

  @Test func everyChangedByteIsNoticed() throws {
    let path = folder.file("plan")
    try PlanFile.write(document: document, to: path)
    let bytes = try Files.read(path, limit: 1 << 20)
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1
      write(changed, to: path)
      #expect(throws: Diagnostic.self, "byte \(index)") { try PlanFile.read(path) }
    }
    for count in 0..<bytes.count {
      write(Array(bytes[..<count]), to: path)
      #expect(throws: Diagnostic.self, "\(count) bytes") { try PlanFile.read(path) }
    }
    write(bytes + [0], to: path)
    #expect(throws: Diagnostic.self) { try PlanFile.read(path) }
  }

  @Test func otherFilesAndVersionsAreNamedAsSuch() throws {
    #expect(#expect(throws: Diagnostic.self) { try PlanFile.read(folder.file("none")) }?.code == "plan-file-unreadable")
    #expect(#expect(throws: Diagnostic.self) { try PlanFile.read(folder.path) }?.code == "plan-file-unreadable")
    let path = folder.file("plan")
    write(Array("hello".utf8), to: path)
    #expect(#expect(throws: Diagnostic.self) { try PlanFile.read(path) }?.code == "plan-file-foreign")
    try PlanFile.write(document: document, to: path)
    var bytes = try Files.read(path, limit: 1 << 20)
    bytes[19] = 9
    write(bytes, to: path)
    let error = #expect(throws: Diagnostic.self) { try PlanFile.read(path) }
    #expect(error?.code == "plan-file-version")
    #expect(error?.summary.contains("format 9") == true)
  }

  @Test func aPlanForSomethingElseIsRefusedWithBothValues() throws {
    let saved = PlanBinding(
      project: "p", target: "dev", account: "org-a", configurationDigest: "aaaa", plugins: ["x 1.0.0": "1111"],
      ledgerGeneration: 3)
    try PlanCheck.verify(saved, matches: saved)
    let changes: [(inout PlanBinding) -> [String]] = [
      {
        $0.project = "q"; return ["project", "p", "q"]
      },
      {
        $0.target = "prod"; return ["target", "dev", "prod"]
      },
      {
        $0.account = "org-b"; return ["account", "org-a", "org-b"]
      },
      {
        $0.configurationDigest = "bbbb"; return ["configuration", "aaaa", "bbbb"]
      },
      {
        $0.plugins = ["x 1.0.0": "2222"]; return ["plugin x 1.0.0", "1111", "2222"]
      },
      {
        $0.plugins = ["x 1.1.0": "1111"]; return ["plugin x 1.0.0", "plugin x 1.1.0"]
      },
      {
        $0.ledgerGeneration = 4; return ["ledger generation", "3", "4"]
      },
    ]
    for change in changes {
      var current = saved
      let words = change(&current)
      let error = #expect(throws: Diagnostic.self) { try PlanCheck.verify(saved, matches: current) }
      for word in words { #expect(error?.summary.contains(word) == true, "\(word) in \(error?.summary ?? "")") }
    }
  }

  @Test func anAccountThatMovedIsRefusedAndWhatMovedIsNamed() throws {
    func plan(_ fingerprints: [String: String?]) -> Plan {
      Plan(
        binding: binding,
        resources: fingerprints.sorted { $0.key < $1.key }.map {
          PlannedResource(address: Address("thing", [$0.key]), action: .update, fingerprint: $0.value)
        })
    }
    let saved = plan(["A": "1", "B": nil, "C": "3"])
    try PlanCheck.verifyFingerprints(saved, against: plan(["A": "1", "B": nil, "C": "3", "NEIGHBOUR": "4"]))
    for (fresh, word) in [
      (plan(["A": "2", "B": nil, "C": "3"]), "thing.A was changed"),
      (plan(["A": "1", "B": "9", "C": "3"]), "thing.B did not exist"), (plan(["A": "1", "B": nil]), "thing.C existed"),
    ] {
      let error = #expect(throws: Diagnostic.self) { try PlanCheck.verifyFingerprints(saved, against: fresh) }
      #expect(error?.summary.contains(word) == true)
    }
  }
}

@Suite struct SecretTests {
  private let folder = TemporaryFolder()

  @Test func filesAreReadWithoutTheirLastLineBreak() throws {
    write(Array("line1\nline2\r\n".utf8), to: folder.file("a"))
    let resolver = SecretResolver(literals: ["0": "lit"], directory: folder.path, environment: { _ in nil })
    #expect(try resolver.value(of: "file:a") == "line1\nline2")
    #expect(try resolver.value(of: "file:\(folder.file("a"))") == "line1\nline2")
    #expect(try resolver.value(of: "literal:0") == "lit")
  }

  @Test func unusableSecretsAreErrorsThatDoNotHang() throws {
    write([], to: folder.file("empty"))
    write([0xff, 0xfe], to: folder.file("binary"))
    mkfifo(folder.file("pipe"), 0o600)
    let resolver = SecretResolver(directory: folder.path, environment: { $0 == "EMPTY" ? "" : nil })
    for id in ["env:X", "env:EMPTY", "file:empty", "file:binary", "file:pipe", "file:none", "file:", "vault:x", ""] {
      let error = #expect(throws: Diagnostic.self, "\(id)") { try resolver.value(of: id) }
      #expect(error?.code == "missing-secret")
    }
  }

  @Test func messagesAreCoveredEvenWhenTheyQuoteTheSecret() {
    #expect(SecretResolver.cover(["a'b", "a"], in: "x 'a''b' a'b y") == "x '‹secret›' ‹secret› y")
  }
}
