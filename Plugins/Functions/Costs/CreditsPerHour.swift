import SnowmakerSDK

extension Function {
  /// `credits_per_hour(size, type, generation, cloud, clusters)`.
  static let creditsPerHour = Function(
    "credits_per_hour",
    doc:
      "The credits that a running warehouse uses per hour, by size, type and generation. Billed per second, at least 60 "
      + "of them each time it starts.",
    parameters: [
      .init("size", .text, doc: "Its size, spelt as in CREATE WAREHOUSE: XSMALL, 'X-Small', '2X-Large', X5LARGE …"),
      .init("type", .nullable(.text), doc: "STANDARD, the default, or SNOWPARK-OPTIMIZED."),
      .init(
        "generation", .nullable(.integer),
        doc: "1 or 2, of a standard warehouse; 1 when left out, though Snowflake makes new ones of 2 in many regions."),
      .init(
        "cloud", .nullable(.text), doc: "AWS, the default, AZURE or GCP. Only generation 2 costs differently there."),
      .init("clusters", .nullable(.integer), doc: "How many clusters run, 1 by default."),
    ], result: .float,
    examples: [
      .init("LARGE", yields: .double(8)), .init("X-Small", nil, 2, "AZURE", yields: .double(1.25)),
      .init("MEDIUM", "SNOWPARK-OPTIMIZED", yields: .double(6)),
      .init("2X-Large", nil, nil, nil, 3, yields: .double(96)),
    ],
    calling: { size, type, generation, cloud, clusters, reply in
      FunctionReply.answer(reply) { () throws(FunctionFailure) in
        try WarehouseCredits(size: size.string, type: type.string, generation: generation?.pointee, cloud: cloud.string)
          .perHour(clusters: clusters?.pointee ?? 1)
      }
    }
      as @convention(c) (
        FunctionText, UnsafePointer<FunctionText>?, UnsafePointer<Int64>?, UnsafePointer<FunctionText>?,
        UnsafePointer<Int64>?, FunctionReply.Sink
      ) -> Int32)
}

/// What a warehouse costs, from docs.snowflake.com/en/user-guide (looked up on 2026-11-21), page by page:
/// - `what-are-credits` ("Understanding compute cost"): a standard one 1, 2, 4 … 512 from X-Small to 6X-Large; a
///   Snowpark-optimized one none, none, 6, 12 … 768, which is 1.5 times that, here for its default memory (`MEMORY_16X`);
///   billed per second, at least 60 each time it starts.
/// - `warehouses-overview`: the same numbers, for generation 1.
/// - `warehouses-gen2`: generation 2 is of standard warehouses only, and not of X5LARGE and X6LARGE.
/// - `warehouses-multicluster`: the credits are per running cluster; the upper limits on clusters by size.
///
/// Unverified: generation 2 costs 1.35 times generation 1 on AWS and GCP, 1.25 times on Azure. That is in the Service
/// Consumption Table (a PDF that could not be read here); others quote it so (teachix.org, "roughly").
struct WarehouseCredits {
  /// Each size has twice the credits of the one before; the first has 1.
  static let sizes = [
    "XSMALL", "SMALL", "MEDIUM", "LARGE", "XLARGE", "XXLARGE", "XXXLARGE", "X4LARGE", "X5LARGE", "X6LARGE",
  ]
  private static let aliases = [
    "XS": "XSMALL", "S": "SMALL", "M": "MEDIUM", "L": "LARGE", "XL": "XLARGE", "X2LARGE": "XXLARGE",
    "2XLARGE": "XXLARGE",
    "X3LARGE": "XXXLARGE", "3XLARGE": "XXXLARGE", "4XLARGE": "X4LARGE", "5XLARGE": "X5LARGE", "6XLARGE": "X6LARGE",
  ]

  /// How many clusters a warehouse of each size may have.
  static let clusterLimits: [Int64] = [300, 300, 300, 160, 80, 40, 20, 10, 10, 10]

  private let perCluster: Double
  private let size: Int

  init(size: String, type: String?, generation: Int64?, cloud: String?) throws(FunctionFailure) {
    let number = try Self.number(of: size)
    var credits = Double(1 << number)
    let isOptimized = try Self.isOptimized(type)
    let factor = try Self.factor(generation, cloud)
    if isOptimized {
      guard number >= 2 else {
        throw FunctionFailure("a Snowpark-optimized warehouse has at least the size MEDIUM", of: "size")
      }
      guard factor == 1 else {
        throw FunctionFailure("a Snowpark-optimized warehouse has no generation", of: "generation")
      }
      credits *= 1.5
    }
    if factor != 1, number > 7 {
      throw FunctionFailure("\(Self.sizes[number]) has no generation 2", of: "generation")
    }
    perCluster = credits * factor
    self.size = number
  }

  /// The credits of so many running clusters.
  func perHour(clusters: Int64) throws(FunctionFailure) -> Double {
    let limit = Self.clusterLimits[size]
    guard (1...limit).contains(clusters) else {
      throw FunctionFailure("\(Self.sizes[size]) has 1 to \(limit) clusters, not \(clusters)", of: "clusters")
    }
    return perCluster * Double(clusters)
  }

  private static func number(of size: String) throws(FunctionFailure) -> Int {
    if let number = sizes.firstIndex(of: size) { return number }  // the usual spelling, without making another text
    let folded = folded(size)
    if let number = sizes.firstIndex(of: aliases[folded] ?? folded) { return number }
    let near = Spelling.closest(to: folded, in: sizes)
    throw FunctionFailure(
      "there is no warehouse size '\(size)'",
      detail: near.map { "did you mean '\($0)'?" } ?? "sizes are \(sizes.joined(separator: ", "))", of: "size")
  }

  private static func isOptimized(_ type: String?) throws(FunctionFailure) -> Bool {
    guard let type else { return false }
    switch folded(type) {
    case "STANDARD": return false
    case "SNOWPARKOPTIMIZED": return true
    default:
      throw FunctionFailure("a warehouse is STANDARD or SNOWPARK-OPTIMIZED, not '\(type)'", of: "type")
    }
  }

  private static func factor(_ generation: Int64?, _ cloud: String?) throws(FunctionFailure) -> Double {
    let second: Double
    switch cloud.map(folded) {
    case nil, "AWS", "GCP": second = 1.35
    case "AZURE": second = 1.25
    default: throw FunctionFailure("a cloud is AWS, AZURE or GCP, not '\(cloud ?? "")'", of: "cloud")
    }
    switch generation ?? 1 {
    case 1: return 1
    case 2: return second
    default: throw FunctionFailure("a generation is 1 or 2, not \(generation ?? 0)", of: "generation")
    }
  }

  private static func folded(_ word: String) -> String {
    word.uppercased().filter { $0 != "-" && $0 != "_" && $0 != " " }
  }
}
