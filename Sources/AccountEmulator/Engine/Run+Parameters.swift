import AccountModel
import SnowmakerModel

extension StatementRun {
  private var accountObject: StoredObject {
    world.object("ACCOUNT", "") ?? StoredObject(kind: "ACCOUNT", name: "", createdOn: world.now())
  }

  /// What was set on the account.
  var accountAttributes: [String: Value] { accountObject.attributes }

  /// Notes something of the account under a name that is no parameter's.
  func setAccount(_ name: String, _ text: String) {
    var object = accountObject
    object.attributes[name] = .string(text)
    world.put(object)
  }

  /// The value of a parameter of the account, when it was set.
  func accountParameter(_ name: String) -> String? { accountObject.text(name) }

  /// The value of a parameter for this statement: what came with it, or the session's own, the user's, the account's or the default.
  func sessionParameter(_ name: String) -> String {
    parameters[name] ?? session.current.parameters[name] ?? world.object("USER", context.user)?.text(name)
      ?? accountParameter(name)
      ?? KnownParameters.find(name)?.defaultValue ?? ""
  }

  // MARK: ALTER ACCOUNT, ALTER SESSION

  func alterAccount(_ action: AlterAction) throws(StatementFailure) -> StatementResult {
    var object = accountObject
    switch action {
    case .set(let properties, _):
      for property in properties {
        let parameter = try parameter(property.name, where: \.onAccount)
        try requireAccountChange(parameter)
        try checkParameter(parameter, property.value)
        object.attributes[parameter.name] = .string(try parameter.canonical(property.value))
      }
    case .unset(let names):
      for name in names {
        let parameter = try parameter(name, where: \.onAccount)
        try requireAccountChange(parameter)
        object.attributes[parameter.name] = nil
      }
    case .policy(let kind, let name, let force):
      guard held.contains(.accountAdmin) || holds("APPLY \(kind)", on: .account) else { throw denied(.account) }
      try attach(kind, name, force: force, to: &object)
    default: throw .unsupported("ALTER ACCOUNT")
    }
    world.put(object)
    return Self.done
  }

  func alterSession(_ action: AlterAction) throws(StatementFailure) -> StatementResult {
    var parameters = session.current.parameters
    switch action {
    case .set(let properties, _):
      for property in properties {
        let parameter = try parameter(property.name, where: \.onSession)
        try checkParameter(parameter, property.value)
        parameters[parameter.name] = try parameter.canonical(property.value)
      }
    case .unset(let names):
      for name in names { parameters[try parameter(name, where: \.onSession).name] = nil }
    default: throw .unsupported("ALTER SESSION")
    }
    let changed = parameters
    session.update { $0.parameters = changed }
    return Self.status("Statement executed successfully.", 0x4100)
  }

  private func parameter(
    _ name: String, where level: KeyPath<KnownParameter, Bool>
  ) throws(StatementFailure) -> KnownParameter {
    guard let parameter = KnownParameters.find(name), parameter[keyPath: level] else { throw .invalidParameter(name) }
    return parameter
  }

  /// Account parameters are ACCOUNTADMIN's, except that ATTACH POLICY suffices for the network policy.
  private func requireAccountChange(_ parameter: KnownParameter) throws(StatementFailure) {
    if held.contains(.accountAdmin) { return }
    if parameter.name == "NETWORK_POLICY", holds("ATTACH POLICY", on: .account) || held.contains(.securityAdmin) {
      return
    }
    throw denied(.account)
  }

  /// Checks what a parameter's value refers to.
  func checkParameter(_ parameter: KnownParameter, _ literal: Literal) throws(StatementFailure) {
    if parameter.name == "TIMEZONE" {
      let zone = try parameter.canonical(literal)
      guard TimeZoneRules.named(zone) != nil else { throw .invalidParameterValue(zone, for: parameter.name) }
    }
    guard parameter.name == "NETWORK_POLICY", let kind = registry.kind("NETWORK POLICY") else { return }
    let text = try parameter.canonical(literal)
    let name = (try? Identifier(parsing: text))?.sql ?? Identifier(exact: text).sql
    guard world.exists(kind.sqlName, name) else { throw .missing(kind.displayName, text) }
  }

