public import Execution
public import SnowmakerCore
public import SnowmakerModel

extension Deployment {
  /// How an apply went.
  public struct ApplyResult: Sendable {
    /// What was sent and what became of it.
    public var outcome: ApplyOutcome
    /// What did not settle: resources that this apply touched and that a new plan would touch again. Empty when the
    /// apply did not complete, because then nothing was verified.
    public var unsettled: [PlannedResource]
    /// Resources that this apply did not touch and that differ now.
    public var drifted: [PlannedResource]
    /// What verifying found wrong.
    public var diagnostics: [Diagnostic]

    /// Whether everything was done, and the account is what was planned.
    public var isSuccess: Bool {
      outcome.isComplete && unsettled.isEmpty && !diagnostics.contains { $0.severity == .error }
    }
  }

  private var journal: Journal { Journal(store, scope: ledger.scope) }

  /// What an earlier apply left unfinished; nil when there is nothing.
  public func unfinishedRun() throws(Diagnostic) -> Journal.Run? { try journal.unfinishedRun() }

  /// Says that what an earlier apply left unfinished has been looked at, for when there was nothing left to apply.
  public func closeUnfinishedRuns() async throws(Diagnostic) {
    try journal.closeUnfinishedRuns()
    // Saving takes away what runs on other machines have announced.
    if !desk.unsaved.isEmpty { try await desk.save() }
  }

  /// What became of statements that the last apply sent without getting an answer, given a plan made since. Empty when
  /// there are none. Throws when the state file cannot be read.
  public func settle(_ plan: Plan) async throws(Diagnostic) -> [Settlement.Settled] {
    guard let run = try journal.unansweredRun() else { return [] }
    return await Settlement(runner: runner).settle(run, plan: plan)
  }

  /// The plan that is to be applied: what an interrupted apply created counts as created, not as adopted. Hold the lock.
  ///
  /// Throws as `plan` does.
  public func planForApply(
    _ options: PlanOptions = PlanOptions(), progress: @Sendable (String) -> Void = { _ in }
  ) async throws(Diagnostic) -> Plan {
    var plan = try await plan(options, progress: progress)
    try desk.claimCreations(in: &plan) { providers.types[$0.type]?.sqlName != nil }
    return plan
  }

  /// Applies a plan, then reads and plans again: what this apply touched must need nothing more.
  ///
  /// Throws before anything is sent: when the plan has errors or is stale, or a secret is missing. What goes wrong when
  /// verifying and when saving the ledger is among the result's diagnostics.
  public func apply(
    _ plan: Plan, options: PlanOptions = PlanOptions(), planDigest: String = "", lanes: Int = 8,
    progress: @escaping @Sendable (ApplyEvent) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) async throws(Diagnostic) -> ApplyResult {
    let applier = Applier(runner: runner, operations: providers, secrets: secrets, ledger: ledger, lanes: lanes)
    let run = try Journal.newRunID()
    try await desk.announce(plan, run: run)
    let outcome = try await applier.apply(
      plan, runID: run, planDigest: planDigest, progress: progress, isCancelled: isCancelled)
    var result = ApplyResult(outcome: outcome, unsettled: [], drifted: [], diagnostics: [])
    if outcome.isComplete {
      do throws(Diagnostic) { try await verify(plan, options, &result) } catch { result.diagnostics.append(error) }
    }
    do throws(Diagnostic) { try await desk.save() } catch {
      var error = error
      error.detail += " What was done is remembered on this machine: apply again here."
      result.diagnostics.append(error)
    }
    return result
  }

  /// Reads and plans again. The ledger learns what the account made of what was sent.
  private func verify(_ plan: Plan, _ options: PlanOptions, _ result: inout ApplyResult) async throws(Diagnostic) {
    let touched = Set(plan.resources.filter(\.action.isChange).map(\.address))
    try await learnEchoes(touched, options)
    var options = options
    options.choices = plan.choices
    options.allowDrop = true
    // They were sent; what is left to do is what would be sent without being asked to.
    options.resendSecrets = false
    let fresh = try await self.plan(options)
    result.diagnostics = fresh.diagnostics.filter { $0.severity == .error }
    for resource in fresh.resources where resource.action.sendsStatements || resource.action == .unknown {
      if touched.contains(resource.address) {
        result.unsettled.append(resource)
      } else if !plan.resources.contains(where: { $0.address == resource.address && $0.action == resource.action }) {
        result.drifted.append(resource)
      }
    }
    let learned = fresh.resources.compactMap { resource -> (Address, LedgerChange)? in
      guard resource.action == .none, resource.ledger != .none else { return nil }
      return (resource.address, resource.ledger)
    }
    if !learned.isEmpty { try ledger.apply(learned) }
  }

