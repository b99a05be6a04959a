import Glibc
import Testing

/// Plugins that misbehave, through the front door: an error that names them, and the program as it should be.
@Suite(.needsCompiler) struct IsolationTests {
  private func place(_ does: String) async throws -> (Workplace, plugin: String) {
    let place = try Workplace(["misfit.yml": Misfit.configuration(does)])
    let path = try Misfit.build(in: place)
    place.set("SNOWMAKER_PLUGIN_PATH", "\(place.folder)/plugins")
    let locked = try await place.run("init")
    try #require(locked.status == 0, Comment(rawValue: locked.all))
    return (place, path)
  }

  @Test(arguments: [
    ("crash", "was killed by signal 11 (Segmentation fault)"), ("exit-zero", "ended with status 0"),
    ("scribble", "wrote to the descriptor that belongs to snowmaker and was stopped"),
  ]) func aPluginThatFallsIsAnError(does: String, how: String) async throws {
    let (place, plugin) = try await place(does)
    // What is wrong elsewhere is still found.
    try place.write("other.yml", "warehouses:\n  - {name: w, warehouse_size: gigantic}\n")
    let run = try await place.run("validate")
    #expect(run.status == 1)
    #expect(
      run.err.contains(
        "error: plugin 'misfit' (\(plugin)): VALIDATE of type 'misfit': its process \(how), and the same when asked again; "
          + "report this to the plugin's author\n"), Comment(rawValue: run.all))
    #expect(run.err.contains("other.yml:2:"), Comment(rawValue: run.all))
  }

  @Test func aPluginThatHangsIsStopped() async throws {
    let (place, plugin) = try await place("spin")
    place.set("SNOWMAKER_PLUGIN_TIMEOUT", "1")
    let run = try await place.run("validate", seconds: 60)
    #expect(run.status == 1)
    #expect(
      run.err.contains(
        "error: plugin 'misfit' (\(plugin)): VALIDATE of type 'misfit': did not answer within 1 second and was stopped, and "
          + "the same when asked again; 'timeout' under 'isolation' in snowmaker.yaml, or SNOWMAKER_PLUGIN_TIMEOUT, gives "
          + "it more\n"), Comment(rawValue: run.all))
  }

  @Test func whatAPluginPrintsIsNoResult() async throws {
    let (place, _) = try await place("print")
    let run = try await place.run("validate")
    #expect(run.status == 0, Comment(rawValue: String(run.all.suffix(2000))))
    #expect(!run.out.contains("line 0"))
    #expect(run.err.contains("snowmaker: plugin 'misfit' prints: line 0 of far too many\n"))
    #expect(run.err.contains(" bytes more, not shown)\n"))
    #expect(run.err.utf8.count < 300_000)
  }

  @Test func withoutIsolationTheCrashNamesThePlugin() async throws {
    let (place, plugin) = try await place("crash")
    let run = try await place.run("validate", "--isolate", "never")
    #expect(run.status == 128 + SIGSEGV)
    #expect(
      run.err.contains(
        "snowmaker: fatal: SIGSEGV inside plugin 'misfit' (\(plugin)) during VALIDATE; with --isolate always plugins run in "
          + "processes of their own, where that is the error of one call\n"),
      Comment(rawValue: run.all))
  }

  @Test(arguments: [
    ("nothing", "misfit: behaves"), ("thread", "thread: done"), ("read-file", "read-file: Permission denied"),
    ("list", "list: Permission denied"), ("write-file", "write-file: Permission denied"),
    ("inet-socket", "inet-socket: Operation not permitted"), ("fork", "fork: Operation not permitted"),
  ]) func aKernelWithoutLandlockOpensNoFileAtAll(does: String, outcome: String) async throws {
    let (place, _) = try await place(does)
    let kernel = try Misfit.program("old-kernel", in: place)
    let run = try await place.start([RunningTool.executable, "validate"], executable: kernel).wait()
    #expect(run.status == 0 && run.err.contains("warning: \(outcome)\n"), Comment(rawValue: run.all))
  }

  @Test func isolatedPluginsPlanTheSame() async throws {
    let place = try Workplace([
      "all.yml": """
      warehouses: [{name: w, warehouse_size: small, auto_suspend: 60}]
      databases: {raw: {schemas: [{name: s, stages: [{name: files}]}]}}
      roles: [reader]
      grants: [{privilege: usage, on: warehouse w, to: reader}]
      """
    ])
    var plans: [[String]] = []
    for mode in ["never", "untrusted", "always"] { plans.append(try await place.plannedSQL("--isolate", mode)) }
    #expect(plans[0].count > 4)
    #expect(plans[0] == plans[1] && plans[1] == plans[2])
    place.set("SNOWMAKER_ISOLATE", "always")
    try await place.apply()
    let again = try await place.on("plan", "--detailed-exitcode")
    #expect(again.status == 0, Comment(rawValue: again.all))
  }

  @Test func aProjectCannotTurnItOff() async throws {
    let place = try Workplace(["snowmaker.yaml": "isolation: never\n"])
    let run = try await place.run("validate")
    #expect(run.status == 1)
    #expect(run.err.contains("error: a project cannot turn isolation off"), Comment(rawValue: run.all))
    #expect(run.err.contains("--isolate never"))
    try place.write("snowmaker.yaml", "isolation: {mode: always, timeout: 5, memory: 64}\n")
    let small = try await place.run("validate")
    #expect(small.err.contains("memory takes 128 to 65536 MiB"), Comment(rawValue: small.all))
  }

  @Test func aSettingThatMakesNoSenseIsSaid() async throws {
    let place = try Workplace(["a.yml": "roles: [r]\n"])
    place.set("SNOWMAKER_ISOLATE", "maybe")
    let run = try await place.run("validate")
    #expect(run.status == 1)
    #expect(
      run.err.contains("error: SNOWMAKER_ISOLATE is 'maybe'; it takes never, untrusted, always"),
      Comment(rawValue: run.all))
    let usage = try await place.run("validate", "--isolate", "maybe")
    #expect(usage.status == 64 && usage.err.contains("--isolate"), Comment(rawValue: usage.all))
  }

  @Test func nothingIsLeftWhenTheHostIsKilled() async throws {
    let (place, _) = try await place("spin")
    let tool = try place.start(["validate"])
    var workers: [pid_t] = []
    for _ in 0..<1000 where workers.isEmpty {
      workers = Self.children(of: tool.pid)
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(workers.count == 1)
    // It is in the middle of a call by then, or about to be; either way it must go.
    try await Task.sleep(for: .milliseconds(300))
    tool.end(SIGKILL)
    var status: Int32 = 0
    waitpid(tool.pid, &status, 0)
    var left = workers
    for _ in 0..<1000 where !left.isEmpty {
      left = left.filter { Self.process($0).map { $0.state != "Z" } ?? false }
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(left.isEmpty)
  }

  private static func children(of parent: pid_t) -> [pid_t] {
    Files.names(in: "/proc").compactMap(pid_t.init).filter { process($0)?.parent == parent }
  }

  private static func process(_ id: pid_t) -> (state: String, parent: pid_t)? {
    guard let text = Files.read("/proc/\(id)/stat"), let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[end...].split(separator: " ")
    guard fields.count > 2, let parent = pid_t(fields[2]) else { return nil }
    return (String(fields[1]), parent)
  }
}
