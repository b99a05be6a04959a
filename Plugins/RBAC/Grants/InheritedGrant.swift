import SnowmakerSDK

/// A privilege on what is and will be in a scope, held by the scope itself: `on: INHERITED TABLES IN SCHEMA raw.sales`.
///
/// Read from the same SHOW GRANTS TO as grants. The scope can be the account, which is a type of its own because it has
/// no name.
struct InheritedGrant: ObjectType {
  let isInAccount: Bool
  let schema: TypeSchema

  init(inAccount: Bool) {
    isInAccount = inAccount
    let scope: [AttributeSchema] = inAccount ? [] : [.scopeType, .scope(.uses)]
    let identity = [.privilege, .grantedType] + scope + [.granteeType, .grantee]
    let name = inAccount ? "account_inherited_grant" : "inherited_grant"
    schema = {
      var schema = TypeSchema(
        name, plural: name + "s", identity: identity.map { IdentityPart($0.name) },
        doc: "What `grants:` becomes for `on: INHERITED … IN \(inAccount ? "ACCOUNT" : "…")`.", attributes: identity)
      schema.forms = []
      schema.mergesDuplicates = true
      schema.examples = [inAccount ? Examples.accountInheritedGrant : Examples.inheritedGrant]
      return schema
    }()
  }

  func read(_ request: ReadRequest) throws(Diagnostic) -> ReadReply {
    GrantReading().read(request, grantees: request.grantees) { answers in
      let wanted = Dictionary(grouping: request.wanted.map(\.identity)) {
        SQLObject($0[$0.count - 2], $0[$0.count - 1])
      }
      var reply = ReadReply()
      for (grantee, result) in answers.results {
        let mine = Set(wanted[grantee] ?? [])
        var seen: Set<[String]> = []
        for row in GrantRow.rows(of: result) {
          guard row.isInherited, let from = row.inheritedFrom, (from.type == "ACCOUNT") == isInAccount else { continue }
          let scope = isInAccount ? [] : [from.type, from.name]
          let identity = [row.privilege, row.onType] + scope + [grantee.type, grantee.name]
          guard request.wantsAll || mine.contains(identity), seen.insert(identity).inserted else { continue }
          reply.observed.append(Observation(identity: identity))
        }
        if result.failure != nil || result.isCut { reply.miss(wanted[grantee] ?? [], seen: seen, result) }
      }
      return reply.complete(for: request, schema)
    }
  }

  func plan(_ item: PlanItem, request: PlanRequest) throws(Diagnostic) -> Change {
    let identity = item.identity
    let scope = isInAccount ? "ACCOUNT" : "\(identity[2]) \(identity[3])"
    return GrantSQL(
      privilege: identity[0], on: "ALL \(ObjectTypes.plural(of: identity[1])) IN \(scope)",
      to: SQLObject(identity[identity.count - 2], identity[identity.count - 1]),
      authorities: [.privilege("MANAGE GRANTS", .account)], objects: [], type: identity[1], isInherited: true
    ).change(item)
  }
}
