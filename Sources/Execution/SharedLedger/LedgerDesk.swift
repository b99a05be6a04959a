import Glibc
public import SnowmakerCore
public import SnowmakerModel
import Synchronization

/// Where the ledger of a deployment is read, locked and saved, be it the project's own file or shared between machines.
///
/// A shared ledger is worked on in a local copy, which the journal is written beside: it is fetched when the lock is taken
/// and saved when the run is over. A copy whose run was announced and never saved is ahead of what is stored, and counts.
public final class LedgerDesk: Sendable {
  /// The project's own ledger, or the working copy of a shared one.
  public let local: LocalLedger
  /// Where it is shared; nil for the project's own.
  public let store: (any LedgerStore)?
  private let user: String
  private let state = Mutex(State())

  private struct State {
    var lock: ApplyLock?
    var holder: LedgerHolder?
    var revision = 0
    var intents: [LedgerIntent] = []
    var warning: Diagnostic?
  }

  /// A desk. `user` is who is logged in, for the lock's note.
  public init(_ local: LocalLedger, store: (any LedgerStore)?, user: String) {
    self.local = local
    self.store = store
    self.user = user
  }

  private var journal: Journal { Journal(local.store, scope: local.scope) }

  // MARK: - Reading

  /// What is managed. Throws when the ledger cannot be read, or was made for another account.
  public func snapshot() async throws(Diagnostic) -> LedgerSnapshot { try await read().snapshot }

  /// What is managed, and the statements that reading it took. Throws as `snapshot` does.
  public func read() async throws(Diagnostic) -> (snapshot: LedgerSnapshot, cost: ReadCost) {
    guard let store, state.withLock({ $0.holder == nil }) else { return (try local.snapshot(), ReadCost()) }
    let stored = try await store.load()
    let cost = ReadCost(statements: [store.readClass: 1], roundTrips: 1)
    if try isAhead(of: stored) { return (try local.snapshot(), cost) }
    return (try checked(stored)?.snapshot ?? LedgerSnapshot(), cost)
  }

  /// A warning when the digests of the shared ledger that was read last cannot be compared here; nil otherwise.
  public var warning: Diagnostic? { state.withLock { $0.warning } }

  private func keyWarning(_ document: LedgerDocument?) -> Diagnostic? {
    guard let document, let keys = local.keys, document.keyID != keys.id else { return nil }
    let cause =
      keys.id.isEmpty
      ? "no key for them was given" : document.keyID.isEmpty ? "they were made without one" : "they have another key"
    return .warning(
      "digests in the ledger in \(store?.place ?? "") cannot be compared: \(cause)",
      detail: "Passwords and other values that the account does not show count as changed and are sent again.",
      code: "ledger-key")
  }

  /// The stored ledger, when it is this account's. Throws when it is another's.
  private func checked(_ stored: StoredLedger) throws(Diagnostic) -> LedgerDocument? {
    state.withLock { $0.warning = keyWarning(stored.document) }
    guard let document = stored.document, document.scope != local.scope else { return stored.document }
    throw .error(
      "the ledger in \(store?.place ?? "") is of \(document.scope), not of \(local.scope)",
      detail: "Databases that are replicated or cloned take it along. Name a schema of this account's own.",
      code: "ledger-foreign")
  }

  /// Whether the working copy is of a run that did not get to save.
  private func isAhead(of stored: StoredLedger) throws(Diagnostic) -> Bool {
    guard !stored.intents.isEmpty, try local.revision() == stored.revision, let last = try journal.runs(limit: 1).first
    else { return false }
    return stored.intents.contains { $0.run == last.id }
  }

  // MARK: - Working on it

  /// Takes the ledger for working on it. Throws when somebody else holds it, naming who, and when it cannot be had.
  public func lock(purpose: String) async throws(Diagnostic) {
    let lock = try local.lock(purpose: purpose)
    guard let store else { return state.withLock { $0.lock = lock } }
    do throws(Diagnostic) {
      let holder = LedgerHolder(
        id: try Journal.newRunID(), user: user, host: Machine.name, machine: Machine.id, pid: Int(getpid()),
        started: .now, purpose: purpose)
      try await take(holder, store)
      state.withLock {
        $0.lock = lock
        $0.holder = holder
      }
      do throws(Diagnostic) { try await fetch(store) } catch {
        await release()
        throw error
      }
    } catch {
      lock.release()
      throw error
    }
  }

