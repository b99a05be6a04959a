import Glibc
import Snowmaker

/// Reading YAML, through everything that `validate` and `plan` do before they see an account.
enum ConfigurationBenchmarks {
  static func loading(count: Int, _ report: inout BenchmarkReport) throws {
    let path = "/tmp/snowmaker-benchmark-\(getpid()).yml"
    guard let file = fopen(path, "w") else { throw BenchmarkFailure("cannot write \(path)") }
    fputs(SampleWarehouses.yaml(count), file)
    fclose(file)
    defer { unlink(path) }
    let (workspace, cost) = Measure.cost { Workspace(.init(path: path)) }
    if let error = workspace.diagnostics.first(where: { $0.severity == .error }) {
      report.add("load configuration of \(count): refused", 0, "(\(error))")
      return
    }
    guard workspace.configuration.declarations.count == count else {
      throw BenchmarkFailure("\(count) warehouses were written, \(workspace.configuration.declarations.count) loaded")
    }
    report.add("load configuration of \(count): CPU each", cost.cpu / Double(count) * 1e9, "ns")
  }
}