  // MARK: SHOW PARAMETERS, SHOW VARIABLES

  func showParameters(_ like: String?, _ target: ParameterTarget) throws(StatementFailure) -> StatementResult {
    var rows: [[String?]] = []
    func add(_ name: String, _ value: String, _ defaultValue: String, _ level: String) {
      if let like, !Like.matches(name, like) { return }
      let type = KnownParameters.find(name)?.type ?? .string
      rows.append([name, value, defaultValue, level, "", type.rawValue])
    }
    switch target {
    case .account:
      for parameter in KnownParameters.all.values where parameter.onAccount {
        let set = accountParameter(parameter.name)
        add(parameter.name, set ?? parameter.defaultValue, parameter.defaultValue, set == nil ? "" : "ACCOUNT")
      }
    case .session:
      let own = session.current.parameters
      let user = world.object("USER", context.user)
      for parameter in KnownParameters.all.values where parameter.onSession {
        let levels = [
          (own[parameter.name], "SESSION"), (user?.text(parameter.name), "USER"),
          (accountParameter(parameter.name), "ACCOUNT"),
        ]
        let found = levels.first { $0.0 != nil }
        add(parameter.name, found?.0 ?? parameter.defaultValue, parameter.defaultValue, found?.1 ?? "")
      }
    case .object(let type, let name):
      guard let kind = registry.kind(type) else { throw .unsupported("SHOW PARAMETERS IN \(type)") }
      let object: StoredObject
      do throws(StatementFailure) { object = try find(kind, name, for: "SHOW PARAMETERS") } catch {
        throw error.code == "002003" ? .missing(kind.displayName, name.sql) : error
      }
      for parameter in kind.parameters.keys {
        let found = effectiveParameter(parameter, of: object, kind)
        add(parameter, found.value, kind.parameterDefault(parameter), found.level)
      }
    }
    rows.sort { ($0[0] ?? "") < ($1[0] ?? "") }
    return StatementResult(
      columns: ["key", "value", "default", "level", "description", "type"].map { ResultColumn(name: $0) }, rows: rows,
      statementTypeID: 0x4400)
  }

  /// The value of a parameter for an object and the level that set it: its own, its containers', the account's; an empty
  /// level for the default.
  func effectiveParameter(
    _ name: String, of object: StoredObject, _ kind: ObjectKind
  ) -> (value: String, level: String) {
    var current = object
    var kind = kind
    while true {
      if let value = own(name, of: current, kind) { return (value, kind.sqlName) }
      guard let container = Securable(type: current.kind, name: current.name).container,
        let outer = world.object(container.type, container.name), let outerKind = registry.kind(container.type)
      else { break }
      current = outer
      kind = outerKind
    }
    if let value = accountParameter(name) { return (value, "ACCOUNT") }
    return (kind.parameterDefault(name), "")
  }

  private func own(_ name: String, of object: StoredObject, _ kind: ObjectKind) -> String? {
    if let attribute = kind.parameters[name] ?? nil, let value = object.attributes[attribute] {
      return ShowColumn.text(value)
    }
    return object.attributes[name].flatMap(ShowColumn.text)
  }

  func showVariables(_ like: String?) -> StatementResult {
    let rows = context.variables.filter { like == nil || Like.matches($0.key, like ?? "") }.sorted { $0.key < $1.key }
    return StatementResult(
      columns: ["session_id", "created_on", "updated_on", "name", "value", "type", "comment"].map {
        ResultColumn(name: $0)
      },
      rows: rows.map {
        [String(session.id), nil, nil, $0.key, $0.value, (context.variableTypes[$0.key] ?? .text).rawValue, ""]
      }, statementTypeID: 0x4400)
  }
}
