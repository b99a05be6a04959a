public import SnowmakerCore
public import SnowmakerModel

/// Whether a saved plan may be applied here and now.
public enum PlanCheck {
  /// Throws an error that names every difference, with both values, when the saved plan was made for something else
  /// than `current`.
  public static func verify(_ saved: PlanBinding, matches current: PlanBinding) throws(Diagnostic) {
    var differences: [String] = []
    func compare(_ what: String, _ then: String, _ now: String) {
      if then != now { differences.append("\(what): \(then) in the plan, \(now) now") }
    }
    compare("project", saved.project, current.project)
    compare("target", saved.target, current.target)
    compare("account", saved.account, current.account)
    if saved.configurationDigest != current.configurationDigest {
      compare(
        "digest of the configuration and its variables", short(saved.configurationDigest),
        short(current.configurationDigest))
    }
    for name in Set(saved.plugins.keys).union(current.plugins.keys).sorted() {
      switch (saved.plugins[name], current.plugins[name]) {
      case (let then?, let now?):
        if then != now { compare("file of plugin \(name)", short(then), short(now)) }
      case (nil, _): differences.append("plugin \(name): not in the plan, loaded now")
      case (_, nil): differences.append("plugin \(name): in the plan, not loaded now")
      }
    }
    compare("ledger generation", String(saved.ledgerGeneration), String(current.ledgerGeneration))
    guard !differences.isEmpty else { return }
    throw .error(
      "the saved plan was made for something else: " + differences.joined(separator: "; "),
      detail: "Nothing was applied. Make a new plan here.", code: "plan-elsewhere")
  }

  /// Throws an error that names what moved when the account is not any more what the saved plan rests on. `fresh` is
  /// the plan that the same configuration gives with what was read just now.
  public static func verifyFingerprints(_ saved: Plan, against fresh: Plan) throws(Diagnostic) {
    let now = Dictionary(fresh.resources.map { ($0.address, $0) }) { first, _ in first }
    var moved: [String] = []
    for resource in saved.resources where resource.fingerprint != nil || resource.action.isChange {
      let fingerprint = now[resource.address]?.fingerprint
      switch (resource.fingerprint, fingerprint) {
      case (let then, let now) where then == now: break
      case (nil, _): moved.append("\(resource.address) did not exist and does now")
      case (_, nil): moved.append("\(resource.address) existed and cannot be found now")
      default: moved.append("\(resource.address) was changed")
      }
    }
    guard !moved.isEmpty else { return }
    let shown = moved.prefix(20).joined(separator: "; ")
    throw .error(
      "the account has moved since the plan was made: \(shown)"
        + (moved.count > 20 ? "; and \(moved.count - 20) more" : ""),
      detail: "Nothing was applied. Make a new plan.", code: "plan-stale")
  }

  /// Enough of a digest to tell it from another, without the name of its kind.
  private static func short(_ digest: String) -> String {
    digest.isEmpty ? "none" : String((digest.split(separator: ":").last ?? "").prefix(16))
  }
}
