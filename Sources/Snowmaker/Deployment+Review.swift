import Execution
public import SnowmakerCore
public import SnowmakerModel

extension Deployment {
  /// Applies a plan that was made a while ago and looked at meanwhile: takes the lock, holds the plan against the
  /// project, the plugins and the account as they are now, and applies it as `apply` does.
  ///
  /// Throws before anything is sent: when somebody else holds the lock, when something that the plan rests on has moved,
  /// or when it drops or replaces and `options.allowDrop` is not set. Then as `apply` does.
  public func applyReviewed(
    _ plan: Plan, options: PlanOptions = PlanOptions(), lanes: Int = 8,
    progress: @escaping @Sendable (ApplyEvent) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) async throws(Diagnostic) -> ApplyResult {
    let destructive = plan.destructive.count
    guard destructive == 0 || options.allowDrop else {
      throw .error(
        "the plan drops or replaces \(counted(destructive, "resource"))",
        detail: "Look at the plan, then allow drops. Nothing was changed.", code: "drop-not-allowed")
    }
    try await desk.lock(purpose: "apply")
    do throws(Diagnostic) {
      let result = try await applyHeld(plan, options, lanes, progress, isCancelled)
      await desk.release()
      return result
    } catch {
      await desk.release()
      throw error
    }
  }

  private func applyHeld(
    _ plan: Plan, _ options: PlanOptions, _ lanes: Int, _ progress: @escaping @Sendable (ApplyEvent) -> Void,
    _ isCancelled: @escaping @Sendable () -> Bool
  ) async throws(Diagnostic) -> ApplyResult {
    try PlanCheck.verify(plan.binding, matches: try binding(try await desk.snapshot()))
    let fresh = try await planForApply(try options.shaped(as: plan))
    try PlanCheck.verifyFingerprints(plan, against: fresh)
    guard plan.changesLedger || !plan.isEmpty else {
      try await closeUnfinishedRuns()
      return ApplyResult(
        outcome: ApplyOutcome(runID: ""), unsettled: [], drifted: [], diagnostics: [])
    }
    return try await apply(plan, options: options, lanes: lanes, progress: progress, isCancelled: isCancelled)
  }
}
