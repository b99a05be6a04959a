import Execution
import PluginHost
import SnowmakerCore
import SnowmakerModel

/// The planner over the real plugins, without reading an account.
enum PlanningBenchmarks {
  static func whole(_ registry: PluginRegistry, count: Int, _ report: inout BenchmarkReport) async throws {
    let providers = PluginProviders(registry)
    let input = PlanInput(
      resources: SampleWarehouses.resources(count), types: providers.types,
      observations: SampleWarehouses.observations(count),
      binding: PlanBinding(project: "benchmark", target: "default", account: "none"), digest: { JSON.string($0) })
    let (plan, cost) = await Measure.cost { await Planner().plan(input, providers: providers) }
    guard !plan.hasErrors, plan.resources.count == count, plan.steps.isEmpty else {
      throw BenchmarkFailure("the planner found something to do where there is nothing")
    }
    report.add("whole plan of \(count): CPU", cost.cpu * 1e3, "ms")
    report.add("whole plan of \(count): CPU each", cost.cpu / Double(count) * 1e9, "ns")
  }
}
