import SnowmakerSDK

/// A privilege on one object, on the account or on one function or procedure, for one grantee.
///
/// `grants:` in all its forms is expanded here. The three shapes are three types, because they are named by different
/// things: `grant` by an object, `account_grant` by nothing, `routine_grant` by a name and argument types.
struct PrivilegeGrant: ObjectType {
  enum Shape {
    case object, account, routine
  }

  let shape: Shape
  let schema: TypeSchema

  init(_ shape: Shape) {
    self.shape = shape
    schema = Self.schema(shape)
  }

  private static func schema(_ shape: Shape) -> TypeSchema {
    let on = AttributeSchema(
      "on", .objectReference(typeAttribute: "on_type"), doc: "The object."
    ).required().forcesReplacement().edge(.uses, onTargetDrop: .absorbed)
    let arguments = AttributeSchema("arguments", .text, doc: "The types of the arguments: `(NUMBER, VARCHAR)`.")
      .required().forcesReplacement()
    let name: String
    let target: [AttributeSchema]
    switch shape {
    case .object: (name, target) = ("grant", [.grantedType, on])
    case .account: (name, target) = ("account_grant", [])
    case .routine: (name, target) = ("routine_grant", [.grantedType, on, arguments])
    }
    let identity = [.privilege] + target + [.granteeType, .grantee]
    var schema = TypeSchema(
      name, plural: name + "s", identity: identity.map { IdentityPart($0.name) }, attributes: identity + [.grantOption])
    schema.doc =
      shape == .object
      ? """
      Privileges for roles, database roles, users, shares and applications. `priv` (or a list, `privs`), `on_<type>` or \
      `on`, and `to_role`, `to_database_role`, `to_user`, `to_share`, `to_application` or `to`. What a user holds itself \
      counts only in sessions with all secondary roles. `on` also takes `ACCOUNT`, `FUTURE TABLES IN SCHEMA raw.sales`, \
      `ALL STAGES IN DATABASE raw` and `INHERITED VIEWS IN DATABASE raw`. Every privilege on every object for every \
      grantee becomes a resource of its own; writing the same grant twice is no mistake.
      """
      : "What `grants:` becomes for \(shape == .account ? "privileges on the account" : "functions and procedures")."
    schema.forms = shape == .object ? [.plural("grants")] : []
    schema.expands = shape == .object
    schema.mergesDuplicates = true
    schema.relatedTypes = [name]
    if shape == .object {
      schema.groupBy = ["on_type", "on", "to_type", "to"]
      schema.relatedTypes.append("grant_on_all")
    }
    switch shape {
    case .object: schema.examples = [Examples.grant]
    case .account: schema.examples = [Examples.accountGrant]
    case .routine: break
    }
    return schema
  }

  func expand(_ written: WrittenResource, context: RequestContext) -> Expansion { GrantForms.expand(written.value) }

  // MARK: - Reading

  func read(_ request: ReadRequest) throws(Diagnostic) -> ReadReply {
    GrantReading().read(request, grantees: request.grantees) { answers in
      func byGrantee(_ wanted: [ReadRequest.Wanted]) -> [SQLObject: [ReadRequest.Wanted]] {
        Dictionary(grouping: wanted) {
          SQLObject($0.identity[$0.identity.count - 2], $0.identity[$0.identity.count - 1])
        }
      }
      let wanted = byGrantee(request.wanted)
      let beside = byGrantee(request.related[schema.type] ?? [])
      var reply = ReadReply()
      for (grantee, result) in answers.results {
        let mine = wanted[grantee] ?? []
        if result.failure != nil {
          reply.miss(mine.map(\.identity), result)
          continue
        }
        let onAll = (request.related["grant_on_all"] ?? []).filter { $0.declared != nil }.map(\.identity)
        // What is declared for the grantee, read or not.
        let declared = mine.filter { $0.declared != nil } + (beside[grantee] ?? [])
        let observed = observe(
          GrantRow.rows(of: result), grantee, wanted: mine, declared: declared.map(\.identity), onAll: onAll,
          all: request.wantsAll)
        reply.observed += observed
        if result.isCut { reply.miss(mine.map(\.identity), seen: Set(observed.map(\.identity)), result) }
      }
      return reply.complete(for: request, schema)
    }
  }

