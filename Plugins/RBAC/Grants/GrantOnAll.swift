import SnowmakerSDK

/// A privilege on every object of a type that is in a scope: `on: ALL TABLES IN SCHEMA raw.sales`.
///
/// It is there when every object now in the scope has the privilege, whether or not snowmaker manages such objects: read
/// with one SHOW <PLURAL> IN the scope and the SHOW GRANTS TO the grantee that all grants share. It comes after everything
/// that the same plan creates in the scope.
///
/// Removing it revokes the privilege from the objects that snowmaker granted it on, at whichever apply, as the ledger
/// remembers. What had it before is released, and so is what another grant that stays declared covers.
struct GrantOnAll: ObjectType {
  let schema: TypeSchema = {
    let identity: [AttributeSchema] = [
      .privilege, .grantedType, .scopeType, .scope(.afterCreatesIn), .granteeType, .grantee,
    ]
    var schema = TypeSchema(
      "grant_on_all", plural: "grants_on_all", identity: identity.map { IdentityPart($0.name) },
      doc: "What `grants:` becomes for `on: ALL … IN …`.", attributes: identity + [.grantOption])
    schema.forms = []
    schema.mergesDuplicates = true
    schema.groupBy = ["on_type", "scope_type", "scope", "to_type", "to"]
    schema.wantsPlannedCreates = true
    schema.adoptsInPart = true
    schema.relatedTypes = ["grant", "routine_grant", "future_grant", "grant_on_all"]
    schema.examples = [Examples.grantOnAll]
    return schema
  }()

  // MARK: - Reading

  func read(_ request: ReadRequest) throws(Diagnostic) -> ReadReply {
    var scopes: [[String]] = []
    var seen: Set<[String]> = []
    for wanted in request.wanted {
      let scope = Array(wanted.identity[1...3])
      if seen.insert(scope).inserted { scopes.append(scope) }
    }
    let reading = GrantReading(
      extra: scopes.map(ObjectList.query), keep: { results in ObjectList.document(of: results, scopes: scopes) })
    return reading.read(request, grantees: request.grantees) { answers in
      let lists = ObjectList.lists(in: answers.kept)
      let wanted = Dictionary(grouping: request.wanted) { SQLObject($0.identity[4], $0.identity[5]) }
      let related = ["grant", "routine_grant"].flatMap { request.related[$0] ?? [] }
      let beside = request.related[schema.type] ?? []
      let others = Others(
        single: Set(related.filter { $0.declared != nil }.map { Self.single($0.identity) }),
        future: (request.related["future_grant"] ?? []).filter { $0.declared != nil }.map(\.identity))
      var reply = ReadReply()
      for (grantee, result) in answers.results {
        let mine = wanted[grantee] ?? []
        if result.failure != nil || result.isCut {
          reply.miss(mine.map(\.identity), result)
          continue
        }
        let held = Self.held(GrantRow.rows(of: result))
        let all = mine + beside.filter { SQLObject($0.identity[4], $0.identity[5]) == grantee }
        for wanted in mine { observe(wanted, lists, held, among: all, others, into: &reply) }
      }
      return reply
    }
  }

  /// What else is declared.
  private struct Others {
    /// Grants on one object: privilege, type, name, and the grantee.
    var single: Set<[String]>
    var future: [[String]]
  }

  /// The identity of a single grant with one part for the object; a routine is named by two.
  private static func single(_ identity: [String]) -> [String] {
    guard identity.count == 6 else { return identity }
    return [identity[0], identity[1], identity[2] + identity[3], identity[4], identity[5]]
  }

  /// By family of types and name: the privileges held, each with its grant option.
  private typealias Held = [SQLObject: [String: Bool]]

  private static func held(_ rows: [GrantRow]) -> Held {
    var held: Held = [:]
    for row in rows where !row.isInherited {
      let name =
        ObjectTypes.routines.contains(row.onType)
        ? Routine(shown: row.name)?.sql ?? row.name : ShownNames.canonical(row.name, type: row.onType)
      held[SQLObject(ObjectList.family(of: row.onType), name), default: [:]][row.privilege, default: false] =
        row.grantOption
    }
    return held
  }

