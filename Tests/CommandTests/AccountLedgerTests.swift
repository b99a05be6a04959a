import Glibc
import Testing

/// A ledger in the account: several machines, one memory.
struct AccountLedgerTests {
  private static let project = """
    project: shop
    targets:
      dev: {connection: served, ledger: {account: OPS.SNOWMAKER}}
    """

  /// A served account with a schema for the ledger, and two clones of the project that use it.
  private func clones(_ resources: String) async throws -> (ServedEmulator, Workplace, Workplace) {
    let files = ["snowmaker.yaml": Self.project, "a.yml": resources]
    let (one, two) = (try Workplace(files), try Workplace(files))
    let emulator = try await ServedEmulator(for: one)
    try connect(two, port: emulator.port, password: ServedEmulator.password)
    try await query(one, "CREATE DATABASE OPS; CREATE SCHEMA OPS.SNOWMAKER")
    return (emulator, one, two)
  }

  @discardableResult
  private func query(_ place: Workplace, _ sql: String) async throws -> String {
    let ending = try await place.run("query", sql, "--connection", "served", "--format", "json")
    try #require(ending.status == 0, Comment(rawValue: ending.all))
    return ending.out
  }

  private func applied(_ place: Workplace, _ more: String...) async throws -> RunningTool.Ending {
    let ending = try await place.start(["apply", "--yes"] + more).wait()
    #expect(ending.status == 0, Comment(rawValue: ending.all))
    return ending
  }

  @Test func whatOneCloneAppliedTheOtherKnowsAndMayDrop() async throws {
    let (emulator, one, two) = try await clones("warehouses: [{name: w1, comment: c}, {name: w2}]")
    _ = try await applied(one)
    let same = try await two.run("plan", "--detailed-exitcode", "--verbose")
    #expect(same.status == 0 && !same.out.contains("adopt"), Comment(rawValue: same.all))
    #expect(
      same.out.contains("SHOW FILE FORMATS (ledger)"), "reading the ledger is counted like any other: \(same.all)")

    // Left out in the second clone: dropped there, since the ledger says that snowmaker made it; and unset, likewise.
    try two.write("a.yml", "warehouses: [{name: w1}]")
    let plan = try await two.run("plan", "--format", "sql")
    #expect(plan.out.contains("DROP WAREHOUSE W2;") && plan.out.contains("UNSET COMMENT"), Comment(rawValue: plan.all))
    _ = try await applied(two, "--allow-drop")
    try one.write("a.yml", "warehouses: [{name: w1}]")
    #expect(try await one.run("plan", "--detailed-exitcode").status == 0)

