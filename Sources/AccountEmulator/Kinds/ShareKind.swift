import AccountModel
import SnowmakerModel

extension BuiltInKinds {
  /// Shares that this account gives, and those its imported databases came from.
  static let shareSchema: TypeSchema = {
    var accounts = attribute("accounts", .list(.text))
    accounts.column = nil
    var schema = TypeSchema(
      "share", plural: "shares", sqlName: "SHARE", identity: [.name],
      attributes: [comment, accounts, attribute("secure_objects_only", .boolean)])
    schema.emulation = Emulation(
      showColumns: facts("created_on kind owner_account name database_name to owner")
        + [EmulatedColumn("comment", .attribute("comment"))] + facts("listing_global_name secure_objects_only"))
    return schema
  }()
}

/// A share has one database, and is given to accounts after that.
struct ShareBehavior: KindBehavior {
  private static let inbound = "inbound"

  func fact(_ name: String, of object: StoredObject, in run: StatementRun) -> String?? {
    let settings = run.world.settings
    let isInbound = object.notes[Self.inbound] != nil
    switch name {
    case "kind": return isInbound ? "INBOUND" : "OUTBOUND"
    case "owner_account":
      return isInbound ? object.notes["provider"]?.string : "\(settings.organization).\(settings.name)"
    case "database_name":
      if let database = object.notes["database"]?.string { return run.shown(database) }
      return run.sharedDatabase(of: .share(object.name)).map(run.shown) ?? ""
    case "to": return .some(object.attributes["accounts"]?.strings.joined(separator: ", ") ?? "")
    case "owner" where isInbound: return ""
    case "listing_global_name": return ""
    case "secure_objects_only": return object.attributes[name] == .bool(false) ? "false" : "true"
    default: return nil
    }
  }

  func complete(
    _ object: inout StoredObject, from statement: CreateStatement, in run: StatementRun
  ) throws(StatementFailure) {
    try requireAccounts(object, run)
  }

  func alter(
    _ object: inout StoredObject, from before: StoredObject, in run: StatementRun
  ) throws(StatementFailure) {
    try requireAccounts(object, run)
  }

  private func requireAccounts(_ object: StoredObject, _ run: StatementRun) throws(StatementFailure) {
    let accounts = object.attributes["accounts"]?.strings ?? []
    guard !accounts.isEmpty else { return }
    guard run.sharedDatabase(of: .share(object.name)) != nil else {
      throw .invalidGrant(
        "Share '\(object.plainName)' does not currently have a database. A database must be added before accounts.")
    }
    let settings = run.world.settings
    for account in accounts where [settings.locator, "\(settings.organization).\(settings.name)"].contains(account) {
      throw .invalidGrant("Share '\(object.plainName)' cannot be given to the account that owns it.")
    }
  }

  /// What the imported databases came from.
  func others(in run: StatementRun) -> [StoredObject] {
    run.world.objects("DATABASE").compactMap { database in
      guard run.isImported(.database(database.name)), run.sees(.database(database.name)),
        let origin = database.notes["origin"]?.string
      else { return nil }
      let parts = origin.split(separator: ".").map(String.init)
      // What came by a listing has no share to be told.
      guard parts.count > 1 || database.name == "SNOWFLAKE" else { return nil }
      let share = parts.count > 1 ? parts[parts.count - 1] : "ACCOUNT_USAGE"
      let provider = parts.count > 1 ? parts.dropLast().joined(separator: ".") : "SNOWFLAKE"
      return StoredObject(
        kind: "SHARE", name: Identifier(exact: share).sql, createdOn: database.createdOn,
        notes: [Self.inbound: true, "provider": .string(provider), "database": .string(database.name)])
    }
  }

  func describe(_ object: StoredObject, in run: StatementRun) -> StatementResult? {
    let grants = run.account.grants(to: .share(object.name)).sorted {
      ($0.on.type == "DATABASE" ? 0 : $0.on.type == "SCHEMA" ? 1 : 2, $0.on.name)
        < ($1.on.type == "DATABASE" ? 0 : $1.on.type == "SCHEMA" ? 1 : 2, $1.on.name)
    }
    return StatementResult(
      columns: [
        ResultColumn(name: "kind"), ResultColumn(name: "name"), ResultColumn(name: "shared_on", type: .timestamp_ltz),
      ], rows: grants.map { [$0.on.type, $0.on.name, StatementRun.timestamp($0.createdOn)] }, statementTypeID: 0x4500)
  }
}
