import Glibc
import SnowmakerModel
import Testing

/// `snowmaker emulator calibrate`, tried on two emulators: a served one stands for the account.
@Suite struct CalibrateTests {
  private func report(_ place: Workplace) throws -> Value {
    try JSON.decode(try #require(Files.bytes(place.folder + "/report.json")))
  }

  /// What is left of a run in the account: names of the kinds that it creates.
  private func leftovers(_ place: Workplace) async throws -> [String] {
    var names: [String] = []
    for kind in ["ROLES", "DATABASES", "WAREHOUSES"] {
      let shown = try await place.run(
        "query", "SHOW \(kind) LIKE 'SNOWMAKER_CAL%'", "-c", "served", "--format", "jsonl")
      #expect(shown.status == 0, Comment(rawValue: shown.all))
      names += shown.out.split(separator: "\n").map(String.init)
    }
    return names
  }

  @Test func twoEqualEmulatorsAnswerAlike() async throws {
    let place = try Workplace()
    let served = try await ServedEmulator(for: place)
    let run = try await place.run("emulator", "calibrate", "-c", "served", "--yes", "--out", "report.json")
    #expect(run.status == 0, Comment(rawValue: run.all))
    #expect(run.err.contains("never resumed"))
    let report = try report(place)
    #expect(report["differing"] == [], Comment(rawValue: run.out))
    #expect(report["statements"] == report["corpus"])
    #expect(try #require(report["statements"].int) > 400)
    #expect(run.out.contains("0 answered differently"))
    #expect(try await leftovers(place) == [])
    // It did ask the account: every statement of the corpus, and names of its own only.
    #expect(try served.log().contains("CREATE DATABASE \(try #require(report["prefix"].string))_DB COMMENT"))
  }

  @Test func everyDifferenceIsReportedAndNothingElse() async throws {
    let place = try Workplace()
    let served = try await ServedEmulator(for: place)
    // The account calls a column otherwise, lacks one, has another type and other values, fails otherwise, and lets
    // pass what the emulator refuses.
    try served.faults(
      """
      {"faults": [
        {"kind": "rewrite", "containing": "show terse databases", "column": "kind", "rename": "sort"},
        {"kind": "rewrite", "containing": "show file formats", "column": "owner_role_type", "drop": true},
        {"kind": "rewrite", "containing": "show stages like", "column": "comment", "type": "variant"},
        {"kind": "rewrite", "containing": "show sequences", "column": "comment", "value": "other"},
        {"kind": "rewrite", "containing": "describe warehouse", "skip": 1, "code": "002099", "sql_state": "0200X",
         "message": "Gone."},
        {"kind": "fail", "containing": "desc view", "code": "003001", "sql_state": "42501", "message": "No."}
      ]}
      """)
    let run = try await place.run(
      "emulator", "calibrate", "-c", "served", "--yes", "--out", "report.json", "--detailed-exitcode")
    #expect(run.status == 2, Comment(rawValue: run.all))
    let found = try report(place)["differing"].list.flatMap { entry in
      entry["differences"].list.map { difference in
        [entry["statement"], difference["kind"], difference["column"], difference["account"], difference["emulator"]]
          .map { $0.string ?? "-" }
      }
    }
    let missing = "SQL compilation error:\nWarehouse '<prefix>_NONE' does not exist or not authorized."
    #expect(
      found == [
        ["SHOW TERSE DATABASES LIKE '{p}%'", "column", "sort", "there", "missing"],
        ["SHOW TERSE DATABASES LIKE '{p}%'", "column", "kind", "missing", "there"],
        ["DESC VIEW {p}_DB.S.VS", "outcome", "-", "failed: 003001 (42501) No.", "succeeded with 1 rows"],
        ["SHOW STAGES LIKE 'stg2' IN SCHEMA {p}_DB.S", "type", "comment", "variant", "text"],
        ["SHOW FILE FORMATS IN SCHEMA {p}_DB.S", "column", "owner_role_type", "missing", "there"],
        ["SHOW SEQUENCES IN SCHEMA {p}_DB.S", "value", "comment", "'other' in row Q <prefix>_DB S", "'a sequence'"],
        ["DESCRIBE WAREHOUSE {p}_NONE", "code", "-", "002099", "002003"],
        ["DESCRIBE WAREHOUSE {p}_NONE", "sql_state", "-", "0200X", "02000"],
        ["DESCRIBE WAREHOUSE {p}_NONE", "text", "-", "Gone.", missing],
      ], Comment(rawValue: run.out))
    #expect(try await leftovers(place) == [])
  }

