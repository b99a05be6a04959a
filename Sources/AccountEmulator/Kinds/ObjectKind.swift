import SnowmakerModel

/// A kind of object as the engine plays it: a provider's description made quick to ask, with the behaviour that no
/// description can hold.
final class ObjectKind: Sendable {
  /// How deep an object of the kind lies.
  enum Level: Sendable { case account, database, schema }

  let schema: TypeSchema
  /// `FILE FORMAT`.
  let sqlName: String
  let sqlPlural: String
  let level: Level
  /// What messages call it: `File format`.
  let displayName: String
  let showColumns: [ShowColumn]
  let behavior: any KindBehavior
  /// Parameters that SHOW PARAMETERS lists and SET takes, with their attribute's name, if they have one.
  let parameters: [String: String?]
  let privileges: [String]
  let createPrivilege: String
  /// False for kinds that only SHOW knows.
  let canCreate: Bool
  let hasColumns: Bool
  /// Clauses that are not of the form `NAME = value`.
  let grammar: KindGrammar?
  /// Those that the description has itself.
  let clauses: [DescribedClause]
  private let byProperty: [String: AttributeSchema]
  private let extraProperties: Set<String>

  init(
    _ schema: TypeSchema, behavior: any KindBehavior = PlainBehavior(), canCreate: Bool = true, hasColumns: Bool = false
  ) {
    self.schema = schema
    sqlName = (schema.sqlName ?? schema.type).uppercased()
    sqlPlural = (schema.sqlPlural ?? schema.plural).uppercased()
    let containers = schema.containers
    level = containers.contains("schema") ? .schema : containers.contains("database") ? .database : .account
    displayName = sqlName.prefix(1) + sqlName.dropFirst().lowercased()
    self.behavior = behavior
    self.canCreate = canCreate
    self.hasColumns = hasColumns || ["TABLE", "VIEW"].contains(sqlName)
    grammar = KindGrammar.all[sqlName]
    privileges = schema.privileges
    createPrivilege = schema.createPrivilege ?? "CREATE \(sqlName)"
    var properties: [String: AttributeSchema] = [:]
    for attribute in schema.attributes {
      if let name = attribute.property { properties[name.uppercased()] = attribute }
    }
    clauses = schema.attributes.compactMap(DescribedClause.init)
    for clause in clauses { properties[clause.key] = clause.attribute }
    byProperty = properties
    extraProperties = Set((schema.emulation?.extraProperties ?? []).map { $0.uppercased() })
    let groups = Set(schema.reads.filter { $0.shape == .parameters }.map(\.name))
    var parameters: [String: String?] = [:]
    for name in schema.emulation?.parameters.keys.map(\.self) ?? [] { parameters[name.uppercased()] = .some(nil) }
    for attribute in schema.attributes where groups.contains(attribute.group) {
      if let name = attribute.property ?? attribute.column { parameters[name.uppercased()] = attribute.name }
    }
    self.parameters = parameters
    showColumns = (schema.emulation?.showColumns ?? Self.usualColumns(level)).map { ShowColumn($0, schema, behavior) }
  }

  var modifiers: [Emulation.Modifier] { schema.emulation?.modifiers ?? [] }

  /// The attribute that holds what follows AS.
  var bodyAttribute: AttributeSchema? {
    byProperty["AS"] ?? schema.attributes.first {
      $0.kind == .sql && $0.property == nil && $0.clause == nil && $0.column != nil
    }
      ?? schema.attributes.first { $0.kind == .sql && $0.clause == nil }
  }

  /// What a property of CREATE or SET means.
  enum Meaning {
    case attribute(AttributeSchema)
    /// A parameter that no attribute stands for.
    case parameter(KnownParameter)
    /// Stored under this name, not interpreted.
    case extra(String)
  }

  func meaning(of property: String) -> Meaning? {
    if let attribute = byProperty[property] { return .attribute(attribute) }
    if parameters[property] != nil {
      return .parameter(
        KnownParameters.find(property)
          ?? KnownParameter(name: property, type: .string, defaultValue: schema.emulation?.parameters[property] ?? ""))
    }
    if extraProperties.contains(property) { return .extra(property) }
    return grammar?.properties.contains(property) == true ? .extra(property.lowercased()) : nil
  }

  /// The default that SHOW PARAMETERS tells.
  func parameterDefault(_ name: String) -> String {
    if let text = schema.emulation?.parameters[name], !text.isEmpty { return text }
    if let known = KnownParameters.find(name) { return known.defaultValue }
    if let attribute = byProperty[name], let value = attribute.defaultValue { return ShowColumn.text(value) ?? "" }
    return ""
  }

  private static func usualColumns(_ level: Level) -> [EmulatedColumn] {
    var columns: [EmulatedColumn] = [.init("created_on", .fact("created_on")), .init("name", .fact("name"))]
    if level != .account { columns.append(.init("database_name", .fact("database_name"))) }
    if level == .schema { columns.append(.init("schema_name", .fact("schema_name"))) }
    return columns + [
      .init("owner", .fact("owner")), .init("comment", .attribute("comment")),
      .init("owner_role_type", .fact("owner_role_type")),
    ]
  }
}

/// A column of SHOW with its type on the wire.
struct ShowColumn: Sendable {
  let name: String
  let source: EmulatedColumn.Source
  let echo: [String: String]
  let attribute: AttributeSchema?
  let result: ResultColumn

  init(_ column: EmulatedColumn, _ schema: TypeSchema, _ behavior: any KindBehavior) {
    name = column.name
    source = column.source
    echo = column.echo
    var type = ResultColumn.ResultType.text
    var attribute: AttributeSchema?
    switch column.source {
    case .fact(let fact):
      if Self.times.contains(fact) { type = .timestamp_ltz }
      if Self.counts.contains(fact) || behavior.numericFacts.contains(fact) || fact.hasPrefix("count:") {
        type = .fixed
      }
    case .attribute(let name):
      attribute = schema.attribute(name)
      if case .integer = attribute?.kind, column.echo.isEmpty, column.name != "retention_time" { type = .fixed }
    case .constant(let text):
      if Self.times.contains(column.name) { type = .timestamp_ltz }
      if Self.counts.contains(column.name), text.map({ Int64($0) != nil }) ?? true { type = .fixed }
    }
    self.attribute = attribute
    result = ResultColumn(name: column.name, type: type)
  }

  private static let times: Set<String> = [
    "created_on", "updated_on", "resumed_on", "dropped_on", "last_success_login", "expires_at_time",
    "locked_until_time", "last_committed_on", "last_suspended_on", "stale_after", "start_time", "end_time",
  ]
  private static let counts: Set<String> = [
    "running", "queued", "started_clusters", "rows", "bytes", "min_cluster_count", "max_cluster_count",
    "query_acceleration_max_scale_factor", "min_num_arguments", "max_num_arguments", "next_value", "interval",
  ]

  /// How SHOW writes a value: booleans as true and false, lists joined with commas, maps as JSON.
  static func text(_ value: Value) -> String? {
    switch value {
    case .null, .unknown: nil
    case .bool(let flag): flag ? "true" : "false"
    case .int(let number): String(number)
    case .double(let number): number == number.rounded() ? String(Int64(number)) : String(number)
    case .string(let text): text
    case .list(let items): items.compactMap(text).joined(separator: ",")
    case .object: JSON.string(value)
    }
  }
}
