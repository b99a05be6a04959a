public import SnowmakerCore
public import SnowmakerModel

/// Where several machines keep one ledger: a place that can be read whole, written whole, and locked.
///
/// A stored ledger has a revision; saving names the revision it is based on, so that nobody's work is lost without
/// being noticed. Nothing in it is a secret: values that the account does not show are keyed digests (`DigestKeys`).
public protocol LedgerStore: Sendable {
  /// What to call it in messages, e.g. `OPS.SNOWMAKER`.
  var place: String { get }
  /// The class that the statement for reading it is counted under.
  var readClass: String { get }

  /// What is stored now. Throws when the place cannot be read or what it holds makes no sense.
  func load() async throws(Diagnostic) -> StoredLedger

  /// Takes the lock; answers who holds it already, nil when it is `holder`'s now. Throws when the place cannot be
  /// written.
  func lock(_ holder: LedgerHolder) async throws(Diagnostic) -> LedgerHolder?

  /// Gives up the lock that `holder` has; does nothing when it is somebody else's by now. Throws when the place cannot be
  /// written.
  func unlock(_ holder: LedgerHolder) async throws(Diagnostic)

  /// Says what a run is about to do, before it does it. Throws when the place cannot be written.
  func announce(_ intent: LedgerIntent) async throws(Diagnostic)

  /// Writes the ledger whole, in place of `revision`, and takes all announcements away. Answers the new revision.
  ///
  /// Throws when the place cannot be written, and when somebody else has saved since: then nothing was changed.
  func save(_ document: LedgerDocument, after revision: Int) async throws(Diagnostic) -> Int
}

/// What a place holds.
public struct StoredLedger: Sendable, Equatable {
  /// Rises with every saving; 0 when nothing was saved yet.
  public var revision: Int
  /// The ledger; nil when nothing was saved yet.
  public var document: LedgerDocument?
  /// What runs have announced that did not get to save: they were killed, or are under way.
  public var intents: [LedgerIntent]
  /// Who holds the lock.
  public var holder: LedgerHolder?

  /// What a place holds; by itself nothing.
  public init(
    revision: Int = 0, document: LedgerDocument? = nil, intents: [LedgerIntent] = [], holder: LedgerHolder? = nil
  ) {
    self.revision = revision
    self.document = document
    self.intents = intents
    self.holder = holder
  }
}

/// A whole ledger, as it is stored.
public struct LedgerDocument: Sendable, Equatable, DocumentCodable {
  /// The version of the document that this snowmaker writes and reads.
  public static let format = 1

  /// Whose ledger it is.
  public var scope: LedgerScope
  /// How many applies the ledger has seen.
  public var generation: Int
  /// Names the key of its digests, see `DigestKeys.id`; empty when they were made without one.
  public var keyID: String
  /// What is managed, in the order of the addresses.
  public var entries: [LedgerEntry]

  /// A document from its parts.
  public init(scope: LedgerScope, generation: Int, keyID: String, entries: [LedgerEntry]) {
    self.scope = scope
    self.generation = generation
    self.keyID = keyID
    self.entries = entries.sorted { $0.address < $1.address }
  }

  /// Reads a document. Throws when it is of another format or makes no sense.
  public init(document: Value) throws(DocumentError) {
    let format = document["format"].int
    guard format == Int64(Self.format) else {
      throw DocumentError("ledger", "its format is \(format.map(String.init) ?? "missing"), not \(Self.format)")
    }
    self.init(
      scope: LedgerScope(
        account: try document.require("account", in: "ledger"), project: try document.require("project", in: "ledger"),
        target: try document.require("target", in: "ledger")),
      generation: Int(document["generation"].int ?? 0), keyID: document["key"].string ?? "",
      entries: try document.decodeList("entries"))
  }

  /// The document, keys in order.
  public var document: Value {
    [
      "format": .int(Int64(Self.format)), "account": .string(scope.account), "project": .string(scope.project),
      "target": .string(scope.target), "generation": .int(Int64(generation)), "key": .string(keyID),
      "entries": .list(entries.map(\.document)),
    ]
  }

  /// The ledger as the planner sees it.
  public var snapshot: LedgerSnapshot {
    LedgerSnapshot(
      generation: generation, entries: Dictionary(entries.map { ($0.address, $0) }, uniquingKeysWith: { $1 }))
  }
}

/// What a run is about to do: enough for another machine to take over when the run is killed.
public struct LedgerIntent: Sendable, Equatable, DocumentCodable {
  /// The run.
  public var run: String
  /// When it began.
  public var started: Timestamp
  /// The machine it runs on.
  public var host: String
  /// The resources it is about to create.
  public var creates: [Address]
  /// The others it is about to change.
  public var changes: [Address]

  /// An intent from its parts.
  public init(run: String, started: Timestamp, host: String, creates: [Address], changes: [Address]) {
    self.run = run
    self.started = started
    self.host = host
    self.creates = creates
    self.changes = changes
  }

  /// Reads an intent. Throws when it makes no sense.
  public init(document: Value) throws(DocumentError) {
    self.init(
      run: try document.require("run", in: "intent"),
      started: Timestamp(milliseconds: document["started"].int ?? 0), host: document["host"].string ?? "",
      creates: try document.decodeList("creates"), changes: try document.decodeList("changes"))
  }

  /// The intent as a document.
  public var document: Value {
    [
      "run": .string(run), "started": .int(started.milliseconds), "host": .string(host),
      "creates": .list(creates.map(\.document)), "changes": .list(changes.map(\.document)),
    ]
  }
}

/// Who holds a ledger's lock.
public struct LedgerHolder: Sendable, Equatable, DocumentCodable, CustomStringConvertible {
  /// Tells this holding from every other.
  public var id: String
  /// The account's user.
  public var user: String
  /// The machine.
  public var host: String
  /// Tells machines and containers of the same name apart.
  public var machine: String
  /// The process.
  public var pid: Int
  /// Since when.
  public var started: Timestamp
  /// What for, e.g. `apply`.
  public var purpose: String

  /// A holder from its parts.
  public init(
    id: String, user: String, host: String, machine: String, pid: Int, started: Timestamp, purpose: String
  ) {
    self.id = id
    self.user = user
    self.host = host
    self.machine = machine
    self.pid = pid
    self.started = started
    self.purpose = purpose
  }

  /// Reads a holder. Throws when it makes no sense.
  public init(document: Value) throws(DocumentError) {
    self.init(
      id: try document.require("id", in: "lock"), user: document["user"].string ?? "",
      host: document["host"].string ?? "", machine: document["machine"].string ?? "",
      pid: Int(document["pid"].int ?? 0), started: Timestamp(milliseconds: document["since"].int ?? 0),
      purpose: document["purpose"].string ?? "")
  }

  /// The holder as a document.
  public var document: Value {
    [
      "id": .string(id), "user": .string(user), "host": .string(host), "machine": .string(machine),
      "pid": .int(Int64(pid)), "since": .int(started.milliseconds), "purpose": .string(purpose),
    ]
  }

  /// For messages.
  public var description: String { "\(user) on \(host) (process \(pid)), \(purpose) since \(started)" }
}
