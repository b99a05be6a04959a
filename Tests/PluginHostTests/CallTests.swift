import Glibc
import SnowmakerModel
import Testing

@testable import PluginHost

/// Calls into a loaded plugin.
@Suite(.needsCompiler) struct CallTests {
  private let workshop: Workshop
  private let path: String

  init() throws {
    workshop = try Workshop()
    path = try workshop.build("fixture")
  }

  private func failure(_ plugin: LoadedPlugin, _ method: PluginMethod) async -> PluginError? {
    do throws(PluginError) {
      _ = try await plugin.call(method, [:])
      return nil
    } catch { return error }
  }

  @Test func answersComeBack() async throws {
    let plugin = try workshop.load(path)
    let request: Value = ["a": [1, nil, .unknown], "b": "é"]
    #expect(try await plugin.call(.plan, request) == request)
    #expect(try plugin.callAndWait(.plan, request) == request)
  }

  @Test func statusesBecomeErrors() async throws {
    let plugin = try workshop.load(path)
    let validate = await failure(plugin, .validate)
    #expect(validate?.reason == .failed([.error("no such size", path: ["size"])]))
    #expect(
      validate.map { workshop.shorten($0.description) }
        == "plugin 'fixture' (DIR/libsnowmaker-fixture.so): VALIDATE: failed: no such size")
    #expect(await failure(plugin, .expand)?.reason == .malformed([]))
    #expect(await failure(plugin, .read)?.reason == .cancelled)
    #expect(await failure(plugin, .upgrade)?.reason == .unknownStatus(99))
    #expect(await failure(plugin, .shutdown)?.reason == .unsupported)
    #expect(await failure(plugin, .apply)?.reason == .unreadable("two answers to one request"))
  }

  @Test func aPanicEndsAllCalls() async throws {
    let plugin = try workshop.load(path)
    #expect(await failure(plugin, .check)?.reason == .panicked([]))
    let later = await failure(plugin, .plan)
    #expect(later?.reason == .unusable)
    #expect(
      later.map { workshop.shorten($0.description) } == "plugin 'fixture' (DIR/libsnowmaker-fixture.so): PLAN: "
        + "not called, because the plugin found a bug of its own earlier")
  }

  @Test func manyCallsOverlapAndKeepTheirOrder() async throws {
    let plugin = try workshop.load(workshop.build("fixture", in: "overlap", defining: ["IN_PLAN": "overlap()"]))
    let requests = (0..<8).map { Value.object([.init("n", .int($0))]) }
    #expect(try await plugin.callAll(.plan, requests) == requests)
    #expect(try await plugin.call(.function, [:])["most_running"].int ?? 0 > 1)
  }

  @Test func serialPluginsAreCalledOneAtATime() async throws {
    let plugin = try workshop.load(
      workshop.build("fixture", in: "serial", defining: ["IN_PLAN": "overlap()", "FLAGS": "SNOWMAKER_SERIAL"]))
    #expect(plugin.isSerial)
    let requests = (0..<8).map { Value.object([.init("n", .int($0))]) }
    #expect(try await plugin.callAll(.plan, requests) == requests)
    #expect(try await plugin.call(.function, [:])["most_running"] == 1)
  }

  @Test func oneFailureFailsAll() async throws {
    let plugin = try workshop.load(path)
    await #expect(throws: PluginError.self) { try await plugin.callAll(.validate, [[:], [:], [:]]) }
    #expect(try await plugin.callAll(.plan, []) == [])
  }

  @Test func countsWhatCallsCost() async throws {
    let plugin = try workshop.load(path)
    let before = plugin.statistics
    #expect(before.calls == 1)  // DESCRIBE
    let request: Value = ["a": 1]
    _ = try await plugin.call(.plan, request)
    let size = CBOR.encode(request).count
    #expect(plugin.statistics.calls == 2)
    #expect(plugin.statistics.requestBytes - before.requestBytes == size)
    #expect(plugin.statistics.replyBytes - before.replyBytes == size)
    #expect(plugin.statistics.nanoseconds > before.nanoseconds)
  }

  @Test func linesReachTheLog() async throws {
    let say = #"say("{\"level\":\"warning\",\"message\":\"odd\"}"), say("[]"), say("{\"message\":\"plain\"}")"#
    let log = Log()
    let plugin = try workshop.load(
      workshop.build("fixture", in: "log", defining: ["IN_PLAN": say]), log: { log.append($0) })
    _ = try await plugin.call(.plan, [:])
    #expect(log.lines.map(\.description) == ["plugin 'fixture': warning: odd", "plugin 'fixture': info: plain"])
  }

  /// Unchecked: `kept` is only touched with `lock` held.
  private final class Log: @unchecked Sendable {
    private let lock = Lock()
    private var kept: [PluginLogLine] = []
    func append(_ line: PluginLogLine) { lock.locked { kept.append(line) } }
    var lines: [PluginLogLine] { lock.locked { kept } }
  }
}

@Suite struct BatchesTests {
  @Test func keepOrderAndSize() {
    #expect(Batches.split(Array(0..<7), size: 3) == [[0, 1, 2], [3, 4, 5], [6]])
    #expect(Batches.split([Int]()).isEmpty)
    #expect(Batches.split(Array(0..<1000)).map(\.count) == [256, 256, 256, 232])
  }

  @Test func keepGroupsTogether() {
    let items = ["a1", "-", "b1", "a2", "b2", "b3", "-", "c1"]
    let batches = Batches.split(items, size: 3) { $0 == "-" ? nil : $0.first }
    #expect(batches == [["a1", "a2", "-"], ["b1", "b2", "b3"], ["-", "c1"]])
    #expect(Batches.split(["a1", "a2", "a3", "b"], size: 2) { $0.first } == [["a1", "a2", "a3"], ["b"]])
  }
}

@Suite struct PluginThreadsTests {
  @Test func runMoreJobsThanThereAreThreads() async {
    let threads = PluginThreads(width: 2)
    let sum = await withTaskGroup(of: Int.self) { group in
      for number in 0..<200 {
        group.addTask {
          await withCheckedContinuation { continuation in threads.run { continuation.resume(returning: number) } }
        }
      }
      return await group.reduce(0, +)
    }
    #expect(sum == 199 * 100)
  }

  @Test func leaveWhatTakesTooLong() {
    #expect(Errand(seconds: 5) { 42 }.wait() == 42)
    let slow = Errand(seconds: 0) { () -> Int in
      sleep(1)
      return 1
    }
    #expect(slow.wait() == nil)
  }
}
