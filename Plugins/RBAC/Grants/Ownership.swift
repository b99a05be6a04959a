import SnowmakerSDK

/// Who owns an object, written as a grant of OWNERSHIP. (An object's own `owner` attribute is the usual way.)
///
/// Read from the SHOW GRANTS TO that all grants share; only for an object that its declared owner does not own, SHOW
/// GRANTS ON tells who does. Ownership cannot be revoked, only handed on: when it leaves the configuration nothing is done.
struct Ownership: ObjectType {
  let schema: TypeSchema = {
    let on = AttributeSchema("on", .objectReference(typeAttribute: "on_type"), doc: "The object.")
      .required().forcesReplacement().edge(.uses, onTargetDrop: .absorbed)
    var type = AttributeSchema.granteeType
    var to = AttributeSchema.grantee
    type.change = .alter
    to.change = .alter
    var schema = TypeSchema(
      "ownership", plural: "ownerships", identity: [IdentityPart("on_type"), IdentityPart("on")],
      doc: "What `grants:` becomes for `priv: OWNERSHIP`.", attributes: [.grantedType, on, type, to])
    schema.forms = []
    schema.mergesDuplicates = true
    schema.examples = [Examples.ownership]
    return schema
  }()

  // MARK: - Reading

  func read(_ request: ReadRequest) throws(Diagnostic) -> ReadReply {
    if request.state["phase"].string == "owners" { return owners(request) }
    // What left the configuration is released whoever owns it: nothing to ask.
    let declared = request.wanted.filter { $0.declared != nil }
    var seen: Set<SQLObject> = []
    let grantees = declared.compactMap(Self.grantee).filter { seen.insert($0).inserted }
    let released = request.wanted.filter { $0.declared == nil }.map { Observation(identity: $0.identity) }
    return GrantReading().read(request, grantees: grantees) { answers in
      var found: [Observation] = released
      for (grantee, result) in answers.results {
        for row in GrantRow.rows(of: result) where row.privilege == "OWNERSHIP" && !row.isInherited {
          let identity = [row.onType, ShownNames.canonical(row.name, type: row.onType)]
          found.append(Self.observation(identity, owner: grantee))
        }
      }
      let names = Set(declared.map(\.identity))
      found.removeAll { !names.contains($0.identity) && $0.owner != nil }
      let known = Set(found.map(\.identity))
      let rest = declared.map(\.identity).filter { !known.contains($0) }
      if rest.isEmpty { return ReadReply(observed: found) }
      return ReadReply(
        queries: rest.map { ReadQuery("SHOW GRANTS ON \($0[0]) \($0[1])", costClass: "SHOW GRANTS ON \($0[0])") },
        state: [
          "phase": "owners", "asked": .list(rest.map { .list($0.map(Value.string)) }),
          "found": .list(found.map(\.document)),
        ])
    }
  }

  private func owners(_ request: ReadRequest) -> ReadReply {
    var reply = ReadReply(observed: request.state["found"].list.compactMap { try? Observation(document: $0) })
    for (asked, result) in zip(request.state["asked"].list.map(\.strings), request.results) {
      if let failure = result.failure {
        // The object does not exist yet: the plan creates it.
        if !failure.isMissingOrForbidden { reply.miss([asked], result) }
        continue
      }
      let rows = RowSet(result)
      for row in rows.rows.indices where rows.text(row, "privilege") == "OWNERSHIP" {
        let type = rows.text(row, "granted_to").map(ObjectTypes.shown) ?? "ROLE"
        let printed = rows.text(row, "grantee_name") ?? ""
        var name = ShownNames.canonical(printed, type: type)
        if type == "DATABASE ROLE", !name.contains("."),
          let database = (try? QualifiedName(parsing: asked[1]))?.parts[0]
        {
          name = "\(database.sql).\(name)"
        }
        reply.observed.append(Self.observation(asked, owner: SQLObject(type, name)))
      }
    }
    return reply
  }

  private static func grantee(_ wanted: ReadRequest.Wanted) -> SQLObject? {
    guard let name = wanted.declared?["to"].string else { return nil }
    return SQLObject(wanted.declared?["to_type"].string ?? "ROLE", name)
  }

  private static func observation(_ identity: [String], owner: SQLObject) -> Observation {
    Observation(
      identity: identity, attributes: ["to_type": .string(owner.type), "to": .string(owner.name)], owner: owner.name,
      ownerType: owner.type)
  }

  // MARK: - Planning

  func plan(_ item: PlanItem, request: PlanRequest) throws(Diagnostic) -> Change {
    let object = SQLObject(item.identity[0], item.identity[1])
    guard let declared = item.declared, let name = declared["to"].string else {
      return Change(.none, note: "released: ownership stays where it is")
    }
    let after = SQLObject(declared["to_type"].string ?? "ROLE", name)
    let before = item.observed.flatMap { observed -> SQLObject? in
      guard let type = observed.attributes["to_type"].string, let name = observed.attributes["to"].string else {
        return nil
      }
      return SQLObject(type, name)
    }
    if before == after { return Change(.none) }
    return Change(
      item.observed == nil ? .create : .update,
      attributes: [
        AttributeChange(
          "to", before: before.map { .string($0.name) } ?? .unknown, after: .string(after.name))
      ],
      statements: [OwnershipTransfer.statement(object, to: after, from: before)])
  }
}

/// GRANT OWNERSHIP … COPY CURRENT GRANTS.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/grant-ownership>.
enum OwnershipTransfer {
  static func statement(_ object: SQLObject, to: SQLObject, from: SQLObject?) -> Statement {
    func text(_ role: SQLObject) -> SQLText {
      SQLText("GRANT OWNERSHIP ON \(object.description) TO \(role.description) COPY CURRENT GRANTS")
    }
    return Statement(
      text(to), authorities: [.ownership(object), .privilege("MANAGE GRANTS", .account)], undo: from.map(text),
      unlessRunBy: to.type == "ROLE" ? to.name : nil, effects: [.owned(object, by: to)])
  }
}
