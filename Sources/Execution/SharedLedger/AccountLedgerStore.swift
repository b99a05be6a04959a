public import SnowmakerModel

/// A ledger kept in a schema of the account itself, as comments of small objects (`AccountLedgerSQL`), so that reading it
/// is one SHOW and needs no warehouse.
///
/// Objects of one ledger, all named `SNOWMAKER_<KEY>_…`, the key being of project and target:
///
/// * `LEDGER_R<revision>`: the ledger of that revision, or where its parts are. The highest counts. Made last, without
///   OR REPLACE: of two machines that save the same revision one fails.
/// * `INTENT_<run>`: what a run is about to do.
/// * `PART_<id>_<number>`: a piece of either, when it is too long for one comment.
/// * `LOCK`: made without IF NOT EXISTS, so that only one machine can.
public struct AccountLedgerStore: LedgerStore {
  /// The schema, canonical.
  public let place: String
  /// SHOW of the objects that hold it.
  public var readClass: String { AccountLedgerSQL.listClass }
  private let runner: any StatementRunner
  private let role: String?
  private let scope: LedgerScope
  private let prefix: String

  /// The ledger of `scope` in the schema. `role` reads and writes it, nil for the login's.
  public init(
    schema: String, scope: LedgerScope, runner: any StatementRunner, role: String?
  ) throws(Diagnostic) {
    place = schema
    self.scope = scope
    self.runner = runner
    self.role = role
    let key = try Crypto.sha256(Array("\(scope.project)\0\(scope.target)".utf8)).prefix(12).uppercased()
    prefix = "SNOWMAKER_\(key)_"
  }

  // MARK: - Reading

  /// What is stored now. Throws when the schema cannot be read or what it holds makes no sense.
  public func load() async throws(Diagnostic) -> StoredLedger {
    let objects = try await list()
    do throws(DocumentError) {
      var stored = StoredLedger()
      if let lock = objects[prefix + "LOCK"] { stored.holder = try LedgerHolder(document: lock["holder"]) }
      for name in objects.keys.sorted() where name.hasPrefix(prefix + "INTENT_") {
        stored.intents.append(try LedgerIntent(document: try unpack(objects[name] ?? .null, objects)))
      }
      stored.revision = revisions(objects).max() ?? 0
      if stored.revision > 0 {
        let manifest = objects[ledgerName(stored.revision)] ?? .null
        stored.document = try LedgerDocument(document: try unpack(manifest, objects))
      }
      return stored
    } catch {
      throw .error(
        "the ledger in \(place) is damaged: \(error.description)",
        detail:
          "Nothing was changed. Its objects are named \(prefix)…; without them what is managed becomes unmanaged, "
          + "and nothing is lost but the memory of it.", code: "ledger-damaged")
    }
  }

  /// The objects' comments by name.
  private func list() async throws(Diagnostic) -> [String: Value] {
    let answer: StatementAnswer
    do throws(StatementError) {
      answer = try await runner.run(
        AccountLedgerSQL.list(prefix, in: place), role: role, purpose: .read(AccountLedgerSQL.listClass))
    } catch { throw problem("read", error) }
    guard let name = answer.columns.firstIndex(of: "name"), let comment = answer.columns.firstIndex(of: "comment")
    else {
      throw .error(
        "the ledger in \(place) cannot be read: the account's answer has no comments", code: "ledger-damaged")
    }
    var objects: [String: Value] = [:]
    for row in answer.rows {
      // In LIKE an underscore stands for any character: other names may have come along.
      guard let name = row[name].string, name.hasPrefix(prefix), let text = row[comment].string else { continue }
      objects[name] = (try? JSON.decode(Array(text.utf8))) ?? .null
    }
    return objects
  }

  private func revisions(_ objects: [String: Value]) -> [Int] {
    objects.keys.compactMap { $0.suffix(after: prefix + "LEDGER_R").flatMap { Int($0) } }
  }

  private func unpack(_ manifest: Value, _ objects: [String: Value]) throws(DocumentError) -> Value {
    var texts: [String] = []
    if let text = manifest["data"].string {
      texts = [text]
    } else {
      let id = try manifest.require("parts", in: "ledger")
      for number in 0..<Int(manifest["count"].int ?? 0) {
        guard let text = objects[partName(id, number)]?["data"].string else {
          throw DocumentError("ledger", "its part \(partName(id, number)) is missing")
        }
        texts.append(text)
      }
    }
    return try LedgerPacking.unpack(
      LedgerPacking.Packed(
        texts: texts, size: Int(manifest["size"].int ?? 0), digest: try manifest.require("sha256", in: "ledger"),
        isCompressed: manifest["coding"].string == "gzip"))
  }

  // MARK: - Writing

  /// Takes the lock; answers who holds it already, nil when it is `holder`'s now. Throws when it cannot be made.
  public func lock(_ holder: LedgerHolder) async throws(Diagnostic) -> LedgerHolder? {
    let comment = note("lock", ["holder": holder.document])
    do throws(StatementError) {
      try await write(AccountLedgerSQL.create(prefix + "LOCK", in: place, comment: comment))
      return nil
    } catch {
      guard error.code == AccountLedgerSQL.alreadyExists || error.kind == .unanswered else {
        throw problem("locked", error)
      }
      if let other = try await load().holder { return other.id == holder.id ? nil : other }
      throw error.kind == .unanswered
        ? problem("locked", error)
        : .error(
          "the ledger in \(place) is locked, and \(role ?? "the role that reads it") may not see by whom",
          detail: "The role that made \(prefix)LOCK must read it.", code: "ledger-locked")
    }
  }

