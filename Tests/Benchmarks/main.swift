import Glibc

let arguments = CommandLine.arguments.dropFirst()
if let unknown = arguments.first(where: { !["--json", "--results"].contains($0) }) {
  complain("unknown argument '\(unknown)'; usage: Benchmarks [--json] [--results (reading of results only)]")
  exit(2)
}
do {
  var report = BenchmarkReport()
  if !arguments.contains("--results") { report = try await allBenchmarks() }
  try JSONBenchmarks.run(&report)
  print(arguments.contains("--json") ? report.json : report.table)
} catch {
  complain("benchmark failed: \(error)")
  exit(1)
}

func complain(_ text: String) {
  let line = Array("\(text)\n".utf8)
  _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

nonisolated func allBenchmarks() async throws -> BenchmarkReport {
  var report = BenchmarkReport()
  let registry = try PluginBenchmarks.loading(&report)
  try PluginBenchmarks.callOverhead(registry, &report)
  try FunctionBenchmarks.run(registry, &report)
  try DocumentBenchmarks.run(&report)
  for count in [1_000, 10_000, 100_000] {
    try PluginBenchmarks.planning(registry, count: count, &report)
    try await PlanningBenchmarks.whole(registry, count: count, &report)
    try ConfigurationBenchmarks.loading(count: count, &report)
  }
  report.add("peak memory", Double(Measure.peakMemory()), "KiB")
  return report
}
