import SnowmakerModel

/// Writes a run's journal and ledger. What several statements have to say at the same time goes to the disk together,
/// because waiting for the disk is what writing costs.
actor RunWriter {
  private struct Entry {
    var note: Journal.Note
    var step: Int
    var continuation: CheckedContinuation<Result<[Address], Diagnostic>, Never>
  }

  private let journal: Journal
  private let run: String
  private var ledger: LedgerProgress
  private var queue: [Entry] = []
  private var isFlushing = false

  init(_ journal: Journal, run: String, ledger: LedgerProgress) {
    self.journal = journal
    self.run = run
    self.ledger = ledger
  }

  /// Writes what happened to a statement; on the disk on return. Answers the resources that are through with it.
  func write(_ note: Journal.Note, step: Int) async throws(Diagnostic) -> [Address] {
    let result = await withCheckedContinuation { continuation in
      queue.append(Entry(note: note, step: step, continuation: continuation))
      guard !isFlushing else { return }
      isFlushing = true
      // Behind everybody who is waiting for this actor already.
      Task { self.flush() }
    }
    return try result.get()
  }

  private func flush() {
    isFlushing = false
    let entries = queue
    queue = []
    // In the order in which they came: a resource's last word is the ledger's.
    var settled: [[Address]] = []
    var progress = ledger
    let notes = entries.map { entry -> Journal.Happening in
      guard case .finished(.done, _, _, _) = entry.note else {
        settled.append([])
        return (note: entry.note, step: entry.step, changes: [])
      }
      let due = progress.finish(entry.step)
      settled.append(due.settled)
      return (note: entry.note, step: entry.step, changes: due.changes)
    }
    do throws(Diagnostic) {
      try journal.write(notes, run: run)
      ledger = progress
      for (entry, settled) in zip(entries, settled) { entry.continuation.resume(returning: .success(settled)) }
    } catch {
      for entry in entries { entry.continuation.resume(returning: .failure(error)) }
    }
  }
}
