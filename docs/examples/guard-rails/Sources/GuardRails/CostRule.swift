import SnowmakerSDK

/// What a plan adds to the credits that may be used in an hour must stay below a limit, and warehouses must not idle.
struct CostRule {
  /// Credits per hour that one plan may add; nil for no limit.
  var limit: Int64?
  /// The credits per hour of a running warehouse with these attributes: what snowmaker's own functions say.
  var credits: (Value) throws(FunctionFailure) -> Double = Self.bundled

  func check(_ request: CheckRequest) -> [Diagnostic] {
    var findings: [Diagnostic] = []
    for change in request.changes where change.address.type == "warehouse" {
      guard let seconds = change.declared?["auto_suspend"].int, seconds == 0 || seconds > 600 else { continue }
      findings.append(
        .warning(
          "\(change.address) idles \(seconds == 0 ? "for ever" : "for \(seconds) seconds") before it suspends",
          detail: "60 is enough for most.", path: ["auto_suspend"], code: "idle-warehouse", address: change.address))
    }
    return findings + cost(request)
  }

  private func cost(_ request: CheckRequest) -> [Diagnostic] {
    guard let limit else { return [] }
    var added = 0.0
    for change in request.changes where change.address.type == "warehouse" {
      guard let declared = change.declared else { continue }
      do throws(FunctionFailure) {
        added += try credits(declared)
        if change.change.action != .create { added -= try credits(Self.before(change, declared)) }
      } catch {
        return [
          .error(
            "what \(change.address) costs cannot be said: \(error)", detail: "So the limit of cost cannot be checked.",
            code: "cost-unknown", address: change.address)
        ]
      }
    }
    guard added > Double(limit) else { return [] }
    return [
      .error(
        "this plan adds up to \(Int64(exactly: added).map { "\($0)" } ?? "\(added)") credits per hour, more than the "
          + "\(limit) that are allowed",
        detail: "Choose smaller warehouses, or apply in steps that somebody signs.", code: "cost-limit")
    ]
  }

  /// The declared values, with what changes set back.
  private static func before(_ change: CheckedChange, _ declared: Value) -> Value {
    var fields = declared.fields
    for attribute in change.change.attributes {
      fields.removeAll { $0.key == attribute.name }
      fields.append(.init(attribute.name, attribute.before))
    }
    return .object(fields)
  }

  /// Another plugin's function, which the host calls while CHECK is answered.
  private static func bundled(_ warehouse: Value) throws(FunctionFailure) -> Double {
    let size = warehouse["warehouse_size"].string ?? "XSMALL"
    let clusters = warehouse["max_cluster_count"].int ?? 1
    let answer = try OtherFunctions.call(
      "functions::credits_per_hour", [.string(size), warehouse["warehouse_type"], nil, nil, .int(clusters)])
    guard case .double(let credits) = answer else { throw FunctionFailure("the function answers no number") }
    return credits
  }
}
