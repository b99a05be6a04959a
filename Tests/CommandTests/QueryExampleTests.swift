import Glibc
import Testing

/// The example of docs/examples/query-library, which is built with everything else, against an account.
struct QueryExampleTests {
  @Test func theExampleOfTheLibraryWorks() async throws {
    let place = try Workplace()
    let emulator = try await ServedEmulator(for: place, "--chunk-rows", "10000")
    let folder = RunningTool.executable.split(separator: "/").dropLast().joined(separator: "/")
    let example = try RunningTool(
      ["served"], folder: place.folder, environment: ["HOME": place.root + "/home", "PATH": "/usr/bin:/bin"],
      input: nil,
      name: "example", executable: "/\(folder)/QueryExample")
    let ending = try await example.wait()
    #expect(ending.status == 0, Comment(rawValue: ending.all))
    let lines = ending.out.split(separator: "\n")
    #expect(lines.first == "SNOWMAKER bound 42", Comment(rawValue: ending.all))
    #expect(lines.contains("the numbers add up to 4999950000"))
    #expect(lines.contains { $0.hasPrefix("refused with 001003") && $0.hasSuffix("may have run: false") })
    #expect(lines.last?.contains(" roles, ") == true)
    withExtendedLifetime(emulator) {}
  }
}
