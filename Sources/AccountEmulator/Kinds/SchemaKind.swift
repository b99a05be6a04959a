import AccountModel
import SnowmakerModel

extension BuiltInKinds {
  static let schemaSchema: TypeSchema = {
    var schema = TypeSchema(
      "schema", plural: "schemas", sqlName: "SCHEMA", identity: [.database, .name],
      attributes: [
        comment, AttributeSchema("is_transient", .boolean), AttributeSchema("managed_access", .boolean),
      ])
    var columns = facts("created_on name is_default is_current database_name owner")
    columns.append(EmulatedColumn("comment", .attribute("comment")))
    columns += facts("options retention_time owner_role_type budget")
    schema.emulation = Emulation(
      showColumns: columns,
      modifiers: [
        .init("TRANSIENT", sets: "is_transient", to: true),
        .init("MANAGED ACCESS", sets: "managed_access", to: true),
      ], parameters: parameters(containerParameters))
    return schema
  }()
}

/// Schemas become current, and may have managed access.
struct SchemaBehavior: KindBehavior {
  func fact(_ name: String, of object: StoredObject, in run: StatementRun) -> String?? {
    switch name {
    case "is_current":
      let current = run.session.current
      return current.database.flatMap { database in current.schema.map { database + "." + $0 } } == object.name
        ? "Y" : "N"
    case "options":
      var options: [String] = []
      if object.attributes["is_transient"] == .bool(true) { options.append("TRANSIENT") }
      if object.attributes["managed_access"] == .bool(true) { options.append("MANAGED ACCESS") }
      return options.joined(separator: ", ")
    case "retention_time": return ContainerFacts.retention(object, run)
    case "kind", "budget", "schema_name": return .some(nil)
    default: return nil
    }
  }

  func created(_ object: StoredObject, in run: StatementRun) {
    if object.attributes["managed_access"] == .bool(true) { run.world.setManagedAccess(true, schema: object.name) }
    let full = Securable(type: "SCHEMA", name: object.name)
    run.session.update {
      $0.database = full.container?.name
      $0.schema = full.lastPart
    }
  }

  func alter(
    _ object: inout StoredObject, from before: StoredObject, in run: StatementRun
  ) throws(StatementFailure) {
    let managed = object.attributes["managed_access"] == .bool(true)
    if managed != (before.attributes["managed_access"] == .bool(true)) {
      run.world.setManagedAccess(managed, schema: object.name)
    }
  }

  func willDrop(_ object: StoredObject, restrict: Bool, in run: StatementRun) throws(StatementFailure) {
    guard object.plainName != "INFORMATION_SCHEMA" else { throw run.denied(.schema(object.name)) }
    if restrict { try ContainerFacts.requireEmpty(.schema(object.name), run) }
  }

  func describe(_ object: StoredObject, in run: StatementRun) -> StatementResult? {
    ContainerFacts.contents(run.world.contents(of: .schema(object.name)), run)
  }
}
