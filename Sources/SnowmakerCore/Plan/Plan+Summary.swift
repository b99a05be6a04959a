extension Plan {
  /// How many resources each action concerns; drops that come about with another's are not counted.
  public var counts: [PlanAction: Int] {
    var counts: [PlanAction: Int] = [:]
    for resource in resources where resource.absorbedBy == nil { counts[resource.action, default: 0] += 1 }
    return counts
  }

  /// The drops and replaces, those left out that come about with another's drop.
  public var destructive: [PlannedResource] {
    resources.filter { $0.action.isDestructive && $0.absorbedBy == nil }
  }

  /// Whether something is taken away, so that `--allow-drop` or a typed confirmation is needed.
  public var needsConfirmation: Bool {
    resources.contains { $0.action.isDestructive && $0.absorbedBy == nil }
  }

  /// Whether the account is not known to be as declared: something would change, be adopted or let go, or could not be
  /// seen.
  public var isUnsettled: Bool { resources.contains { $0.action != .none } }

  /// Whether a successful apply has something to write into the ledger.
  public var changesLedger: Bool { resources.contains { $0.ledger != .none } }
}
