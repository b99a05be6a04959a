import SnowmakerSDK

/// `CREATE DATABASE` and its relatives.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/create-database>.
struct Database: ObjectType {
  let schema = Self.makeSchema()

  private static func makeSchema() -> TypeSchema {
    var schema = TypeSchema(
      "database", plural: "databases", sqlName: "DATABASE", identity: [.name],
      doc: "A database. Creating one brings the schema PUBLIC along.",
      attributes: [
        .objectName, .owner, .comment,
        AttributeSchema(
          "transient", .boolean, column: "options",
          doc: "Whether it has no Fail-safe. It cannot be changed later: that takes a new database."
        ).forcesReplacement().defaults(to: false),
      ] + ContainerSource.clone(of: "database") + ContainerSource.imports + ContainerParameters.attributes
        + Replication.attributes + [.tags])
    schema.validates = true
    schema.reads = [
      ReadGroup("show", "SHOW DATABASES", per: .account, shape: .rows),
      ReadGroup(
        "parameters", "SHOW PARAMETERS IN DATABASE {name}", per: .object, shape: .parameters,
        costClass: "SHOW PARAMETERS IN DATABASE"),
      .tags(of: "DATABASE"),
    ]
    schema.createsImplicitly = [ImplicitChild(type: "schema", name: "PUBLIC")]
    schema.privileges = [
      "APPLYBUDGET", "CREATE DATABASE ROLE", "CREATE SCHEMA", "IMPORTED PRIVILEGES", "MODIFY", "MONITOR", "USAGE",
    ]
    schema.createPrivilege = "CREATE DATABASE"
    schema.emulation = Emulation(
      showColumns: [
        EmulatedColumn("created_on", .fact("created_on")),
        EmulatedColumn("name", .fact("name")),
        EmulatedColumn("is_default", .constant("N")),
        EmulatedColumn("is_current", .constant("N")),
        EmulatedColumn("origin", .constant("")),
        EmulatedColumn("owner", .fact("owner")),
        EmulatedColumn("comment", .attribute("comment")),
        EmulatedColumn("options", .attribute("transient"), echo: ["true": "TRANSIENT", "false": ""]),
        EmulatedColumn("retention_time", .attribute("data_retention_time_in_days")),
        EmulatedColumn("kind", .constant("STANDARD")),
        EmulatedColumn("owner_role_type", .fact("owner_role_type")),
      ], modifiers: [.init("TRANSIENT", sets: "transient", to: true)], parameters: ContainerParameters.defaults)
    return schema
  }

  func validate(_ resource: DeclaredResource, context: RequestContext) -> [Diagnostic] {
    ContainerSource.validate(resource.attributes) + Replication.validate(resource.attributes)
  }

  /// What this configuration imports is its own to drop and to give away; what others imported is foreign.
  func read(_ request: ReadRequest) throws(Diagnostic) -> ReadReply {
    var reply = try Replication.read(request) { request throws(Diagnostic) in try SchemaReader(self).read(request) }
    let imported = Set(ContainerSource.imports.map(\.name))
    let own = Set(request.wanted.filter { !imported.isDisjoint(with: $0.attributes) }.map(\.identity))
    for index in reply.observed.indices
    where own.contains(reply.observed[index].identity) && reply.observed[index].identity != ["SNOWFLAKE"] {
      reply.observed[index].foreign = nil
    }
    return reply
  }

  func plan(_ item: PlanItem, request: PlanRequest) throws(Diagnostic) -> Change {
    let planner = SchemaPlanner(schema)
    var change: Change
    if item.observed == nil, let declared = item.declared, ContainerSource.name(in: declared) != nil {
      change = try ContainerSource.create(item, declared: declared, planner)
    } else {
      change = try planner.plan(Replication.settled(ContainerSource.settled(item)))
      ContainerSource.refuseChanges(of: item, &change, schema.type)
    }
    Replication.complete(&change, item, of: planner.object(item.identity))
    ContainerLosses.add(to: &change, of: planner.object(item.identity), item.observed)
    return change
  }

  func observe(_ observation: inout Observation, group: ReadGroup, rows: RowSet) -> Bool {
    guard group.name == "show" else { return true }
    Options.read(&observation, rows)
    let kind = rows.text(0, "kind") ?? ""
    let origin = rows.text(0, "origin") ?? ""
    if kind.uppercased().contains("IMPORTED") || (kind.isEmpty && !origin.isEmpty) {
      observation.foreign = "imported from the share \(origin)"
    } else if kind.uppercased().contains("APPLICATION") {
      observation.foreign = "owned by an application"
    } else if rows.text(0, "name") == "SNOWFLAKE" {
      observation.foreign = "the database that Snowflake itself keeps"
    }
    return true
  }
}

/// The `options` column of SHOW DATABASES and SHOW SCHEMAS: words separated by commas.
enum Options {
  /// Replaces what was decoded of the column by the attributes its words mean.
  static func read(_ observation: inout Observation, _ rows: RowSet) {
    guard let text = rows.text(0, "options") else { return }
    let words = text.uppercased().split(separator: ",").map { $0.filter { $0 != " " } }
    var fields = observation.attributes.fields.filter { $0.key != "transient" && $0.key != "managed_access" }
    fields.append(.init("transient", .bool(words.contains("TRANSIENT"))))
    fields.append(.init("managed_access", .bool(words.contains("MANAGEDACCESS"))))
    observation.attributes = .object(fields)
  }
}