    let list = try await one.run("ledger", "list")
    #expect(list.out.contains("warehouse.W1") && !list.out.contains("W2"), Comment(rawValue: list.all))
    let show = try await one.run("ledger", "show")
    #expect(show.out.contains("OPS.SNOWMAKER (revision 2)"), Comment(rawValue: show.all))
    #expect(show.out.contains("1 resource: 1 created, 0 adopted; 2 applies so far") && show.out.contains("free"))
    // One object holds it all; nothing is left of what went before.
    let objects = try await query(one, "SHOW FILE FORMATS IN SCHEMA OPS.SNOWMAKER")
    #expect(objects.ranges(of: "\"created_on\"").count == 1, Comment(rawValue: objects))
    _ = emulator
  }

  @Test func twoMachinesAtOnceAreKeptApart() async throws {
    let (emulator, one, two) = try await clones("warehouses: [{name: w1}]")
    try emulator.faults(
      #"{"faults": [{"kind": "latency", "milliseconds": 3000, "containing": "CREATE WAREHOUSE W1"}]}"#)
    let first = try one.start(["apply", "--yes"])
    for _ in 0..<1000 {
      if try emulator.log().contains("_LOCK") { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    let second = try await two.run("apply", "--yes", seconds: 60)
    #expect(second.status == 1, Comment(rawValue: second.all))
    #expect(second.err.contains("is locked by SNOWMAKER on") && second.err.contains("process \(first.pid)"))
    #expect(second.err.contains("snowmaker ledger unlock"), Comment(rawValue: second.all))
    #expect(try await first.wait().status == 0)
    #expect(try await two.run("plan", "--detailed-exitcode").status == 0)
  }

  @Test func aRunKilledInTheMiddleIsRecoveredFromTheOtherClone() async throws {
    let (emulator, one, two) = try await clones(RecoveryTests.warehouses)
    try emulator.faults(
      #"{"faults": [{"kind": "latency", "milliseconds": 4000, "containing": "CREATE WAREHOUSE A3", "times": 1}]}"#)
    let killed = try one.start(["apply", "--yes", "--lanes", "1"])
    for _ in 0..<1000 {
      if Files.read(killed.errorFile)?.contains("[2/5]") == true { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    try await Task.sleep(for: .milliseconds(300))
    killed.end(SIGKILL)
    #expect(try await killed.wait().status == 128 + SIGKILL)
    try await Task.sleep(for: .seconds(5))

    // A lock of another machine can only be taken away by somebody who knows that the run is over.
    let objects = try await query(two, "SHOW FILE FORMATS IN SCHEMA OPS.SNOWMAKER")
    let end = try #require(objects.firstRange(of: "_LOCK\"")).lowerBound
    let lock = "OPS.SNOWMAKER.\(objects[..<end].suffix(22))_LOCK"
    try await query(
      two,
      "DROP FILE FORMAT \(lock); CREATE FILE FORMAT \(lock) TYPE = CSV COMMENT = '\(Self.foreignLock)'")
    let refused = try await two.run("apply", "--yes")
    #expect(refused.status == 1, Comment(rawValue: refused.all))
    #expect(refused.err.contains("is locked by CI on runner-7 (process 4711), apply since 1970-01-01 00:00:01 UTC"))
    #expect(try await two.run("ledger", "show").out.contains("held by CI on runner-7"))
    #expect(try await two.run("ledger", "unlock").status == 1, "without a terminal it does not guess")
    let unlocked = try await two.run("ledger", "unlock", "--yes")
    #expect(unlocked.status == 0 && unlocked.err.contains("taken away"), Comment(rawValue: unlocked.all))

    let resumed = try await applied(two)
    #expect(resumed.err.contains("did not finish: it was about to change 5 resources"), Comment(rawValue: resumed.all))
    #expect(resumed.out.contains("= warehouse A3  # made by the apply on"), Comment(rawValue: resumed.all))
    #expect(resumed.out.contains("Applied: 2 statements."))
    let log = try emulator.log()
    for number in 1...5 {
      #expect(log.ranges(of: "CREATE WAREHOUSE A\(number)").count == 1, "A\(number) was created more than once")
    }
    // What the killed run made is snowmaker's own: it is dropped when it leaves. On the first machine, too.
    try one.edit("a.yml", "{name: a3}, ", "")
    let plan = try await one.run("plan", "--format", "sql")
    #expect(plan.out.contains("DROP WAREHOUSE A3;"), Comment(rawValue: plan.all))
  }

  private static let foreignLock =
    #"{"snowmaker": "lock", "holder": {"id": "1", "user": "CI", "host": "runner-7", "machine": "m", "pid": 4711, "#
    + #""since": 1000, "purpose": "apply"}}"#

  @Test func aRunKilledHereIsContinuedHereWithoutBreakingALock() async throws {
    let (emulator, one, _) = try await clones(RecoveryTests.warehouses)
    try emulator.faults(
      #"{"faults": [{"kind": "latency", "milliseconds": 3000, "containing": "CREATE WAREHOUSE A2", "times": 1}]}"#)
    let killed = try one.start(["apply", "--yes", "--lanes", "1"])
    for _ in 0..<1000 {
      if Files.read(killed.errorFile)?.contains("[1/5]") == true { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    try await Task.sleep(for: .milliseconds(300))
    killed.end(SIGKILL)
    _ = try await killed.wait()
    try await Task.sleep(for: .seconds(4))
    let resumed = try await applied(one)
    #expect(resumed.err.contains("did not finish: 1 of 5 statements were done"), Comment(rawValue: resumed.all))
    #expect(resumed.out.contains("Applied: 3 statements."), Comment(rawValue: resumed.all))
    #expect(try await one.run("plan", "--detailed-exitcode").status == 0)
  }

  @Test func secretsAreComparedWithAKeyThatIsNotInTheAccount() async throws {
    let users = "users: [{name: loader, password: !secret env:LOADER_PASSWORD}]"
    let (emulator, one, two) = try await clones(users)
    for place in [one, two] {
      place.set("LOADER_PASSWORD", "Tr0ub4dor-and-3-more")
      place.set("SNOWMAKER_LEDGER_KEY", "a key of more than sixteen bytes")
    }
    _ = try await applied(one)
    #expect(try await two.run("plan", "--detailed-exitcode").status == 0, "the other clone has the key")
    let stored = try await query(one, "SHOW FILE FORMATS IN SCHEMA OPS.SNOWMAKER")
    #expect(!stored.contains("Tr0ub4dor") && !stored.contains("more than sixteen"))
    two.set("LOADER_PASSWORD", "Another-0ne-entirely")
    let changed = try await two.run("plan", "--format", "sql")
    #expect(changed.out.contains("ALTER USER LOADER SET PASSWORD"), Comment(rawValue: changed.all))
    // Without the key nothing can be told: it is sent again, and that is said.
    two.set("LOADER_PASSWORD", "Tr0ub4dor-and-3-more")
    two.set("SNOWMAKER_LEDGER_KEY", nil)
    let blind = try await two.run("plan", "--detailed-exitcode")
    #expect(blind.status == 2 && blind.all.contains("no key for them was given"), Comment(rawValue: blind.all))
    two.set("SNOWMAKER_LEDGER_KEY", "short")
    let short = try await two.run("plan")
    #expect(short.status == 1 && short.err.contains("shorter than 16 bytes"), Comment(rawValue: short.all))
    _ = emulator
  }

  @Test func aLedgerMovesIntoTheAccountAndBackAndForgetsWhatItIsTold() async throws {
    let (emulator, one, two) = try await clones("warehouses: [{name: w1}, {name: w2}]")
    let local = "project: shop\ntargets: {dev: {connection: served}}\n"
    try one.write("snowmaker.yaml", local)
    _ = try await applied(one)
    let nowhere = try await one.run("ledger", "move", "--to", "account")
    #expect(nowhere.status == 1 && nowhere.err.contains("names no schema"), Comment(rawValue: nowhere.all))
    try one.write("snowmaker.yaml", Self.project)
    let moved = try await one.run("ledger", "move", "--to", "account")
    #expect(moved.status == 0 && moved.err.contains("2 entries moved."), Comment(rawValue: moved.all))
    let same = try await two.run("plan", "--detailed-exitcode")
    #expect(same.status == 0 && !same.out.contains("adopt"), Comment(rawValue: same.all))

    let typo = try await two.run("ledger", "forget", "warehouse.W3", "--yes")
    #expect(typo.status == 1 && typo.err.contains("Did you mean 'warehouse.W"), Comment(rawValue: typo.all))
    #expect(try await two.run("ledger", "forget", "warehouse:w2", "--yes").status == 0)
    try one.write("a.yml", "warehouses: [{name: w1}]")
    let plan = try await one.run("plan", "--detailed-exitcode")
    #expect(plan.status == 0, "what is forgotten is nobody's: \(plan.all)")

    #expect(try await one.run("ledger", "move", "--to", "local").status == 0)
    try one.write("snowmaker.yaml", local)
    let back = try await one.run("ledger", "show", "warehouse.W1")
    #expect(back.out.contains(#""origin": "created""#), Comment(rawValue: back.all))
    _ = emulator
  }

  @Test func aSchemaThatIsNotThereIsAnErrorWithTheCure() async throws {
    let (emulator, one, _) = try await clones("warehouses: [{name: w1}]")
    try one.write("snowmaker.yaml", Self.project.replacing("OPS.SNOWMAKER", with: "OPS.OTHER"))
    let plan = try await one.run("plan")
    #expect(
      plan.status == 1 && plan.err.contains("the ledger in OPS.OTHER cannot be read"), Comment(rawValue: plan.all))
    #expect(plan.err.contains("CREATE FILE FORMAT ON SCHEMA OPS.OTHER"))
    try one.write("snowmaker.yaml", Self.project.replacing("OPS.SNOWMAKER", with: "SNOWMAKER"))
    let name = try await one.run("validate")
    #expect(name.status == 1 && name.err.contains("DATABASE.SCHEMA"), Comment(rawValue: name.all))
    try one.write(
      "snowmaker.yaml", Self.project.replacing("OPS.SNOWMAKER", with: "OPS.SNOWMAKER, key: in-the-open-and-long"))
    let key = try await one.run("validate")
    #expect(key.status == 1 && key.err.contains("!secret env:NAME"), Comment(rawValue: key.all))
    _ = emulator
  }
}