  /// Remembers how the account echoes what was just applied, for attributes that cannot be compared by value: bodies
  /// that it rewrites, and what it does not show at all.
  private func learnEchoes(_ touched: Set<Address>, _ options: PlanOptions) async throws(Diagnostic) {
    let snapshot = try ledger.snapshot()
    let pending = snapshot.entries.values.filter { entry in
      touched.contains(entry.address) && entry.digests.values.contains { $0.echoed == nil }
    }
    guard !pending.isEmpty else { return }
    var inquiry = RoleInquiry(runner)
    let observations = try await observe(snapshot, options, &inquiry)
    var changes: [(Address, LedgerChange)] = []
    for var entry in pending {
      guard let observation = observations.byAddress[entry.address] else { continue }
      for (name, pair) in entry.digests where pair.echoed == nil {
        let echo = observation.attributes.find(name) ?? .unknown
        entry.digests[name]?.echoed = try ledger.digest(echo)
      }
      changes.append((entry.address, .put(entry)))
    }
    try ledger.apply(changes)
  }

  // MARK: - Saved plans

  /// Writes a plan to a file that `apply` takes. Throws when it cannot be written.
  public func save(_ plan: Plan, to path: String) throws(Diagnostic) {
    _ = try PlanFile.write(document: plan.document, to: path)
  }

  /// Reads a saved plan and holds it against this project, these plugins and the account as it is now.
  ///
  /// Throws when the file is damaged, was made for something else, or the account has moved since.
  public func load(_ path: String, options: PlanOptions) async throws(Diagnostic) -> (plan: Plan, digest: String) {
    let (document, digest) = try PlanFile.read(path)
    var saved: Plan
    do throws(DocumentError) { saved = try Plan(document: document) } catch {
      throw .error("'\(path)' is no plan of this version of snowmaker: \(error)", code: "plan-file")
    }
    try PlanCheck.verify(saved.binding, matches: try binding(try await desk.snapshot()))
    let fresh = try await plan(try options.shaped(as: saved))
    try PlanCheck.verifyFingerprints(saved, against: fresh)
    takeDigests(of: fresh, into: &saved)
    return (saved, digest)
  }

  /// The digests of what the account does not show are keyed: another machine, or another run without a key, has a
  /// different one. So they are this run's, of the values that it is about to send.
  private func takeDigests(of fresh: Plan, into saved: inout Plan) {
    let now = Dictionary(fresh.resources.map { ($0.address, $0.ledger) }) { first, _ in first }
    for at in saved.resources.indices {
      switch (saved.resources[at].ledger, now[saved.resources[at].address]) {
      case (.put(var entry), .put(let known)?):
        entry.digests = known.digests
        saved.resources[at].ledger = .put(entry)
      case (.move(let from, var entry), .move(_, let known)?):
        entry.digests = known.digests
        saved.resources[at].ledger = .move(from: from, entry)
      default: break
      }
    }
  }
}

extension Deployment.PlanOptions {
  /// The options with which a plan was made that is held against the account again. Throws when the user now says
  /// otherwise, because what is applied is what was planned.
  func shaped(as plan: Plan) throws(Diagnostic) -> Self {
    guard choices == PlanChoices() || choices == plan.choices else {
      let made = plan.choices.arguments.joined(separator: " ")
      throw .error(
        "the plan was made \(made.isEmpty ? "without options" : "with \(made)"), not with "
          + choices.arguments.joined(separator: " "),
        detail: "A plan is applied as it was made: leave the options out, or make a new plan with them. Nothing was "
          + "changed.", code: "plan-options")
    }
    var options = self
    options.choices = plan.choices
    return options
  }
}
