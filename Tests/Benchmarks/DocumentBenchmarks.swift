import SnowmakerModel

/// CBOR, as it crosses the plugin boundary.
enum DocumentBenchmarks {
  static func run(_ report: inout BenchmarkReport) throws {
    let document = PlanRequest(type: "warehouse", items: SampleWarehouses.items(256)).document
    let bytes = CBOR.encode(document)
    let rounds = 200
    let megabytes = Double(bytes.count * rounds) / 1e6
    var total = 0
    let (_, encoding) = Measure.cost { for _ in 0..<rounds { total += CBOR.encode(document).count } }
    var equal = 0
    let (_, decoding) = try Measure.cost {
      for _ in 0..<rounds { if case .object = try CBOR.decode(bytes) { equal += 1 } }
    }
    guard total == bytes.count * rounds, equal == rounds else { throw BenchmarkFailure("CBOR came out wrong") }
    report.add("CBOR encode", encoding.wall / megabytes * 1e3, "ms/MB")
    report.add("CBOR decode", decoding.wall / megabytes * 1e3, "ms/MB")
  }
}
