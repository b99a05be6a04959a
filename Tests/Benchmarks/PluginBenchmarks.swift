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
    var inside = Double.infinity
    var before = plugin.statistics
    let calls = 1_000
    var made = 0
    let cost = try Measure.best(of: 200, calls: calls) {
      _ = try plugin.callAndWait(.validate, smallRequest)
      made += 1
      guard made % calls == 0 else { return }
      let after = plugin.statistics
      inside = min(inside, Double(after.nanoseconds - before.nanoseconds) / Double(calls))
      before = after
    }
    report.add("call, small document: end to end", cost.cpu * 1e9, "ns")
    report.add("call, small document: inside the plugin", inside, "ns")
  }

  /// PLAN of `count` warehouses that need nothing, in batches over the ABI, on one thread.
  static func planning(
    _ registry: PluginRegistry, count: Int, _ report: inout BenchmarkReport, name: String = "plugin PLAN"
  ) throws {
    let plugin = try warehouses(registry)
    let items = SampleWarehouses.items(count)
    let before = plugin.statistics
    let rounds = count > 10_000 ? 5 : 3
    let cost = try Measure.best(of: rounds, calls: 1) {
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
    report.add("\(name) of \(count): total", cost.wall * 1e3, "ms")
    report.add("\(name) of \(count): total, CPU of the host", cost.cpu * 1e3, "ms")
    report.add("\(name) of \(count): each", cost.wall / Double(count) * 1e9, "ns")
    report.add("\(name) of \(count): across the ABI, each", Double(bytes) / Double(count * rounds), "bytes")
  }

  /// The smallest request that every provider answers.
  static let smallRequest: Value = ["type": "warehouse", "resources": []]

  static func warehouses(_ registry: PluginRegistry) throws -> LoadedPlugin {
    guard let plugin = registry.owner(ofType: "warehouse") else { throw BenchmarkFailure("no type warehouse") }
    return plugin
  }
}
