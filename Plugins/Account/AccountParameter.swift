import SnowmakerSDK

/// A parameter set on the account: `ALTER ACCOUNT SET` and `UNSET`.
///
/// It is there when its level is the account; what is inherited from Snowflake counts as absent.
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/alter-account>.
struct AccountParameter: ObjectType {
  let schema = Self.makeSchema()

  /// Activating a network policy is a type of its own, with a guard against locking oneself out.
  private static let networkPolicy = "NETWORK_POLICY"

  private static func makeSchema() -> TypeSchema {
    var schema = TypeSchema(
      "account_parameter", plural: "account_parameters", identity: [.name],
      doc: "A parameter set on the account. Removing it goes back to Snowflake's own value.",
      attributes: [
        AttributeSchema("name", .identifier, column: "key", doc: "The parameter, e.g. `TIMEZONE`.").required(),
        AttributeSchema("value", .text, column: "value", doc: "Its value.").required(),
      ])
    schema.reads = [
      ReadGroup(
        "show", "SHOW PARAMETERS IN ACCOUNT", per: .account, shape: .rows, keyColumns: ["key"],
        costClass: "SHOW PARAMETERS IN ACCOUNT")
    ]
    schema.validates = true
    schema.expands = true
    schema.examples = [
      TypeExample(
        create: [
          "account_parameters": [
            ["name": "timezone", "value": "Europe/Berlin"], ["name": "statement_timeout_in_seconds", "value": 3600],
          ]
        ],
        change: [
          "account_parameters": [
            ["name": "timezone", "value": "UTC"], ["name": "statement_timeout_in_seconds", "value": 3601],
          ]
        ])
    ]
    return schema
  }

  func expand(_ written: WrittenResource, context: RequestContext) -> Expansion {
    guard written.value["name"].string?.uppercased() == Self.networkPolicy else {
      return Expansion(resources: [ExpandedResource(type: schema.type, attributes: written.value)])
    }
    return Expansion(resources: [
      ExpandedResource(
        type: "network_policy_activation",
        attributes: ["on_type": "ACCOUNT", "network_policy": written.value["value"]])
    ])
  }

  func validate(_ resource: DeclaredResource, context: RequestContext) -> [Diagnostic] {
    guard let name = resource.attributes["name"].string else { return [] }
    if name == "RESOURCE_MONITOR" {
      return [
        .error(
          "RESOURCE_MONITOR is no parameter: SHOW PARAMETERS does not tell it",
          detail: "Set the account's resource monitor by hand; warehouses have 'resource_monitor'.", path: ["name"],
          code: "not-supported")
      ]
    }
    guard let kind = ParameterKinds.byName[name] else {
      let close = Spelling.closest(to: name, in: ParameterKinds.byName.keys)
      return [
        .warning(
          "'\(name)' is no account parameter that snowmaker knows",
          detail: close.map { "Did you mean \($0)?" } ?? "It is sent as text; Snowflake will say whether it exists.",
          path: ["name"], code: "unknown-parameter")
      ]
    }
    do throws(AttributeKind.Mismatch) {
      _ = try kind.normalize(resource.attributes["value"])
      return []
    } catch {
      return [.error("\(name): \(error.message)", path: ["value"], code: "invalid-value")]
    }
  }

  func observe(_ observation: inout Observation, group: ReadGroup, rows: RowSet) -> Bool {
    rows.text(0, "level")?.uppercased() == "ACCOUNT"
  }

  func plan(_ item: PlanItem, request: PlanRequest) throws(Diagnostic) -> Change {
    let name = item.identity.joined(separator: ".")
    let kind = ParameterKinds.byName[name] ?? .text
    func set(_ value: Value) -> SQLText {
      var sql = SQLText("ALTER ACCOUNT SET \(name) = ")
      sql.append(SQLRendering.value((try? kind.normalize(value)) ?? value, kind))
      return sql
    }
    func statement(_ sql: SQLText, undo: SQLText) -> Statement {
      Statement(sql, authorities: [.ownership(.account)], undo: undo)
    }
    let unset = SQLText("ALTER ACCOUNT UNSET \(name)")
    let before = item.observed?.attributes.find("value") ?? .null
    guard let after = item.declared?["value"] else {
      return Change(
        .drop, attributes: [AttributeChange("value", before: before, after: .null)],
        statements: [statement(unset, undo: set(before))])
    }
    let change = [AttributeChange("value", before: before, after: after)]
    guard item.observed != nil else {
      return Change(.create, attributes: change, statements: [statement(set(after), undo: unset)])
    }
    let left = (try? kind.normalize(before)) ?? before
    let right = (try? kind.normalize(after)) ?? after
    guard !kind.equal(left, right) else { return Change(.none) }
    return Change(.update, attributes: change, statements: [statement(set(after), undo: set(before))])
  }
}
