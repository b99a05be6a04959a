import SnowmakerModel
import Testing

/// What `apply` and `connection` answer to programs: one document on standard output, whatever happens, and the rest on
/// standard error.
struct MachineFormatTests {
  private static let resources = """
    warehouses: [{name: a}, {name: b, comment: c}]
    roles: [{name: r}]

    """

  private static func document(
    _ ending: RunningTool.Ending, _ location: SourceLocation = #_sourceLocation
  ) throws -> Value {
    do { return try JSON.decode(Array(ending.out.utf8)) } catch {
      Issue.record("\(error): \(ending.all)", sourceLocation: location)
      throw error
    }
  }

  private static func strings(_ list: Value, _ key: String) -> [String] { list.list.map { $0[key].string ?? "" } }

  @Test func whatWasDoneIsListedStatementByStatement() async throws {
    let place = try Workplace(["a.yml": Self.resources])
    let ending = try await place.apply("--format", "json", "--lanes", "1")
    let report = try Self.document(ending)
    #expect(report["format"] == "snowmaker-apply" && report["version"] == 1 && report["status"] == "applied")
    #expect(report["exit_code"] == 0 && report["run"].string?.isEmpty == false)
    #expect(
      report["summary"]["statements"] == ["planned": 3, "done": 3, "failed": 0, "not_started": 0],
      Comment(rawValue: ending.out))
    #expect(report["summary"]["resources"]["create"] == 3)
    #expect(Self.strings(report["statements"], "state") == ["done", "done", "done"])
    #expect(
      report["statements"].list.contains {
        $0["sql"] == "CREATE WAREHOUSE B COMMENT = 'c'" && $0["role"] == "SYSADMIN"
      })
    for statement in report["statements"].list {
      #expect(statement["query_id"].string?.count == 36)
      guard case .double? = statement.find("seconds") else {
        Issue.record("no seconds: \(statement)")
        continue
      }
    }
    #expect(report["plan"]["format"] == "snowmaker-plan-view" && report["plan"]["steps"].list.count == 3)
    // What people read is on standard error.
    #expect(ending.err.contains("+ warehouse B") && ending.err.contains("Applied: 3 statements."))
    let again = try Self.document(try await place.apply("--format", "json", "--quiet"))
    #expect(again["status"] == "nothing-to-do" && again["run"] == nil && again["statements"].list.isEmpty)
  }

  @Test func whatFailedAndWhatWasNotStartedIsToldWithItsCode() async throws {
    let place = try Workplace(["a.yml": "databases: [{name: d, schemas: [{name: s}]}]\nroles: [{name: r}]\n"])
    let emulator = try await ServedEmulator(for: place)
    try emulator.faults(
      #"{"faults": [{"kind": "fail", "code": "003001", "message": "No.", "containing": "CREATE DATABASE", "times": 9}]}"#
    )
    let ending = try await place.run("apply", "--yes", "--lanes", "1", "--connection", "served", "--format", "json")
    #expect(ending.status == 1, Comment(rawValue: ending.all))
    let report = try Self.document(ending)
    #expect(report["status"] == "incomplete" && report["exit_code"] == 1, Comment(rawValue: ending.out))
    let failed = report["statements"].list.filter { $0["state"] == "failed" }
    #expect(failed.count == 1 && failed[0]["sql"] == "CREATE DATABASE D")
    #expect(failed.first?["error"]["kind"] == "failed" && failed.first?["error"]["code"] == "003001")
    #expect(report["statements"].list.contains { $0["state"] == "not_started" && $0["sql"] == "CREATE SCHEMA D.S" })
    let told = report["diagnostics"].list.first { $0["code"] == "statement-failed" }
    #expect(told?["position"]["line"] == 1, Comment(rawValue: ending.out))
    #expect(ending.err.contains("Apply stopped:"))
  }

  @Test func whatKeepsItFromBeginningIsADocumentToo() async throws {
    let place = try Workplace(["a.yml": Self.resources])
    try await place.apply()
    try place.write("a.yml", "warehouses: [{name: a}]\n")
    let refused = try await place.on("apply", "--yes", "--format", "json")
    let report = try Self.document(refused)
    #expect(refused.status == 1 && report["status"] == "refused" && report["run"] == nil)
    #expect(Self.strings(report["diagnostics"], "code").contains("drop-not-allowed"), Comment(rawValue: refused.out))
    #expect(Set(Self.strings(report["statements"], "state")) == ["not_started"])
    let unasked = try await place.on("apply", "--format", "json")
    #expect(Self.strings(try Self.document(unasked)["diagnostics"], "code") == ["no-terminal"])
    try place.write("a.yml", "warehousess: [{name: a}]\n")
    let wrong = try Self.document(try await place.on("apply", "--yes", "--format", "json"))
    #expect(wrong["status"] == "refused" && wrong["plan"] == nil && wrong["diagnostics"].list.count == 1)
    let nowhere = try Self.document(
      try await place.run("apply", "--yes", "--format", "json", "--connection", "nowhere"))
    #expect(nowhere["status"] == "refused")
    let usage = try await place.on("apply", "--format", "yaml")
    #expect(usage.status == 64 && usage.out.isEmpty)
  }

  @Test func theFileThatAnAnswerGoesToIsInThePlan() async throws {
    let place = try Workplace([
      "a.yml": """
      users: [{name: u, type: SERVICE}]
      programmatic_access_tokens: [{user: u, name: t, secret_file: out.token, days_to_expiry: 30}]

      """
    ])
    let ending = try await place.on("plan", "--format", "json")
    let steps = try Self.document(ending)["steps"].list
    #expect(
      steps.contains { $0["keeps"] == ["column": "token_secret", "file": "out.token"] }, Comment(rawValue: ending.all))
  }

  @Test func connectionsAreDocumentsToo() async throws {
    let place = try Workplace()
    place.set("CI_PASSWORD", "a password 1")
    place.set("SNOWMAKER_PASSPHRASE", "a passphrase 2")
    let added = try await place.run(
      "connection", "add", "prod", "--account", "acme-prod", "--user", "ci", "--secret", "password=CI_PASSWORD",
      "--format", "json")
    #expect(try Self.document(added)["added"] == "prod", Comment(rawValue: added.all))
    let list = try Self.document(try await place.run("connection", "list", "--format", "json"))
    #expect(Self.strings(list["connections"], "name") == ["prod"])
    let show = try await place.run("connection", "show", "prod", "--format", "json")
    let shown = try Self.document(show)
    #expect(shown["url"] == "https://acme-prod.snowflakecomputing.com" && !show.all.contains("a password 1"))
    #expect(shown["settings"].list.contains { $0["setting"] == "password" && $0["value"] == "***" })
    let missing = try await place.run("connection", "show", "nowhere", "--format", "json")
    #expect(missing.status == 1)
    #expect(Self.strings(try Self.document(missing)["diagnostics"], "code") == ["connection"])
    let removed = try Self.document(try await place.run("connection", "remove", "prod", "--format", "json"))
    #expect(removed["removed"] == "prod")
  }

  @Test func aConnectionIsTriedAsTheRoleThatIsNamed() async throws {
    let place = try Workplace()
    let emulator = try await ServedEmulator(for: place)
    let ending = try await place.run("connection", "test", "served", "--role", "useradmin", "--format", "json")
    let report = try Self.document(ending)
    #expect(ending.status == 0 && report["works"] == true, Comment(rawValue: ending.all))
    #expect(
      report["steps"].list.contains { $0["text"].string?.contains("USERADMIN") == true }, Comment(rawValue: ending.all))
    let text = try await place.run("connection", "test", "served", "--role", "useradmin")
    #expect(text.out.contains("USERADMIN"), Comment(rawValue: text.all))
    let wrong = try await place.run("connection", "test", "served", "--role", "nobody", "--format", "json")
    #expect(wrong.status == 1, Comment(rawValue: wrong.all))
    #expect(try Self.document(wrong)["steps"].list.contains { $0["outcome"] == "failed" })
    withExtendedLifetime(emulator) {}
  }
}
