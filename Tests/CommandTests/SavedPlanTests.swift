import Glibc
import Testing

/// A saved plan where it was not made: the job that applies is not the job that planned.
struct SavedPlanTests {
  private static func project(_ ledger: String) -> String {
    "project: shop\ndefault_target: dev\ntargets:\n  dev: {connection: emulator}\n  prod: {connection: served\(ledger)}\n"
  }
  private static let resources = """
    warehouses: [{name: w}]
    users: [{name: bi, password: !secret env:BI_PASSWORD}]
    """

  /// Two clones on one account.
  private func clones(_ ledger: String) async throws -> (ServedEmulator, Workplace, Workplace) {
    let files = ["snowmaker.yaml": Self.project(ledger), "a.yml": Self.resources]
    let (one, two) = (try Workplace(files), try Workplace(files))
    let emulator = try await ServedEmulator(for: one)
    try connect(two, port: emulator.port, password: ServedEmulator.password)
    for place in [one, two] { place.set("BI_PASSWORD", "horse-correct-battery-8") }
    return (emulator, one, two)
  }

  @Test(arguments: ["", ", ledger: {account: OPS.SNOWMAKER}"]) func anotherMachineAppliesIt(ledger: String) async throws
  {
    let (emulator, one, two) = try await clones(ledger)
    if !ledger.isEmpty {
      let made = try await one.run("query", "CREATE DATABASE OPS; CREATE SCHEMA OPS.SNOWMAKER", "-c", "served")
      try #require(made.status == 0, Comment(rawValue: made.all))
    }
    let saved = try await one.run("plan", "--target", "prod", "--out", "x.plan")
    #expect(saved.status == 0, Comment(rawValue: saved.all))
    try Files.write(Files.bytes(one.folder + "/x.plan") ?? [], to: two.folder + "/x.plan")
    // Its target is the plan's.
    let applied = try await two.run("apply", "x.plan", "--yes")
    #expect(applied.status == 0 && applied.out.contains("Applied: 2 statements."), Comment(rawValue: applied.all))
    withExtendedLifetime(emulator) {}
  }

  @Test func whatIsPrintedAppliesIt() async throws {
    let place = try Workplace(["infra/a.yml": "warehouses: [{name: '{{ var.name }}'}]\nvars: [{name: name}]"])
    let saved = try await place.run(
      "plan", "infra", "-c", "emulator", "--var", "name=hush", "--out", "my plan")
    let command = "snowmaker apply 'my plan' --project infra --connection emulator and the same --var options\n"
    #expect(saved.status == 0 && saved.err.contains(command), Comment(rawValue: saved.all))
    let applied = try await place.run(
      "apply", "my plan", "--project", "infra", "--connection", "emulator", "--var", "name=hush", "--yes")
    #expect(applied.status == 0, Comment(rawValue: applied.all))
    let other = try await place.run(
      "apply", "my plan", "--project", "infra", "--connection", "emulator", "--var", "name=x", "--yes")
    #expect(
      other.status == 1 && other.err.contains("digest of the configuration and its variables"),
      Comment(rawValue: other.all))
  }
}
