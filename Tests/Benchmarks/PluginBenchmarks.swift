import PluginHost
import Snowmaker
import SnowmakerModel

/// Loading plugins and calling them, in process.
enum PluginBenchmarks {
  static func loading(_ report: inout BenchmarkReport) throws -> PluginRegistry {
    let (registry, cost) = Measure.cost { Workspace.plugins() }
    guard registry.problems.isEmpty, registry.owner(ofType: "warehouse") != nil else {
      throw BenchmarkFailure(
        "the bundled plugins must lie beside the executable: \(registry.problems.joined(separator: "; "))")
    }
    report.add("load \(registry.plugins.count) plugins", cost.wall * 1e3, "ms")
    return registry
  }

  /// VALIDATE of nothing, which costs little but the crossing: encode, call, decode on either side.
  static func callOverhead(_ registry: PluginRegistry, _ report: inout BenchmarkReport) throws {
    let plugin = try warehouses(registry)
    let request = ValidateSample.document
    let rounds = 100_000
    let before = plugin.statistics
    let (_, cost) = try Measure.cost {
      for _ in 0..<rounds { _ = try plugin.callAndWait(.validate, request) }
    }
    let after = plugin.statistics
    report.add("call, small document: end to end", cost.wall / Double(rounds) * 1e9, "ns")
    report.add(
      "call, small document: inside the plugin", Double(after.nanoseconds - before.nanoseconds) / Double(rounds), "ns")
  }

  /// PLAN of `count` warehouses that need nothing, in batches over the ABI, on one thread.
  static func planning(_ registry: PluginRegistry, count: Int, _ report: inout BenchmarkReport) throws {
    let plugin = try warehouses(registry)
    let items = SampleWarehouses.items(count)
    let before = plugin.statistics
    let (_, cost) = try Measure.cost {
      for batch in Batches.split(items) {
        let answer = try plugin.callAndWait(.plan, PlanRequest(type: "warehouse", items: batch).document)
        let changes = try answer.decodeList("changes", as: Change.self)
        guard changes.count == batch.count, changes.allSatisfy({ $0.action == .none }) else {
          throw BenchmarkFailure("the plugin planned changes where there are none")
        }
      }
    }
    let after = plugin.statistics
    let bytes = after.requestBytes - before.requestBytes + after.replyBytes - before.replyBytes
    report.add("plugin PLAN of \(count): total", cost.wall * 1e3, "ms")
    report.add("plugin PLAN of \(count): each", cost.wall / Double(count) * 1e9, "ns")
    report.add("plugin PLAN of \(count): across the ABI, each", Double(bytes) / Double(count), "bytes")
  }

  private static func warehouses(_ registry: PluginRegistry) throws -> LoadedPlugin {
    guard let plugin = registry.owner(ofType: "warehouse") else { throw BenchmarkFailure("no type warehouse") }
    return plugin
  }
}

/// The smallest request that every provider answers.
private enum ValidateSample {
  static let document: Value = ["type": "warehouse", "resources": []]
}
