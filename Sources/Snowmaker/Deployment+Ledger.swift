import Configuration
import Execution
import Glibc
import SnowmakerCore
import SnowmakerModel

extension Deployment {
  /// The environment variable that holds the key of an account ledger's digests when the target names none.
  public static let ledgerKeyVariable = "SNOWMAKER_LEDGER_KEY"

  /// Opens the ledger where the target says: in the project's state folder, or in the account with a working copy there.
  static func openLedger(
    _ configuration: LoadedConfiguration, _ connection: AccountConnection, _ secrets: SecretResolver,
    _ runner: LaneRunner
  ) throws(Diagnostic) -> (StateStore, LedgerDesk) {
    let folder = configuration.project.stateFolder
    let target = configuration.target
    let scope = LedgerScope(account: connection.account, project: configuration.project.name, target: target.name)
    guard let place = target.ledger else {
      let store = try StateStore.open(path: "\(folder)/state.db")
      return (store, LedgerDesk(LocalLedger(store, scope: scope), store: nil, user: connection.facts.user))
    }
    let store = try StateStore.open(path: "\(folder)/working.db")
    let keys = try DigestKeys(text: try ledgerKey(place, secrets), scope: scope)
    let shared = try AccountLedgerStore(
      schema: place.schema, scope: scope, runner: runner, role: place.role ?? target.deployRole)
    return (
      store, LedgerDesk(LocalLedger(store, scope: scope, keys: keys), store: shared, user: connection.facts.user)
    )
  }

  private static func ledgerKey(
    _ ledger: Project.AccountLedger, _ secrets: SecretResolver
  ) throws(Diagnostic) -> String? {
    if let id = ledger.key { return try secrets.value(of: id) }
    guard let text = getenv(ledgerKeyVariable), text.pointee != 0 else { return nil }
    return String(cString: text)
  }

  /// Takes the ledger, runs the body and gives the ledger back. Hold it from before a plan is made until it is applied.
  ///
  /// Throws what the body throws, and when somebody else has the ledger, naming who.
  public func holdingLedger<Result>(
    for purpose: String = "apply", _ body: () async throws -> Result
  ) async throws -> Result {
    try await desk.lock(purpose: purpose)
    do {
      let result = try await body()
      await desk.release()
      return result
    } catch {
      await desk.release()
      throw error
    }
  }

  // MARK: - Taking care of it

  /// Where the ledger is kept, for messages.
  public var ledgerPlace: String { desk.store?.place ?? store.path }

  /// What is remembered of the resources that `text` means: an address in any spelling that plans, `ledger list` and
  /// configuration have, or `TYPE:NAME`, where NAME may have wildcards. Throws when the ledger cannot be read, or nothing in it is meant.
  public func remembered(_ text: String) async throws(Diagnostic) -> [LedgerEntry] {
    let entries = try await desk.snapshot().entries.values.sorted { $0.address < $1.address }
    let exact = entries.filter { $0.address.description == text }
    if !exact.isEmpty { return exact }
    let spellings = AddressText(providers.types)
    let named = Set(spellings.addresses(meant: text, among: entries.map(\.address)))
    if !named.isEmpty { return entries.filter { named.contains($0.address) } }
    if text.contains(":") {
      let selector = try ResourceSelector(parsing: text, types: providers.types)
      let selected = entries.filter { selector.matches($0.address) }
      if !selected.isEmpty { return selected }
    }
    let close = spellings.suggestion(for: text, among: entries.map(\.address))
    throw .error(
      "the ledger in \(ledgerPlace) has no '\(text)'",
      detail: close.map { "Did you mean '\($0)'?" } ?? "'snowmaker ledger list' lists what it has.",
      code: "not-in-ledger")
  }

  /// Where a ledger can be kept.
  public enum LedgerPlace: String, Sendable, CaseIterable {
    /// In the schema that the target names.
    case account
    /// In the project's state folder.
    case local
  }

  /// Moves the ledger from the project's state folder into the account, or back; answers how many entries moved. The
  /// target must name the schema either way; for `local` its `ledger:` is to be removed afterwards.
  ///
  /// Throws when the target names none, when the ledger that it goes to is not empty, and when one cannot be written.
  public func moveLedger(to place: LedgerPlace) async throws -> Int {
    guard desk.store != nil else {
      throw Diagnostic.error(
        "the target '\(ledger.scope.target)' names no schema for a ledger in the account",
        detail: "Write ledger: {account: DATABASE.SCHEMA} under the target in snowmaker.yaml first.",
        code: "ledger-place")
    }
    let own = LocalLedger(
      try StateStore.open(path: "\(workspace.configuration.project.stateFolder)/state.db"), scope: ledger.scope)
    let ownDesk = LedgerDesk(own, store: nil, user: connection.facts.user)
    let (from, to) = place == .account ? (ownDesk, desk) : (desk, ownDesk)
    return try await holdingLedger(for: "move") {
      try await ownDesk.lock(purpose: "move")
      do {
        let moving = try from.local.snapshot()
        let there = try to.local.snapshot()
        guard there.entries.isEmpty || moving.entries.isEmpty else {
          throw Diagnostic.error(
            "the ledger that this one would be moved to has \(counted(there.entries.count, "entry", "entries")) of its own",
            detail: "Nothing was changed.", code: "ledger-not-empty")
        }
        if !moving.entries.isEmpty {
          try await to.takeOver(moving)
          // The old one is emptied when the new one is written: in between both know, and nothing is lost.
          try await from.change(moving.entries.keys.sorted().map { ($0, .remove) })
        }
        await ownDesk.release()
        return moving.entries.count
      } catch {
        await ownDesk.release()
        throw error
      }
    }
  }
}
