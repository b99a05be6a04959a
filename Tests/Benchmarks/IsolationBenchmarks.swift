import PluginHost
import Snowmaker
import SnowmakerModel

/// The same plugins in child processes.
enum IsolationBenchmarks {
  /// Loads the bundled plugins again, each in a child: starting it, the sandbox, loading and DESCRIBE.
  static func loading(_ report: inout BenchmarkReport) throws -> PluginRegistry {
    let (registry, cost) = Measure.cost { Workspace.plugins(isolation: PluginIsolation(mode: .always)) }
    guard registry.problems.isEmpty, registry.plugins.allSatisfy(\.isIsolated), !registry.plugins.isEmpty else {
      throw BenchmarkFailure("the plugins are not isolated: \(registry.problems.joined(separator: "; "))")
    }
    report.add("isolated: load \(registry.plugins.count) plugins", cost.wall * 1e3, "ms")
    return registry
  }

  /// The smallest call there and back, the fastest of many batches: others use the machine too.
  static func callOverhead(_ registry: PluginRegistry, _ report: inout BenchmarkReport) throws {
    let plugin = try PluginBenchmarks.warehouses(registry)
    let cost = try Measure.best(of: 200, calls: 100) {
      _ = try plugin.callAndWait(.validate, PluginBenchmarks.smallRequest)
    }
    report.add("isolated: call, small document: end to end", cost.wall * 1e9, "ns")
  }
}
