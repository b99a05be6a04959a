import SnowmakerSDK

/// What a plan adds to the credits that may be used in an hour must stay below a limit, and warehouses must not idle.
struct CostRule {
  /// Credits per hour that one plan may add; nil for no limit.
  var limit: Int64?

  /// Credits per hour of a running warehouse, per cluster.
  ///
  /// Source: <https://docs.snowflake.com/en/user-guide/warehouses-overview#warehouse-size>.
  static let credits: [String: Int64] = [
    "XSMALL": 1, "SMALL": 2, "MEDIUM": 4, "LARGE": 8, "XLARGE": 16, "XXLARGE": 32, "XXXLARGE": 64, "X4LARGE": 128,
    "X5LARGE": 256, "X6LARGE": 512,
  ]

  func check(_ request: CheckRequest) -> [Diagnostic] {
    var added: Int64 = 0
    var findings: [Diagnostic] = []
    for change in request.changes where change.address.type == "warehouse" {
      guard let declared = change.declared else { continue }
      added += Self.cost(declared) - Self.costBefore(change)
      if let seconds = declared["auto_suspend"].int, seconds == 0 || seconds > 600 {
        findings.append(
          .warning(
            "\(change.address) idles \(seconds == 0 ? "for ever" : "for \(seconds) seconds") before it suspends",
            detail: "60 is enough for most.", path: ["auto_suspend"], code: "idle-warehouse", address: change.address))
      }
    }
    if let limit, added > limit {
      findings.append(
        .error(
          "this plan adds up to \(added) credits per hour, more than the \(limit) that are allowed",
          detail: "Choose smaller warehouses, or apply in steps that somebody signs.", code: "cost-limit"))
    }
    return findings
  }

  private static func cost(_ attributes: Value) -> Int64 {
    let size = attributes["warehouse_size"].string ?? "XSMALL"
    return (credits[size] ?? 1) * (attributes["max_cluster_count"].int ?? 1)
  }

  /// What it cost before: the declared values, with what changes set back.
  private static func costBefore(_ change: CheckedChange) -> Int64 {
    guard change.change.action != .create, let declared = change.declared else { return 0 }
    var before = declared.fields
    for attribute in change.change.attributes {
      before.removeAll { $0.key == attribute.name }
      before.append(.init(attribute.name, attribute.before))
    }
    return cost(.object(before))
  }
}
