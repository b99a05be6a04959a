import SnowmakerModel

extension StatementRun {
  /// The emulator keeps no history: a clone of an earlier moment is one of now. What did not exist then is refused as
  /// Snowflake refuses it.
  func requireHistory(of source: StoredObject, at moment: CloneMoment?) throws(StatementFailure) {
    guard case .offset(let milliseconds)? = moment, world.now() - milliseconds < source.createdOn else { return }
    throw StatementFailure(
      code: "000707", sqlState: "02000",
      message:
        "Time travel data is not available for \(source.kind.lowercased()) \(source.plainName). The requested time "
        + "is either beyond the allowed time travel period or before the object creation time.")
  }

  /// A database from another account. There are no other accounts here, so any name is taken as one that exists.
  func settle(_ object: inout StoredObject, from origin: DatabaseOrigin) throws(StatementFailure) {
    switch origin {
    case .share(let name):
      try require(["IMPORT SHARE"], on: .account)
      let provider = name.parts.dropLast().map(\.name).joined(separator: ".")
      let settings = world.settings
      if [settings.locator, settings.name, "\(settings.organization).\(settings.name)"].contains(provider) {
        throw .invalidGrant("Cannot create a database from share '\(name.sql)' of this account.")
      }
      object.notes["kind"] = "IMPORTED DATABASE"
      object.notes["origin"] = .string(name.sql)
    case .listing(let name):
      try require(["IMPORT SHARE"], on: .account)
      object.notes["kind"] = "IMPORTED DATABASE"
      object.notes["origin"] = .string(name)
    case .replica(let name): object.notes["replica_of"] = .string(name.sql)
    }
  }
}
