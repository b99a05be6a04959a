import Glibc
import SnowmakerModel
import Testing

@testable import PluginHost

/// A plugin that takes the process down is named. Each test runs its body in a process of its own.
@Suite(.needsCompiler, .needsPlainSignals) struct CrashTests {
  private let workshop: Workshop

  init() throws { workshop = try Workshop() }

  private static func load(_ path: String) {
    CrashReport.install()
    guard let file = PluginFile(path: path, origin: .user) else { return }
    _ = try? PluginLoader(sink: { _ in }).load(file)
  }

  private func lastLine(_ result: ExitTest.Result?, beginning prefix: String = "snowmaker: fatal:") -> String? {
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    return text.split(separator: "\n").last { $0.hasPrefix(prefix) }.map { workshop.shorten(String($0)) }
  }

  private let inside = "inside plugin 'fixture' (DIR/libsnowmaker-fixture.so)"

  @Test func namesAPluginThatCrashesInDescribe() async throws {
    let path = try workshop.build("fixture", defining: ["IN_DESCRIBE": "crash()"])
    let result = await #expect(processExitsWith: .signal(SIGSEGV), observing: [\.standardErrorContent]) {
      [path = path as String] in
      CrashTests.load(path)
    }
    #expect(lastLine(result) == "snowmaker: fatal: SIGSEGV \(inside) during DESCRIBE")
  }

  @Test func namesAPluginThatAborts() async throws {
    let path = try workshop.build("fixture", defining: ["IN_ENTRY": "abort()"])
    let result = await #expect(processExitsWith: .signal(SIGABRT), observing: [\.standardErrorContent]) {
      [path = path as String] in
      CrashTests.load(path)
    }
    #expect(lastLine(result) == "snowmaker: fatal: SIGABRT \(inside) during its entry")
  }

  @Test func namesAPluginThatCrashesWhileItIsLoaded() async throws {
    let path = try workshop.build("fixture", defining: ["WHILE_LOADED": "__builtin_trap()"])
    let result = await #expect(processExitsWith: .signal(SIGILL), observing: [\.standardErrorContent]) {
      [path = path as String] in
      CrashTests.load(path)
    }
    #expect(lastLine(result) == "snowmaker: fatal: SIGILL \(inside) during dlopen")
  }

  @Test func namesAPluginThatOverflowsTheStack() async throws {
    let path = try workshop.build("fixture", defining: ["IN_DESCRIBE": "overflow(0)"])
    let result = await #expect(processExitsWith: .signal(SIGSEGV), observing: [\.standardErrorContent]) {
      [path = path as String] in
      CrashTests.load(path)
    }
    #expect(lastLine(result) == "snowmaker: fatal: SIGSEGV \(inside) during DESCRIBE")
  }

  @Test func namesAPluginThatCrashesOnAThreadOfItsOwn() async throws {
    let path = try workshop.build("fixture", defining: ["IN_DESCRIBE": "crash_on_own_thread()"])
    let result = await #expect(processExitsWith: .signal(SIGSEGV), observing: [\.standardErrorContent]) {
      [path = path as String] in
      CrashTests.load(path)
    }
    #expect(lastLine(result) == "snowmaker: fatal: SIGSEGV \(inside) on a thread of its own")
  }

  @Test func namesAPluginThatCrashesInACall() async throws {
    let path = try workshop.build("fixture", defining: ["IN_PLAN": "raise(SIGBUS)"])
    let result = await #expect(processExitsWith: .signal(SIGBUS), observing: [\.standardErrorContent]) {
      [path = path as String] in
      CrashReport.install()
      let file = try #require(PluginFile(path: path, origin: .user))
      _ = try await PluginLoader(sink: { _ in }).load(file).call(.plan, [:])
    }
    #expect(lastLine(result) == "snowmaker: fatal: SIGBUS \(inside) during PLAN")
  }

  @Test func doesNotSucceedWhenAPluginExits() async throws {
    let path = try workshop.build("fixture", defining: ["IN_DESCRIBE": "exit(0)"])
    let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
      [path = path as String] in
      CrashTests.load(path)
    }
    #expect(
      lastLine(result) == "snowmaker: fatal: plugin 'fixture' (DIR/libsnowmaker-fixture.so) "
        + "ended the process during DESCRIBE")
  }

  @Test func doesNotBlameAPluginForTheHostsOwnCrash() async throws {
    let path = try workshop.build("fixture")
    let result = await #expect(processExitsWith: .signal(SIGSEGV), observing: [\.standardErrorContent]) {
      [path = path as String] in
      CrashTests.load(path)
      raise(SIGSEGV)
    }
    #expect(lastLine(result) == "snowmaker: fatal: SIGSEGV")
  }

  // MARK: Output

  @Test func keepsPluginsOutOfTheOutput() async throws {
    let path = try workshop.build("fixture", defining: ["IN_DESCRIBE": #"puts("from the plugin")"#])
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardErrorContent, \.standardOutputContent]
    ) { [path = path as String] in
      let output = try #require(StandardOutputGuard())
      CrashTests.load(path)
      let text = Array("from the host\n".utf8)
      write(output.descriptor, text, text.count)
    }
    let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
    let errors = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(output.contains("from the host"))
    #expect(!output.contains("from the plugin"))
    #expect(errors.contains("from the plugin"))
  }

  @Test func givesTheOutputBack() async {
    let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
      StandardOutputGuard.redirected { print("inside") }
      print("after")
    }
    let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
    #expect(output.contains("after"))
    #expect(!output.contains("inside"))
  }
}
