import PluginHost
import Snowmaker
import SnowmakerModel

/// Typed functions, called through libffi, and their results remembered.
enum FunctionBenchmarks {
  static func run(_ registry: PluginRegistry, _ report: inout BenchmarkReport) throws {
    guard let plugin = registry.plugin(named: "functions") else { throw BenchmarkFailure("no plugin functions") }
    try measure(plugin, "credits_per_hour", ["LARGE"], yields: .double(8), &report)
    try measure(plugin, "cidr_contains", ["10.0.0.0/8", "10.1.2.3"], yields: true, &report)
    let cost = try Measure.best(of: 200, calls: 1_000) {
      guard case .success(.double(8)) = registry.functions.call("functions", "credits_per_hour", ["LARGE"]) else {
        throw BenchmarkFailure("a remembered result is wrong")
      }
    }
    report.add("typed function, result remembered", cost.cpu * 1e9, "ns")
  }

  private static func measure(
    _ plugin: LoadedPlugin, _ name: String, _ arguments: [Value], yields result: Value,
    _ report: inout BenchmarkReport
  ) throws {
    guard let function = plugin.functions.first(where: { $0.schema.name == name }), function.isTyped else {
      throw BenchmarkFailure("no typed function \(name)")
    }
    let cost = try Measure.best(of: 200, calls: 1_000) {
      guard try function.call(arguments) == result else { throw BenchmarkFailure("\(name) is wrong") }
    }
    report.add("typed function \(name): end to end", cost.cpu * 1e9, "ns")
  }
}
