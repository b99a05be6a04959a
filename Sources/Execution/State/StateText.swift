import SnowmakerCore
import SnowmakerModel

/// Documents in the columns of the state file: JSON text, readable with any SQLite tool.
enum StateText {
  static func write(_ value: Value) -> String { String(decoding: JSON.encode(value), as: UTF8.self) }

  static func read(_ text: String?, _ what: String) throws(DocumentError) -> Value {
    guard let text else { throw DocumentError(what, "is missing") }
    do throws(JSON.Failure) { return try JSON.decode(Array(text.utf8)) } catch {
      throw DocumentError(what, error.description)
    }
  }
}

extension Address {
  /// The identity as the state file keys it.
  var identityText: String { StateText.write(.list(identity.map(Value.string))) }

  /// The address in two columns of the state file.
  init(type: String?, identityText: String?) throws(DocumentError) {
    guard let type else { throw DocumentError("address", "its type is missing") }
    let identity = try StateText.read(identityText, "identity")
    guard case .list(let parts) = identity, identity.strings.count == parts.count, !parts.isEmpty else {
      throw DocumentError("identity", "must be a list of texts")
    }
    self.init(type, identity.strings)
  }
}

extension LedgerEntry {
  var declaredText: String {
    StateText.write(.object(declared.sorted { $0.key < $1.key }.map { Value.Field($0.key, $0.value) }))
  }

  var digestsText: String {
    StateText.write(
      .object(
        digests.sorted { $0.key < $1.key }.map { name, pair in
          var builder = DocumentBuilder()
          builder.set("declared", pair.declared)
          builder.set("echoed", pair.echoed)
          return Value.Field(name, builder.document)
        }))
  }

  /// Reads the columns type, identity, origin, created_on, declared, digests, position, prevents_destroy.
  init(row: SQLiteConnection.Row) throws(DocumentError) {
    let address = try Address(type: row.text(0), identityText: row.text(1))
    guard let origin = row.text(2).flatMap(Origin.init(rawValue:)) else {
      throw DocumentError("ledger entry \(address)", "unknown origin '\(row.text(2) ?? "")'")
    }
    self.init(address: address, origin: origin, createdOn: row.text(3))
    for field in try StateText.read(row.text(4), "ledger entry \(address)").fields { declared[field.key] = field.value }
    for field in try StateText.read(row.text(5), "ledger entry \(address)").fields {
      digests[field.key] = DigestPair(
        declared: try field.value.require("declared", in: "ledger entry \(address)"),
        echoed: field.value["echoed"].string)
    }
    preventsDestroy = row.int(7) == 1
    if let text = row.text(6) { position = try SourcePosition(document: try StateText.read(text, "position")) }
  }
}