  private func observe(
    _ wanted: ReadRequest.Wanted, _ lists: [[String]: ObjectList.Found], _ held: Held,
    among all: [ReadRequest.Wanted], _ others: Others, into reply: inout ReadReply
  ) {
    let identity = wanted.identity
    let names: [String]
    switch lists[Array(identity[1...3])] {
    case .names(let found): names = found
    case .missingScope, nil: return  // no scope, no grant
    case .failed(let reason):
      reply.unseen.append(.init(identity: identity, reason: reason))
      return
    }
    let family = ObjectList.family(of: identity[1])
    var covered: [String] = []
    var missing: [String] = []
    var withoutOption: [String] = []
    for name in names {
      let privileges = held[SQLObject(family, name)] ?? [:]
      if Self.has(identity[0], in: privileges, type: identity[1], for: identity[4]) {
        covered.append(name)
        if privileges[identity[0]] != true { withoutOption.append(name) }
      } else {
        missing.append(name)
      }
    }
    // What is declared is shown with all that it misses, so that the ledger remembers what it was granted on.
    if wanted.declared == nil, covered.isEmpty { return }
    let kept = all.filter { $0.declared != nil && $0.identity != identity && $0.identity[1] == identity[1] }
    // Whether another grant that stays declared gives a privilege on an object.
    func stays(_ privilege: String, on name: String) -> Bool {
      [privilege, Privileges.everything].contains { privilege in
        others.single.contains([privilege, identity[1], name, identity[4], identity[5]])
          || kept.contains { $0.identity[0] == privilege && Self.contains($0.identity, name) }
      }
    }
    let own = covered.filter { !stays(identity[0], on: $0) }
    var attributes: [Value.Field] = [
      .init("grant_option", .bool(withoutOption.isEmpty && !covered.isEmpty)),
      .init("covered", .list(own.map(Value.string))), .init("missing", .list(missing.map(Value.string))),
      .init("total", .int(Int64(names.count))), .init("without_option", .list(withoutOption.map(Value.string))),
    ]
    if wanted.declared == nil {
      attributes.append(.init("future_stays", .bool(others.future.contains { Self.isFuture($0, of: identity) })))
    }
    if wanted.declared == nil, identity[0] == Privileges.everything {
      // Of ALL, what other grants give stays.
      let left = own.compactMap { name -> Value.Field? in
        let privileges = (held[SQLObject(family, name)] ?? [:]).keys.filter { $0 != "OWNERSHIP" }
        let rest = privileges.filter { !stays($0, on: name) }
        return rest.count == privileges.count ? nil : .init(name, .list(rest.sorted().map(Value.string)))
      }
      attributes.append(.init("privileges", .object(left)))
    }
    reply.observed.append(Observation(identity: identity, attributes: .object(attributes)))
  }

  private static func has(
    _ privilege: String, in privileges: [String: Bool], type: String, for grantee: String
  ) -> Bool {
    guard privilege == Privileges.everything else { return privileges[privilege] != nil }
    return !privileges.isEmpty && Privileges.core(of: type, for: grantee).allSatisfy { privileges[$0] != nil }
  }

  /// Whether a FUTURE grant gives what is created in the scope of a grant ON ALL the same privilege.
  private static func isFuture(_ future: [String], of identity: [String]) -> Bool {
    (future[0] == identity[0] || future[0] == Privileges.everything) && future[1] == identity[1]
      && future[4...] == identity[4...] && (future[3] == identity[3] || identity[3].hasPrefix(future[3] + "."))
  }

  /// Whether an object lies in the scope of an identity.
  private static func contains(_ identity: [String], _ name: String) -> Bool { name.hasPrefix(identity[3] + ".") }

  // MARK: - Planning

