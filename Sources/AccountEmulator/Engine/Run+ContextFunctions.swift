import AccountModel
import SnowmakerModel

extension StatementRun {
  /// Functions of the session and the account; nil when there is none of that name.
  func contextFunction(_ name: String, _ arguments: [String?]) throws(StatementFailure) -> Evaluated? {
    let current = session.current
    let settings = world.settings
    func text(_ value: String?) -> Evaluated { Evaluated(text: value) }
    func plain(_ value: String?) -> Evaluated { Evaluated(text: value.map(shown)) }
    switch name {
    case "CURRENT_USER": return plain(context.user)
    case "CURRENT_ROLE": return plain(current.role)
    case "CURRENT_ROLE_TYPE": return text("ROLE")
    case "CURRENT_ACCOUNT": return text(settings.locator)
    case "CURRENT_ACCOUNT_NAME": return text(settings.name)
    case "CURRENT_ORGANIZATION_NAME": return text(settings.organization)
    case "CURRENT_REGION": return text(settings.region)
    case "CURRENT_VERSION": return text(settings.version)
    case "CURRENT_CLIENT": return text("snowmaker emulator")
    case "CURRENT_IP_ADDRESS": return text("127.0.0.1")
    case "CURRENT_DATABASE": return plain(current.database)
    case "CURRENT_SCHEMA": return plain(current.schema)
    case "CURRENT_WAREHOUSE": return plain(current.warehouse)
    case "CURRENT_SESSION": return text(String(session.id))
    case "CURRENT_TRANSACTION": return text(context.transaction.map { String($0.id) })
    case "LAST_TRANSACTION": return text(context.lastTransaction.map { String($0) })
    case "CURRENT_STATEMENT": return text(nil)
    case "CURRENT_SCHEMAS":
      let path = zip([current.database], [current.schema]).compactMap { database, schema in
        database.flatMap { database in schema.map { database + "." + $0 } }
      }
      return text(JSON.string(.list(path.map { .string($0) })))
    case "CURRENT_AVAILABLE_ROLES":
      let roles = account.assumableRoles(of: context.user).map { shown($0.name) }.sorted()
      return text(JSON.string(.list(roles.map { .string($0) })))
    case "CURRENT_SECONDARY_ROLES": return text(secondaryRoles)
    case "IS_ROLE_IN_SESSION":
      let wanted = (arguments.first ?? nil).map { (try? Identifier(parsing: $0))?.sql ?? Identifier(exact: $0).sql }
      return .boolean(wanted.map { held.contains(.account($0)) } ?? false)
    case "IS_DATABASE_ROLE_IN_SESSION":
      let wanted = (arguments.first ?? nil).flatMap { try? QualifiedName(parsing: $0, parts: 1...2) }
      guard let wanted else { return .boolean(false) }
      let full = try resolve(ObjectName(parts: wanted.parts, start: 0), level: .database, for: name)
      return .boolean(held.contains(.database(full)))
    case "LAST_QUERY_ID": return text(try queryID(back: (arguments.first ?? nil).flatMap { Int($0) } ?? -1))
    case "CURRENT_TIMESTAMP", "LOCALTIMESTAMP", "GETDATE", "SYSTIMESTAMP", "SYSDATE", "CURRENT_DATE", "CURRENT_TIME",
      "LOCALTIME":
      return try clockFunction(name, arguments)
    case "GET_DDL": return text(try definition(arguments))
    case "GETVARIABLE": return text((arguments.first ?? nil).flatMap { context.variables[$0.uppercased()] })
    case "UUID_STRING": return text(WireRandom.queryID())
    default: return nil
    }
  }

  /// What the clocks of the session show; SYSDATE is UTC's.
  private func clockFunction(_ name: String, _ arguments: [String?]) throws(StatementFailure) -> Evaluated {
    let now = Moment(milliseconds: world.now())
    let scale = (arguments.first ?? nil).flatMap { Int($0) } ?? 9
    guard (0...9).contains(scale) else {
      throw StatementFailure(
        code: "001014", sqlState: "22023", message: "SQL compilation error:\ninvalid precision '\(scale)' of \(name)")
    }
    if name == "SYSDATE" { return try values.value(ClockTime(local: now), .timestamp_ntz, scale: scale) }
    let offset = try values.zone().offset(at: now.seconds)
    let type: ResultColumn.ResultType =
      name == "CURRENT_DATE" ? .date : name.hasSuffix("TIME") ? .time : .timestamp_ltz
    return try values.value(ClockTime(local: now.advanced(by: offset), offset: offset), type, scale: scale)
  }

  private var secondaryRoles: String {
    let context = context
    let secondary =
      context.allSecondaryRoles
      ? account.roles(grantedToUser: context.user).keys.filter { $0.name != session.current.role }
      : context.secondaryRoles
    let names = secondary.map { shown($0.name) }.sorted().joined(separator: ",")
    return JSON.string(
      .object([.init("roles", .string(names)), .init("value", .string(context.allSecondaryRoles ? "ALL" : ""))]))
  }

  /// `LAST_QUERY_ID(-2)` counts back from the last, `LAST_QUERY_ID(1)` from the first that is remembered.
  private func queryID(back position: Int) throws(StatementFailure) -> String? {
    if position == -1 { return context.lastQueryID }
    let ids = context.results.map(\.id)
    let index = position < 0 ? ids.count + position : position - 1
    return ids.indices.contains(index) ? ids[index] : nil
  }
}
