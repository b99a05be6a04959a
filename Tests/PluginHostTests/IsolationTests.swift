import CSnowmaker
import Glibc
import SnowmakerModel
import Testing

@testable import PluginHost

/// A plugin in a child: whatever it does is the error of one call, and the host goes on. The fixture does what its request
/// says.
@Suite(.needsCompiler) struct IsolationTests {
  private let workshop: Workshop
  private let log = LogKeeper()

  init() throws { workshop = try Workshop() }

  private func load(
    _ path: String, mode: PluginIsolation.Mode = .always, limits: PluginLimits = PluginLimits(seconds: 20)
  ) throws -> LoadedPlugin {
    let loader = PluginLoader(
      sink: { [log] in log.append($0) }, isolation: PluginIsolation(mode: mode, limits: limits))
    return try loader.load(try #require(PluginFile(path: path, origin: .user)))
  }

  private func misfit(_ limits: PluginLimits = PluginLimits(seconds: 20)) throws -> LoadedPlugin {
    try load(workshop.build("misfit", from: "misfit.c"), limits: limits)
  }

  private static func request(_ does: String) -> Value {
    ["type": "misfit", "resources": [["identity": ["A"], "attributes": ["does": .string("=\(does);")]]]]
  }

  /// What is said when the plugin misbehaves; nil when it answers.
  private func failure(_ plugin: LoadedPlugin, _ does: String) -> String? {
    do throws(PluginError) {
      _ = try plugin.callAndWait(.validate, Self.request(does))
      return nil
    } catch { return workshop.shorten(error.description) }
  }

  /// What the plugin says of an attempt.
  private func outcome(_ plugin: LoadedPlugin, _ attempt: String) throws -> String? {
    let answer = try plugin.callAndWait(.validate, Self.request(attempt))
    return answer["results"].list.first?["diagnostics"].list.first?["summary"].string
  }

  private let prefix = "plugin 'misfit' (DIR/libsnowmaker-misfit.so): VALIDATE of type 'misfit': "

  @Test func answersAsIfItWereHere() async throws {
    let plugin = try load(workshop.build("fixture"))
    #expect(plugin.isIsolated)
    #expect(!plugin.isSerial)
    let request: Value = ["a": [1, nil, .unknown], "b": "é"]
    #expect(try await plugin.call(.plan, request) == request)
    for size in [0, 1, 32_750, 32_768, 65_519, 65_520, 65_536, 1 << 20, 20 << 20] {
      let large: Value = ["text": .string(String(repeating: "x", count: size))]
      #expect(try plugin.callAndWait(.plan, large) == large, "\(size)")
    }
    #expect(plugin.statistics.calls == 11)
  }

  @Test func statusesAreTheSame() throws {
    let plugin = try load(workshop.build("fixture"))
    func reason(_ method: PluginMethod) -> PluginError.Reason? {
      do throws(PluginError) {
        _ = try plugin.callAndWait(method, [:])
        return nil
      } catch { return error.reason }
    }
    #expect(reason(.validate) == .failed([.error("no such size", path: ["size"])]))
    #expect(reason(.expand) == .malformed([]))
    #expect(reason(.read) == .cancelled)
    #expect(reason(.upgrade) == .unknownStatus(99))
    #expect(reason(.shutdown) == .unsupported)
    #expect(reason(.apply) == .unreadable("two answers to one request"))
    #expect(reason(.check) == .panicked([]))
    #expect(reason(.plan) == .unusable)
  }

  @Test func manyCallsOverlapInChildrenOfTheirOwn() async throws {
    let plugin = try load(workshop.build("fixture", defining: ["IN_PLAN": "overlap()"]))
    let requests = (0..<16).map { Value.object([.init("n", .int($0))]) }
    #expect(try await plugin.callAll(.plan, requests) == requests)
    #expect(try await plugin.call(.function, ["name": "most_running"])["most_running"] == 1)
  }

  @Test func serialPluginsHaveOneChild() async throws {
    let plugin = try load(workshop.build("fixture", defining: ["IN_PLAN": "overlap()", "FLAGS": "SNOWMAKER_SERIAL"]))
    #expect(plugin.isSerial)
    let requests = (0..<8).map { Value.object([.init("n", .int($0))]) }
    #expect(try await plugin.callAll(.plan, requests) == requests)
    #expect(try await plugin.call(.function, ["name": "most_running"])["most_running"] == 1)
  }

  @Test func linesReachTheLog() throws {
    let say = #"say("{\"level\":\"warning\",\"message\":\"odd\"}"), puts("hello"), fputs("no end", stderr)"#
    let plugin = try load(workshop.build("fixture", defining: ["IN_PLAN": say]))
    _ = try plugin.callAndWait(.plan, [:])
    #expect(
      log.lines.sorted() == [
        "plugin 'fixture' prints: hello", "plugin 'fixture' prints: no end", "plugin 'fixture': warning: odd",
      ])
  }

