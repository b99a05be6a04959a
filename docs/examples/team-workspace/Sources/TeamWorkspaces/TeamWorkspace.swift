import SnowmakerSDK

/// A composite: it stands for other resources and is itself never read or planned. Everything here is in terms of the
/// types of other plugins, which plan and apply what it stands for.
struct TeamWorkspace: ObjectType {
  let schema: TypeSchema = {
    var schema = TypeSchema(
      "team_workspace", plural: "team_workspaces", identity: [.name],
      doc: """
        A team's workspace: the database NAME, the warehouse NAME_WH, the roles NAME_WRITER and NAME_READER with what \
        they need, and the writer role for every member.
        """,
      attributes: [
        .objectName,
        AttributeSchema(
          "size", .enumeration(["XSMALL", "SMALL", "MEDIUM"]), doc: "The size of the team's warehouse."
        ).defaults(to: "XSMALL"),
        AttributeSchema("members", .list(.identifier), doc: "Users of the team."),
      ])
    schema.expands = true
    schema.isComposite = true
    schema.examples = [
      TypeExample(
        base: ["users": [["name": "VERIFY_ANNA"], ["name": "VERIFY_BEN"]]],
        create: ["team_workspaces": [["name": "VERIFY_TEAM", "members": ["VERIFY_ANNA"]]]],
        change: [
          "team_workspaces": [["name": "VERIFY_TEAM", "size": "SMALL", "members": ["VERIFY_ANNA", "VERIFY_BEN"]]]
        ])
    ]
    return schema
  }()

  func expand(_ written: WrittenResource, context: RequestContext) -> Expansion {
    let name: Identifier
    do { name = try Identifier(parsing: written.value["name"].string ?? "") } catch {
      return Expansion(diagnostics: [.error("a team workspace needs a name: \(error)", path: ["name"])])
    }
    func named(_ suffix: String) -> Value { .string(Identifier(exact: name.name + suffix).sql) }
    let (database, warehouse, writer, reader) = (named(""), named("_WH"), named("_WRITER"), named("_READER"))

    var expansion = Expansion()
    func add(_ type: String, _ attributes: Value, path: [String] = []) {
      expansion.resources.append(ExpandedResource(type: type, attributes: attributes, path: path))
    }
    func grant(_ privilege: String, on type: String, _ object: Value, to role: Value) {
      add(
        "grant",
        ["privilege": .string(privilege), "on_type": .string(type), "on": object, "to_type": "ROLE", "to": role])
    }
    func grant(role: Value, to type: String, _ grantee: Value, path: [String] = []) {
      add("role_grant", ["role_type": "ROLE", "role": role, "to_type": .string(type), "to": grantee], path: path)
    }

    add("database", ["name": database])
    add(
      "warehouse",
      ["name": warehouse, "warehouse_size": written.value.find("size") ?? "XSMALL", "auto_suspend": 60])
    add("role", ["name": writer])
    add("role", ["name": reader])
    grant(role: reader, to: "ROLE", writer)
    grant(role: writer, to: "ROLE", "SYSADMIN")
    grant("USAGE", on: "DATABASE", database, to: reader)
    grant("CREATE SCHEMA", on: "DATABASE", database, to: writer)
    grant("USAGE", on: "WAREHOUSE", warehouse, to: reader)
    for (index, member) in written.value["members"].list.enumerated() {
      grant(role: writer, to: "USER", member, path: ["members", String(index)])
    }
    return expansion
  }
}
