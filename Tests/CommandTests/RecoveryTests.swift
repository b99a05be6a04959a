import Glibc
import Testing

/// Killed, cut off, refused: what happens to an apply when the world does not play along.
struct RecoveryTests {
  static let warehouses = "warehouses: [{name: a1}, {name: a2}, {name: a3}, {name: a4}, {name: a5}]\n"

  @Test func anApplyThatWasKilledIsContinuedAndRepeatsNothing() async throws {
    let place = try Workplace(["a.yml": Self.warehouses])
    let emulator = try await ServedEmulator(for: place)
    try emulator.faults(
      #"{"faults": [{"kind": "latency", "milliseconds": 8000, "containing": "CREATE WAREHOUSE A3", "times": 1}]}"#)
    let killed = try place.start(["apply", "--yes", "--lanes", "1", "--connection", "served"])
    for _ in 0..<1000 {
      if Files.read(killed.errorFile)?.contains("[2/5]") == true { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    try await Task.sleep(for: .milliseconds(300))
    killed.end(SIGKILL)
    #expect(try await killed.wait().status == 128 + SIGKILL)
    try await Task.sleep(for: .seconds(9))

    let resumed = try await place.run("apply", "--yes", "--connection", "served")
    #expect(resumed.status == 0, Comment(rawValue: resumed.all))
    #expect(resumed.err.contains("did not finish: 2 of 5 statements were done"), Comment(rawValue: resumed.all))
    #expect(resumed.err.contains("sent without an answer: CREATE WAREHOUSE A3"))
    #expect(resumed.out.contains("= warehouse A3  # made by the apply that was interrupted"))
    #expect(resumed.out.contains("Applied: 2 statements."))
    let log = try emulator.log()
    for number in 1...5 {
      #expect(log.ranges(of: "CREATE WAREHOUSE A\(number)").count == 1, "A\(number) was created more than once")
    }
    #expect(try await place.run("plan", "--connection", "served", "--detailed-exitcode").status == 0)
    // What the interrupted apply made is managed, not adopted: it is dropped when it leaves.
    try place.edit("a.yml", "{name: a3}, ", "")
    let plan = try await place.run("plan", "--connection", "served", "--format", "sql")
    #expect(plan.out.contains("DROP WAREHOUSE A3;"), Comment(rawValue: plan.all))
  }

  @Test func aLostAnswerIsNotSentAgainBlindly() async throws {
    let place = try Workplace(["a.yml": "warehouses: [{name: lost}]"])
    let emulator = try await ServedEmulator(for: place)
    try emulator.faults(#"{"faults": [{"kind": "lose_answer", "containing": "CREATE WAREHOUSE", "times": 9}]}"#)
    let cut = try await place.run("apply", "--yes", "--connection", "served")
    #expect(cut.status == 1, Comment(rawValue: cut.all))
    #expect(cut.err.contains("No answer came: it may or may not have run."), Comment(rawValue: cut.all))
    #expect(cut.err.contains("0 of 1 statement done, 1 failed, 0 not started."))
    try emulator.faults("{}")
    let again = try await place.run("apply", "--yes", "--connection", "served")
    #expect(again.status == 0, Comment(rawValue: again.all))
    #expect(again.out.contains("# made by the apply that was interrupted"))
  }

  @Test func aGrantWhoseAnswerWasLostIsSnowmakersOwn() async throws {
    let place = try Workplace([
      "a.yml": "warehouses: [{name: w}]\nroles: [{name: r}]\ngrants: [{priv: USAGE, on_warehouse: w, to_role: r}]\n"
    ])
    let emulator = try await ServedEmulator(for: place)
    try emulator.faults(#"{"faults": [{"kind": "lose_answer", "containing": "GRANT USAGE", "times": 9}]}"#)
    #expect(try await place.run("apply", "--yes", "--connection", "served").status == 1)
    try emulator.faults("{}")
    let again = try await place.run("apply", "--yes", "--connection", "served")
    #expect(again.status == 0 && again.out.contains("made by the apply that was interrupted"), "\(again.all)")
    try place.write("a.yml", "warehouses: [{name: w}]\nroles: [{name: r}]\n")
    let plan = try await place.run("plan", "--connection", "served", "--format", "sql")
    #expect(plan.out.contains("REVOKE USAGE ON WAREHOUSE W FROM ROLE R;"), Comment(rawValue: plan.all))
  }

  @Test func aRenameWhoseAnswerWasLostKeepsWhatIsBeneath() async throws {
    func resources(_ database: String, _ schema: String, _ role: String, _ names: String) -> String {
      """
      roles: [{name: \(role)}]
      databases: [{name: \(database), schemas: [{name: \(schema)}, {name: t}]}]
      stages: [{name: f, database: \(names), schema: s\(schema.contains("s2") ? "2" : "")}]
      grants:
        - {priv: USAGE, on_database: \(names), to_role: r\(role.contains("r2") ? "2" : "")}
        - {priv: USAGE, on: ALL SCHEMAS IN DATABASE \(names), to_role: r\(role.contains("r2") ? "2" : "")}
      """
    }
    let place = try Workplace(["a.yml": resources("d", "s", "r", "d")])
    let emulator = try await ServedEmulator(for: place)
    let first = try await place.run("apply", "--yes", "--connection", "served")
    try #require(first.status == 0, Comment(rawValue: first.all))
    try place.write("a.yml", resources("e, renamed_from: d", "s2, renamed_from: s", "r2, renamed_from: r", "e"))
    // One rename after the other takes place without snowmaker learning of it.
    for lost in ["ALTER DATABASE", "ALTER SCHEMA", "ALTER ROLE"] {
      try emulator.faults(#"{"faults": [{"kind": "lose_answer", "containing": "\#(lost)", "times": 9}]}"#)
      _ = try await place.run("apply", "--yes", "--connection", "served", "--lanes", "1")
    }
    try emulator.faults("{}")
    let last = try await place.run("apply", "--yes", "--connection", "served")
    #expect(last.status == 0 && !last.out.contains("to adopt"), Comment(rawValue: last.all))
    let log = try emulator.log()
    #expect(log.contains("ALTER DATABASE D RENAME TO E") && log.contains("ALTER SCHEMA E.S RENAME TO E.S2"))
    #expect(try await place.run("plan", "--connection", "served", "--detailed-exitcode").status == 0)
    try place.write("a.yml", "warehouses: []\n")
    let leaving = try await place.run("plan", "--connection", "served")
    #expect(leaving.out.contains("DROP DATABASE E;") && leaving.out.contains("DROP ROLE R2;"), "\(leaving.all)")
    #expect(leaving.out.contains("takes along stage E.S2.F") && !leaving.out.contains("was adopted"))
  }

  @Test func aFailureStopsWhatFollowsAndSaysWhatWasDone() async throws {
    let place = try Workplace(["a.yml": Self.warehouses])
    let emulator = try await ServedEmulator(for: place)
    try emulator.faults(
      """
      {"faults": [{"kind": "fail", "code": "000606", "sql_state": "57P03", "message": "Something is off.",
        "containing": "CREATE WAREHOUSE A3"}]}
      """)
    let failed = try await place.run("apply", "--yes", "--lanes", "1", "--connection", "served")
    #expect(failed.status == 1)
    #expect(failed.err.contains("000606: Something is off."), Comment(rawValue: failed.all))
    #expect(failed.err.contains("2 of 5 statements done, 1 failed, 2 not started."))
    #expect(failed.err.contains("not started: CREATE WAREHOUSE A5"))
    #expect(try await place.run("apply", "--yes", "--connection", "served").out.contains("Applied: 3 statements."))
  }

  @Test func aWrongPasswordIsSaidSo() async throws {
    let place = try Workplace(["a.yml": Self.warehouses])
    let emulator = try await ServedEmulator(for: place)
    try connect(place, port: emulator.port, password: "not-the-right-one-3")
    let refused = try await place.run("plan", "--connection", "served", seconds: 30)
    #expect(refused.status == 1)
    #expect(refused.err.contains("Incorrect username or password"), Comment(rawValue: refused.all))
    #expect(!refused.all.contains("not-the-right-one-3"))
  }

  @Test func noServerAndNoConnectionAreErrorsNotHangs() async throws {
    let place = try Workplace(["a.yml": Self.warehouses])
    let nothing = try await place.run("plan", seconds: 30)
    #expect(nothing.status == 1 && nothing.err.contains("--connection emulator"), Comment(rawValue: nothing.all))
    try connect(place, port: 1, password: "whatever-it-is-9")
    let refused = try await place.run("plan", "--connection", "served", seconds: 60)
    #expect(refused.status == 1 && refused.err.contains("127.0.0.1:1"), Comment(rawValue: refused.all))
    let unknown = try await place.run("plan", "--connection", "serve", seconds: 30)
    #expect(unknown.status == 1 && unknown.err.contains("serve"), Comment(rawValue: unknown.all))
  }

  @Test func twoAppliesAtOnceAreKeptApart() async throws {
    let place = try Workplace(["a.yml": Self.warehouses])
    let emulator = try await ServedEmulator(for: place)
    try emulator.faults(
      #"{"faults": [{"kind": "latency", "milliseconds": 2000, "containing": "CREATE WAREHOUSE A1"}]}"#)
    let first = try place.start(["apply", "--yes", "--connection", "served"])
    for _ in 0..<1000 {
      if Files.read(first.errorFile)?.contains("/5]") == true { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    let second = try await place.run("apply", "--yes", "--connection", "served", seconds: 60)
    #expect(second.status == 1 && second.err.contains("\(first.pid)"), Comment(rawValue: second.all))
    #expect(try await first.wait().status == 0)
  }

  /// A user whose new password got no answer: the account shows no passwords.
  private func unansweredPassword(_ place: Workplace) async throws -> ServedEmulator {
    let emulator = try await ServedEmulator(for: place)
    place.set("P", "The-first-0ne")
    #expect(try await place.run("apply", "--yes", "--connection", "served").status == 0)
    place.set("P", "The-second-0ne")
    try emulator.faults(#"{"faults": [{"kind": "lose_answer", "containing": "SET PASSWORD", "times": 9}]}"#)
    let cut = try await place.run("apply", "--yes", "--connection", "served")
    #expect(cut.status == 1 && cut.err.contains("No answer came"), Comment(rawValue: cut.all))
    return emulator
  }

  @Test func whatCannotBeComparedIsLookedUpInTheQueryHistory() async throws {
    let place = try Workplace(["a.yml": "users: [{name: loader, password: !secret env:P}]"])
    let emulator = try await unansweredPassword(place)
    try emulator.faults("{}")
    let again = try await place.run("apply", "--yes", "--connection", "served")
    #expect(again.status == 0, Comment(rawValue: again.all))
    #expect(again.err.contains("ran, says the query history"), Comment(rawValue: again.all))
    #expect(!again.all.contains("second-0ne"))
    // It is asked only when there is such a statement.
    let log = try emulator.log()
    #expect(log.ranges(of: "INFORMATION_SCHEMA.QUERY_HISTORY").count == 1, Comment(rawValue: log))
  }

  @Test func whatNobodyCanTellIsAQuestion() async throws {
    let place = try Workplace(["a.yml": "users: [{name: loader, password: !secret env:P}]"])
    let emulator = try await unansweredPassword(place)
    let faults =
      #"{"faults": [{"kind": "fail", "code": "000606", "sql_state": "57P03", "message": "No active warehouse", "#
      + #""containing": "QUERY_HISTORY", "times": 9}]}"#
    try emulator.faults(faults)
    let asked = try await place.run("apply", "--yes", "--connection", "served")
    #expect(asked.status == 1, Comment(rawValue: asked.all))
    #expect(asked.err.contains("nobody can tell") && asked.err.contains("No active warehouse"))
    #expect(asked.err.contains("--resend-unanswered") && asked.err.contains("ALTER USER LOADER SET PASSWORD"))
    let again = try await place.run("apply", "--yes", "--resend-unanswered", "--connection", "served")
    #expect(again.status == 0 && again.out.contains("Applied: 1 statement."), Comment(rawValue: again.all))
    #expect(try await place.run("plan", "--detailed-exitcode", "--connection", "served").status == 0)
  }

  @Test func aServerThatClosesInTheMiddleOfAnAnswerIsAnErrorNotAHang() async throws {
    let place = try Workplace(["a.yml": Self.warehouses])
    let emulator = try await ServedEmulator(for: place)
    try emulator.faults(#"{"faults": [{"kind": "truncate", "containing": "SHOW WAREHOUSES", "times": 1}]}"#)
    let retried = try await place.run("plan", "--connection", "served", seconds: 60)
    #expect(retried.status == 0, "reading is repeated: \(retried.all)")
    try emulator.faults(#"{"faults": [{"kind": "truncate", "containing": "CREATE WAREHOUSE A1", "times": 99}]}"#)
    let cut = try await place.run("apply", "--yes", "--lanes", "1", "--connection", "served", seconds: 120)
    #expect(cut.status == 1 && cut.err.contains("0 of 5 statements done, 1 failed"), Comment(rawValue: cut.all))
    try emulator.faults("{}")
    #expect(try await place.run("apply", "--yes", "--connection", "served").status == 0)
    #expect(try emulator.log().ranges(of: "CREATE WAREHOUSE A1").count >= 1)
  }
}
