import AccountModel
import SnowmakerModel

/// DCM projects: definition files that the server itself plans and deploys.
///
/// The definitions are executed for PLAN too, and what they changed is taken back. They run with the privileges of the
/// project's owner. A deployment that fails leaves the account as it was (assumed: the page does not say).
extension StatementRun {
  func executeProject(_ execution: ProjectExecution) throws(StatementFailure) -> StatementResult {
    guard let kind = registry.kind("DCM PROJECT") else { throw .unsupported("EXECUTE DCM PROJECT") }
    let project = try find(kind, execution.project, for: "EXECUTE DCM PROJECT")
    let securable = Securable(type: kind.sqlName, name: project.name)
    switch execution.verb {
    case .plan, .analyze, .preview: try require(["PLAN"], on: securable)
    case .deploy, .purge: try require([], on: securable)
    case .refresh:
      try require(["MONITOR"], on: securable)
      return Self.projectAnswer(refreshed(project))
    case .test:
      try require(["MONITOR"], on: securable)
      // Expectations come with ATTACH, which is refused: there are none.
      return Self.projectAnswer(["expectations": .list([])])
    }
    guard let owner = account.owner(of: securable), owner.kind == .account else {
      throw .unsupported("a DCM project without an account role as its owner")
    }
    let output = try execution.output.map { (path) throws(StatementFailure) in try place(of: path, writes: true) }
    var deployment = ProjectDeployment(source: "", configuration: execution.configuration)
    deployment.variables = execution.variables
    deployment.environment = execution.environment
    switch execution.source {
    case .stage(let location)?:
      deployment.source = location
      deployment.files = try files(at: location)
    case .deployment(let name)?:
      guard let earlier = project.deployments.first(where: { $0.isCalled(name) }) else {
        throw ProjectFiles.failure("Deployment does not exist: '\(name)'")
      }
      deployment = earlier
    case nil: break
    }
    let files = ProjectFiles(texts: deployment.files)
    var secrets = ProjectSecrets([])
    if execution.source != nil {
      let names = try files.declared("env_secrets")
      secrets = ProjectSecrets(names.compactMap { deployment.environment[$0] })
    }
    // Definitions are about permanent objects.
    world.leave()
    let before = world.checkpoint()
    let session = EngineSession(
      id: world.openSession(SessionContext(user: context.user)),
      current: .init(user: context.user, role: owner.name))
    defer { world.sessions[session.id] = nil }
    do throws(StatementFailure) {
      if case .analyze = execution.verb {
        let analysis = try ProjectAnalysis(files, deployment, registry)
        let document = secrets.covered(analyzed(analysis, project, as: owner, in: session, before))
        try write(analysis.rendered, document, secrets, named: "analyze_result.json", to: output)
        return Self.projectAnswer(document)
      }
      var rendered: [ProjectFiles.Rendered] = []
      if execution.source != nil {
        rendered = try files.rendered(
          configuration: deployment.configuration, variables: deployment.variables, environment: deployment.environment)
        let names = try files.declared("env_secrets")
        deployment.environment = deployment.environment.filter { !names.contains($0.key) }
      }
      var definitions: [ProjectDefinition] = []
      for file in rendered { definitions += try ProjectDefinition.definitions(of: file, registry) }
      let document = secrets.covered(try apply(definitions, to: project, as: owner, in: session, before))
      switch execution.verb {
      case .deploy(let alias), .purge(let alias):
        deployment.alias = alias
        record(deployment, definitions, in: project)
      case .preview(let name):
        let answer = try preview(name, definitions, execution.limit, in: session)
        world.restore(before)
        return answer
      default:
        world.restore(before)
        try write(rendered, document, secrets, named: "plan_result.json", to: output)
      }
      return Self.projectAnswer(document)
    } catch {
      world.restore(before)
      throw secrets.covered(error)
    }
  }

  /// What ANALYZE answers: sources without issues of their own are tried too. Leaves the account as it was.
  private func analyzed(
    _ analysis: ProjectAnalysis, _ project: StoredObject, as owner: RoleReference, in session: EngineSession,
    _ before: World.Checkpoint
  ) -> Value {
    guard analysis.issueCount == 0 else { return analysis.document }
    defer { world.restore(before) }
    do throws(StatementFailure) {
      _ = try apply(analysis.definitions, to: project, as: owner, in: session, before)
      return analysis.document
    } catch { return analysis.document.with("issues", .list([ProjectAnalysis.issue(error.message)])) }
  }

