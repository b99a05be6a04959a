import SnowmakerModel

/// What was measured, in the order in which it was.
struct BenchmarkReport {
  private var rows: [(name: String, value: Double, unit: String)] = []

  mutating func add(_ name: String, _ value: Double, _ unit: String) { rows.append((name, value, unit)) }

  var json: String {
    JSON.string(
      .list(rows.map { ["name": .string($0.name), "value": .double($0.value), "unit": .string($0.unit)] }))
  }

  var table: String {
    let width = rows.map(\.name.count).max() ?? 0
    return rows.map { row in
      let padding = String(repeating: " ", count: width - row.name.count + 2)
      return "\(row.name)\(padding)\((row.value * 100).rounded() / 100) \(row.unit)"
    }.joined(separator: "\n")
  }
}
