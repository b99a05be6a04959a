import AccountModel
import SnowmakerModel

extension BuiltInKinds {
  static let containerParameters =
    "DATA_RETENTION_TIME_IN_DAYS MAX_DATA_EXTENSION_TIME_IN_DAYS EXTERNAL_VOLUME CATALOG REPLACE_INVALID_CHARACTERS "
    + "DEFAULT_DDL_COLLATION DEFAULT_NOTEBOOK_COMPUTE_POOL_CPU DEFAULT_NOTEBOOK_COMPUTE_POOL_GPU "
    + "STORAGE_SERIALIZATION_POLICY LOG_LEVEL LOG_EVENT_LEVEL METRIC_LEVEL TRACE_LEVEL SUSPEND_TASK_AFTER_NUM_FAILURES "
    + "TASK_AUTO_RETRY_ATTEMPTS USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE USER_TASK_TIMEOUT_MS "
    + "USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS QUOTED_IDENTIFIERS_IGNORE_CASE ENABLE_CONSOLE_OUTPUT "
    + "PIPE_EXECUTION_PAUSED"

  static let databaseSchema: TypeSchema = {
    var schema = TypeSchema(
      "database", plural: "databases", sqlName: "DATABASE", identity: [.name],
      attributes: [comment, AttributeSchema("is_transient", .boolean)])
    var columns = facts("created_on name is_default is_current origin owner")
    columns.append(EmulatedColumn("comment", .attribute("comment")))
    columns += facts("options retention_time kind budget owner_role_type")
    schema.emulation = Emulation(
      showColumns: columns, modifiers: [.init("TRANSIENT", sets: "is_transient", to: true)],
      parameters: parameters(containerParameters))
    return schema
  }()
}

/// Databases bring INFORMATION_SCHEMA and PUBLIC along and become current.
struct DatabaseBehavior: KindBehavior {
  func fact(_ name: String, of object: StoredObject, in run: StatementRun) -> String?? {
    switch name {
    case "is_current": return run.session.current.database == object.name ? "Y" : "N"
    case "origin": return object.text("origin") ?? object.notes["origin"]?.string ?? ""
    case "kind": return object.notes["kind"]?.string ?? "STANDARD"
    case "options": return object.attributes["is_transient"] == .bool(true) ? "TRANSIENT" : ""
    case "retention_time": return ContainerFacts.retention(object, run)
    case "budget": return .some(nil)
    default: return nil
    }
  }

  func created(_ object: StoredObject, in run: StatementRun) {
    let world = run.world
    let isForeign = object.notes["origin"] != nil || object.notes["replica_of"] != nil
    for name in isForeign ? ["INFORMATION_SCHEMA"] : ["INFORMATION_SCHEMA", "PUBLIC"] {
      let full = object.name + "." + name
      guard !world.exists("SCHEMA", full) else { continue }
      var schema = StoredObject(kind: "SCHEMA", name: full, createdOn: object.createdOn)
      if name == "INFORMATION_SCHEMA" {
        schema.attributes["comment"] = "Views describing the contents of schemas in this database"
      }
      if object.attributes["is_transient"] == .bool(true) { schema.attributes["is_transient"] = true }
      world.create(schema, owner: name == "PUBLIC" ? run.account.owner(of: .database(object.name)) : nil)
    }
    run.session.update {
      $0.database = object.name
      $0.schema = isForeign ? nil : "PUBLIC"
    }
  }

  /// A replica follows its primary; an imported database belongs to who shares it.
  func alter(
    _ object: inout StoredObject, from before: StoredObject, in run: StatementRun
  ) throws(StatementFailure) {
    guard object.notes["replica_of"] != nil, object.attributes != before.attributes else { return }
    throw StatementFailure(
      code: "003001", sqlState: "42501",
      message: "SQL access control error:\nDatabase '\(object.plainName)' is read-only because it is a replica.")
  }

  func willDrop(_ object: StoredObject, restrict: Bool, in run: StatementRun) throws(StatementFailure) {
    guard object.name != "SNOWFLAKE" else { throw run.denied(.database(object.name)) }
    if restrict { try ContainerFacts.requireEmpty(.database(object.name), run) }
  }

  func describe(_ object: StoredObject, in run: StatementRun) -> StatementResult? {
    ContainerFacts.contents(run.world.objects("SCHEMA", in: object.name), run)
  }
}

/// What databases and schemas have in common.
enum ContainerFacts {
  static func retention(_ object: StoredObject, _ run: StatementRun) -> String? {
    guard let kind = run.registry.kind(object.kind) else { return "1" }
    return run.effectiveParameter("DATA_RETENTION_TIME_IN_DAYS", of: object, kind).value
  }

  /// DESCRIBE lists what is inside.
  static func contents(_ objects: [StoredObject], _ run: StatementRun) -> StatementResult {
    let visible = objects.filter { run.sees(Securable(type: $0.kind, name: $0.name)) }.sorted { $0.name < $1.name }
    return StatementResult(
      columns: [
        ResultColumn(name: "created_on", type: .timestamp_ltz), ResultColumn(name: "name"), ResultColumn(name: "kind"),
      ],
      rows: visible.map { [StatementRun.timestamp($0.createdOn), $0.plainName, $0.kind] }, statementTypeID: 0x4500)
  }

  static func requireEmpty(_ container: Securable, _ run: StatementRun) throws(StatementFailure) {
    let inside = run.world.contents(of: container).filter {
      $0.kind != "SCHEMA" || !["PUBLIC", "INFORMATION_SCHEMA"].contains($0.plainName)
    }
    guard inside.isEmpty else {
      throw .dependent("Cannot drop \(container.type.lowercased()) '\(run.shown(container.name))': it is not empty.")
    }
  }
}