  /// One reading may bring a log line and the answer, with what was printed in between still in the pipe.
  @Test func whatIsPrintedReachesTheLogBeforeTheAnswer() throws {
    let say = #"say("{\"level\":\"warning\",\"message\":\"odd\"}"), puts("hello"), fflush(stdout)"#
    let plugin = try load(workshop.build("fixture", defining: ["IN_PLAN": say]))
    for call in 1...300 {
      _ = try plugin.callAndWait(.plan, [:])
      #expect(log.lines.count == 2 * call)
    }
  }

  // MARK: Ways to fail

  static let died = "; report this to the plugin's author"
  static let again = ", and the same when asked again"

  @Test(
    .needsPlainSignals,
    arguments: [
      ("crash", "its process was killed by signal 11 (Segmentation fault)\(again)\(died)"),
      ("crash-on-thread", "its process was killed by signal 11 (Segmentation fault)\(again)\(died)"),
      ("overflow", "its process was killed by signal 11 (Segmentation fault)\(again)\(died)"),
      ("abort", "its process was killed by signal 6 (Aborted)\(again)\(died)"),
      ("interrupt", "its process was killed by signal 2 (Interrupt)\(again)\(died)"),
      ("kill", "its process was killed by signal 9 (Killed)\(again)\(died)"),
      ("exit-zero", "its process ended with status 0\(again)\(died)"),
      ("exit-seven", "its process ended with status 7\(again)\(died)"),
    ]) func namesWhatKilledIt(does: String, message: String) throws
  {
    let plugin = try misfit()
    #expect(failure(plugin, does) == prefix + message)
    #expect(try outcome(plugin, "nothing") == "misfit: behaves")
  }

  @Test(arguments: [
    ("scribble", "its process wrote to the descriptor that belongs to snowmaker and was stopped\(again)\(died)"),
    ("lie", "its process announced an answer of 214748364800 bytes and was stopped\(again)\(died)"),
    ("garbage", "the answer makes no sense: CBOR: unsupported(head: 191)"),
    ("deep", "the answer makes no sense: JSON: nested deeper than 64 levels at byte 64"),
    ("huge", "the answer makes no sense: it is larger than the 256 MiB it may have"),
    ("nowhere", "the answer makes no sense: bytes at no address"),
  ]) func namesWhatItDid(does: String, message: String) throws {
    let plugin = try misfit()
    #expect(failure(plugin, does) == prefix + message)
    #expect(try outcome(plugin, "nothing") == "misfit: behaves")
  }

  @Test(arguments: ["hang", "spin", "close"]) func stopsWhatDoesNotAnswer(does: String) throws {
    let plugin = try misfit(PluginLimits(seconds: 1))
    let hung =
      "did not answer within 1 second and was stopped\(Self.again); 'timeout' under 'isolation' in snowmaker.yaml, or "
      + "SNOWMAKER_PLUGIN_TIMEOUT, gives it more"
    let closed = "its process closed its connection and was stopped\(Self.again)\(Self.died)"
    #expect(failure(plugin, does) == prefix + (does == "close" ? closed : hung))
    #expect(try outcome(plugin, "nothing") == "misfit: behaves")
  }

