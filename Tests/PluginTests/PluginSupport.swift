import SnowmakerSDK

/// Plans one resource of a type, as the host would ask for it.
func planned(
  _ type: some ObjectType, _ identity: [String], _ declared: Value?, observed: Value? = nil, owner: String = "SYSADMIN",
  remembered: Value = [:]
) throws -> Change {
  let item = PlanItem(
    identity: identity, declared: declared,
    observed: observed.map { Observation(identity: identity, attributes: $0, owner: owner) }, remembered: remembered)
  return try type.plan(item, request: PlanRequest(type: type.schema.type, items: [item]))
}

extension Change {
  /// The statements as people see them.
  var sql: [String] { statements.map(\.sql.description) }
}
