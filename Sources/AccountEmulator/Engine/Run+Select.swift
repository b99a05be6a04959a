import AccountModel
import SnowmakerModel

/// A value that an expression came to.
struct Evaluated {
  var text: String?
  var type = ResultColumn.ResultType.text

  static let null = Evaluated(text: nil)
  static func boolean(_ flag: Bool) -> Evaluated { Evaluated(text: flag ? "1" : "0", type: .boolean) }

  func cast(to type: String) -> Evaluated {
    switch type {
    case "INT", "INTEGER", "NUMBER", "BIGINT", "DECIMAL", "NUMERIC": Evaluated(text: text, type: .fixed)
    case "BOOLEAN": text == nil ? .null : .boolean(isTrue)
    default: Evaluated(text: self.type == .boolean ? text.map { $0 == "1" ? "true" : "false" } : text)
    }
  }
}

extension StatementRun {
  /// SELECT without FROM.
  func select(_ items: [SelectItem]) throws(StatementFailure) -> StatementResult {
    var columns: [ResultColumn] = []
    var row: [String?] = []
    for item in items {
      let value = try evaluate(item.expression)
      columns.append(ResultColumn(name: item.name, type: value.type))
      row.append(value.text)
    }
    return StatementResult(columns: columns, rows: [row], statementTypeID: 0x1000)
  }

  /// What an expression comes to, on a row when there is one. Throws 000904 for a column that is not there.
  func evaluate(_ expression: Expression, _ row: QueryRow? = nil) throws(StatementFailure) -> Evaluated {
    switch expression {
    case .null: return .null
    case .boolean(let flag): return .boolean(flag)
    case .string(let text): return Evaluated(text: text)
    case .number(let text):
      let isWhole = text.allSatisfy { $0.isNumber || $0 == "-" }
      return Evaluated(text: text, type: isWhole ? .fixed : .real)
    case .variable(let name):
      guard let value = context.variables[name] else {
        throw StatementFailure(
          code: "002211", sqlState: "02000",
          message: "SQL compilation error: error line 1 at position 0\nSession variable '$\(name)' does not exist")
      }
      return Evaluated(text: value)
    case .placeholder(let key): return Evaluated(text: bindings[key]?.values.first ?? nil)
    case .call(let name, let arguments):
      if let row, let number = RowGenerator.value(name, arguments, row) { return number }
      var values: [Evaluated] = []
      for argument in arguments { values.append(try evaluate(argument, row)) }
      return try call(name, values)
    case .column(let parts):
      let name = parts[parts.count - 1]
      guard let row, let index = row.table.index(of: name) else {
        throw .invalidIdentifier(parts.map(\.sql).joined(separator: "."))
      }
      return Evaluated(text: row.cells[index], type: row.table.columns[index].type)
    case .binary(let symbol, let left, let right):
      return try binary(symbol, evaluate(left, row), evaluate(right, row))
    case .not(let inner):
      let value = try evaluate(inner, row)
      return value.text == nil ? .null : .boolean(!value.isTrue)
    case .isNull(let inner): return .boolean(try evaluate(inner, row).text == nil)
    case .isOneOf(let left, let items):
      let value = try evaluate(left, row)
      guard value.text != nil else { return .null }
      for item in items where value.compared(to: try evaluate(item, row)) == 0 { return .boolean(true) }
      return .boolean(false)
    case .like(let left, let pattern, let ignoresCase):
      guard let text = try evaluate(left, row).text, let pattern = try evaluate(pattern, row).text else { return .null }
      return .boolean(Like.matches(text, pattern, ignoresCase: ignoresCase))
    case .cast(let inner, let type): return try evaluate(inner, row).cast(to: type)
    case .countAll: throw .unsupported("COUNT(*) here")
    }
  }

  private func binary(_ symbol: String, _ left: Evaluated, _ right: Evaluated) throws(StatementFailure) -> Evaluated {
    switch symbol {
    case "AND": return .boolean(left.isTrue && right.isTrue)
    case "OR": return .boolean(left.isTrue || right.isTrue)
    case "||":
      guard let first = left.text, let second = right.text else { return .null }
      return Evaluated(text: first + second)
    default:
      guard let order = left.compared(to: right) else { return .null }
      switch symbol {
      case "=": return .boolean(order == 0)
      case "<>": return .boolean(order != 0)
      case "<": return .boolean(order < 0)
      case "<=": return .boolean(order <= 0)
      case ">": return .boolean(order > 0)
      default: return .boolean(order >= 0)
      }
    }
  }

