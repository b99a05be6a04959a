import Glibc
import PluginHost

PluginWorker.serveIfAsked(CommandLine.arguments)
WorkerExecutable.useThisProgram()
let arguments = Array(CommandLine.arguments.dropFirst())
if arguments.count == 2, arguments[0] == LoadingBenchmarks.argument { LoadingBenchmarks.load(arguments[1]) }
if let unknown = arguments.first(where: { !["--json", "--plugins"].contains($0) }) {
  complain("unknown argument '\(unknown)'; usage: Benchmarks [--json] [--plugins] (plugins only)")
  exit(2)
}
do {
  let report = try await allBenchmarks(onlyPlugins: arguments.contains("--plugins"))
  print(arguments.contains("--json") ? report.json : report.table)
} catch {
  complain("benchmark failed: \(error)")
  exit(1)
}

func complain(_ text: String) {
  let line = Array("\(text)\n".utf8)
  _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

nonisolated func allBenchmarks(onlyPlugins: Bool) async throws -> BenchmarkReport {
  var report = BenchmarkReport()
  let registry = try PluginBenchmarks.loading(&report)
  try PluginBenchmarks.callOverhead(registry, &report)
  let isolated = try IsolationBenchmarks.loading(&report)
  try IsolationBenchmarks.callOverhead(isolated, &report)
  try LoadingBenchmarks.run(&report)
  try FunctionBenchmarks.run(registry, &report)
  if !onlyPlugins { try DocumentBenchmarks.run(&report) }
  for count in [1_000, 10_000, 100_000] {
    try PluginBenchmarks.planning(registry, count: count, &report)
    try PluginBenchmarks.planning(isolated, count: count, &report, name: "isolated: plugin PLAN")
    if onlyPlugins { continue }
    try await PlanningBenchmarks.whole(registry, count: count, &report)
    try ConfigurationBenchmarks.loading(count: count, &report)
  }
  report.add("peak memory", Double(Measure.peakMemory()), "KiB")
  return report
}