  @Test(.needsPlainSignals) func limitsMemory() throws {
    let plugin = try misfit(PluginLimits(seconds: 60, memory: 300))
    let message = try #require(failure(plugin, "memory"))
    #expect(message.hasPrefix("\(prefix)its process was killed by signal 11 (Segmentation fault) when it had "))
    #expect(
      message.hasSuffix(
        " of the 300 MiB it may have ('memory' under 'isolation' in snowmaker.yaml, or SNOWMAKER_PLUGIN_MEMORY, gives it "
          + "more)\(Self.again)\(Self.died)"))
    #expect(try outcome(plugin, "nothing") == "misfit: behaves")
  }

  @Test func limitsWhatItPrints() throws {
    let plugin = try misfit()
    #expect(try outcome(plugin, "print") == "misfit: behaves")
    let lines = log.lines
    #expect(lines.first == "plugin 'misfit' prints: line 0 of far too many")
    let last = try #require(lines.last)
    #expect(last.hasPrefix("plugin 'misfit' prints: (") && last.hasSuffix(" bytes more, not shown)"))
    #expect(lines.reduce(0) { $0 + $1.utf8.count - 24 } < 65 << 10)
  }

  @Test func limitsWhatItLogs() throws {
    let plugin = try misfit()
    #expect(try outcome(plugin, "log") == "misfit: behaves")
    #expect(log.lines.count == 1_001)
    #expect(log.lines.last == "plugin 'misfit' prints: (49000 lines more, not shown)")
  }

  @Test(.needsPlainSignals) func threeFailuresAreEnough() throws {
    let plugin = try misfit()
    #expect(
      failure(plugin, "abort") == "\(prefix)its process was killed by signal 6 (Aborted)\(Self.again)\(Self.died)")
    #expect(try outcome(plugin, "nothing") == "misfit: behaves")
    #expect(
      failure(plugin, "crash") == "\(prefix)its process was killed by signal 11 (Segmentation fault)\(Self.died)")
    let disabled =
      "not called: the plugin failed three times and is not used any more in this run (the last time it was killed by "
      + "signal 11 (Segmentation fault))"
    #expect(failure(plugin, "nothing") == prefix + disabled)
    #expect(failure(plugin, "nothing") == prefix + disabled)
  }

  @Test(.needsPlainSignals) func applyIsNotMadeTwice() throws {
    // The fixture's APPLY counts by what it prints.
    let plugin = try load(
      workshop.build("fixture", defining: ["IN_APPLY": #"puts("applying"), fflush(stdout), abort()"#]))
    do throws(PluginError) {
      _ = try plugin.callAndWait(.apply, ["type": "x"])
      Issue.record("APPLY has an answer")
    } catch {
      #expect(
        workshop.shorten(error.description) == "plugin 'fixture' (DIR/libsnowmaker-fixture.so): APPLY of type 'x': "
          + "its process was killed by signal 6 (Aborted); report this to the plugin's author")
    }
    #expect(log.lines.filter { $0 == "plugin 'fixture' prints: applying" }.count == 1)
  }

  @Test(.needsPlainSignals) func aFailureOnceIsMended() throws {
    // Crashes in the first process only, which leaves a file behind before it is sandboxed.
    let mark = "\(workshop.folder)/mark"
    let loaded = "first = access(\"\(mark)\", F_OK)"
    let plugin = try load(
      workshop.build("fixture", defining: ["WHILE_LOADED": loaded, "IN_PLAN": "if (first) abort()"]))
    let file = try #require(fopen(mark, "w"))
    fclose(file)
    #expect(try plugin.callAndWait(.plan, ["a": 1]) == ["a": 1])
  }

  // MARK: What is forbidden

  @Test(arguments: [
    ("inet-socket", "Operation not permitted"), ("unix-socket", "Operation not permitted"),
    ("fork", "Operation not permitted"), ("exec", "Operation not permitted"), ("spawn", "Operation not permitted"),
    ("write-file", "Operation not permitted"), ("delete", "Operation not permitted"),
    ("read-file", "Permission denied"), ("list", "Permission denied"),
    ("signal-host", "Operation not permitted"), ("trace", "Operation not permitted"),
    ("survive", "Operation not permitted"), ("limits", "Operation not permitted"), ("hide", "Operation not permitted"),
    ("zone", "done"), ("thread", "done"), ("environment", "done"), ("descriptors", "done"),
  ]) func isKeptFrom(attempt: String, outcome: String) throws {
    #expect(try self.outcome(misfit(), attempt) == "\(attempt): \(outcome)")
  }

  // MARK: Loading

  @Test(.needsPlainSignals) func refusalsAreTheSame() throws {
    func refusal(_ macros: [String: String]) throws -> String? {
      let path = try workshop.build("fixture", defining: macros)
      let isolation = PluginIsolation(mode: .always)
      return try workshop.refusal(path, loader: PluginLoader(sink: { _ in }, patience: 2, isolation: isolation))
    }
    let fixture = "plugin 'fixture' (DIR/libsnowmaker-fixture.so): "
    let crashes = "crashes while it is loaded and described: "
    let tried = "; it was tried in a child process and is not loaded"
    #expect(try refusal(["REFUSES": ""]) == fixture + "refused to start, without saying why")
    let saying = #"say("{\"level\":\"error\",\"message\":\"no licence\"}")"#
    #expect(try refusal(["REFUSES": "", "IN_ENTRY": saying]) == fixture + "refused to start: no licence")
    #expect(
      try refusal(["PEER_ABI": "7"])
        == fixture + "speaks ABI 7, this host speaks ABI 1; rebuild it with this snowmaker's SDK")
    #expect(try refusal(["WITHOUT_CALL": ""]) == fixture + "its entry returned a peer without a call function")
    #expect(
      try refusal(["WHILE_LOADED": "abort()"]) == fixture + crashes + "was killed by signal 6 (Aborted)" + tried)
    #expect(
      try refusal(["IN_DESCRIBE": "crash()"]) == fixture + crashes + "was killed by signal 11 (Segmentation fault)"
        + tried)
    #expect(try refusal(["IN_ENTRY": "exit(0)"]) == fixture + crashes + "ended with status 0" + tried)
    #expect(try refusal(["IN_DESCRIBE": "for (;;) pause()"]) == fixture + "did not answer DESCRIBE within 2 seconds")
    #expect(try refusal(["IN_ENTRY": "for (;;) pause()"]) == fixture + "did not answer DESCRIBE within 2 seconds")
    #expect(
      try refusal(["MANIFEST": #""garbage""#])?.hasPrefix(fixture + "its answer to DESCRIBE makes no sense") == true)
    let renamed = try workshop.build("renamed", defining: ["NAME": "network_policies"])
    #expect(
      try workshop.refusal(renamed, loader: PluginLoader(sink: { _ in }, isolation: PluginIsolation(mode: .always)))
        == "plugin 'renamed' (DIR/libsnowmaker-renamed.so): exports no function snowmaker_renamed_entry, but "
        + "snowmaker_network_policies_entry; was the file renamed from libsnowmaker-network-policies.so?")
  }

  @Test func untrustedMeansNotBundled() throws {
    let path = try workshop.build("fixture")
    let isolation = PluginIsolation(mode: .untrusted)
    let loader = PluginLoader(sink: { _ in }, isolation: isolation)
    for origin in PluginOrigin.allCases {
      let plugin = try loader.load(try #require(PluginFile(path: path, origin: origin)))
      #expect(plugin.isIsolated == (origin != .bundled), "\(origin)")
    }
  }

  // MARK: Processes

  @Test(.needsPlainSignals) func leavesNoProcessBehind() async throws {
    // Other tests may still be ending theirs.
    let before = Set(Self.children())
    do {
      let plugin = try misfit(PluginLimits(seconds: 1))
      #expect(Set(Self.children()).subtracting(before).count == 1)
      _ = failure(plugin, "hang")
      _ = failure(plugin, "crash")
    }
    #expect(Set(Self.children()).subtracting(before).isEmpty)
  }

  /// The children of this process, ended ones that nobody waited for included.
  static func children() -> [String] {
    var found: [String] = []
    guard let processes = opendir("/proc") else { return [] }
    defer { closedir(processes) }
    while let entry = readdir(processes) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard name.allSatisfy(\.isNumber), let file = fopen("/proc/\(name)/stat", "r") else { continue }
      defer { fclose(file) }
      var line = [CChar](repeating: 0, count: 512)
      guard fgets(&line, 512, file) != nil else { continue }
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
      if fields.count > 2, fields[2] == "\(getpid())" { found.append(name) }
    }
    return found.sorted()
  }
}

/// Keeps what plugins log.
///
/// Unchecked: `kept` is only touched with `lock` held.
final class LogKeeper: @unchecked Sendable {
  private let lock = Lock()
  private var kept: [PluginLogLine] = []
  func append(_ line: PluginLogLine) { lock.locked { kept.append(line) } }
  var lines: [String] { lock.locked { kept.map(\.description) } }
}