  private static func projectAnswer(_ document: Value) -> StatementResult {
    StatementResult(
      columns: [ResultColumn(name: "result")], rows: [[JSON.string(document)]], statementTypeID: 0x1000)
  }

  /// What REFRESH ALL answers: the dynamic tables that the project manages. No rows are kept, so none come or go.
  ///
  /// Source: <https://docs.snowflake.com/en/user-guide/dcm-projects/dcm-projects-pipelines>.
  private func refreshed(_ project: StoredObject) -> Value {
    let time = MomentFormat("YYYY-MM-DD\"T\"HH24:MI:SS.FF3\"Z\"").write(Moment(milliseconds: world.now()))
    let tables = project.managedObjects.filter { $0.kind == "DYNAMIC TABLE" && world.exists($0.kind, $0.name) }
    return [
      "dts_refresh_result": [
        "refreshed_tables": .list(
          tables.map { table in
            [
              "table_name": .string(table.name), "statistics": ["inserted_rows": 0, "deleted_rows": 0],
              "data_timestamp": .string(time),
            ]
          })
      ]
    ]
  }

  /// What PREVIEW answers: the query of a view or a dynamic table, run with the definitions in place. Tables have no rows.
  private func preview(
    _ name: ObjectName, _ definitions: [ProjectDefinition], _ limit: Int?, in session: EngineSession
  ) throws(StatementFailure) -> StatementResult {
    let kinds = ["TABLE", "VIEW", "DYNAMIC TABLE"]
    let full = try resolve(name, level: .schema, for: "EXECUTE DCM PROJECT")
    for definition in definitions {
      guard case .object(let create) = definition.subject, kinds.contains(create.kind.sqlName), create.name.sql == full
      else { continue }
      let run = StatementRun(world: world, session: session, queryID: queryID, bindings: [:])
      run.isWithoutRows = true
      var result: StatementResult
      if let body = create.body {
        var parser = try Parser(body, registry: registry)
        let query = try parser.query()
        result = try run.query(query, flow: [])
        for (index, column) in create.columns.enumerated() where index < result.columns.count {
          result.columns[index].name = column.name.name
        }
      } else {
        let object = world.object(create.kind.sqlName, full)
        guard let table = object.flatMap(run.described) else { throw .missing(create.kind.displayName, name.sql) }
        result = StatementResult(columns: table.columns, rows: [], statementTypeID: 0x1000)
      }
      if let limit { result.rows = Array(result.rows.prefix(max(0, limit))) }
      return result
    }
    throw ProjectFiles.failure("the sources define no table, view or dynamic table '\(full)'")
  }

  /// Writes what OUTPUT_PATH asks for: the rendered files, and the answer. Names of files are assumed.
  private func write(
    _ rendered: [ProjectFiles.Rendered], _ document: Value, _ secrets: ProjectSecrets, named name: String,
    to output: (stage: LocatedStage, path: String)?
  ) throws(StatementFailure) {
    guard let output else { return }
    guard let stages = world.stages else { throw .unsupported("files on stages") }
    let prefix = output.path.isEmpty ? "" : output.path + "/"
    let files = rendered.map { ($0.path, secrets.covered($0.text)) } + [(name, JSON.string(document))]
    for (path, text) in files where !stages.write(output.stage, prefix + path, Array(text.utf8)) {
      throw .broken("cannot write \(prefix + path) to the stage")
    }
  }

