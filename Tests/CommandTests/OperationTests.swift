import Glibc
import Testing

/// Types that SQL does not reach, through the front door: what their plugin asks the host while it applies.
@Suite(.needsCompiler) struct OperationTests {
  /// A project with one errand of the plugin Tests/Fixtures/applying.c, on an account that has the user ANNA.
  private func place(_ errand: String) async throws -> Workplace {
    let place = try Workplace(["users.yml": "users:\n  - {name: anna}\n"])
    try await place.apply()
    _ = try Misfit.build("applying", in: place)
    place.set("SNOWMAKER_PLUGIN_PATH", "\(place.folder)/plugins")
    let locked = try await place.run("init")
    try #require(locked.status == 0, Comment(rawValue: locked.all))
    try place.write("errands.yml", "errands:\n  - {name: \(errand)}\n")
    return place
  }

  @Test(arguments: ["never", "always"]) func itReadsTheAccountAndSaysHowFarItIs(mode: String) async throws {
    let place = try await place("look")
    place.set("SNOWMAKER_ISOLATE", mode)
    let run = try await place.apply()
    #expect(run.out.contains("DO the errand"), Comment(rawValue: run.all))
    #expect(run.err.contains("errand.LOOK: ANNA is [31mthere (1 of 2)\n"), Comment(rawValue: run.all))
    #expect(run.err.contains("[1/1] DO the errand ("), Comment(rawValue: run.all))
  }

  @Test(arguments: ["never", "always"]) func itMayNotWrite(mode: String) async throws {
    let place = try await place("write")
    place.set("SNOWMAKER_ISOLATE", mode)
    let run = try await place.on("apply", "--yes")
    #expect(run.status == 1, Comment(rawValue: run.all))
    #expect(run.err.contains("QUERY runs only statements that read, not 'DROP USER anna'"), Comment(rawValue: run.all))
    let users = try await place.on("query", "SHOW USERS")
    #expect(users.out.contains("ANNA"), Comment(rawValue: users.all))
  }

  @Test func itIsToldWhatTheAccountRefuses() async throws {
    let run = try await place("stray").on("apply", "--yes")
    #expect(run.status == 1, Comment(rawValue: run.all))
    #expect(
      run.err.contains("failed: 002003: SQL compilation error:")
        && run.err.contains("'NOBODY' does not exist or not authorized"),
      Comment(rawValue: run.all))
  }

  @Test(arguments: ["never", "always"]) func itIsToldWhenTheUserStops(mode: String) async throws {
    let place = try await place("wait")
    place.set("SNOWMAKER_ISOLATE", mode)
    let tool = try place.start(["apply", "--yes", "--connection", "emulator"])
    for _ in 0..<3000 {
      if Files.read(tool.errorFile)?.contains("errand.WAIT: waiting\n") == true { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    tool.end(SIGINT)
    let run = try await tool.wait(seconds: 50)
    #expect(run.err.contains("stopped when asked"), Comment(rawValue: run.all))
    #expect(run.status == 130, Comment(rawValue: run.all))
    // A log has a message once, however often it is said.
    #expect(run.err.split(separator: "\n").count { $0 == "errand.WAIT: waiting" } == 1, Comment(rawValue: run.all))
  }

  @Test(arguments: ["never", "always"]) func onATerminalItIsShownInPlace(mode: String) async throws {
    let place = try await place("wait")
    place.set("SNOWMAKER_ISOLATE", mode)
    place.set("TERM", "xterm")
    let person = try Typist()
    let before = try person.settings()
    let tool = try place.start(["apply", "--yes", "--connection", "emulator"], screen: person.terminal)
    let line = "\r\u{1b}[K[0/1] waiting…"
    try await person.sees(line)
    // Said again and again, the line takes the place of the one before.
    for _ in 0..<3000 where person.screen.split(separator: line).count < 5 {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(!person.screen.contains("waiting…\r\n"))
    tool.end(SIGINT)
    let cleared = "\r\u{1b}[K"
    try await person.sees("Run the same apply again to continue.\r\n")
    var run = try await tool.wait(seconds: 50)
    run.err = person.screen
    #expect(run.status == 130, Comment(rawValue: run.all))
    // It was taken away before anything else was said, and nothing is left of it at the end.
    #expect(run.err.contains("\(cleared)failed: DO the errand: "), Comment(rawValue: run.all))
    #expect(run.err.hasSuffix("Run the same apply again to continue.\r\n"), Comment(rawValue: run.all))
    let lastLines = run.err.split(separator: "Apply stopped:").last ?? ""
    #expect(!lastLines.contains("\u{1b}[K"), Comment(rawValue: run.all))
    #expect(try person.settings() == before)
  }
}