  /// Gives up the lock that `holder` has; does nothing when it is somebody else's by now.
  public func unlock(_ holder: LedgerHolder) async throws(Diagnostic) {
    guard let lock = try await list()[prefix + "LOCK"], lock["holder"]["id"].string == holder.id else { return }
    try await remove([prefix + "LOCK"])
  }

  /// Says what a run is about to do, before it does it.
  public func announce(_ intent: LedgerIntent) async throws(Diagnostic) {
    try await write(intent.document, as: prefix + "INTENT_\(intent.run.uppercased())", what: "intent", id: intent.run)
  }

  /// Writes the ledger whole, in place of `revision`, and takes all announcements away.
  public func save(_ document: LedgerDocument, after revision: Int) async throws(Diagnostic) -> Int {
    let id = try Journal.newRunID()
    let next = revision + 1
    do throws(Diagnostic) {
      try await write(document.document, as: ledgerName(next), what: "ledger", id: id)
    } catch {
      // Its pieces are swept away by the next saving.
      throw error.code == "ledger-exists" ? conflict(next) : error
    }
    let objects = try await list()
    guard revisions(objects).max() ?? next == next else { throw conflict(next) }
    // What points goes before what is pointed to: a reader never finds a piece missing.
    let old = objects.keys.filter { $0 != ledgerName(next) && !$0.hasPrefix(prefix + "PART_\(id.uppercased())_") }
    try await remove(old.filter { $0.hasPrefix(prefix + "LEDGER_") }.sorted())
    try await remove(old.filter { $0.hasPrefix(prefix + "INTENT_") }.sorted())
    try await remove(old.filter { $0.hasPrefix(prefix + "PART_") }.sorted())
    return next
  }

  private func conflict(_ revision: Int) -> Diagnostic {
    .error(
      "somebody else has written the ledger in \(place) meanwhile (revision \(revision))",
      detail: "The lock was broken while this run was at work. What it did is done and stays; apply again to bring the "
        + "ledger up to date.", code: "ledger-conflict")
  }

  private func write(_ document: Value, as name: String, what: String, id: String) async throws(Diagnostic) {
    let packed = try LedgerPacking.pack(document)
    var fields: [Value.Field] = [
      .init("size", .int(Int64(packed.size))), .init("sha256", .string(packed.digest)),
      .init("coding", .string(packed.isCompressed ? "gzip" : "none")),
    ]
    if packed.texts.count == 1, packed.texts[0].utf8.count <= LedgerPacking.chunkSize - 1_000 {
      fields.append(.init("data", .string(packed.texts[0])))
    } else {
      fields.append(.init("parts", .string(id)))
      fields.append(.init("count", .int(Int64(packed.texts.count))))
      for (number, text) in packed.texts.enumerated() {
        try await make(partName(id, number), JSON.string(["snowmaker": "part", "data": .string(text)]))
      }
    }
    try await make(name, note(what, .object(fields)))
  }

  private func make(_ name: String, _ comment: String) async throws(Diagnostic) {
    do throws(StatementError) {
      try await write(AccountLedgerSQL.create(name, in: place, comment: comment))
    } catch {
      if error.code == AccountLedgerSQL.alreadyExists {
        throw .error("\(place).\(name) exists already", code: "ledger-exists")
      }
      // An answer that was lost: the object's comment tells whether the statement had its effect.
      if error.kind == .unanswered, let found = try await list()[name], JSON.string(found) == comment { return }
      throw problem("written", error)
    }
  }

  private func remove(_ names: [String]) async throws(Diagnostic) {
    for name in names {
      do throws(StatementError) { try await write(AccountLedgerSQL.drop(name, in: place)) } catch {
        // Somebody else has swept it away.
        if AccountLedgerSQL.missing.contains(error.code) { continue }
        throw problem("written", error)
      }
    }
  }

  private func write(_ sql: String) async throws(StatementError) {
    _ = try await runner.run(sql, role: role, purpose: .write)
  }

  // MARK: - Small things

  private func ledgerName(_ revision: Int) -> String {
    let digits = String(revision)
    return prefix + "LEDGER_R" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }

  private func partName(_ id: String, _ number: Int) -> String { prefix + "PART_\(id.uppercased())_\(number)" }

  /// A comment that says what the object is to whoever comes across it.
  private func note(_ what: String, _ rest: Value) -> String {
    let head: [Value.Field] = [
      .init("snowmaker", .string(what)), .init("project", .string(scope.project)),
      .init("target", .string(scope.target)),
    ]
    return JSON.string(.object(head + rest.fields))
  }

  private func problem(_ done: String, _ error: StatementError) -> Diagnostic {
    let database = (try? QualifiedName(parsing: place))?.container?.sql ?? place
    return .error(
      "the ledger in \(place) cannot be \(done): \(error)",
      detail: error.kind == .failed
        ? "The schema must exist, and the role that keeps the ledger needs: "
          + AccountLedgerSQL.grants(schema: place, database: database, role: role ?? "…") + "." : "",
      code: "ledger-unreachable")
  }
}