  /// A place on a stage, as `@stage/path` says.
  private func place(
    of location: String, writes: Bool
  ) throws(StatementFailure) -> (stage: LocatedStage, path: String) {
    guard location.hasPrefix("@") else { throw .unsupported("EXECUTE DCM PROJECT with '\(location)'") }
    guard case .success(let place)? = WireFileStatement.recognise("LIST '\(location.replacing("'", with: "''"))'")
    else {
      throw ProjectFiles.failure("'\(location)' is no place on a stage")
    }
    return (try locate(place.stage, writes: writes), place.path)
  }

  /// The texts of the files at a place on a stage, by path.
  private func files(at location: String) throws(StatementFailure) -> [String: String] {
    let place = try place(of: location, writes: false)
    guard let stages = world.stages else { throw .unsupported("files on stages") }
    let prefix = place.path.isEmpty ? "" : place.path + "/"
    var texts: [String: String] = [:]
    for (path, bytes) in stages.read(place.stage) where path.hasPrefix(prefix) {
      var name = String(path.dropFirst(prefix.count))
      var content = bytes
      if name.hasSuffix(".gz") {
        guard let expanded = try? WireGzip.expand(bytes, limit: 16 << 20) else {
          throw ProjectFiles.failure("\(path) cannot be expanded")
        }
        name = String(name.dropLast(3))
        content = expanded
      }
      guard name.hasPrefix("sources/") || name.hasPrefix("manifest.y") else { continue }
      guard let text = String(validating: content, as: UTF8.self) else {
        throw ProjectFiles.failure("\(path) is not UTF-8")
      }
      texts[name] = text
    }
    return texts
  }

  // MARK: Applying

  private func apply(
    _ definitions: [ProjectDefinition], to project: StoredObject, as owner: RoleReference, in session: EngineSession,
    _ before: World.Checkpoint
  ) throws(StatementFailure) -> Value {
    var objects: [ObjectKey] = []
    var creates: [ProjectDefinition] = []
    var grants: [ProjectDefinition] = []
    for definition in definitions {
      switch definition.subject {
      case .object(let create):
        let key = ObjectKey(kind: create.kind.sqlName, name: create.name.sql)
        guard !objects.contains(key) else {
          throw ProjectFiles.failure(
            "\(definition.path), line \(definition.line): \(key.kind) \(key.name) is defined more than once")
        }
        objects.append(key)
        creates.append(definition)
      case .grant: grants.append(definition)
      }
    }
    let kept = Set(definitions.compactMap(\.grant))
    var revoked: [Statement] = []
    for grant in project.managedGrants where !kept.contains(grant) {
      let inverse = ProjectDefinition.inverse(of: grant, owner: owner.name)
      var parser = try Parser(inverse, registry: registry)
      let statement = try parser.statement()
      revoked.append(statement)
      do throws(StatementFailure) { try run(statement, session) } catch {
        // What it was on is gone.
        guard error.code == "002003" || error.code == "002043" else { throw error }
      }
    }
    let gone = project.managedObjects.filter { !objects.contains($0) }
    // What lies in another comes before it.
    for key in gone.sorted(by: { $0.depth > $1.depth }) where world.exists(key.kind, key.name) {
      guard let kind = registry.kind(key.kind), let name = try? QualifiedName(parsing: key.name) else { continue }
      try run(.drop(kind, ObjectName(parts: name.parts, start: 0), ifExists: true, restrict: false), session)
    }
    try settle(creates, in: session)
    try settle(grants, in: session)
    var changes = ProjectChanges(before: before, world: world)
    for key in gone + objects { changes.add(key) }
    var grantees = Grantees()
    for statement in grants.map(\.statement) + revoked { grantees.add(statement) }
    for role in grantees.roles.sorted() { changes.add(role, owning: grantees.owned) }
    for user in grantees.users.sorted() { changes.add(user: user) }
    return changes.document
  }

  /// Executes statements in whatever order they can be: those that need what another one makes are tried again after it.
  private func settle(_ definitions: [ProjectDefinition], in session: EngineSession) throws(StatementFailure) {
    var open = definitions
    while !open.isEmpty {
      var waiting: [ProjectDefinition] = []
      var first: StatementFailure?
      for definition in open {
        do throws(StatementFailure) { try run(definition.statement, session) } catch {
          var failure = error
          failure.message = "\(definition.path), line \(definition.line): \(error.message)"
          guard error.code == "002003" || error.code == "002043" else { throw failure }
          first = first ?? failure
          waiting.append(definition)
        }
      }
      if let first, waiting.count == open.count { throw first }
      open = waiting
    }
  }

  private func run(_ statement: Statement, _ session: EngineSession) throws(StatementFailure) {
    let run = StatementRun(world: world, session: session, queryID: queryID, bindings: [:])
    _ = try run.execute(statement)
    if let failure = run.failureAfterwards { throw failure }
  }

  private func record(_ deployment: ProjectDeployment, _ definitions: [ProjectDefinition], in project: StoredObject) {
    guard var object = world.object(project.kind, project.name) else { return }
    var deployment = deployment
    let number = (object.notes["deployed"]?.int ?? 0) + 1
    deployment.name = "DEPLOYMENT$\(number)"
    deployment.createdOn = world.now()
    object.notes["deployed"] = .int(number)
    object.notes["deployments"] = .list((object.notes["deployments"]?.list ?? []) + [deployment.document])
    object.notes["managed_objects"] = .list(
      definitions.compactMap { definition in
        guard case .object(let create) = definition.subject else { return nil }
        return ["kind": .string(create.kind.sqlName), "name": .string(create.name.sql)]
      })
    object.notes["managed_grants"] = .list(definitions.compactMap(\.grant).map { .string($0) })
    world.put(object)
  }

  // MARK: Deployments

  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/show-deployments-in-dcm-project>.
  func showDeployments(_ name: ObjectName, limit: Int?) throws(StatementFailure) -> StatementResult {
    guard let kind = registry.kind("DCM PROJECT") else { throw .unsupported("SHOW DEPLOYMENTS") }
    let project = try find(kind, name, for: "SHOW DEPLOYMENTS")
    try require(["MONITOR", "PLAN"], on: Securable(type: kind.sqlName, name: project.name))
    let rows = project.deployments.map { deployment in
      [
        Self.timestamp(deployment.createdOn), deployment.name, deployment.alias,
        "snow://project/\(project.name)/deployment/\(deployment.name.lowercased())/", deployment.source, nil,
      ]
    }
    let names = ["created_on", "name", "alias", "deployment_file_path", "source_file_path", "git_commit_hash"]
    return StatementResult(
      columns: names.map { ResultColumn(name: $0, type: $0 == "created_on" ? .timestamp_ltz : .text) },
      rows: Array(rows.prefix(limit.map { max(0, $0) } ?? Int.max)), statementTypeID: 0x4400)
  }

  /// `ALTER DCM PROJECT … DROP DEPLOYMENT`
  func dropDeployment(
    _ name: ObjectName, _ deployment: String, ifExists: Bool
  ) throws(StatementFailure) -> StatementResult {
    guard let kind = registry.kind("DCM PROJECT") else { throw .unsupported("DROP DEPLOYMENT") }
    var project = try find(kind, name, for: "ALTER DCM PROJECT")
    try require([], on: Securable(type: kind.sqlName, name: project.name))
    var deployments = project.deployments
    guard let index = deployments.firstIndex(where: { $0.isCalled(deployment) }) else {
      if ifExists { return Self.done }
      throw StatementFailure(
        code: "002003", sqlState: "02000",
        message: "SQL compilation error:\nDeployment does not exist: '\(deployment)'.")
    }
    deployments.remove(at: index)
    project.notes["deployments"] = .list(deployments.map(\.document))
    world.put(project)
    return Self.done
  }
}

/// Who the grants of a project are to, and what they give the ownership of.
private struct Grantees {
  var roles: Set<RoleReference> = []
  var users: Set<String> = []
  var owned: Set<Securable> = []

  mutating func add(_ statement: Statement) {
    switch statement {
    case .privileges(let privileges): add(privileges.grantee)
    case .ownership(let target, let grantee, _):
      add(grantee)
      if case .object(let type, let name) = target { owned.insert(Securable(type: type, name: name.sql)) }
    case .grantRole(_, let grantee), .revokeRole(_, let grantee): add(grantee)
    default: break
    }
  }

  private mutating func add(_ grantee: Grantee) {
    switch grantee {
    case .role(let name): roles.insert(.account(name.sql))
    case .databaseRole(let name): roles.insert(.database(name.sql))
    case .user(let name): users.insert(name.sql)
    case .share: break
    }
  }
}

extension ProjectDefinition {
  /// The text of a grant; nil for an object.
  fileprivate var grant: String? { if case .grant(let text) = subject { text } else { nil } }
}

extension ObjectKey {
  /// How many containers it lies in.
  fileprivate var depth: Int { ((try? QualifiedName(parsing: name))?.parts.count ?? 1) - 1 }
}
