import AccountModel
import SnowmakerModel

extension StatementRun {
  /// Executes a statement. Throws before anything is changed, or not at all.
  func execute(_ statement: Statement) throws(StatementFailure) -> StatementResult {
    if statement.isDefinition { endTransaction() }
    switch statement {
    case .create(let create): return try self.create(create)
    case .alter(let kind, let name, let ifExists, let action):
      return try alter(kind, name, ifExists: ifExists, action)
    case .alterAccount(let action): return try alterAccount(action)
    case .alterSession(let action): return try alterSession(action)
    case .drop(let kind, let name, let ifExists, let restrict):
      return try drop(kind, name, ifExists: ifExists, restrict: restrict)
    case .undrop(let kind, let name): return try undrop(kind, name)
    case .comment(let kind, let name, let ifExists, let text):
      return try alter(
        kind, name, ifExists: ifExists,
        .set([Property(name: "COMMENT", value: .string(text), start: name.start)], modifiers: []))
    case .show(let kind, let filter): return try show(kind, filter)
    case .showObjects(let filter): return try showObjects(filter)
    case .showParameters(let like, let target): return try showParameters(like, target)
    case .showVariables(let like): return showVariables(like)
    case .showGrants(let question, let limit):
      var result = try showGrants(question)
      if let limit { result.rows = Array(result.rows.prefix(max(0, limit))) }
      return result
    case .describe(let kind, let name): return try describe(kind, name)
    case .privileges(let statement): return try privileges(statement)
    case .ownership(let target, let grantee, let current): return try transfer(target, grantee, current)
    case .revokeFutureOwnership(let statement): return try revokeFutureOwnership(statement)
    case .grantRole(let roles, let grantee): return try grantRoles(roles, to: grantee)
    case .revokeRole(let roles, let grantee): return try revokeRoles(roles, from: grantee)
    case .use(let target): return try use(target)
    case .setVariables(let assignments):
      for (name, expression) in assignments {
        guard name.unicodeScalars.count <= Identifier.maximumLength else { throw .invalidIdentifier(name) }
        // Evaluated first: an expression may read the variables.
        let value = try evaluate(expression)
        world.sessions[session.id]?.variables[name] = value.text ?? ""
        world.sessions[session.id]?.variableTypes[name] = value.type == .text ? nil : value.type
      }
      return Self.status("Statement executed successfully.", 0x4000)
    case .unsetVariables(let names):
      for name in names { world.sessions[session.id]?.variables[name] = nil }
      return Self.status("Statement executed successfully.", 0x4000)
    case .accessTokens(let user, let action): return try accessTokens(user, action)
    case .query(let query): return try self.query(query, flow: [])
    case .flow(let steps): return try flow(steps)
    case .transaction(let action): return transaction(action)
    case .showTransactions: return showTransactions()
    case .showColumns(let like, let place): return try showColumns(like, place)
    case .showIndexes(_, let place): return try showIndexes(place)
    case .showKeys(let kind, let place): return try showKeys(kind, place)
    case .showAccounts(let like, let history): return try showAccounts(like: like, history: history)
    case .showOrganizationAccounts: return try showOrganizationAccounts()
    case .showRegions(let like): return showRegions(like: like)
    case .showReplicationDatabases(let like, let primary):
      return showReplicationDatabases(like: like, primary: primary)
    case .showIntegrations(let filter): return try showIntegrations(filter)
    case .executeProject(let execution): return try executeProject(execution)
    case .showDeployments(let name, let limit): return try showDeployments(name, limit: limit)
    case .dropDeployment(let name, let deployment, let ifExists):
      return try dropDeployment(name, deployment, ifExists: ifExists)
    }
  }

  // MARK: USE

  private func use(_ target: UseTarget) throws(StatementFailure) -> StatementResult {
    switch target {
    case .role(let name):
      if context.isRestricted { throw .restricted("USE ROLE") }
      let role = RoleReference.account(name.sql)
      guard account.exists(role) else { throw .notPossible }
      guard account.assumableRoles(of: context.user).contains(role) else {
        throw .access(
          "Requested role '\(name.parts[0].name)' is not assigned to the executing user. Specify another role to "
            + "activate.")
      }
      session.update { $0.role = name.sql }
    case .secondaryRoles(let all, let names):
      if context.isRestricted { throw .restricted("USE SECONDARY ROLES") }
      var roles: [RoleReference] = []
      let assumable = account.assumableRoles(of: context.user)
      for name in names {
        guard assumable.contains(.account(name.sql)) else { throw .missing("Role", name.parts[0].name) }
        roles.append(.account(name.sql))
      }
      world.sessions[session.id]?.allSecondaryRoles = all
      world.sessions[session.id]?.secondaryRoles = roles
    case .warehouse(let name):
      try requireVisible("WAREHOUSE", name.sql)
      session.update { $0.warehouse = name.sql }
    case .database(let name): try useDatabase(name.sql)
    case .schema(let name): try useSchema(name)
    case .unnamed(let name):
      if name.parts.count == 2 { try useSchema(name) } else { try useDatabase(name.sql) }
    }
    return Self.status("Statement executed successfully.", 0x4300)
  }

  private func requireVisible(_ kind: String, _ name: String) throws(StatementFailure) {
    guard world.exists(kind, name), sees(Securable(type: kind, name: name)) else { throw .notPossible }
  }

  private func useDatabase(_ name: String) throws(StatementFailure) {
    try requireVisible("DATABASE", name)
    let hasPublic = world.exists("SCHEMA", name + ".PUBLIC") && sees(.schema(name + ".PUBLIC"))
    session.update {
      $0.database = name
      $0.schema = hasPublic ? "PUBLIC" : nil
    }
  }

  private func useSchema(_ name: ObjectName) throws(StatementFailure) {
    guard name.parts.count == 2 || session.current.database != nil else { throw .noDatabase("USE SCHEMA") }
    let full = try resolve(name, level: .database, for: "USE SCHEMA")
    try requireVisible("SCHEMA", full)
    guard let database = Securable(type: "SCHEMA", name: full).container?.name else { throw .notPossible }
    let schema = name.parts[name.parts.count - 1].sql
    session.update {
      $0.database = database
      $0.schema = schema
    }
  }
}
