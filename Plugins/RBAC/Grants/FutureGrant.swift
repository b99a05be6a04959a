import SnowmakerSDK

/// A privilege on what will be created in a scope: `on: FUTURE TABLES IN SCHEMA raw.sales`.
///
/// It comes before everything that the same plan creates in the scope, so that those objects receive it too. Read with
/// one SHOW FUTURE GRANTS TO per grantee, which shows the grants in databases and in schemas alike.
struct FutureGrant: ObjectType {
  let schema: TypeSchema = {
    let identity: [AttributeSchema] = [
      .privilege, .grantedType, .scopeType, .scope(.beforeCreatesIn), .granteeType, .grantee,
    ]
    var schema = TypeSchema(
      "future_grant", plural: "future_grants", identity: identity.map { IdentityPart($0.name) },
      doc: "What `grants:` becomes for `on: FUTURE … IN …`.", attributes: identity + [.grantOption])
    schema.forms = []
    schema.mergesDuplicates = true
    schema.groupBy = ["on_type", "scope_type", "scope", "to_type", "to"]
    schema.relatedTypes = ["future_grant"]
    schema.examples = [Examples.futureGrant]
    return schema
  }()

  func read(_ request: ReadRequest) throws(Diagnostic) -> ReadReply {
    let reading = GrantReading(query: GrantReading.futureGrantsTo)
    return reading.read(request, grantees: request.grantees) { answers in
      let wanted = Dictionary(grouping: request.wanted.map(\.identity)) { SQLObject($0[4], $0[5]) }
      let beside = request.related[schema.type] ?? []
      let declared = Set((request.wanted.filter { $0.declared != nil } + beside).map(\.identity))
      var reply = ReadReply()
      for (grantee, result) in answers.results {
        let mine = wanted[grantee] ?? []
        if result.failure != nil {
          reply.miss(mine, result)
          continue
        }
        let observed = observe(
          GrantRow.rows(of: result), grantee, wanted: Set(mine), declared: declared, all: request.wantsAll)
        reply.observed += observed
        if result.isCut { reply.miss(mine, seen: Set(observed.map(\.identity)), result) }
      }
      return reply.complete(for: request, schema)
    }
  }

  private func observe(
    _ rows: [GrantRow], _ grantee: SQLObject, wanted: Set<[String]>, declared: Set<[String]>, all: Bool
  ) -> [Observation] {
    var held: [[String]: [(privilege: String, option: Bool)]] = [:]
    var order: [[String]] = []
    for row in rows {
      guard let scope = Self.scope(row) else { continue }
      let target = [row.onType] + scope + [grantee.type, grantee.name]
      if held[target] == nil { order.append(target) }
      held[target, default: []].append((row.privilege, row.grantOption))
    }
    var observations: [Observation] = []
    for target in order {
      let privileges = held[target] ?? []
      let whole = [Privileges.everything] + target
      let has = Set(privileges.map(\.privilege))
      let isWhole =
        wanted.contains(whole)
        && (!declared.contains(whole) || has.isSuperset(of: Privileges.core(of: target[0])))
      if isWhole {
        let own = has.filter { !declared.contains([$0] + target) }
        observations.append(
          Observation(
            identity: whole,
            attributes: [
              "grant_option": .bool(privileges.allSatisfy(\.option)),
              "privileges": .list(own.sorted().map(Value.string)),
            ]))
      }
      for (privilege, option) in privileges {
        let identity = [privilege] + target
        guard wanted.contains(identity) || (all && !isWhole) else { continue }
        observations.append(Observation(identity: identity, attributes: ["grant_option": .bool(option)]))
      }
    }
    return observations
  }

  /// `["SCHEMA", "RAW.SALES"]` of `RAW.SALES.<TABLE>`.
  private static func scope(_ row: GrantRow) -> [String]? {
    var parts = ShownNames.parts(row.name)
    guard parts.count > 1, parts.removeLast().hasPrefix("<") else { return nil }
    return [parts.count == 1 ? "DATABASE" : "SCHEMA", parts.map { Identifier(exact: $0).sql }.joined(separator: ".")]
  }

  func plan(_ item: PlanItem, request: PlanRequest) throws(Diagnostic) -> Change {
    try StagePrivileges.plan(item, request) { item in
      let identity = item.identity
      return GrantSQL(
        privilege: identity[0], on: "FUTURE \(ObjectTypes.plural(of: identity[1])) IN \(identity[2]) \(identity[3])",
        to: SQLObject(identity[4], identity[5]), authorities: [.privilege("MANAGE GRANTS", .account)], objects: [],
        type: identity[1]
      ).change(item, only: identity[0] == Privileges.everything ? item.observed?.attributes["privileges"].strings : nil)
    }
  }
}
