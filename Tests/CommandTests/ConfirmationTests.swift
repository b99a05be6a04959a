import Glibc
import Testing

/// What apply asks a person, and what it refuses by itself.
struct ConfirmationTests {
  private func apply(_ place: Workplace, _ typist: Typist, _ answer: String, to question: String)
    async throws -> RunningTool.Ending
  {
    let tool = try place.start(["apply", "--connection", "emulator"], terminal: typist.terminal)
    try await typist.answer(answer, to: question, of: tool)
    return try await tool.wait()
  }

  @Test func anythingButYesChangesNothing() async throws {
    let place = try Workplace(["a.yml": "warehouses: [{name: w}]"])
    let typist = try Typist()
    let no = try await apply(place, typist, "maybe", to: "Apply this? [y/N]")
    #expect(no.status == 130 && no.err.contains("Nothing was changed."), Comment(rawValue: no.all))
    #expect(try await place.on("plan", "--detailed-exitcode").status == 2)
    let yes = try await apply(place, typist, "y", to: "Apply this? [y/N]")
    #expect(yes.status == 0 && yes.out.contains("Applied: 1 statement."), Comment(rawValue: yes.all))
  }

  @Test func aDropNeedsTheWholeWord() async throws {
    let place = try Workplace(["a.yml": "warehouses: [{name: w}, {name: v}]"])
    try await place.apply()
    try place.write("a.yml", "warehouses: [{name: v}]")
    let typist = try Typist()
    let yes = try await apply(place, typist, "y", to: "Type 'drop' to apply it")
    #expect(yes.status == 130 && yes.err.contains("This drops or replaces 1 resource."), Comment(rawValue: yes.all))
    let word = try await apply(place, typist, "drop", to: "Type 'drop' to apply it")
    #expect(word.status == 0 && word.out.contains("Applied: 1 statement."), Comment(rawValue: word.all))
    #expect(try await place.on("plan", "--detailed-exitcode").status == 0)
  }

  @Test func aDeletedLineDoesNotDoWhatItForbade() async throws {
    let place = try Workplace(["a.yml": "warehouses: [{name: w, lifecycle: {prevent_destroy: true}}, {name: v}]"])
    try await place.apply()
    try place.write("a.yml", "warehouses: [{name: v}]")
    let refused = try await place.on("apply", "--yes", "--allow-drop")
    #expect(refused.status == 1, Comment(rawValue: refused.all))
    #expect(refused.all.contains("its last declaration said prevent_destroy"))
    #expect(try await place.on("ledger", "forget", "warehouse.W", "--yes").status == 0)
    #expect(try await place.on("plan", "--detailed-exitcode").status == 0)
  }

  @Test func whatDependsOnSomethingComesAfterIt() async throws {
    let text = "warehouses: [{name: a, depends_on: [warehouse.b]}, {name: b, depends_on: [warehouse.c]}, {name: c}]"
    let place = try Workplace(["a.yml": text])
    #expect(
      try await place.plannedSQL() == ["CREATE WAREHOUSE C;", "CREATE WAREHOUSE B;", "CREATE WAREHOUSE A;"])
    try place.write("a.yml", text.replacing("{name: c}", with: "{name: c, depends_on: [warehouse.a]}"))
    let circle = try await place.on("plan")
    #expect(
      circle.status == 1 && circle.all.contains("a.yml:1:") && circle.all.contains("need each other"),
      Comment(rawValue: circle.all))
    try place.write("a.yml", "warehouses: [{name: a, depends_on: [warehouse.x]}]")
    let nothing = try await place.on("plan")
    #expect(nothing.status == 1 && nothing.all.contains("warehouse.X is not declared"), Comment(rawValue: nothing.all))
  }

  @Test func aPlanMadeWithOtherPluginsIsRefused() async throws {
    let place = try Workplace(["a.yml": "warehouses: [{name: w}]"])
    // The command and its plugins, where one of them can be changed.
    let built = String(RunningTool.executable.dropLast("/snowmaker".count))
    let installed = place.root + "/bin"
    mkdir(installed, 0o700)
    for name in Files.names(in: built)
    where name == "snowmaker" || name.hasPrefix("libsnowmaker-") && name.hasSuffix(".so") {
      try Files.write(try #require(Files.bytes("\(built)/\(name)")), to: "\(installed)/\(name)")
      chmod("\(installed)/\(name)", 0o700)
    }
    func run(_ arguments: String...) async throws -> RunningTool.Ending {
      try await place.start(arguments + ["--connection", "emulator"], executable: installed + "/snowmaker").wait()
    }
    let planned = try await run("plan", "--out", "p.plan")
    #expect(planned.status == 0, Comment(rawValue: planned.all))
    let library = installed + "/libsnowmaker-pipes.so"
    try Files.write(try #require(Files.bytes(library)) + [0], to: library)
    let refused = try await run("apply", "p.plan", "--yes")
    #expect(refused.status == 1, Comment(rawValue: refused.all))
    #expect(refused.err.contains("the saved plan was made for something else: file of plugin pipes"))
    #expect(try await run("apply", "--yes").status == 0)
  }
}