  private func call(_ name: String, _ values: [Evaluated]) throws(StatementFailure) -> Evaluated {
    let arguments = values.map(\.text)
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
    case "CURRENT_SCHEMAS":
      let path = zip([current.database], [current.schema]).compactMap { database, schema in
        database.flatMap { database in schema.map { database + "." + $0 } }
      }
      return text(JSON.string(.list(path.map { .string($0) })))
    case "CURRENT_AVAILABLE_ROLES":
      let roles = account.assumableRoles(of: context.user).map { shown($0.name) }.sorted()
      return text(JSON.string(.list(roles.map { .string($0) })))
    case "CURRENT_SECONDARY_ROLES":
      let context = context
      let secondary =
        context.allSecondaryRoles
        ? account.roles(grantedToUser: context.user).keys.filter { $0.name != current.role } : context.secondaryRoles
      let names = secondary.map { shown($0.name) }.sorted().joined(separator: ",")
      return text(
        JSON.string(
          .object([.init("roles", .string(names)), .init("value", .string(context.allSecondaryRoles ? "ALL" : ""))])))
    case "IS_ROLE_IN_SESSION":
      let wanted = (arguments.first ?? nil).map { (try? Identifier(parsing: $0))?.sql ?? Identifier(exact: $0).sql }
      return .boolean(wanted.map { held.contains(.account($0)) } ?? false)
    case "LAST_QUERY_ID": return text(context.lastQueryID)
    case "CURRENT_TIMESTAMP", "LOCALTIMESTAMP", "GETDATE", "SYSDATE":
      return Evaluated(text: Self.timestamp(world.now()), type: .timestamp_ltz)
    case "CURRENT_DATE": return Evaluated(text: String(world.now() / 86_400_000), type: .date)
    case "CURRENT_TIME": return Evaluated(text: String(world.now() / 1000 % 86_400) + ".000000000", type: .time)
    case "COALESCE", "NVL", "IFNULL": return values.first { $0.text != nil } ?? .null
    case "PARSE_JSON", "TO_VARCHAR", "TO_CHAR", "TRIM": return text(arguments.first ?? nil)
    case "LENGTH", "LEN":
      return Evaluated(text: (arguments.first ?? nil).map { String($0.unicodeScalars.count) }, type: .fixed)
    case "CONCAT": return text(arguments.contains(nil) ? nil : arguments.compactMap(\.self).joined())
    case "SYSTEM$GET_TAG": return text(try tagValue(arguments))
    case "GET_DDL": return text(try definition(arguments))
    case "SYSTEM$GET_DCM_PROJECT_PROGRESS": return text(nil)
    case "SYSTEM$WHITELIST", "SYSTEM$ALLOWLIST": return text("[]")
    case "SYSTEM$TYPEOF": return text(values.first.map { $0.type.rawValue.uppercased() } ?? nil)
    case "SYSTEM$BEHAVIOR_CHANGE_BUNDLE_STATUS": return text("DISABLED")
    case "SYSTEM$ENABLE_BEHAVIOR_CHANGE_BUNDLE", "SYSTEM$DISABLE_BEHAVIOR_CHANGE_BUNDLE": return text("ENABLED")
    case "SYSTEM$GET_PREDECESSOR_RETURN_VALUE", "SYSTEM$CURRENT_USER_TASK_NAME": return text(nil)
    case "SYSTEM$WAIT": return text("waited \((arguments.first ?? nil) ?? "0") seconds")
    case "UPPER": return text((arguments.first ?? nil)?.uppercased())
    case "LOWER": return text((arguments.first ?? nil)?.lowercased())
    case "SYSTEM$BOOTSTRAP_DATA_REQUEST":
      let account: Value = .object([
        .init("serviceLevelName", .string(settings.edition)), .init("accountName", .string(settings.name)),
      ])
      return text(
        JSON.string(.object([.init("accountInfo", account), .init("serverVersion", .string(settings.version))])))
    case "SYSTEM$SHOW_ACTIVE_BEHAVIOR_CHANGE_BUNDLES": return text("[]")
    case "SYSTEM$CLIENT_VERSION_INFO":
      // snowflake.core looks into the list and fails on an empty one.
      let client =
        #"{"clientId":"PyCore","clientAppId":"PyCore","minimumSupportedVersion":"0.0.1","#
        + #""minimumNearingEndOfSupportVersion":"0.0.1","recommendedVersion":"1.0.0","deprecatedVersions":[]}"#
      return text("[" + client + "]")
    default:
      throw StatementFailure(
        code: "002140", sqlState: "42601", message: "SQL compilation error:\nUnknown function \(name)")
    }
  }
}
