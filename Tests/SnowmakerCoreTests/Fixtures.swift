import SnowmakerModel

@testable import SnowmakerCore

/// A few types as providers describe them.
enum Fixture {
  static let types: [String: TypeSchema] = {
    let all = [
      database, schema, table, view, databaseRole, warehouse, role, user, policy, grant, futureGrant, allGrant,
      roleGrant,
    ]
    return Dictionary(uniqueKeysWithValues: all.map { ($0.type, $0) })
  }()

  static let name = AttributeSchema("name", .identifier).required()
  static let comment = AttributeSchema("comment", .text, property: "COMMENT").blankIsNull()
  static let owner = AttributeSchema("owner", .reference(["role"])).unset(.impossible)

  static let database: TypeSchema = {
    var type = TypeSchema(
      "database", plural: "databases", sqlName: "DATABASE", identity: [.name], attributes: [name, comment, owner])
    type.createsImplicitly = [ImplicitChild(type: "schema", name: "PUBLIC")]
    return type
  }()

  static let schema = TypeSchema(
    "schema", plural: "schemas", sqlName: "SCHEMA", identity: [.database, .name],
    attributes: [AttributeSchema("database", .identifier).required(), name, comment, owner])

  private static func relation(_ type: String, _ sqlName: String, _ more: [AttributeSchema]) -> TypeSchema {
    var schema = TypeSchema(
      type, plural: type + "s", sqlName: sqlName, identity: [.database, .schema, .name],
      attributes: [
        AttributeSchema("database", .identifier).required(), AttributeSchema("schema", .identifier).required(), name,
        comment,
      ] + more)
    schema.namespace = "relation"
    return schema
  }

  static let table = relation("table", "TABLE", [AttributeSchema("kind", .text).forcesReplacement()])
  static let view = relation("view", "VIEW", [AttributeSchema("query", .sql, property: "AS")])

  static let databaseRole = TypeSchema(
    "database_role", plural: "database_roles", sqlName: "DATABASE ROLE", identity: [.database, .name],
    attributes: [AttributeSchema("database", .identifier).required(), name])

  static let warehouse = TypeSchema(
    "warehouse", plural: "warehouses", sqlName: "WAREHOUSE", identity: [.name],
    attributes: [
      name, comment, owner, AttributeSchema("size", .text, property: "SIZE"),
      AttributeSchema("clusters", .integer(), property: "CLUSTERS").edition(.enterprise),
      AttributeSchema("kind", .text).forcesReplacement(), AttributeSchema("initially", .boolean).createOnly(),
      AttributeSchema("fixed", .text).unset(.impossible),
    ])

  static let role = TypeSchema(
    "role", plural: "roles", sqlName: "ROLE", identity: [.name], attributes: [name, comment])

  static let policy = TypeSchema(
    "policy", plural: "policies", sqlName: "POLICY", identity: [.name], attributes: [name, comment])

  static let user = TypeSchema(
    "user", plural: "users", sqlName: "USER", identity: [.name],
    attributes: [
      name, comment, AttributeSchema("password", .text, property: "PASSWORD").sensitive(),
      AttributeSchema("policy", .reference(["policy"])).edge(.uses, onTargetDrop: .detachFirst),
    ])

  static let grant = TypeSchema(
    "grant", plural: "grants",
    identity: [
      IdentityPart("privilege"), IdentityPart("on_type"), IdentityPart("on"), IdentityPart("to"),
    ],
    attributes: [
      AttributeSchema("privilege", .text), AttributeSchema("on_type", .text),
      AttributeSchema("on", .objectReference(typeAttribute: "on_type")).edge(.uses, onTargetDrop: .absorbed),
      AttributeSchema("to", .reference(["role", "database_role"])).edge(.grantee, onTargetDrop: .absorbed),
    ])

  private static func scoped(_ type: String, _ edge: AttributeSchema.Edge, _ plural: String) -> TypeSchema {
    TypeSchema(
      type, plural: plural, identity: [IdentityPart("privilege"), IdentityPart("in"), IdentityPart("to")],
      attributes: [
        AttributeSchema("privilege", .text),
        AttributeSchema("in", .reference(["database", "schema"])).edge(edge, onTargetDrop: .absorbed),
        AttributeSchema("to", .reference(["role", "database_role"])).edge(.grantee, onTargetDrop: .absorbed),
      ])
  }

