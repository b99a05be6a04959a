import SnowmakerSDK

/// What a role that is to be dropped owns. DROP ROLE would hand it to whichever role runs the statement; snowmaker hands it
/// to `transfer_owned_to`, or refuses.
enum OwnedObjects {
  /// How a loss names an object; CHECK finds the objects again by it.
  private static let prefix = "ownership of "

  // MARK: - Reading

  /// Lists the roles with `list`, then asks what those own that are no longer declared or say `transfer_owned_to`.
  static func read(
    _ request: ReadRequest, type: String, list: (ReadRequest) throws(Diagnostic) -> ReadReply
  ) throws(Diagnostic) -> ReadReply {
    if request.state["phase"].string == "owned" { return finish(request) }
    var inner = request
    inner.state = request.state["list"]
    let listed = try list(inner)
    guard listed.queries.isEmpty else {
      return ReadReply(queries: listed.queries, state: ["list": listed.state])
    }
    // What is only referred to is wanted without attributes: it stays.
    let handing = Set(
      request.wanted.filter { wanted in
        wanted.declared.map { $0["transfer_owned_to"].string != nil } ?? !wanted.attributes.isEmpty
      }.map(\.identity))
    let roles = listed.observed.map(\.identity).filter(handing.contains)
    guard !roles.isEmpty else { return listed }
    return ReadReply(
      queries: roles.map { GrantReading.grantsTo(SQLObject(type, $0.joined(separator: "."))) },
      state: [
        "phase": "owned", "reply": listed.document, "asked": .list(roles.map { .list($0.map(Value.string)) }),
      ])
  }

  private static func finish(_ request: ReadRequest) -> ReadReply {
    guard var reply = try? ReadReply(document: request.state["reply"]) else { return ReadReply(partial: "lost state") }
    for (asked, result) in zip(request.state["asked"].list.map(\.strings), request.results) {
      guard let place = reply.observed.firstIndex(where: { $0.identity == asked }) else { continue }
      if result.failure != nil || result.isCut {
        reply.observed.remove(at: place)
        reply.miss([asked], result)
        continue
      }
      let owned = GrantRow.rows(of: result).filter { $0.privilege == "OWNERSHIP" && !$0.isInherited }.map { row in
        let routine = ObjectTypes.routines.contains(row.onType) ? Routine(shown: row.name)?.sql : nil
        return SQLObject(row.onType, routine ?? ShownNames.canonical(row.name, type: row.onType)).document
      }
      var fields = reply.observed[place].attributes.fields + [.init("owned", .list(owned))]
      if let heir = heir(of: asked.joined(separator: "."), request.context) {
        fields.append(.init("heir", .string(heir)))
      }
      reply.observed[place].attributes = .object(fields)
    }
    return reply
  }

  // MARK: - Planning

  /// Adds to a drop what becomes of the owned objects: their transfer when a heir is known, else a loss each.
  static func complete(_ change: inout Change, of role: SQLObject, _ item: PlanItem) {
    change.losses.append("privileges granted to \(role.description), and \(role.description) as granted to others")
    let owned = owned(item)
    if let heir = item.observed?.attributes["heir"].string {
      let to = SQLObject("ROLE", heir)
      change.statements.insert(
        contentsOf: owned.map { OwnershipTransfer.statement($0, to: to, from: role) }, at: 0)
      if !owned.isEmpty { change.note = "\(owned.count) owned objects go to \(heir)" }
    } else {
      change.losses += owned.map { prefix + $0.description }
    }
  }

  /// Adds to the change of a declared role the transfer of what it owns to its `transfer_owned_to`.
  static func handOver(_ change: inout Change, of role: SQLObject, _ item: PlanItem) {
    guard let heir = item.declared?["transfer_owned_to"].string, heir != role.name else { return }
    let owned = owned(item)
    guard !owned.isEmpty else { return }
    let to = SQLObject("ROLE", heir)
    change.statements += owned.map { OwnershipTransfer.statement($0, to: to, from: role) }
    change.attributes.append(
      AttributeChange("transfer_owned_to", before: .null, after: .string(heir)))
    if change.action == .none { change.action = .update }
    change.note = "\(owned.count) owned objects go to \(heir)"
  }

  private static func owned(_ item: PlanItem) -> [SQLObject] {
    (item.observed?.attributes["owned"].list ?? []).compactMap { try? SQLObject(document: $0) }
  }

  /// The role that inherits: `transfer_owned_to` of the plugin's configuration, for all roles or by role.
  private static func heir(of role: String, _ context: RequestContext) -> String? {
    let configured = context.configuration["transfer_owned_to"]
    if let name = configured.string { return canonical(name) }
    for field in configured.fields where canonical(field.key) == role {
      return field.value.string.flatMap(canonical)
    }
    return nil
  }

  private static func canonical(_ name: String) -> String? { (try? QualifiedName(parsing: name))?.sql }

  // MARK: - Checking

  /// Refuses to drop a role that owns what the same plan neither drops nor hands on.
  static func check(_ request: CheckRequest) -> [Diagnostic] {
    let dropping = request.changes.filter { change in
      change.change.action == .drop && ["role", "database_role"].contains(change.address.type)
        && change.change.losses.contains { $0.hasPrefix(prefix) }
    }
    guard !dropping.isEmpty else { return [] }
    var settled: Set<String> = []
    var droppedContainers: [String] = []
    for effect in request.changes.flatMap(\.change.statements).flatMap(\.effects) {
      switch effect {
      case .owned(let object, by: _): settled.insert(object.description)
      case .dropped(let object):
        settled.insert(object.description)
        if object.type == "DATABASE" || object.type == "SCHEMA" { droppedContainers.append(object.name) }
      default: break
      }
    }
    return dropping.compactMap { change in
      let owned = change.change.losses.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
      let left = owned.filter { object in
        !settled.contains(object) && !droppedContainers.contains { object.contains(" \($0).") }
      }
      guard !left.isEmpty else { return nil }
      let role = change.address.identity.joined(separator: ".")
      let shown = left.prefix(10).joined(separator: ", ") + (left.count > 10 ? " and \(left.count - 10) more" : "")
      return .error(
        "\(change.address.type) \(role) cannot be dropped: it owns \(shown)",
        detail: "Say who receives what it owns: 'transfer_owned_to: {\(role): SYSADMIN}' in the configuration of the "
          + "plugin rbac; or keep the role for one more apply with 'transfer_owned_to: SYSADMIN', or give each object "
          + "another 'owner', and drop it then.",
        code: "role-owns-objects", address: change.address)
    }
  }
}

extension AttributeSchema {
  /// Where what a role owns goes.
  static let transferOwnedTo = AttributeSchema(
    "transfer_owned_to", .reference(["role"]),
    doc: """
      The role that receives everything this one owns, at the next apply. A role that owns objects is not dropped: hand \
      them over first. (`transfer_owned_to` in the configuration of the plugin rbac, one role for all or a map by role, \
      does so while dropping.)
      """
  ).createOnly()
}
