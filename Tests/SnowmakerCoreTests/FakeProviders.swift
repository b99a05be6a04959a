import SnowmakerModel
import Synchronization

@testable import SnowmakerCore

/// Plans the types of `Fixture` as a provider would: compares attribute by attribute, renders plain SQL.
final class FakeProviders: Providers {
  let types = Fixture.types
  let requests = Mutex<[PlanRequest]>([])
  let checks = Mutex<[CheckRequest]>([])
  let checkAnswer: [Diagnostic]
  let failing: String?
  /// Changes that a test wants to see instead.
  let overrides: [Address: Change]

  init(checkAnswer: [Diagnostic] = [], failing: String? = nil, overrides: [Address: Change] = [:]) {
    self.checkAnswer = checkAnswer
    self.failing = failing
    self.overrides = overrides
  }

  func validate(_ resources: [DeclaredResource], type: String, context: RequestContext) async throws(Diagnostic)
    -> [[Diagnostic]]
  { resources.map { _ in [] } }

  func read(_ request: ReadRequest) async throws(Diagnostic) -> ReadReply { ReadReply() }

  func check(_ request: CheckRequest) async throws(Diagnostic) -> [Diagnostic] {
    checks.withLock { $0.append(request) }
    return checkAnswer
  }

  func plan(_ request: PlanRequest) async throws(Diagnostic) -> [Change] {
    requests.withLock { $0.append(request) }
    if request.type == failing { throw .error("the plugin crashed", code: "plugin-crash") }
    return request.items.map { item in
      overrides[Address(request.type, item.identity)] ?? change(item, request)
    }
  }

  private func change(_ item: PlanItem, _ request: PlanRequest) -> Change {
    switch request.type {
    case "grant", "future_grant", "all_grant", "role_grant": return grantChange(item, request)
    default: break
    }
    guard let schema = types[request.type], let sqlName = schema.sqlName else { return Change(.none) }
    let object = SQLObject(sqlName, item.identity.joined(separator: "."))
    guard let declared = item.declared else {
      return Change(
        .drop,
        statements: [
          Statement(
            "DROP \(sqlName) \(object.name)", authorities: [.ownership(object)], effects: [.dropped(object)])
        ], losses: sqlName == "ROLE" ? [] : ["its data"], risk: .recreatable)
    }
    guard let observed = item.observed else { return create(item, declared, schema, object) }
    var changes: [AttributeChange] = []
    var replaces = false
    for field in declared.fields {
      guard let attribute = schema.attribute(field.key), attribute.change != .createOnly else { continue }
      guard !schema.identity.contains(where: { $0.attribute == field.key }), !item.same.contains(field.key) else {
        continue
      }
      let before = observed.attributes.find(field.key) ?? .unknown
      guard !attribute.kind.equal(before, field.value) else { continue }
      changes.append(AttributeChange(field.key, before: before, after: field.value))
      replaces = replaces || attribute.change == .replace
    }
    return alter(item, changes, replaces, object)
  }

  private func create(_ item: PlanItem, _ declared: Value, _ schema: TypeSchema, _ object: SQLObject) -> Change {
    let container: SQLObject =
      item.identity.count == 1
      ? .account
      : SQLObject(item.identity.count == 2 ? "DATABASE" : "SCHEMA", item.identity.dropLast().joined(separator: "."))
    var sql: SQLText = "CREATE \(object.type) \(object.name)"
    if let secret = declared["password"].secretID {
      sql.append(" PASSWORD = ")
      sql.append(SQLText([.secret(secret)]))
    }
    var statements = [
      Statement(
        sql, authorities: [.privilege("CREATE \(object.type)", container)], effects: [.created(object)])
    ]
    if let owner = declared["owner"].string {
      statements.append(
        Statement(
          "GRANT OWNERSHIP ON \(object.type) \(object.name) TO ROLE \(owner)", authorities: [.ownership(object)],
          unlessRunBy: owner, effects: [.owned(object, by: SQLObject("ROLE", owner))]))
    }
    return Change(
      .create, attributes: declared.fields.map { AttributeChange($0.key, before: .null, after: $0.value) },
      statements: statements)
  }

  private func alter(
    _ item: PlanItem, _ changes: [AttributeChange], _ replaces: Bool, _ object: SQLObject
  ) -> Change {
    var statements: [Statement] = []
    if let old = item.renamedFrom {
      let before = SQLObject(object.type, old.joined(separator: "."))
      statements.append(
        Statement(
          "ALTER \(object.type) \(before.name) RENAME TO \(object.name)", authorities: [.ownership(before)],
          effects: [.renamed(before, to: object.name)]))
    }
    if replaces {
      return Change(
        .replace, attributes: changes,
        statements: [
          Statement(
            "CREATE OR REPLACE \(object.type) \(object.name)", authorities: [.ownership(object)],
            effects: [.created(object)])
        ], losses: ["grants on it"], risk: .recreatable)
    }
    let set = changes.filter { !$0.after.isNull }.map { "\($0.name) = \(PlanText.show($0.after))" }
    let unset = changes.filter(\.after.isNull).map(\.name)
    for (verb, list) in [("SET", set), ("UNSET", unset)] where !list.isEmpty {
      statements.append(
        Statement(
          SQLText("ALTER \(object.type) \(object.name) \(verb) \(list.joined(separator: ", "))"),
          authorities: [.ownership(object)]))
    }
    let action: Change.Action = item.renamedFrom != nil ? .rename : changes.isEmpty ? .none : .update
    return Change(action, attributes: changes, statements: statements)
  }

  private func grantChange(_ item: PlanItem, _ request: PlanRequest) -> Change {
    if item.declared != nil, item.observed != nil { return Change(.none) }
    let grants = item.declared != nil
    let verb = grants ? "GRANT" : "REVOKE"
    let way = grants ? "TO" : "FROM"
    let to = SQLObject("ROLE", item.identity[item.identity.count - 1])
    let statement: Statement
    switch request.type {
    case "role_grant":
      let role = SQLObject("ROLE", item.identity[0])
      statement = Statement(
        "\(verb) ROLE \(role.name) \(way) ROLE \(to.name)", authorities: [.grantingRole(role)],
        effects: [grants ? .roleGranted(role, to: to) : .roleRevoked(role, from: to)])
    case "grant":
      let object =
        item.identity[1] == "ACCOUNT" ? SQLObject.account : SQLObject(item.identity[1], item.identity[2])
      statement = Statement(
        "\(verb) \(item.identity[0]) ON \(object) \(way) ROLE \(to.name)",
        authorities: [.granting(item.identity[0], object)],
        effects: [
          grants
            ? .granted(item.identity[0], on: object, to: to, withGrantOption: false)
            : .revoked(item.identity[0], on: object, from: to)
        ])
    default:
      let word = request.type == "future_grant" ? "FUTURE" : "ALL"
      statement = Statement(
        "\(verb) \(item.identity[0]) ON \(word) IN \(item.identity[1]) \(way) ROLE \(to.name)",
        authorities: [.granting("MANAGE GRANTS", .account)])
    }
    return Change(grants ? .create : .drop, statements: [statement])
  }
}