  static let futureGrant = scoped("future_grant", .beforeCreatesIn, "future_grants")
  static let allGrant: TypeSchema = {
    var type = scoped("all_grant", .afterCreatesIn, "all_grants")
    type.wantsPlannedCreates = true
    return type
  }()

  static let roleGrant = TypeSchema(
    "role_grant", plural: "role_grants", identity: [IdentityPart("role"), IdentityPart("to")],
    attributes: [
      AttributeSchema("role", .reference(["role"])).edge(.uses, onTargetDrop: .absorbed),
      AttributeSchema("to", .reference(["role"])).edge(.grantee, onTargetDrop: .absorbed),
    ])

  // MARK: Making things

  /// A declared resource; the identity's attributes are filled in.
  static func resource(
    _ type: String, _ identity: [String], _ attributes: [String: Value] = [:], line: Int = 1
  ) -> Resource {
    var fields = zip(types[type]?.identity ?? [], identity).map { Value.Field($0.attribute, .string($1)) }
    fields += attributes.sorted { $0.key < $1.key }.map { Value.Field($0.key, $0.value) }
    return Resource(
      address: Address(type, identity), attributes: fields,
      position: SourcePosition(file: "test.yaml", line: line, column: 1))
  }

  static func observation(
    _ type: String, _ identity: [String], _ attributes: [String: Value] = [:], owner: String? = "SYSADMIN",
    createdOn: String? = "2024-01-01"
  ) -> (Address, Observation) {
    let resource = resource(type, identity, attributes)
    let isObject = types[type]?.sqlName != nil
    return (
      resource.address,
      Observation(
        identity: identity, attributes: .object(resource.attributes), owner: isObject ? owner : nil,
        ownerType: isObject ? "ROLE" : nil, createdOn: createdOn)
    )
  }

  static func entry(
    _ type: String, _ identity: [String], _ attributes: [String: Value] = [:],
    origin: LedgerEntry.Origin = .created, createdOn: String? = "2024-01-01"
  ) -> LedgerEntry {
    let resource = resource(type, identity, attributes)
    return LedgerEntry(
      address: resource.address, origin: origin, createdOn: createdOn,
      declared: Dictionary(uniqueKeysWithValues: resource.attributes.map { ($0.key, $0.value) }))
  }

  static func input(
    _ resources: [Resource], observed: [(Address, Observation)] = [], ledger: [LedgerEntry] = [],
    _ change: (inout PlanInput) -> Void = { _ in }
  ) -> PlanInput {
    var input = PlanInput(
      resources: resources, types: types,
      observations: Observations(byAddress: Dictionary(uniqueKeysWithValues: observed)),
      ledger: LedgerSnapshot(entries: Dictionary(uniqueKeysWithValues: ledger.map { ($0.address, $0) })),
      binding: PlanBinding(project: "shop", target: "dev", account: "ACME-MAIN"),
      digest: { "digest of \($0)" })
    input.settings.loginUser = "DEPLOYER"
    input.settings.assumableRoles = ["ACCOUNTADMIN"]
    change(&input)
    return input
  }

  static func plan(
    _ resources: [Resource], observed: [(Address, Observation)] = [], ledger: [LedgerEntry] = [],
    providers: FakeProviders = FakeProviders(), _ change: (inout PlanInput) -> Void = { _ in }
  ) async -> Plan {
    await Planner().plan(input(resources, observed: observed, ledger: ledger, change), providers: providers)
  }
}

extension Plan {
  /// The resource, by its address as text.
  subscript(_ address: String) -> PlannedResource? { resources.first { $0.address.description == address } }
  /// The statements as text, in order.
  var sql: [String] { steps.map(\.statement.sql.description) }
  /// Errors and warnings by their codes.
  var codes: [String] { diagnostics.map(\.code) }

  /// Whether the statement that starts with `later` has to wait for the one that starts with `earlier`, also through
  /// others.
  func waits(_ later: String, for earlier: String) -> Bool {
    guard let from = steps.firstIndex(where: { $0.statement.sql.description.hasPrefix(later) }),
      let to = steps.firstIndex(where: { $0.statement.sql.description.hasPrefix(earlier) })
    else { return false }
    var open = [from]
    var seen: Set<Int> = []
    while let next = open.popLast() {
      if next == to { return true }
      open += steps[next].dependsOn.filter { seen.insert($0).inserted }
    }
    return false
  }
}