  func plan(_ item: PlanItem, request: PlanRequest) throws(Diagnostic) -> Change {
    let identity = item.identity
    let grantee = SQLObject(identity[4], identity[5])
    let isOwnership = identity[0] == "OWNERSHIP"
    guard let declared = item.declared else {
      if isOwnership { return Change(.none, note: "ownership stays where it is") }
      return try StagePrivileges.plan(item, request) { item in
        drop(item, SQLObject(item.identity[4], item.identity[5]))
      }
    }
    let planned = request.plannedCreates.filter { $0.type == identity[1] && Self.contains(identity, $0.name) }
    let missing = (item.observed?.attributes["missing"].strings ?? []).map { SQLObject(identity[1], $0) }
    let known = Set(missing)
    let created = planned.filter { !known.contains($0) }
    let targets = missing + created
    let wants = declared["grant_option"].bool ?? false
    let lacksOption =
      wants && !(item.observed?.attributes["grant_option"].bool ?? false) && item.observed?.attributes["total"].int != 0
    if item.observed != nil, targets.isEmpty, !lacksOption { return Change(.none, note: note(item)) }
    let statement: Statement
    var first: Statement?
    if isOwnership {
      statement = Statement(
        SQLText("GRANT OWNERSHIP ON \(on(identity)) TO \(grantee.description) COPY CURRENT GRANTS"),
        authorities: [.privilege("MANAGE GRANTS", .account)],
        effects: targets.map { AccountEffect.owned($0, by: grantee) })
    } else {
      var grant = sql(identity, grantee).grant(option: wants)
      first = sql(identity, grantee).prerequisite
      first?.undo = nil
      grant.undo = nil  // REVOKE … ON ALL would also take what was there before
      grant.effects = targets.flatMap { object in
        privileges(identity).map { .granted($0, on: object, to: grantee, withGrantOption: wants) }
      }
      statement = grant
    }
    let isNew = item.observed == nil || item.observed?.attributes["total"].int == Int64(missing.count)
    let total = (item.observed?.attributes["total"].int).map { Int($0) }
    var note = ""
    if let total {
      note = "\(targets.count) of \(total + created.count) missing"
    } else if !created.isEmpty {
      note = "\(created.count) created by this plan"
    }
    var change = Change(
      isNew ? .create : .update,
      attributes: lacksOption && !isNew
        ? [AttributeChange("grant_option", before: .bool(false), after: .bool(true))] : [],
      statements: (first.map { [$0] } ?? []) + [statement], note: note)
    var memory = GrantOnAllMemory(item) ?? GrantOnAllMemory()
    memory.granted.formUnion(known.map(\.name))
    memory.created.formUnion(created.map(\.name))
    if lacksOption { memory.options.formUnion(item.observed?.attributes["without_option"].strings ?? []) }
    change.memory = memory.document
    return change
  }

  private func note(_ item: PlanItem) -> String {
    item.observed?.attributes["total"].int == 0
      ? "no \(ObjectTypes.plural(of: item.identity[1]).lowercased()) there now" : ""
  }

  private func drop(_ item: PlanItem, _ grantee: SQLObject) -> Change {
    let identity = item.identity
    let observed = item.observed?.attributes ?? .object([])
    let covered = observed["covered"].strings
    var taken = covered
    var statements: [Statement] = []
    if !item.takesAdopted, let memory = GrantOnAllMemory(item) {
      let own = memory.taken(futureStays: observed["future_stays"].bool ?? false)
      taken = covered.filter(own.contains)
      let without = Set(observed["without_option"].strings)
      for name in covered where memory.options.contains(name) && !own.contains(name) && !without.contains(name) {
        let object = SQLObject(identity[1], name)
        let grant = sql(identity, grantee, object)
        statements.append(grant.revokeOption())
      }
    }
    let isWhole = identity[0] == Privileges.everything
    statements += taken.compactMap { name in
      let object = SQLObject(identity[1], name)
      let left = isWhole ? observed["privileges"].find(name)?.strings : nil
      return left?.isEmpty == true ? nil : sql(identity, grantee, object).revoke(option: false, only: left)
    }
    let note =
      taken.count == covered.count
      ? "\(covered.count) covered" : "\(taken.count) of \(covered.count) covered were granted by it, the rest stays"
    return statements.isEmpty ? Change(.none, note: note) : Change(.drop, statements: statements, note: note)
  }

  private func privileges(_ identity: [String]) -> [String] {
    identity[0] == Privileges.everything ? Privileges.of(identity[1]) ?? [] : [identity[0]]
  }

  private func on(_ identity: [String]) -> String {
    "ALL \(ObjectTypes.plural(of: identity[1])) IN \(identity[2]) \(identity[3])"
  }

  /// The grant on all of them, or on one.
  private func sql(_ identity: [String], _ grantee: SQLObject, _ object: SQLObject? = nil) -> GrantSQL {
    GrantSQL(
      privilege: identity[0], on: object?.description ?? on(identity), to: grantee,
      authorities: [object.map { .granting(identity[0], $0) } ?? .privilege("MANAGE GRANTS", .account)],
      objects: object.map { [$0] } ?? [], type: identity[1])
  }
}
