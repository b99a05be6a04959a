import Glibc
import Testing

/// Faults of `snowmaker emulator` that end its process, and a plan of faults that is there from the start.
@Suite struct EmulatorFaultTests {
  /// An emulator with its account in a file and a plan of faults; `served` is the connection to it.
  private func serve(_ place: Workplace, faults: String?) async throws -> RunningTool {
    place.set("EMULATOR_PASSWORD", ServedEmulator.password)
    var arguments = ["emulator", "--password-env", "EMULATOR_PASSWORD", "--data", "account.db"]
    if let faults {
      try place.write("faults.json", faults)
      arguments += ["--faults", "faults.json"]
    }
    let process = try place.start(arguments)
    try await process.wait(for: "Stop it with Ctrl-C")
    let rest = process.output.split(separator: "http://127.0.0.1:", maxSplits: 1)[1]
    let port = try #require(UInt16(rest.prefix { $0.isNumber }))
    try connect(place, port: port, password: ServedEmulator.password)
    return process
  }

  private func roles(_ place: Workplace) async throws -> String {
    let process = try await serve(place, faults: nil)
    defer { process.end() }
    let shown = try await place.run("query", "SHOW ROLES", "-c", "served", "--format", "csv")
    #expect(shown.status == 0, Comment(rawValue: shown.all))
    process.end()
    _ = try await process.wait()
    return shown.out
  }

  @Test(arguments: [("before", false), ("after", true), ("during", true)])
  func aKilledEmulatorHasRunTheStatementOrNot(moment: String, hasRun: Bool) async throws {
    let place = try Workplace()
    let process = try await serve(
      place,
      faults: #"{"faults": [{"kind": "kill", "when": "\#(moment)", "containing": "create role b"}]}"#)
    let client = try place.start(["query", "CREATE ROLE A; CREATE ROLE B; CREATE ROLE C", "-c", "served"])
    let ending = try await process.wait(seconds: 60)
    #expect(ending.status == 128 + SIGKILL)
    client.end()
    _ = try await client.wait()
    let shown = try await roles(place)
    #expect(shown.contains(",A,"))
    #expect(shown.contains(",B,") == hasRun, Comment(rawValue: shown))
    #expect(!shown.contains(",C,"))
  }

  @Test func aPlanOfFaultsThatIsNoneEndsTheStart() async throws {
    let place = try Workplace(["faults.json": #"{"faults": [{"kind": "explode"}]}"#])
    let ending = try await place.run("emulator", "--faults", "faults.json")
    #expect(ending.status == 1)
    #expect(ending.err.contains("faults.json is no plan of faults: no fault is called 'explode'"))
  }
}
