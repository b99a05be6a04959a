import Glibc
import Programs
import SnowmakerModel
import Testing

@testable import PluginHost

/// `snowmaker plugin verify` over plugins that misbehave, each in one way: the check that is about it finds it, and the
/// command lives on.
@Suite(.needsCompiler, .needsTool) struct VerifyTests {
  private let workshop: Workshop
  init() throws { workshop = try Workshop() }

  /// Where `swift build` puts the program: beside the tests.
  private static let tool = PluginSearchPath.executable.map {
    $0.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/snowmaker"
  }

  /// Runs the command and reads its JSON; the folder in messages is DIR.
  private func verify(_ path: String, _ only: [String], seed: Int = 1) throws -> (status: Int32, checks: [Value]) {
    let tool = try #require(Self.tool)
    let result = try Program.run(
      tool,
      ["plugin", "verify", path, "--format", "json", "--seed", String(seed), "--quiet"]
        + only.flatMap { ["--only", $0] })
    let document = try JSON.decode(Array(result.output.utf8))
    #expect(document["seed"] == .int(Int64(seed)))
    return ((result.status >> 8) & 0xff, document["checks"].list)
  }

  private func verdict(_ path: String, _ check: String) throws -> String {
    let (status, checks) = try verify(path, [check])
    let verdict = try #require(checks.first)
    let word = try #require(verdict["status"].string)
    #expect(status == (word == "failed" || word == "crashed" ? 1 : 0))
    let message = workshop.shorten(try #require(verdict["message"].string))
    return message.isEmpty ? word : "\(word): \(message)"
  }

  struct Misbehaviour: Sendable, CustomTestStringConvertible {
    var check: String
    var macros: [String: String]
    var verdict: String
    var testDescription: String { "\(check) \(macros)" }

    init(_ check: String, _ macros: [String: String], _ verdict: String) {
      self.check = check
      self.macros = macros
      self.verdict = verdict
    }
  }

  private static let name = #"{\"name\":\"other\",\"version\":\"1.0.0\",\"protocol\":\"1.0\",\"types\":[]}"#

  static let misbehaviours = [
    Misbehaviour("describe-utf8", [:], "success"),
    Misbehaviour(
      "describe-utf8", ["IN_DESCRIBE": "crash()"],
      "crashed: killed by signal 11 (Segmentation fault) during DESCRIBE"),
    Misbehaviour("describe-utf8", ["IN_DESCRIBE": "abort()"], "crashed: killed by signal 6 (Aborted) during DESCRIBE"),
    Misbehaviour(
      "loads-now-local", ["IN_ENTRY": "exit(0)"], "crashed: it ended the process with status 0 during its entry"),
    Misbehaviour(
      "loads-now-local", ["WHILE_LOADED": "_exit(7)"], "crashed: it ended the process with status 7 during dlopen"),
    Misbehaviour(
      "describe-utf8", ["IN_DESCRIBE": "for (;;) usleep(100000)"],
      "crashed: no end after 10 seconds, killed during DESCRIBE"),
    Misbehaviour("entry-twice", ["REFUSES": ""], "failed: its entry refused: without saying why"),
    Misbehaviour("admitted", ["PEER_ABI": "2"], "success"),
    Misbehaviour("loads-now-local", ["PEER_ABI": "2"], "failed: its peer speaks ABI 2"),
    Misbehaviour("loads-now-local", ["WITHOUT_CALL": ""], "failed: its peer has no call function"),
    Misbehaviour(
      "serial-flag-honoured", ["FLAGS": "4"],
      "failed: its peer has the flags 100, of which ABI 1 knows only the last bit"),
    Misbehaviour(
      "name-matches-file", ["MANIFEST": "\"\(name)\""],
      "failed: the manifest says 'other', the file's name 'fixture'"),
    Misbehaviour(
      "describe-utf8", ["MANIFEST": #""{\"name\":\"a\\u0007\"}""#],
      "failed: the manifest has control characters in 'a\u{7}'"),
    Misbehaviour(
      "describe-utf8", ["MANIFEST": "\"no document\""],
      "failed: DESCRIBE: the answer is no document: JSON: unexpected byte 0x6f at byte 1"),
    Misbehaviour("describe-utf8", ["STATUS": "SNOWMAKER_PANIC"], "failed: DESCRIBE answers PANIC"),
    Misbehaviour(
      "describe-deterministic", ["MANIFEST": "(atomic_fetch_add(&running, 1) % 2 ? \"{}\" : \"[]\")"],
      "failed: two DESCRIBEs answer differently"),
    Misbehaviour(
      "no-stdout", ["IN_DESCRIBE": "puts(\"hi\")"], "failed: it wrote 6 bytes to standard output: hihi"),
    Misbehaviour(
      "leaves-the-process-alone", ["IN_DESCRIBE": "setenv(\"VERIFY_TEST\", \"1\", 1)"],
      "failed: it changed the environment: VERIFY_TEST"),
    Misbehaviour(
      "leaves-the-process-alone", ["IN_DESCRIBE": "signal(SIGUSR1, SIG_IGN)"],
      "failed: it changed what happens on signal 10 (User defined signal 1)"),
    Misbehaviour(
      "no-stray-threads-after-shutdown",
      ["IN_ENTRY": "pthread_t t; pthread_create(&t, NULL, (void *(*)(void *))pause, NULL)"],
      "failed: 1 threads are left a second after SHUTDOWN"),
    Misbehaviour(
      "unknown-method-unsupported", ["IN_DESCRIBE": "answer(reply, \"{}\")"], "success"),
    Misbehaviour(
      "describe-utf8", ["IN_DESCRIBE": "answer(reply, \"{}\")"], "failed: DESCRIBE: it answers one request twice"),
    Misbehaviour("cancelled-emit", [:], "failed: DESCRIBE: emit said stop, and the call returns OK, not CANCELLED"),
    Misbehaviour(
      "truncated-request-malformed", [:],
      "skipped: it has no type and checks nothing: no method reads its request"),
  ]

  @Test(arguments: misbehaviours) func findsWhatIsWrong(misbehaviour: Misbehaviour) throws {
    let path = try workshop.build("fixture", defining: misbehaviour.macros, options: ["-shared", "-fPIC", "-w"])
    let found = try verdict(path, misbehaviour.check)
    #expect(found == misbehaviour.verdict)
  }

  /// A provider that works, with one mistake in it.
  struct Mistake: Sendable, CustomTestStringConvertible {
    var check: String
    var old: String
    var new: String
    var verdict: String
    var testDescription: String { "\(check): \(new)" }

    init(_ check: String, _ old: String, _ new: String, _ verdict: String) {
      self.check = check
      self.old = old
      self.new = new
      self.verdict = verdict
    }
  }

  static let mistakes = [
    Mistake(
      "plan-of-unchanged-is-none", "cbor_same(value, before)", "false",
      "failed: resource_monitor exists as declared, and PLAN answers update because of credit_quota"),
    Mistake(
      "config-preserved", "cbor_copy(out, cbor_get(declared, key))", "cbor_int64(out, 5)",
      "failed: resource_monitor.credit_quota is declared as 1, and planned as 5"),
    Mistake(
      "known-stays-known", "cbor_copy(out, cbor_get(declared, key))", "cbor_copy(out, CBOR_NONE)",
      "failed: resource_monitor.credit_quota is planned to become something unknown"),
    Mistake(
      "drop-needs-only-identity", #"change_head(out, "drop", 2);"#, #"change_head(out, "update", 2);"#,
      "failed: resource_monitor is to be dropped, and PLAN answers update"),
    Mistake(
      "replace-iff-replaces", #"exists ? "update" : "create", 2"#, #"exists ? "replace" : "create", 2"#,
      "failed: resource_monitor.credit_quota can be altered, and PLAN replaces because of it"),
    Mistake(
      "cancelled-emit", "return verdict == 0 ? status : SNOWMAKER_CANCELLED;", "return verdict == 0 ? status : status;",
      "failed: READ of resource_monitor: emit said stop, and the call returns OK, not CANCELLED"),
    Mistake(
      "truncated-request-malformed", "if (!cbor_is_map(document)) return SNOWMAKER_MALFORMED;", "",
      "failed: READ of resource_monitor, cut to 1 of 205 bytes, is answered FAILED, not MALFORMED"),
    Mistake(
      "unknown-method-unsupported", "return SNOWMAKER_UNSUPPORTED;", "return SNOWMAKER_OK;",
      "failed: method 0 is answered OK, not UNSUPPORTED"),
    Mistake(
      "upgrade-from-every-version", #"\"resource_monitor\",\"plural\""#,
      #"\"resource_monitor\",\"version\":2,\"plural\""#,
      "failed: resource_monitor is at version 2, and UPGRADE from 1 answers UNSUPPORTED"),
    Mistake(
      "plan-deterministic", #"add(&sql, " "), add(&sql, attributes"#,
      #"static int n; add(&sql, n++ % 3 ? " " : "  "), add(&sql, attributes"#,
      "failed: PLAN of resource_monitor answers the same question differently"),
    Mistake(
      "manifest-consistent", #"\"identity\":[\"name\"]"#, #"\"identity\":[\"nme\"]"#,
      "failed: type 'resource_monitor': its identity has 'nme', which is no attribute"),
    Mistake(
      "deep-nesting", "depth > CBOR_DEPTH", "depth > 100000000",
      "failed: READ with CBOR maps 100000 deep is answered FAILED, not MALFORMED"),
  ]

  private static let templates = "\(Workshop.repository)/SDK/Templates/c"

  private func provider(_ old: String, _ new: String) throws -> String {
    for file in ["provider.c", "cbor.h"] {
      let text = try String(decoding: Workshop.read("\(Self.templates)/\(file)"), as: UTF8.self)
      _ = try workshop.write(Array(text.replacing(old, with: new).utf8), to: file)
    }
    let path = "\(workshop.folder)/libsnowmaker-acme-monitors.so"
    let result = try Program.run(
      "/usr/bin/env",
      [
        "cc", "-std=c11", "-w", "-O0", "-fPIC", "-fvisibility=hidden", "-shared", "-I",
        "\(Workshop.repository)/SDK/Sources/CSnowmaker/include", "\(workshop.folder)/provider.c", "-o", path,
      ])
    try #require(result.status == 0, "\(result.output)")
    chmod(path, 0o755)
    return path
  }

  @Test(arguments: mistakes) func findsTheMistake(mistake: Mistake) throws {
    let found = try verdict(provider(mistake.old, mistake.new), mistake.check)
    #expect(found == mistake.verdict)
  }

  @Test func aLifeThatDoesNotSettleFails() throws {
    // It reads a quota that is one more than the account's.
    let path = try provider("*quota * 10 + (digits[index] - '0')", "*quota * 10 + (digits[index] - '0') + 1")
    let text = try verdict(path, "life-cycle:resource_monitor")
    #expect(text.hasPrefix("failed: created: apply: error: 1 resource did not settle"), "\(text)")
  }

  @Test func theTemplatePassesEverything() throws {
    let (status, checks) = try verify(provider("", ""), [])
    #expect(status == 0)
    #expect(checks.count == 36)
    let others = checks.filter { $0["status"] != "success" && $0["status"] != "skipped" }
    #expect(others.isEmpty, "\(others)")
  }

  @Test(arguments: ["databases", "warehouses", "rbac", "stages", "pipes", "network-policies", "account"])
  func bundledPluginsPass(plugin: String) throws {
    let tool = try #require(Self.tool)
    let folder = tool.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
    // Their lives are long; CommandTests plays them with more attributes.
    let groups = ["library", "protocol", "contract"]
    let (status, checks) = try verify("\(folder)/libsnowmaker-\(plugin).so", groups)
    let bad = checks.filter { $0["status"] == "failed" || $0["status"] == "crashed" }
    #expect(status == 0 && bad.isEmpty, "\(bad)")
  }

  @Test func sameSeedSameVerdict() throws {
    // Says so when a request is not the first map it expects, and crashes on one of the random ones.
    let path = try provider("if (name_of(item).at == NULL) return SNOWMAKER_MALFORMED;", "if (0) return 0;")
    let first = try verify(path, ["random-requests"], seed: 7).checks.first?["message"]
    #expect(try verify(path, ["random-requests"], seed: 7).checks.first?["message"] == first)
  }

  @Test func whatCannotBeCheckedIsSaid() throws {
    let tool = try #require(Self.tool)
    let missing = try Program.run(tool, ["plugin", "verify", "/nowhere/libsnowmaker-x.so"])
    #expect(missing.output == "snowmaker: '/nowhere/libsnowmaker-x.so': No such file or directory\n")
    let name = try workshop.write(Array("x".utf8), to: "x.so")
    let misnamed = try Program.run(tool, ["plugin", "verify", name])
    #expect(misnamed.output == "snowmaker: '\(name)' is not named like a plugin: libsnowmaker-NAME.so\n")
    let path = try workshop.build("fixture")
    let typo = try Program.run(tool, ["plugin", "verify", path, "--only", "describe-utf"])
    #expect(typo.output == "snowmaker: --only describe-utf matches no check; did you mean 'describe-utf8'?\n")
    let list = try Program.run(tool, ["plugin", "verify", "--list", "--format", "json"])
    #expect(try JSON.decode(Array(list.output.utf8)).list.count == 35)
  }
}