  @Test func ctrlCDropsWhatWasCreated() async throws {
    let place = try Workplace()
    let served = try await ServedEmulator(for: place)
    // Amid the tables the account gets slow.
    try served.faults(
      #"{"faults": [{"kind": "latency", "containing": "desc table", "milliseconds": 30000}]}"#)
    let run = try place.start(["emulator", "calibrate", "-c", "served", "--yes"])
    for _ in 0..<3000 {
      if try await leftoversExist(served) { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    run.end(SIGINT)
    let ending = try await run.wait(seconds: 20)
    #expect(ending.status == 130, Comment(rawValue: ending.all))
    #expect(ending.out.contains("Ended early: it was stopped"))
    try served.faults(#"{"faults": []}"#)
    #expect(try await leftovers(place) == [])
  }

  /// Whether the slow statement was reached: everything before it is in the log.
  private func leftoversExist(_ served: ServedEmulator) async throws -> Bool {
    try served.log().contains("SHOW IMPORTED KEYS")
  }

  @Test func withoutAYesNothingIsTouched() async throws {
    let place = try Workplace()
    let served = try await ServedEmulator(for: place)
    let run = try await place.run("emulator", "calibrate", "-c", "served")
    #expect(run.status == 1)
    #expect(run.err.contains("--yes"))
    #expect(!(try served.log()).contains("CREATE"))
    let itself = try await place.run("emulator", "calibrate", "-c", "emulator", "--yes")
    #expect(itself.status == 1)
    #expect(itself.err.contains("Name a connection"))
  }

  @Test func aRoleThatMayTooLittleEndsIt() async throws {
    let place = try Workplace()
    let served = try await ServedEmulator(for: place)
    _ = served
    let made = try await place.run(
      "query", "CREATE ROLE WEAK; GRANT ROLE WEAK TO USER SNOWMAKER", "-c", "served", "--role", "ACCOUNTADMIN")
    #expect(made.status == 0, Comment(rawValue: made.all))
    let run = try await place.run("emulator", "calibrate", "-c", "served", "--role", "WEAK", "--yes")
    #expect(run.status == 1)
    #expect(run.out.contains("Ended early: role WEAK may not run: CREATE DATABASE"), Comment(rawValue: run.all))
  }

  @Test func leftoversOfADeadRunAreDroppedByTheirPrefix() async throws {
    let place = try Workplace()
    let served = try await ServedEmulator(for: place)
    _ = served
    let prefix = "SNOWMAKER_CAL_0123ABCD"
    let made = try await place.run(
      "query",
      "CREATE ROLE \(prefix)_A; CREATE DATABASE \"\(prefix)_db x\"; GRANT OWNERSHIP ON DATABASE \"\(prefix)_db x\" TO "
        + "ROLE \(prefix)_A; CREATE ROLE SNOWMAKER_CAL_0123ABCX; CREATE WAREHOUSE \(prefix)_W", "-c", "served")
    #expect(made.status == 0, Comment(rawValue: made.all))
    let wrong = try await place.run(
      "emulator", "calibrate", "-c", "served", "--drop-leftovers", "SNOWMAKER_CAL_")
    #expect(wrong.status == 1)
    let run = try await place.run("emulator", "calibrate", "-c", "served", "--drop-leftovers", prefix)
    #expect(run.status == 0, Comment(rawValue: run.all))
    let left = try await leftovers(place)
    #expect(left.count == 1 && left[0].contains("0123ABCX"))
  }
}