  private func take(_ holder: LedgerHolder, _ store: any LedgerStore) async throws(Diagnostic) {
    guard let other = try await store.lock(holder) else { return }
    // Killed on this very machine: nobody will give the lock back.
    if other.machine == holder.machine, kill(pid_t(other.pid), 0) != 0, errno == ESRCH {
      try await store.unlock(other)
      if try await store.lock(holder) == nil { return }
    }
    throw .error(
      "the ledger in \(store.place) is locked by \(other)",
      detail: "Wait for it to finish and run again. If it was killed: snowmaker ledger unlock.", code: "ledger-locked")
  }

  private func fetch(_ store: any LedgerStore) async throws(Diagnostic) {
    let stored = try await store.load()
    if try isAhead(of: stored) {
      state.withLock { $0.revision = stored.revision }
      try await save()
    } else {
      try local.replace(with: try checked(stored)?.snapshot ?? LedgerSnapshot(), revision: stored.revision)
      state.withLock {
        $0.revision = stored.revision
        $0.intents = stored.intents
      }
    }
  }

  /// Gives the ledger back. What cannot be taken away stays, and is said by whoever comes next.
  public func release() async {
    let (lock, holder) = state.withLock { state in
      defer { state = State(warning: state.warning) }
      return (state.lock, state.holder)
    }
    if let store, let holder { try? await store.unlock(holder) }
    lock?.release()
  }

  /// Says what a run is about to do, where other machines see it. Throws when that cannot be written: then nothing may
  /// be sent.
  public func announce(_ plan: Plan, run: String) async throws(Diagnostic) {
    guard let store, !plan.steps.isEmpty else { return }
    let touched = plan.resources.filter(\.action.isChange)
    try await store.announce(
      LedgerIntent(
        run: run, started: .now, host: Machine.name,
        creates: touched.filter { $0.action == .create || $0.action == .replace }.map(\.address),
        changes: touched.filter { $0.action != .create && $0.action != .replace }.map(\.address)))
  }

  /// Saves the ledger where it is shared. Throws when that cannot be: the working copy then counts on this machine.
  public func save() async throws(Diagnostic) {
    guard let store else { return }
    let snapshot = try local.snapshot()
    let document = LedgerDocument(
      scope: local.scope, generation: snapshot.generation, keyID: local.keys?.id ?? "",
      entries: Array(snapshot.entries.values))
    let revision = try await store.save(document, after: state.withLock { $0.revision })
    try local.setRevision(revision)
    state.withLock {
      $0.revision = revision
      $0.intents = []
    }
  }

  // MARK: - Taking care of it

  /// What is stored where the ledger is shared, lock and announcements included; nil for the project's own ledger.
  /// Throws when it cannot be read.
  public func stored() async throws(Diagnostic) -> StoredLedger? {
    guard let store else { return nil }
    let stored = try await store.load()
    _ = try checked(stored)
    return stored
  }

  /// Takes the lock of a shared ledger away from whoever holds it; answers who that was. Throws when that cannot be done.
  public func breakLock() async throws(Diagnostic) -> LedgerHolder? {
    guard let store, let holder = try await store.load().holder else { return nil }
    try await store.unlock(holder)
    return holder
  }

  /// Changes what is remembered, everywhere. Hold the lock. Throws when it cannot be written.
  public func change(_ changes: [(Address, LedgerChange)]) async throws(Diagnostic) {
    try local.apply(changes)
    try await save()
  }

  /// Takes over what another ledger remembers, in place of what this one does. Hold the lock. Digests stay behind: they
  /// have another key. Throws when it cannot be written.
  public func takeOver(_ snapshot: LedgerSnapshot) async throws(Diagnostic) {
    var snapshot = snapshot
    snapshot.generation = max(snapshot.generation, try local.generation())
    for address in snapshot.entries.keys { snapshot.entries[address]?.digests = [:] }
    try local.replace(with: snapshot, revision: try local.revision())
    try await save()
  }

  // MARK: - Taking over

  /// Makes what interrupted runs created snowmaker's own again, also those of other machines; `isObject` tells objects from
  /// what has no time of creation. Throws when the state file cannot be read.
  public func claimCreations(in plan: inout Plan, isObject: (Address) -> Bool) throws(Diagnostic) {
    try journal.claimCreations(in: &plan, isObject: isObject)
    journal.claimCreations(of: state.withLock { $0.intents }, in: &plan, isObject: isObject)
  }

  /// Runs of any machine that were announced and never saved.
  public var unsaved: [LedgerIntent] { state.withLock { $0.intents } }
}
