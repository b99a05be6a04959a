import AccountModel
import SnowmakerModel

/// One deployment of a DCM project, with the files that it was made from.
struct ProjectDeployment {
  /// `DEPLOYMENT$1`
  var name = ""
  var alias: String?
  /// Milliseconds since 1970.
  var createdOn: Int64 = 0
  /// What followed FROM.
  var source: String
  var configuration: String?
  var variables: [(name: String, value: Value)] = []
  /// What ENVIRONMENT gave and the manifest declares as variables; secrets are not kept.
  var environment: [String: String] = [:]
  /// Texts by path.
  var files: [String: String] = [:]

  func isCalled(_ wanted: String) -> Bool { name == wanted || alias == wanted }

  /// As it is stored.
  var document: Value {
    var fields: [Value.Field] = [
      .init("name", .string(name)), .init("created_on", .int(createdOn)), .init("source", .string(source)),
      .init("variables", .object(variables.map { .init($0.name, $0.value) })),
      .init("files", .object(files.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })),
    ]
    if !environment.isEmpty {
      let names = environment.keys.sorted()
      fields.append(.init("environment", .object(names.map { .init($0, .string(environment[$0] ?? "")) })))
    }
    if let alias { fields.append(.init("alias", .string(alias))) }
    if let configuration { fields.append(.init("configuration", .string(configuration))) }
    return .object(fields)
  }
}

extension ProjectDeployment {
  init(_ document: Value) {
    self.init(source: document["source"].string ?? "", configuration: document["configuration"].string)
    name = document["name"].string ?? ""
    alias = document["alias"].string
    createdOn = document["created_on"].int ?? 0
    variables = document["variables"].fields.map { ($0.key, $0.value) }
    for name in document["environment"].fields { environment[name.key] = name.value.string }
    for file in document["files"].fields { files[file.key] = file.value.string }
  }
}

extension StoredObject {
  /// The deployments of a DCM project, the oldest first.
  var deployments: [ProjectDeployment] { (notes["deployments"]?.list ?? []).map { ProjectDeployment($0) } }

  /// What the latest deployment defined.
  var managedObjects: [ObjectKey] {
    (notes["managed_objects"]?.list ?? []).map {
      ObjectKey(kind: $0["kind"].string ?? "", name: $0["name"].string ?? "")
    }
  }

  /// The grants of the latest deployment, by their canonical text.
  var managedGrants: [String] { notes["managed_grants"]?.strings ?? [] }
}

/// DCM projects: DESCRIBE tells the latest deployment.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/desc-dcm-project>.
struct ProjectBehavior: KindBehavior {
  func describe(_ object: StoredObject, in run: StatementRun) -> StatementResult? {
    // Where the sources lie is for those who may see deployments.
    let securable = Securable(type: object.kind, name: object.name)
    let sees =
      ["MONITOR", "PLAN", "OWNERSHIP"].contains { run.holds($0, on: securable) }
      || run.account.owns(run.held, securable)
    let last = object.deployments.last
    let cells: [(String, String?)] = [
      ("name", object.plainName), ("created_on", StatementRun.timestamp(object.createdOn)),
      ("owner", run.account.owner(of: securable).map { run.shown($0.name) }), ("comment", object.text("comment")),
      ("last_executed_version_name", last?.name), ("last_executed_version_alias", last?.alias),
      (
        "last_executed_version_path",
        sees ? last.map { "snow://project/\(object.name)/deployment/\($0.name.lowercased())/" } : nil
      ),
      ("last_executed_source_path", sees ? last?.source : nil),
    ]
    return StatementResult(
      columns: cells.map { ResultColumn(name: $0.0, type: $0.0 == "created_on" ? .timestamp_ltz : .text) },
      rows: [cells.map(\.1)], statementTypeID: 0x4500)
  }
}