  /// What the rows of one grantee say.
  private func observe(
    _ rows: [GrantRow], _ grantee: SQLObject, wanted: [ReadRequest.Wanted], declared: [[String]], onAll: [[String]],
    all: Bool
  ) -> [Observation] {
    var found: [[String]: Observation] = [:]
    var order: [[String]] = []
    let names = Set(wanted.map(\.identity))
    // Privileges held, by object, for ALL.
    var held: [[String]: [String]] = [:]
    let wholes = wanted.filter { $0.identity[0] == Privileges.everything }
    // A single privilege that leaves while ALL on the same object is declared has nothing to revoke.
    let covered = Set(declared.filter { $0[0] == Privileges.everything }.map { Array($0.dropFirst()) })
    let leaving = Set(wanted.filter { $0.declared == nil && !$0.attributes.isEmpty }.map(\.identity))
    for row in rows where !row.isInherited && row.privilege != "OWNERSHIP" {
      guard let object = identity(of: row) else { continue }
      var privilege = row.privilege
      if row.onType == "DATABASE", privilege == "USAGE" {
        // IMPORTED PRIVILEGES on a shared database is shown as USAGE.
        let imported = ["IMPORTED PRIVILEGES"] + object + [grantee.type, grantee.name]
        if names.contains(imported) { privilege = "IMPORTED PRIVILEGES" }
      }
      if !wholes.isEmpty { held[object, default: []].append(row.privilege) }
      let identity = [privilege] + object + [grantee.type, grantee.name]
      guard all || names.contains(identity) else { continue }
      if leaving.contains(identity),
        covered.contains(Array(identity.dropFirst())) || onAll.contains(where: { Self.covers($0, identity) })
      {
        continue
      }
      if found[identity] == nil {
        order.append(identity)
        var observation = Observation(identity: identity, attributes: ["grant_option": .bool(row.grantOption)])
        if !names.contains(identity) { observation.foreign = Self.foreignness(row, grantee) }
        found[identity] = observation
      } else if row.grantOption {
        found[identity]?.attributes = ["grant_option": true]  // several roles granted it
      }
    }
    var observations = order.compactMap { found[$0] }
    for whole in wholes {
      let object = Array(whole.identity.dropFirst().dropLast(2))
      let has = Set(held[object] ?? [])
      let type = shape == .account ? "ACCOUNT" : object[0]
      let core = Privileges.core(of: type, for: grantee.type)
      guard !has.isEmpty, has.isSuperset(of: core) || whole.declared == nil else { continue }
      let single = Set(declared.filter { $0.dropFirst() == whole.identity.dropFirst() }.map { $0[0] })
      observations.append(
        Observation(
          identity: whole.identity,
          attributes: [
            "grant_option": false, "privileges": .list(has.subtracting(single).sorted().map(Value.string)),
          ]))
    }
    return observations
  }

  /// Whether a grant ON ALL objects of a scope gives what a single grant gives, so that it stays when that one leaves.
  private static func covers(_ onAll: [String], _ single: [String]) -> Bool {
    guard onAll.count == 6, single.count == 5 else { return false }
    return (onAll[0] == single[0] || onAll[0] == Privileges.everything) && onAll[1] == single[1]
      && Array(onAll[4...]) == Array(single[3...]) && single[2].hasPrefix(onAll[3] + ".")
  }

  /// The part of the identity that names the object; nil for rows of another shape.
  private func identity(of row: GrantRow) -> [String]? {
    switch shape {
    case .account: return row.onType == "ACCOUNT" ? [] : nil
    case .object:
      // A granted role is a role grant.
      if row.onType == "ACCOUNT" || row.onType == "ROLE" || row.onType == "DATABASE ROLE" { return nil }
      if ObjectTypes.routines.contains(row.onType) { return nil }
      return [row.onType, ShownNames.canonical(row.name, type: row.onType)]
    case .routine:
      guard ObjectTypes.routines.contains(row.onType), let routine = Routine(shown: row.name) else { return nil }
      return [row.onType, routine.name, routine.arguments]
    }
  }

  /// Why an undeclared grant is nobody's to revoke.
  private static func foreignness(_ row: GrantRow, _ grantee: SQLObject) -> String? {
    if grantee.type == "ROLE", SystemRoles.names.contains(grantee.name) { return "held by a system-defined role" }
    if grantee.type == "DATABASE ROLE", row.grantedBy.isEmpty { return "comes with the database role" }
    return nil
  }

  // MARK: - Planning

  func plan(_ item: PlanItem, request: PlanRequest) throws(Diagnostic) -> Change {
    try StagePrivileges.plan(item, request) { item in
      let whole = item.identity[0] == Privileges.everything
      return sql(item.identity).change(item, only: whole ? item.observed?.attributes.find("privileges")?.strings : nil)
    }
  }

  private func sql(_ identity: [String]) -> GrantSQL {
    let grantee = SQLObject(identity[identity.count - 2], identity[identity.count - 1])
    let object: SQLObject
    switch shape {
    case .account: object = .account
    case .object: object = SQLObject(identity[1], identity[2])
    case .routine: object = SQLObject(identity[1], identity[2] + identity[3])
    }
    return GrantSQL(
      privilege: identity[0], on: object.description, to: grantee, authorities: [.granting(identity[0], object)],
      objects: [object], type: object.type)
  }
}
