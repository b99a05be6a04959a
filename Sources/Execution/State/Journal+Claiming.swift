public import SnowmakerCore
import SnowmakerModel

extension Journal {
  /// How far the account's clock and a slow statement may put an object's creation from the moment it was sent.
  private static let tolerance: (before: Int64, after: Int64) = (5 * 60_000, 10 * 60_000)

  /// Makes what an interrupted run created snowmaker's own again: where the plan would adopt an object whose creation
  /// was sent without an answer on record, and the object was created about then, the ledger will say "created".
  ///
  /// - Parameter isObject: whether an address is that of an object. What is none, as a grant, has no time of creation: it was
  ///   not there when the interrupted run was planned, and is there now.
  ///
  /// Throws when the state file cannot be read.
  public func claimCreations(
    in plan: inout Plan, isObject: (Address) -> Bool = { _ in true }
  ) throws(Diagnostic) {
    let sent = try unsettledCreations()
    guard !sent.isEmpty else { return }
    for index in plan.resources.indices {
      guard let moment = sent[plan.resources[index].address] else { continue }
      Self.claim(
        index, in: &plan, from: moment.milliseconds - Self.tolerance.before,
        to: moment.milliseconds + Self.tolerance.after, "made by the apply that was interrupted", isObject)
    }
  }

  /// The same for runs that other machines have announced. When exactly a statement was sent is not known of them; a run
  /// is taken to last no longer than a day.
  func claimCreations(of intents: [LedgerIntent], in plan: inout Plan, isObject: (Address) -> Bool) {
    for intent in intents {
      let creates = Set(intent.creates)
      for index in plan.resources.indices where creates.contains(plan.resources[index].address) {
        Self.claim(
          index, in: &plan, from: intent.started.milliseconds - Self.tolerance.before,
          to: intent.started.milliseconds + 86_400_000, "made by the apply on \(intent.host) that was interrupted",
          isObject)
      }
    }
  }

  private static func claim(
    _ index: Int, in plan: inout Plan, from earliest: Int64, to latest: Int64, _ why: String,
    _ isObject: (Address) -> Bool
  ) {
    guard case .put(var entry) = plan.resources[index].ledger, entry.origin == .adopted else { return }
    if entry.createdOn != nil || isObject(entry.address) {
      guard let created = milliseconds(entry.createdOn), created >= earliest, created <= latest else { return }
    }
    entry.origin = .created
    plan.resources[index].ledger = .put(entry)
    let note = plan.resources[index].note
    plan.resources[index].note = (note.isEmpty ? "" : note + "; ") + why
  }

  /// Says that the unfinished run has been looked at: it is not reported again. `Applier` does this by itself when it
  /// begins a run; this is for the case that there was nothing left to apply. Call while holding the lock.
  ///
  /// Throws when the state file cannot be written.
  public func closeUnfinishedRuns() throws(Diagnostic) {
    let scope = scope
    try store.write { connection in
      guard let row = try LocalLedger.find(scope, connection) else { return }
      try connection.run(
        "UPDATE run SET outcome = ?, finished = ? WHERE scope = ? AND outcome IS NULL",
        [.text(RunOutcome.interrupted.rawValue), .int(Timestamp.now.milliseconds), .int(row)])
    }
  }

  /// A moment as results hold it: seconds since 1970 with a fraction, for some types followed by an offset.
  private static func milliseconds(_ text: String?) -> Int64? {
    guard let word = text?.split(separator: " ").first, let seconds = Double(word), abs(seconds) < 1e12 else {
      return nil
    }
    return Int64(seconds * 1_000)
  }
}
