import Glibc
import PluginHost
import Programs
import Snowmaker
import SnowmakerModel

/// Loading the bundled plugins, and many small ones. Each run is a process of its own, since a plugin stays loaded.
enum LoadingBenchmarks {
  /// What the benchmark passes itself to load the plugins of a folder and print the milliseconds.
  static let argument = "--load-plugins"
  /// The folder that stands for the plugins beside the executable.
  private static let bundled = "bundled"
  private static let count = 50
  private static let runs = 21

  static func run(_ report: inout BenchmarkReport) throws {
    try measure("the bundled plugins", bundled, &report)
    let folder = try makePlugins()
    defer { remove(folder) }
    try measure("\(count) small C plugins", folder, &report)
  }

  private static func measure(_ what: String, _ folder: String, _ report: inout BenchmarkReport) throws {
    var costs: [Double] = []
    for _ in 0..<runs {
      let result = try Program.run("/proc/self/exe", [argument, folder])
      guard result.status == 0, let cost = Double(result.output.split(separator: "\n").last ?? "") else {
        throw BenchmarkFailure("loading \(what) failed: \(result.output)")
      }
      costs.append(cost)
    }
    costs.sort()
    report.add("load \(what): fastest of \(runs)", costs[0], "ms")
    report.add("load \(what): median", costs[runs / 2], "ms")
  }

  /// The child's part.
  static func load(_ folder: String) -> Never {
    let (registry, cost) = Measure.cost {
      folder == bundled
        ? Workspace.plugins()
        : PluginRegistry.load(
          from: PluginSearchPath([.init(folder, .bundled)]), isolation: PluginIsolation(mode: .never))
    }
    guard registry.problems.isEmpty, folder == bundled || registry.plugins.count == count else {
      print(registry.problems.joined(separator: "\n"))
      exit(1)
    }
    print(cost.wall * 1e3)
    exit(0)
  }

  /// A folder with the plugins: the fixture of the tests under fifty names.
  private static func makePlugins() throws -> String {
    var template = Array("/tmp/snowmaker-benchmark-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw BenchmarkFailure("no temporary folder") }
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let repository = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
    for number in 0..<count {
      let name = "p\(number)"
      let type =
        #"{\"type\":\"t\#(number)\",\"plural\":\"t\#(number)s\",\"identity\":[\"name\"],"#
        + #"\"attributes\":[{\"name\":\"name\",\"kind\":\"identifier\"}]}"#
      let manifest =
        #""{\"name\":\"\#(name)\",\"version\":\"1.0.0\",\"protocol\":\"1.0\",\"types\":[\#(type)]}""#
      let built = try Program.run(
        "/usr/bin/env",
        [
          "cc", "-O2", "-shared", "-fPIC", "-fvisibility=hidden", "-D_GNU_SOURCE", "-DNAME=\(name)",
          "-DMANIFEST=\(manifest)", "-I", "\(repository)/SDK/Sources/CSnowmaker/include",
          "\(repository)/Tests/Fixtures/fixture.c", "-o", "\(folder)/libsnowmaker-\(name).so", "-pthread",
        ])
      guard built.status == 0 else { throw BenchmarkFailure("cc: \(built.output)") }
      chmod("\(folder)/libsnowmaker-\(name).so", 0o755)
    }
    return folder
  }

  private static func remove(_ folder: String) { _ = try? Program.run("/bin/rm", ["-rf", folder]) }
}
